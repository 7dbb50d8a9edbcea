// Rows that are dead at once and are removed later, a few at each event.
//
// An event that ends many rows (a post with 100,000 comments is deleted) names
// them by the prefix of their keys and returns. From then on readers leave the
// rows out. Every later event of the projection removes a few of them, so no
// event costs more because another one was large. What is there after an event
// is a function of the events up to it, as a projection must be.
//
//   absl::Status RemoveList(std::string_view prefix, ProjectionRows& rows) {
//     DeadRows dead(&rows);
//     RETURN_IF_ERROR(dead.Add(prefix));
//     return dead.Sweep([&](std::string_view key) {
//       rows.Delete(key);
//       return absl::OkStatus();
//     });
//   }
//
// The rows of this: 'd' -> the prefix to sweep next; 'd' prefix -> the first key
// that was not visited, and the prefix to sweep afterwards.
#ifndef DAILYFEED_PROJECTIONS_POSTS_DEAD_ROWS_H_
#define DAILYFEED_PROJECTIONS_POSTS_DEAD_ROWS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class DeadRows {
 public:
  // Rows that one event removes: more than one event adds, so that the dead rows
  // become fewer whatever happens.
  static constexpr size_t kRemovedPerEvent = 4;

  // The row is there while any row is dead.
  static constexpr std::string_view kAnyKey = "d";
  // The row is there while rows with this prefix are dead.
  static std::string RangeKey(std::string_view prefix);

  // `rows` must outlive this.
  explicit DeadRows(ProjectionRows* rows) : rows_(rows) {}

  // The rows whose keys begin with `prefix` are dead. No row with the prefix is
  // written any more. Once for each prefix.
  absl::Status Add(std::string_view prefix);

  // At the end of each event: calls remove(key) for the next dead rows, at most
  // kRemovedPerEvent. `remove` deletes the row with the key and the rows that
  // follow from it, and may Add.
  absl::Status Sweep(absl::FunctionRef<absl::Status(std::string_view key)> remove);

  // Sweeps until no row is dead: for whoever folds a few events alone.
  absl::Status SweepAll(absl::FunctionRef<absl::Status(std::string_view key)> remove);

  // `range_key` is a RangeKey: its rows are not swept any more, because somebody
  // writes all of them anew. Without effect when it is not, or kAnyKey. Reads the
  // ranges that are swept before it.
  absl::Status Release(std::string_view range_key);

 private:
  ProjectionRows* const rows_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_POSTS_DEAD_ROWS_H_
