#include "adapters/identity/identity.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <tuple>
#include <utility>

#include "adapters/crypto/hmac_sha256.h"
#include "adapters/identity/clock_watch.h"
#include "adapters/identity/passwords/passwords.h"
#include "adapters/identity/personal/email_fold.h"
#include "adapters/identity/personal/personal_keys.h"
#include "adapters/identity/rows/secret_rows.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "adapters/identity/sessions/session_repeats.h"
#include "adapters/identity/sessions/sessions.h"
#include "adapters/identity/tokens/jwt.h"
#include "adapters/identity/tokens/key_ring.h"
#include "core/base/check.h"
#include "core/base/hex.h"
#include "core/base/status_macros.h"
#include "core/ports/steady_clock.h"

namespace dailyfeed {
namespace {

constexpr uint32_t kFormatVersion = 1;
constexpr size_t kRootKeyBytes = 32;
constexpr size_t kPurgeRowsMax = 1000;
constexpr TimestampNs kNsPerSecond = 1'000'000'000;
// Nothing here is meant to last longer, and sums of times stay far from the
// end of 64 bits.
constexpr absl::Duration kDurationMax = absl::Hours(24 * 366 * 10);

absl::Status CheckDuration(std::string_view name, absl::Duration value, absl::Duration least) {
  if (value >= least && value <= kDurationMax) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{} must be between {} and {}", name,
                                                absl::FormatDuration(least),
                                                absl::FormatDuration(kDurationMax)));
}

absl::Status CheckOptions(const IdentityOptions& options) {
  RETURN_IF_ERROR(
      CheckDuration("access_token_lifetime", options.access_token_lifetime, absl::Seconds(1)));
  RETURN_IF_ERROR(
      CheckDuration("refresh_token_lifetime", options.refresh_token_lifetime, absl::Seconds(1)));
  RETURN_IF_ERROR(CheckDuration("refresh_leeway", options.refresh_leeway, absl::ZeroDuration()));
  RETURN_IF_ERROR(CheckDuration("clock_jump_max", options.clock_jump_max, absl::Seconds(1)));
  RETURN_IF_ERROR(
      CheckDuration("clock_trust_after", options.clock_trust_after, absl::ZeroDuration()));
  RETURN_IF_ERROR(CheckDuration("key_rotation", options.key_rotation, absl::Seconds(1)));
  RETURN_IF_ERROR(CheckDuration("key_grace", options.key_grace, absl::ZeroDuration()));
  RETURN_IF_ERROR(
      CheckDuration("idempotency_retention", options.idempotency_retention, absl::Nanoseconds(1)));
  if (options.argon2_operations > IdentityOptions::kArgon2OperationsMax) {
    return absl::InvalidArgumentError(
        fmt::format("argon2_operations must be at most {}", IdentityOptions::kArgon2OperationsMax));
  }
  if (options.argon2_memory_bytes > IdentityOptions::kArgon2MemoryBytesMax) {
    return absl::InvalidArgumentError(fmt::format("argon2_memory_bytes must be at most {}",
                                                  IdentityOptions::kArgon2MemoryBytesMax));
  }
  return CheckArgon2Parameters({options.argon2_operations, options.argon2_memory_bytes});
}

// The answer of a write that either happens or fails.
constexpr std::string_view kDone = "done";

std::string ScopeOf(MemberId member) { return fmt::format("member/{}", member); }

std::string AsText(const Sha256Digest& digest) { return std::string(digest.data(), digest.size()); }

// The key others are derived from. Makes format and key in an empty store.
absl::StatusOr<std::string> OpenRootKey(Store* store, bool create_if_missing) {
  secrets::v1::Format format;
  ASSIGN_OR_RETURN(const bool has_format, ReadRow(*store, kFormatRow, &format));
  if (has_format) {
    if (format.version() != kFormatVersion) {
      return absl::DataLossError(
          fmt::format("the secrets store has format {}, this program knows {}", format.version(),
                      kFormatVersion));
    }
    std::string key;
    ASSIGN_OR_RETURN(const bool has_key, store->Get(kRootKeyRow, &key));
    if (!has_key || key.size() != kRootKeyBytes) return DamagedRow(kRootKeyRow);
    return key;
  }
  if (store->NewIterator({})->Valid()) {
    return absl::DataLossError("the secrets store has rows but no format");
  }
  if (!create_if_missing) {
    return absl::DataLossError("the secrets of this data directory are missing");
  }
  std::string key = RandomBytes(kRootKeyBytes);
  format.set_version(kFormatVersion);
  StoreBatch batch;
  PutRow(kFormatRow, format, &batch);
  batch.Put(kRootKeyRow, key);
  RETURN_IF_ERROR(store->Write(std::move(batch)));
  return key;
}

class StoredIdentity final : public Identity {
 public:
  StoredIdentity(Store* store, IdentityOptions options, Clock* clock, IdSource* ids,
                 std::string_view root_key, std::unique_ptr<Passwords> passwords,
                 std::unique_ptr<KeyRing> key_ring, std::unique_ptr<Sessions> sessions,
                 std::unique_ptr<ClockWatch> clock_watch)
      : store_(store),
        options_(std::move(options)),
        clock_(clock),
        ids_(ids),
        derive_(root_key),
        digest_(AsText(derive_.Sign("email-digest"))),
        personal_keys_(store),
        passwords_(std::move(passwords)),
        key_ring_(std::move(key_ring)),
        sessions_(std::move(sessions)),
        clock_watch_(std::move(clock_watch)),
        repeats_(store, clock, AsText(derive_.Sign("session-repeats")),
                 options_.idempotency_retention) {}

  absl::StatusOr<std::string> CreateSubject(std::string_view password_hash) override {
    std::string subject_id = ids_->NewUuid();
    StoreBatch credentials;
    if (!password_hash.empty()) Passwords::Put(subject_id, password_hash, &credentials);
    RETURN_IF_ERROR(personal_keys_.Create(subject_id, std::move(credentials)));
    return subject_id;
  }

  absl::Status DestroySubject(std::string_view subject_id) override {
    StoreBatch credentials;
    Passwords::Delete(subject_id, &credentials);
    credentials.Put(RowKey(kDestroyedPrefix, subject_id), {});
    return personal_keys_.Destroy(subject_id, std::move(credentials));
  }

  absl::StatusOr<bool> WasDestroyed(std::string_view subject_id) const override {
    std::string ignored;
    return store_->Get(RowKey(kDestroyedPrefix, subject_id), &ignored);
  }

  absl::Status EraseTraces(const std::vector<std::string>& subject_ids) override {
    std::vector<KeyRange> ranges;
    for (const std::string& subject_id : subject_ids) {
      ranges.push_back(OnlyKey(RowKey(kPersonalKeyPrefix, subject_id)));
      ranges.push_back(OnlyKey(RowKey(kCredentialsPrefix, subject_id)));
    }
    // What clients said of themselves. Sessions that are over are forgotten by
    // and by, so nobody knows the keys any more.
    std::string behind(kFamilyPrefix);
    ++behind.back();
    ranges.push_back({.lower = std::string(kFamilyPrefix), .upper = std::move(behind)});
    return store_->EraseTraces(ranges, store_->LastWrite());
  }

  absl::StatusOr<std::string> Seal(std::string_view subject_id,
                                   std::string_view clear) const override {
    return personal_keys_.Seal(subject_id, clear);
  }

  absl::StatusOr<std::optional<std::string>> Unseal(std::string_view subject_id,
                                                    std::string_view sealed) const override {
    return personal_keys_.Unseal(subject_id, sealed);
  }

  std::string DerivedKey(std::string_view purpose) const override {
    return AsText(derive_.Sign(RowKey("purpose/", purpose)));
  }

  std::string EmailDigest(std::string_view email) const override {
    const std::optional<std::string> folded = FoldEmail(email);
    // 0xff is never in UTF-8: bytes that are no text meet no e-mail.
    return AsText(digest_.Sign(folded ? *folded : RowKey("\xff", email)));
  }

  absl::StatusOr<std::string> HashPassword(std::string_view password) const override {
    return passwords_->Hash(password);
  }

  absl::Status StoreCredentials(std::string_view subject_id,
                                std::string_view password_hash) override {
    StoreBatch batch;
    Passwords::Put(subject_id, password_hash, &batch);
    return store_->Write(std::move(batch));
  }

  absl::StatusOr<bool> VerifyPassword(std::string_view subject_id,
                                      std::string_view password) const override {
    return passwords_->Verify(subject_id, password);
  }

  absl::StatusOr<bool> RenewPasswordHash(MemberId member, std::string_view subject_id,
                                         std::string_view password, uint64_t epoch) override {
    ASSIGN_OR_RETURN(const std::optional<std::string> hash,
                     passwords_->HashAnew(subject_id, password));
    if (!hash) return false;
    StoreBatch batch;
    Passwords::Put(subject_id, *hash, &batch);
    RETURN_IF_ERROR(sessions_->WriteInEpoch(member, std::move(batch), epoch));
    Count(password_hashes_renewed_);
    return true;
  }

  absl::StatusOr<IssuedTokens> OpenSession(MemberId member, std::string_view user_agent,
                                           std::string_view peer_address,
                                           std::optional<uint64_t> epoch,
                                           const SessionRequest* request) override;
  uint64_t SessionEpoch(MemberId member) const override { return sessions_->Epoch(member); }

  absl::StatusOr<RefreshOutcome> Refresh(std::string_view refresh_token,
                                         const SessionRequest* request) override;

  absl::StatusOr<bool> RevokeSession(MemberId member, std::string_view session_id,
                                     const SessionRequest* request) override {
    ASSIGN_OR_RETURN(const SessionRepeats::Turn turn, repeats_.Take(ScopeOf(member), request));
    if (turn.answer()) return true;
    ASSIGN_OR_RETURN(const size_t ended,
                     sessions_->RevokeFamilies(member, session_id, {}, [&](StoreBatch* batch) {
                       turn.Remember(kDone, batch);
                     }));
    Count(sessions_revoked_, ended);
    return ended > 0;
  }
  absl::Status LogOut(MemberId member, std::string_view session_id,
                      std::string_view refresh_token) override {
    return CountRevoked(
        sessions_->RevokeFamilies(member, session_id, refresh_token, [](StoreBatch*) {}));
  }
  absl::Status RevokeMember(MemberId member) override {
    return CountRevoked(sessions_->RevokeMember(member));
  }
  absl::Status RevokeMembersFrom(MemberId first) override {
    return CountRevoked(sessions_->RevokeMembersFrom(first));
  }
  absl::Status ReplacePassword(MemberId member, std::string_view subject_id,
                               std::string_view password_hash, uint64_t epoch,
                               const SessionRequest* request) override {
    ASSIGN_OR_RETURN(const SessionRepeats::Turn turn, repeats_.Take(ScopeOf(member), request));
    if (turn.answer()) return absl::OkStatus();
    StoreBatch credentials;
    Passwords::Put(subject_id, password_hash, &credentials);
    turn.Remember(kDone, &credentials);
    return CountRevoked(sessions_->RevokeMember(member, std::move(credentials), epoch));
  }
  absl::StatusOr<bool> HasReplacedPassword(MemberId member,
                                           const SessionRequest* request) override {
    ASSIGN_OR_RETURN(const SessionRepeats::Turn turn, repeats_.Take(ScopeOf(member), request));
    return turn.answer().has_value();
  }
  using Identity::SessionsOf;
  absl::StatusOr<std::vector<SessionInfo>> SessionsOf(MemberId member,
                                                      std::string_view current) const override;

  TokenCheck CheckAccessToken(std::string_view token) const override;

  std::optional<MemberId> CheckRefreshToken(std::string_view refresh_token) const override {
    // A store that cannot be read proves nothing about the cookie.
    return sessions_->CheckRefreshToken(refresh_token).value_or(std::nullopt);
  }

  absl::Status Maintain() override {
    RETURN_IF_ERROR(LookAtClock());
    const absl::Status rotated = RotateKeys();
    const absl::Status purged = sessions_->Purge(kPurgeRowsMax).status();
    return rotated.ok() ? purged : rotated;
  }

  absl::Status RotateKeys() { return key_ring_->RotateIfDue(clock_->Now()); }

  // FAILED_PRECONDITION while the clock is doubted.
  absl::Status LookAtClock() {
    ASSIGN_OR_RETURN(const bool believed, clock_watch_->Check());
    clock_doubted_ = believed ? 0 : 1;
    // Whatever a clock that was ahead has signed is good for too long.
    if (clock_watch_->was_ahead()) {
      RETURN_IF_ERROR(key_ring_->ReplaceAll(clock_->Now()));
      clock_watch_->ForgetThatItWasAhead();
    }
    if (believed) return absl::OkStatus();
    return absl::FailedPreconditionError("the clock differs too much from what was known");
  }

  absl::Status Health() const override { return store_->WriteStatus(); }

  IdentityStats stats() const override {
    return {.password_hashes = passwords_->hashes(),
            .password_hashes_renewed = password_hashes_renewed_,
            .sessions_opened = sessions_opened_,
            .sessions_refreshed = sessions_refreshed_,
            .sessions_revoked = sessions_revoked_,
            .refresh_tokens_refused = refresh_tokens_refused_,
            .refresh_tokens_reused = refresh_tokens_reused_,
            .revocations = sessions_->revocations(),
            .clock_doubted = clock_doubted_};
  }

 private:
  static void Count(std::atomic<uint64_t>& counter, uint64_t n = 1) {
    counter.fetch_add(n, std::memory_order_relaxed);
  }
  absl::Status CountRevoked(const absl::StatusOr<size_t>& ended) {
    if (ended.ok()) Count(sessions_revoked_, *ended);
    return ended.status();
  }

  IssuedTokens Issue(const Sessions::Grant& grant) const {
    JwtClaims claims;
    claims.token_id = ClaimText(FormatUuid(ids_->NewUuid()));
    claims.session_id = ClaimText(grant.session_id);
    claims.member = grant.member;
    claims.issued_at = grant.issued_at;
    claims.expires_at = grant.expires_at;
    const SigningKeyEntry& key = key_ring_->keys().current();
    IssuedTokens tokens;
    tokens.access_token = SignJwt(key.header, claims, key.mac);
    tokens.access_lifetime = absl::Seconds(grant.expires_at - grant.issued_at);
    tokens.refresh_token = grant.refresh_token;
    tokens.refresh_lifetime = options_.refresh_token_lifetime;
    return tokens;
  }

  Store* const store_;
  const IdentityOptions options_;
  Clock* const clock_;
  IdSource* const ids_;
  const HmacSha256 derive_;
  const HmacSha256 digest_;
  PersonalKeys personal_keys_;
  const std::unique_ptr<Passwords> passwords_;
  const std::unique_ptr<KeyRing> key_ring_;
  const std::unique_ptr<Sessions> sessions_;
  const std::unique_ptr<ClockWatch> clock_watch_;
  SessionRepeats repeats_;
  std::atomic<uint64_t> clock_doubted_ = 0;
  std::atomic<uint64_t> password_hashes_renewed_ = 0;
  std::atomic<uint64_t> sessions_opened_ = 0;
  std::atomic<uint64_t> sessions_refreshed_ = 0;
  std::atomic<uint64_t> sessions_revoked_ = 0;
  std::atomic<uint64_t> refresh_tokens_refused_ = 0;
  std::atomic<uint64_t> refresh_tokens_reused_ = 0;
};

RefreshState StateOf(Sessions::Outcome outcome) {
  switch (outcome) {
    case Sessions::Outcome::kRefreshed:
      return RefreshState::kRefreshed;
    case Sessions::Outcome::kUnknown:
      return RefreshState::kUnknown;
    case Sessions::Outcome::kExpired:
      return RefreshState::kExpired;
    case Sessions::Outcome::kRevoked:
      return RefreshState::kRevoked;
    case Sessions::Outcome::kJustUsed:
      return RefreshState::kJustUsed;
    case Sessions::Outcome::kReused:
      return RefreshState::kReused;
  }
  DAILYFEED_CHECK(false);
}

// What is remembered of a pair of tokens for a repeat of the request.
std::string Serialize(const IssuedTokens& tokens, const Sessions::Grant& grant) {
  secrets::v1::IssuedTokens message;
  message.set_access_token(tokens.access_token);
  message.set_access_lifetime_ns(absl::ToInt64Nanoseconds(tokens.access_lifetime));
  message.set_refresh_token(tokens.refresh_token);
  message.set_refresh_lifetime_ns(absl::ToInt64Nanoseconds(tokens.refresh_lifetime));
  message.set_member_id(grant.member);
  message.set_session_id(grant.session_id);
  return message.SerializeAsString();
}

absl::StatusOr<RefreshOutcome> ParseRefreshed(const std::string& answer) {
  secrets::v1::IssuedTokens message;
  if (!message.ParseFromString(answer)) return DamagedRow(kSessionAnswerPrefix);
  RefreshOutcome outcome;
  outcome.state = RefreshState::kRefreshed;
  outcome.member = message.member_id();
  outcome.session_id = message.session_id();
  outcome.tokens = {.access_token = message.access_token(),
                    .access_lifetime = absl::Nanoseconds(message.access_lifetime_ns()),
                    .refresh_token = message.refresh_token(),
                    .refresh_lifetime = absl::Nanoseconds(message.refresh_lifetime_ns())};
  return outcome;
}

absl::StatusOr<IssuedTokens> StoredIdentity::OpenSession(MemberId member,
                                                         std::string_view user_agent,
                                                         std::string_view peer_address,
                                                         std::optional<uint64_t> epoch,
                                                         const SessionRequest* request) {
  ASSIGN_OR_RETURN(const SessionRepeats::Turn turn, repeats_.Take(ScopeOf(member), request));
  if (turn.answer()) {
    ASSIGN_OR_RETURN(RefreshOutcome first, ParseRefreshed(*turn.answer()));
    return std::move(first.tokens);
  }
  IssuedTokens tokens;
  RETURN_IF_ERROR(sessions_
                      ->OpenFamily(member, user_agent, peer_address, epoch,
                                   [&](const Sessions::Grant& grant, StoreBatch* batch) {
                                     tokens = Issue(grant);
                                     turn.Remember(Serialize(tokens, grant), batch);
                                   })
                      .status());
  Count(sessions_opened_);
  return tokens;
}

absl::StatusOr<RefreshOutcome> StoredIdentity::Refresh(std::string_view refresh_token,
                                                       const SessionRequest* request) {
  ASSIGN_OR_RETURN(const SessionRepeats::Turn turn,
                   repeats_.Take(RowKey("token/", refresh_token), request));
  if (turn.answer()) return ParseRefreshed(*turn.answer());
  RefreshOutcome outcome;
  ASSIGN_OR_RETURN(
      const Sessions::RefreshResult result,
      sessions_->Refresh(refresh_token, [&](const Sessions::Grant& grant, StoreBatch* batch) {
        outcome.tokens = Issue(grant);
        turn.Remember(Serialize(outcome.tokens, grant), batch);
      }));
  outcome.state = StateOf(result.outcome);
  outcome.member = result.grant.member;
  outcome.session_id = result.grant.session_id;
  if (outcome.state == RefreshState::kRefreshed) {
    Count(sessions_refreshed_);
  } else if (outcome.state == RefreshState::kReused) {
    Count(refresh_tokens_reused_);
    Count(sessions_revoked_);
  } else {
    Count(refresh_tokens_refused_);
  }
  return outcome;
}

absl::StatusOr<std::vector<SessionInfo>> StoredIdentity::SessionsOf(
    MemberId member, std::string_view current) const {
  ASSIGN_OR_RETURN(std::vector<Sessions::Live> live, sessions_->List(member, current));
  std::vector<SessionInfo> sessions;
  for (Sessions::Live& session : live) {
    const secrets::v1::Family& family = session.family;
    sessions.push_back({.session_id = std::move(session.session_id),
                        .created_at = family.created_ns(),
                        .last_used_at = std::max(family.created_ns(), family.refreshed_ns()),
                        .expires_at = family.refresh_expires_ns(),
                        .user_agent = family.user_agent(),
                        .peer_address = family.peer_address()});
  }
  std::sort(sessions.begin(), sessions.end(), [](const SessionInfo& a, const SessionInfo& b) {
    return std::tie(b.last_used_at, b.created_at, a.session_id) <
           std::tie(a.last_used_at, a.created_at, b.session_id);
  });
  return sessions;
}

TokenCheck StoredIdentity::CheckAccessToken(std::string_view token) const {
  TokenCheck check;
  const std::optional<Jwt> jwt = Jwt::Split(token);
  if (!jwt) return check;
  const TimestampNs now = clock_->Now();
  const KeySet& keys = key_ring_->keys();
  // The header is the same for every token of a key: the usual one is not read.
  const SigningKeyEntry* key = keys.FindByHeader(jwt->header, now);
  if (key == nullptr) {
    const std::optional<std::string> kid = ParseJwtHeader(jwt->header);
    if (!kid) return check;
    key = keys.FindByKid(*kid, now);
  }
  if (key == nullptr) {
    if (ParseJwtClaims(jwt->payload)) check.state = TokenState::kUnknownKey;
    return check;
  }
  if (!key->mac.Verify(jwt->signed_part, jwt->signature)) return check;
  const std::optional<JwtClaims> claims = ParseJwtClaims(jwt->payload);
  if (!claims) return check;

  check.member = claims->member;
  check.session_id = claims->session_id;
  check.token_id = claims->token_id;
  check.expires_at = absl::FromUnixSeconds(claims->expires_at);
  const bool expired = now / kNsPerSecond >= claims->expires_at;
  if (expired) {
    // When the store cannot be read the token is refused all the same.
    const bool revoked = sessions_->WasRevoked(check.session_id).value_or(false);
    check.state = revoked ? TokenState::kRevoked : TokenState::kExpired;
  } else if (sessions_->IsRevoked(check.session_id)) {
    check.state = TokenState::kRevoked;
  } else {
    check.state = key == &keys.current() ? TokenState::kValid : TokenState::kValidOlderKey;
  }
  return check;
}

}  // namespace

Clock& SteadyClockOf(const IdentityOptions& options) {
  if (options.steady_clock != nullptr) return *options.steady_clock;
  return options.clock != nullptr ? *options.clock : SteadyClock();
}

absl::StatusOr<std::unique_ptr<Identity>> Identity::Open(Store* secrets, IdentityOptions options) {
  RETURN_IF_ERROR(CheckOptions(options));
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be initialized");
  Clock* const clock = options.clock != nullptr ? options.clock : &SystemClock();
  IdSource* const ids = options.ids != nullptr ? options.ids : &SystemIds();
  ASSIGN_OR_RETURN(std::string root_key, OpenRootKey(secrets, options.create_if_missing));
  ASSIGN_OR_RETURN(
      std::unique_ptr<Passwords> passwords,
      Passwords::Open(secrets, {options.argon2_operations, options.argon2_memory_bytes}));
  ASSIGN_OR_RETURN(std::unique_ptr<KeyRing> key_ring,
                   KeyRing::Open(secrets, ids, clock->Now(),
                                 {.rotation = options.key_rotation,
                                  .grace = options.key_grace,
                                  .token_lifetime = options.access_token_lifetime}));
  ASSIGN_OR_RETURN(std::unique_ptr<Sessions> sessions,
                   Sessions::Open(secrets, clock, ids,
                                  {.access_token_lifetime = options.access_token_lifetime,
                                   .refresh_token_lifetime = options.refresh_token_lifetime,
                                   .refresh_leeway = options.refresh_leeway,
                                   .clock_jump_max = options.clock_jump_max,
                                   .listed_max = options.sessions_listed_max}));
  // A token that lived when the clock jumped is over when the clock is believed.
  const absl::Duration trust_after =
      std::max(options.clock_trust_after, options.access_token_lifetime);
  ASSIGN_OR_RETURN(
      std::unique_ptr<ClockWatch> clock_watch,
      ClockWatch::Open(secrets, clock, &SteadyClockOf(options), options.past,
                       {.jump_max = options.clock_jump_max, .trust_after = trust_after}));
  auto identity = std::make_unique<StoredIdentity>(
      secrets, std::move(options), clock, ids, root_key, std::move(passwords), std::move(key_ring),
      std::move(sessions), std::move(clock_watch));
  sodium_memzero(root_key.data(), root_key.size());
  const absl::Status looked = identity->LookAtClock();
  if (looked.ok()) RETURN_IF_ERROR(identity->RotateKeys());
  if (!looked.ok() && !absl::IsFailedPrecondition(looked)) return looked;
  return identity;
}

}  // namespace dailyfeed
