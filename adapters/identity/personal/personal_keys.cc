#include "adapters/identity/personal/personal_keys.h"

#include <sodium.h>

#include <cstring>
#include <utility>

#include "adapters/crypto/sealing.h"
#include "adapters/identity/rows/secret_rows.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr char kSealedVersion = 1;
std::string_view Text(const std::array<unsigned char, 32>& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

PersonalKeys::~PersonalKeys() {
  for (Shard& shard : shards_) {
    for (auto& [subject, key] : shard.keys) sodium_memzero(key.data(), key.size());
  }
}

PersonalKeys::Shard& PersonalKeys::ShardOf(std::string_view subject_id) const {
  // Subject ids are random; their last byte spreads them evenly.
  const size_t index = subject_id.empty() ? 0 : static_cast<uint8_t>(subject_id.back());
  return shards_[index % kShards];
}

void PersonalKeys::Remember(Shard& shard, std::string_view subject_id, const Key& key) {
  if (shard.order.size() >= kCachedKeysPerShard) {
    Forget(shard, shard.order.front());
    shard.order.pop_front();
  }
  shard.keys[std::string(subject_id)] = key;
  shard.order.emplace_back(subject_id);
}

void PersonalKeys::Forget(Shard& shard, std::string_view subject_id) {
  const auto it = shard.keys.find(Absl(subject_id));
  if (it == shard.keys.end()) return;
  sodium_memzero(it->second.data(), it->second.size());
  shard.keys.erase(it);
}

absl::Status PersonalKeys::Create(std::string_view subject_id, StoreBatch also) {
  Key key;
  randombytes_buf(key.data(), key.size());
  secrets::v1::PersonalKey row;
  row.set_key(key.data(), key.size());
  const std::string row_key = RowKey(kPersonalKeyPrefix, subject_id);
  PutRow(row_key, row, &also);
  sodium_memzero(row.mutable_key()->data(), row.key().size());

  Shard& shard = ShardOf(subject_id);
  std::lock_guard lock(shard.mutex);
  std::string existing;
  ASSIGN_OR_RETURN(const bool found, store_->Get(row_key, &existing));
  if (found) return absl::InvalidArgumentError("the subject has a personal key already");
  RETURN_IF_ERROR(store_->Write(std::move(also)));
  Remember(shard, subject_id, key);
  sodium_memzero(key.data(), key.size());
  return absl::OkStatus();
}

absl::Status PersonalKeys::Destroy(std::string_view subject_id, StoreBatch also) {
  also.Delete(RowKey(kPersonalKeyPrefix, subject_id));
  Shard& shard = ShardOf(subject_id);
  std::lock_guard lock(shard.mutex);
  RETURN_IF_ERROR(store_->Write(std::move(also)));
  Forget(shard, subject_id);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PersonalKeys::Key>> PersonalKeys::Find(
    std::string_view subject_id) const {
  Shard& shard = ShardOf(subject_id);
  std::lock_guard lock(shard.mutex);
  const auto it = shard.keys.find(Absl(subject_id));
  if (it != shard.keys.end()) return std::optional<Key>(it->second);
  secrets::v1::PersonalKey row;
  const std::string row_key = RowKey(kPersonalKeyPrefix, subject_id);
  ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, row_key, &row));
  if (!found) return std::optional<Key>();
  if (row.key().size() != kKeyBytes) return DamagedRow(row_key);
  Key key;
  std::memcpy(key.data(), row.key().data(), key.size());
  sodium_memzero(row.mutable_key()->data(), row.key().size());
  Remember(shard, subject_id, key);
  return std::optional<Key>(key);
}

absl::StatusOr<std::string> PersonalKeys::Seal(std::string_view subject_id,
                                               std::string_view clear) const {
  ASSIGN_OR_RETURN(std::optional<Key> key, Find(subject_id));
  if (!key) return absl::NotFoundError("no personal key for this subject");
  std::string sealed = kSealedVersion + SealText(Text(*key), subject_id, clear);
  sodium_memzero(key->data(), key->size());
  return sealed;
}

absl::StatusOr<std::optional<std::string>> PersonalKeys::Unseal(std::string_view subject_id,
                                                                std::string_view sealed) const {
  ASSIGN_OR_RETURN(std::optional<Key> key, Find(subject_id));
  if (!key) return std::optional<std::string>();
  std::optional<std::string> clear;
  if (!sealed.empty() && sealed.front() == kSealedVersion) {
    clear = OpenSealed(Text(*key), subject_id, sealed.substr(1));
  }
  sodium_memzero(key->data(), key->size());
  if (!clear) return absl::DataLossError("sealed personal data does not fit its key");
  return clear;
}

}  // namespace dailyfeed
