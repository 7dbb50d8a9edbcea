// The projection runtime: feeds every projection from the log, keeps
// checkpoints and generations, and tells the engine when reads may see a write.
//
// At start each projection catches up from its checkpoint to the head of the
// log. From then on committed batches arrive through OnCommitted, are applied
// on the runtime's own thread (the committer meanwhile syncs the next batch),
// written with their checkpoints in one store batch, told to the observers
// (observer.h), published as a read view (read_view.h) and acknowledged.
//
// Generations: each projection has a live generation and may have a previous
// one (for a rollback) and a next one, being built or ready. BuildGeneration
// folds the log into the next one beside the live one, catches up with the head
// and leaves it ready; Activate flips readers to it atomically. Live and ready
// generations are fed; the previous one stands still until Rollback brings it
// up to date. docs/reference/views-format.md has the bytes.
//
//   auto runtime = Runtime::Create(store, log, options);
//   runtime->Register(&members);
//   runtime->Register(&posts);
//   RETURN_IF_ERROR(runtime->Start());            // caught up
//   auto engine = Engine::Start(log, runtime.get(), ...);
//   ...
//   engine->Stop();
//   runtime->Stop();
//
// Threads: everything from any thread, after Start. Not from an observer or a
// batch's `done`: BuildGeneration, Activate, Rollback, Drop, EraseTraces, Unpark
// and Stop, which wait for the runtime's thread.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/ports/commit_listener.h"
#include "core/ports/event_source.h"
#include "core/ports/store.h"
#include "projections/runtime/observer.h"
#include "projections/runtime/projection.h"
#include "projections/runtime/read_view.h"

namespace dailyfeed {

struct RuntimeOptions {
  size_t pending_batches_max = 4;       // committed, not yet applied; then OnCommitted blocks
  size_t catch_up_batch_events = 2000;  // events per store batch while catching up
  size_t row_cache_bytes = 4u << 20;    // rows kept in memory, for each fed generation
  // How long a view that was replaced may be read (read_view.h).
  absl::Duration read_view_max = absl::Seconds(10);
  // Called after each store batch of a catch-up or build, on the thread that
  // does it: `at` of `head` is done. For logs.
  std::function<void(std::string_view what, Position at, Position head)> on_progress;
};

struct ParkedKey {
  std::string projection;
  uint64_t generation = 0;
  std::string key;
  Position first_position = 0;  // the event that could not be applied
  uint64_t events = 0;          // parked under the key, the first included
  std::string reason;
};

struct ProjectionStatus {
  std::string name;
  uint32_t version = 0;
  uint64_t generation = 0;  // live, from 1
  std::optional<uint64_t> previous_generation;
  std::optional<uint64_t> building_generation;  // being built, or ready
  bool building_ready = false;                  // Activate may be called
  Position building_checkpoint = 0;
  Position checkpoint = 0;
  uint64_t lag = 0;  // head - checkpoint
  uint64_t parked_keys = 0;
  uint64_t events_applied = 0;  // since start
};

class Runtime : public CommitListener {
 public:
  // `store` and `log` are not owned.
  static std::unique_ptr<Runtime> Create(Store* store, const EventSource* log,
                                         RuntimeOptions options);
  ~Runtime() override = default;

  // Before Start. `projection` is not owned and must outlive the runtime. Names
  // are unique.
  virtual ProjectionId Register(Projection* projection) = 0;
  // Before Start. Observers of one projection are called in the order they came.
  // `observer` is not owned and must be there until Stop has returned.
  virtual void Observe(ProjectionId projection, ProjectionObserver* observer) = 0;

  // Catches up every projection and starts the thread. Once.
  //  - A projection whose version (or settings) is not that of its live
  //    generation gets a new generation, built from zero before Start returns; what was live stays
  //    as the previous one. When the previous one is of the wanted version (the program itself was
  //    rolled back), it is caught up and made live instead.
  //  - A checkpoint that names an event the log does not have (the log lost
  //    what the store kept) makes the generation invalid; it is built anew.
  //  - What an interrupted build left is finished when it is needed, else
  //    dropped.
  // FAILED_PRECONDITION: the store has another format version. Errors of the
  // store and of the log as they are.
  virtual absl::Status Start() = 0;

  // True while the runtime feeds its projections: from the moment Start has
  // brought every one to the head, until Stop or a failure.
  virtual bool Ready() const = 0;
  // Every live projection has applied everything up to here.
  virtual Position AppliedPosition() const = 0;
  // Not OK after the store failed: nothing is applied or acknowledged any more.
  virtual absl::Status Health() const = 0;

  // All read models as of one moment: of the last batch that was acknowledged, or
  // a newer one. Never null; reads of a view are UNAVAILABLE before Start has
  // succeeded and after the runtime is gone.
  virtual std::shared_ptr<const ReadView> Pin() const = 0;

  // The live rows of a registered projection (nullptr: there is none of that
  // name). Follows a flip: the reader looks up the live generation at each call,
  // an iterator stays on its own. Must be gone before the runtime is.
  virtual std::unique_ptr<ProjectionReader> Reader(std::string_view projection) const = 0;
  // The rows of one generation, to verify it before it becomes live. Empty once
  // it was dropped. NOT_FOUND.
  virtual absl::StatusOr<std::unique_ptr<ProjectionReader>> GenerationReader(
      std::string_view projection, uint64_t generation) const = 0;

  virtual std::vector<ProjectionStatus> Status() const = 0;
  // Of live and ready generations.
  virtual absl::StatusOr<std::vector<ParkedKey>> Parked() const = 0;
  // Tries the parked events of a key again, in order, in every fed generation
  // that has parked it, and lets the key go when all of them could be applied.
  // The first error is returned; what was applied before it stays applied.
  // NOT_FOUND: the key is not parked.
  virtual absl::Status Unpark(std::string_view projection, std::string_view key) = 0;

  // These four: NOT_FOUND for an unknown projection or generation;
  // FAILED_PRECONDITION while another of them works on the same projection;
  // UNAVAILABLE when the runtime does not run. They return when the store has
  // synced.
  //
  // Folds the whole log into a new generation, blocking, until it has reached
  // the head; live reads and writes go on meanwhile, and from then on the new
  // generation is kept up to date beside the live one. Returns its number.
  // FAILED_PRECONDITION when there is already one that is not activated.
  virtual absl::StatusOr<uint64_t> BuildGeneration(std::string_view projection) = 0;
  // Readers flip to the ready `generation`; the one that was live becomes the
  // previous, and what was the previous is dropped. OK when it is live already.
  virtual absl::Status Activate(std::string_view projection, uint64_t generation) = 0;
  // Back to the previous generation, after catching it up; what was live becomes
  // the previous. FAILED_PRECONDITION when there is none, or when it was made by
  // another version of the projection.
  virtual absl::Status Rollback(std::string_view projection) = 0;
  // Drops a generation that is not live, with its rows.
  virtual absl::Status Drop(std::string_view projection, uint64_t generation) = 0;

  // No file of the store has a former value of these rows of the projection
  // when it returns, in whatever generation it was: what must be forgotten. A
  // previous generation, which stands still and still has them, is dropped, so
  // there is nothing to roll back to. Slow; everything goes on meanwhile.
  // Errors as of Drop; FAILED_PRECONDITION while a generation is being built.
  virtual absl::Status EraseTraces(std::string_view projection,
                                   const std::vector<std::string>& keys) = 0;

  // Applies what was handed over, then stops the thread. Batches that come
  // later are answered with UNAVAILABLE. The destructor does the same.
  virtual void Stop() = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_
