// Random histories of a log, and whether a log holds a beginning of one.
//
//   const LogHistory history(seed, /*batches=*/40);
//   log.Append(history.batch(0)); ...
//   EXPECT_EQ(history.Compare(log, 17), "");   // after 17 batches
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_TESTING_LOG_HISTORY_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_TESTING_LOG_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/contracts/log_batch_builder.h"
#include "core/ports/event_log.h"

namespace dailyfeed {

// Seeds for a property test: the one in DAILYFEED_SEED, else `defaults` from 1.
std::vector<uint64_t> TestSeeds(int defaults);

// How to run `test` again with `seed`.
std::string RepeatWith(const std::string& test, uint64_t seed);

class LogHistory {
 public:
  LogHistory(uint64_t seed, size_t batches);

  size_t size() const { return batches_.size(); }
  const LogBatch& batch(size_t index) const { return batches_[index].batch(); }

  // Reads everything there is in `log`, in every way, and says what differs
  // from a log that took the first `count` batches. Empty: nothing. When
  // `errors_allowed`, a read that fails with a message is no difference.
  std::string Compare(const EventLog& log, size_t count, bool errors_allowed = false) const;

  // The one count between `least` and `most` for which Compare finds no
  // difference; -1 when there is none, with the reasons in `why`.
  int Find(const EventLog& log, size_t least, size_t most, std::string* why) const;

 private:
  std::vector<LogBatchBuilder> batches_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_TESTING_LOG_HISTORY_H_
