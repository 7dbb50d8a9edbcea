// A Store in memory: for the simulator and model tests, never for data that
// matters. Sync does nothing; nothing survives the object.
#ifndef DAILYFEED_CORE_PORTS_MEMORY_STORE_H_
#define DAILYFEED_CORE_PORTS_MEMORY_STORE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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
  // A value from one write on, until that of the next version of the row.
  struct Version {
    uint64_t write = 0;
    std::optional<std::string> value;  // nullopt: deleted
  };
  using Rows = std::map<std::string, std::vector<Version>, std::less<>>;
  class Moment;
  class Snapshot;
  class Iterator;

  // All of these with the mutex held. The value of a row after `write`; nullptr: none.
  static const std::string* ValueAt(const std::vector<Version>& versions, uint64_t write);
  bool GetAt(uint64_t write, std::string_view key, std::string* value) const;
  std::vector<Found> MultiGetAt(uint64_t write, const std::vector<std::string>& keys) const;
  void Change(std::string_view key, std::optional<std::string> value);
  // Drops the versions that nobody can see any more.
  void Forget();

  mutable std::mutex mutex_;
  uint64_t writes_ = 0;
  Rows rows_;
  mutable std::multiset<uint64_t> moments_;              // that snapshots and iterators look at
  std::deque<std::pair<uint64_t, std::string>> former_;  // rows with former versions, by write
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_MEMORY_STORE_H_
