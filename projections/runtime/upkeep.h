// Rows of a generation that are made beside its batches, in the background: the
// segments of an index, which are too expensive to make in Apply.
//
// Such a projection has two kinds of rows. Apply writes rows that are a fold of
// the log, as in every projection; they are complete without the others. Pieces
// of work bring some of them into another form: they read the rows of one moment,
// write rows beside the batches, and end with a commit, one write on the thread
// that feeds the generation. The commit makes the new rows valid (a manifest) and
// deletes the rows that they replace.
//
//   absl::StatusOr<Upkeep::Need> Needs(ProjectionRows& rows) override {
//     ASSIGN_OR_RETURN(const uint64_t loose, LooseRows(rows));
//     return loose < 1000 ? Need::kNone : loose < 4000 ? Need::kDue : Need::kOverdue;
//   }
//   // The loose rows become one row beside the batches, which the manifest names.
//   absl::StatusOr<Upkeep::Commit> Work(UpkeepRows& work) override {
//     ASSIGN_OR_RETURN(const Segment segment, SegmentOf(work.rows()));
//     RETURN_IF_ERROR(work.DeleteRange(segment.key, kBehindBeside));  // leftovers
//     RETURN_IF_ERROR(work.Put(segment.key, segment.bytes));
//     return [segment](ProjectionRows& rows) { return PutInManifest(segment, rows); };
//   }
//
// What the runtime promises:
//  - One piece of work at a time for a generation, and none while the generation
//    stands still (a previous one). Nothing is written into a generation that was
//    dropped.
//  - The rows beside are in the store before the commit is. After a crash, a
//    failure or a cancelled piece they may be there without the commit. Nobody
//    deletes them: the next Work deletes what its manifest does not name.
//  - Events that were applied while the piece worked are on top: the rows that
//    the commit sees are newer than the rows that Work saw. A row that changed
//    meanwhile must not be deleted by the commit. Which of two is newer is told by
//    their moments and not by positions of events (ProjectionRows::MomentOf).
//  - The observers of the live generation are called with the rows of the commit
//    (OnRows), and a view is published (read_view.h). The rows beside are not in
//    OnRows; their view has them.
//
// The rows beside depend on when pieces of work ran. So two generations of one
// log are equal in what their rows mean, and not byte by byte.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_UPKEEP_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_UPKEEP_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

// Keys of rows beside the batches begin with this byte, and no other key of a
// projection with upkeep does. ProjectionRows refuses such keys, and a Scan without an
// upper bound ends before them.
inline constexpr char kBesidePrefix = '\xf0';
constexpr bool IsBeside(std::string_view key) {
  return !key.empty() && key.front() == kBesidePrefix;
}
// The first key behind the rows beside the batches.
inline constexpr std::string_view kBehindBeside = "\xf1";
// Rows beside are written in store batches of at most so many bytes, so that a
// commit of events never waits behind a long write. A larger row is a batch of
// its own.
inline constexpr size_t kBesideBatchBytes = size_t{64} << 10;

// The generation, for one piece of work: valid until Work has returned, and so are
// its readers and iterators. Threads: that of the work.
class UpkeepRows {
 public:
  virtual ~UpkeepRows() = default;

  // All rows of the generation as of one moment, those beside the batches
  // included; what this piece puts is not in them. When the piece is cancelled,
  // reads are CANCELLED and iterators end with that status.
  virtual const ProjectionReader& rows() const = 0;
  // Every event up to here is in rows(), but those of parked keys, and none behind.
  virtual Position position() const = 0;
  // A change of the rows is in rows() when its moment (ProjectionRows::MomentOf) is
  // not higher, and is not when it is higher. So what a piece makes of rows() is
  // true up to here, and void where the rows have changed at a higher moment.
  virtual Position moment() const = 0;

  // Rows beside the batches, in the order of the calls. INVALID_ARGUMENT: a key
  // that does not begin with kBesidePrefix. CANCELLED: see cancelled().
  // UNAVAILABLE: the store failed.
  virtual absl::Status Put(std::string_view key, std::string_view value) = 0;
  // Deletes the rows in [lower, upper). Both are keys beside the batches; `upper`
  // may be kBehindBeside.
  virtual absl::Status DeleteRange(std::string_view lower, std::string_view upper) = 0;

  // The piece is to end, and will not be committed: the generation was dropped or
  // stands still, erasure waits for the moment that rows() keeps, or the runtime
  // stops. A loop that neither reads rows nor puts any must ask this.
  virtual bool cancelled() const = 0;
};

// What a projection with such rows offers (Projection::upkeep).
class Upkeep {
 public:
  enum class Need {
    kNone,
    kDue,      // a piece of work is to be done
    kOverdue,  // no more events are applied until one was committed
  };
  // The last step of a piece of work. It runs once, between two batches, on the
  // thread that feeds the generation; its changes are one write, or none if it
  // fails. It must be quick.
  using Commit = absl::AnyInvocable<absl::Status(ProjectionRows& rows)>;

  virtual ~Upkeep() = default;

  // Whether there is work to do. Called after each batch on the thread that feeds
  // the generation, so it must be cheap; it changes no row. UNAVAILABLE stops the
  // runtime. Another error is counted as a piece of work that failed.
  virtual absl::StatusOr<Need> Needs(ProjectionRows& rows) = 0;

  // One piece of work, on the upkeep thread; while catching up and building, on the
  // thread that folds. A null Commit: there was nothing to do. UNAVAILABLE, when
  // the piece was not cancelled, stops the runtime as a failed batch does. After
  // another error the piece is done again later, and later still each time; the
  // feed goes on meanwhile, also when the need is kOverdue.
  virtual absl::StatusOr<Commit> Work(UpkeepRows& rows) = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_UPKEEP_H_
