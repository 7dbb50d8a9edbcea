// POST /api/member-activities/...: activities that a client reports. They are
// recorded and change nothing else.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"
#include "core/domain/activity/activity.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Activities";

// The activities of one endpoint.
struct Column {
  ActivitySubject subject;
  bool likes;  // the likes of the subject and not the rest
};
constexpr Column kPosts = {ActivitySubject::kPost, false};
constexpr Column kPostLikes = {ActivitySubject::kPost, true};
constexpr Column kComments = {ActivitySubject::kComment, false};
constexpr Column kCommentLikes = {ActivitySubject::kComment, true};

bool Holds(const Column& column, v1::ActivityType type) {
  return ActivitySubjectOf(type) == column.subject &&
         ActivityTypeName(type).starts_with("LIKE_") == column.likes;
}

// 0 when it is missing. A number that is no id is a violation.
uint64_t ReadId(const JsonObject& body, std::string_view field, bool needed,
                std::vector<Violation>* violations) {
  const size_t before = violations->size();
  const std::optional<int64_t> number = body.Integer(field, violations);
  if (violations->size() != before) return 0;
  if (!number) {
    if (needed) {
      violations->push_back({.field = std::string(field), .rule = Violation::Rule::kBlank});
    }
    return 0;
  }
  if (*number <= 0 || static_cast<uint64_t>(*number) > kMaxId) {
    violations->push_back({.field = std::string(field), .rule = Violation::Rule::kNotAllowed});
    return 0;
  }
  return static_cast<uint64_t>(*number);
}

v1::ActivityType ReadType(const JsonObject& body, const Column& column,
                          std::vector<Violation>* violations) {
  constexpr const char* kField = "activityType";
  const size_t before = violations->size();
  const std::optional<std::string> name = body.String(kField, violations);
  if (violations->size() != before) return v1::ACTIVITY_TYPE_UNSPECIFIED;
  if (!name) {
    violations->push_back({.field = kField, .rule = Violation::Rule::kBlank});
    return v1::ACTIVITY_TYPE_UNSPECIFIED;
  }
  const std::optional<v1::ActivityType> type = ParseActivityType(*name);
  if (type && Holds(column, *type)) return *type;
  violations->push_back({.field = kField, .rule = Violation::Rule::kNotAllowed});
  return v1::ACTIVITY_TYPE_UNSPECIFIED;
}

template <const Column& column>
absl::StatusOr<Command> Record(Call& call) {
  JsonObject body;
  RETURN_IF_ERROR(call.ParseBody(&body));
  std::vector<Violation> violations;
  const uint64_t member = ReadId(body, "memberId", false, &violations);
  RecordActivity command;
  command.post_id = ReadId(body, "postId", true, &violations);
  if (column.subject == ActivitySubject::kComment) {
    command.comment_id = ReadId(body, "commentId", true, &violations);
  }
  command.type = ReadType(body, column, &violations);
  if (!violations.empty()) return MakeViolations(violations);
  if (member != 0 && member != call.member()) return MakeError(ErrorCode::kMemberForbidden);
  return command;
}

// What was recorded stands in the event; the answer to a repeat is kept.
absl::Status AnswerActivity(Call& call, const CommandResult& result, JsonWriter& data) {
  absl::Status shown = absl::NotFoundError("the event of the activity");
  RETURN_IF_ERROR(call.feed().log().Read(result.first_position, [&](const v1::Event& event) {
    const v1::ActivityRecorded& activity = event.payload().activity_recorded();
    call.objects().MemberActivity(activity.member_id(), ActivityTypeName(activity.type()),
                                  activity.post_id(), activity.comment_id(), event.occurred_at_ns(),
                                  data);
    shown = absl::OkStatus();
    return false;
  }));
  return shown;
}

}  // namespace

void AddActivityRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  const auto add = [&](std::string_view path, CommandFunction record, std::string_view summary,
                       std::string_view schema) {
    table.Post(path, WriteFunctions{record, AnswerActivity}, summary, "MemberActivity",
               {.status = 201, .request_schema = schema, .errors = "MEMBER_FORBIDDEN"});
  };
  add("/api/member-activities/posts", Record<kPosts>,
      "Record an activity of a post; changes nothing else", "PostActivityRequest");
  add("/api/member-activities/comments", Record<kComments>,
      "Record an activity of a comment; changes nothing else", "CommentActivityRequest");
  add("/api/member-activities/posts/likes", Record<kPostLikes>,
      "Record a like of a post, or that it was taken back; no like is made",
      "PostLikeActivityRequest");
  add("/api/member-activities/comments/likes", Record<kCommentLikes>,
      "Record a like of a comment, or that it was taken back; no like is made",
      "CommentLikeActivityRequest");
}

}  // namespace dailyfeed::http
