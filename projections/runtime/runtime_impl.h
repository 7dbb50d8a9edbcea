// The one implementation of Runtime, spread over three files:
//   runtime.cc      the live path: batches in, rows and acknowledgements out
//   start.cc        what Start finds and does; folding the log
//   generations.cc  build, activate, roll back, drop, unpark
//
// Who may touch what: the registry (which generation has which role) and the
// generations that are fed belong to the runtime's thread, before it starts to
// Start. Others read the registry under mutex_, so the thread changes it under
// mutex_ and reads it without. A generation that is being built, or caught up
// for a rollback, belongs to the caller who does it, guarded by `claimed`.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_IMPL_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_IMPL_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "projections/runtime/generation.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/registry.pb.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

class RuntimeImpl final : public Runtime {
 public:
  RuntimeImpl(Store* store, const EventSource* log, RuntimeOptions options);
  ~RuntimeImpl() override;

  void OnCommitted(CommittedBatch batch) override;

  ProjectionId Register(Projection* projection) override;
  void Observe(ProjectionId projection, ProjectionObserver* observer) override;
  absl::Status Start() override;
  bool Ready() const override;
  Position AppliedPosition() const override;
  absl::Status Health() const override;
  std::shared_ptr<const ReadView> Pin() const override { return views_.Newest(); }
  std::unique_ptr<ProjectionReader> Reader(std::string_view projection) const override;
  absl::StatusOr<std::unique_ptr<ProjectionReader>> GenerationReader(
      std::string_view projection, uint64_t generation) const override;
  std::vector<ProjectionStatus> Status() const override;
  absl::StatusOr<std::vector<ParkedKey>> Parked() const override;
  absl::Status Unpark(std::string_view projection, std::string_view key) override;
  absl::StatusOr<uint64_t> BuildGeneration(std::string_view projection) override;
  absl::Status Activate(std::string_view projection, uint64_t generation) override;
  absl::Status Rollback(std::string_view projection) override;
  absl::Status Drop(std::string_view projection, uint64_t generation) override;
  absl::Status EraseTraces(std::string_view projection,
                           const std::vector<std::string>& keys) override;
  void Stop() override;

 private:
  // Which generation has which role. Not owned.
  struct Roles {
    Generation* live = nullptr;
    Generation* previous = nullptr;
    Generation* next = nullptr;
    bool next_ready = false;  // complete and fed; else being built
    bool Has(const Generation* generation) const {
      return generation == live || generation == previous || generation == next;
    }
  };
  struct Entry {
    Projection* projection = nullptr;
    std::string name;
    std::vector<ProjectionObserver*> observers;
    uint64_t epoch = 1;  // of the last reset
    uint64_t next_generation = 1;
    std::vector<std::unique_ptr<Generation>> generations;  // exactly those with a role
    Roles roles;
    std::atomic<Keyspace> live_keyspace{0};  // what readers look at
    bool claimed = false;                    // by one of the four; under mutex_
  };
  // Work that must not run beside a batch. The caller waits.
  struct Task {
    absl::FunctionRef<absl::Status()> run;
    absl::Status result;
    bool done = false;
  };
  // Keeps the four operations on one projection apart.
  class Claim;

  // runtime.cc
  void Run();
  void ApplyGroup(std::vector<CommittedBatch>& group);
  absl::Status Feed(const std::vector<CommittedBatch>& group);
  absl::Status FillGap(Position before);
  void TellObservers(const std::vector<CommittedBatch>& group);
  // Any live row of the projection may have changed.
  void Reset(Entry& entry);
  // Makes a view of what the store has now, at `position`, the newest.
  void PublishView(Position position);
  void RunTasks(const std::vector<Task*>& tasks);
  // Runs `run` on the runtime's thread between two batches.
  absl::Status OnThread(absl::FunctionRef<absl::Status()> run);
  std::vector<Generation*> Fed() const;
  Entry* Find(std::string_view projection) const;
  void Fail(const absl::Status& status);

  // start.cc
  absl::Status LoadEntry(const views::v1::ProjectionRecord& record, Entry& entry);
  absl::Status DropInvalid(Entry& entry);
  // Sees to it that there is a generation of the wanted version to fold into.
  absl::Status PrepareEntry(Entry& entry);
  absl::Status CatchUpAll();
  // Folds the log up to `to` into every one of `generations`, reading it once.
  // `cancel` (may be null) is looked at between store batches.
  absl::Status Fold(const std::vector<Generation*>& generations, Position to, std::string_view what,
                    const std::atomic<bool>* cancel);
  absl::Status FoldBatch(const std::vector<Generation*>& generations, Position from, Position to);

  // generations.cc. On the runtime's thread, or in Start:
  // The store first, then memory and readers. Generations without a role in
  // `roles` are dropped in the same write.
  absl::Status ChangeRoles(Entry& entry, const Roles& roles);
  absl::Status WriteRoles(const Entry& entry, const Roles& roles);
  absl::Status AddNext(Entry& entry);
  absl::Status ActivateNext(Entry& entry);
  absl::Status ActivatePrevious(Entry& entry);
  absl::Status UnparkIn(Generation* generation, std::string_view key);
  absl::Status UnparkFed(Entry& entry, std::string_view key);
  // In the caller's thread: folds until little is left.
  absl::Status FoldBeside(Generation* generation, std::string_view what);
  absl::Status Synced(const absl::Status& status) const;
  absl::Status CheckRunning() const;
  std::unique_ptr<Generation> MakeGeneration(const Entry& entry, uint64_t number, Keyspace keyspace,
                                             uint32_t version, std::string settings) const;

  Store* const store_;
  const EventSource* const log_;
  const RuntimeOptions options_;

  std::vector<std::unique_ptr<Entry>> entries_;  // fixed from Start on
  Keyspace next_keyspace_ = kFirstKeyspace;
  bool started_ = false;  // Start was called

  ReadViews views_;
  uint64_t epoch_ = 1;  // of the last reset of any projection
  std::atomic<Position> applied_{0};
  std::atomic<bool> running_{false};
  std::atomic<bool> stopping_{false};  // changed under mutex_

  mutable std::mutex mutex_;
  std::condition_variable work_arrived_;
  std::condition_variable room_;
  std::condition_variable task_done_;
  std::deque<CommittedBatch> batches_;
  std::atomic<size_t> batches_waiting_ = 0;  // its size, for looking without the lock
  size_t pending_ = 0;                       // batches_ and those being applied
  size_t waiting_producers_ = 0;             // blocked in OnCommitted
  std::vector<Task*> tasks_;
  bool accepting_ = false;  // the thread takes work
  absl::Status health_;

  std::mutex stop_mutex_;  // one Stop at a time
  std::thread thread_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_IMPL_H_
