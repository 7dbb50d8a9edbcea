// One event of the log as a message of a topic: key, value and headers, as other
// systems read them. docs/reference/messages.md shows one of every type.
//
//   const MessageWriter writer(zone, /*history=*/1);
//   if (writer.IsMessage(TopicKind::kActivities, event)) {
//     const DayTopic topic = writer.TopicOf(TopicKind::kActivities, event);
//     Message message = writer.Write(TopicKind::kActivities, event, previous);
//   }
//
// Immutable; from any thread.
#ifndef DAILYFEED_ADAPTERS_KAFKA_MESSAGES_MESSAGE_H_
#define DAILYFEED_ADAPTERS_KAFKA_MESSAGES_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/kafka/messages/topic_name.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "core/ports/day.h"

namespace dailyfeed::kafka {

struct Header {
  std::string_view name;  // one of those below: lives for ever
  std::string value;
  bool operator==(const Header&) const = default;
};

inline constexpr std::string_view kPositionHeader = "dailyfeed-position";
inline constexpr std::string_view kPreviousHeader = "dailyfeed-previous";
inline constexpr std::string_view kHistoryHeader = "dailyfeed-history";
inline constexpr std::string_view kKeyHeader = "dailyfeed-key";
inline constexpr std::string_view kEventIdHeader = "dailyfeed-event-id";
inline constexpr std::string_view kOccurredAtHeader = "dailyfeed-occurred-at";
inline constexpr std::string_view kSchemaHeader = "dailyfeed-schema";
inline constexpr std::string_view kTypeHeader = "dailyfeed-type";
inline constexpr std::string_view kReplayHeader = "dailyfeed-replay";

struct Message {
  std::string key;
  std::string value;
  std::vector<Header> headers;

  // What the broker counts, with room for what a batch and a record add.
  size_t Bytes() const;
};

class MessageWriter {
 public:
  // `history` is the number of the log's history, from 1.
  MessageWriter(DayZone zone, uint64_t history) : zone_(std::move(zone)), history_(history) {}

  // Whether the event has a message on topics of this kind. Every event has one
  // on dailyfeed-events.
  static bool IsMessage(TopicKind kind, const v1::Event& event);

  // The event's own day, whenever it is sent.
  DayTopic TopicOf(TopicKind kind, const v1::Event& event) const {
    return {kind, zone_.DayOf(event.occurred_at_ns())};
  }

  // `previous` is the position of the message before this one with the same kind
  // and partition, 0: none. `order_key` is OrderKeyOf(event). For events, `event`
  // is written as it is: see WithoutPersonalData.
  Message Write(TopicKind kind, const v1::Event& event, std::string_view order_key,
                Position previous) const;

 private:
  std::string ActivityKey(const v1::Event& event) const;
  std::string ActivityValue(const v1::Event& event) const;

  const DayZone zone_;
  const uint64_t history_;
};

// What an event says in the clear about a person, taken out for the topics: the
// handle becomes `sealed_handle`, a text that is no handle. nullopt: the member
// has withdrawn; the handle and the digest of the e-mail become empty.
bool HasPersonalData(const v1::Event& event);
MemberId OwnerOfPersonalData(const v1::Event& event);
const std::string& HandleIn(const v1::Event& event);
v1::Event WithoutPersonalData(const v1::Event& event,
                              const std::optional<std::string>& sealed_handle);

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_MESSAGES_MESSAGE_H_
