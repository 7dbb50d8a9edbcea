#include "adapters/identity/tokens/key_ring.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "adapters/identity/rows/secret_rows.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "adapters/identity/tokens/jwt.h"
#include "core/base/hex.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr size_t kKeyBytes = 32;

void Wipe(std::string* bytes) { sodium_memzero(bytes->data(), bytes->size()); }

uint64_t NextGeneration() {
  static std::atomic<uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

const SigningKeyEntry* KeySet::FindByHeader(std::string_view header, TimestampNs now) const {
  // Nearly every token is signed by the newest key or the one before.
  for (const SigningKeyEntry& key : keys_) {
    if (key.header != header) continue;
    return key.retires_at != 0 && now >= key.retires_at ? nullptr : &key;
  }
  return nullptr;
}

const SigningKeyEntry* KeySet::FindByKid(std::string_view kid, TimestampNs now) const {
  return FindByHeader(MakeJwtHeader(kid), now);
}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(Store* store, IdSource* ids, TimestampNs now,
                                                       Options options) {
  std::unique_ptr<KeyRing> ring(new KeyRing(store, ids, options));
  RETURN_IF_ERROR(ring->Load());
  const std::shared_ptr<const KeySet> loaded = ring->Share();
  if (loaded == nullptr || loaded->current().replaced != 0) RETURN_IF_ERROR(ring->Rotate(now));
  RETURN_IF_ERROR(ring->KeepLongestLifetime());
  return ring;
}

absl::Status KeyRing::Load() {
  std::vector<SigningKeyEntry> keys;
  RETURN_IF_ERROR(
      ScanRows(*store_, kSigningKeyPrefix,
               [&](std::string_view kid, std::string_view value) -> absl::Status {
                 secrets::v1::SigningKey row;
                 if (!row.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
                     row.key().size() != kKeyBytes) {
                   return DamagedRow(kSigningKeyPrefix);
                 }
                 const TimestampNs retires_at = row.replaced_ns() == 0
                                                    ? 0
                                                    : row.replaced_ns() + row.token_lifetime_ns() +
                                                          absl::ToInt64Nanoseconds(options_.grace);
                 keys.push_back({.kid = std::string(kid),
                                 .header = MakeJwtHeader(kid),
                                 .mac = HmacSha256(row.key()),
                                 .created = row.created_ns(),
                                 .replaced = row.replaced_ns(),
                                 .retires_at = retires_at});
                 Wipe(row.mutable_key());
                 return absl::OkStatus();
               }));
  if (keys.empty()) return absl::OkStatus();
  // The one that signs first, then the youngest.
  std::sort(keys.begin(), keys.end(), [](const SigningKeyEntry& a, const SigningKeyEntry& b) {
    if ((a.replaced == 0) != (b.replaced == 0)) return a.replaced == 0;
    return std::pair(a.created, a.kid) > std::pair(b.created, b.kid);
  });
  Publish(std::move(keys));
  return absl::OkStatus();
}

// A host that was restarted with longer tokens signs them with the key it has:
// that key must then be kept for as long.
absl::Status KeyRing::KeepLongestLifetime() {
  const std::string row_key = RowKey(kSigningKeyPrefix, Share()->current().kid);
  secrets::v1::SigningKey row;
  ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, row_key, &row));
  if (!found) return DamagedRow(row_key);
  const int64_t lifetime = absl::ToInt64Nanoseconds(options_.token_lifetime);
  absl::Status written;
  if (row.token_lifetime_ns() < lifetime) {
    row.set_token_lifetime_ns(lifetime);
    StoreBatch batch;
    PutRow(row_key, row, &batch);
    written = store_->Write(std::move(batch));
  }
  Wipe(row.mutable_key());
  return written;
}

const KeySet& KeyRing::keys() const {
  struct Held {
    uint64_t generation = 0;
    std::shared_ptr<const KeySet> keys;
  };
  thread_local Held held;
  if (held.generation != generation_.load(std::memory_order_acquire)) {
    std::lock_guard lock(keys_mutex_);
    held.keys = keys_;
    held.generation = generation_.load(std::memory_order_relaxed);
  }
  return *held.keys;
}

std::shared_ptr<const KeySet> KeyRing::Share() const {
  std::lock_guard lock(keys_mutex_);
  return keys_;
}

void KeyRing::Publish(std::vector<SigningKeyEntry> keys) {
  auto next = std::make_shared<const KeySet>(std::move(keys));
  std::lock_guard lock(keys_mutex_);
  keys_.swap(next);
  generation_.store(NextGeneration(), std::memory_order_release);
}

bool KeyRing::IsDue(const SigningKeyEntry& key, TimestampNs now) const {
  return absl::AbsDuration(absl::Nanoseconds(now - key.created)) >= options_.rotation;
}

SigningKeyEntry KeyRing::MakeKey(TimestampNs now, StoreBatch* batch) {
  secrets::v1::SigningKey row;
  row.set_key(RandomBytes(kKeyBytes));
  row.set_created_ns(now);
  row.set_token_lifetime_ns(absl::ToInt64Nanoseconds(options_.token_lifetime));
  const std::string kid = FormatUuid(ids_->NewUuid());
  PutRow(RowKey(kSigningKeyPrefix, kid), row, batch);
  SigningKeyEntry key = {.kid = kid,
                         .header = MakeJwtHeader(kid),
                         .mac = HmacSha256(row.key()),
                         .created = now,
                         .replaced = 0,
                         .retires_at = 0};
  Wipe(row.mutable_key());
  return key;
}

absl::Status KeyRing::RotateIfDue(TimestampNs now) {
  std::lock_guard lock(rotation_mutex_);
  const std::shared_ptr<const KeySet> known = Share();
  const bool rotate = IsDue(known->current(), now);
  const bool retire = std::any_of(
      known->keys().begin(), known->keys().end(),
      [&](const SigningKeyEntry& key) { return key.retires_at != 0 && now >= key.retires_at; });
  return rotate || retire ? Rotate(now) : absl::OkStatus();
}

// Also drops retired keys. With a current key whose time is not over it makes
// no new one.
absl::Status KeyRing::Rotate(TimestampNs now) {
  const std::shared_ptr<const KeySet> known = Share();
  std::vector<SigningKeyEntry> next;
  StoreBatch batch;
  const bool has_current = known != nullptr && known->current().replaced == 0;
  const bool keep_current = has_current && !IsDue(known->current(), now);
  if (!keep_current) next.push_back(MakeKey(now, &batch));
  const std::vector<SigningKeyEntry> none;
  for (const SigningKeyEntry& key : known != nullptr ? known->keys() : none) {
    if (key.retires_at != 0 && now >= key.retires_at) {
      batch.Delete(RowKey(kSigningKeyPrefix, key.kid));
      continue;
    }
    next.push_back(key);
    if (keep_current || key.replaced != 0) continue;
    secrets::v1::SigningKey row;
    const std::string row_key = RowKey(kSigningKeyPrefix, key.kid);
    ASSIGN_OR_RETURN(const bool found, ReadRow(*store_, row_key, &row));
    if (!found) return DamagedRow(row_key);
    row.set_replaced_ns(now);
    PutRow(row_key, row, &batch);
    Wipe(row.mutable_key());
    next.back().replaced = now;
    next.back().retires_at =
        now + row.token_lifetime_ns() + absl::ToInt64Nanoseconds(options_.grace);
  }
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  Publish(std::move(next));
  return absl::OkStatus();
}

absl::Status KeyRing::ReplaceAll(TimestampNs now) {
  std::lock_guard lock(rotation_mutex_);
  StoreBatch batch;
  for (const SigningKeyEntry& key : Share()->keys()) {
    batch.Delete(RowKey(kSigningKeyPrefix, key.kid));
  }
  std::vector<SigningKeyEntry> next;
  next.push_back(MakeKey(now, &batch));
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  Publish(std::move(next));
  return absl::OkStatus();
}

}  // namespace dailyfeed
