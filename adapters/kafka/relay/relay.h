// Sends every event of the log to the topics of its day, in order, and keeps on
// disk what the broker has acknowledged.
//
// The relay reads the log behind the commits; no write of a member waits for it or
// fails because of it. Each partition of a kind of topic has a cursor: everything
// up to it is acknowledged, or has a row that says what is still to be done. A
// partition whose window is full is passed by and read again later from where it
// stands, so a stuck partition costs a number and stops nobody.
//
//   ASSIGN_OR_RETURN(auto relay, Relay::Start(parts, options));
//   ...
//   relay->stats().backlog;
//   relay->Stop();
//
// At least once: after a crash at most what was in flight, and what was
// acknowledged in the last RelayOptions::save_interval, is sent again. What a broker
// acknowledged and no longer has is found (an offset that went back; an end of a
// partition before what it had acknowledged; a topic that is gone) and sent again.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_KAFKA_RELAY_RELAY_H_
#define DAILYFEED_ADAPTERS_KAFKA_RELAY_RELAY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/kafka/client/client_settings.h"
#include "adapters/kafka/client/producer.h"
#include "adapters/kafka/letters/relay_state.h"
#include "adapters/kafka/topics/topic_keeper.h"
#include "core/ports/day.h"
#include "core/ports/environment.h"
#include "core/ports/event_source.h"
#include "core/ports/store.h"

namespace dailyfeed::kafka {

struct RelayOptions {
  ClientSettings client;
  TopicOptions topics;
  // Of one partition, sent and not acknowledged.
  size_t window_messages_max = 10'000;
  size_t window_bytes_max = 4u << 20;
  // How often cursors are written.
  absl::Duration save_interval = absl::Milliseconds(100);
  // Without an acknowledgement for so long, while messages are in flight, the
  // broker counts as away.
  absl::Duration breaker_after = absl::Seconds(5);
  // How long Stop waits for what is in flight.
  absl::Duration stop_patience = absl::Seconds(1);
  // Where producers and the admin come from; tests bring their own.
  std::function<absl::StatusOr<std::unique_ptr<Producer>>(const ClientSettings&)> open_producer =
      &Producer::Open;
  std::function<absl::StatusOr<std::unique_ptr<Admin>>(const ClientSettings&)> open_admin =
      &Admin::Open;
};

struct RelayParts {
  const EventSource* log = nullptr;  // not owned
  std::optional<DayZone> zone;
  Clock* clock = &SystemClock();  // not owned
  // Opens the relay's store. Called again after the store has refused a write.
  std::function<absl::StatusOr<std::unique_ptr<Store>>()> open_store;
  // The handle under the member's personal key, as a text that is no handle;
  // nullopt when the member has withdrawn.
  std::function<absl::StatusOr<std::optional<std::string>>(MemberId, const std::string& handle)>
      seal_handle;
};

enum class RelayHealth {
  kHealthy,   // messages are acknowledged, or there are none
  kCaution,   // a topic is refused, a letter is there, or something is being sent again
  kCritical,  // the broker is away, the relay's store fails, or the relay has stopped
};

struct RelayStats {
  RelayHealth health = RelayHealth::kHealthy;
  std::string reason;  // a sentence; empty while healthy
  bool broker_away = false;
  uint64_t history = 1;
  Position head = 0;
  Position relayed = 0;          // everything up to here is acknowledged or has a row
  uint64_t backlog = 0;          // events behind it
  absl::Duration oldest_unsent;  // since it was recorded
  uint64_t in_flight = 0;        // messages
  uint64_t sent = 0;             // handed to the client
  uint64_t acknowledged = 0;
  uint64_t repeated = 0;        // handed over again without having been acknowledged
  uint64_t lost_after_ack = 0;  // messages of ranges that the broker had lost
  uint64_t refused = 0;         // messages put off because their topic is refused
  uint64_t withheld = 0;        // messages of days without a topic
  uint64_t letters = 0;
  uint64_t jobs = 0;  // ranges that wait to be sent
  uint64_t producer_rebuilds = 0;
  uint64_t store_failures = 0;
  uint64_t windows_full = 0;  // partitions that are passed by now
};

// A range that waits, for people.
struct JobView {
  TopicPartition of;
  rows::Job job;
};

class Relay {
 public:
  // INVALID_ARGUMENT for options or settings that make no sense; the errors of
  // open_store; DATA_LOSS. A log that is not the one that was relayed does not fail
  // the start: the relay then sends nothing, and stats() says what to do. Waits for
  // no broker.
  static absl::StatusOr<std::unique_ptr<Relay>> Start(RelayParts parts, RelayOptions options);
  virtual ~Relay() = default;

  virtual RelayStats stats() const = 0;
  // The zone whose days topics have.
  virtual const DayZone& zone() const = 0;
  virtual std::vector<JobView> jobs() const = 0;
  virtual std::map<TopicPartition, rows::Mark> marks() const = 0;
  virtual std::map<DayTopic, TopicView> topics() const = 0;
  // Ids above `after`.
  virtual absl::StatusOr<std::vector<rows::Letter>> Letters(uint64_t after, size_t max) const = 0;

  // Makes the topics of a day, also of one that was pruned.
  virtual absl::Status CreateDay(Day day) = 0;
  // Deletes the topics of days before `day`, and keeps late messages from making
  // them again. The names of what was deleted.
  virtual absl::StatusOr<std::vector<std::string>> PruneBefore(Day day) = 0;

  // Sends nothing more, waits a moment for what is in flight, saves. The destructor
  // does the same.
  virtual void Stop() = 0;
};

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_RELAY_RELAY_H_
