// Scenario files: what the domain does, as data. testdata/scenarios/README.md
// describes the language.
//
//   ASSIGN_OR_RETURN(auto scenarios, ParseScenarios("follow.scenario", text));
//   for (const Scenario& scenario : scenarios) RETURN_IF_ERROR(RunScenario(scenario));
//
// Errors name "file:line". Threads: from any.
#ifndef DAILYFEED_CORE_DOMAIN_SCENARIO_SCENARIO_H_
#define DAILYFEED_CORE_DOMAIN_SCENARIO_SCENARIO_H_

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/errors.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {

// `when`: a command by somebody, or an event that is folded as it is.
struct SentCommand {
  MemberId actor = 0;
  Command command;
};

// `then`: events, an error with its violations, or a contradiction whose
// message holds a text.
struct ExpectedEvents {
  std::vector<v1::Payload> payloads;
};
struct ExpectedError {
  ErrorCode code = ErrorCode::kInvalidRequest;
  std::vector<Violation> violations;
};
struct ExpectedContradiction {
  std::string text;
};

struct ScenarioStep {
  int line = 0;
  std::variant<SentCommand, v1::Payload> when;
  std::variant<std::monostate, ExpectedEvents, ExpectedError, ExpectedContradiction> then;
};

struct Scenario {
  struct Given {
    int line = 0;
    v1::Payload payload;
  };
  std::string file;
  int line = 0;
  std::string title;
  DomainLimits limits;
  std::vector<Given> given;
  std::vector<ScenarioStep> steps;
};

// INVALID_ARGUMENT "file:line: what" for anything that is not the language.
absl::StatusOr<std::vector<Scenario>> ParseScenarios(std::string_view file, std::string_view text);

// INTERNAL "file:line: expected ..., got ..." when the domain does otherwise.
absl::Status RunScenario(const Scenario& scenario);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_SCENARIO_SCENARIO_H_
