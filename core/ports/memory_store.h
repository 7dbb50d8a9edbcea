// A Store in memory: for the simulator and model tests, never for data that
// matters. Sync does nothing; nothing survives the object.
#ifndef DAILYFEED_CORE_PORTS_MEMORY_STORE_H_
#define DAILYFEED_CORE_PORTS_MEMORY_STORE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/store.h"

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
  // Rows and how many snapshots and iterators look at them. A count of our own:
  // shared_ptr's does not order the reads of the last reader before a write.
  struct Version {
    Rows rows;
    std::atomic<int> readers{0};
  };
  class Pin;
  class Snapshot;
  class Iterator;

  std::shared_ptr<const Pin> Current() const;

  mutable std::mutex mutex_;
  // Replaced by a copy when it must change while somebody looks at it.
  std::shared_ptr<Version> version_ = std::make_shared<Version>();
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_MEMORY_STORE_H_
