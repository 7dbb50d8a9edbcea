// Rows of a projection in a std::map, for tests of Apply alone.
#ifndef DAILYFEED_PROJECTIONS_TESTING_MAP_ROWS_H_
#define DAILYFEED_PROJECTIONS_TESTING_MAP_ROWS_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "projections/runtime/projection.h"

namespace dailyfeed::testing {

class MapRows final : public ProjectionRows {
 public:
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) override;
  void Put(std::string_view key, std::string_view value) override;
  void PutUnsettled(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  absl::Status Scan(std::string_view lower, std::string_view upper,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) override;

  // The end of a batch.
  absl::Status Settle(Projection& projection);

  // From now on every Get and Scan fails.
  void FailReads(absl::Status status) { read_status_ = std::move(status); }

  std::map<std::string, std::string, std::less<>>& rows() { return rows_; }
  // How many keys have this tag.
  size_t CountTag(char tag) const;

 private:
  std::map<std::string, std::string, std::less<>> rows_;
  std::set<std::string> unsettled_;
  absl::Status read_status_;
};

// The kinds of events outside Projection::kinds() for which Apply fails or changes
// rows: an event that it folds and does not list would be passed by.
std::vector<std::string> UnlistedKinds(Projection& projection);

}  // namespace dailyfeed::testing

#endif  // DAILYFEED_PROJECTIONS_TESTING_MAP_ROWS_H_
