// Decision rows in a map, for tests.
#ifndef DAILYFEED_CORE_DOMAIN_MAP_ROWS_H_
#define DAILYFEED_CORE_DOMAIN_MAP_ROWS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/domain/decision_rows.h"

namespace dailyfeed {

// Counts what is asked of it; may be told to fail. One thread.
class MapRows : public DecisionRows {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) override {
    ++reads_;
    if (!failure_.ok()) return failure_;
    const auto found = rows_.find(key);
    if (found == rows_.end()) return false;
    *value = found->second;
    return true;
  }
  void Put(std::string_view key, std::string_view value) override {
    ++writes_;
    rows_.insert_or_assign(std::string(key), std::string(value));
  }
  void Delete(std::string_view key) override {
    ++writes_;
    rows_.erase(std::string(key));
  }

  const Map& rows() const { return rows_; }
  size_t reads() const { return reads_; }
  size_t writes() const { return writes_; }
  void ResetCounts() { reads_ = writes_ = 0; }
  // Every later read gives this; OK ends it.
  void FailWith(absl::Status failure) { failure_ = failure; }

 private:
  Map rows_;
  size_t reads_ = 0;
  size_t writes_ = 0;
  absl::Status failure_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_MAP_ROWS_H_
