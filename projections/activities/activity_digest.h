// One short text for all activities: equal for two read models exactly when they have
// the same rows, but for accidents of one in 2^64.
//
//   ActivityDigest digest;
//   for (each row of activities::kAll) digest.Add(key, value);
//   digest.Line();   // "3 activities, digest 0123456789abcdef0123456789abcdef"
//
// In whatever order the rows come. It guards against mistakes, not against people who
// look for two sets of rows with one digest. Threads: one at a time.
#ifndef DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_DIGEST_H_
#define DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_DIGEST_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace dailyfeed {

class ActivityDigest {
 public:
  void Add(std::string_view key, std::string_view value);
  uint64_t rows() const { return rows_; }
  std::string Line() const;

 private:
  uint64_t rows_ = 0;
  uint64_t low_ = 0;
  uint64_t high_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_DIGEST_H_
