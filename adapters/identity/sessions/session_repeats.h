// What session writes answered under an idempotency key: a repeat of one gets
// the first answer again and changes nothing (section 1.9 of the HTTP contract).
//
// An answer may be a pair of tokens, which are nowhere else to be read. So a
// row is found by a digest and sealed with a key that both come from what the
// client sent: whoever has the store and not the client's idempotency key can
// neither read it nor try passwords on it. The key of a refresh is bound to the
// refresh token that came with it as well.
//
//   ASSIGN_OR_RETURN(const SessionRepeats::Turn turn, repeats.Take(scope, request));
//   if (turn.answer()) return Parse(*turn.answer());
//   turn.Remember(text, &batch);  // written together with what it answers
//
// Threads: everything from any thread. Equal requests take turns: a Turn holds
// a lock until it goes.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_SESSION_REPEATS_H_
#define DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_SESSION_REPEATS_H_

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/crypto/hmac_sha256.h"
#include "core/ports/environment.h"
#include "core/ports/store.h"

namespace dailyfeed {

// The idempotency key a request came with.
struct SessionRequest {
  std::string key;
  // Method, path and body in a few bytes: another request under the same key
  // has another.
  std::string fingerprint;
};

class SessionRepeats {
 public:
  // `store` and `clock` are not owned. `secret`: 32 bytes.
  SessionRepeats(Store* store, Clock* clock, std::string_view secret, absl::Duration retention)
      : store_(store), clock_(clock), secret_(secret), retention_(retention) {}

  class Turn {
   public:
    // What was answered the first time; nullopt: this is the first time.
    const std::optional<std::string>& answer() const { return answer_; }
    // Adds the row to `batch`. Nothing without an idempotency key.
    void Remember(std::string_view answer, StoreBatch* batch) const;

   private:
    friend class SessionRepeats;
    const SessionRepeats* repeats_ = nullptr;  // null without a key
    std::unique_lock<std::mutex> lock_;
    std::string rows_;  // what the keys of its rows begin with
    std::string seal_key_, fingerprint_;
    std::optional<std::string> answer_;
  };

  // `scope`: whose key it is. kIdempotencyKeyReused: the key came with another
  // request. nullptr: a request without a key, which waits for nobody.
  absl::StatusOr<Turn> Take(std::string_view scope, const SessionRequest* request);

 private:
  static constexpr size_t kStripes = 64;

  absl::Status Recall(Turn* turn) const;

  Store* const store_;
  Clock* const clock_;
  const HmacSha256 secret_;
  const absl::Duration retention_;
  std::array<std::mutex, kStripes> stripes_;  // held across the write that is remembered
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_SESSIONS_SESSION_REPEATS_H_
