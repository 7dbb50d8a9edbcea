// The questions about posts.
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/home/merge_newest.h"
#include "projections/posts/post_rows.h"
#include "projections/queries/queries.h"
#include "projections/queries/queries_parts.h"
#include "projections/queries/slices.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {

absl::StatusOr<PostView> Queries::Post(MemberId viewer, PostId id) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(PostView view, parts_->LoadPost(*at, id));
  if (view.body == nullptr) return MakeError(ErrorCode::kPostNotFound);
  RETURN_IF_ERROR(parts_->Decorate(*at, viewer, {&view, 1}));
  return view;
}

absl::StatusOr<PostCounts> Queries::CountsOf(PostId id) const {
  ASSIGN_OR_RETURN(const PostView view, parts_->LoadPost(*parts_->runtime->Pin(), id));
  return view.counts;
}

absl::StatusOr<std::vector<PostCounts>> Queries::CountsOfPosts(std::span<const PostId> ids) const {
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  for (const PostId id : ids) keys.push_back(posts::CountsKey(id));
  const auto at = parts_->runtime->Pin();
  // From the store: bodies that nobody wants stay out of the cache.
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows,
                   at->rows(parts_->posts).MultiGet(keys));
  std::vector<PostCounts> counts(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!rows[i].found) continue;
    ASSIGN_OR_RETURN(const posts::CountsRow row, posts::DecodeCounts(rows[i].value));
    counts[i] = row.counts;
  }
  return counts;
}

absl::StatusOr<MemberId> Queries::AuthorOf(PostId id) const {
  const auto at = parts_->runtime->Pin();
  std::string row;
  ASSIGN_OR_RETURN(const bool found, at->rows(parts_->timelines).Get(timelines::PostKey(id), &row));
  if (!found) return 0;
  ASSIGN_OR_RETURN(const timelines::Placed placed, timelines::DecodePlaced(row));
  return placed.author;
}

absl::StatusOr<bool> Queries::IsLiking(MemberId member, PostId post) const {
  const auto at = parts_->runtime->Pin();
  std::string row;
  return at->rows(parts_->posts).Get(posts::LikeKey(member, post), &row);
}

absl::StatusOr<Slice<PostView>> Queries::FollowFeed(MemberId viewer,
                                                    const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  return parts_->PostSlice(*at, viewer, request, kEver,
                           [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
                             return parts_->home_feeds.Read(*at, viewer, after, skip, count);
                           });
}

absl::StatusOr<Slice<PostView>> Queries::AuthorFeed(MemberId viewer, MemberId author,
                                                    const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  RETURN_IF_ERROR(parts_->LiveMember(*at, author).status());
  return parts_->PostSlice(
      *at, viewer, request, kEver,
      [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
        return MergeNewest(*at, parts_->heads, {&author, 1}, after, skip, count);
      });
}

absl::StatusOr<Slice<PostView>> Queries::MostPopular(MemberId viewer, RankingWindow window,
                                                     const PageRequest& request) const {
  return parts_->RankedSlice(
      viewer,
      parts_->RankingOf(posts::RankedList::kPopular, posts::RankedList::kPopularOfDay, window),
      request);
}

absl::StatusOr<Slice<PostView>> Queries::MostCommented(MemberId viewer, RankingWindow window,
                                                       const PageRequest& request) const {
  return parts_->RankedSlice(
      viewer,
      parts_->RankingOf(posts::RankedList::kCommented, posts::RankedList::kCommentedOfDay, window),
      request);
}

absl::StatusOr<Slice<PostView>> Queries::RecentActivities(MemberId viewer,
                                                          const PageRequest& request) const {
  return parts_->RankedSlice(viewer, {.lists = {{.list = posts::RankedList::kActive}}}, request);
}

absl::StatusOr<CountedPage<PostView>> Queries::PostsBetween(MemberId viewer,
                                                            std::span<const TimeSpan> spans,
                                                            uint64_t page, uint32_t size) const {
  ASSIGN_OR_RETURN(const uint64_t skip, SkippedRows(page, size));
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(
      const PostsByTime::Window window,
      PostsByTime(at->rows(parts_->timelines), &parts_->deep_pages).Read(spans, skip, size));
  CountedPage<PostView> answer;
  answer.total = window.total;
  answer.rows.resize(window.keys.size());
  RETURN_IF_ERROR(parts_->post_cards.Load(*at, window.keys, answer.rows));
  DropMissing(answer.rows);
  RETURN_IF_ERROR(parts_->Decorate(*at, viewer, answer.rows));
  return answer;
}

absl::StatusOr<std::vector<PostView>> Queries::Posts(MemberId viewer,
                                                     std::span<const PostId> ids) const {
  std::vector<PostId> distinct(ids.begin(), ids.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<ListKey> keys;
  keys.reserve(distinct.size());
  for (const PostId id : distinct) keys.push_back({.order = 0, .id = id});
  const auto at = parts_->runtime->Pin();
  std::vector<PostView> views(keys.size());
  RETURN_IF_ERROR(parts_->post_cards.Load(*at, keys, views));
  DropMissing(views);
  std::sort(views.begin(), views.end(), [](const PostView& a, const PostView& b) {
    return Before({.order = a.body->created_at, .id = a.body->id},
                  {.order = b.body->created_at, .id = b.body->id});
  });
  RETURN_IF_ERROR(parts_->Decorate(*at, viewer, views));
  return views;
}

}  // namespace dailyfeed
