#include "adapters/identity/sessions/sessions.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "adapters/crypto/base64url.h"
#include "adapters/crypto/hmac_sha256.h"
#include "adapters/identity/rows/secret_rows.h"
#include "core/base/hex.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"

namespace dailyfeed {
namespace {

constexpr size_t kRefreshTokenBytes = 32;
constexpr size_t kRefreshTokenLength = 43;  // the same in base64url
constexpr TimestampNs kNsPerSecond = 1'000'000'000;

std::string TokenRow(std::string_view refresh_token) {
  const Sha256Digest digest = Sha256(refresh_token);
  return RowKey(kRefreshTokenPrefix, {digest.data(), digest.size()});
}

std::string FamilyRow(std::string_view session_id) { return RowKey(kFamilyPrefix, session_id); }

// The longest beginning of whole characters with at most `units_max` UTF-16
// units. A byte that is no UTF-8 counts as one unit.
std::string_view CutUtf16(std::string_view text, size_t units_max) {
  std::string_view rest = text;
  for (size_t units = 0; !rest.empty();) {
    const std::string_view before = rest;
    const char32_t code_point = NextCodePoint(&rest);
    units += code_point > 0xFFFF && code_point != kMalformed ? 2 : 1;
    if (units > units_max) return text.substr(0, text.size() - before.size());
  }
  return text;
}

absl::Status EpochIsOver() {
  return absl::AbortedError("every session of the member was ended meanwhile");
}

TimestampNs EndOf(const secrets::v1::Family& family) {
  return std::max(family.access_expires_ns(), family.refresh_expires_ns());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sessions>> Sessions::Open(Store* store, Clock* clock, IdSource* ids,
                                                         Options options) {
  std::unique_ptr<Sessions> sessions(new Sessions(store, clock, ids, options));
  RETURN_IF_ERROR(sessions->LoadRevocations());
  return sessions;
}

// Also those that seem to be over: the clock may be wrong, see ClockWatch.
absl::Status Sessions::LoadRevocations() {
  return ScanRows(*store_, kRevocationPrefix,
                  [&](std::string_view session_id, std::string_view value) -> absl::Status {
                    secrets::v1::Revocation row;
                    if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
                      return DamagedRow(kRevocationPrefix);
                    }
                    revoked_.Add(session_id);
                    return absl::OkStatus();
                  });
}

// Adds the rows of the next refresh token of the family.
Sessions::Grant Sessions::NewGrant(MemberId member, std::string session_id, TimestampNs now,
                                   secrets::v1::Family* family, StoreBatch* batch) const {
  Grant grant;
  grant.member = member;
  grant.issued_at = now / kNsPerSecond;
  grant.expires_at = grant.issued_at + absl::ToInt64Seconds(absl::Ceil(
                                           options_.access_token_lifetime, absl::Seconds(1)));
  grant.refresh_token = Base64UrlEncode(RandomBytes(kRefreshTokenBytes));

  secrets::v1::RefreshToken token;
  token.set_session_id(session_id);
  token.set_member_id(member);
  token.set_expires_ns(now + absl::ToInt64Nanoseconds(options_.refresh_token_lifetime));
  token.set_serial(family->refreshes());
  const std::string token_row = TokenRow(grant.refresh_token);
  PutRow(token_row, token, batch);
  batch->Put(ExpiryKey(token.expires_ns(), token_row), {});

  family->set_access_expires_ns(
      std::max(family->access_expires_ns(), grant.expires_at * kNsPerSecond));
  family->set_refresh_expires_ns(token.expires_ns());
  PutRow(FamilyRow(session_id), *family, batch);
  grant.session_id = std::move(session_id);
  return grant;
}

absl::StatusOr<Sessions::Grant> Sessions::OpenFamily(MemberId member, std::string_view user_agent,
                                                     std::string_view peer_address,
                                                     std::optional<uint64_t> epoch,
                                                     WithGrant with) {
  std::string session_id = FormatUuid(ids_->NewUuid());
  std::lock_guard lock(StripeOf(member));
  if (epoch && *epoch != Epoch(member)) return EpochIsOver();
  const TimestampNs now = clock_->Now();
  secrets::v1::Family family;
  family.set_member_id(member);
  family.set_user_agent(std::string(CutUtf16(user_agent, kUserAgentUnitsMax)));
  family.set_peer_address(std::string(peer_address));
  family.set_created_ns(now);
  StoreBatch batch;
  Grant grant = NewGrant(member, std::move(session_id), now, &family, &batch);
  batch.Put(MemberSessionKey(member, grant.session_id), {});
  batch.Put(ExpiryKey(EndOf(family), FamilyRow(grant.session_id)), {});
  with(grant, &batch);
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  return grant;
}

absl::StatusOr<Sessions::RefreshResult> Sessions::Refresh(std::string_view refresh_token,
                                                          WithGrant with) {
  if (refresh_token.size() != kRefreshTokenLength) return RefreshResult{};
  const std::string token_row = TokenRow(refresh_token);
  secrets::v1::RefreshToken token;
  ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, token_row, &token));
  if (!found) return RefreshResult{};
  std::lock_guard lock(StripeOf(token.member_id()));
  return RefreshLocked(token_row, with);
}

absl::StatusOr<Sessions::RefreshResult> Sessions::RefreshLocked(const std::string& token_row,
                                                                WithGrant with) {
  const TimestampNs now = clock_->Now();
  RefreshResult result;
  secrets::v1::RefreshToken token;
  ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, token_row, &token));
  if (!found) return result;  // purged meanwhile
  if (now >= token.expires_ns()) {
    result.outcome = Outcome::kExpired;
    return result;
  }
  secrets::v1::Family family;
  ASSIGN_OR_RETURN(const bool has_family, ReadRow(*store_, FamilyRow(token.session_id()), &family));
  if (!has_family || family.revoked_ns() != 0) {
    result.outcome = Outcome::kRevoked;
    return result;
  }
  if (token.used_ns() != 0) {
    result.grant.member = token.member_id();
    result.grant.session_id = token.session_id();
    const bool is_last_used = token.serial() + 1 == family.refreshes();
    // Both ways: a clock that was set back must not make the leeway longer.
    const TimestampNs ago = std::abs(now - token.used_ns());
    if (is_last_used && ago < absl::ToInt64Nanoseconds(options_.refresh_leeway)) {
      result.outcome = Outcome::kJustUsed;
      return result;
    }
    RETURN_IF_ERROR(
        Revoke({token.session_id()}, secrets::v1::REVOCATION_REASON_REUSE, {}).status());
    result.outcome = Outcome::kReused;
    return result;
  }
  StoreBatch batch;
  token.set_used_ns(now);
  PutRow(token_row, token, &batch);
  family.set_refreshed_ns(now);
  family.set_refreshes(family.refreshes() + 1);
  Grant grant = NewGrant(token.member_id(), token.session_id(), now, &family, &batch);
  with(grant, &batch);
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  result.outcome = Outcome::kRefreshed;
  result.grant = std::move(grant);
  return result;
}

absl::StatusOr<std::optional<MemberId>> Sessions::CheckRefreshToken(
    std::string_view refresh_token) const {
  if (refresh_token.size() != kRefreshTokenLength) return std::optional<MemberId>();
  secrets::v1::RefreshToken token;
  ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, TokenRow(refresh_token), &token));
  if (!found || token.used_ns() != 0 || clock_->Now() >= token.expires_ns()) {
    return std::optional<MemberId>();
  }
  secrets::v1::Family family;
  ASSIGN_OR_RETURN(const bool has_family, ReadRow(*store_, FamilyRow(token.session_id()), &family));
  if (!has_family || family.revoked_ns() != 0) return std::optional<MemberId>();
  return std::optional<MemberId>(token.member_id());
}

absl::StatusOr<size_t> Sessions::Revoke(const std::vector<std::string>& session_ids,
                                        secrets::v1::RevocationReason reason, StoreBatch batch,
                                        WithEnd with) {
  const TimestampNs now = clock_->Now();
  std::vector<std::string> revoked;
  size_t ended = 0;
  for (const std::string& session_id : session_ids) {
    secrets::v1::Family family;
    ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, FamilyRow(session_id), &family));
    if (!found || family.revoked_ns() != 0) continue;
    if (EndOf(family) > now) ++ended;
    family.set_revoked_ns(now);
    family.set_revoked_for(reason);
    // Of no use any more, and of somebody who may have withdrawn.
    family.clear_user_agent();
    family.clear_peer_address();
    PutRow(FamilyRow(session_id), family, &batch);
    batch.Delete(MemberSessionKey(family.member_id(), session_id));
    // Whatever the clock says of its tokens now: it may be ahead.
    secrets::v1::Revocation revocation;
    revocation.set_until_ns(family.access_expires_ns());
    const std::string row = RowKey(kRevocationPrefix, session_id);
    PutRow(row, revocation, &batch);
    const TimestampNs forgotten_at = std::max(now, family.access_expires_ns()) +
                                     absl::ToInt64Nanoseconds(options_.clock_jump_max);
    batch.Put(ExpiryKey(forgotten_at, row), {});
    revoked.push_back(session_id);
  }
  if (batch.empty()) return ended;
  if (ended > 0) with(&batch);
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  for (const std::string& session_id : revoked) revoked_.Add(session_id);
  return ended;
}

absl::StatusOr<size_t> Sessions::RevokeFamilies(MemberId member, std::string_view session_id,
                                                std::string_view refresh_token, WithEnd with) {
  std::lock_guard lock(StripeOf(member));
  std::vector<std::string> session_ids;
  secrets::v1::Family family;
  ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, FamilyRow(session_id), &family));
  if (found && family.member_id() == member) session_ids.emplace_back(session_id);
  if (refresh_token.size() == kRefreshTokenLength) {
    secrets::v1::RefreshToken token;
    ASSIGN_OR_RETURN(const bool known, ReadRow(*store_, TokenRow(refresh_token), &token));
    // One that has expired may be forgotten at any time and names nothing.
    const bool names = known && clock_->Now() < token.expires_ns();
    if (names && token.member_id() == member && token.session_id() != session_id) {
      session_ids.push_back(token.session_id());
    }
  }
  return Revoke(session_ids, secrets::v1::REVOCATION_REASON_LOGOUT, {}, with);
}

absl::StatusOr<size_t> Sessions::RevokeMember(MemberId member, StoreBatch with,
                                              std::optional<uint64_t> epoch) {
  std::lock_guard lock(StripeOf(member));
  if (epoch && *epoch != Epoch(member)) return EpochIsOver();
  std::vector<std::string> session_ids;
  RETURN_IF_ERROR(ScanRows(*store_, MemberSessionKey(member, {}),
                           [&](std::string_view session_id, std::string_view) {
                             session_ids.emplace_back(session_id);
                             return absl::OkStatus();
                           }));
  absl::StatusOr<size_t> ended =
      Revoke(session_ids, secrets::v1::REVOCATION_REASON_LOGOUT_ALL, std::move(with));
  // After the write: whoever reads the new epoch finds the new password. Also
  // when it failed: nobody knows what the disk holds then.
  epochs_[member % kStripes].fetch_add(1, std::memory_order_acq_rel);
  return ended;
}

absl::StatusOr<size_t> Sessions::RevokeMembersFrom(MemberId first) {
  std::string behind(kMemberSessionPrefix);
  ++behind.back();
  size_t ended = 0;
  while (true) {
    auto it = store_->NewIterator({.lower = MemberSessionKey(first, {}), .upper = behind});
    RETURN_IF_ERROR(it->status());
    if (!it->Valid()) return ended;
    if (it->key().size() < kMemberSessionPrefix.size() + sizeof(MemberId)) {
      return DamagedRow(kMemberSessionPrefix);
    }
    const MemberId member =
        FromBigEndian(it->key().substr(kMemberSessionPrefix.size(), sizeof(MemberId)));
    it.reset();
    ASSIGN_OR_RETURN(const size_t of_member, RevokeMember(member));
    ended += of_member;
    if (member == std::numeric_limits<MemberId>::max()) return ended;
    first = member + 1;
  }
}

absl::Status Sessions::WriteInEpoch(MemberId member, StoreBatch batch, uint64_t epoch) {
  std::lock_guard lock(StripeOf(member));
  if (epoch != Epoch(member)) return EpochIsOver();
  return store_->Write(std::move(batch));
}

absl::StatusOr<std::vector<Sessions::Live>> Sessions::List(MemberId member,
                                                           std::string_view current) const {
  std::vector<std::string> session_ids, rows;
  const std::string prefix = MemberSessionKey(member, {});
  auto it = store_->NewIterator({.lower = prefix, .upper = MemberSessionKey(member + 1, {})});
  for (; it->Valid() && rows.size() < options_.listed_max; it->Next()) {
    session_ids.emplace_back(it->key().substr(prefix.size()));
    rows.push_back(FamilyRow(session_ids.back()));
  }
  RETURN_IF_ERROR(it->status());
  it.reset();
  // Behind those that are listed: it takes the place of the last.
  if (!current.empty() && rows.size() == options_.listed_max &&
      std::find(session_ids.begin(), session_ids.end(), current) == session_ids.end()) {
    std::string ignored;
    ASSIGN_OR_RETURN(const bool is_theirs,
                     store_->Get(MemberSessionKey(member, current), &ignored));
    if (is_theirs) {
      session_ids.back() = std::string(current);
      rows.back() = FamilyRow(current);
    }
  }
  ASSIGN_OR_RETURN(const auto found, store_->MultiGet(rows));
  const TimestampNs now = clock_->Now();
  std::vector<Live> live;
  for (size_t i = 0; i < rows.size(); ++i) {
    secrets::v1::Family family;
    if (!found[i].found) continue;  // purged meanwhile
    if (!family.ParseFromString(found[i].value)) return DamagedRow(rows[i]);
    if (family.revoked_ns() != 0 || EndOf(family) <= now) continue;
    live.push_back({std::move(session_ids[i]), std::move(family)});
  }
  return live;
}

absl::StatusOr<bool> Sessions::WasRevoked(std::string_view session_id) const {
  secrets::v1::Family family;
  ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, FamilyRow(session_id), &family));
  return found && family.revoked_ns() != 0;
}

absl::StatusOr<bool> Sessions::Purge(size_t rows_max) {
  const TimestampNs now = clock_->Now();
  std::vector<std::string> due;
  auto it = store_->NewIterator({.lower = std::string(kExpiryPrefix), .upper = ExpiryKey(now, {})});
  for (; it->Valid() && due.size() < rows_max; it->Next()) due.emplace_back(it->key());
  RETURN_IF_ERROR(it->status());
  it.reset();
  StoreBatch batch;
  std::vector<std::string_view> revocations;
  absl::Status damaged;  // what is damaged goes too, and stops nothing behind it
  for (const std::string& expiry_row : due) {
    batch.Delete(expiry_row);
    constexpr size_t kBeforeRow = kExpiryPrefix.size() + sizeof(TimestampNs);
    if (expiry_row.size() < kBeforeRow) {
      damaged.Update(DamagedRow(kExpiryPrefix));
      continue;
    }
    const std::string_view row = std::string_view(expiry_row).substr(kBeforeRow);
    const std::string_view prefix = row.substr(0, kFamilyPrefix.size());
    const std::string_view id = row.substr(prefix.size());
    if (prefix == kFamilyPrefix) {
      const absl::Status purged = PurgeFamily(id, expiry_row, now);
      if (!purged.ok() && !absl::IsDataLoss(purged)) return purged;
      damaged.Update(purged);
      if (purged.ok()) continue;
    }
    if (prefix == kRevocationPrefix) revocations.push_back(id);
    batch.Delete(row);
  }
  if (!batch.empty()) RETURN_IF_ERROR(store_->Write(std::move(batch)));
  for (const std::string_view session_id : revocations) revoked_.Remove(session_id);
  RETURN_IF_ERROR(damaged);
  return due.size() == rows_max;
}

absl::Status Sessions::PurgeFamily(std::string_view session_id, std::string_view expiry_row,
                                   TimestampNs now) {
  const std::string row = FamilyRow(session_id);
  StoreBatch batch;
  batch.Delete(expiry_row);
  secrets::v1::Family family;
  ASSIGN_OR_RETURN(bool found, ReadRow(*store_, row, &family));
  if (!found) return store_->Write(std::move(batch));
  // A refresh may have given it more time.
  std::lock_guard lock(StripeOf(family.member_id()));
  ASSIGN_OR_RETURN(found, ReadRow(*store_, row, &family));
  if (found && EndOf(family) > now) {
    batch.Put(ExpiryKey(EndOf(family), row), {});
  } else {
    batch.Delete(row);
    batch.Delete(MemberSessionKey(family.member_id(), session_id));
  }
  return store_->Write(std::move(batch));
}

}  // namespace dailyfeed
