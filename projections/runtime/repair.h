// What is to be written anew in the live generation of a read model, because its
// rows are not what the log says (projections/verify).
//
//   Repair repair{.projection = "posts"};
//   repair.units["post/41"].insert(key);
//   ASSIGN_OR_RETURN(const uint64_t rows, runtime->Mend(repair));
//
// The runtime folds the units again, from the log up to now, and writes what
// differs; so it does not matter what happened to them since the difference was
// found.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_REPAIR_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_REPAIR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace dailyfeed {

struct Repair {
  std::string projection;
  // The units (units.h) and those of their keys whose rows differ: these are written
  // in any case.
  std::map<std::string, std::set<std::string>> units;
  // Rows that are sums: what is to be added to each of their numbers.
  std::map<std::string, std::vector<int64_t>> sums;
  // Rows that no unit has, with their content. One that says something else by now
  // stays.
  std::map<std::string, std::string> surplus;

  bool empty() const { return units.empty() && sums.empty() && surplus.empty(); }
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_REPAIR_H_
