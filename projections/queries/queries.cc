#include "projections/queries/queries.h"

#include <algorithm>
#include <functional>
#include <limits>
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

// How often a window of posts is read again because some were deleted.
constexpr int kWindowTries = 3;

constexpr TimeSpan kEver = {.begin = std::numeric_limits<int64_t>::min(),
                            .end = std::numeric_limits<int64_t>::max()};

// The caches that follow one projection.
struct CacheObserver final : ProjectionObserver {
  std::function<void(const v1::Event&)> on_event;
  std::function<void(const WrittenRows&)> on_rows = [](const WrittenRows&) {};
  std::function<void()> on_reset;

  void OnEvent(const v1::Event& event) override { on_event(event); }
  void OnRows(const WrittenRows& rows) override { on_rows(rows); }
  void OnReset(uint64_t) override { on_reset(); }
};

template <typename View>
absl::Status LoadAuthors(MemberCards& members, std::span<View> views) {
  std::vector<MemberId> ids(views.size());
  std::vector<MemberCardPtr> cards(views.size());
  for (size_t i = 0; i < views.size(); ++i) ids[i] = views[i].body->author_id;
  RETURN_IF_ERROR(members.Load(ids, cards));
  for (size_t i = 0; i < views.size(); ++i) views[i].author = std::move(cards[i]);
  return absl::OkStatus();
}

class QueriesImpl final : public Queries {
 public:
  QueriesImpl(Runtime* runtime, const PersonalDataReader* personal_data,
              const CacheOptions& options, const RankingOptions& ranking, Clock* clock)
      : runtime_(runtime),
        members_(options.member_bytes_max),
        posts_(options.post_bytes_max),
        likes_(options.likes_bytes_max),
        heads_(options.author_heads_bytes_max),
        followings_(options.followings_bytes_max),
        home_feeds_({.bytes_max = options.home_feeds_bytes_max,
                     .rows_max = options.home_feed_rows_max,
                     .followers_max = options.home_feed_followers_max}),
        recommended_(&members_, &followings_),
        rankings_(options.rankings_bytes_max, options.ranking_rows_max),
        zone_(ranking.zone),
        clock_(clock),
        members_projection_(personal_data),
        posts_projection_(ranking) {
    of_members_.on_event = [this](const v1::Event& event) {
      members_.OnEvent(event);
      relations_.OnMembersEvent(event);
    };
    of_members_.on_reset = [this] {
      members_.OnReset();
      relations_.OnReset();
    };
    of_follows_.on_event = [this](const v1::Event& event) {
      followings_.OnEvent(event);
      home_feeds_.OnFollowsEvent(event);
    };
    of_follows_.on_reset = [this] {
      followings_.OnReset();
      relations_.OnReset();
      home_feeds_.OnFollowsReset();
    };
    of_posts_.on_event = [this](const v1::Event& event) {
      posts_.OnEvent(event);
      likes_.OnEvent(event);
    };
    of_posts_.on_rows = [this](const WrittenRows& rows) { rankings_.OnRows(rows); };
    of_posts_.on_reset = [this] {
      posts_.OnReset();
      likes_.OnReset();
      rankings_.Forget();
    };
    of_timelines_.on_event = [this](const v1::Event& event) {
      heads_.OnEvent(event);
      home_feeds_.OnPostsEvent(event);
    };
    of_timelines_.on_reset = [this] {
      heads_.OnReset();
      home_feeds_.OnPostsReset();
    };
    runtime->Observe(runtime->Register(&members_projection_), &of_members_);
    runtime->Observe(runtime->Register(&follows_projection_), &of_follows_);
    runtime->Observe(runtime->Register(&posts_projection_), &of_posts_);
    runtime->Observe(runtime->Register(&timelines_projection_), &of_timelines_);
    runtime->Register(&comments_projection_);
    runtime->Register(&pictures_projection_);
    members_.set_reader(runtime->Reader(MembersProjection::kName));
    member_rows_ = runtime->Reader(MembersProjection::kName);
    recommended_.set_reader(runtime->Reader(MembersProjection::kName));
    pictures_.set_reader(runtime->Reader(PicturesProjection::kName));
    follows_ = runtime->Reader(FollowsProjection::kName);
    relations_.set_readers(follows_.get(), member_rows_.get());
    followings_.set_reader(follows_.get());
    home_feeds_.set_sources(&heads_, &followings_, follows_.get());
    posts_.set_reader(runtime->Reader(PostsProjection::kName));
    likes_.set_reader(runtime->Reader(PostsProjection::kName));
    rankings_.set_reader(runtime->Reader(PostsProjection::kName));
    heads_.set_reader(runtime->Reader(TimelinesProjection::kName));
    posts_by_time_.set_reader(runtime->Reader(TimelinesProjection::kName));
    post_rows_ = runtime->Reader(PostsProjection::kName);
    timeline_rows_ = runtime->Reader(TimelinesProjection::kName);
    comments_.set_reader(runtime->Reader(CommentsProjection::kName));
  }

  absl::StatusOr<std::shared_ptr<const MemberCard>> Member(MemberId id) const override {
    ASSIGN_OR_RETURN(MemberCardPtr card, members_.LoadOne(id));
    if (card == nullptr) return MakeError(ErrorCode::kMemberNotFound);
    return card;
  }

  absl::StatusOr<std::shared_ptr<const MemberCard>> MemberByHandle(
      std::string_view handle) const override {
    ASSIGN_OR_RETURN(MemberCardPtr card, members_.LoadByHandle(handle));
    if (card == nullptr) return MakeError(ErrorCode::kMemberNotFound);
    return card;
  }

  absl::StatusOr<std::vector<MemberCardPtr>> Members(std::span<const MemberId> ids) const override {
    std::vector<MemberId> once;
    once.reserve(ids.size());
    absl::flat_hash_set<MemberId> seen;
    for (const MemberId id : ids) {
      if (seen.insert(id).second) once.push_back(id);
    }
    return LiveOnes(once);
  }

  absl::StatusOr<FollowCounts> Follows(MemberId id) const override {
    ASSIGN_OR_RETURN(const std::vector<FollowCounts> counts, relations_.Counts({&id, 1}));
    return counts[0];
  }

  absl::StatusOr<std::vector<FollowCounts>> FollowsOfAll(
      std::span<const MemberId> ids) const override {
    return relations_.Counts(ids);
  }

  absl::StatusOr<bool> IsFollowing(MemberId follower, MemberId followee) const override {
    std::string row;
    return follows_->Get(follows::EdgeKey(follower, followee), &row);
  }

  absl::StatusOr<std::vector<MemberId>> FollowedIds(MemberId member) const override {
    ASSIGN_OR_RETURN(const FollowedAuthorsPtr ids, followings_.Load(member));
    return *ids;
  }

  absl::StatusOr<Slice<MemberCardPtr>> Followers(MemberId id,
                                                 const PageRequest& request) const override {
    return Relations(follows::List::kFollowers, id, request);
  }

  absl::StatusOr<Slice<MemberCardPtr>> Followings(MemberId id,
                                                  const PageRequest& request) const override {
    return Relations(follows::List::kFollowings, id, request);
  }

  absl::StatusOr<std::vector<MemberCardPtr>> FollowingsOf(MemberId viewer) const override {
    ASSIGN_OR_RETURN(const FollowedAuthorsPtr ids, followings_.Load(viewer));
    return LiveOnes(*ids);
  }

  absl::StatusOr<Slice<MemberCardPtr>> Recommended(MemberId viewer,
                                                   const PageRequest& request) const override {
    return recommended_.Page(viewer, request);
  }
  absl::StatusOr<uint64_t> RecommendedCount(MemberId viewer) const override {
    return recommended_.Count(viewer);
  }

  absl::StatusOr<std::vector<UnfinishedWithdrawal>> UnfinishedWithdrawals() const override {
    return relations_.UnfinishedWithdrawals();
  }
  absl::StatusOr<std::vector<UnfinishedWithdrawal>> MembersWithoutKey() const override {
    return relations_.MembersWithoutKey();
  }
  absl::StatusOr<RelationsChunk> RelationsOf(MemberId member, size_t max) const override {
    return relations_.Chunk(member, max);
  }

  absl::Status EraseTraces(std::span<const MemberId> members) const override {
    std::vector<std::string> keys;
    keys.reserve(members.size());
    for (const MemberId member : members) keys.push_back(members::CardKey(member));
    return runtime_->EraseTraces(MembersProjection::kName, keys);
  }

  absl::StatusOr<PictureView> Picture(std::string_view picture_id) const override {
    return pictures_.Picture(picture_id);
  }
  absl::StatusOr<Slice<PictureView>> PicturesOf(MemberId owner,
                                                const PageRequest& request) const override {
    return pictures_.PicturesOf(owner, request);
  }
  absl::StatusOr<bool> IsPictureHashUsed(std::string_view hash) const override {
    return pictures_.IsUsed(hash);
  }
  absl::Status VisitPictureHashes(
      absl::FunctionRef<bool(std::string_view hash)> visit) const override {
    return pictures_.VisitUsed(visit);
  }
  absl::StatusOr<std::vector<std::string>> UnusedPictureHashesOf(
      MemberId withdrawn) const override {
    return pictures_.UnusedOfWithdrawn(withdrawn);
  }

  absl::StatusOr<PostView> Post(MemberId viewer, PostId id) const override {
    PostView view;
    const ListKey key = {.order = 0, .id = id};
    RETURN_IF_ERROR(posts_.Load({&key, 1}, {&view, 1}));
    if (view.body == nullptr) return MakeError(ErrorCode::kPostNotFound);
    RETURN_IF_ERROR(Decorate(viewer, {&view, 1}));
    return view;
  }

  absl::StatusOr<Slice<PostView>> FollowFeed(MemberId viewer,
                                             const PageRequest& request) const override {
    return PostSlice(viewer, request, kEver,
                     [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
                       return home_feeds_.Read(viewer, after, skip, count);
                     });
  }

  absl::StatusOr<Slice<PostView>> AuthorFeed(MemberId viewer, MemberId author,
                                             const PageRequest& request) const override {
    RETURN_IF_ERROR(Member(author).status());
    return PostSlice(viewer, request, kEver,
                     [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
                       return MergeNewest(heads_, {&author, 1}, after, skip, count);
                     });
  }

  absl::StatusOr<Slice<PostView>> MostPopular(MemberId viewer, RankingWindow window,
                                              const PageRequest& request) const override {
    return Ranked(viewer, posts::RankedList::kPopular, posts::RankedList::kPopularOfDay, window,
                  request);
  }

  absl::StatusOr<Slice<PostView>> MostCommented(MemberId viewer, RankingWindow window,
                                                const PageRequest& request) const override {
    return Ranked(viewer, posts::RankedList::kCommented, posts::RankedList::kCommentedOfDay, window,
                  request);
  }

  absl::StatusOr<Slice<PostView>> RecentActivities(MemberId viewer,
                                                   const PageRequest& request) const override {
    return Ranked(viewer, posts::RankedList::kActive, posts::RankedList::kActive,
                  RankingWindow::kAllTime, request);
  }

  absl::StatusOr<CountedPage<PostView>> PostsBetween(MemberId viewer,
                                                     std::span<const TimeSpan> spans, uint64_t page,
                                                     uint32_t size) const override {
    if (size == 0 || size > kPageSizeMax) {
      return MakeError(ErrorCode::kInvalidRequest, "size of a page");
    }
    const uint64_t skip = page > std::numeric_limits<uint64_t>::max() / size
                              ? std::numeric_limits<uint64_t>::max()
                              : page * size;
    for (int tries_left = kWindowTries;; --tries_left) {
      ASSIGN_OR_RETURN(const PostsByTime::Window window, posts_by_time_.Read(spans, skip, size));
      CountedPage<PostView> answer;
      answer.total = window.total;
      answer.rows.resize(window.keys.size());
      RETURN_IF_ERROR(posts_.Load(window.keys, answer.rows));
      // Some were deleted since the window was read: it is another window now.
      if (DropMissing(answer.rows) && tries_left > 0) continue;
      RETURN_IF_ERROR(Decorate(viewer, answer.rows));
      return answer;
    }
  }

  absl::StatusOr<std::vector<PostView>> Posts(MemberId viewer,
                                              std::span<const PostId> ids) const override {
    std::vector<PostId> distinct(ids.begin(), ids.end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    std::vector<ListKey> keys;
    keys.reserve(distinct.size());
    for (const PostId id : distinct) keys.push_back({.order = 0, .id = id});
    std::vector<PostView> views(keys.size());
    RETURN_IF_ERROR(posts_.Load(keys, views));
    DropMissing(views);
    std::sort(views.begin(), views.end(), [](const PostView& a, const PostView& b) {
      return Before({.order = a.body->created_at, .id = a.body->id},
                    {.order = b.body->created_at, .id = b.body->id});
    });
    RETURN_IF_ERROR(Decorate(viewer, views));
    return views;
  }

  absl::StatusOr<MemberId> AuthorOf(PostId id) const override {
    std::string row;
    ASSIGN_OR_RETURN(const bool found, timeline_rows_->Get(timelines::PostKey(id), &row));
    if (!found) return 0;
    ASSIGN_OR_RETURN(const timelines::Placed placed, timelines::DecodePlaced(row));
    return placed.author;
  }

  absl::StatusOr<bool> IsLiking(MemberId member, PostId post) const override {
    std::string row;
    return post_rows_->Get(posts::LikeKey(member, post), &row);
  }

  absl::StatusOr<PostCounts> CountsOf(PostId id) const override {
    PostView view;
    const ListKey key = {.order = 0, .id = id};
    RETURN_IF_ERROR(posts_.Load({&key, 1}, {&view, 1}));
    return view.counts;
  }

  absl::StatusOr<CommentView> Comment(MemberId viewer, CommentId id) const override {
    CommentView view;
    const ListKey key = {.order = 0, .id = id};
    RETURN_IF_ERROR(comments_.Load(viewer, {&key, 1}, {&view, 1}));
    if (view.body == nullptr) return MakeError(ErrorCode::kCommentNotFound);
    RETURN_IF_ERROR(LoadAuthors<CommentView>(members_, {&view, 1}));
    return view;
  }

  absl::StatusOr<Slice<CommentView>> PostComments(MemberId viewer, PostId post,
                                                  const PageRequest& request) const override {
    // Those of all depths: more than the list has.
    ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                       ASSIGN_OR_RETURN(const PostCounts counts, CountsOf(post));
                       return counts.comments;
                     }));
    if (behind_end) return Slice<CommentView>();
    return Comments(viewer, comments::List::kPost, post, request);
  }

  absl::StatusOr<Slice<CommentView>> Replies(MemberId viewer, CommentId parent,
                                             const PageRequest& request) const override {
    ASSIGN_OR_RETURN(const bool live, comments_.IsLive(parent));
    if (!live) return MakeError(ErrorCode::kParentCommentNotFound);
    ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                       CommentView view;
                       const ListKey key = {.order = 0, .id = parent};
                       RETURN_IF_ERROR(comments_.Load(viewer, {&key, 1}, {&view, 1}));
                       return view.replies;
                     }));
    if (behind_end) return Slice<CommentView>();
    return Comments(viewer, comments::List::kReplies, parent, request);
  }

  absl::StatusOr<Slice<CommentView>> MemberComments(MemberId viewer, MemberId author,
                                                    const PageRequest& request) const override {
    ASSIGN_OR_RETURN(const MemberCardPtr card, members_.LoadOne(author));
    if (card == nullptr) author = 0;  // nobody's list is empty
    return Comments(viewer, comments::List::kAuthor, author, request);
  }

  std::vector<CacheStats> Caches() const override {
    const auto stats = [](const char* name, const auto& of) {
      return CacheStats{name, of.hits, of.misses, of.bytes, of.entries};
    };
    return {stats("members", members_.stats()),       stats("posts", posts_.stats()),
            stats("likes", likes_.stats()),           stats("author-heads", heads_.stats()),
            stats("followings", followings_.stats()), stats("rankings", rankings_.stats()),
            stats("home-feeds", home_feeds_.stats())};
  }

 private:
  absl::StatusOr<std::vector<MemberCardPtr>> LiveOnes(const std::vector<MemberId>& ids) const {
    std::vector<MemberCardPtr> cards(ids.size());
    RETURN_IF_ERROR(members_.Load(ids, cards));
    std::erase(cards, nullptr);
    return cards;
  }

  absl::Status Decorate(MemberId viewer, std::span<PostView> views) const {
    RETURN_IF_ERROR(LoadAuthors(members_, views));
    return likes_.Mark(viewer, views);
  }

  // True: there were some.
  static bool DropMissing(std::vector<PostView>& views) {
    return std::erase_if(views, [](const PostView& view) { return view.body == nullptr; }) > 0;
  }

  // The days of a window, up to today; 0 for all time.
  static int64_t DaysOf(RankingWindow window) {
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

  absl::StatusOr<Slice<PostView>> Ranked(MemberId viewer, posts::RankedList of_all,
                                         posts::RankedList of_day, RankingWindow window,
                                         const PageRequest& request) const {
    std::vector<RankedLists::List> lists;
    TimeSpan created = kEver;
    const int64_t days = DaysOf(window);
    if (days == 0) {
      lists.push_back({.list = of_all});
    } else {
      // The newest day first.
      const int64_t today = DayNumber(zone_, clock_->Now());
      for (int64_t day = today; day > today - days; --day) {
        lists.push_back({.list = of_day, .day = day});
      }
      created = {.begin = FirstSecondOf(today - days + 1), .end = FirstSecondOf(today + 1)};
    }
    return PostSlice(viewer, request, created,
                     [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
                       return rankings_.Read(lists, after, skip, count);
                     });
  }

  int64_t FirstSecondOf(int64_t day) const {
    return absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(1970, 1, 1) + day, zone_));
  }

  absl::StatusOr<uint64_t> PostsCreatedIn(const TimeSpan& span) const {
    ASSIGN_OR_RETURN(const PostsByTime::Window window, posts_by_time_.Read({&span, 1}, 0, 0));
    return window.total;
  }

  // A page of a list of posts that were all created in `created`.
  template <typename Keys>
  absl::StatusOr<Slice<PostView>> PostSlice(MemberId viewer, const PageRequest& request,
                                            const TimeSpan& created, Keys keys) const {
    ASSIGN_OR_RETURN(const bool behind_end,
                     IsBehindEnd(request, [&] { return PostsCreatedIn(created); }));
    if (behind_end) return Slice<PostView>();
    const auto load = [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<PostView>> {
      std::vector<PostView> views(of.size());
      RETURN_IF_ERROR(posts_.Load(of, views));
      return views;
    };
    ASSIGN_OR_RETURN(Slice<PostView> slice,
                     MakeSlice<PostView>(request, keys, load, [](const PostView& view) {
                       return view.body != nullptr;
                     }));
    RETURN_IF_ERROR(Decorate(viewer, std::span<PostView>(slice.rows)));
    return slice;
  }

  absl::StatusOr<Slice<CommentView>> Comments(MemberId viewer, comments::List list, uint64_t owner,
                                              const PageRequest& request) const {
    const auto keys = [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
      return comments_.Keys(list, owner, after, skip, count);
    };
    const auto load = [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<CommentView>> {
      std::vector<CommentView> views(of.size());
      RETURN_IF_ERROR(comments_.Load(viewer, of, views));
      return views;
    };
    ASSIGN_OR_RETURN(Slice<CommentView> slice,
                     MakeSlice<CommentView>(request, keys, load, [](const CommentView& view) {
                       return view.body != nullptr;
                     }));
    RETURN_IF_ERROR(LoadAuthors(members_, std::span<CommentView>(slice.rows)));
    return slice;
  }

  absl::StatusOr<Slice<MemberCardPtr>> Relations(follows::List list, MemberId id,
                                                 const PageRequest& request) const {
    RETURN_IF_ERROR(Member(id).status());
    ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                       ASSIGN_OR_RETURN(const FollowCounts counts, Follows(id));
                       return list == follows::List::kFollowers ? counts.followers
                                                                : counts.followings;
                     }));
    if (behind_end) return Slice<MemberCardPtr>();
    const auto keys = [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
      return relations_.Keys(list, id, after, skip, count);
    };
    const auto load =
        [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<MemberCardPtr>> {
      std::vector<MemberId> ids;
      ids.reserve(of.size());
      for (const ListKey& key : of) ids.push_back(key.id);
      std::vector<MemberCardPtr> cards(of.size());
      RETURN_IF_ERROR(members_.Load(ids, cards));
      return cards;
    };
    return MakeSlice<MemberCardPtr>(request, keys, load,
                                    [](const MemberCardPtr& card) { return card != nullptr; });
  }

  Runtime* const runtime_;
  // Caches fill themselves while they answer.
  mutable MemberCards members_;
  mutable PostCards posts_;
  mutable LikedPosts likes_;
  mutable AuthorHeads heads_;
  mutable FollowedAuthors followings_;
  mutable HomeFeeds home_feeds_;
  RelationReader relations_;
  RecommendedMembers recommended_;
  mutable RankedLists rankings_;
  const absl::TimeZone zone_;
  Clock* const clock_;
  PostsByTime posts_by_time_;
  CommentReader comments_;
  PictureReader pictures_;
  std::unique_ptr<ProjectionReader> member_rows_;
  std::unique_ptr<ProjectionReader> follows_;
  std::unique_ptr<ProjectionReader> post_rows_;
  std::unique_ptr<ProjectionReader> timeline_rows_;

  MembersProjection members_projection_;
  FollowsProjection follows_projection_;
  PostsProjection posts_projection_;
  TimelinesProjection timelines_projection_;
  CommentsProjection comments_projection_;
  PicturesProjection pictures_projection_;
  CacheObserver of_members_;
  CacheObserver of_follows_;
  CacheObserver of_posts_;
  CacheObserver of_timelines_;
};

}  // namespace

std::unique_ptr<Queries> Queries::Create(Runtime* runtime, const PersonalDataReader* personal_data,
                                         CacheOptions options, const RankingOptions& ranking,
                                         Clock* clock) {
  return std::make_unique<QueriesImpl>(runtime, personal_data, options, ranking, clock);
}

}  // namespace dailyfeed
