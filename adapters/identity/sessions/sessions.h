// Sessions: families of refresh tokens, and which access tokens are dead.
//
// A login opens a family; a refresh spends its token and issues the next one
// of the family. A spent token that comes back revokes the family, unless it is
// the last one spent and comes back within the leeway: two tabs of one browser
// refresh with the same cookie. Every access token names its family, so a revocation is one entry
// per family, and whether an access token is revoked is one look-up by `sid`.
//
// What a member's sessions do is serialized per member, so that ending all of
// them and refreshing one of them cannot pass each other. A login, which checks
// a password first, says by the epoch when it began: whatever ended every
// session since then ends this one too, before it opens.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_SESSIONS_H_
#define DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_SESSIONS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "adapters/identity/sessions/revocations.h"
#include "core/domain/types.h"
#include "core/ports/environment.h"
#include "core/ports/store.h"

namespace dailyfeed {

inline constexpr size_t kUserAgentUnitsMax = 500;  // UTF-16

class Sessions {
 public:
  struct Options {
    absl::Duration access_token_lifetime;
    absl::Duration refresh_token_lifetime;
    absl::Duration refresh_leeway;
    absl::Duration clock_jump_max;  // revocations are kept for so much longer
    size_t listed_max = 0;
  };

  // What the next access token of a family says, and the refresh token beside it.
  struct Grant {
    MemberId member = 0;
    std::string session_id;
    int64_t issued_at = 0;   // seconds since 1970
    int64_t expires_at = 0;  // of the access token
    std::string refresh_token;
  };
  enum class Outcome { kRefreshed, kUnknown, kExpired, kRevoked, kJustUsed, kReused };
  struct RefreshResult {
    Outcome outcome = Outcome::kUnknown;
    Grant grant;  // kJustUsed, kReused: member and session only
  };
  struct Live {
    std::string session_id;
    secrets::v1::Family family;
  };

  // Adds to the write of what is granted or ended; not called when nothing is.
  using WithGrant = absl::FunctionRef<void(const Grant&, StoreBatch*)>;
  using WithEnd = absl::FunctionRef<void(StoreBatch*)>;

  // Pointers are not owned.
  static absl::StatusOr<std::unique_ptr<Sessions>> Open(Store* store, Clock* clock, IdSource* ids,
                                                        Options options);

  // Another number after every RevokeMember of the member (and, now and then,
  // of somebody else).
  uint64_t Epoch(MemberId member) const {
    return epochs_[member % kStripes].load(std::memory_order_acquire);
  }
  // ABORTED when there is an epoch and it is not the one of now.
  absl::StatusOr<Grant> OpenFamily(MemberId member, std::string_view user_agent,
                                   std::string_view peer_address, std::optional<uint64_t> epoch,
                                   WithGrant with);
  // One atomic step: of concurrent calls with one token one is kRefreshed.
  absl::StatusOr<RefreshResult> Refresh(std::string_view refresh_token, WithGrant with);
  // The member whose token it is, if Refresh would accept it now.
  absl::StatusOr<std::optional<MemberId>> CheckRefreshToken(std::string_view refresh_token) const;

  // In one write: ends the session, and the one that `refresh_token` is of, spent
  // or not, as far as they are the member's and not over. How many ended.
  absl::StatusOr<size_t> RevokeFamilies(MemberId member, std::string_view session_id,
                                        std::string_view refresh_token, WithEnd with);
  // Ends every session of the member, in one write with `with`. ABORTED as
  // OpenFamily. How many ended.
  absl::StatusOr<size_t> RevokeMember(MemberId member, StoreBatch with = {},
                                      std::optional<uint64_t> epoch = std::nullopt);

  // Ends every session of every member from this id on. How many ended.
  absl::StatusOr<size_t> RevokeMembersFrom(MemberId first);

  // Writes `batch` unless every session of the member was ended since the epoch:
  // ABORTED as OpenFamily.
  absl::Status WriteInEpoch(MemberId member, StoreBatch batch, uint64_t epoch);

  // The member's sessions that are not over, at most Options::listed_max: `current`
  // is one of them when it is the member's.
  absl::StatusOr<std::vector<Live>> List(MemberId member, std::string_view current) const;

  // For access tokens that have not expired: in memory.
  bool IsRevoked(std::string_view session_id) const { return revoked_.Contains(session_id); }
  size_t revocations() const { return revoked_.size(); }
  // For expired ones: from the store, as long as the family is remembered.
  absl::StatusOr<bool> WasRevoked(std::string_view session_id) const;

  // Forgets what is over, at most `rows_max` rows. True: there may be more.
  // DATA_LOSS: some of them were damaged; they are gone with the others.
  absl::StatusOr<bool> Purge(size_t rows_max);

 private:
  static constexpr size_t kStripes = 64;

  Sessions(Store* store, Clock* clock, IdSource* ids, Options options)
      : store_(store), clock_(clock), ids_(ids), options_(options) {}

  absl::Status LoadRevocations();
  std::mutex& StripeOf(MemberId member) const { return stripes_[member % kStripes]; }
  Grant NewGrant(MemberId member, std::string session_id, TimestampNs now,
                 secrets::v1::Family* family, StoreBatch* batch) const;
  // All of them in one write with `batch`. Under the stripe of their member.
  absl::StatusOr<size_t> Revoke(
      const std::vector<std::string>& session_ids, secrets::v1::RevocationReason reason,
      StoreBatch batch, WithEnd with = [](StoreBatch*) {});
  absl::StatusOr<RefreshResult> RefreshLocked(const std::string& token_row, WithGrant with);
  absl::Status PurgeFamily(std::string_view session_id, std::string_view expiry_row,
                           TimestampNs now);

  Store* const store_;
  Clock* const clock_;
  IdSource* const ids_;
  const Options options_;

  mutable std::array<std::mutex, kStripes> stripes_;  // held across reads and the synced write
  std::array<std::atomic<uint64_t>, kStripes> epochs_{};
  Revocations revoked_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_SESSIONS_H_
