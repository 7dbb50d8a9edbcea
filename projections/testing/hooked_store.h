// A store in memory that lets a test do something at the moments that matter
// to caches: when rows are written but not yet published, and when rows were
// read but not yet used.
#ifndef DAILYFEED_PROJECTIONS_TESTING_HOOKED_STORE_H_
#define DAILYFEED_PROJECTIONS_TESTING_HOOKED_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/memory_store.h"

namespace dailyfeed::testing {

class HookedStore final : public Store {
 public:
  // Called on the thread that wrote or read. They may use the store, and are
  // set while nobody else does.
  std::function<void()> after_write;
  std::function<void()> after_read;

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    auto found = store_.Get(key, value);
    if (after_read) after_read();
    return found;
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    auto found = store_.MultiGet(keys);
    if (after_read) after_read();
    return found;
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    auto rows = store_.NewIterator(range);
    if (after_read) after_read();
    return rows;
  }
  absl::Status Write(StoreBatch batch) override {
    absl::Status status = store_.Write(std::move(batch));
    if (after_write) after_write();
    return status;
  }
  absl::Status Sync() override { return store_.Sync(); }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override { return store_.NewSnapshot(); }

 private:
  MemoryStore store_;
};

}  // namespace dailyfeed::testing

#endif  // DAILYFEED_PROJECTIONS_TESTING_HOOKED_STORE_H_
