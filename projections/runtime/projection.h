// A projection: a read model that is a fold of the log.
//
// A projection is a name, a version and Apply. Its rows live in a keyspace of
// the store that belongs to one generation of it; the rows and the checkpoint
// change in one write, so applying the log twice, or half of it again after a
// crash, changes nothing. Apply must be a pure function of the event and the
// rows it reads: no clock, no randomness, no memory of its own. The same object
// may fold the log into two generations at once, on two threads. Memory that
// follows the rows, a cache, is a ProjectionObserver (observer.h).
//
//   static constexpr v1::Payload::KindCase kKinds[] = {v1::Payload::kPostLiked};
//   std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
//   absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override {
//     const std::string key = CountsKey(event.payload().post_liked().post_id());
//     ASSIGN_OR_RETURN(Counts counts, ReadCounts(rows, key));
//     ++counts.likes;
//     rows.Put(key, Encode(counts));
//     return absl::OkStatus();
//   }
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_PROJECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
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

namespace dailyfeed {

// The rows of one generation, with the changes of the current batch on top.
// Keys are relative to the keyspace, and do not begin with byte 0xf0: such keys are
// those of rows beside the batches (upkeep.h). One thread. Rows read or written
// lately are kept in memory, so reading one again to change it is cheap.
class ProjectionRows {
 public:
  virtual ~ProjectionRows() = default;
  // False: no such row; `value` is then untouched.
  virtual absl::StatusOr<bool> Get(std::string_view key, std::string* value) = 0;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  // Put, and before this batch of events is written the projection is asked
  // once to Settle the row, however many events changed it. Not from Settle.
  virtual void PutUnsettled(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
  // Visits rows in [lower, upper) in key order, the batch's changes included,
  // until `visit` returns false. An empty `upper` means all that follow. `visit` may
  // delete and overwrite the rows it is shown; rows that it adds may or may not
  // be visited. Its views are valid during the call only.
  virtual absl::Status Scan(std::string_view lower, std::string_view upper,
                            absl::FunctionRef<bool(std::string_view, std::string_view)> visit) = 0;
  // When this event, which is being applied, changes the rows: a number that never
  // decreases, for a projection with upkeep (upkeep.h). It is not the position: the
  // events of a key that was parked are applied after newer ones.
  virtual Position MomentOf(const v1::Event& event) const { return event.position(); }
};

// The rows of one projection, for queries. Keys are relative to the keyspace,
// iterator keys too. Threads: as StoreReader. UNAVAILABLE before Runtime::Start
// has loaded the projection.
class ProjectionReader {
 public:
  virtual ~ProjectionReader() = default;
  virtual absl::StatusOr<bool> Get(std::string_view key, std::string* value) const = 0;
  virtual absl::StatusOr<std::vector<StoreReader::Found>> MultiGet(
      const std::vector<std::string>& keys) const = 0;
  virtual std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const = 0;
};

class UnitLaw;
class Upkeep;

// Which registered projection: what Runtime::Register gives out.
enum class ProjectionId : size_t {};

class Projection {
 public:
  virtual ~Projection() = default;

  // Lower case, digits and '-'; names the projection in metrics, CLI and store.
  virtual std::string_view name() const = 0;
  // Rows that were made by another version are built anew (Runtime::Start).
  virtual uint32_t version() const = 0;

  // What else the rows depend on, as text (weights, a time zone). Rows that
  // were made with other settings are built anew, as those of another version.
  virtual std::string settings() const { return {}; }

  // A projection that folds on with rows which `version` made with `settings`, so
  // that they stay up to date and serve while new ones are built. The readers
  // must understand those rows. nullptr: there is none, and nothing is served
  // until the new rows are built. A projection with settings can always say how
  // it works with others.
  virtual std::unique_ptr<Projection> As(uint32_t version, std::string_view settings) const {
    (void)version, (void)settings;
    return nullptr;
  }

  // The keys of the rows that hold personal data of a member in the clear. The
  // fold deletes them when the member withdraws (Runtime::EraseTraces).
  virtual std::vector<std::string> TracesOf(MemberId member) const {
    (void)member;
    return {};
  }
  // Takes the personal data out of those rows of a generation that is being built
  // and has not come to the withdrawal yet. The fold must go on with them, as it
  // does with events whose key is destroyed, and end with the same rows.
  virtual absl::Status Forget(MemberId member, ProjectionRows& rows) const {
    (void)member, (void)rows;
    return absl::OkStatus();
  }

  // The kinds of events it folds. The others are passed by without a call of
  // Apply (and are not parked when their key is).
  virtual std::span<const v1::Payload::KindCase> kinds() const = 0;
  // Also true of an event whose kind this program does not know: Apply refuses
  // it, so that it is seen.
  bool Handles(v1::Payload::KindCase kind) const;

  // An error takes back the row changes of this event, and parks ParkingKey(event): this and every
  // later event with that key is kept aside with position and reason, and others go on. UNAVAILABLE
  // (storage failed) is not parked but stops the runtime.
  virtual absl::Status Apply(const v1::Event& event, ProjectionRows& rows) = 0;

  // Once for each row of PutUnsettled that is still there, before the rows of
  // a batch of events are written: for rows that follow from this one and
  // would otherwise be written at each event. The rows must come out the same
  // whatever events share a batch. A pure function, as Apply. An error stops
  // the runtime: there is no event to blame.
  virtual absl::Status Settle(std::string_view key, ProjectionRows& rows) {
    (void)key, (void)rows;
    return absl::OkStatus();
  }

  // What makes rows beside the batches, in the background (upkeep.h). It belongs to
  // the projection, is the same each time, and may serve two generations at once,
  // on two threads. nullptr: there are no such rows.
  virtual Upkeep* upkeep() { return nullptr; }

  // How the rows are made of units that can be folded alone (units.h). It belongs to
  // the projection and is the same each time. nullptr: they are not.
  virtual const UnitLaw* units() const { return nullptr; }

  // Events that must keep their order among themselves have the same key.
  // Default: the stream name, "post-likes/41".
  virtual std::string ParkingKey(const v1::Event& event) const;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_PROJECTION_H_
