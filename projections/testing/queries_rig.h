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

#include "core/engine/memory_event_log.h"
#include "core/engine/memory_store.h"
#include "projections/queries/queries.h"
#include "projections/runtime/runtime.h"
#include "projections/testing/plain_personal_data.h"

namespace dailyfeed::testing {

class QueriesRig {
 public:
  struct Options {
    CacheOptions caches;
    Store* store = nullptr;  // not owned; nullptr: one in memory
  };
  explicit QueriesRig(const Options& options);
  ~QueriesRig();

  // Appends the events as one batch and returns when they may be read.
  void Commit(std::vector<v1::Event> events);
  // The same without the log: for data sets that are only read.
  void CommitUnlogged(std::vector<v1::Event> events);

  const Queries& queries() const { return *queries_; }
  Runtime& runtime() { return *runtime_; }
  MemoryStore& memory() { return memory_; }
  PlainPersonalData& personal_data() { return personal_data_; }

 private:
  // Under mutex_.
  void HandOver(std::vector<v1::Event> events);

  PlainPersonalData personal_data_;
  MemoryEventLog log_;
  MemoryStore memory_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Queries> queries_;
  std::mutex mutex_;
  std::map<std::pair<int, uint64_t>, StreamVersion> versions_;
  Position head_ = 0;
};

}  // namespace dailyfeed::testing

#endif  // DAILYFEED_PROJECTIONS_TESTING_QUERIES_RIG_H_
