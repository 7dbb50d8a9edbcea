#include "core/domain/activity/activity.h"

#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "core/domain/streams.h"

namespace dailyfeed {
namespace {

struct TypeEntry {
  v1::ActivityType type;
  std::string_view name;
  ActivitySubject subject;
};

constexpr TypeEntry kTypes[] = {
    {v1::ACTIVITY_TYPE_POST_CREATE, "POST_CREATE", ActivitySubject::kPost},
    {v1::ACTIVITY_TYPE_POST_UPDATE, "POST_UPDATE", ActivitySubject::kPost},
    {v1::ACTIVITY_TYPE_POST_DELETE, "POST_DELETE", ActivitySubject::kPost},
    {v1::ACTIVITY_TYPE_POST_READ, "POST_READ", ActivitySubject::kPost},
    {v1::ACTIVITY_TYPE_LIKE_POST, "LIKE_POST", ActivitySubject::kPost},
    {v1::ACTIVITY_TYPE_LIKE_POST_CANCEL, "LIKE_POST_CANCEL", ActivitySubject::kPost},
    {v1::ACTIVITY_TYPE_COMMENT_CREATE, "COMMENT_CREATE", ActivitySubject::kComment},
    {v1::ACTIVITY_TYPE_COMMENT_UPDATE, "COMMENT_UPDATE", ActivitySubject::kComment},
    {v1::ACTIVITY_TYPE_COMMENT_DELETE, "COMMENT_DELETE", ActivitySubject::kComment},
    {v1::ACTIVITY_TYPE_COMMENT_READ, "COMMENT_READ", ActivitySubject::kComment},
    {v1::ACTIVITY_TYPE_LIKE_COMMENT, "LIKE_COMMENT", ActivitySubject::kComment},
    {v1::ACTIVITY_TYPE_LIKE_COMMENT_CANCEL, "LIKE_COMMENT_CANCEL", ActivitySubject::kComment},
    {v1::ACTIVITY_TYPE_MEMBER_FOLLOW, "MEMBER_FOLLOW", ActivitySubject::kMember},
    {v1::ACTIVITY_TYPE_MEMBER_UNFOLLOW, "MEMBER_UNFOLLOW", ActivitySubject::kMember},
    {v1::ACTIVITY_TYPE_MEMBER_SIGNUP, "MEMBER_SIGNUP", ActivitySubject::kMember},
    {v1::ACTIVITY_TYPE_MEMBER_LOGIN, "MEMBER_LOGIN", ActivitySubject::kMember},
    {v1::ACTIVITY_TYPE_MEMBER_LOGOUT, "MEMBER_LOGOUT", ActivitySubject::kMember},
};

const TypeEntry* Find(v1::ActivityType type) {
  for (const TypeEntry& entry : kTypes) {
    if (entry.type == type) return &entry;
  }
  return nullptr;
}

// Of the activities of members only these change nothing.
bool CanBeRecorded(const TypeEntry& entry) {
  return entry.subject != ActivitySubject::kMember ||
         entry.type == v1::ACTIVITY_TYPE_MEMBER_LOGIN ||
         entry.type == v1::ACTIVITY_TYPE_MEMBER_LOGOUT;
}

// An id that is there, or is missing, against what the type needs.
void CheckId(std::string_view field, uint64_t id, bool needed, std::vector<Violation>* violations) {
  if (needed && id == 0) {
    violations->push_back({.field = std::string(field), .rule = Violation::Rule::kBlank});
  } else if ((!needed && id != 0) || id > kMaxId) {
    violations->push_back({.field = std::string(field), .rule = Violation::Rule::kNotAllowed});
  }
}

std::vector<Violation> ViolationsIn(v1::ActivityType type, PostId post, CommentId comment) {
  const TypeEntry* const entry = Find(type);
  if (entry == nullptr || !CanBeRecorded(*entry)) {
    return {{.field = "activityType", .rule = Violation::Rule::kNotAllowed}};
  }
  std::vector<Violation> violations;
  CheckId("postId", post, entry->subject != ActivitySubject::kMember, &violations);
  CheckId("commentId", comment, entry->subject == ActivitySubject::kComment, &violations);
  return violations;
}

}  // namespace

std::string_view ActivityTypeName(v1::ActivityType type) {
  const TypeEntry* const entry = Find(type);
  return entry == nullptr ? std::string_view() : entry->name;
}

std::optional<v1::ActivityType> ParseActivityType(std::string_view name) {
  for (const TypeEntry& entry : kTypes) {
    if (entry.name == name) return entry.type;
  }
  return std::nullopt;
}

ActivitySubject ActivitySubjectOf(v1::ActivityType type) {
  const TypeEntry* const entry = Find(type);
  return entry == nullptr ? ActivitySubject::kMember : entry->subject;
}

absl::StatusOr<Events> Decide(const RecordActivity& command, const Context& context) {
  const std::vector<Violation> violations =
      ViolationsIn(command.type, command.post_id, command.comment_id);
  if (!violations.empty()) return MakeViolations(violations);
  v1::Payload payload;
  v1::ActivityRecorded& event = *payload.mutable_activity_recorded();
  event.set_type(command.type);
  event.set_member_id(context.actor);
  event.set_post_id(command.post_id);
  event.set_comment_id(command.comment_id);
  return Events{MakeEvent(std::move(payload))};
}

absl::Status CheckActivity(const v1::ActivityRecorded& event) {
  if (ViolationsIn(event.type(), event.post_id(), event.comment_id()).empty()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError("no activity that can be recorded");
}

}  // namespace dailyfeed
