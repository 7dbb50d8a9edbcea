// One generation of a projection: its rows, its checkpoint, its parked keys,
// and how an event is folded into them.
//
//   StoreBatch batch;
//   for (const v1::Event& event : events) RETURN_IF_ERROR(generation.Apply(event, &batch));
//   RETURN_IF_ERROR(generation.AppendTo(&batch));
//   RETURN_IF_ERROR(store.Write(std::move(batch)));
//   generation.Written();
//
// Threads: one at a time feeds it; the const methods marked so from any.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_GENERATION_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_GENERATION_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "core/ports/event_source.h"
#include "core/ports/store.h"
#include "projections/runtime/generation_rows.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/projection.h"
#include "projections/runtime/upkeep.h"
#include "projections/runtime/upkeep_gate.h"

namespace dailyfeed {

class Generation {
 public:
  struct Parked {
    Position first_position = 0;
    uint64_t events = 0;
    std::string reason;
  };
  using ParkedKeys = std::map<std::string, Parked, std::less<>>;

  // `wanted` and `store` are not owned. `version` and `settings` are of the
  // projection that made the rows: that is `wanted`, or what it makes of itself
  // with Projection::As, or nobody any more.
  Generation(Projection* wanted, const StoreReader* store, uint64_t number, Keyspace keyspace,
             uint32_t version, std::string settings, size_t row_cache_bytes);

  // Reads checkpoint and parked keys; both empty for a new generation.
  absl::Status Load();
  // Forgets what was applied and not written: a batch that failed half-way.
  absl::Status Reload();
  // False: the checkpoint names an event that `log` does not have.
  absl::StatusOr<bool> IsOf(const EventSource& log) const;

  // Folds the event that follows position(); events up to there are ignored.
  // An error means that the batch must not be written. Parked keys go into
  // `batch` at once, rows with AppendTo.
  absl::Status Apply(const v1::Event& event, StoreBatch* batch);
  // Rows, settled, and checkpoint. The batch borrows memory of the generation.
  // After an error it must not be written.
  absl::Status AppendTo(StoreBatch* batch);
  // What AppendTo appended; until Written.
  const WrittenRows& written_rows() const { return *rows_; }
  void Written();

  // Whether the rows have this event since the last Written(): it was neither
  // folded before, nor passed by, nor kept aside. The feeding thread.
  bool HasApplied(const v1::Event& event) const;

  // Tries parked events of `key` again, the first `events_max` of them, and
  // appends to `batch` what that changes. `more` says whether to call again
  // after the batch is written. `refused` is the error of the projection, if
  // any; the status returned is one of store or log.
  struct Retry {
    bool more = false;
    uint64_t applied = 0;
    absl::Status refused;
  };
  absl::StatusOr<Retry> RetryParked(std::string_view key, const EventSource& log, size_t events_max,
                                    StoreBatch* batch);

  // ---- Rows beside the batches. Null: the projection has none.
  Upkeep* upkeep() const { return upkeep_; }
  UpkeepGate& gate() { return gate_; }
  // When the runtime does the next piece of work. Under the runtime's mutex.
  struct UpkeepSchedule {
    bool due = false;
    // Pieces, one after the other, that failed or found nothing to do.
    uint32_t fruitless = 0;
    std::chrono::steady_clock::time_point not_before;
    uint64_t turn = 0;  // of the last piece, among all generations
  };
  UpkeepSchedule upkeep_schedule;
  // Between two batches, on the feeding thread.
  absl::StatusOr<Upkeep::Need> NeedsUpkeep();
  // The changes of a commit, as those of an event: then AppendTo and Written.
  // After an error there are none.
  absl::Status ApplyCommit(Upkeep::Commit commit);
  // The first failure of the store. The feeding thread.
  const absl::Status& store_status() const { return rows_->store_status(); }

  // From any thread.
  uint64_t number() const { return number_; }
  Keyspace keyspace() const { return keyspace_; }
  uint32_t version() const { return version_; }
  const std::string& settings() const { return settings_; }
  // Made as the registered projection makes rows now.
  bool Fits() const { return older_ == nullptr && projection_ != nullptr; }
  // There is code that folds on with these rows.
  bool CanFold() const { return projection_ != nullptr; }
  Position checkpoint() const { return checkpoint_.load(std::memory_order_relaxed); }
  uint64_t events_applied() const { return events_applied_.load(std::memory_order_relaxed); }
  // The first `max` of them.
  ParkedKeys parked(size_t max) const;
  uint64_t parked_count() const;
  bool IsParked(std::string_view key) const;

  // The last event folded, written or not. The feeding thread.
  Position position() const { return position_; }

  std::vector<std::string> TracesOf(MemberId member) const { return projection_->TracesOf(member); }
  // Takes personal data of a member out of the rows, as an event would. The
  // feeding thread; then AppendTo and Written.
  absl::Status Forget(MemberId member);
  // What folds on with these rows; nullptr: nobody.
  Projection* folds() const { return projection_; }
  // Changes of rows that no event makes: a repair. They come after what was folded.
  // After an error there are none. The feeding thread; then AppendTo and Written.
  absl::Status Change(absl::FunctionRef<absl::Status(ProjectionRows&)> change);

 private:
  // The event through the projection, undone when it fails. False: `refused`
  // has the reason. An error is one of the store.
  absl::StatusOr<bool> TryApply(const v1::Event& event, absl::Status* refused);
  void SetAside(const v1::Event& event, std::string_view key, StoreBatch* batch);
  void Park(const v1::Event& event, const absl::Status& refused, StoreBatch* batch);
  absl::Status LoadParked();
  // What is changed from here to the next write comes after the events that were
  // folded in order.
  void BeginRetry();

  const std::unique_ptr<Projection> older_;  // null when the rows are those of the registered one
  Projection* const projection_;             // what folds; null: nobody can
  Upkeep* const upkeep_;
  UpkeepGate gate_;
  const std::string name_;
  const StoreReader* const store_;
  const uint64_t number_;
  const Keyspace keyspace_;
  const uint32_t version_;
  const std::string settings_;
  const std::string checkpoint_key_;

  const size_t row_cache_bytes_;
  std::optional<GenerationRows> rows_;  // always there; made anew by Reload
  Position position_ = 0;
  std::string event_id_;  // of the event at position_
  uint64_t retries_ = 0;  // of CheckpointRecord
  uint64_t applied_since_written_ = 0;
  std::vector<Position> set_aside_;

  std::atomic<Position> checkpoint_{0};
  std::atomic<uint64_t> events_applied_{0};
  // Changed by the feeding thread only, which may therefore read it unlocked.
  mutable std::mutex parked_mutex_;
  ParkedKeys parked_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_GENERATION_H_
