// The key of each member, and sealing with it.
//
// Sealed bytes: 1, then 24 bytes of nonce, then XChaCha20-Poly1305 of the clear
// text with its tag. The subject id is the associated data, so a sealed text
// moved to another member does not open.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_PERSONAL_PERSONAL_KEYS_H_
#define DAILYFEED_ADAPTERS_IDENTITY_PERSONAL_PERSONAL_KEYS_H_

#include <array>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ports/store.h"

namespace dailyfeed {

class PersonalKeys {
 public:
  // `store` is not owned.
  explicit PersonalKeys(Store* store) : store_(store) {}
  ~PersonalKeys();

  // INVALID_ARGUMENT when the subject exists. `also` is written with the key.
  absl::Status Create(std::string_view subject_id, StoreBatch also);
  // The key is destroyed when this returns; `also` is written with it.
  absl::Status Destroy(std::string_view subject_id, StoreBatch also);

  // NOT_FOUND for an unknown subject.
  absl::StatusOr<std::string> Seal(std::string_view subject_id, std::string_view clear) const;
  // See PersonalDataReader.
  absl::StatusOr<std::optional<std::string>> Unseal(std::string_view subject_id,
                                                    std::string_view sealed) const;

 private:
  static constexpr size_t kKeyBytes = 32;
  static constexpr size_t kShards = 16;
  static constexpr size_t kCachedKeysPerShard = 512;  // 16 x 512 keys, about a megabyte
  using Key = std::array<unsigned char, kKeyBytes>;

  // The lock is held while the store is read or written, so that a key that
  // was destroyed cannot come back into the cache.
  struct Shard {
    std::mutex mutex;
    absl::flat_hash_map<std::string, Key> keys;
    std::deque<std::string> order;  // oldest first; may name keys that are gone
  };

  Shard& ShardOf(std::string_view subject_id) const;
  static void Remember(Shard& shard, std::string_view subject_id, const Key& key);
  static void Forget(Shard& shard, std::string_view subject_id);
  absl::StatusOr<std::optional<Key>> Find(std::string_view subject_id) const;

  Store* const store_;
  mutable std::array<Shard, kShards> shards_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_PERSONAL_PERSONAL_KEYS_H_
