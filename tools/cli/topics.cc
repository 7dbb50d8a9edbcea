#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <string>

#include "absl/flags/flag.h"
#include "absl/time/clock.h"
#include "adapters/kafka/relay/relay.h"
#include "core/base/status_macros.h"
#include "core/ports/day.h"
#include "tools/cli/operator_commands.h"

ABSL_FLAG(int, older_than_days, 0,
          "Delete topics of days that lie more than so many days before today; at least 1.");

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

std::string_view StateName(kafka::TopicState state) {
  switch (state) {
    case kafka::TopicState::kUnknown:
      return "unknown";
    case kafka::TopicState::kReady:
      return "ready";
    case kafka::TopicState::kRefused:
      return "refused";
    case kafka::TopicState::kWithheld:
      return "withheld";
    case kafka::TopicState::kPruned:
      return "pruned";
  }
  return "";
}

// What was sent to a topic and what waits, of all its partitions.
struct TopicSums {
  Position first = 0;
  Position last = 0;
  uint64_t waiting = 0;  // partitions with a range that is not sent
};

absl::StatusOr<int> ListTopics(OperatorTarget& target, const CommandArguments& arguments,
                               control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  ASSIGN_OR_RETURN(kafka::Relay * relay, target.Relay());
  std::map<kafka::DayTopic, TopicSums> sums;
  for (const auto& [of, mark] : relay->marks()) {
    TopicSums& topic = sums[of.topic];
    if (topic.first == 0 || mark.first_position() < topic.first) {
      topic.first = mark.first_position();
    }
    topic.last = std::max<Position>(topic.last, mark.last_position());
  }
  for (const kafka::JobView& job : relay->jobs()) ++sums[job.of.topic].waiting;
  for (const auto& [topic, view] : relay->topics()) {
    const TopicSums& sum = sums[topic];
    const std::string line =
        as_json
            ? json::serialize(json::object{{"topic", kafka::TopicName(topic)},
                                           {"state", std::string(StateName(view.state))},
                                           {"partitions", view.partitions},
                                           {"firstPosition", sum.first},
                                           {"lastPosition", sum.last},
                                           {"waitingPartitions", sum.waiting},
                                           {"error", view.error}})
            : fmt::format(
                  "{:<28} {:<9} partitions {:>3}  positions {} to {}{}{}", kafka::TopicName(topic),
                  StateName(view.state), view.partitions, sum.first, sum.last,
                  sum.waiting == 0 ? std::string()
                                   : fmt::format("  not complete: {} partitions wait", sum.waiting),
                  view.error.empty() ? std::string() : "  " + view.error);
    if (!output.Write(line + "\n")) break;
  }
  return kExitOk;
}

absl::StatusOr<int> CreateTopics(OperatorTarget& target, const CommandArguments& arguments,
                                 control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const std::string text, arguments.Get<std::string>("day"));
  const Day day = ParseDay(text);
  if (day == 0) return absl::InvalidArgumentError("Say --day=yyyyMMdd.");
  ASSIGN_OR_RETURN(kafka::Relay * relay, target.Relay());
  RETURN_IF_ERROR(relay->CreateDay(day));
  output.Write(fmt::format("the topics of {} are made; `topics list` shows them\n", day));
  return kExitOk;
}

absl::StatusOr<int> PruneTopics(OperatorTarget& target, const CommandArguments& arguments,
                                control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const int days, arguments.Get<int>("older-than-days"));
  if (days < 1) return absl::InvalidArgumentError("Say --older-than-days=N, at least 1.");
  ASSIGN_OR_RETURN(kafka::Relay * relay, target.Relay());
  const absl::CivilDay first = absl::ToCivilDay(absl::Now(), relay->zone().zone()) - days;
  const Day before = static_cast<Day>(first.year() * 10000 + first.month() * 100 + first.day());
  ASSIGN_OR_RETURN(const std::vector<std::string> deleted, relay->PruneBefore(before));
  for (const std::string& name : deleted) output.Write("deleted " + name + "\n");
  output.Write(fmt::format("{} topics of days before {} deleted\n", deleted.size(), before));
  return kExitOk;
}

}  // namespace

OperatorCommand TopicsListCommand() {
  return {.subcommand =
              {
                  .name = "topics list",
                  .summary = "the day topics of Kafka: state, positions, what waits",
                  .synopsis = "--data-dir=DIR [--json]",
                  .text = "Asks the running server. `not complete` names a topic for which a range "
                          "of positions\n"
                          "waits: the topic is refused, or the broker lost what it had "
                          "acknowledged.\n"
                          "\n"
                          "  dailyfeed topics list --data-dir=feed\n",
                  .flags = {"data-dir", "json"},
              },
          .run = &ListTopics};
}

OperatorCommand TopicsCreateCommand() {
  return {.subcommand =
              {
                  .name = "topics create",
                  .summary = "make the topics of a day, also of one that was pruned",
                  .synopsis = "--data-dir=DIR --day=yyyyMMdd",
                  .text = "Topics of yesterday, today and tomorrow are made by the server, others "
                          "when a message\n"
                          "needs them.\n"
                          "\n"
                          "  dailyfeed topics create --data-dir=feed --day=20261121\n",
                  .flags = {"data-dir", "day"},
              },
          .run = &CreateTopics};
}

OperatorCommand TopicsPruneCommand() {
  return {.subcommand =
              {
                  .name = "topics prune",
                  .summary = "delete the topics of old days",
                  .synopsis = "--data-dir=DIR --older-than-days=N",
                  .text = "Deletes both topics of every day that lies more than N days before "
                          "today, with what they\n"
                          "hold. A late message does not make them again; `topics create` "
                          "does.\n"
                          "\n"
                          "  dailyfeed topics prune --data-dir=feed --older-than-days=30\n",
                  .flags = {"data-dir", "older-than-days"},
              },
          .run = &PruneTopics};
}

}  // namespace dailyfeed::cli
