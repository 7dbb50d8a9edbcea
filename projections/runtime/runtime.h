// The projection runtime: feeds every projection from the log, keeps
// checkpoints and generations, and tells the engine when reads may see a write.
//
// At start each projection catches up from its checkpoint to the head of the
// log. From then on committed batches arrive through OnCommitted, are applied
// on the runtime's own thread (the committer meanwhile syncs the next batch),
// written with their checkpoints in one store batch, published to the
// in-memory caches and acknowledged.
//
// Generations: each projection has a live generation and may have a previous
// one (for a rollback) and one being built. BuildGeneration folds the log into
// the new one beside the live one, catches up with the head and leaves it
// ready; Activate flips readers to it atomically.
//
//   Runtime runtime(store, log, options);
//   runtime.Register(&members); runtime.Register(&posts);
//   RETURN_IF_ERROR(runtime.Start());            // caught up
//   auto engine = Engine::Start(log, &runtime, ...);
//
// Threads: everything from any thread, after Start.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/engine/engine.h"
#include "core/engine/event_log.h"
#include "core/engine/store.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

struct RuntimeOptions {
  size_t pending_batches_max = 4;       // committed, not yet applied; then OnCommitted blocks
  size_t catch_up_batch_events = 2000;  // events per store batch while catching up
};

struct ParkedKey {
  std::string projection;
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
  std::optional<uint64_t> building_generation;
  Position checkpoint = 0;
  uint64_t lag = 0;  // head - checkpoint
  uint64_t parked_keys = 0;
  uint64_t events_applied = 0;  // since start
};

class Runtime : public CommitListener {
 public:
  // `store` and `log` are not owned.
  static std::unique_ptr<Runtime> Create(Store* store, const EventLog* log, RuntimeOptions options);
  ~Runtime() override = default;

  // Before Start. `projection` is not owned and must outlive the runtime.
  virtual void Register(Projection* projection) = 0;

  // Catches up every projection and starts the thread. A checkpoint behind the
  // head of the log (the log lost what the store kept) makes the generation
  // invalid; it is built anew.
  virtual absl::Status Start() = 0;

  // True once every live projection has reached the head.
  virtual bool Ready() const = 0;
  // Every live projection has applied everything up to here.
  virtual Position AppliedPosition() const = 0;
  // Not OK after the store failed: nothing is applied or acknowledged any more.
  virtual absl::Status Health() const = 0;

  // The live rows of a registered projection. Follows a flip: the reader looks
  // up the live generation at each call, an iterator stays on its own.
  virtual std::unique_ptr<ProjectionReader> Reader(std::string_view projection) const = 0;

  virtual std::vector<ProjectionStatus> Status() const = 0;
  virtual absl::StatusOr<std::vector<ParkedKey>> Parked() const = 0;
  // Tries the parked events of a key again, in order.
  virtual absl::Status Unpark(std::string_view projection, std::string_view key) = 0;

  // Folds the whole log into a new generation, blocking, until it has reached
  // the head; live reads and writes go on meanwhile, and from then on the new
  // generation is kept up to date beside the live one. Returns its number.
  virtual absl::StatusOr<uint64_t> BuildGeneration(std::string_view projection) = 0;
  // Readers flip to `generation`; the one that was live becomes the previous.
  virtual absl::Status Activate(std::string_view projection, uint64_t generation) = 0;
  // Back to the previous generation.
  virtual absl::Status Rollback(std::string_view projection) = 0;
  // Drops a generation that is not live.
  virtual absl::Status Drop(std::string_view projection, uint64_t generation) = 0;

  // Applies what was handed over, then stops the thread.
  virtual void Stop() = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_
