// What the rows of one generation come to, so that two machines, or a backup and
// its origin, can compare their read models with a few lines of text.
//
//   ASSIGN_OR_RETURN(const auto moment, runtime->Hold());
//   ASSIGN_OR_RETURN(const RowDigest digest, DigestOf(*moment->Live("posts")));
//   fmt::print("posts at {}: {}\n", moment->position(), digest.sum.Hex());
//
// It is of what the rows say (UnitLaw::ContentOf): not of keyspaces, generations,
// work that waits, or in which form an index has a text. Rows of a projection
// without units count as they are. The digests of ranges say where two differ: a
// range is the rows of one tag, the first byte of their key, whose hash begins with
// one byte.
//
// Threads: one call reads one moment. CANCELLED: see held_moment.h. DATA_LOSS: rows
// cannot be read.
#ifndef DAILYFEED_PROJECTIONS_VERIFY_DIGEST_H_
#define DAILYFEED_PROJECTIONS_VERIFY_DIGEST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/runtime/held_moment.h"
#include "projections/verify/row_sum.h"

namespace dailyfeed {

inline constexpr size_t kRangesOfTag = 256;

struct RowDigest {
  RowSum sum;
  std::map<uint8_t, std::array<RowSum, kRangesOfTag>> ranges;  // by tag
  uint64_t bytes = 0;                                          // of keys and contents

  void Add(std::string_view key, std::string_view content);
};
// Of a row.
struct RangeOfRow {
  uint8_t tag = 0;
  uint8_t range = 0;
  auto operator<=>(const RangeOfRow&) const = default;
};
RangeOfRow RangeOf(std::string_view key);

// Visits what the rows say, in key order, until `visit` returns false.
absl::Status VisitContent(const HeldMoment::Rows& rows,
                          absl::FunctionRef<bool(std::string_view key, std::string_view)> visit);

absl::StatusOr<RowDigest> DigestOf(const HeldMoment::Rows& rows);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_VERIFY_DIGEST_H_
