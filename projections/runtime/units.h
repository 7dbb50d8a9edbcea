// Fold units: the parts of a read model that can be folded alone.
//
// The law: every event that a projection handles has one unit ("post/41"), and
// every row is either owned by one unit, so that it is a function of the events of
// that unit, or a sum over units. A row whose sum is zero is not there. Then a fold
// of the log is the union of the rows that its units own, plus the sums. What
// changes in the past of one unit changes only what the unit owns and its part of
// the sums:
//
//   const UnitLaw& law = *projection.units();
//   UnitFolder before(&projection, "post/41"), after(&projection, "post/41");
//   for (const v1::Event& event : recorded) RETURN_IF_ERROR(before.Add(event));
//   for (const v1::Event& event : corrected) RETURN_IF_ERROR(after.Add(event));
//   ASSIGN_OR_RETURN(const UnitFold was, std::move(before).Finish());
//   ASSIGN_OR_RETURN(const UnitFold is, std::move(after).Finish());
//   ASSIGN_OR_RETURN(const UnitDifference difference, RefoldUnit(law, was, is, read));
//   for (const UnitFault& fault : difference.faults) Report(fault);
//   RETURN_IF_ERROR(WriteDifferences(law, {&difference, 1}, cause, rows));
//
// projections/queries/unit_law_test.cc tests the law for every read model of the
// program.
//
// Memory: all rows of the unit, for each fold. Threads: a fold is used by one thread;
// a law has no state.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_UNITS_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_UNITS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "core/ports/store.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

// Reads a row as ProjectionRows::Get does. Keys are relative to the keyspace.
using ReadRow = absl::FunctionRef<absl::StatusOr<bool>(std::string_view key, std::string* value)>;

// One row as it was and as it is to be. Values are as the projection wrote them.
struct RowDifference {
  std::string key;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

// What a projection says of its units (Projection::units). Everything is a pure
// function of the arguments. Errors: DATA_LOSS for rows that cannot be read, others
// as those of ReadRow.
class UnitLaw {
 public:
  virtual ~UnitLaw() = default;

  // The unit of an event that the projection handles; never empty.
  virtual std::string UnitOf(const v1::Event& event) const = 0;

  // From how many numbers, as varints, a row that is a sum over units is made; 0
  // for a row that one unit owns.
  virtual size_t SumParts(std::string_view key) const {
    (void)key;
    return 0;
  }

  // What a row says of the world, whenever and in whatever order it was written.
  // nullopt: nothing, it is a note of work that waits. Two folds of the same world
  // are equal in content.
  virtual std::optional<std::string> ContentOf(std::string_view key, std::string_view value) const {
    (void)key;
    return std::string(value);
  }

  // The unit that owns a row, which may be another one than before: a handle is
  // taken in turn. Empty: the row is a sum, or the rows do not say it.
  virtual absl::StatusOr<std::string> OwnerOf(std::string_view key, std::string_view value,
                                              ReadRow read) const = 0;

  // Whether a row is there only because its deletion waits (projections/posts/
  // dead_rows.h): no reader sees it, and it is no content.
  virtual absl::StatusOr<bool> IsDead(std::string_view key, std::string_view value,
                                      ReadRow read) const {
    (void)key, (void)value, (void)read;
    return false;
  }

  // Does all deletions that wait.
  virtual absl::Status Complete(ProjectionRows& rows) const {
    (void)rows;
    return absl::OkStatus();
  }

  // `key` is of a note of work that waits, which a fold of a unit has written. The
  // rows it names are about to be written anew: nobody may do the work any more.
  virtual absl::Status Release(std::string_view key, ProjectionRows& rows) const {
    (void)key, (void)rows;
    return absl::OkStatus();
  }

  // A row of a running generation.
  struct LiveRow {
    bool known = true;                   // false: it has content that Get does not show
    std::optional<std::string> content;  // nullopt: no content of this unit
  };
  // The content that `unit` has under this key.
  virtual absl::StatusOr<LiveRow> ReadLive(std::string_view unit, std::string_view key,
                                           ReadRow read) const;

  // Gives an owned row the value `difference.after`, because of `cause`, the event
  // that is being applied.
  virtual absl::Status Write(const RowDifference& difference, const v1::Event& cause,
                             ProjectionRows& rows) const;

  // Visits the content of all rows in `range` in key order, until `visit` returns
  // false. Rows beside the batches count with what they mean.
  virtual absl::Status VisitContent(
      const ProjectionReader& rows, const KeyRange& range,
      absl::FunctionRef<bool(std::string_view key, std::string_view content)> visit) const;
};

// What a fold of one unit's events comes to.
struct UnitFold {
  // An event that Apply refused. The generation has parked its key: later events of
  // the key are kept aside, in the fold as well.
  struct Refusal {
    Position position = 0;
    absl::Status reason;
  };

  std::string unit;
  // Every key that the fold has ever written; nullopt: it was deleted again. No
  // deletion waits.
  std::map<std::string, std::optional<std::string>, std::less<>> rows;
  std::map<std::string, Refusal> refused;  // by parking key
};

// Folds the events of one unit into memory of its own.
class UnitFolder {
 public:
  // Of parked keys, the position from which on their events are kept aside.
  using Aside = std::map<std::string, Position, std::less<>>;

  // `projection` is not owned, and has units. Neither is `aside`, which the fold of a
  // generation with parked keys needs to come to the same rows.
  UnitFolder(Projection* projection, std::string unit, const Aside* aside = nullptr);
  ~UnitFolder();

  // In order of positions. Events of other units, and kinds that the projection
  // does not handle, are passed by. UNAVAILABLE as of Projection::Apply.
  absl::Status Add(const v1::Event& event);
  // Once, at the end.
  absl::StatusOr<UnitFold> Finish() &&;

 private:
  class ScratchRows;

  bool IsAside(const v1::Event& event) const;

  Projection* const projection_;
  const Aside* const aside_;
  UnitFold fold_;
  std::unique_ptr<ScratchRows> rows_;
};

// The fold of these events, of whatever units, in order of positions.
absl::StatusOr<UnitFold> FoldUnit(Projection& projection, std::string unit,
                                  std::span<const v1::Event> events);

// A row of which the running generation says something else than the fold of the
// events that it has.
struct UnitFault {
  std::string key;
  std::optional<std::string> live;     // content
  std::optional<std::string> rebuilt;  // content
};

struct UnitDifference {
  std::string unit;
  // Rows that the unit owns and that are to be written. Also those of `faults`:
  // writing the difference mends them.
  std::vector<RowDifference> rows;
  // Rows that are sums: `before` and `after` are the unit's part.
  std::vector<RowDifference> sums;
  std::vector<std::string> notes;  // to be released
  std::vector<UnitFault> faults;
};

// What brings the rows of one unit from `before` to `after`, two folds of the same
// unit: of the events that the running generation has, and of those that it is to
// have. `read` gives the rows of that generation. With two equal folds: what mends
// the unit. A sum that is less than the unit's part of it is a fault, too, but
// cannot be mended from one unit.
absl::StatusOr<UnitDifference> RefoldUnit(const UnitLaw& law, const UnitFold& before,
                                          const UnitFold& after, ReadRow read);

// Writes the differences of several units, each computed by RefoldUnit from the rows
// as they are now: all deletions, then all other rows, then the sums. `cause` is the
// event that is being applied.
absl::Status WriteDifferences(const UnitLaw& law, std::span<const UnitDifference> differences,
                              const v1::Event& cause, ProjectionRows& rows);

// The numbers of a row that is a sum. DATA_LOSS unless there are `parts`.
absl::StatusOr<std::vector<uint64_t>> DecodeSum(std::string_view row, size_t parts);
std::string EncodeSum(std::span<const uint64_t> numbers);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_UNITS_H_
