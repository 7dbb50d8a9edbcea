#include <fmt/format.h>

#include <map>
#include <utility>

#include "core/base/status_macros.h"
#include "core/domain/decider.h"
#include "core/domain/map_rows.h"
#include "core/domain/scenario/scenario.h"
#include "core/domain/scenario/vocabulary.h"

namespace dailyfeed {
namespace {

std::string Describe(const v1::Payload& payload) {
  return fmt::format("{} {{{}}}", EventTypeName(payload), payload.ShortDebugString());
}

std::string Describe(const absl::Status& status) {
  const std::optional<ErrorCode> code = ErrorCodeOf(status);
  if (!code.has_value()) return status.ToString();
  std::string text(ErrorCodeName(*code));
  for (const Violation& v : ViolationsOf(status)) {
    text += fmt::format("\n  violation {} {} limit={} lower_limit={}", v.field, RuleName(v.rule),
                        v.limit, v.lower_limit);
  }
  return text;
}

std::string Describe(const absl::StatusOr<Events>& outcome) {
  if (!outcome.ok()) return Describe(outcome.status());
  std::string text;
  for (const NewEvent& event : *outcome) text += "\n  " + Describe(event.payload);
  return text;
}

std::string Describe(const std::vector<v1::Payload>& payloads) {
  std::string text;
  for (const v1::Payload& payload : payloads) text += "\n  " + Describe(payload);
  return text;
}

// Gives events their place as the engine does, and folds them.
class Run {
 public:
  explicit Run(const Scenario& scenario) : scenario_(scenario) {}

  absl::Status Execute() {
    for (const Scenario::Given& given : scenario_.given) {
      const absl::Status status = Fold(given.payload);
      if (!status.ok()) return Fail(given.line, "expected a history, got " + status.ToString());
    }
    for (const ScenarioStep& step : scenario_.steps) RETURN_IF_ERROR(Step(step));
    return absl::OkStatus();
  }

 private:
  absl::Status Fail(int line, const std::string& what) const {
    return absl::InternalError(fmt::format("{}:{}: {}", scenario_.file, line, what));
  }

  absl::Status Fold(const v1::Payload& payload) {
    const StreamRef stream = StreamOf(payload);
    v1::Event event;
    event.set_position(next_position_);
    event.set_stream_kind(stream.kind);
    event.set_stream_id(stream.id);
    *event.mutable_payload() = payload;
    RETURN_IF_ERROR(EvolveRows(event, rows_));
    ++next_position_;
    return absl::OkStatus();
  }

  absl::Status Step(const ScenarioStep& step) {
    const MapRows::Map before = rows_.rows();
    if (const auto* payload = std::get_if<v1::Payload>(&step.when)) {
      const auto& expected = std::get<ExpectedContradiction>(step.then);
      const absl::Status status = Fold(*payload);
      if (status.code() != absl::StatusCode::kDataLoss ||
          status.ToString().find(expected.text) == std::string::npos) {
        return Fail(step.line, fmt::format("expected a contradiction '{}', got {}", expected.text,
                                           status.ToString()));
      }
    } else {
      const auto& sent = std::get<SentCommand>(step.when);
      Context context;
      context.actor = sent.actor;
      context.limits = scenario_.limits;
      const absl::StatusOr<Events> outcome = DecideCommand(sent.command, context, rows_);
      if (rows_.rows() != before) return Fail(step.line, "the decision changed the rows");
      if (const auto* expected = std::get_if<ExpectedError>(&step.then)) {
        RETURN_IF_ERROR(CompareError(step.line, *expected, outcome));
      } else {
        return CompareEvents(step.line, std::get<ExpectedEvents>(step.then), outcome);
      }
    }
    if (rows_.rows() != before) return Fail(step.line, "a refusal changed the rows");
    return absl::OkStatus();
  }

  absl::Status CompareError(int line, const ExpectedError& expected,
                            const absl::StatusOr<Events>& outcome) const {
    // Compared as text: it names everything that counts.
    const absl::Status wanted = expected.violations.empty()
                                    ? MakeError(expected.code)
                                    : MakeViolations(expected.violations, expected.code);
    if (!outcome.ok() && Describe(outcome.status()) == Describe(wanted)) return absl::OkStatus();
    return Fail(line, fmt::format("expected {}, got {}", Describe(wanted), Describe(outcome)));
  }

  absl::Status CompareEvents(int line, const ExpectedEvents& expected,
                             const absl::StatusOr<Events>& outcome) {
    if (Describe(outcome) != Describe(expected.payloads)) {
      return Fail(
          line, fmt::format("expected {}, got {}", Describe(expected.payloads), Describe(outcome)));
    }
    for (const NewEvent& event : *outcome) {
      if (StreamOf(event.payload) != StreamRef{event.stream_kind, event.stream_id}) {
        return Fail(line, "an event in the wrong stream");
      }
      const absl::Status status = Fold(event.payload);
      if (!status.ok())
        return Fail(line, "the decided event is not accepted: " + status.ToString());
    }
    return absl::OkStatus();
  }

  const Scenario& scenario_;
  MapRows rows_;
  Position next_position_ = 1;
};

}  // namespace

absl::Status RunScenario(const Scenario& scenario) { return Run(scenario).Execute(); }

}  // namespace dailyfeed
