// GET /api/timeline/posts/most-popular and the like: posts of everybody, ranked
// or by time; and posts by their ids.
#include <span>
#include <vector>

#include "adapters/http/api/call.h"
#include "adapters/http/text/uri.h"
#include "adapters/http/text/wall_clock.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Timeline";
constexpr std::string_view kMostPopular = "/api/timeline/posts/most-popular";
constexpr std::string_view kMostCommented = "/api/timeline/posts/most-commented";

// A window is a list of its own: a cursor of one is foreign to the others.
struct NamedWindow {
  std::string_view value;
  RankingWindow window;
  std::string_view most_popular;
  std::string_view most_commented;
};
constexpr NamedWindow kWindows[] = {
    {"today", RankingWindow::kToday, "/api/timeline/posts/most-popular?window=today",
     "/api/timeline/posts/most-commented?window=today"},
    {"7d", RankingWindow::kSevenDays, "/api/timeline/posts/most-popular?window=7d",
     "/api/timeline/posts/most-commented?window=7d"},
    {"30d", RankingWindow::kThirtyDays, "/api/timeline/posts/most-popular?window=30d",
     "/api/timeline/posts/most-commented?window=30d"},
};

absl::StatusOr<NamedWindow> WindowOf(const Call& call) {
  const auto value = QueryParameter(call.query(), "window");
  if (!value) return NamedWindow{"", RankingWindow::kAllTime, kMostPopular, kMostCommented};
  for (const NamedWindow& window : kWindows) {
    if (window.value == *value) return window;
  }
  return MakeViolations({{.field = "window", .rule = Violation::Rule::kNotAllowed}});
}

absl::Status MostPopular(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const NamedWindow window, WindowOf(call));
  ASSIGN_OR_RETURN(const ListRequest list, call.List(0, window.most_popular));
  return call.PostPage(
      list, call.feed().queries().MostPopular(call.member(), window.window, list.page), data);
}

absl::Status MostCommented(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const NamedWindow window, WindowOf(call));
  ASSIGN_OR_RETURN(const ListRequest list, call.List(0, window.most_commented));
  return call.PostPage(
      list, call.feed().queries().MostCommented(call.member(), window.window, list.page), data);
}

absl::Status RecentActivities(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const ListRequest list, call.List());
  return call.PostPage(list, call.feed().queries().RecentActivities(call.member(), list.page),
                       data);
}

// The shown second that a bound means. Shown times have no fraction, so a
// fraction moves the beginning to the next second and leaves the end.
// 0, and a violation, when there is no such second.
int64_t Bound(const Call& call, std::string_view name, bool is_begin,
              std::vector<Violation>* violations) {
  const auto text = QueryParameter(call.query(), name);
  const std::optional<LocalTime> time = text ? ParseLocalTime(*text) : std::nullopt;
  if (!time) {
    violations->push_back({.field = std::string(name),
                           .rule = text ? Violation::Rule::kFormat : Violation::Rule::kBlank});
    return 0;
  }
  return time->seconds + (is_begin && time->has_fraction ? 1 : 0);
}

absl::Status DateRange(Call& call, JsonWriter& data) {
  std::vector<Violation> violations;
  const int64_t first = Bound(call, "startDate", true, &violations);
  const int64_t last = Bound(call, "endDate", false, &violations);
  if (!violations.empty()) return MakeViolations(violations);
  ASSIGN_OR_RETURN(const ListRequest list, call.List());
  const std::vector<TimeSpan> spans = call.objects().clock().Showing(first, last);
  ASSIGN_OR_RETURN(
      CountedPage<PostView> posts,
      call.feed().queries().PostsBetween(call.member(), spans, list.page.page, list.page.size));
  call.feed().AddPendingViews(&posts.rows);
  const ObjectWriter& objects = call.objects();
  Call::NumberedPage(
      list, posts, [&](const PostView& post, JsonWriter& json) { objects.Post(post, json); }, data);
  return absl::OkStatus();
}

absl::Status PostsById(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const std::vector<PostId> ids, call.BodyIds("ids", ErrorCode::kInvalidRequest));
  ASSIGN_OR_RETURN(std::vector<PostView> posts, call.feed().queries().Posts(call.member(), ids));
  call.feed().AddPendingViews(&posts);
  data.BeginArray();
  for (const PostView& post : posts) call.objects().Post(post, data);
  data.EndArray();
  return absl::OkStatus();
}

absl::Status Statistics(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t post, call.PathId(0, "postId"));
  ASSIGN_OR_RETURN(const PostCounts counts, call.feed().queries().CountsOf(post));
  data.BeginObject();
  data.Field("commentCount", counts.comments);
  data.Field("likeCount", counts.likes);
  data.EndObject();
  return absl::OkStatus();
}

Paging Paged(Paging::Kind kind) { return {.kind = kind, .default_page = 0, .default_size = 20}; }

constexpr QueryField kWindowField = {
    .name = "window",
    .values = "today 7d 30d",
    .description =
        "Only posts created today, within the last 7 or the last 30 days; a day begins "
        "at midnight in the configured zone, and today is one of them"};
constexpr QueryField kWindowFields[] = {kWindowField};
constexpr QueryField kDateFields[] = {
    {.name = "startDate",
     .required = true,
     .pattern = "localTime",
     .description = "ISO local date-time, included; seconds and fraction optional"},
    {.name = "endDate",
     .required = true,
     .pattern = "localTime",
     .description = "ISO local date-time, included; seconds and fraction optional"}};

}  // namespace

void AddPostListRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Get(kMostPopular, MostPopular, "All posts by views and likes, the highest score first",
            "ScrollPage<Post>", {.paging = Paged(Paging::Kind::kCursor), .query = kWindowFields});
  table.Get(kMostCommented, MostCommented, "Posts with comments, the most commented first",
            "ScrollPage<Post>", {.paging = Paged(Paging::Kind::kCursor), .query = kWindowFields});
  table.Get("/api/timeline/posts/recent-activities", RecentActivities,
            "All posts by their latest edit, comment, like or creation", "ScrollPage<Post>",
            {.paging = Paged(Paging::Kind::kCursor)});
  table.Get("/api/timeline/posts/date-range", DateRange,
            "Posts created between two times, newest first, with totals", "Page<Post>",
            {.paging = Paged(Paging::Kind::kPage), .query = kDateFields});
  table.Post("/api/timeline/posts/query/list", PostsById,
             "Those of the given posts that are live, newest first", "Post[]",
             {.request_schema = "IdsRequest"});
  table.Get("/api/timeline/statistics/posts/{postId}", Statistics,
            "Live comments and likes of a post; 0 and 0 for unknown ones", "PostStatistics");
}

}  // namespace dailyfeed::http
