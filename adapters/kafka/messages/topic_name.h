// The names of topics: a kind and a day.
//
//   TopicName({TopicKind::kActivities, 20261121});   // "member-activity-20261121"
#ifndef DAILYFEED_ADAPTERS_KAFKA_MESSAGES_TOPIC_NAME_H_
#define DAILYFEED_ADAPTERS_KAFKA_MESSAGES_TOPIC_NAME_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/types.h"

namespace dailyfeed::kafka {

enum class TopicKind {
  kActivities = 0,  // member-activity-yyyyMMdd: JSON, for other systems
  kEvents = 1,      // dailyfeed-events-yyyyMMdd: protobuf, complete, for replicas
};
inline constexpr int kTopicKinds = 2;
inline constexpr std::array<TopicKind, kTopicKinds> kAllTopicKinds = {TopicKind::kActivities,
                                                                      TopicKind::kEvents};

struct DayTopic {
  TopicKind kind = TopicKind::kActivities;
  Day day = 0;
  friend bool operator==(const DayTopic&, const DayTopic&) = default;
  friend auto operator<=>(const DayTopic&, const DayTopic&) = default;
};

// "member-activity-", "dailyfeed-events-".
std::string_view TopicPrefix(TopicKind kind);
std::string TopicName(const DayTopic& topic);
// nullopt for a name that is none of ours, and for a day that does not exist.
std::optional<DayTopic> ParseTopicName(std::string_view name);

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_MESSAGES_TOPIC_NAME_H_
