#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "adapters/kafka/letters/relay_state.h"
#include "core/base/status_macros.h"
#include "tools/cli/event_json.h"
#include "tools/cli/operator_commands.h"

ABSL_FLAG(uint64_t, id, 0, "The number of the letter, as `deadletter list` shows it.");

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

constexpr size_t kLettersAtOnce = 1000;

std::string TimeText(int64_t ns) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromUnixNanos(ns), absl::UTCTimeZone());
}

kafka::TopicPartition PlaceOf(const kafka::rows::Letter& letter) {
  return {{static_cast<kafka::TopicKind>(letter.kind()), static_cast<Day>(letter.day())},
          static_cast<int>(letter.partition())};
}

json::object LetterJson(const kafka::rows::Letter& letter) {
  const kafka::TopicPartition place = PlaceOf(letter);
  return {{"id", letter.id()},
          {"origin", "publisher"},
          {"topic", kafka::TopicName(place.topic)},
          {"partition", place.partition},
          {"position", letter.position()},
          {"previous", letter.previous()},
          {"history", letter.history()},
          {"bytes", letter.bytes()},
          {"failedAt", TimeText(letter.failed_at_ns())},
          {"error", letter.error()}};
}

std::string LetterLine(const kafka::rows::Letter& letter, bool as_json) {
  if (as_json) return json::serialize(LetterJson(letter)) + "\n";
  const kafka::TopicPartition place = PlaceOf(letter);
  return fmt::format("{:>6}  {}  {} partition {} position {}: {}\n", letter.id(),
                     TimeText(letter.failed_at_ns()), kafka::TopicName(place.topic),
                     place.partition, letter.position(), letter.error());
}

// A refused topic is one letter for each partition's range.
std::string RangeLine(const kafka::JobView& view, bool as_json) {
  if (as_json) {
    return json::serialize(json::object{{"origin", "publisher"},
                                        {"topic", kafka::TopicName(view.of.topic)},
                                        {"partition", view.of.partition},
                                        {"firstPosition", view.job.first_position()},
                                        {"lastPosition", view.job.until()},
                                        {"sentUpTo", view.job.position()},
                                        {"since", TimeText(view.job.since_ns())},
                                        {"error", view.job.error()}}) +
           "\n";
  }
  return fmt::format("range   {}  {} partition {} positions {} to {}, sent up to {}: {}\n",
                     TimeText(view.job.since_ns()), kafka::TopicName(view.of.topic),
                     view.of.partition, view.job.first_position(), view.job.until(),
                     view.job.position(),
                     view.job.error().empty() ? "the broker lost it" : view.job.error());
}

absl::StatusOr<int> List(OperatorTarget& target, const CommandArguments& arguments,
                         control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  ASSIGN_OR_RETURN(const std::vector<kafka::JobView> ranges, target.RelayRanges());
  for (const kafka::JobView& range : ranges) {
    if (!output.Write(RangeLine(range, as_json))) return kExitOk;
  }
  for (uint64_t after = 0;;) {
    ASSIGN_OR_RETURN(const std::vector<kafka::rows::Letter> letters,
                     target.RelayLetters(after, kLettersAtOnce));
    if (letters.empty()) return kExitOk;
    for (const kafka::rows::Letter& letter : letters) {
      if (!output.Write(LetterLine(letter, as_json))) return kExitOk;
    }
    after = letters.back().id();
  }
}

absl::StatusOr<int> Show(OperatorTarget& target, const CommandArguments& arguments,
                         control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const uint64_t id, arguments.Get<uint64_t>("id"));
  if (id == 0) return absl::InvalidArgumentError("Say --id=NUMBER.");
  ASSIGN_OR_RETURN(const std::vector<kafka::rows::Letter> letters, target.RelayLetters(id - 1, 1));
  if (letters.empty() || letters.front().id() != id) {
    return absl::NotFoundError(fmt::format("there is no letter {}", id));
  }
  output.Write(json::serialize(LetterJson(letters.front())) + "\n");
  // The payload stands in the log. Nobody is named: they may have withdrawn.
  ASSIGN_OR_RETURN(const EventLog* log, target.Log());
  RETURN_IF_ERROR(log->Read(letters.front().position(), [&](const v1::Event& event) {
    output.Write(
        EventToJson(event, static_cast<Day>(letters.front().day()), SealedFields::kErased) + "\n");
    return false;
  }));
  return kExitOk;
}

}  // namespace

OperatorCommand DeadletterListCommand() {
  return {.subcommand =
              {
                  .name = "deadletter list",
                  .summary = "the messages that Kafka did not take",
                  .synopsis = "--data-dir=DIR [--json]",
                  .text = "One line a message that the broker will never take, and one a range of "
                          "positions that\n"
                          "waits for its topic.\n"
                          "\n"
                          "  dailyfeed deadletter list --data-dir=feed\n",
                  .flags = {"data-dir", "json"},
              },
          .run = &List};
}

OperatorCommand DeadletterShowCommand() {
  return {.subcommand =
              {
                  .name = "deadletter show",
                  .summary = "one message that Kafka did not take, and its event",
                  .synopsis = "--data-dir=DIR --id=NUMBER",
                  .text = "Two lines of JSON: the letter, and the event as `log cat` shows it.\n"
                          "\n"
                          "  dailyfeed deadletter show --data-dir=feed --id=1\n",
                  .flags = {"data-dir", "id"},
              },
          .run = &Show};
}

}  // namespace dailyfeed::cli
