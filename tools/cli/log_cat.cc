#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "core/base/status_macros.h"
#include "core/domain/decider.h"
#include "core/ports/day.h"
#include "tools/cli/event_json.h"
#include "tools/cli/operator_commands.h"

ABSL_FLAG(std::string, day, "", "A day, yyyyMMdd; of `log cat`: only events that occurred on it.");
ABSL_FLAG(std::vector<std::string>, type, {},
          "Only events of these types, comma-separated: PostPublished,PostEdited.");
ABSL_FLAG(std::string, stream, "", "Only events of this stream: post/41, member/7, follows/7.");
ABSL_FLAG(uint64_t, from, 1, "The first position.");
ABSL_FLAG(uint64_t, to, 0, "The last position; 0 is the head.");
ABSL_FLAG(uint64_t, limit, 0, "At most this many events; 0 is all.");

namespace dailyfeed::cli {
namespace {

struct Selection {
  std::optional<Day> day;
  std::vector<std::string> types;
  v1::StreamKind stream_kind = v1::STREAM_KIND_UNSPECIFIED;
  uint64_t stream_id = 0;
  Position from = 1;
  Position to = std::numeric_limits<Position>::max();
  uint64_t limit = std::numeric_limits<uint64_t>::max();

  bool has_stream() const { return stream_kind != v1::STREAM_KIND_UNSPECIFIED; }
};

absl::StatusOr<Selection> SelectionOf(const CommandArguments& arguments) {
  Selection selection;
  ASSIGN_OR_RETURN(const std::string day, arguments.Get<std::string>("day"));
  if (!day.empty()) {
    selection.day = ParseDay(day);
    if (*selection.day == 0) {
      return absl::InvalidArgumentError(
          fmt::format("--day is a date like 20261121, not \"{}\".", day));
    }
  }
  ASSIGN_OR_RETURN(selection.types, arguments.Get<std::vector<std::string>>("type"));
  const std::vector<std::string> known = EventTypeNames();
  for (const std::string& type : selection.types) {
    if (std::find(known.begin(), known.end(), type) == known.end()) {
      return absl::InvalidArgumentError(fmt::format("There is no event type \"{}\"; there are: {}.",
                                                    type, fmt::join(known, ", ")));
    }
  }
  ASSIGN_OR_RETURN(const std::string stream, arguments.Get<std::string>("stream"));
  if (!stream.empty()) {
    if (!ParseStreamName(stream, &selection.stream_kind, &selection.stream_id)) {
      return absl::InvalidArgumentError(
          fmt::format("--stream is a name like post/41, not \"{}\".", stream));
    }
  }
  ASSIGN_OR_RETURN(selection.from, arguments.Get<uint64_t>("from"));
  ASSIGN_OR_RETURN(const uint64_t to, arguments.Get<uint64_t>("to"));
  if (to != 0) selection.to = to;
  ASSIGN_OR_RETURN(const uint64_t limit, arguments.Get<uint64_t>("limit"));
  if (limit != 0) selection.limit = limit;
  return selection;
}

// A reader may go away while nothing is selected.
constexpr uint64_t kVisitsBetweenQuestions = 1024;

// Prints what is selected of the events it is shown, until it has enough.
class Printer {
 public:
  Printer(const Selection& selection, const DayZone& zone, const EventLog& log,
          control::ControlOutput* output)
      : selection_(selection), zone_(zone), log_(log), output_(output) {}

  bool Visit(const v1::Event& event) {
    if (event.position() > selection_.to) return false;
    if (++visited_ % kVisitsBetweenQuestions == 0 && !output_->Wanted()) return false;
    if (!Selects(event)) return true;
    const Day day = zone_.DayOf(event.occurred_at_ns());
    if (!output_->Write(EventToJson(event, day, SealedFieldsOf(event)) + "\n")) return false;
    return ++printed_ < selection_.limit;
  }

 private:
  // Personal fields and handles are in the streams of members only. A withdrawal
  // destroys the key they are sealed with.
  SealedFields SealedFieldsOf(const v1::Event& event) const {
    if (event.stream_kind() != v1::STREAM_KIND_MEMBER) return SealedFields::kSealed;
    const auto get = [this](std::string_view key, std::string* value) {
      return log_.GetDecisionRow(key, value);
    };
    const absl::StatusOr<bool> live = ReadMemberIsLive(get, event.stream_id());
    // Rows that cannot be read are for `log verify`; the events are shown.
    return live.ok() && !*live ? SealedFields::kErased : SealedFields::kSealed;
  }

  bool Selects(const v1::Event& event) const {
    if (event.position() < selection_.from) return false;
    if (selection_.has_stream() && (event.stream_kind() != selection_.stream_kind ||
                                    event.stream_id() != selection_.stream_id)) {
      return false;
    }
    if (selection_.day && zone_.DayOf(event.occurred_at_ns()) != *selection_.day) return false;
    if (selection_.types.empty()) return true;
    const std::string_view type = EventTypeName(event.payload());
    return std::find(selection_.types.begin(), selection_.types.end(), type) !=
           selection_.types.end();
  }

  const Selection& selection_;
  const DayZone& zone_;
  const EventLog& log_;
  control::ControlOutput* const output_;
  uint64_t visited_ = 0;
  uint64_t printed_ = 0;
};

absl::Status Print(const EventLog& log, const Selection& selection,
                   control::ControlOutput* output) {
  ASSIGN_OR_RETURN(const DayZone zone, DayZone::Load(TimeZoneOf(log)));
  Printer printer(selection, zone, log, output);
  const auto visit = [&printer](const v1::Event& event) { return printer.Visit(event); };
  // The narrowest index that answers.
  if (selection.has_stream()) {
    return log.ReadStream(selection.stream_kind, selection.stream_id, 1, visit);
  }
  if (selection.day) return log.ReadDay(*selection.day, visit);
  return log.Read(selection.from, visit);
}

absl::StatusOr<int> Cat(OperatorTarget& target, const CommandArguments& arguments,
                        control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const Selection selection, SelectionOf(arguments));
  ASSIGN_OR_RETURN(const EventLog* log, target.Log());
  RETURN_IF_ERROR(Print(*log, selection, &output));
  return kExitOk;
}

}  // namespace

OperatorCommand LogCatCommand() {
  return {
      .subcommand =
          {
              .name = "log cat",
              .summary = "print events as JSON lines, with filters",
              .synopsis =
                  "--data-dir=DIR [--day=yyyyMMdd] [--type=NAME,...] [--stream=NAME/ID] [--from=N] "
                  "[--to=N] [--limit=N]",
              .text = "Prints events in the order of the log, one JSON object a line. Filters "
                      "narrow each\n"
                      "other. Personal data stay sealed ({\"sealed\": bytes}); those of a "
                      "withdrawn member, "
                      "for\n"
                      "nobody can open them, and that member's handles and e-mail digest are "
                      "{\"erased\": "
                      "bytes}.\n"
                      "\n"
                      "  dailyfeed log cat --data-dir=feed --limit=3\n"
                      "  dailyfeed log cat --data-dir=feed --day=20261121 --type=PostPublished\n"
                      "  dailyfeed log cat --data-dir=feed --stream=post/41\n"
                      "  dailyfeed log cat --data-dir=feed --from=1000 --to=1999 | jq .data\n",
              .flags = {"data-dir", "day", "type", "stream", "from", "to", "limit"},
          },
      .run = &Cat};
}

}  // namespace dailyfeed::cli
