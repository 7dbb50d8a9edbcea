// Every question dailyfeed answers, over the read models of one data directory.
//
//   Queries queries(runtime, ...);
//   ASSIGN_OR_RETURN(Slice<PostView> page, queries.FollowFeed(viewer, {.size = 20}));
//
// Owns the in-memory caches of the read models (bounded, see CacheOptions).
// Every list is in one fixed, total order, and no read counts, sorts or scans
// what it does not return; only a page asked for by number steps over the rows
// before it.
//
// A read that starts after a command was acknowledged sees what it wrote.
//
// Errors: symbolic codes (errors.h) for what does not exist; UNAVAILABLE or
// DATA_LOSS when storage fails.
//
// Threads: everything from any thread; nothing blocks but on the disk.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_QUERIES_H_
#define DAILYFEED_PROJECTIONS_QUERIES_QUERIES_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "core/ports/environment.h"
#include "core/ports/personal_data.h"
#include "projections/posts/ranking_options.h"
#include "projections/queries/answers.h"
#include "projections/runtime/runtime.h"

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
};

// Which posts a ranked list is made of: all, or those created today, within
// the last 7 or the last 30 days (today is one of them). A day begins at
// midnight in RankingOptions::zone.
enum class RankingWindow { kAllTime, kToday, kSevenDays, kThirtyDays };

class Queries {
 public:
  // Makes the projections (members, follows, posts, comments, author
  // timelines, pictures) and registers them with `runtime`, before runtime.Start().
  // `personal_data`, `runtime` and `clock`, which says what today is, are not
  // owned.
  static std::unique_ptr<Queries> Create(Runtime* runtime, const PersonalDataReader* personal_data,
                                         CacheOptions options, const RankingOptions& ranking = {},
                                         Clock* clock = &SystemClock());
  virtual ~Queries() = default;

  // kMemberNotFound for unknown and withdrawn members.
  virtual absl::StatusOr<std::shared_ptr<const MemberCard>> Member(MemberId id) const = 0;
  virtual absl::StatusOr<std::shared_ptr<const MemberCard>> MemberByHandle(
      std::string_view handle) const = 0;
  // Those of the given members that are live, each once, in the order given.
  virtual absl::StatusOr<std::vector<std::shared_ptr<const MemberCard>>> Members(
      std::span<const MemberId> ids) const = 0;
  // Always the lengths of the lists below, also while a withdrawal is under way.
  // Unknown and withdrawn members: 0 and 0. Of many: counts[i] is that of ids[i].
  virtual absl::StatusOr<FollowCounts> Follows(MemberId id) const = 0;
  virtual absl::StatusOr<std::vector<FollowCounts>> FollowsOfAll(
      std::span<const MemberId> ids) const = 0;
  virtual absl::StatusOr<bool> IsFollowing(MemberId follower, MemberId followee) const = 0;
  // Whom a member follows, in no particular order. Unknown member: empty.
  virtual absl::StatusOr<std::vector<MemberId>> FollowedIds(MemberId member) const = 0;
  // Newest relation first, then member id descending. kMemberNotFound.
  virtual absl::StatusOr<Slice<std::shared_ptr<const MemberCard>>> Followers(
      MemberId id, const PageRequest& request) const = 0;
  virtual absl::StatusOr<Slice<std::shared_ptr<const MemberCard>>> Followings(
      MemberId id, const PageRequest& request) const = 0;

  // Everyone the viewer follows, newest relation first. Unknown viewer: empty.
  virtual absl::StatusOr<std::vector<std::shared_ptr<const MemberCard>>> FollowingsOf(
      MemberId viewer) const = 0;
  // Newest sign-up first, then id descending; without the viewer, whom the
  // viewer follows, and withdrawn members. And how many rows all pages have.
  virtual absl::StatusOr<Slice<std::shared_ptr<const MemberCard>>> Recommended(
      MemberId viewer, const PageRequest& request) const = 0;
  virtual absl::StatusOr<uint64_t> RecommendedCount(MemberId viewer) const = 0;

  // Withdrawals that the log does not call complete, and of one of them at most
  // `max` followers and as many followees that are left.
  virtual absl::StatusOr<std::vector<UnfinishedWithdrawal>> UnfinishedWithdrawals() const = 0;
  // Members who did not withdraw and whose key was gone when the read models were
  // made from the log: they have no card.
  virtual absl::StatusOr<std::vector<UnfinishedWithdrawal>> MembersWithoutKey() const = 0;
  virtual absl::StatusOr<RelationsChunk> RelationsOf(MemberId member, size_t max) const = 0;

  // No file of the read models has anything about these withdrawn members in
  // the clear when it returns. See Runtime::EraseTraces.
  virtual absl::Status EraseTraces(std::span<const MemberId> members) const = 0;

  // By the 16 bytes of its id. kImageNotFound for unknown and deleted pictures,
  // and for those of withdrawn members.
  virtual absl::StatusOr<PictureView> Picture(std::string_view picture_id) const = 0;
  // Newest first. Unknown or withdrawn member: empty.
  virtual absl::StatusOr<Slice<PictureView>> PicturesOf(MemberId owner,
                                                        const PageRequest& request) const = 0;
  // Whether the stored bytes with this hash belong to a live picture, as the
  // picture or as its thumbnail; every such hash once, until `visit` returns
  // false (pictures that come and go meanwhile may or may not be visited); and
  // the hashes of a withdrawn member's pictures that no live one has, from the
  // withdrawal until the log calls it complete.
  virtual absl::StatusOr<bool> IsPictureHashUsed(std::string_view hash) const = 0;
  virtual absl::Status VisitPictureHashes(
      absl::FunctionRef<bool(std::string_view hash)> visit) const = 0;
  virtual absl::StatusOr<std::vector<std::string>> UnusedPictureHashesOf(
      MemberId withdrawn) const = 0;

  // kPostNotFound for unknown and deleted posts. Counts no view.
  virtual absl::StatusOr<PostView> Post(MemberId viewer, PostId id) const = 0;
  // Posts of members the viewer follows now, newest first. Unknown viewer: empty.
  virtual absl::StatusOr<Slice<PostView>> FollowFeed(MemberId viewer,
                                                     const PageRequest& request) const = 0;
  // Posts of one author, newest first; the viewer's own is "my feed".
  // kMemberNotFound for unknown and withdrawn authors.
  virtual absl::StatusOr<Slice<PostView>> AuthorFeed(MemberId viewer, MemberId author,
                                                     const PageRequest& request) const = 0;
  // By score (see RankingOptions), then newest.
  virtual absl::StatusOr<Slice<PostView>> MostPopular(MemberId viewer, RankingWindow window,
                                                      const PageRequest& request) const = 0;
  // Posts with at least one live comment, by how many, then newest.
  virtual absl::StatusOr<Slice<PostView>> MostCommented(MemberId viewer, RankingWindow window,
                                                        const PageRequest& request) const = 0;
  // By the latest of creation, edits, comments and likes, then id descending.
  virtual absl::StatusOr<Slice<PostView>> RecentActivities(MemberId viewer,
                                                           const PageRequest& request) const = 0;
  // Posts created in `spans` (ascending, without overlap), newest first; a page
  // costs the same wherever it lies.
  virtual absl::StatusOr<CountedPage<PostView>> PostsBetween(MemberId viewer,
                                                             std::span<const TimeSpan> spans,
                                                             uint64_t page,
                                                             uint32_t size) const = 0;
  // Those of the given posts that are live, each once, newest first.
  virtual absl::StatusOr<std::vector<PostView>> Posts(MemberId viewer,
                                                      std::span<const PostId> ids) const = 0;
  // 0: the post is unknown or deleted. Reads one row and no cache.
  virtual absl::StatusOr<MemberId> AuthorOf(PostId id) const = 0;
  virtual absl::StatusOr<bool> IsLiking(MemberId member, PostId post) const = 0;
  // Unknown and deleted posts: 0.
  virtual absl::StatusOr<PostCounts> CountsOf(PostId id) const = 0;

  // kCommentNotFound for comments that are not live.
  virtual absl::StatusOr<CommentView> Comment(MemberId viewer, CommentId id) const = 0;
  // Oldest first. Unknown or deleted post: empty.
  virtual absl::StatusOr<Slice<CommentView>> PostComments(MemberId viewer, PostId post,
                                                          const PageRequest& request) const = 0;
  // Direct children, oldest first. kParentCommentNotFound.
  virtual absl::StatusOr<Slice<CommentView>> Replies(MemberId viewer, CommentId parent,
                                                     const PageRequest& request) const = 0;
  // Newest first, all depths. Unknown or withdrawn member: empty.
  virtual absl::StatusOr<Slice<CommentView>> MemberComments(MemberId viewer, MemberId author,
                                                            const PageRequest& request) const = 0;

  struct CacheStats {
    const char* cache = "";
    uint64_t hits = 0;
    uint64_t misses = 0;
    uint64_t bytes = 0;
    uint64_t entries = 0;
  };
  virtual std::vector<CacheStats> Caches() const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_QUERIES_H_
