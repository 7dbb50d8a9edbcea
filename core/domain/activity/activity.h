// Activities that change nothing: somebody read a comment or their own post,
// logged in, logged out, or reported an activity themselves.
//
// Every other activity is told by the event of what it changed. These have an
// event of their own, so that the log holds all of them.
#ifndef DAILYFEED_CORE_DOMAIN_ACTIVITY_ACTIVITY_H_
#define DAILYFEED_CORE_DOMAIN_ACTIVITY_ACTIVITY_H_

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {

// "POST_READ" <-> ACTIVITY_TYPE_POST_READ: the names that other systems know.
// The name of an unknown type is empty; an unknown name is nullopt.
std::string_view ActivityTypeName(v1::ActivityType type);
std::optional<v1::ActivityType> ParseActivityType(std::string_view name);

// What an activity of a type names.
enum class ActivitySubject {
  kPost,     // a post
  kComment,  // a comment, and its post
  kMember,   // nothing but the member who acted; of a follow, the other member
};
ActivitySubject ActivitySubjectOf(v1::ActivityType type);

// INVALID_REQUEST with violations of activityType, postId, commentId: a type
// that is none or that names another member; an id that the type needs and that
// is missing; one that it must not have. Whether post or comment exist is not
// asked: an activity may be reported after they are gone.
absl::StatusOr<Events> Decide(const RecordActivity& command, const Context& context);

// FAILED_PRECONDITION for an event that Decide would not have made.
absl::Status CheckActivity(const v1::ActivityRecorded& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_ACTIVITY_ACTIVITY_H_
