// Log batches for tests: events that say little but are whole.
//
//   LogBatchBuilder batch(/*first=*/1);
//   batch.Add(v1::STREAM_KIND_POST, 7, 1, 20261121).Row("key", "value");
//   log.Append(batch.batch());
#ifndef DAILYFEED_CORE_PORTS_CONTRACTS_LOG_BATCH_BUILDER_H_
#define DAILYFEED_CORE_PORTS_CONTRACTS_LOG_BATCH_BUILDER_H_

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/domain/events.pb.h"
#include "core/ports/event_log.h"

namespace dailyfeed {

// Movable; the batch points into it.
class LogBatchBuilder {
 public:
  explicit LogBatchBuilder(Position first) : next_(first) {}
  LogBatchBuilder(LogBatchBuilder&&) = default;
  LogBatchBuilder& operator=(LogBatchBuilder&&) = default;

  // The payload is a published post; its text begins with the position.
  LogBatchBuilder& Add(v1::StreamKind kind, uint64_t id, StreamVersion version, Day day,
                       std::string_view text = {}) & {
    v1::Event event;
    event.set_position(next_++);
    event.set_stream_kind(kind);
    event.set_stream_id(id);
    event.set_stream_version(version);
    event.set_event_id(std::string(16, static_cast<char>(event.position())));
    event.set_occurred_at_ns(static_cast<TimestampNs>(event.position()) * 1000);
    event.set_recorded_at_ns(event.occurred_at_ns() + 1);
    event.set_actor(1);
    event.set_command_id(std::string(16, 'c'));
    auto* post = event.mutable_payload()->mutable_post_published();
    post->set_post_id(id);
    post->set_author_id(1);
    post->set_content("the event at position " + std::to_string(event.position()) + " " +
                      std::string(text));
    return Add(event, day);
  }
  LogBatchBuilder& Add(const v1::Event& event, Day day) & {
    events_.push_back(event);
    bytes_.push_back(event.SerializeAsString());
    batch_.events.push_back({event.position(), event.stream_kind(), event.stream_id(),
                             event.stream_version(), day, bytes_.back()});
    return *this;
  }
  LogBatchBuilder& Row(std::string_view key, std::string_view value) & {
    batch_.decision_rows.push_back({std::string(key), std::string(value)});
    return *this;
  }
  LogBatchBuilder& NoRow(std::string_view key) & {
    batch_.decision_rows.push_back({std::string(key), std::nullopt});
    return *this;
  }
  LogBatchBuilder& Record(std::string_view key, TimestampNs expires, std::string_view value) & {
    batch_.idempotency.push_back({std::string(key), expires, std::string(value)});
    return *this;
  }

  // The same on a temporary.
  template <typename... Args>
  LogBatchBuilder&& Add(Args&&... args) && {
    return std::move(Add(std::forward<Args>(args)...));
  }
  LogBatchBuilder&& Row(std::string_view key, std::string_view value) && {
    return std::move(Row(key, value));
  }
  LogBatchBuilder&& NoRow(std::string_view key) && { return std::move(NoRow(key)); }
  LogBatchBuilder&& Record(std::string_view key, TimestampNs expires, std::string_view value) && {
    return std::move(Record(key, expires, value));
  }

  const LogBatch& batch() const { return batch_; }
  const std::deque<v1::Event>& events() const { return events_; }

 private:
  Position next_;
  std::deque<v1::Event> events_;
  std::deque<std::string> bytes_;  // a deque moves without moving its strings
  LogBatch batch_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_CONTRACTS_LOG_BATCH_BUILDER_H_
