// The signing keys of access tokens: one signs, older ones go on verifying.
//
// A key is replaced after `rotation`. It verifies until every token it signed
// has expired and is known `grace` longer, so that an expired token is told
// from a foreign one; then it is gone.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_TOKENS_KEY_RING_H_
#define DAILYFEED_ADAPTERS_IDENTITY_TOKENS_KEY_RING_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/crypto/hmac_sha256.h"
#include "core/domain/types.h"
#include "core/ports/environment.h"
#include "core/ports/store.h"

namespace dailyfeed {

struct SigningKeyEntry {
  std::string kid;
  std::string header;  // of every token it signs, base64url
  HmacSha256 mac;
  TimestampNs created = 0;
  TimestampNs replaced = 0;    // 0: it signs
  TimestampNs retires_at = 0;  // 0: never yet
};

// The keys at one moment. Immutable.
class KeySet {
 public:
  // At least one, the newest first.
  explicit KeySet(std::vector<SigningKeyEntry> keys) : keys_(std::move(keys)) {}
  KeySet(const KeySet&) = delete;
  KeySet& operator=(const KeySet&) = delete;

  const SigningKeyEntry& current() const { return keys_.front(); }
  // nullptr for unknown and retired ones.
  const SigningKeyEntry* FindByHeader(std::string_view header, TimestampNs now) const;
  const SigningKeyEntry* FindByKid(std::string_view kid, TimestampNs now) const;
  const std::vector<SigningKeyEntry>& keys() const { return keys_; }

 private:
  const std::vector<SigningKeyEntry> keys_;
};

class KeyRing {
 public:
  struct Options {
    absl::Duration rotation;
    absl::Duration grace;
    absl::Duration token_lifetime;
  };

  // Makes the first key when there is none; replaces none. Pointers are not owned.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(Store* store, IdSource* ids, TimestampNs now,
                                                       Options options);

  // The keys now. Without a lock, so long as they are the ones that the calling
  // thread was given last; good until it asks again, this ring or another. A
  // thread that asks no more keeps the last it was given.
  const KeySet& keys() const;

  // Replaces the current key when its time is over and forgets retired ones.
  absl::Status RotateIfDue(TimestampNs now);
  // A new key, and none of those before: no token signed by them is accepted any
  // more.
  absl::Status ReplaceAll(TimestampNs now);

 private:
  KeyRing(Store* store, IdSource* ids, Options options)
      : store_(store), ids_(ids), options_(options) {}

  std::shared_ptr<const KeySet> Share() const;
  absl::Status Load();
  // Also for a key from the future, which a wrong clock made.
  bool IsDue(const SigningKeyEntry& key, TimestampNs now) const;
  SigningKeyEntry MakeKey(TimestampNs now, StoreBatch* batch);
  absl::Status Rotate(TimestampNs now);
  absl::Status KeepLongestLifetime();
  void Publish(std::vector<SigningKeyEntry> keys);

  Store* const store_;
  IdSource* const ids_;
  const Options options_;

  std::mutex rotation_mutex_;  // one rotation at a time; held across the write
  mutable std::mutex keys_mutex_;
  std::shared_ptr<const KeySet> keys_;
  // Names keys_: no other keys of any ring of this process have the number.
  std::atomic<uint64_t> generation_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_TOKENS_KEY_RING_H_
