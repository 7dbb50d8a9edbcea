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
// one (for a rollback) and a next one, being built or ready. A build folds the
// log into the next generation of one or several projections beside the live
// ones, on a thread of its own; it catches up with them and leaves the new
// generations ready, or makes them live by itself. Live and ready generations
// are fed; the previous one stands still until Rollback brings it up to date. A
// build that was interrupted goes on at the next start. docs/reference/
// views-format.md has the bytes.
//
// Rows beside the batches (upkeep.h) of live and ready generations are made on a
// thread of low priority, one piece of work at a time for all projections; while
// catching up and building, on the thread that folds.
//
//   auto runtime = Runtime::Create(store, log, options);
//   runtime->Register(&members);
//   runtime->Register(&posts);
//   RETURN_IF_ERROR(runtime->Start());            // serves, and is up to date
//   ASSIGN_OR_RETURN(auto engine, Engine::Start(log, runtime.get(), zone, EngineOptions()));
//   ...
//   engine->Stop();
//   runtime->Stop();
//
// Threads: everything from any thread, after Start. An observer and a batch's
// `done`, which the runtime's thread calls, must not call what waits for that
// thread: StartBuild, CancelBuild, Activate, Rollback, Drop, EraseTraces, Unpark,
// RunUpkeep and Stop.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/ports/commit_listener.h"
#include "core/ports/event_source.h"
#include "core/ports/store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/observer.h"
#include "projections/runtime/projection.h"
#include "projections/runtime/read_view.h"
#include "projections/runtime/upkeep.h"

namespace dailyfeed {

class Generation;
class HeldMoment;
struct Repair;
namespace views::v1 {
class ProjectionRecord;
class StoreRecord;
}  // namespace views::v1

struct RuntimeOptions {
  size_t pending_batches_max = 4;            // committed, not yet applied; then OnCommitted blocks
  size_t catch_up_batch_events = 2000;       // events per store batch while catching up
  size_t row_cache_bytes = 4u << 20;         // rows kept in memory, for each fed generation
  uint64_t build_events_per_second_max = 0;  // of builds in the background; 0: no limit
  // How long a view that was replaced may be read (read_view.h).
  absl::Duration read_view_max = absl::Seconds(10);
  // Pieces of work (upkeep.h) have a thread. False, for simulations: RunUpkeep does
  // them, and the runtime's thread itself when one is overdue.
  bool upkeep_thread = true;
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

// Of the pieces of work (upkeep.h) of one projection since Start, in whatever
// generation.
struct UpkeepStatus {
  uint64_t committed = 0;
  uint64_t failed = 0;
  uint64_t cancelled = 0;
  uint64_t bytes_written = 0;  // keys and values of rows beside the batches
  absl::Duration time;         // working, commits included
  std::string last_failure;    // empty once a later piece was committed
};

struct ProjectionStatus {
  std::string name;
  uint32_t version = 0;
  uint64_t generation = 0;  // live, from 1
  // The live generation was made by another version or with other settings; it
  // serves until the next one is built.
  bool outdated = false;
  std::optional<uint64_t> previous_generation;
  std::optional<uint64_t> building_generation;  // being built, or ready
  bool building_ready = false;                  // Activate may be called
  Position building_checkpoint = 0;
  Position checkpoint = 0;
  uint64_t lag = 0;  // head - checkpoint
  uint64_t parked_keys = 0;
  uint64_t events_applied = 0;  // since start
  UpkeepStatus upkeep;
};

// What becomes of a generation when it is complete.
enum class BuildGoal {
  kReady,  // it waits for Activate
  kLive,   // readers flip to it, those of all projections of the build at once
};

struct BuildStatus {
  std::vector<std::string> projections;  // empty: there was no build since Start
  BuildGoal goal = BuildGoal::kReady;
  bool running = false;
  bool paused = false;
  uint64_t events_per_second_max = 0;  // 0: no limit
  Position at = 0;                     // what every one of the generations has
  Position head = 0;                   // where the live ones are
  absl::Status result;                 // of a build that has ended
};

class Runtime final : public CommitListener {
 public:
  // `store` and `log` are not owned.
  static std::unique_ptr<Runtime> Create(Store* store, const EventSource* log,
                                         RuntimeOptions options);
  ~Runtime() override;

  // Before Start. `projection` is not owned and must outlive the runtime. Names
  // are unique.
  ProjectionId Register(Projection* projection);
  // Before Start. Observers of one projection are called in the order they came.
  // `observer` is not owned and must be there until Stop has returned.
  void Observe(ProjectionId projection, ProjectionObserver* observer);

  // Catches up every projection and starts the threads. Once.
  //  - A live generation of another version or with other settings serves on if
  //    the projection can fold on with it (Projection::As); a new one is built in
  //    the background and becomes live by itself. If it cannot, or there is no
  //    live one, the new generation is built before Start returns.
  //  - When the previous generation is of the wanted version (the program itself
  //    was rolled back), it is caught up and made live instead.
  //  - A checkpoint that names an event the log does not have (the log lost
  //    what the store kept) makes the generation invalid; it is built anew.
  //  - An interrupted build goes on in the background, from its checkpoint, if its
  //    generation is of the wanted version; else it is dropped.
  // FAILED_PRECONDITION: the store has another format version. Errors of the
  // store and of the log as they are.
  absl::Status Start();

  void OnCommitted(CommittedBatch batch) override;

  // True while the runtime feeds its projections: from the moment Start has
  // brought every one to the head, until Stop or a failure.
  bool Ready() const;
  // Every live projection has applied everything up to here.
  Position AppliedPosition() const;
  // Not OK after the store failed: nothing is applied or acknowledged any more.
  absl::Status Health() const;

  // All read models as of one moment: of the last batch that was acknowledged, or
  // a newer one. Never null; reads of a view are UNAVAILABLE before Start has
  // succeeded and after the runtime is gone.
  std::shared_ptr<const ReadView> Pin() const { return views_.Newest(); }
  // The live rows of a registered projection (nullptr: there is none of that
  // name). Follows a flip: the reader looks up the live generation at each call,
  // an iterator stays on its own. Must be gone before the runtime is.
  std::unique_ptr<ProjectionReader> Reader(std::string_view projection) const;
  // The rows of one generation, to verify it before it becomes live. Empty once
  // it was dropped. NOT_FOUND.
  absl::StatusOr<std::unique_ptr<ProjectionReader>> GenerationReader(std::string_view projection,
                                                                     uint64_t generation) const;

  // What it folds.
  const EventSource& events() const { return *log_; }
  // All generations as of one moment, the newest, for a reader that needs longer
  // than a view gives (held_moment.h). UNAVAILABLE when the runtime does not run.
  absl::StatusOr<std::unique_ptr<HeldMoment>> Hold();
  // Writes the rows of the live generation anew that differ from the log (repair.h).
  // How many there were. Errors of the operations below.
  absl::StatusOr<uint64_t> Mend(const Repair& repair);

  std::vector<ProjectionStatus> Status() const;
  // The first `max` parked keys of live and ready generations.
  absl::StatusOr<std::vector<ParkedKey>> Parked(size_t max = 1000) const;
  // Tries the parked events of a key again, in order, in every fed generation
  // that has parked it, and lets the key go when all of them could be applied.
  // Batches come between, so a key with many events holds up nobody. The first
  // error is returned; what was applied before it stays applied. NOT_FOUND: the
  // key is not parked.
  absl::Status Unpark(std::string_view projection, std::string_view key);

  // The operations on generations: NOT_FOUND for an unknown projection or
  // generation; FAILED_PRECONDITION while another of them works on the same
  // projection; UNAVAILABLE when the runtime does not run. Those that change
  // something return when the store has synced.
  //
  // Starts a build of a new generation of each projection, which one scan of the
  // log feeds, in the background; an incomplete generation that an earlier build
  // left is gone on with. FAILED_PRECONDITION while a build runs, or when one of
  // the projections has a ready generation.
  absl::Status StartBuild(const std::vector<std::string>& projections, BuildGoal goal);
  // The result of the build that runs, or ran last; waits for it. OK when there
  // was none. CANCELLED after CancelBuild.
  absl::Status WaitForBuild();
  // Ends the running build and drops what it made. NOT_FOUND: there is none.
  absl::Status CancelBuild();
  // From now on and for later builds; 0: no limit.
  void SetBuildRate(uint64_t events_per_second_max);
  // A paused build keeps what it has and makes nothing; it may be cancelled.
  void PauseBuild(bool paused);
  BuildStatus Build() const;
  // StartBuild of one projection to kReady, and WaitForBuild. The number of the
  // generation.
  absl::StatusOr<uint64_t> BuildGeneration(std::string_view projection);

  // Readers flip to the ready `generation`; the one that was live becomes the
  // previous, and what was the previous is dropped. OK when it is live already.
  absl::Status Activate(std::string_view projection, uint64_t generation);
  // Back to the previous generation, after catching it up; what was live becomes
  // the previous. FAILED_PRECONDITION when there is none, or when it was made by
  // another version of the projection.
  absl::Status Rollback(std::string_view projection);
  // Drops a generation that is not live, with its rows. FAILED_PRECONDITION while
  // it is being built.
  absl::Status Drop(std::string_view projection, uint64_t generation);

  // No file of the store has a former value of the rows that hold what is known
  // of these members (Projection::TracesOf) when it returns, in whatever
  // generation it was. The members have withdrawn, and their keys are destroyed. A
  // previous generation of a projection that has such rows is dropped, so there
  // is nothing to roll back to; a build goes on. Slow; everything goes on
  // meanwhile. Views that are held are waited for, for RuntimeOptions::
  // read_view_max, and then ended. So are pieces of work, which are then cancelled
  // and done again later.
  absl::Status EraseTraces(std::span<const MemberId> members);

  // Does the piece of work (upkeep.h) that is due, if any, on the caller's thread;
  // its commit, as always, on the runtime's. `before_commit` is called between the
  // two and may hand over batches. True: one was committed. False: none is due, or
  // there was nothing to do. FAILED_PRECONDITION unless RuntimeOptions::
  // upkeep_thread is false; else the error of the piece.
  absl::StatusOr<bool> RunUpkeep(absl::FunctionRef<void()> before_commit);
  absl::StatusOr<bool> RunUpkeep() {
    return RunUpkeep([] {});
  }

  // Applies what was handed over, then stops the threads; a build keeps what it
  // has and goes on at the next start, and a piece of work under way is cancelled.
  // Waits for the operations under way, which
  // end soon, but a rewriting of files that EraseTraces has begun. Batches that
  // come later are answered with UNAVAILABLE. The destructor does the same.
  void Stop();

 private:
  // Which generation has which role. Not owned.
  struct Roles {
    Generation* live = nullptr;
    Generation* previous = nullptr;
    Generation* next = nullptr;
    bool next_ready = false;             // complete and fed; else being built
    BuildGoal goal = BuildGoal::kReady;  // of the next one
    bool Has(const Generation* generation) const {
      return generation == live || generation == previous || generation == next;
    }
    // Batches come to it.
    bool Feed(const Generation* generation) const {
      return generation == live || (next_ready && generation == next);
    }
  };
  struct Entry {
    Projection* projection = nullptr;
    std::string name;
    std::vector<ProjectionObserver*> observers;
    uint64_t epoch = 1;  // of the last reset
    uint64_t next_generation = 1;
    std::vector<std::shared_ptr<Generation>> generations;  // exactly those with a role
    Roles roles;
    std::atomic<Keyspace> live_keyspace{0};  // what readers look at
    bool claimed = false;                    // by an operation; under mutex_
    bool building = false;                   // by the running build; under mutex_
    UpkeepStatus upkeep;                     // under mutex_
  };
  // Roles that change together.
  struct RoleChange {
    Entry* entry;
    Roles roles;
  };
  // Work that must not run beside a batch. The caller waits.
  struct Task {
    absl::FunctionRef<absl::Status()> run;
    absl::Status result;
    bool done = false;
  };
  // When a build may go on at its rate.
  struct Pace {
    std::chrono::steady_clock::time_point next;
  };
  // One build. All but `entries` and `generations`, which stay, under mutex_.
  struct BuildRun {
    std::vector<Entry*> entries;
    std::vector<Generation*> generations;  // the next ones of the entries
    bool cancelled = false;
    bool done = false;
    absl::Status result;
    std::vector<MemberId> to_forget;
    uint64_t forgetting = 0;  // requests made, and fulfilled
    uint64_t forgotten = 0;
    std::thread thread;
  };
  class Operation;
  class Claim;
  // A generation that has rows beside its batches.
  struct Kept {
    Entry* entry = nullptr;
    std::shared_ptr<Generation> generation;
  };
  // Brings a commit to the thread that feeds the generation.
  using Committer = absl::FunctionRef<absl::Status(Upkeep::Commit)>;

  Runtime(Store* store, const EventSource* log, RuntimeOptions options);

  // runtime.cc: the live path.
  void Run();
  void ApplyGroup(std::vector<CommittedBatch>& group);
  absl::Status Feed(const std::vector<CommittedBatch>& group);
  absl::Status FillGap(Position before);
  void TellObservers(const std::vector<CommittedBatch>& group);
  // The observers' memory, from the rows of `live`.
  absl::Status Load(const Entry& entry, const Generation& live);
  void Reset(Entry& entry);
  // Load and Reset: any live row of the projection may have changed. Without its
  // observers' memory the runtime stops.
  absl::Status Reload(Entry& entry);
  // Makes a view of what the store has now, at `position`, the newest.
  void PublishView(Position position);
  void RunTasks(const std::vector<Task*>& tasks);
  // Runs `run` on the runtime's thread between two batches.
  absl::Status OnThread(absl::FunctionRef<absl::Status()> run);
  std::vector<Generation*> Fed() const;
  Entry* Find(std::string_view projection) const;
  void Fail(const absl::Status& status);
  absl::Status NotRunning() const;  // with mutex_ held
  absl::Status Fold(const std::vector<Generation*>& generations, Position to, std::string_view what,
                    absl::FunctionRef<absl::Status()> between);
  absl::Status FoldBatch(const std::vector<Generation*>& generations, Position from, Position last);
  static absl::Status GoOn() { return absl::OkStatus(); }

  // generations.cc: roles, and the operations that change them. On the runtime's
  // thread, or in Start. The store first, then memory and readers. Generations
  // without a role are dropped in the same write.
  absl::Status LoadEntry(const views::v1::ProjectionRecord& record, Entry& entry);
  absl::Status DropInvalid(Entry& entry);
  absl::Status PrepareEntry(Entry& entry, std::vector<Entry*>* to_build);
  absl::Status CatchUpAll();
  absl::Status ChangeRoles(const std::vector<RoleChange>& changes);
  views::v1::StoreRecord RecordOfStore() const;
  absl::Status ChangeRoles(Entry& entry, const Roles& roles) {
    return ChangeRoles({{&entry, roles}});
  }
  absl::Status AddNext(Entry& entry, BuildGoal goal);
  static Roles FlippedToNext(const Roles& roles);
  // ChangeRoles to other live generations, with the observers and a view.
  absl::Status Flip(const std::vector<RoleChange>& changes);
  absl::Status FlipToNext(const std::vector<Entry*>& entries);
  absl::StatusOr<bool> UnparkSome(Entry& entry, std::string_view key);
  // In the caller's thread: folds until at most one batch is left.
  absl::Status FoldBeside(const std::vector<Generation*>& generations, std::string_view what,
                          absl::FunctionRef<absl::Status()> between);
  bool IsBuilding(const Entry& entry) const;
  absl::Status Synced(const absl::Status& status) const;

  // builds.cc
  absl::Status CheckBuildable(const Entry& entry) const;
  // With mutex_ held.
  std::shared_ptr<BuildRun> NewBuild(std::vector<Entry*> entries);
  void Launch(BuildRun& build);
  static bool Builds(const BuildRun& build, const Generation* generation);
  void RunBuild(BuildRun& build);
  void End(BuildRun& build, absl::Status result);
  absl::Status DropBuilt(const BuildRun& build);
  // Between two batches of a build: waits while it is paused or ahead of its
  // rate, and before the last one while an operation works on the roles; forgets
  // members. Not OK: the build ends.
  absl::Status BetweenBatches(BuildRun& build, bool last, Pace* pace);
  absl::Status ForgetIn(const std::vector<Generation*>& generations,
                        const std::vector<MemberId>& members);
  absl::Status ForgetInBuild(std::span<const MemberId> members);
  absl::Status Finish(BuildRun& build, bool* finished);

  // held_moment.cc
  void CancelHeld();  // with mutex_ held
  // Until no moment from before this call is held.
  void AwaitHeld();

  // upkeep.cc
  bool HasUpkeep() const;
  // After each batch and each task, on the runtime's thread: what the generations
  // need. Waits while one is overdue, and serves tasks.
  void LookAfterUpkeep();
  bool AskNeeds();
  bool AskNeed(const Kept& kept);
  void AwaitUpkeep();
  bool WorkOnOverdue();
  // In a thread that folds: does what is due.
  absl::Status KeepUp(const std::vector<Generation*>& generations);
  absl::Status KeepUp(const Kept& kept);
  void RunUpkeepThread();
  std::optional<Kept> AwaitDue();
  // What is due at `now` and had its last turn before the others; else `look_again`
  // is when something will be. With mutex_ held.
  std::optional<Kept> NextDue(std::chrono::steady_clock::time_point now,
                              std::chrono::steady_clock::time_point* look_again) const;
  // On the runtime's thread, or with mutex_ held.
  std::vector<Kept> FedWithUpkeep() const;
  Kept KeptOf(const Generation* generation) const;
  // One piece of work. True: committed; false: there was nothing to do. CANCELLED
  // also when another one is under way and `wait` is false.
  absl::StatusOr<bool> DoPiece(const Kept& kept, bool wait, Committer committer);
  // False: the piece must end before it began.
  bool BeginPiece(const Kept& kept);
  absl::StatusOr<bool> WorkAndCommit(Generation& generation, Committer committer, uint64_t* bytes);
  absl::StatusOr<Upkeep::Commit> Work(Generation& generation, uint64_t* bytes);
  // On the thread that feeds the generation. `written` is called while the changed
  // rows may be visited.
  absl::Status CommitPiece(const Kept& kept, Upkeep::Commit commit,
                           absl::FunctionRef<void()> written);
  // On the runtime's thread: with observers and a view.
  absl::Status CommitFed(const Kept& kept, Upkeep::Commit commit);
  void EndPiece(const Kept& kept, const absl::StatusOr<bool>& result, uint64_t bytes,
                absl::Duration time);
  // With mutex_ held.
  void CancelPieces(absl::FunctionRef<bool(const Generation*)> of);
  // Until no piece of work reads a moment from before this call.
  void AwaitMomentsOfPieces();

  Store* const store_;
  const EventSource* const log_;
  const RuntimeOptions options_;

  std::vector<std::unique_ptr<Entry>> entries_;  // fixed from Start on
  Keyspace next_keyspace_ = kFirstKeyspace;
  // Keyspaces of generations that were dropped, whose rows files may still have,
  // in the order they were dropped.
  std::vector<KeyspaceInterval> unerased_;
  bool started_ = false;  // Start was called

  ReadViews views_;
  uint64_t epoch_ = 1;  // of the last reset of any projection
  std::atomic<Position> applied_{0};
  std::atomic<bool> running_{false};
  std::atomic<bool> stopping_{false};  // changed under mutex_
  bool ended_ = false;                 // the thread ends when it has nothing to do

  mutable std::mutex mutex_;
  std::condition_variable work_arrived_;
  std::condition_variable room_;
  std::condition_variable task_done_;
  std::condition_variable build_changed_;  // a build ends, or is to look up
  std::condition_variable operations_ended_;
  std::condition_variable upkeep_due_;
  std::deque<CommittedBatch> batches_;
  std::atomic<size_t> batches_waiting_ = 0;  // its size, for looking without the lock
  size_t pending_ = 0;                       // batches_ and those being applied
  size_t waiting_producers_ = 0;             // blocked in OnCommitted
  std::vector<Task*> tasks_;
  std::vector<std::shared_ptr<Generation>> pieces_;  // in which a piece of work is under way
  uint64_t upkeep_turn_ = 0;
  bool piece_ended_ = false;  // since AwaitUpkeep looked
  bool accepting_ = false;    // the thread takes work
  absl::Status health_;
  size_t operations_ = 0;                                 // under way in other threads
  std::vector<std::shared_ptr<std::atomic<bool>>> held_;  // moments; true: cancelled
  std::shared_ptr<BuildRun> build_;                       // the one that runs, or ran last
  uint64_t build_rate_;
  bool build_paused_ = false;

  std::mutex stop_mutex_;  // one Stop at a time
  std::thread thread_;
  std::thread upkeep_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_RUNTIME_H_
