// A log in memory that tests append to while a relay reads it, and a store that
// can crash or fail. For tests.
#ifndef DAILYFEED_ADAPTERS_KAFKA_TESTING_SCRIPTED_LOG_H_
#define DAILYFEED_ADAPTERS_KAFKA_TESTING_SCRIPTED_LOG_H_

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/domain/events.pb.h"
#include "core/ports/event_source.h"
#include "core/ports/memory_store.h"
#include "core/ports/store.h"

namespace dailyfeed::kafka::testing {

class ScriptedLog final : public EventSource {
 public:
  // At the next position, with an id made of `history` and the position.
  void Append(v1::Event event, TimestampNs at);
  // Forgets what is behind `position`; later events are of another history.
  void Restore(Position position);

  Position Head() const override;
  absl::Status Read(Position from, Visitor visit) const override;

 private:
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const v1::Event>> events_;
  int history_ = 1;
};

// One store that outlives the relays that open it, as files outlive a process.
class Disk {
 public:
  // What the relay opens. A handle that was opened before a crash writes nothing
  // any more, and does not notice.
  std::unique_ptr<Store> Open();
  void Crash() { ++life_; }
  // Writes fail while set.
  void SetFull(bool full) { full_ = full; }
  const MemoryStore& rows() const { return rows_; }

 private:
  class Handle;
  MemoryStore rows_;
  std::atomic<int> life_ = 0;
  std::atomic<bool> full_ = false;
};

// How long an outage lasts, or a load goes on. Not for waiting until something
// has happened.
void LetTimePass(absl::Duration time);

}  // namespace dailyfeed::kafka::testing

#endif  // DAILYFEED_ADAPTERS_KAFKA_TESTING_SCRIPTED_LOG_H_
