// A Store in memory: for the simulator and model tests, never for data that
// matters. Sync does nothing; nothing survives the object.
#ifndef DAILYFEED_CORE_ENGINE_MEMORY_STORE_H_
#define DAILYFEED_CORE_ENGINE_MEMORY_STORE_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/store.h"

namespace dailyfeed {

class MemoryStore final : public Store {
 public:
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override;
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override;
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override;
  absl::Status Write(StoreBatch batch) override;
  absl::Status Sync() override { return absl::OkStatus(); }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override;

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;
  class Snapshot;
  class Iterator;

  std::shared_ptr<const Rows> Current() const;

  mutable std::mutex mutex_;
  // Shared with snapshots and iterators, so a write copies it when one is alive.
  std::shared_ptr<Rows> rows_ = std::make_shared<Rows>();
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_ENGINE_MEMORY_STORE_H_
