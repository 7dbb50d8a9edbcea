// What the questions of queries.h are answered from: the projections, the caches
// in front of their rows, and what several questions share. Of this folder only.
//
//   absl::StatusOr<MemberCardPtr> Queries::Member(MemberId id) const {
//     return parts_->LiveMember(*parts_->runtime->Pin(), id);
//   }
//
// Threads: as Queries.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_QUERIES_PARTS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_QUERIES_PARTS_H_

#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/activities/activities_projection.h"
#include "projections/comments/comments_projection.h"
#include "projections/follows/follows_projection.h"
#include "projections/home/author_heads.h"
#include "projections/home/followed_authors.h"
#include "projections/home/home_feeds.h"
#include "projections/members/members_projection.h"
#include "projections/pictures/pictures_projection.h"
#include "projections/posts/posts_projection.h"
#include "projections/queries/activity_heads.h"
#include "projections/queries/comment_reader.h"
#include "projections/queries/deep_pages.h"
#include "projections/queries/liked_posts.h"
#include "projections/queries/member_cards.h"
#include "projections/queries/post_cards.h"
#include "projections/queries/posts_by_time.h"
#include "projections/queries/queries.h"
#include "projections/queries/ranked_lists.h"
#include "projections/queries/relations.h"
#include "projections/queries/slices.h"
#include "projections/queries/text_searcher.h"
#include "projections/search/members/member_directory.h"
#include "projections/search/search_rows.h"
#include "projections/search/suggestions/tag_directory.h"
#include "projections/timelines/timelines_projection.h"

namespace dailyfeed {

inline constexpr TimeSpan kEver = {.begin = std::numeric_limits<int64_t>::min(),
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

inline void DropMissing(std::vector<PostView>& views) {
  std::erase_if(views, [](const PostView& view) { return view.body == nullptr; });
}

// The days of a window, up to today; 0 for all time.
inline int64_t DaysOf(RankingWindow window) {
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

// The projections, and the caches in front of their rows.
struct Queries::Parts {
  Parts(Runtime* of, const PersonalDataReader* personal_data, const CacheOptions& options,
        const RankingOptions& ranking, Clock* today, const SearchOptions& search_options)
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
        activities(of->Register(&activities_projection)),
        deep_pages(options.deep_pages_max),
        member_cards(of, members, options.member_bytes_max),
        post_cards(of, posts, options.post_bytes_max),
        likes(of, posts, options.likes_bytes_max),
        heads(of, timelines, options.author_heads_bytes_max),
        activity_heads(of, activities, options.activity_heads_bytes_max),
        followed(of, follows, options.followings_bytes_max),
        relations(of, follows, members),
        directory(of, members, follows, {.names_bytes_max = options.member_names_bytes_max}),
        home_feeds(of,
                   {.bytes_max = options.home_feeds_bytes_max,
                    .rows_max = options.home_feed_rows_max,
                    .followers_max = options.home_feed_followers_max},
                   follows, timelines, &followed, &heads),
        rankings(of, posts,
                 {.heads_bytes_max = options.rankings_bytes_max,
                  .head_rows_max = options.ranking_rows_max}),
        texts(of, search_options, ranking.zone, &member_cards),
        tags(search::TagRange().lower, {.bytes_max = options.tags_bytes_max}) {
    of->Observe(texts.projection(), &tags);
  }

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

  // Whether the rows of a live post with comments are of a version that lists
  // comments of all depths.
  absl::StatusOr<bool> HasThread(const ReadView& at, PostId post) const {
    const CommentReader reader(at.rows(comments));
    ASSIGN_OR_RETURN(const auto all, reader.Keys(comments::List::kThread, post, {}, 0, 1));
    if (!all.empty()) return true;
    ASSIGN_OR_RETURN(const auto top, reader.Keys(comments::List::kPost, post, {}, 0, 1));
    return top.empty();
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
  ActivitiesProjection activities_projection;
  const ProjectionId members, follows, posts, comments, timelines, pictures, activities;

  DeepPages deep_pages;
  MemberCards member_cards;
  PostCards post_cards;
  LikedPosts likes;
  AuthorHeads heads;
  ActivityHeads activity_heads;
  FollowedAuthors followed;
  Relations relations;
  search::MemberDirectory directory;
  HomeFeeds home_feeds;
  RankedLists rankings;
  TextSearcher texts;
  search::TagDirectory tags;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_QUERIES_PARTS_H_
