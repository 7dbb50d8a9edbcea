// Every question dailyfeed answers, over the read models of one data directory.
//
//   Queries queries(runtime, personal_data, {});
//   RETURN_IF_ERROR(runtime->Start());
//   ASSIGN_OR_RETURN(Slice<PostView> page, queries.FollowFeed(viewer, {.size = 20}));
//
// Every query pins one view of the read models and reads everything through it: an
// answer is of one moment and of one set of generations. Owns the caches of the
// read models in memory (bounded, see CacheOptions).
// Every list is in one fixed, total order, and no read counts, sorts or scans
// what it does not return; only a page asked for by number steps over the rows
// before it.
//
// A read that starts after a command was acknowledged sees what it wrote.
//
// Errors: symbolic codes (errors.h) for what does not exist; RESOURCE_EXHAUSTED
// (kServiceUnavailable) for a page far down a list while
// CacheOptions::deep_pages_max others are read; UNAVAILABLE or DATA_LOSS when
// storage fails.
//
// Threads: everything from any thread; nothing blocks but on the disk.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_QUERIES_H_
#define DAILYFEED_PROJECTIONS_QUERIES_QUERIES_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "core/ports/environment.h"
#include "core/ports/personal_data.h"
#include "projections/activities/activity_rows.h"
#include "projections/cache/cache.h"
#include "projections/posts/ranking_options.h"
#include "projections/queries/answers.h"
#include "projections/queries/text_search.h"
#include "projections/runtime/runtime.h"
#include "projections/search/search_options.h"

namespace dailyfeed {

struct CacheOptions {
  size_t post_bytes_max = 192u << 20;  // bodies and counts of posts
  size_t member_bytes_max = 64u << 20;
  size_t author_heads_bytes_max = 96u << 20;  // newest posts of each author
  size_t followings_bytes_max = 64u << 20;    // whom a member follows
  size_t likes_bytes_max = 64u << 20;         // which posts a member likes
  size_t rankings_bytes_max = 8u << 20;       // the first rows of ranked lists
  size_t ranking_rows_max = 1024;             // of each of them
  // Windows of follow feeds that posts are written into (home_feeds.h); 0 for
  // any of these: every feed is merged when it is read.
  size_t home_feeds_bytes_max = 64u << 20;
  size_t home_feed_rows_max = 64;           // of each
  uint64_t home_feed_followers_max = 1000;  // authors with more are merged on read
  // Pages by number far down a list that are read at a time (deep_pages.h).
  size_t deep_pages_max = 2;
  // Names of all members, for a search for members (member_directory.h); when they
  // take more it is refused.
  size_t member_names_bytes_max = 256u << 20;
  size_t tags_bytes_max = 32u << 20;  // tags that may be suggested (tag_directory.h)
  // The newest activities of each member that followers are shown (activity_heads.h).
  size_t activity_heads_bytes_max = 32u << 20;
};

// Which posts a ranked list is made of: all, or those created today, within
// the last 7 or the last 30 days (today is one of them). A day begins at
// midnight in RankingOptions::zone.
enum class RankingWindow { kAllTime, kToday, kSevenDays, kThirtyDays };

class Queries {
 public:
  // Makes the projections (members, follows, posts, comments, author
  // timelines, pictures, activities, search) and registers them with `runtime`, before
  // runtime.Start(). `personal_data`, `runtime` and `clock`, which says what today is, are not
  // owned. `runtime` must have stopped before the queries are destroyed.
  Queries(Runtime* runtime, const PersonalDataReader* personal_data, const CacheOptions& options,
          const RankingOptions& ranking = {}, Clock* clock = &SystemClock(),
          const SearchOptions& search = {});
  ~Queries();

  // kMemberNotFound for unknown and withdrawn members.
  absl::StatusOr<std::shared_ptr<const MemberCard>> Member(MemberId id) const;
  absl::StatusOr<std::shared_ptr<const MemberCard>> MemberByHandle(std::string_view handle) const;
  // Those of the given members that are live, each once, in the order given.
  absl::StatusOr<std::vector<std::shared_ptr<const MemberCard>>> Members(
      std::span<const MemberId> ids) const;
  // Always the lengths of the lists below, also while a withdrawal is under way.
  // Unknown and withdrawn members: 0 and 0. Of many: counts[i] is that of ids[i].
  absl::StatusOr<FollowCounts> Follows(MemberId id) const;
  absl::StatusOr<std::vector<FollowCounts>> FollowsOfAll(std::span<const MemberId> ids) const;
  absl::StatusOr<bool> IsFollowing(MemberId follower, MemberId followee) const;
  // Whom a member follows, in no particular order. Unknown member: empty.
  absl::StatusOr<std::vector<MemberId>> FollowedIds(MemberId member) const;
  // Newest relation first, then member id descending. kMemberNotFound.
  absl::StatusOr<Slice<std::shared_ptr<const MemberCard>>> Followers(
      MemberId id, const PageRequest& request) const;
  absl::StatusOr<Slice<std::shared_ptr<const MemberCard>>> Followings(
      MemberId id, const PageRequest& request) const;

  // Everyone the viewer follows, newest relation first. Unknown viewer: empty.
  absl::StatusOr<std::vector<std::shared_ptr<const MemberCard>>> FollowingsOf(
      MemberId viewer) const;
  // Newest sign-up first, then id descending; without the viewer, whom the
  // viewer follows, and withdrawn members. And how many rows all pages have.
  absl::StatusOr<Slice<std::shared_ptr<const MemberCard>>> Recommended(
      MemberId viewer, const PageRequest& request) const;
  absl::StatusOr<uint64_t> RecommendedCount(MemberId viewer) const;

  // Live members whose names have every term of `q`, the best first
  // (member_query.h, member_search.h). kInvalidRequest with violations of the field
  // `q`; UNAVAILABLE (kServiceUnavailable) when names take too much memory.
  absl::StatusOr<CountedPage<std::shared_ptr<const MemberCard>>> SearchMembers(std::string_view q,
                                                                               uint64_t page,
                                                                               uint32_t size) const;

  // What may come of `q`: up to `max` members by a prefix of a name, more followers
  // first, and as many tags, the most used first (typed_prefix.h). With `#` in front
  // tags only, with `@` members only. Errors as those of SearchMembers.
  absl::StatusOr<Suggestions> Suggest(std::string_view q, size_t max) const;

  // Withdrawals that the log does not call complete, and of one of them at most
  // `max` followers and as many followees that are left.
  absl::StatusOr<std::vector<UnfinishedWithdrawal>> UnfinishedWithdrawals() const;
  // Members who did not withdraw and whose key was gone when the read models were
  // made from the log: they have no card.
  absl::StatusOr<std::vector<UnfinishedWithdrawal>> MembersWithoutKey() const;
  absl::StatusOr<RelationsChunk> RelationsOf(MemberId member, size_t max) const;

  // No file of the read models has anything about these withdrawn members in
  // the clear when it returns. See Runtime::EraseTraces.
  absl::Status EraseTraces(std::span<const MemberId> members) const;

  // By the 16 bytes of its id. kImageNotFound for unknown and deleted pictures,
  // and for those of withdrawn members.
  absl::StatusOr<PictureView> Picture(std::string_view picture_id) const;
  // Newest first. Unknown or withdrawn member: empty.
  absl::StatusOr<Slice<PictureView>> PicturesOf(MemberId owner, const PageRequest& request) const;
  // Whether the stored bytes with this hash belong to a live picture, as the
  // picture or as its thumbnail; every such hash once, until `visit` returns
  // false (pictures that come and go meanwhile may or may not be visited); and
  // the hashes of a withdrawn member's pictures that no live one has, from the
  // withdrawal until the log calls it complete.
  absl::StatusOr<bool> IsPictureHashUsed(std::string_view hash) const;
  absl::Status VisitPictureHashes(absl::FunctionRef<bool(std::string_view hash)> visit) const;
  absl::StatusOr<std::vector<std::string>> UnusedPictureHashesOf(MemberId withdrawn) const;

  // kPostNotFound for unknown and deleted posts. Counts no view.
  absl::StatusOr<PostView> Post(MemberId viewer, PostId id) const;
  // Posts of members the viewer follows now, newest first. Unknown viewer: empty.
  absl::StatusOr<Slice<PostView>> FollowFeed(MemberId viewer, const PageRequest& request) const;
  // Posts of one author, newest first; the viewer's own is "my feed".
  // kMemberNotFound for unknown and withdrawn authors.
  absl::StatusOr<Slice<PostView>> AuthorFeed(MemberId viewer, MemberId author,
                                             const PageRequest& request) const;
  // By score (see RankingOptions), then newest.
  absl::StatusOr<Slice<PostView>> MostPopular(MemberId viewer, RankingWindow window,
                                              const PageRequest& request) const;
  // Posts with at least one live comment, by how many, then newest.
  absl::StatusOr<Slice<PostView>> MostCommented(MemberId viewer, RankingWindow window,
                                                const PageRequest& request) const;
  // By the latest of creation, edits, comments and likes, then id descending.
  absl::StatusOr<Slice<PostView>> RecentActivities(MemberId viewer,
                                                   const PageRequest& request) const;
  // Posts created in `spans` (ascending, without overlap), newest first; a page
  // costs the same wherever it lies, but for the newer posts of its first second.
  absl::StatusOr<CountedPage<PostView>> PostsBetween(MemberId viewer,
                                                     std::span<const TimeSpan> spans, uint64_t page,
                                                     uint32_t size) const;
  // Those of the given posts that are live, each once, newest first.
  absl::StatusOr<std::vector<PostView>> Posts(MemberId viewer, std::span<const PostId> ids) const;
  // 0: the post is unknown or deleted. Reads one row and no cache.
  absl::StatusOr<MemberId> AuthorOf(PostId id) const;
  absl::StatusOr<bool> IsLiking(MemberId member, PostId post) const;
  // Unknown and deleted posts: 0. Of many: counts[i] is that of ids[i].
  absl::StatusOr<PostCounts> CountsOf(PostId id) const;
  absl::StatusOr<std::vector<PostCounts>> CountsOfPosts(std::span<const PostId> ids) const;

  // kCommentNotFound for comments that are not live.
  absl::StatusOr<CommentView> Comment(MemberId viewer, CommentId id) const;
  // Oldest first. Unknown or deleted post: empty.
  absl::StatusOr<Slice<CommentView>> PostComments(MemberId viewer, PostId post,
                                                  const PageRequest& request) const;
  // All depths, newest first. Unknown or deleted post: empty. UNAVAILABLE
  // (kServiceUnavailable) after an upgrade, until the comments are built anew.
  absl::StatusOr<CountedPage<CommentView>> PostThread(PostId post, uint64_t page,
                                                      uint32_t size) const;
  // likes[i] is that of ids[i]; 0 for comments that are not live.
  absl::StatusOr<std::vector<uint64_t>> LikesOfComments(std::span<const CommentId> ids) const;
  // Direct children, oldest first. kParentCommentNotFound.
  absl::StatusOr<Slice<CommentView>> Replies(MemberId viewer, CommentId parent,
                                             const PageRequest& request) const;
  // Newest first, all depths. Unknown or withdrawn member: empty.
  absl::StatusOr<Slice<CommentView>> MemberComments(MemberId viewer, MemberId author,
                                                    const PageRequest& request) const;

  // What a member did, the newest first, then position descending: all of it, or of
  // one type, or in some spans of time (ascending, without overlap). Unknown or
  // withdrawn member: empty.
  struct ActivityFilter {
    std::optional<v1::ActivityType> type;
    std::optional<std::vector<TimeSpan>> spans;
  };
  absl::StatusOr<Slice<ActivityRow>> ActivitiesOf(MemberId member, const ActivityFilter& filter,
                                                  const PageRequest& request) const;
  // What the members whom the viewer follows now published, commented, liked and
  // followed, in the same order. Unknown viewer: empty.
  absl::StatusOr<Slice<ActivityRow>> FollowedActivities(MemberId viewer,
                                                        const PageRequest& request) const;
  // Every activity there is, once, as the row of activities::kAll, until `visit`
  // returns false (activity_rows.h).
  absl::Status VisitActivities(
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const;

  // By full text, over the current content of live posts and comments; a search that
  // starts after a command was acknowledged sees what it wrote. The most relevant
  // first, then the newest (docs/reference/search.md). INVALID_ARGUMENT: the text
  // cannot be understood, see search/text/search_query.h. kServiceUnavailable: it
  // would cost too much. DATA_LOSS: the index is damaged; the rest goes on.
  absl::StatusOr<FoundPosts> SearchPosts(MemberId viewer, const SearchRequest& request) const;
  absl::StatusOr<FoundComments> SearchComments(MemberId viewer, const SearchRequest& request) const;
  SearchStats Search() const;

  struct CacheStats : CacheCounts {
    const char* cache = "";
  };
  std::vector<CacheStats> Caches() const;

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_QUERIES_H_
