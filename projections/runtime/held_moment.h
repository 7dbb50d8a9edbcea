// All generations of all read models as of one moment, for a reader that needs
// longer than a query: a digest, a verification.
//
//   ASSIGN_OR_RETURN(const std::unique_ptr<HeldMoment> moment, runtime->Hold());
//   for (const HeldMoment::Rows& rows : moment->rows()) {
//     if (rows.role == HeldMoment::Role::kLive) RETURN_IF_ERROR(Read(*rows.reader));
//   }
//
// A read view (read_view.h) ends when it gets old. This one does not, unless
// somebody needs what it keeps: erasure waits for it for RuntimeOptions::
// read_view_max and then cancels it, and so does Stop at once. Every read is
// CANCELLED then, and the reader must let the moment go and may begin again with
// another one. A loop that reads no rows must ask cancelled().
//
// Threads: any. Must be gone before the runtime is; Stop waits for that.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_HELD_MOMENT_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_HELD_MOMENT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/domain/types.h"
#include "core/ports/store.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class HeldMoment {
 public:
  enum class Role { kLive, kPrevious, kReady, kBuilding };
  struct Rows {
    std::string projection;
    Role role = Role::kLive;
    uint64_t generation = 0;
    uint32_t keyspace = 0;  // where the store has them (docs/reference/views-format.md)
    uint32_t version = 0;
    std::string settings;
    // What folds on with these rows, as it does in the runtime's threads; nullptr:
    // no code knows them. Valid as long as the moment.
    Projection* folds = nullptr;
    // Every event up to here is in the rows, but those of parked keys.
    Position position = 0;
    // Parked keys: this event of the key and all later ones are kept aside.
    std::map<std::string, Position, std::less<>> parked;
    std::unique_ptr<ProjectionReader> reader;
  };

  // For the runtime: `released` is called when nothing of the moment is held any
  // more.
  HeldMoment(std::unique_ptr<StoreSnapshot> snapshot, std::shared_ptr<std::atomic<bool>> cancelled,
             std::function<void()> released);
  ~HeldMoment();
  HeldMoment(const HeldMoment&) = delete;
  HeldMoment& operator=(const HeldMoment&) = delete;

  // By projection in the order of their registration.
  const std::vector<Rows>& rows() const { return rows_; }
  // Those of the live generation; nullptr: there is no such projection.
  const Rows* Live(std::string_view projection) const { return Find(projection, Role::kLive); }
  const Rows* Find(std::string_view projection, Role role) const;
  // Of every live generation.
  Position position() const { return position_; }
  bool cancelled() const { return cancelled_->load(std::memory_order_relaxed); }

 private:
  friend class Runtime;

  std::unique_ptr<StoreSnapshot> snapshot_;
  const std::shared_ptr<std::atomic<bool>> cancelled_;
  const std::function<void()> released_;
  std::vector<std::shared_ptr<const void>> kept_;  // the generations, which own `folds`
  std::vector<Rows> rows_;
  Position position_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_HELD_MOMENT_H_
