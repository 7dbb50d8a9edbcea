// Identity: what must never enter the log. Password hashes, refresh tokens,
// signing keys and the personal keys of members, in a store of their own
// (`secrets/`), every write synced.
//
// Threads: everything from any thread. HashPassword and VerifyPassword are slow
// on purpose (argon2id); Workers (workers.h) keep them off request
// threads.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_IDENTITY_H_
#define DAILYFEED_ADAPTERS_IDENTITY_IDENTITY_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/identity/sessions/session_repeats.h"
#include "adapters/identity/tokens/claim_text.h"
#include "core/domain/types.h"
#include "core/ports/environment.h"
#include "core/ports/personal_data.h"
#include "core/ports/store.h"

namespace dailyfeed {

struct IdentityOptions {
  absl::Duration access_token_lifetime = absl::Hours(1);
  absl::Duration refresh_token_lifetime = absl::Hours(24 * 30);
  // How long the last spent refresh token of a session may be presented again
  // without ending the session. 0: not at all.
  absl::Duration refresh_leeway = absl::Seconds(10);
  absl::Duration key_rotation = absl::Hours(1);
  absl::Duration key_grace = absl::Hours(48);  // known after its last token expired
  // argon2id: iterations and memory. The defaults are OWASP's second choice
  // (19 MiB, t=2, p=1). Beyond these, a login takes minutes or the machine.
  static constexpr uint64_t kArgon2OperationsMax = 100;
  static constexpr size_t kArgon2MemoryBytesMax = size_t{4} << 30;
  uint64_t argon2_operations = 2;
  size_t argon2_memory_bytes = 19u << 20;
  size_t sessions_listed_max = 1000;  // that SessionsOf reads of one member
  // When the clock is doubted and when it is believed again: see clock_watch.h.
  // A doubt lasts as long as an access token, at least.
  absl::Duration clock_jump_max = absl::Hours(24);
  absl::Duration clock_trust_after = absl::Hours(1);
  TimestampNs past = 0;  // a moment that is past for sure; 0: none is known
  // How long answers to requests with an idempotency key are remembered.
  absl::Duration idempotency_retention = absl::Hours(24);
  // False: an empty store is DATA_LOSS. Without the keys every member of a log
  // would look as if they had withdrawn, so a host whose log has events says so.
  bool create_if_missing = true;
  Clock* clock = nullptr;  // not owned; nullptr: SystemClock()
  // Time that passes; see SteadyClock. Not owned; nullptr: `clock`, or
  // SteadyClock() when there is none either.
  Clock* steady_clock = nullptr;
  IdSource* ids = nullptr;  // not owned; nullptr: SystemIds()
};

Clock& SteadyClockOf(const IdentityOptions& options);

// What section 2.7 of the HTTP contract distinguishes.
enum class TokenState {
  kValid,
  kValidOlderKey,
  kMalformed,  // also wrong algorithm, no kid, bad signature, missing claims
  kUnknownKey,
  kRevoked,
  kExpired,
};

struct TokenCheck {
  TokenState state = TokenState::kMalformed;
  MemberId member = 0;   // known for valid, revoked and expired tokens
  ClaimText session_id;  // `sid`
  ClaimText token_id;    // `jti`
  absl::Time expires_at;
};

struct IssuedTokens {
  std::string access_token;
  absl::Duration access_lifetime;
  std::string refresh_token;
  absl::Duration refresh_lifetime;
};

enum class RefreshState {
  kRefreshed,
  kUnknown,
  kExpired,
  kRevoked,
  kJustUsed,  // spent within the leeway; nothing changed, the next token is on its way
  kReused,    // a spent token came back: its whole family is revoked now
};

struct RefreshOutcome {
  RefreshState state = RefreshState::kUnknown;
  MemberId member = 0;     // known when refreshed, just used or reused
  std::string session_id;  // the same
  IssuedTokens tokens;     // when refreshed
};

// A session that is not over. What the client said about itself is told as it
// was received: any bytes.
struct SessionInfo {
  std::string session_id;  // `sid`
  TimestampNs created_at = 0;
  TimestampNs last_used_at = 0;  // its last refresh, or its login
  TimestampNs expires_at = 0;    // unless it is refreshed before
  std::string user_agent;
  std::string peer_address;
};

// Since the start.
struct IdentityStats {
  uint64_t password_hashes = 0;          // runs of argon2id
  uint64_t password_hashes_renewed = 0;  // at a login, because the parameters are others now
  uint64_t sessions_opened = 0;
  uint64_t sessions_refreshed = 0;
  uint64_t sessions_revoked = 0;        // for whatever reason
  uint64_t refresh_tokens_refused = 0;  // unknown, expired, revoked, just used
  uint64_t refresh_tokens_reused = 0;   // spent ones that came back
  uint64_t revocations = 0;             // that access tokens are checked against, now
  uint64_t clock_doubted = 0;           // 1: now, and maintenance waits
};

class Identity : public PersonalDataReader {
 public:
  // `secrets` is not owned and must be durable when Write returns. Makes the
  // first signing key and the root key when there is none. INVALID_ARGUMENT
  // names an option that makes no sense; DATA_LOSS: damaged, or of another
  // format, or not there (see create_if_missing).
  static absl::StatusOr<std::unique_ptr<Identity>> Open(Store* secrets, IdentityOptions options);

  // A new subject: a personal key and, when it is not empty, a password hash,
  // durable when this returns. The id of the subject.
  virtual absl::StatusOr<std::string> CreateSubject(std::string_view password_hash) = 0;
  absl::StatusOr<std::string> CreateSubject() { return CreateSubject({}); }
  // Destroys the personal key and the credentials: what was sealed with the key
  // can never be read again. Durable when this returns; OK for an unknown one.
  virtual absl::Status DestroySubject(std::string_view subject_id) = 0;
  // Whether the subject was destroyed, for good: its id is remembered. False for
  // one that is there, and for one that was never here.
  virtual absl::StatusOr<bool> WasDestroyed(std::string_view subject_id) const = 0;
  // No file has a key or credentials of these destroyed subjects any more when
  // it returns, nor what was deleted of anybody's sessions. Slow. See Store::EraseTraces.
  virtual absl::Status EraseTraces(const std::vector<std::string>& subject_ids) = 0;
  virtual absl::StatusOr<std::string> Seal(std::string_view subject_id,
                                           std::string_view clear) const = 0;
  // 32 bytes for one purpose ("cursors"), derived from a secret of this store:
  // the same at every start, and of no use for another purpose.
  virtual std::string DerivedKey(std::string_view purpose) const = 0;
  // Keyed digest of the e-mail, folded by Unicode case (ICU, NFC).
  virtual std::string EmailDigest(std::string_view email) const = 0;

  virtual absl::StatusOr<std::string> HashPassword(std::string_view password) const = 0;
  virtual absl::Status StoreCredentials(std::string_view subject_id,
                                        std::string_view password_hash) = 0;
  // False for an unknown subject too, after the same work: see passwords.h.
  virtual absl::StatusOr<bool> VerifyPassword(std::string_view subject_id,
                                              std::string_view password) const = 0;

  // For a password that was just verified: hashes it anew when it was hashed
  // with other parameters than those of now. True: it did. As slow as
  // HashPassword then. The epoch was read before the password was verified:
  // ABORTED as OpenSession.
  virtual absl::StatusOr<bool> RenewPasswordHash(MemberId member, std::string_view subject_id,
                                                 std::string_view password, uint64_t epoch) = 0;

  // A new session (token family). `user_agent` is cut at 500 UTF-16 units. With
  // an epoch, read before the password was checked: ABORTED when every session
  // of the member was ended since; check the password again.
  //
  // This and the other writes of sessions take the idempotency key of a request
  // (nullptr: it has none). A repeat of one that changed something gets its
  // answer and changes nothing; kIdempotencyKeyReused: the member's key, or that
  // of the refresh token, came with another request.
  virtual absl::StatusOr<IssuedTokens> OpenSession(MemberId member, std::string_view user_agent,
                                                   std::string_view peer_address,
                                                   std::optional<uint64_t> epoch = std::nullopt,
                                                   const SessionRequest* request = nullptr) = 0;
  virtual uint64_t SessionEpoch(MemberId member) const = 0;
  // Spends the refresh token and issues the next pair of its family, as one
  // atomic step: of concurrent calls with one token exactly one is refreshed.
  virtual absl::StatusOr<RefreshOutcome> Refresh(std::string_view refresh_token,
                                                 const SessionRequest* request = nullptr) = 0;
  // Ends one session with all its tokens. False: it is not a session of the
  // member, or it is over. All of these are in force everywhere when they return.
  virtual absl::StatusOr<bool> RevokeSession(MemberId member, std::string_view session_id,
                                             const SessionRequest* request = nullptr) = 0;
  // Ends the session and, when the refresh token is of another session of the
  // same member, that one too, spent or not; in one write.
  virtual absl::Status LogOut(MemberId member, std::string_view session_id,
                              std::string_view refresh_token) = 0;
  // Ends every session of a member, also those whose login is under way.
  virtual absl::Status RevokeMember(MemberId member) = 0;
  // The same for every member with this id or a higher one. As long as there is
  // none with a session it costs one look.
  virtual absl::Status RevokeMembersFrom(MemberId first) = 0;
  // A new password and the end of every session, in one write. The epoch was
  // read before the old password was checked: ABORTED as OpenSession.
  virtual absl::Status ReplacePassword(MemberId member, std::string_view subject_id,
                                       std::string_view password_hash, uint64_t epoch,
                                       const SessionRequest* request = nullptr) = 0;
  // Whether this request has replaced the password already: then the current one
  // need not fit any more.
  virtual absl::StatusOr<bool> HasReplacedPassword(MemberId member,
                                                   const SessionRequest* request) = 0;
  // The member's sessions, the last used first. Of a member with more than
  // IdentityOptions::sessions_listed_max any that many, `current` among them when
  // it is one of the member's.
  virtual absl::StatusOr<std::vector<SessionInfo>> SessionsOf(MemberId member,
                                                              std::string_view current) const = 0;
  absl::StatusOr<std::vector<SessionInfo>> SessionsOf(MemberId member) const {
    return SessionsOf(member, {});
  }

  // At most one in-memory look-up for a token that has not expired. For an
  // expired one the store tells whether its session was revoked.
  virtual TokenCheck CheckAccessToken(std::string_view jwt) const = 0;
  // Whether a refresh would accept this cookie now, and for which member;
  // nullopt when not. Uses nothing up.
  virtual std::optional<MemberId> CheckRefreshToken(std::string_view refresh_token) const = 0;

  // What time does: replaces the signing key when it is due, forgets keys,
  // tokens and sessions that are over. To be called about every second; one
  // call does a bounded amount of work. FAILED_PRECONDITION, and nothing is
  // done: the clock is doubted.
  virtual absl::Status Maintain() = 0;

  // Why sessions, passwords and keys cannot be written; OK while they can. What is
  // in the store can be read all the same.
  virtual absl::Status Health() const = 0;

  virtual IdentityStats stats() const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_IDENTITY_H_
