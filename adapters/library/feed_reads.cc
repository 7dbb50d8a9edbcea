// The reads of the public class: rows of the queries become the host's own.
#include <fmt/format.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "adapters/library/inside.h"
#include "core/base/hex.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "dailyfeed/feed.h"

namespace dailyfeed {
namespace {

using CardPtr = std::shared_ptr<const MemberCard>;

// Not signed, unlike the cursors of the gateway: the host gives it to itself.
std::string TextOf(const std::optional<ListKey>& key) {
  return key ? fmt::format("{}.{}.{}", key->order, key->id, key->then) : std::string();
}

absl::StatusOr<PageRequest> RequestOf(const PageOf& page) {
  PageRequest request{.size = page.size};
  if (page.after.empty()) return request;
  const std::vector<std::string> parts = absl::StrSplit(page.after, '.');
  ListKey key;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &key.order) ||
      !absl::SimpleAtoi(parts[1], &key.id) || !absl::SimpleAtoi(parts[2], &key.then)) {
    return MakeError(ErrorCode::kInvalidCursor, "PageOf::after is no FeedPage::next");
  }
  request.after = key;
  return request;
}

FeedMember RowOf(const MemberCard& card, const FollowCounts& counts) {
  return {.member = {card.id},
          .handle = card.handle,
          .name = card.member_name,
          .display_name = card.display_name,
          .bio = card.bio,
          .location = card.location,
          .website_url = card.website_url,
          .avatar_url = card.avatar_url,
          .signed_up_at = absl::FromUnixNanos(card.created_at),
          .followers = counts.followers,
          .followings = counts.followings};
}

FeedPost RowOf(const PostView& view) {
  FeedPost row{.post = {view.body->id},
               .title = view.body->title,
               .content = view.body->content,
               .created_at = absl::FromUnixNanos(view.body->created_at),
               .updated_at = absl::FromUnixNanos(view.body->updated_at),
               .views = view.counts.views,
               .likes = view.counts.likes,
               .comments = view.counts.comments,
               .liked = view.liked};
  if (view.author) {
    row.author = {view.author->id};
    row.author_handle = view.author->handle;
    row.author_name = view.author->member_name;
  }
  return row;
}

FeedComment RowOf(const CommentView& view) {
  FeedComment row{.comment = {view.body->id},
                  .post = {view.body->post_id},
                  .content = view.body->content,
                  .created_at = absl::FromUnixNanos(view.body->created_at),
                  .updated_at = absl::FromUnixNanos(view.body->updated_at),
                  .likes = view.likes,
                  .replies = view.replies,
                  .liked = view.liked};
  if (!view.body->ancestors.empty()) row.parent = {view.body->ancestors.back()};
  if (view.author) {
    row.author = {view.author->id};
    row.author_handle = view.author->handle;
    row.author_name = view.author->member_name;
  }
  return row;
}

FeedPicture RowOf(const PictureView& view) {
  return {.picture = {.uuid = FormatUuid(view.id)},
          .width = view.width,
          .height = view.height,
          .bytes = view.bytes,
          .created_at = absl::FromUnixNanos(view.created_at)};
}

absl::StatusOr<FeedMember> RowOf(const Queries& queries, const absl::StatusOr<CardPtr>& card) {
  RETURN_IF_ERROR(card.status());
  ASSIGN_OR_RETURN(const FollowCounts counts, queries.Follows((*card)->id));
  return RowOf(**card, counts);
}

absl::StatusOr<FeedPage<FeedMember>> PageFrom(const Queries& queries,
                                              const absl::StatusOr<Slice<CardPtr>>& slice) {
  RETURN_IF_ERROR(slice.status());
  std::vector<MemberId> ids;
  for (const CardPtr& card : slice->rows) ids.push_back(card->id);
  ASSIGN_OR_RETURN(const std::vector<FollowCounts> counts, queries.FollowsOfAll(ids));
  FeedPage<FeedMember> page{.next = TextOf(slice->next)};
  for (size_t i = 0; i < ids.size(); ++i) {
    page.rows.push_back(RowOf(*slice->rows[i], counts[i]));
  }
  return page;
}

template <typename Row, typename View>
absl::StatusOr<FeedPage<Row>> PageFrom(const absl::StatusOr<Slice<View>>& slice) {
  RETURN_IF_ERROR(slice.status());
  FeedPage<Row> page{.next = TextOf(slice->next)};
  page.rows.reserve(slice->rows.size());
  for (const View& view : slice->rows) page.rows.push_back(RowOf(view));
  return page;
}

RankingWindow WindowOf(Days days) {
  switch (days) {
    case Days::kAll:
      return RankingWindow::kAllTime;
    case Days::kToday:
      return RankingWindow::kToday;
    case Days::kSeven:
      return RankingWindow::kSevenDays;
    case Days::kThirty:
      return RankingWindow::kThirtyDays;
  }
  return RankingWindow::kAllTime;
}

}  // namespace

absl::StatusOr<FeedMember> Feed::Read(Member member) const {
  return RowOf(inside_->queries(), inside_->queries().Member(member.id));
}

absl::StatusOr<FeedMember> Feed::FindHandle(std::string_view handle) const {
  return RowOf(inside_->queries(), inside_->queries().MemberByHandle(handle));
}

absl::StatusOr<FeedPost> Feed::Read(Member reader, Post post) {
  ASSIGN_OR_RETURN(const PostView view, inside_->feed->ReadPost(reader.id, post.id));
  return RowOf(view);
}

absl::StatusOr<FeedPost> Feed::Show(Member viewer, Post post) const {
  ASSIGN_OR_RETURN(PostView view, inside_->queries().Post(viewer.id, post.id));
  return RowOf(view);
}

absl::StatusOr<FeedComment> Feed::Show(Member viewer, Comment comment) const {
  ASSIGN_OR_RETURN(const CommentView view, inside_->queries().Comment(viewer.id, comment.id));
  return RowOf(view);
}

absl::StatusOr<bool> Feed::IsFollowing(Member follower, Member followee) const {
  return inside_->queries().IsFollowing(follower.id, followee.id);
}

absl::StatusOr<FeedPage<FeedMember>> Feed::Followers(Member of, const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom(inside_->queries(), inside_->queries().Followers(of.id, request));
}

absl::StatusOr<FeedPage<FeedMember>> Feed::Followings(Member of, const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom(inside_->queries(), inside_->queries().Followings(of.id, request));
}

absl::StatusOr<FeedPage<FeedMember>> Feed::Recommended(Member viewer, const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom(inside_->queries(), inside_->queries().Recommended(viewer.id, request));
}

absl::StatusOr<FeedPage<FeedPost>> Feed::FollowFeed(Member viewer, const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedPost>(inside_->queries().FollowFeed(viewer.id, request));
}

absl::StatusOr<FeedPage<FeedPost>> Feed::PostsOf(Member viewer, Member author,
                                                 const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedPost>(inside_->queries().AuthorFeed(viewer.id, author.id, request));
}

absl::StatusOr<FeedPage<FeedPost>> Feed::MostPopular(Member viewer, Days days,
                                                     const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedPost>(inside_->queries().MostPopular(viewer.id, WindowOf(days), request));
}

absl::StatusOr<FeedPage<FeedPost>> Feed::MostCommented(Member viewer, Days days,
                                                       const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedPost>(inside_->queries().MostCommented(viewer.id, WindowOf(days), request));
}

absl::StatusOr<FeedPage<FeedPost>> Feed::RecentlyActive(Member viewer, const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedPost>(inside_->queries().RecentActivities(viewer.id, request));
}

absl::StatusOr<std::vector<FeedPost>> Feed::Search(Member viewer, std::string_view text,
                                                   uint32_t size) const {
  ASSIGN_OR_RETURN(const FoundPosts found,
                   inside_->queries().SearchPosts(
                       viewer.id, {.text = std::string(text), .page = 0, .size = size}));
  std::vector<FeedPost> rows;
  rows.reserve(found.rows.size());
  for (const PostView& view : found.rows) rows.push_back(RowOf(view));
  return rows;
}

absl::StatusOr<FeedPage<FeedComment>> Feed::CommentsOf(Member viewer, Post post,
                                                       const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedComment>(inside_->queries().PostComments(viewer.id, post.id, request));
}

absl::StatusOr<FeedPage<FeedComment>> Feed::RepliesTo(Member viewer, Comment parent,
                                                      const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedComment>(inside_->queries().Replies(viewer.id, parent.id, request));
}

absl::StatusOr<FeedPage<FeedComment>> Feed::CommentsBy(Member viewer, Member author,
                                                       const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedComment>(inside_->queries().MemberComments(viewer.id, author.id, request));
}

absl::StatusOr<FeedPage<FeedPicture>> Feed::PicturesOf(Member owner, const PageOf& page) const {
  ASSIGN_OR_RETURN(const PageRequest request, RequestOf(page));
  return PageFrom<FeedPicture>(inside_->queries().PicturesOf(owner.id, request));
}

absl::StatusOr<std::string> Feed::ReadPicture(const Picture& picture, bool thumbnail) const {
  const std::optional<std::string> id = ParseUuid(picture.uuid);
  if (!id) return MakeError(ErrorCode::kImageNotFound);
  return inside_->feed->ReadPicture(*id, thumbnail);
}

}  // namespace dailyfeed
