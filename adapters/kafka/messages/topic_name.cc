#include "adapters/kafka/messages/topic_name.h"

#include <fmt/format.h>

#include "core/ports/day.h"

namespace dailyfeed::kafka {

std::string_view TopicPrefix(TopicKind kind) {
  return kind == TopicKind::kActivities ? "member-activity-" : "dailyfeed-events-";
}

std::string TopicName(const DayTopic& topic) {
  return fmt::format("{}{:08}", TopicPrefix(topic.kind), topic.day);
}

std::optional<DayTopic> ParseTopicName(std::string_view name) {
  for (const TopicKind kind : kAllTopicKinds) {
    const std::string_view prefix = TopicPrefix(kind);
    if (!name.starts_with(prefix)) continue;
    const Day day = ParseDay(name.substr(prefix.size()));
    if (day != 0) return DayTopic{kind, day};
  }
  return std::nullopt;
}

}  // namespace dailyfeed::kafka
