// /api/search, what it answers without words: counts of many, and all comments of
// a post.
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Search";

// The ids in a list of the body, each once.
absl::StatusOr<std::vector<uint64_t>> DistinctIds(const Call& call, std::string_view field) {
  ASSIGN_OR_RETURN(std::vector<uint64_t> ids, call.BodyIds(field, ErrorCode::kInvalidRequest));
  absl::flat_hash_set<uint64_t> seen;
  std::erase_if(ids, [&seen](uint64_t id) { return !seen.insert(id).second; });
  return ids;
}

// One row for each id whose count is not 0. `count_of(counts[i])` is that of ids[i].
template <size_t I, size_t C, typename Counts, typename CountOf>
void WriteCounts(const char (&id_name)[I], std::span<const uint64_t> ids,
                 const char (&count_name)[C], const Counts& counts, CountOf count_of,
                 JsonWriter& data) {
  data.BeginArray();
  for (size_t i = 0; i < ids.size(); ++i) {
    const uint64_t count = count_of(counts[i]);
    if (count == 0) continue;
    data.BeginObject();
    data.Field(id_name, ids[i]);
    data.Field(count_name, count);
    data.EndObject();
  }
  data.EndArray();
}

absl::Status FollowersOfMany(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const auto ids, DistinctIds(call, "toMemberIds"));
  ASSIGN_OR_RETURN(const std::vector<FollowCounts> counts, call.feed().queries().FollowsOfAll(ids));
  WriteCounts(
      "toMemberId", ids, "followingCount", counts,
      [](const FollowCounts& of) { return of.followers; }, data);
  return absl::OkStatus();
}

absl::Status LikesOfPosts(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const auto ids, DistinctIds(call, "postPks"));
  ASSIGN_OR_RETURN(const std::vector<PostCounts> counts, call.feed().queries().CountsOfPosts(ids));
  WriteCounts(
      "postPk", ids, "likeCount", counts, [](const PostCounts& of) { return of.likes; }, data);
  return absl::OkStatus();
}

absl::Status CommentsOfPosts(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const auto ids, DistinctIds(call, "postPks"));
  ASSIGN_OR_RETURN(const std::vector<PostCounts> counts, call.feed().queries().CountsOfPosts(ids));
  WriteCounts(
      "postPk", ids, "commentCount", counts, [](const PostCounts& of) { return of.comments; },
      data);
  return absl::OkStatus();
}

absl::Status LikesOfComments(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const auto ids, DistinctIds(call, "commentIds"));
  ASSIGN_OR_RETURN(const std::vector<uint64_t> likes, call.feed().queries().LikesOfComments(ids));
  WriteCounts(
      "commentPk", ids, "likeCount", likes, [](uint64_t of) { return of; }, data);
  return absl::OkStatus();
}

absl::Status PostThread(Call& call, JsonWriter& data) {
  ASSIGN_OR_RETURN(const uint64_t post, call.PathId(0, "postId"));
  ASSIGN_OR_RETURN(const ListRequest list, call.List(post));
  ASSIGN_OR_RETURN(const CountedPage<CommentView> page,
                   call.feed().queries().PostThread(post, list.page.page, list.page.size));
  const ObjectWriter& objects = call.objects();
  Call::NumberedPage(
      list, page,
      [&](const CommentView& comment, JsonWriter& json) {
        objects.CommentSearchResult(comment, json);
      },
      data);
  return absl::OkStatus();
}

}  // namespace

void AddSearchRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Get("/api/search/comments/posts/{postId}", PostThread,
            "All comments of a post with their replies, newest first, with totals",
            "Page<CommentSearchResult>",
            {.paging = {.kind = Paging::Kind::kPage, .default_page = 0, .default_size = 10}});
  table.Post("/api/search/posts/like/query/count/in", LikesOfPosts,
             "Likes of each of the given posts; without those that nobody likes", "PostLikeCount[]",
             {.request_schema = "PostPksRequest"});
  table.Post("/api/search/posts/comments/query/count/in", CommentsOfPosts,
             "Live comments, replies included, of each of the given posts; without those that "
             "have none",
             "PostCommentCount[]", {.request_schema = "PostPksRequest"});
  table.Post("/api/search/comments/like/query/count/in", LikesOfComments,
             "Likes of each of the given comments; without those that nobody likes",
             "CommentLikeCount[]", {.request_schema = "CommentIdsRequest"});
  table.Post("/api/search/follow/following/query/count/in", FollowersOfMany,
             "How many members follow each of the given ones; without those "
             "whom nobody follows",
             "FollowerCount[]", {.request_schema = "ToMemberIdsRequest"});
}

}  // namespace dailyfeed::http
