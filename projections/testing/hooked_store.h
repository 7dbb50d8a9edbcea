// A store in memory that lets a test do something at the moments that matter
// to caches: when rows are written and not yet announced, and when rows were
// read and not yet used. Reads of its snapshots count as reads.
#ifndef DAILYFEED_PROJECTIONS_TESTING_HOOKED_STORE_H_
#define DAILYFEED_PROJECTIONS_TESTING_HOOKED_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/memory_store.h"

namespace dailyfeed::testing {

class HookedStore final : public Store {
 public:
  // Called on the thread that wrote or read. They may use the store, and are
  // set while nobody else does.
  std::function<void()> after_write;
  std::function<void()> after_read;
  // Changes what Get and MultiGet answer.
  std::function<void(std::string* value)> damage;
  // What every read answers instead, unless OK.
  absl::Status read_status;

  // Rows that iterators have stepped over.
  uint64_t steps() const { return steps_; }
  // Iterators that were made, and how often they looked for a key.
  uint64_t seeks() const { return seeks_; }

  MemoryStore& memory() { return store_; }

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    return GetFrom(store_, key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return MultiGetFrom(store_, keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return NewIteratorFrom(store_, range);
  }
  absl::Status Write(StoreBatch batch) override {
    absl::Status status = store_.Write(std::move(batch));
    if (after_write) after_write();
    return status;
  }
  absl::Status Sync() override { return store_.Sync(); }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override {
    return std::make_unique<Snapshot>(this, store_.NewSnapshot());
  }

 private:
  class Snapshot final : public StoreSnapshot {
   public:
    Snapshot(const HookedStore* store, std::unique_ptr<StoreSnapshot> rows)
        : store_(store), rows_(std::move(rows)) {}
    absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
      return store_->GetFrom(*rows_, key, value);
    }
    absl::StatusOr<std::vector<Found>> MultiGet(
        const std::vector<std::string>& keys) const override {
      return store_->MultiGetFrom(*rows_, keys);
    }
    std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
      return store_->NewIteratorFrom(*rows_, range);
    }

   private:
    const HookedStore* const store_;
    const std::unique_ptr<StoreSnapshot> rows_;
  };

  class Counting final : public StoreIterator {
   public:
    Counting(std::unique_ptr<StoreIterator> rows, const HookedStore* store)
        : rows_(std::move(rows)), store_(store) {
      ++store_->seeks_;
    }
    bool Valid() const override { return rows_->Valid(); }
    void SeekToFirst() override { ++store_->seeks_, rows_->SeekToFirst(); }
    void SeekToLast() override { ++store_->seeks_, rows_->SeekToLast(); }
    void Seek(std::string_view key) override { ++store_->seeks_, rows_->Seek(key); }
    void SeekForPrev(std::string_view key) override { ++store_->seeks_, rows_->SeekForPrev(key); }
    void Next() override { ++store_->steps_, rows_->Next(); }
    void Prev() override { ++store_->steps_, rows_->Prev(); }
    std::string_view key() const override { return rows_->key(); }
    std::string_view value() const override { return rows_->value(); }
    absl::Status status() const override { return rows_->status(); }

   private:
    const std::unique_ptr<StoreIterator> rows_;
    const HookedStore* const store_;
  };

  absl::StatusOr<bool> GetFrom(const StoreReader& rows, std::string_view key,
                               std::string* value) const {
    if (!read_status.ok()) return read_status;
    auto found = rows.Get(key, value);
    if (damage && found.ok() && *found) damage(value);
    if (after_read) after_read();
    return found;
  }
  absl::StatusOr<std::vector<Found>> MultiGetFrom(const StoreReader& rows,
                                                  const std::vector<std::string>& keys) const {
    if (!read_status.ok()) return read_status;
    auto found = rows.MultiGet(keys);
    for (Found& row : *found) {
      if (damage && row.found) damage(&row.value);
    }
    if (after_read) after_read();
    return found;
  }
  std::unique_ptr<StoreIterator> NewIteratorFrom(const StoreReader& rows,
                                                 const KeyRange& range) const {
    auto iterator = std::make_unique<Counting>(rows.NewIterator(range), this);
    if (after_read) after_read();
    return iterator;
  }

  MemoryStore store_;
  mutable std::atomic<uint64_t> steps_{0};
  mutable std::atomic<uint64_t> seeks_{0};
};

}  // namespace dailyfeed::testing

#endif  // DAILYFEED_PROJECTIONS_TESTING_HOOKED_STORE_H_
