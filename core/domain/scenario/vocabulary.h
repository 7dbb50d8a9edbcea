// Commands, events, violations and limits by their names in scenario files.
// Errors of all: INVALID_ARGUMENT saying which name or value is wrong.
#ifndef DAILYFEED_CORE_DOMAIN_SCENARIO_VOCABULARY_H_
#define DAILYFEED_CORE_DOMAIN_SCENARIO_VOCABULARY_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/errors.h"
#include "core/domain/events.pb.h"
#include "core/domain/scenario/tokens.h"

namespace dailyfeed {

// "LikePost" with {post_id: 3}. Fields that are not named keep their default,
// except that a sign-up gets an e-mail digest and a subject id of its handle, a
// profile update some sealed changes, and a picture hashes, dimensions and sizes.
absl::StatusOr<Command> MakeCommand(std::string_view name, ScenarioFields fields);

// "PostLiked" with {post_id: 3, member_id: 1}; defaults as above.
absl::StatusOr<v1::Payload> MakePayload(std::string_view name, const ScenarioFields& fields);

absl::Status SetLimits(const ScenarioFields& fields, DomainLimits* limits);

// "TOO_LONG" of "content" with {limit: 1000}.
absl::StatusOr<Violation> MakeViolation(std::string_view field, std::string_view rule,
                                        const ScenarioFields& fields);
std::string_view RuleName(Violation::Rule rule);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_SCENARIO_VOCABULARY_H_
