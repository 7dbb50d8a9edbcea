// Ordered keys and values, as projections need them for read models.
//
// Implementations: adapters/rocksdb/store (on disk), core/ports/memory_store.h
// (for the simulator and model tests).
//
//   StoreBatch batch;
//   batch.Put("b", "2");
//   RETURN_IF_ERROR(store.Write(std::move(batch)));
//   auto snapshot = store.NewSnapshot();
//   for (auto it = snapshot->NewIterator({.lower = "a", .upper = "c"}); it->Valid(); it->Next())
//   ...
//
// Threads: everything from any thread; an Iterator or Snapshot from one at a
// time. Iterators and snapshots must be gone before the store is.
#ifndef DAILYFEED_CORE_PORTS_STORE_H_
#define DAILYFEED_CORE_PORTS_STORE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dailyfeed {

// Changes that are written together or not at all, in this order. Keys and
// values are copied into blocks of the batch; PutUnowned and DeleteUnowned
// borrow instead, for a writer that keeps the rows itself. Move-only.
class StoreBatch {
 public:
  enum class Kind { kPut, kDelete, kDeleteRange };
  // Views into the batch, or into the memory that was lent to it.
  struct Change {
    Kind kind;
    std::string_view key;    // kDeleteRange: the first key of the range
    std::string_view value;  // kDeleteRange: the first key behind the range
  };
  StoreBatch() = default;
  // The batch that was moved from is empty and may be filled again.
  StoreBatch(StoreBatch&& other) noexcept { *this = std::move(other); }
  StoreBatch& operator=(StoreBatch&& other) noexcept {
    changes_ = std::exchange(other.changes_, {});
    blocks_ = std::exchange(other.blocks_, {});
    block_next_ = std::exchange(other.block_next_, nullptr);
    block_left_ = std::exchange(other.block_left_, 0);
    return *this;
  }

  void Put(std::string_view key, std::string_view value) {
    changes_.push_back({Kind::kPut, Copy(key), Copy(value)});
  }
  void Delete(std::string_view key) { changes_.push_back({Kind::kDelete, Copy(key), {}}); }
  void DeleteRange(std::string_view begin, std::string_view end) {
    changes_.push_back({Kind::kDeleteRange, Copy(begin), Copy(end)});
  }
  // `key` and `value` must stay as they are until Store::Write has returned.
  void PutUnowned(std::string_view key, std::string_view value) {
    changes_.push_back({Kind::kPut, key, value});
  }
  void DeleteUnowned(std::string_view key) { changes_.push_back({Kind::kDelete, key, {}}); }

  const std::vector<Change>& changes() const { return changes_; }
  bool empty() const { return changes_.empty(); }

 private:
  static constexpr size_t kBlockBytes = 4096;

  std::string_view Copy(std::string_view bytes) {
    if (bytes.empty()) return {};
    if (bytes.size() > block_left_) {
      // Blocks never move, so views into them stay valid.
      const size_t size = std::max(kBlockBytes, bytes.size());
      blocks_.push_back(std::make_unique<char[]>(size));
      block_next_ = blocks_.back().get();
      block_left_ = size;
    }
    char* copy = block_next_;
    std::memcpy(copy, bytes.data(), bytes.size());
    block_next_ += bytes.size();
    block_left_ -= bytes.size();
    return {copy, bytes.size()};
  }

  std::vector<Change> changes_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* block_next_ = nullptr;
  size_t block_left_ = 0;
};

// A forward or backward walk over a range of keys, as of one moment. Keys and
// values are views, valid until the next move.
class StoreIterator {
 public:
  virtual ~StoreIterator() = default;
  virtual bool Valid() const = 0;
  virtual void SeekToFirst() = 0;
  virtual void SeekToLast() = 0;
  virtual void Seek(std::string_view key) = 0;         // first key >= `key`
  virtual void SeekForPrev(std::string_view key) = 0;  // last key <= `key`
  virtual void Next() = 0;
  virtual void Prev() = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  // Not OK when the walk ended because of an error and not of the range.
  virtual absl::Status status() const = 0;
};

// The keys from `lower` (included) to `upper` (not included; empty: no bound).
struct KeyRange {
  std::string lower;
  std::string upper;
  bool operator==(const KeyRange&) const = default;
};

// The range that has one key.
inline KeyRange OnlyKey(std::string_view key) {
  return {.lower = std::string(key), .upper = std::string(key) + '\0'};
}

class StoreReader {
 public:
  virtual ~StoreReader() = default;
  // False when there is no such key; `value` is then untouched.
  virtual absl::StatusOr<bool> Get(std::string_view key, std::string* value) const = 0;
  // One answer per key, in the order of `keys`, all as of one moment: a write of
  // another thread is in every answer or in none. Cheaper than one Get a key.
  struct Found {
    bool found = false;
    std::string value;
  };
  virtual absl::StatusOr<std::vector<Found>> MultiGet(
      const std::vector<std::string>& keys) const = 0;
  // Positioned on the first key of the range.
  virtual std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const = 0;
};

// The store as of one moment.
class StoreSnapshot : public StoreReader {};

class Store : public StoreReader {
 public:
  // All or nothing, also across a crash. Not waiting for the disk: what a
  // power loss takes is always a suffix of the writes, and projections apply
  // it again from the log. Sync() waits.
  virtual absl::Status Write(StoreBatch batch) = 0;
  virtual absl::Status Sync() = 0;
  // Why the store refuses writes; OK while it accepts them. A store on disk
  // refuses every write after the first that failed, until it is opened again;
  // reads go on. A store without files always accepts writes.
  virtual absl::Status WriteStatus() const { return absl::OkStatus(); }
  // The number of the newest write: names a moment for EraseTraces.
  virtual uint64_t LastWrite() const { return 0; }
  // A store on disk keeps what was deleted or overwritten until its files
  // happen to be rewritten. This rewrites those that may hold values which rows
  // of these ranges had before `last_write`: no file has one when it returns, the
  // write-ahead log included. Slow; reads and writes go on meanwhile.
  // UNAVAILABLE while a snapshot from before `last_write` is held. A store
  // without files does nothing.
  virtual absl::Status EraseTraces(const std::vector<KeyRange>& ranges, uint64_t last_write) {
    (void)ranges, (void)last_write;
    return absl::OkStatus();
  }
  virtual std::unique_ptr<StoreSnapshot> NewSnapshot() const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_STORE_H_
