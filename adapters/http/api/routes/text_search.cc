// /api/search by words: posts, comments, members, and what somebody may be typing.
// Searches run on threads of their own, behind a bounded queue, so that feeds do not
// wait for them.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "adapters/http/api/call.h"
#include "adapters/http/api/routes/search_problems.h"
#include "adapters/http/text/uri.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"
#include "projections/search/text/highlights.h"
#include "projections/search/text/search_query.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Search";
constexpr size_t kSuggestions = 5;  // of members, and of tags

using Search = absl::AnyInvocable<absl::Status(Call& call, JsonWriter& data)>;

// Answers with what `search` writes. When too many wait the job goes, and with it
// the call, which answers that the service is unavailable.
void RunSearch(CallPtr call, Search search) {
  Workers& searches = call->services().searches;
  const MemberId member = call->member();
  searches
      .Submit(
          [call = std::move(call), search = std::move(search)]() mutable {
            Call& of = *call;
            Call::Succeed(std::move(call), [&](JsonWriter& data) { return search(of, data); });
          },
          member)
      .IgnoreError();
}

// A parameter that says something; nullopt when it is absent or blank.
absl::StatusOr<std::optional<std::string>> Words(const Call& call, std::string_view name) {
  std::optional<std::string> words = QueryParameter(call.query(), name);
  if (!words || IsBlank(*words)) return std::nullopt;
  if (IsValidUtf8(*words)) return words;
  return MakeViolations({{.field = std::string(name), .rule = Violation::Rule::kFormat}});
}

absl::Status KeywordProblem(const absl::Status& parsed) {
  if (parsed.ok()) return parsed;
  const std::optional<search::QueryProblem> problem = search::QueryProblemOf(parsed);
  const bool blank = problem && problem->kind == search::QueryProblem::Kind::kBlank;
  return MakeViolations({{.field = "keyword",
                          .rule = blank ? Violation::Rule::kBlank : Violation::Rule::kTooLong,
                          .limit = static_cast<int64_t>(search::kKeywordUnitsMax)}});
}

absl::StatusOr<bool> IsNewestFirst(const Call& call) {
  const std::optional<std::string> order = QueryParameter(call.query(), "order");
  if (!order || *order == "relevance") return false;
  if (*order == "newest") return true;
  return MakeViolations({{.field = "order", .rule = Violation::Rule::kNotAllowed}});
}

std::string_view BothGiven(Language language) {
  return language == Language::kEnglish ? "Either keyword or q may be given, not both"
                                        : "keyword와 q 가운데 하나만 쓸 수 있습니다";
}

// What is searched for. The words are known to be right.
absl::StatusOr<SearchRequest> Understood(const Call& call, std::optional<std::string> keyword,
                                         std::optional<std::string> q) {
  SearchRequest request;
  if (q.has_value()) {
    ASSIGN_OR_RETURN(request.newest_first, IsNewestFirst(call));
    RETURN_IF_ERROR(search::ParseQuery(*q).status());
    request.language = SearchLanguage::kQuery;
    request.text = *std::move(q);
    return request;
  }
  if (!keyword.has_value()) {
    return MakeViolations({{.field = "keyword", .rule = Violation::Rule::kBlank}});
  }
  RETURN_IF_ERROR(KeywordProblem(search::ParseKeyword(*keyword).status()));
  request.text = *std::move(keyword);
  return request;
}

struct TextSearch {
  SearchRequest request;
  ListRequest list;
};

absl::StatusOr<TextSearch> ReadTextSearch(const Call& call) {
  ASSIGN_OR_RETURN(std::optional<std::string> keyword, Words(call, "keyword"));
  ASSIGN_OR_RETURN(std::optional<std::string> q, Words(call, "q"));
  if (keyword.has_value() && q.has_value()) {
    return MakeError(ErrorCode::kInvalidRequest, BothGiven(Language::kEnglish));
  }
  TextSearch wanted;
  ASSIGN_OR_RETURN(wanted.request, Understood(call, std::move(keyword), std::move(q)));
  ASSIGN_OR_RETURN(wanted.list, call.List());
  wanted.request.page = wanted.list.page.page;
  wanted.request.size = wanted.list.page.size;
  return wanted;
}

// With a sentence that says what is wrong with the words.
void FailSearch(CallPtr call, const absl::Status& status) {
  const Language language = call->language();
  if (const auto problem = search::QueryProblemOf(status)) {
    return Call::Fail(std::move(call), ApiError::kInvalidRequest,
                      ProblemSentence(*problem, language));
  }
  if (ErrorCodeOf(status) == ErrorCode::kInvalidRequest && ViolationsOf(status).empty()) {
    return Call::Fail(std::move(call), ApiError::kInvalidRequest, BothGiven(language));
  }
  Call::Fail(std::move(call), status);
}

// What a row of a `q` answer shows where; nullopt for a keyword.
template <typename Row>
std::optional<std::vector<search::Highlight>> HighlightsIn(const TextSearch& wanted,
                                                           const Found<Row>& found,
                                                           const Row& row) {
  if (wanted.request.language == SearchLanguage::kKeyword) return std::nullopt;
  return search::HighlightsOf(row.body->content, found.needles);
}

void SearchPosts(CallPtr call) {
  absl::StatusOr<TextSearch> wanted = ReadTextSearch(*call);
  if (!wanted.ok()) return FailSearch(std::move(call), wanted.status());
  RunSearch(std::move(call),
            [wanted = *std::move(wanted)](Call& of, JsonWriter& data) -> absl::Status {
              ASSIGN_OR_RETURN(FoundPosts found,
                               of.feed().queries().SearchPosts(of.member(), wanted.request));
              of.feed().AddPendingViews(&found.rows);
              Call::NumberedPage(
                  wanted.list, found,
                  [&](const PostView& post, JsonWriter& json) {
                    of.objects().FoundPost(post, HighlightsIn(wanted, found, post), json);
                  },
                  data);
              return absl::OkStatus();
            });
}

void SearchComments(CallPtr call) {
  absl::StatusOr<TextSearch> wanted = ReadTextSearch(*call);
  if (!wanted.ok()) return FailSearch(std::move(call), wanted.status());
  RunSearch(std::move(call),
            [wanted = *std::move(wanted)](Call& of, JsonWriter& data) -> absl::Status {
              ASSIGN_OR_RETURN(const FoundComments found,
                               of.feed().queries().SearchComments(of.member(), wanted.request));
              Call::NumberedPage(
                  wanted.list, found,
                  [&](const CommentView& comment, JsonWriter& json) {
                    of.objects().FoundComment(comment, HighlightsIn(wanted, found, comment), json);
                  },
                  data);
              return absl::OkStatus();
            });
}

// `q`, which is then looked at by those who understand it.
absl::StatusOr<std::string> Typed(const Call& call) {
  ASSIGN_OR_RETURN(std::optional<std::string> q, Words(call, "q"));
  if (q.has_value()) return *std::move(q);
  return MakeViolations({{.field = "q", .rule = Violation::Rule::kBlank}});
}

void SearchMembers(CallPtr call) {
  RunSearch(std::move(call), [](Call& of, JsonWriter& data) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string q, Typed(of));
    ASSIGN_OR_RETURN(const ListRequest list, of.List());
    using Card = std::shared_ptr<const MemberCard>;
    ASSIGN_OR_RETURN(const CountedPage<Card> page,
                     of.feed().queries().SearchMembers(q, list.page.page, list.page.size));
    Call::NumberedPage(
        list, page, [&](const Card& card, JsonWriter& json) { of.objects().Summary(*card, json); },
        data);
    return absl::OkStatus();
  });
}

void Suggest(CallPtr call) {
  RunSearch(std::move(call), [](Call& of, JsonWriter& data) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string q, Typed(of));
    ASSIGN_OR_RETURN(const Suggestions suggestions, of.feed().queries().Suggest(q, kSuggestions));
    data.BeginObject();
    data.Key("members");
    data.BeginArray();
    for (const auto& card : suggestions.members) of.objects().Summary(*card, data);
    data.EndArray();
    data.Key("tags");
    data.BeginArray();
    for (const search::TagCount& tag : suggestions.tags) {
      data.BeginObject();
      data.Field("tag", tag.tag);
      data.Field("postCount", tag.count);
      data.EndObject();
    }
    data.EndArray();
    data.EndObject();
    return absl::OkStatus();
  });
}

constexpr Paging kPaging = {.kind = Paging::Kind::kPage, .default_page = 0, .default_size = 10};

constexpr QueryField kTextFields[] = {
    {.name = "keyword",
     .length_max = search::kKeywordUnitsMax,
     .description = "Every term of it, cut at white space, must be in the text; at most 200 "
                    "characters. This or `q`"},
    {.name = "q",
     .length_max = search::kQueryUnitsMax,
     .description = "Words, \"phrases\", #tag, @mention, from:handle, since:yyyy-MM-dd, "
                    "until:yyyy-MM-dd, each with - in front to leave out; at most 500 characters "
                    "and 32 parts"},
    {.name = "order",
     .description = "Of `q`: relevance (the default) or newest; not looked at without `q`"}};
constexpr QueryField kMemberFields[] = {
    {.name = "q",
     .required = true,
     .pattern = "visible",
     .length_max = search::kKeywordUnitsMax,
     .description = "Every term of it must be in the handle, the name or the display name"}};
constexpr QueryField kSuggestFields[] = {
    {.name = "q",
     .required = true,
     .pattern = "visible",
     .length_max = search::kKeywordUnitsMax,
     .description = "What was typed so far; Hangul may be half typed, or initials only. With # in "
                    "front tags only, with @ members only"}};

}  // namespace

void AddTextSearchRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Get("/api/search/posts", SearchPosts,
            "Posts whose text has what is searched for, the most relevant first", "Page<FoundPost>",
            {.paging = kPaging, .query = kTextFields});
  for (const std::string_view pattern : {"/api/search/comments", "/api/search/comments/advanced"}) {
    table.Get(pattern, SearchComments,
              "Comments whose text has what is searched for, the most relevant first",
              "Page<FoundComment>", {.paging = kPaging, .query = kTextFields});
  }
  table.Get("/api/search/members", SearchMembers,
            "Members whose names have every term, the exact handle first", "Page<Summary>",
            {.paging = kPaging, .query = kMemberFields});
  table.Get("/api/search/suggest", Suggest, "What somebody may be typing: members and tags",
            "Suggestions", {.query = kSuggestFields});
}

}  // namespace dailyfeed::http
