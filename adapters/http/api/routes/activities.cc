// /api/member-activities: what the caller did, and those they follow; and
// activities that a client reports, which are recorded and change nothing else.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/api/call.h"
#include "adapters/http/text/uri.h"
#include "adapters/http/text/wall_clock.h"
#include "core/base/status_macros.h"
#include "core/domain/activity/activity.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Activities";
constexpr std::string_view kMine = "/api/member-activities";
constexpr size_t kDayDigits = 8;
constexpr int64_t kSecondsPerDay = 86'400;

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

// A list of one type is a list of its own: a cursor of one is foreign to the others.
struct TypedList {
  v1::ActivityType type;
  std::string name;
};
const std::vector<TypedList>& TypedLists() {
  static const auto* const kLists = [] {
    auto* lists = new std::vector<TypedList>;
    for (int number = 1; v1::ActivityType_IsValid(number); ++number) {
      const auto type = static_cast<v1::ActivityType>(number);
      lists->push_back({type, fmt::format("{}?type={}", kMine, ActivityTypeName(type))});
    }
    return lists;
  }();
  return *kLists;
}

// The day that `text` names, and when it is shown.
struct ShownDay {
  uint64_t number = 0;  // 20261121
  std::vector<TimeSpan> spans;
};
std::optional<ShownDay> ReadDay(const Call& call, std::string_view text) {
  if (text.size() != kDayDigits) return std::nullopt;
  // Only a date that there is.
  const std::optional<LocalTime> first = ParseLocalTime(
      fmt::format("{}-{}-{}T00:00:00", text.substr(0, 4), text.substr(4, 2), text.substr(6)));
  if (!first) return std::nullopt;
  ShownDay day;
  for (const char digit : text) day.number = 10 * day.number + static_cast<uint64_t>(digit - '0');
  day.spans = call.objects().clock().Showing(first->seconds, first->seconds + kSecondsPerDay - 1);
  return day;
}

void WriteActivity(const Call& call, const ActivityRow& row, JsonWriter& json) {
  const Activity& of = row.activity;
  call.objects().MemberActivity(of.member, ActivityTypeName(of.type), of.post, of.comment, of.at,
                                json);
}

absl::Status WritePage(Call& call, const ListRequest& list,
                       const absl::StatusOr<Slice<ActivityRow>>& rows, JsonWriter& data) {
  RETURN_IF_ERROR(rows.status());
  call.ScrollPage(
      list, *rows,
      [&](const ActivityRow& row, JsonWriter& json) { WriteActivity(call, row, json); }, data);
  return absl::OkStatus();
}

absl::Status Mine(Call& call, JsonWriter& data) {
  Queries::ActivityFilter filter;
  std::string_view name = kMine;
  uint64_t day = 0;
  std::vector<Violation> violations;
  if (const auto text = QueryParameter(call.query(), "type")) {
    const std::optional<v1::ActivityType> type = ParseActivityType(*text);
    if (type) {
      filter.type = *type;
      name = TypedLists()[static_cast<size_t>(*type) - 1].name;
    } else {
      violations.push_back({.field = "type", .rule = Violation::Rule::kNotAllowed});
    }
  }
  if (const auto text = QueryParameter(call.query(), "day")) {
    if (std::optional<ShownDay> shown = ReadDay(call, *text)) {
      day = shown->number;
      filter.spans = std::move(shown->spans);
    } else {
      violations.push_back({.field = "day", .rule = Violation::Rule::kFormat});
    }
  }
  if (!violations.empty()) return MakeViolations(violations);
  ASSIGN_OR_RETURN(const ListRequest list, call.List(day, name));
  return WritePage(call, list, call.feed().queries().ActivitiesOf(call.member(), filter, list.page),
                   data);
}

absl::Status OfFollowings(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List());
  return WritePage(call, list, call.feed().queries().FollowedActivities(call.member(), list.page),
                   data);
}

constexpr QueryField kMineFields[] = {
    {.name = "type",
     .values = "POST_CREATE POST_UPDATE POST_DELETE POST_READ LIKE_POST LIKE_POST_CANCEL "
               "COMMENT_CREATE COMMENT_UPDATE COMMENT_DELETE COMMENT_READ LIKE_COMMENT "
               "LIKE_COMMENT_CANCEL MEMBER_FOLLOW MEMBER_UNFOLLOW MEMBER_SIGNUP MEMBER_LOGIN "
               "MEMBER_LOGOUT",
     .description = "Only activities of this type"},
    {.name = "day",
     .pattern = "day",
     .description = "Only activities of this day (yyyyMMdd) in the configured zone"}};
constexpr Paging kPaging = {.kind = Paging::Kind::kCursor, .default_page = 0, .default_size = 20};

}  // namespace

void AddActivityRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Get(kMine, Mine, "What the caller did, newest first", "ScrollPage<MemberActivity>",
            {.paging = kPaging, .query = kMineFields});
  table.Get("/api/member-activities/followings", OfFollowings,
            "What the members the caller follows published, commented, liked and followed, "
            "newest first",
            "ScrollPage<MemberActivity>", {.paging = kPaging});
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
