// Queries over a real runtime with log and store in memory, fed with events.
//
//   QueriesRig rig({.caches = tiny});
//   rig.Commit({Published(1, kim, "hi")});
//   rig.queries().AuthorFeed(kim, kim, {});
//
// Threads: Commit and queries from any.
#ifndef DAILYFEED_PROJECTIONS_TESTING_QUERIES_RIG_H_
#define DAILYFEED_PROJECTIONS_TESTING_QUERIES_RIG_H_

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/queries/queries.h"
#include "projections/runtime/runtime.h"
#include "projections/testing/plain_personal_data.h"

namespace dailyfeed::testing {

class QueriesRig {
 public:
  struct Options {
    CacheOptions caches;
    Store* store = nullptr;  // not owned; nullptr: one in memory
    RankingOptions ranking = {};
    Clock* clock = &SystemClock();
    SearchOptions search = {};
    bool upkeep_thread = true;
  };
  explicit QueriesRig(const Options& options);
  ~QueriesRig();

  // Appends the events as one batch and returns when they may be read.
  void Commit(std::vector<v1::Event> events);
  // The same without the log: for data sets that are only read.
  void CommitUnlogged(std::vector<v1::Event> events);

  // Only with the store in memory. The queries are others afterwards.
  //
  // What the store holds now, for Crash.
  void RememberStore();
  // Starts again over the store as it was remembered: the writes since then
  // are lost, the log is not.
  void Crash();
  // What gets the committed batches instead of the runtime, and hands them on.
  // Not owned.
  void set_listener(CommitListener* listener) { listener_ = listener; }

  const Queries& queries() const { return *queries_; }
  const EventLog& log() const { return log_; }
  Runtime& runtime() { return *runtime_; }
  MemoryStore& memory() { return *memory_; }
  PlainPersonalData& personal_data() { return personal_data_; }

 private:
  void Start();
  // Under mutex_.
  void HandOver(std::vector<v1::Event> events);

  PlainPersonalData personal_data_;
  MemoryEventLog log_;
  const Options options_;
  std::unique_ptr<MemoryStore> memory_ = std::make_unique<MemoryStore>();
  std::unique_ptr<MemoryStore> remembered_ = std::make_unique<MemoryStore>();
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Queries> queries_;
  CommitListener* listener_ = nullptr;
  std::mutex mutex_;
  std::map<std::pair<int, uint64_t>, StreamVersion> versions_;
  Position head_ = 0;
};

}  // namespace dailyfeed::testing

#endif  // DAILYFEED_PROJECTIONS_TESTING_QUERIES_RIG_H_
