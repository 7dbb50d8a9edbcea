// Ordered keys and values for read models: what projections need of whoever
// stores them.
//
// Implementations: adapters/rocksdb (on disk), core/engine/memory_store.h (for
// the simulator and model tests).
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
#ifndef DAILYFEED_CORE_ENGINE_STORE_H_
#define DAILYFEED_CORE_ENGINE_STORE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dailyfeed {

// Changes that are written together or not at all, in this order.
class StoreBatch {
 public:
  enum class Kind { kPut, kDelete, kDeleteRange };
  struct Change {
    Kind kind;
    std::string key;    // kDeleteRange: the first key of the range
    std::string value;  // kDeleteRange: the first key behind the range
  };
  void Put(std::string_view key, std::string_view value) {
    changes_.push_back({Kind::kPut, std::string(key), std::string(value)});
  }
  void Delete(std::string_view key) { changes_.push_back({Kind::kDelete, std::string(key), {}}); }
  void DeleteRange(std::string_view begin, std::string_view end) {
    changes_.push_back({Kind::kDeleteRange, std::string(begin), std::string(end)});
  }
  const std::vector<Change>& changes() const { return changes_; }
  bool empty() const { return changes_.empty(); }

 private:
  std::vector<Change> changes_;
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
};

class StoreReader {
 public:
  virtual ~StoreReader() = default;
  // False when there is no such key; `value` is then untouched.
  virtual absl::StatusOr<bool> Get(std::string_view key, std::string* value) const = 0;
  // One answer per key, in order: nullopt-like by `found`. Cheaper than as many
  // Gets.
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
  virtual std::unique_ptr<StoreSnapshot> NewSnapshot() const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_STORE_H_
