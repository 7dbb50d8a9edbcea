#include <fmt/format.h>

#include <utility>

#include "core/base/status_macros.h"
#include "core/domain/scenario/scenario.h"
#include "core/domain/scenario/tokens.h"
#include "core/domain/scenario/vocabulary.h"

namespace dailyfeed {
namespace {

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

class Parser {
 public:
  explicit Parser(std::string_view file) : file_(file) {}

  absl::Status Line(int number, std::string_view text) {
    line_ = number;
    LineReader reader(text);
    if (reader.AtEnd()) return absl::OkStatus();
    const std::string keyword = reader.Word();
    if (keyword == "scenario") return StartScenario(reader);
    if (scenarios_.empty()) return Wrong("a file begins with 'scenario <title>'");
    if (keyword == "limits") return Limits(reader);
    if (keyword == "given") return Given(reader);
    if (keyword == "when") return When(reader);
    if (keyword == "then") return Then(reader);
    if (keyword == "violation") return AddViolation(reader);
    return Wrong(fmt::format("'{}' is no keyword", keyword));
  }

  absl::StatusOr<std::vector<Scenario>> Finish() {
    if (scenarios_.empty()) return Wrong("no scenario");
    RETURN_IF_ERROR(CheckComplete());
    return std::move(scenarios_);
  }

 private:
  Scenario& current() { return scenarios_.back(); }

  // Every `when` has its `then`, every scenario a step.
  absl::Status CheckComplete() {
    if (scenarios_.empty()) return absl::OkStatus();
    if (current().steps.empty()) {
      return Wrong(fmt::format("the scenario of line {} has no 'when'", current().line));
    }
    const ScenarioStep& step = current().steps.back();
    if (!std::holds_alternative<std::monostate>(step.then)) return absl::OkStatus();
    return Wrong(fmt::format("the 'when' of line {} has no 'then'", step.line));
  }

  absl::Status StartScenario(LineReader& reader) {
    RETURN_IF_ERROR(CheckComplete());
    Scenario scenario;
    scenario.file = std::string(file_);
    scenario.line = line_;
    scenario.title = reader.Remainder();
    if (scenario.title.empty()) return Wrong("a scenario has a title");
    scenarios_.push_back(std::move(scenario));
    return absl::OkStatus();
  }

  absl::Status Limits(LineReader& reader) {
    if (!current().steps.empty()) return Wrong("'limits' stands before the first 'when'");
    ASSIGN_OR_RETURN(const ScenarioFields fields, reader.Fields());
    return SetLimits(fields, &current().limits);
  }

  absl::StatusOr<v1::Payload> Event(LineReader& reader, const std::string& name) {
    ASSIGN_OR_RETURN(const ScenarioFields fields, reader.Fields());
    return MakePayload(name, fields);
  }

  absl::Status Given(LineReader& reader) {
    if (!current().steps.empty()) return Wrong("'given' stands before the first 'when'");
    const std::string name = reader.Word();
    ASSIGN_OR_RETURN(v1::Payload payload, Event(reader, name));
    current().given.push_back({line_, std::move(payload)});
    return absl::OkStatus();
  }

  // "when member 7 LikePost ...", "when anybody SignUp ...",
  // "when the log says PostLiked ...".
  absl::Status When(LineReader& reader) {
    if (!current().steps.empty()) RETURN_IF_ERROR(CheckComplete());
    ScenarioStep step;
    step.line = line_;
    const std::string who = reader.Word();
    if (who == "the") {
      if (reader.Word() != "log" || reader.Word() != "says") return Wrong("'when the log says'");
      const std::string name = reader.Word();
      ASSIGN_OR_RETURN(step.when, Event(reader, name));
    } else {
      SentCommand sent;
      if (who == "member") {
        ASSIGN_OR_RETURN(sent.actor, reader.Number());
      } else if (who != "anybody") {
        return Wrong("'when member <id>', 'when anybody' or 'when the log says'");
      }
      const std::string name = reader.Word();
      ASSIGN_OR_RETURN(ScenarioFields fields, reader.Fields());
      ASSIGN_OR_RETURN(sent.command, MakeCommand(name, std::move(fields)));
      step.when = std::move(sent);
    }
    current().steps.push_back(std::move(step));
    return absl::OkStatus();
  }

  // "then PostLiked ...", "then error POST_NOT_FOUND",
  // "then contradiction <part of its message>".
  absl::Status Then(LineReader& reader) {
    if (current().steps.empty()) return Wrong("'then' without a 'when'");
    ScenarioStep& step = current().steps.back();
    const std::string name = reader.Word();
    const bool first = std::holds_alternative<std::monostate>(step.then);
    const bool folded = std::holds_alternative<v1::Payload>(step.when);
    if (name == "error" || name == "contradiction") {
      if (!first) return Wrong("'then' follows its 'when' once, or names one event after another");
      if (folded != (name == "contradiction")) {
        return Wrong("a command meets an error, a wrong event a contradiction");
      }
      if (name == "contradiction") {
        step.then = ExpectedContradiction{reader.Remainder()};
        return absl::OkStatus();
      }
      const std::string code_name = reader.Word();
      const std::optional<ErrorCode> code = ParseErrorCode(code_name);
      if (!code.has_value()) return Wrong(fmt::format("'{}' is no error", code_name));
      if (!reader.AtEnd()) return Wrong("nothing follows the name of the error");
      step.then = ExpectedError{*code, {}};
      return absl::OkStatus();
    }
    if (folded) return Wrong("after 'when the log says' comes 'then contradiction'");
    if (first) step.then = ExpectedEvents{};
    auto* const expected = std::get_if<ExpectedEvents>(&step.then);
    if (expected == nullptr) return Wrong("an error and an event exclude each other");
    ASSIGN_OR_RETURN(v1::Payload payload, Event(reader, name));
    expected->payloads.push_back(std::move(payload));
    return absl::OkStatus();
  }

  // "violation content TOO_LONG limit=1000"
  absl::Status AddViolation(LineReader& reader) {
    auto* const error = current().steps.empty()
                            ? nullptr
                            : std::get_if<ExpectedError>(&current().steps.back().then);
    if (error == nullptr) return Wrong("'violation' follows 'then error CODE'");
    const std::string field = reader.Word();
    const std::string rule = reader.Word();
    ASSIGN_OR_RETURN(const ScenarioFields fields, reader.Fields());
    ASSIGN_OR_RETURN(Violation violation, MakeViolation(field, rule, fields));
    error->violations.push_back(std::move(violation));
    return absl::OkStatus();
  }

  const std::string_view file_;
  int line_ = 0;
  std::vector<Scenario> scenarios_;
};

absl::Status At(std::string_view file, int line, const absl::Status& status) {
  return absl::InvalidArgumentError(
      fmt::format("{}:{}: {}", file, line, std::string(status.message())));
}

}  // namespace

absl::StatusOr<std::vector<Scenario>> ParseScenarios(std::string_view file, std::string_view text) {
  Parser parser(file);
  int line = 0;
  while (!text.empty()) {
    ++line;
    const size_t end = text.find('\n');
    const absl::Status status = parser.Line(line, text.substr(0, end));
    if (!status.ok()) return At(file, line, status);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  absl::StatusOr<std::vector<Scenario>> scenarios = parser.Finish();
  if (!scenarios.ok()) return At(file, line, scenarios.status());
  return scenarios;
}

}  // namespace dailyfeed
