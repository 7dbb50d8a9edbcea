#include "projections/queries/queries.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/codec/row_codec.h"
#include "projections/comments/comment_rows.h"
#include "projections/comments/comments_projection.h"
#include "projections/follows/follow_rows.h"
#include "projections/follows/follows_projection.h"
#include "projections/home/author_heads.h"
#include "projections/home/followed_authors.h"
#include "projections/home/home_feeds.h"
#include "projections/home/merge_newest.h"
#include "projections/members/member_rows.h"
#include "projections/members/members_projection.h"
#include "projections/pictures/pictures_projection.h"
#include "projections/posts/posts_projection.h"
#include "projections/queries/comment_reader.h"
#include "projections/queries/deep_pages.h"
#include "projections/queries/liked_posts.h"
#include "projections/queries/member_cards.h"
#include "projections/queries/picture_reader.h"
#include "projections/queries/post_cards.h"
#include "projections/queries/posts_by_time.h"
#include "projections/queries/ranked_lists.h"
#include "projections/queries/recommended_members.h"
#include "projections/queries/relations.h"
#include "projections/queries/slices.h"
#include "projections/timelines/timeline_rows.h"
#include "projections/timelines/timelines_projection.h"

namespace dailyfeed {
namespace {

constexpr TimeSpan kEver = {.begin = std::numeric_limits<int64_t>::min(),
                            .end = std::numeric_limits<int64_t>::max()};

template <typename View>
absl::Status LoadAuthors(const ReadView& at, MemberCards& members, std::span<View> views) {
  std::vector<MemberId> ids(views.size());
  std::vector<MemberCardPtr> cards(views.size());
  for (size_t i = 0; i < views.size(); ++i) ids[i] = views[i].body->author_id;
  RETURN_IF_ERROR(members.Load(at, ids, cards));
  for (size_t i = 0; i < views.size(); ++i) views[i].author = std::move(cards[i]);
  return absl::OkStatus();
}

void DropMissing(std::vector<PostView>& views) {
  std::erase_if(views, [](const PostView& view) { return view.body == nullptr; });
}

// The days of a window, up to today; 0 for all time.
int64_t DaysOf(RankingWindow window) {
  switch (window) {
    case RankingWindow::kAllTime:
      return 0;
    case RankingWindow::kToday:
      return 1;
    case RankingWindow::kSevenDays:
      return 7;
    case RankingWindow::kThirtyDays:
      break;
  }
  return 30;
}

// The lists whose merge is a window of a ranking, and when their posts were created.
struct Ranking {
  std::vector<RankedLists::List> lists;
  TimeSpan created = kEver;
};

}  // namespace

// The projections, and the caches in front of their rows.
struct Queries::Parts {
  Parts(Runtime* of, const PersonalDataReader* personal_data, const CacheOptions& options,
        const RankingOptions& ranking, Clock* today)
      : runtime(of),
        zone(ranking.zone),
        clock(today),
        members_projection(personal_data),
        posts_projection(ranking),
        members(of->Register(&members_projection)),
        follows(of->Register(&follows_projection)),
        posts(of->Register(&posts_projection)),
        comments(of->Register(&comments_projection)),
        timelines(of->Register(&timelines_projection)),
        pictures(of->Register(&pictures_projection)),
        deep_pages(options.deep_pages_max),
        member_cards(of, members, options.member_bytes_max),
        post_cards(of, posts, options.post_bytes_max),
        likes(of, posts, options.likes_bytes_max),
        heads(of, timelines, options.author_heads_bytes_max),
        followed(of, follows, options.followings_bytes_max),
        relations(of, follows, members),
        home_feeds(of,
                   {.bytes_max = options.home_feeds_bytes_max,
                    .rows_max = options.home_feed_rows_max,
                    .followers_max = options.home_feed_followers_max},
                   follows, timelines, &followed, &heads),
        rankings(of, posts,
                 {.heads_bytes_max = options.rankings_bytes_max,
                  .head_rows_max = options.ranking_rows_max}) {}

  absl::StatusOr<MemberCardPtr> LiveMember(const ReadView& at, MemberId id) {
    ASSIGN_OR_RETURN(MemberCardPtr card, member_cards.LoadOne(at, id));
    if (card == nullptr) return MakeError(ErrorCode::kMemberNotFound);
    return card;
  }

  absl::StatusOr<std::vector<MemberCardPtr>> LiveMembers(const ReadView& at,
                                                         std::span<const MemberId> ids) {
    std::vector<MemberCardPtr> cards(ids.size());
    RETURN_IF_ERROR(member_cards.Load(at, ids, cards));
    std::erase(cards, nullptr);
    return cards;
  }

  absl::StatusOr<PostView> LoadPost(const ReadView& at, PostId id) {
    PostView view;
    const ListKey key = {.order = 0, .id = id};
    RETURN_IF_ERROR(post_cards.Load(at, {&key, 1}, {&view, 1}));
    return view;
  }

  absl::StatusOr<CommentView> LoadComment(const ReadView& at, MemberId viewer, CommentId id) {
    CommentView view;
    const ListKey key = {.order = 0, .id = id};
    RETURN_IF_ERROR(CommentReader(at.rows(comments)).Load(viewer, {&key, 1}, {&view, 1}));
    return view;
  }

  absl::Status Decorate(const ReadView& at, MemberId viewer, std::span<PostView> views) {
    RETURN_IF_ERROR(LoadAuthors(at, member_cards, views));
    return likes.Mark(at, viewer, views);
  }

  int64_t FirstSecondOf(int64_t day) const {
    return absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(1970, 1, 1) + day, zone));
  }

  Ranking RankingOf(posts::RankedList of_all, posts::RankedList of_day,
                    RankingWindow window) const {
    const int64_t days = DaysOf(window);
    if (days == 0) return {.lists = {{.list = of_all}}};
    Ranking ranking;
    // The newest day first.
    const int64_t today = DayNumber(zone, clock->Now());
    for (int64_t day = today; day > today - days; --day) {
      ranking.lists.push_back({.list = of_day, .day = day});
    }
    ranking.created = {.begin = FirstSecondOf(today - days + 1), .end = FirstSecondOf(today + 1)};
    return ranking;
  }

  absl::StatusOr<Slice<PostView>> RankedSlice(MemberId viewer, const Ranking& ranking,
                                              const PageRequest& request) {
    const auto at = runtime->Pin();
    return PostSlice(*at, viewer, request, ranking.created,
                     [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
                       return rankings.Read(*at, ranking.lists, after, skip, count);
                     });
  }

  // A page of a list of posts that were all created in `created`.
  template <typename Keys>
  absl::StatusOr<Slice<PostView>> PostSlice(const ReadView& at, MemberId viewer,
                                            const PageRequest& request, const TimeSpan& created,
                                            Keys keys) {
    ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                       ASSIGN_OR_RETURN(
                           const PostsByTime::Window all,
                           PostsByTime(at.rows(timelines), &deep_pages).Read({&created, 1}, 0, 0));
                       return all.total;
                     }));
    if (behind_end) return Slice<PostView>();
    ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, deep_pages.Enter(request));
    const auto load = [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<PostView>> {
      std::vector<PostView> views(of.size());
      RETURN_IF_ERROR(post_cards.Load(at, of, views));
      return views;
    };
    ASSIGN_OR_RETURN(Slice<PostView> slice,
                     MakeSlice<PostView>(request, keys, load, [](const PostView& view) {
                       return view.body != nullptr;
                     }));
    RETURN_IF_ERROR(Decorate(at, viewer, slice.rows));
    return slice;
  }

  absl::StatusOr<Slice<CommentView>> CommentSlice(const ReadView& at, MemberId viewer,
                                                  comments::List list, uint64_t owner,
                                                  const PageRequest& request) {
    ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, deep_pages.Enter(request));
    const CommentReader reader(at.rows(comments));
    const auto keys = [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
      return reader.Keys(list, owner, after, skip, count);
    };
    const auto load = [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<CommentView>> {
      std::vector<CommentView> views(of.size());
      RETURN_IF_ERROR(reader.Load(viewer, of, views));
      return views;
    };
    ASSIGN_OR_RETURN(Slice<CommentView> slice,
                     MakeSlice<CommentView>(request, keys, load, [](const CommentView& view) {
                       return view.body != nullptr;
                     }));
    RETURN_IF_ERROR(LoadAuthors(at, member_cards, std::span<CommentView>(slice.rows)));
    return slice;
  }

  absl::StatusOr<Slice<MemberCardPtr>> RelationSlice(follows::List list, MemberId id,
                                                     const PageRequest& request) {
    const auto at = runtime->Pin();
    RETURN_IF_ERROR(LiveMember(*at, id).status());
    ASSIGN_OR_RETURN(
        const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
          ASSIGN_OR_RETURN(const std::vector<FollowCounts> counts, relations.Counts(*at, {&id, 1}));
          return list == follows::List::kFollowers ? counts[0].followers : counts[0].followings;
        }));
    if (behind_end) return Slice<MemberCardPtr>();
    ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, deep_pages.Enter(request));
    const auto keys = [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
      return relations.Keys(*at, list, id, after, skip, count);
    };
    const auto load = [&](std::span<const ListKey> of) { return member_cards.LoadAll(*at, of); };
    return MakeSlice<MemberCardPtr>(request, keys, load,
                                    [](const MemberCardPtr& card) { return card != nullptr; });
  }

  Runtime* const runtime;
  const absl::TimeZone zone;
  Clock* const clock;

  MembersProjection members_projection;
  FollowsProjection follows_projection;
  PostsProjection posts_projection;
  CommentsProjection comments_projection;
  TimelinesProjection timelines_projection;
  PicturesProjection pictures_projection;
  const ProjectionId members, follows, posts, comments, timelines, pictures;

  DeepPages deep_pages;
  MemberCards member_cards;
  PostCards post_cards;
  LikedPosts likes;
  AuthorHeads heads;
  FollowedAuthors followed;
  Relations relations;
  HomeFeeds home_feeds;
  RankedLists rankings;
};

Queries::Queries(Runtime* runtime, const PersonalDataReader* personal_data,
                 const CacheOptions& options, const RankingOptions& ranking, Clock* clock)
    : parts_(std::make_unique<Parts>(runtime, personal_data, options, ranking, clock)) {}
Queries::~Queries() = default;

// ---- Members.

absl::StatusOr<MemberCardPtr> Queries::Member(MemberId id) const {
  return parts_->LiveMember(*parts_->runtime->Pin(), id);
}

absl::StatusOr<MemberCardPtr> Queries::MemberByHandle(std::string_view handle) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(MemberCardPtr card, parts_->member_cards.LoadByHandle(*at, handle));
  if (card == nullptr) return MakeError(ErrorCode::kMemberNotFound);
  return card;
}

absl::StatusOr<std::vector<MemberCardPtr>> Queries::Members(std::span<const MemberId> ids) const {
  std::vector<MemberId> once;
  once.reserve(ids.size());
  absl::flat_hash_set<MemberId> seen;
  for (const MemberId id : ids) {
    if (seen.insert(id).second) once.push_back(id);
  }
  return parts_->LiveMembers(*parts_->runtime->Pin(), once);
}

absl::StatusOr<FollowCounts> Queries::Follows(MemberId id) const {
  ASSIGN_OR_RETURN(const std::vector<FollowCounts> counts, FollowsOfAll({&id, 1}));
  return counts[0];
}

absl::StatusOr<std::vector<FollowCounts>> Queries::FollowsOfAll(
    std::span<const MemberId> ids) const {
  return parts_->relations.Counts(*parts_->runtime->Pin(), ids);
}

absl::StatusOr<bool> Queries::IsFollowing(MemberId follower, MemberId followee) const {
  const auto at = parts_->runtime->Pin();
  std::string row;
  return at->rows(parts_->follows).Get(follows::EdgeKey(follower, followee), &row);
}

absl::StatusOr<std::vector<MemberId>> Queries::FollowedIds(MemberId member) const {
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr ids,
                   parts_->followed.Load(*parts_->runtime->Pin(), member));
  return *ids;
}

absl::StatusOr<Slice<MemberCardPtr>> Queries::Followers(MemberId id,
                                                        const PageRequest& request) const {
  return parts_->RelationSlice(follows::List::kFollowers, id, request);
}

absl::StatusOr<Slice<MemberCardPtr>> Queries::Followings(MemberId id,
                                                         const PageRequest& request) const {
  return parts_->RelationSlice(follows::List::kFollowings, id, request);
}

absl::StatusOr<std::vector<MemberCardPtr>> Queries::FollowingsOf(MemberId viewer) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr ids, parts_->followed.Load(*at, viewer));
  return parts_->LiveMembers(*at, *ids);
}

absl::StatusOr<Slice<MemberCardPtr>> Queries::Recommended(MemberId viewer,
                                                          const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  const RecommendedMembers recommended(*at, parts_->members, &parts_->member_cards,
                                       &parts_->followed);
  ASSIGN_OR_RETURN(const bool behind_end,
                   IsBehindEnd(request, [&] { return recommended.Count(viewer); }));
  if (behind_end) return Slice<MemberCardPtr>();
  ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, parts_->deep_pages.Enter(request));
  return recommended.Page(viewer, request);
}

absl::StatusOr<uint64_t> Queries::RecommendedCount(MemberId viewer) const {
  const auto at = parts_->runtime->Pin();
  return RecommendedMembers(*at, parts_->members, &parts_->member_cards, &parts_->followed)
      .Count(viewer);
}

// ---- Withdrawals.

absl::StatusOr<std::vector<UnfinishedWithdrawal>> Queries::UnfinishedWithdrawals() const {
  return parts_->relations.UnfinishedWithdrawals(*parts_->runtime->Pin());
}

absl::StatusOr<std::vector<UnfinishedWithdrawal>> Queries::MembersWithoutKey() const {
  return parts_->relations.MembersWithoutKey(*parts_->runtime->Pin());
}

absl::StatusOr<RelationsChunk> Queries::RelationsOf(MemberId member, size_t max) const {
  return parts_->relations.Chunk(*parts_->runtime->Pin(), member, max);
}

absl::Status Queries::EraseTraces(std::span<const MemberId> members) const {
  return parts_->runtime->EraseTraces(members);
}

// ---- Pictures.

absl::StatusOr<PictureView> Queries::Picture(std::string_view picture_id) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).Picture(picture_id);
}

absl::StatusOr<Slice<PictureView>> Queries::PicturesOf(MemberId owner,
                                                       const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).PicturesOf(owner, request);
}

absl::StatusOr<bool> Queries::IsPictureHashUsed(std::string_view hash) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).IsUsed(hash);
}

absl::Status Queries::VisitPictureHashes(
    absl::FunctionRef<bool(std::string_view hash)> visit) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).VisitUsed(visit);
}

absl::StatusOr<std::vector<std::string>> Queries::UnusedPictureHashesOf(MemberId withdrawn) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).UnusedOfWithdrawn(withdrawn);
}

// ---- Posts.

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
  if (size == 0 || size > kPageSizeMax) {
    return MakeError(ErrorCode::kInvalidRequest, "size of a page");
  }
  const uint64_t skip = page > std::numeric_limits<uint64_t>::max() / size
                            ? std::numeric_limits<uint64_t>::max()
                            : page * size;
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

// ---- Comments.

absl::StatusOr<CommentView> Queries::Comment(MemberId viewer, CommentId id) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(CommentView view, parts_->LoadComment(*at, viewer, id));
  if (view.body == nullptr) return MakeError(ErrorCode::kCommentNotFound);
  RETURN_IF_ERROR(LoadAuthors<CommentView>(*at, parts_->member_cards, {&view, 1}));
  return view;
}

absl::StatusOr<Slice<CommentView>> Queries::PostComments(MemberId viewer, PostId post,
                                                         const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  // Those of all depths: more than the list has.
  ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                     ASSIGN_OR_RETURN(const PostView view, parts_->LoadPost(*at, post));
                     return view.counts.comments;
                   }));
  if (behind_end) return Slice<CommentView>();
  return parts_->CommentSlice(*at, viewer, comments::List::kPost, post, request);
}

absl::StatusOr<Slice<CommentView>> Queries::Replies(MemberId viewer, CommentId parent,
                                                    const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const bool live, CommentReader(at->rows(parts_->comments)).IsLive(parent));
  if (!live) return MakeError(ErrorCode::kParentCommentNotFound);
  ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                     ASSIGN_OR_RETURN(const CommentView view,
                                      parts_->LoadComment(*at, viewer, parent));
                     return view.replies;
                   }));
  if (behind_end) return Slice<CommentView>();
  return parts_->CommentSlice(*at, viewer, comments::List::kReplies, parent, request);
}

absl::StatusOr<Slice<CommentView>> Queries::MemberComments(MemberId viewer, MemberId author,
                                                           const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const MemberCardPtr card, parts_->member_cards.LoadOne(*at, author));
  // No member has the id 0: an empty list.
  if (card == nullptr) author = 0;
  return parts_->CommentSlice(*at, viewer, comments::List::kAuthor, author, request);
}

std::vector<Queries::CacheStats> Queries::Caches() const {
  return {{parts_->member_cards.counts(), "members"}, {parts_->post_cards.counts(), "posts"},
          {parts_->likes.counts(), "likes"},          {parts_->heads.counts(), "author-heads"},
          {parts_->followed.counts(), "followings"},  {parts_->rankings.counts(), "rankings"},
          {parts_->home_feeds.counts(), "home-feeds"}};
}

}  // namespace dailyfeed
