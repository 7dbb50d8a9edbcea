// All read models at one moment.
//
//   const std::shared_ptr<const ReadView> view = runtime->Pin();
//   ASSIGN_OR_RETURN(const bool found, view->rows(posts_id).Get(key, &value));
//   auto likes = view->rows(likes_id).NewIterator(range);   // of the same moment
//
// However many reads a query makes, each sees every row as it was at position(),
// in the generations that were live then. The runtime makes one view for each
// batch of events it writes; readers share it, so pinning one costs a reference.
//
// memory(id) is what the observer of a projection keeps in memory, as of the same
// moment as the rows (ProjectionObserver::Memory).
//
// For a cache in front of the rows: observers have heard of every event up to
// position(), and perhaps of newer ones. A value read from a view may enter the
// cache only when no newer event has changed its key, and no reset came with a
// higher epoch than epoch(id); a cached value may be used with the view when it
// has no newer event in it and its epoch is that of the view.
//
// Bounded: a view ends at the latest RuntimeOptions::read_view_max after the
// next one was made, so that erasure never waits for a forgotten one for long.
// What is read from a view that has ended is UNAVAILABLE. An iterator is not
// ended: it keeps the files it reads until it is gone, and lives for one query.
//
// Threads: everything from any thread. A view may outlive the runtime, and has
// ended then; its iterators may not.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_READ_VIEW_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_READ_VIEW_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/domain/types.h"
#include "core/ports/store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/projection.h"
#include "projections/runtime/reader.h"

namespace dailyfeed {

class ReadView {
 public:
  // What was live of one projection.
  struct Live {
    Keyspace keyspace = 0;
    uint64_t epoch = 0;
    std::shared_ptr<const void> memory;
  };
  // `snapshot` is of `position` in every live generation. For the runtime.
  ReadView(std::unique_ptr<StoreSnapshot> snapshot, Position position, std::vector<Live> live);
  ~ReadView();

  // Every event up to here is in the rows, and none behind it.
  Position position() const { return position_; }
  // Grows whenever the rows of any projection change otherwise than by newer
  // events: by a flip to another generation, by unparking.
  uint64_t epoch() const { return epoch_; }
  // The epoch at which that happened last to one projection.
  uint64_t epoch(ProjectionId projection) const;
  // The rows of one projection. Valid as long as the view.
  const ProjectionReader& rows(ProjectionId projection) const;

  // That of the first observer of the projection that offers one; nullptr: there is
  // none. As long as somebody has it, also when the view has ended.
  const std::shared_ptr<const void>& memory(ProjectionId projection) const;

  // Ends the view: waits for the reads under way and gives its snapshot back.
  // For the runtime.
  void End() const;

 private:
  class Moment;

  const Position position_;
  uint64_t epoch_ = 0;
  std::vector<Live> live_;
  std::unique_ptr<Moment> moment_;
  std::vector<KeyspaceReader> rows_;  // in one block: a view is made for each batch
};

// The newest view, and those before it that somebody still has.
class ReadViews {
 public:
  explicit ReadViews(std::chrono::milliseconds former_max) : former_max_(former_max) {}
  ~ReadViews();

  // Never null: before the first Publish and after Close a view that has ended.
  std::shared_ptr<const ReadView> Newest() const;
  // Replaces the newest view, and ends those that were replaced longer than
  // `former_max` ago.
  void Publish(std::shared_ptr<const ReadView> view);
  // Returns when no view but the newest is held. Waits for those that are for
  // `former_max` after each was replaced, then ends it.
  void EndFormer();
  // Ends all views.
  void Close();

 private:
  struct Former {
    std::weak_ptr<const ReadView> view;
    std::chrono::steady_clock::time_point replaced;
  };

  const std::chrono::milliseconds former_max_;
  mutable std::mutex mutex_;
  std::shared_ptr<const ReadView> newest_;
  std::vector<Former> former_;  // in the order they were replaced
  size_t former_checked_ = 0;   // how many were left when the list was last cleaned
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_READ_VIEW_H_
