// What the queries must answer, computed the naive way: vectors and sorts over
// everything that ever happened. And random histories that the deciders would
// accept, to compare with.
//
//   FeedModel model;
//   RandomHistory history(&model, seed, profile);
//   v1::Event event = history.Next();   // already folded into the model
#ifndef DAILYFEED_PROJECTIONS_TESTING_FEED_MODEL_H_
#define DAILYFEED_PROJECTIONS_TESTING_FEED_MODEL_H_

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/activities/activity.h"
#include "projections/queries/answers.h"

namespace dailyfeed::testing {

class FeedModel {
 public:
  struct Member {
    MemberId id;
    std::string handle;
    bool gone = false;  // the key was destroyed, or withdrawn: no card
    bool withdrawn = false;
    bool erased = false;
    std::string signed_up_handle;
    std::string bio;
    TimestampNs created_at = 0;
    TimestampNs updated_at = 0;
  };
  struct Follow {
    MemberId follower;
    MemberId followee;
    TimestampNs since;
  };
  struct Post {
    PostBody body;
    uint64_t views = 0;
    std::set<MemberId> likes;
    bool deleted = false;
    TimestampNs active_at = 0;  // creation, edits, comments, likes
  };
  struct Comment {
    CommentBody body;
    std::set<MemberId> likes;
    bool deleted = false;  // itself; its ancestors may be
  };

  // `event` is the next one of the log: its position is how many there were, plus 1.
  void Apply(const v1::Event& event);

  const std::vector<Member>& members() const { return members_; }
  const std::vector<Follow>& follows() const { return follows_; }
  const std::vector<Post>& posts() const { return posts_; }
  const std::vector<Comment>& comments() const { return comments_; }
  void SetGone(MemberId member) { MemberOf(member).gone = true; }

  // Not those who are gone.
  const Member* FindMember(MemberId id) const;
  const Member* FindByHandle(const std::string& handle) const;  // in lower case
  const Post* FindLivePost(PostId id) const;
  const Comment* FindLiveComment(CommentId id) const;
  bool IsFollowing(MemberId follower, MemberId followee) const;
  bool IsLive(const Comment& comment) const;
  uint64_t CommentsOf(PostId post) const;
  uint64_t RepliesOf(CommentId comment) const;
  uint64_t BelowOf(CommentId comment) const;  // live, all depths

  // The keys of each list, in its order.
  std::vector<ListKey> FollowFeed(MemberId viewer) const;
  std::vector<ListKey> AuthorFeed(MemberId author) const;
  std::vector<ListKey> Followers(MemberId member) const;
  std::vector<ListKey> Followings(MemberId member) const;
  std::vector<ListKey> Recommended(MemberId viewer) const;
  // Ids, in the order of a search: whose handle, member name or display name has
  // `q`, which is in lower case and without white space.
  std::vector<MemberId> SearchMembers(const std::string& q) const;
  // Posts created on the days [first_day, last_day] (since 1970, UTC). A view
  // counts 1, a like 2.
  std::vector<ListKey> MostPopular(int64_t first_day, int64_t last_day) const;
  std::vector<ListKey> MostCommented(int64_t first_day, int64_t last_day) const;
  std::vector<ListKey> RecentActivities() const;
  // Created in the seconds [begin, end).
  std::vector<ListKey> PostsBetween(int64_t begin, int64_t end) const;
  std::vector<ListKey> PostComments(PostId post) const;
  std::vector<ListKey> PostThread(PostId post) const;
  std::vector<ListKey> Replies(CommentId parent) const;
  std::vector<ListKey> MemberComments(MemberId author) const;
  // Of one type, when it is given.
  // Histories of commands: the log has events of its own between those that the model
  // gets (the relations that a withdrawal ends), so activities have other positions.
  void LeaveOutActivities() { has_activities_ = false; }
  bool has_activities() const { return has_activities_; }
  std::vector<ListKey> ActivitiesOf(MemberId member,
                                    std::optional<v1::ActivityType> type = {}) const;
  std::vector<ListKey> FollowedActivities(MemberId viewer) const;

 private:
  Member& MemberOf(MemberId id);
  Post& PostOf(PostId id);
  Comment& CommentOf(CommentId id);
  void BeActive(PostId id, TimestampNs time);
  void Remember(const v1::Event& event);

  std::vector<Member> members_;
  std::vector<Follow> follows_;
  std::vector<Post> posts_;
  std::vector<Comment> comments_;
  struct Done {
    Activity activity;
    ListKey key;
  };
  bool has_activities_ = true;
  std::vector<Done> activities_;
  std::set<MemberId> withdrawn_;
  Position head_ = 0;
};

// How likely each kind of event is, relative to the others, and how times run.
struct HistoryProfile {
  const char* name = "even";
  MemberId members = 6;  // signed up first; some of them gone
  int publish = 10, edit = 3, remove_post = 2, view = 5, like = 8, unlike = 4;
  int follow = 6, unfollow = 3;
  int comment = 10, reply = 10, edit_comment = 2, remove_comment = 2;
  int like_comment = 4, unlike_comment = 2;
  int update_profile = 2, change_handle = 2;
  int withdraw = 0, release = 6, erase = 2, sign_up = 2;  // the last three when there is reason
  // Times lie in [0, ticks) of tick_ns: few ticks, many ties.
  uint64_t ticks = 1000;
  TimestampNs tick_ns = 1000;
  // Only what a command can make happen: nobody who withdrew edits or deletes,
  // and nobody's view of their own post counts.
  bool by_commands = false;
};

// The time of tick 0.
inline constexpr TimestampNs kHistoryStart = 1'760'000'000'000'000'000;

class RandomHistory {
 public:
  // `model` is not owned.
  RandomHistory(FeedModel* model, uint64_t seed, const HistoryProfile& profile);
  // The next event, folded into the model. Positions are left out.
  v1::Event Next();
  std::mt19937_64& random() { return random_; }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  TimestampNs Time();
  bool TryMake(v1::Event* event);
  bool TryPost(uint64_t kind, v1::Event* event);
  bool TryFollow(bool follow, v1::Event* event);
  bool TryComment(uint64_t kind, v1::Event* event);
  bool TryMember(uint64_t kind, v1::Event* event);
  // Who may act: has signed up and not withdrawn.
  MemberId AnyActor();

  FeedModel* const model_;
  const HistoryProfile profile_;
  std::mt19937_64 random_;
  PostId next_post_ = 1;
  CommentId next_comment_ = 1;
};

}  // namespace dailyfeed::testing

#endif  // DAILYFEED_PROJECTIONS_TESTING_FEED_MODEL_H_
