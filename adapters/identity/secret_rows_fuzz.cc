// The rows of the secrets store, whatever bytes they have: a row that is not
// readable is DATA_LOSS, which names its kind and never what it holds, and
// nothing else happens to anybody.
//
// An input is a list of changes to a store with one member who has a password,
// two sessions and a remembered answer. A change is one byte that says which
// row, one that says what happens to it, one of length, and bytes: they take the
// place of the value, are laid over it by exclusive or, or are the rest of the
// key of a new row with the same value.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/identity/identity.h"
#include "adapters/identity/passwords/passwords.h"
#include "adapters/identity/rows/secret_rows.h"
#include "core/base/check.h"
#include "core/domain/errors.h"
#include "core/ports/memory_store.h"

namespace dailyfeed {
namespace {

constexpr MemberId kMember = 7;
constexpr std::string_view kPassword = "Secret1!x";
constexpr uint64_t kKibibytesMax = 64;  // of argon2id: an input should not take minutes

class FixedClock final : public Clock {
 public:
  TimestampNs Now() override { return now_; }
  void Advance(absl::Duration by) { now_ += absl::ToInt64Nanoseconds(by); }

 private:
  TimestampNs now_ = TimestampNs{1'763'000'000} * 1'000'000'000;
};

class CountingIds final : public IdSource {
 public:
  std::string NewUuid() override { return std::string(15, '\0') + static_cast<char>(++made_); }

 private:
  uint8_t made_ = 0;
};

IdentityOptions Options(FixedClock* clock, CountingIds* ids) {
  return {.argon2_operations = 1, .argon2_memory_bytes = 8192, .clock = clock, .ids = ids};
}

using Rows = std::vector<std::pair<std::string, std::string>>;

// What the rows of the first store belong to.
struct Community {
  Rows rows;
  std::string subject, sealed, session_id;
  IssuedTokens first, second;
};
const SessionRequest kRepeated{.key = "key", .fingerprint = "login"};

Community MakeCommunity() {
  FixedClock clock;
  CountingIds ids;
  MemoryStore store;
  Community made;
  const auto identity = Identity::Open(&store, Options(&clock, &ids)).value();
  made.subject = identity->CreateSubject(identity->HashPassword(kPassword).value()).value();
  made.sealed = identity->Seal(made.subject, "Kim").value();
  made.first = identity->OpenSession(kMember, "agent", "10.0.0.1").value();
  made.second =
      identity->OpenSession(kMember, "agent", "10.0.0.1", std::nullopt, &kRepeated).value();
  made.session_id = identity->SessionsOf(kMember).value().front().session_id;
  DAILYFEED_CHECK(identity->RevokeSession(kMember, made.session_id).value());
  DAILYFEED_CHECK(identity->DestroySubject(identity->CreateSubject().value()).ok());
  for (auto it = store.NewIterator({}); it->Valid(); it->Next()) {
    made.rows.emplace_back(it->key(), it->value());
  }
  return made;
}

enum class Change : uint8_t { kValue, kXor, kKey, kDelete };

void Put(Rows* rows, std::string key, std::string value) {
  rows->emplace_back(std::move(key), std::move(value));
}

void Apply(Change change, size_t row, std::string_view bytes, Rows* rows) {
  auto& [key, value] = (*rows)[row];
  switch (change) {
    case Change::kValue:
      value = bytes;
      return;
    case Change::kXor:
      for (size_t i = 0; i < std::min(bytes.size(), value.size()); ++i) value[i] ^= bytes[i];
      return;
    case Change::kKey:
      return Put(rows, RowKey(std::string_view(key).substr(0, 2), bytes), value);
    case Change::kDelete:
      rows->erase(rows->begin() + static_cast<ptrdiff_t>(row));
  }
}

Rows ChangedRows(Rows rows, std::string_view input) {
  while (input.size() >= 3 && !rows.empty()) {
    const size_t row = static_cast<uint8_t>(input[0]) % rows.size();
    const auto change = static_cast<Change>(static_cast<uint8_t>(input[1]) % 4);
    const std::string_view bytes = input.substr(3, static_cast<uint8_t>(input[2]));
    input.remove_prefix(3 + bytes.size());
    Apply(change, row, bytes, &rows);
  }
  return rows;
}

bool IsTooExpensive(const Rows& rows) {
  for (const auto& [key, value] : rows) {
    if (key.substr(0, kCredentialsPrefix.size()) != kCredentialsPrefix) continue;
    secrets::v1::Credentials row;
    if (!row.ParseFromString(value)) continue;
    const std::string_view cost = CostOf(row.password_hash());
    bool affordable = cost.empty();
    for (uint64_t kibibytes = 8; kibibytes <= kKibibytesMax && !affordable; kibibytes *= 2) {
      affordable = cost == CostOf({.operations = 1, .memory_bytes = kibibytes * 1024});
    }
    if (!affordable) return true;
  }
  return false;
}

bool Check(const absl::Status& status) {
  if (status.ok()) return true;
  DAILYFEED_CHECK(absl::IsDataLoss(status));
  constexpr std::string_view kKind = "the secrets store has a damaged row of kind '";
  constexpr std::string_view kStore = "the secrets";
  constexpr std::string_view kSealed = "sealed personal data does not fit its key";
  const std::string_view message(status.message().data(), status.message().size());
  DAILYFEED_CHECK(message.substr(0, kStore.size()) == kStore || message == kSealed);
  if (message.substr(0, kKind.size()) == kKind) {
    DAILYFEED_CHECK(message.size() == kKind.size() + 2);
  }
  return false;
}

void CheckSessions(Identity& identity, const Community& community) {
  for (const IssuedTokens* tokens : {&community.first, &community.second}) {
    const TokenCheck check = identity.CheckAccessToken(tokens->access_token);
    if (check.state == TokenState::kValid) DAILYFEED_CHECK(check.member == kMember);
    identity.CheckRefreshToken(tokens->refresh_token);
  }
  const auto repeated =
      identity.OpenSession(kMember, "agent", "10.0.0.1", std::nullopt, &kRepeated);
  // The digest of the request may be what was changed.
  if (ErrorCodeOf(repeated.status()) != ErrorCode::kIdempotencyKeyReused) Check(repeated.status());
  const auto refreshed = identity.Refresh(community.second.refresh_token);
  Check(refreshed.status());
  if (refreshed.ok() && refreshed->state == RefreshState::kRefreshed) {
    const TokenCheck check = identity.CheckAccessToken(refreshed->tokens.access_token);
    if (check.state == TokenState::kValid) DAILYFEED_CHECK(check.member == refreshed->member);
  }
  Check(identity.SessionsOf(kMember, community.session_id).status());
  Check(identity.LogOut(kMember, community.session_id, community.first.refresh_token));
}

void CheckSecrets(Identity& identity, const Community& community) {
  const auto clear = identity.Unseal(community.subject, community.sealed);
  if (Check(clear.status()) && clear->has_value()) DAILYFEED_CHECK(**clear == "Kim");
  const auto fits = identity.VerifyPassword(community.subject, kPassword);
  Check(fits.status());
  const auto others = identity.VerifyPassword("nobody", kPassword);
  DAILYFEED_CHECK(others.ok() && !*others);
  Check(identity.WasDestroyed(community.subject).status());
}

void Run(std::string_view input) {
  static const Community& community = *new Community(MakeCommunity());
  const Rows rows = ChangedRows(community.rows, input);
  if (IsTooExpensive(rows)) return;
  MemoryStore store;
  StoreBatch batch;
  for (const auto& [key, value] : rows) batch.Put(key, value);
  DAILYFEED_CHECK(store.Write(std::move(batch)).ok());

  FixedClock clock;
  CountingIds ids;
  const auto opened = Identity::Open(&store, Options(&clock, &ids));
  if (!Check(opened.status())) return;
  Identity& identity = **opened;
  CheckSecrets(identity, community);
  CheckSessions(identity, community);
  Check(identity.RevokeMembersFrom(1));
  for (const absl::Duration time : {absl::Seconds(1), absl::Hours(24 * 365)}) {
    clock.Advance(time);
    // A heartbeat from another time has the clock doubted.
    const absl::Status maintained = identity.Maintain();
    if (!absl::IsFailedPrecondition(maintained)) Check(maintained);
  }
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
