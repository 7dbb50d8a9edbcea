#include "projections/testing/feed_model.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <tuple>

#include "core/base/check.h"

namespace dailyfeed::testing {
namespace {

constexpr TimestampNs kNsPerSecond = 1'000'000'000;
constexpr TimestampNs kNsPerDay = 86'400 * kNsPerSecond;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

bool NewestFirst(const ListKey& a, const ListKey& b) {
  return a.order != b.order ? a.order > b.order : a.id > b.id;
}
// Score or comments, then the newest.
bool RankedFirst(const ListKey& a, const ListKey& b) {
  if (a.order != b.order) return a.order > b.order;
  return a.then != b.then ? a.then > b.then : a.id > b.id;
}
bool OldestFirst(const ListKey& a, const ListKey& b) { return NewestFirst(b, a); }

template <typename Things>
auto& ById(Things& things, uint64_t id) {
  // Histories give out 1, 2, 3...: long ones are quicker this way.
  if (id > 0 && id <= things.size() && things[id - 1].body.id == id) return things[id - 1];
  const auto found = std::find_if(things.begin(), things.end(),
                                  [id](const auto& thing) { return thing.body.id == id; });
  DAILYFEED_CHECK(found != things.end());
  return *found;
}

}  // namespace

FeedModel::Member& FeedModel::MemberOf(MemberId id) {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [id](const Member& member) { return member.id == id; });
  DAILYFEED_CHECK(found != members_.end());
  return *found;
}
FeedModel::Post& FeedModel::PostOf(PostId id) { return ById(posts_, id); }
FeedModel::Comment& FeedModel::CommentOf(CommentId id) { return ById(comments_, id); }

void FeedModel::Remember(const v1::Event& event) {
  ++head_;
  if (event.payload().has_member_withdrawn()) {
    const MemberId gone = event.payload().member_withdrawn().member_id();
    withdrawn_.insert(gone);
    std::erase_if(activities_, [&](const Done& done) { return done.activity.member == gone; });
    return;
  }
  const std::optional<Activity> activity = ActivityOf(event);
  if (!activity.has_value() || withdrawn_.contains(activity->member)) return;
  activities_.push_back({*activity, {.order = activity->at, .id = head_}});
}

void FeedModel::Apply(const v1::Event& event) {
  Remember(event);
  const v1::Payload& payload = event.payload();
  const TimestampNs time = event.occurred_at_ns();
  switch (payload.kind_case()) {
    case v1::Payload::kMemberSignedUp:
      members_.push_back({.id = payload.member_signed_up().member_id(),
                          .handle = payload.member_signed_up().handle(),
                          .signed_up_handle = payload.member_signed_up().handle(),
                          .bio = {},
                          .created_at = time,
                          .updated_at = time});
      return;
    case v1::Payload::kProfileUpdated: {
      Member& member = MemberOf(payload.profile_updated().member_id());
      v1::PersonalProfileChanges changes;
      DAILYFEED_CHECK(changes.ParseFromString(payload.profile_updated().sealed_changes()));
      if (changes.has_bio()) member.bio = changes.bio();
      member.updated_at = time;
      return;
    }
    case v1::Payload::kHandleChanged: {
      Member& member = MemberOf(payload.handle_changed().member_id());
      member.handle = payload.handle_changed().handle();
      member.updated_at = time;
      return;
    }
    case v1::Payload::kMemberWithdrawn: {
      Member& member = MemberOf(payload.member_withdrawn().member_id());
      member.gone = member.withdrawn = true;
      return;
    }
    case v1::Payload::kMemberErased:
      MemberOf(payload.member_erased().member_id()).erased = true;
      return;
    case v1::Payload::kMemberFollowed:
      follows_.push_back(
          {payload.member_followed().follower_id(), payload.member_followed().followee_id(), time});
      return;
    case v1::Payload::kMemberUnfollowed:
      std::erase_if(follows_, [&](const Follow& follow) {
        return follow.follower == payload.member_unfollowed().follower_id() &&
               follow.followee == payload.member_unfollowed().followee_id();
      });
      return;
    case v1::Payload::kPostPublished: {
      const v1::PostPublished& published = payload.post_published();
      Post post;
      post.body = {.id = published.post_id(),
                   .author_id = published.author_id(),
                   .title = published.title(),
                   .content = published.content(),
                   .created_at = time,
                   .updated_at = time};
      post.active_at = time;
      posts_.push_back(std::move(post));
      return;
    }
    case v1::Payload::kPostEdited: {
      PostBody& body = PostOf(payload.post_edited().post_id()).body;
      body.title = payload.post_edited().title();
      body.content = payload.post_edited().content();
      body.updated_at = time;
      BeActive(payload.post_edited().post_id(), time);
      return;
    }
    case v1::Payload::kPostDeleted:
      PostOf(payload.post_deleted().post_id()).deleted = true;
      return;
    case v1::Payload::kPostViewed:
      ++PostOf(payload.post_viewed().post_id()).views;
      return;
    case v1::Payload::kPostLiked:
      PostOf(payload.post_liked().post_id()).likes.insert(payload.post_liked().member_id());
      BeActive(payload.post_liked().post_id(), time);
      return;
    case v1::Payload::kPostUnliked:
      PostOf(payload.post_unliked().post_id()).likes.erase(payload.post_unliked().member_id());
      return;
    case v1::Payload::kCommentAdded: {
      const v1::CommentAdded& added = payload.comment_added();
      Comment comment;
      comment.body = {.id = added.comment_id(),
                      .post_id = added.post_id(),
                      .author_id = added.author_id(),
                      .ancestors = {added.ancestor_ids().begin(), added.ancestor_ids().end()},
                      .content = added.content(),
                      .created_at = time,
                      .updated_at = time};
      comments_.push_back(std::move(comment));
      BeActive(added.post_id(), time);
      return;
    }
    case v1::Payload::kCommentEdited: {
      CommentBody& body = CommentOf(payload.comment_edited().comment_id()).body;
      body.content = payload.comment_edited().content();
      body.updated_at = time;
      return;
    }
    case v1::Payload::kCommentDeleted:
      CommentOf(payload.comment_deleted().comment_id()).deleted = true;
      return;
    case v1::Payload::kCommentLiked:
      CommentOf(payload.comment_liked().comment_id())
          .likes.insert(payload.comment_liked().member_id());
      return;
    case v1::Payload::kCommentUnliked:
      CommentOf(payload.comment_unliked().comment_id())
          .likes.erase(payload.comment_unliked().member_id());
      return;
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::kActivityRecorded:
      return;
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  DAILYFEED_CHECK(!"an event of a known kind");
}

void FeedModel::BeActive(PostId id, TimestampNs time) {
  Post& post = PostOf(id);
  post.active_at = std::max(post.active_at, time);
}

const FeedModel::Member* FeedModel::FindMember(MemberId id) const {
  for (const Member& member : members_) {
    if (member.id == id && !member.gone) return &member;
  }
  return nullptr;
}

const FeedModel::Member* FeedModel::FindByHandle(const std::string& handle) const {
  for (const Member& member : members_) {
    if (member.gone || member.handle.size() != handle.size()) continue;
    const bool same = std::equal(handle.begin(), handle.end(), member.handle.begin(),
                                 [](char a, char b) { return std::tolower(b) == a; });
    if (same) return &member;
  }
  return nullptr;
}

const FeedModel::Post* FeedModel::FindLivePost(PostId id) const {
  if (id > 0 && id <= posts_.size() && posts_[id - 1].body.id == id) {
    return posts_[id - 1].deleted ? nullptr : &posts_[id - 1];
  }
  for (const Post& post : posts_) {
    if (post.body.id == id && !post.deleted) return &post;
  }
  return nullptr;
}

const FeedModel::Comment* FeedModel::FindLiveComment(CommentId id) const {
  for (const Comment& comment : comments_) {
    if (comment.body.id == id && IsLive(comment)) return &comment;
  }
  return nullptr;
}

bool FeedModel::IsFollowing(MemberId follower, MemberId followee) const {
  return std::any_of(follows_.begin(), follows_.end(), [&](const Follow& follow) {
    return follow.follower == follower && follow.followee == followee;
  });
}

bool FeedModel::IsLive(const Comment& comment) const {
  if (comment.deleted || FindLivePost(comment.body.post_id) == nullptr) return false;
  return std::all_of(comment.body.ancestors.begin(), comment.body.ancestors.end(),
                     [this](CommentId ancestor) { return !ById(comments_, ancestor).deleted; });
}

uint64_t FeedModel::CommentsOf(PostId post) const {
  return std::count_if(comments_.begin(), comments_.end(), [&](const Comment& comment) {
    return comment.body.post_id == post && IsLive(comment);
  });
}

uint64_t FeedModel::RepliesOf(CommentId comment) const { return Replies(comment).size(); }

uint64_t FeedModel::BelowOf(CommentId comment) const {
  return std::count_if(comments_.begin(), comments_.end(), [&](const Comment& other) {
    const std::vector<CommentId>& path = other.body.ancestors;
    return std::find(path.begin(), path.end(), comment) != path.end() && IsLive(other);
  });
}

std::vector<ListKey> FeedModel::FollowFeed(MemberId viewer) const {
  std::vector<ListKey> keys;
  for (const Post& post : posts_) {
    if (!post.deleted && IsFollowing(viewer, post.body.author_id)) {
      keys.push_back({post.body.created_at, post.body.id});
    }
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::ActivitiesOf(MemberId member,
                                             std::optional<v1::ActivityType> type) const {
  std::vector<ListKey> keys;
  for (const Done& done : activities_) {
    const bool wanted = !type.has_value() || *type == done.activity.type;
    if (done.activity.member == member && wanted) keys.push_back(done.key);
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::FollowedActivities(MemberId viewer) const {
  static constexpr v1::ActivityType kShown[] = {
      v1::ACTIVITY_TYPE_POST_CREATE, v1::ACTIVITY_TYPE_COMMENT_CREATE, v1::ACTIVITY_TYPE_LIKE_POST,
      v1::ACTIVITY_TYPE_LIKE_COMMENT, v1::ACTIVITY_TYPE_MEMBER_FOLLOW};
  std::vector<ListKey> keys;
  for (const Done& done : activities_) {
    const bool shown =
        std::find(std::begin(kShown), std::end(kShown), done.activity.type) != std::end(kShown);
    if (shown && IsFollowing(viewer, done.activity.member)) keys.push_back(done.key);
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::AuthorFeed(MemberId author) const {
  std::vector<ListKey> keys;
  for (const Post& post : posts_) {
    if (!post.deleted && post.body.author_id == author) {
      keys.push_back({post.body.created_at, post.body.id});
    }
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::MostPopular(int64_t first_day, int64_t last_day) const {
  std::vector<ListKey> keys;
  for (const Post& post : posts_) {
    const int64_t day = FloorDivide(post.body.created_at, kNsPerDay);
    if (post.deleted || day < first_day || day > last_day) continue;
    const auto score = static_cast<int64_t>(post.views + 2 * post.likes.size());
    keys.push_back({.order = score, .id = post.body.id, .then = post.body.created_at});
  }
  std::sort(keys.begin(), keys.end(), RankedFirst);
  return keys;
}

std::vector<ListKey> FeedModel::MostCommented(int64_t first_day, int64_t last_day) const {
  std::map<PostId, int64_t> comments;
  for (const Comment& comment : comments_) {
    if (IsLive(comment)) ++comments[comment.body.post_id];
  }
  std::vector<ListKey> keys;
  for (const Post& post : posts_) {
    const int64_t day = FloorDivide(post.body.created_at, kNsPerDay);
    const auto found = comments.find(post.body.id);
    if (post.deleted || found == comments.end() || day < first_day || day > last_day) continue;
    keys.push_back({.order = found->second, .id = post.body.id, .then = post.body.created_at});
  }
  std::sort(keys.begin(), keys.end(), RankedFirst);
  return keys;
}

std::vector<ListKey> FeedModel::RecentActivities() const {
  std::vector<ListKey> keys;
  for (const Post& post : posts_) {
    if (!post.deleted) keys.push_back({.order = post.active_at, .id = post.body.id});
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::PostsBetween(int64_t begin, int64_t end) const {
  std::vector<ListKey> keys;
  for (const Post& post : posts_) {
    const int64_t second = FloorDivide(post.body.created_at, kNsPerSecond);
    if (post.deleted || second < begin || second >= end) continue;
    keys.push_back({.order = post.body.created_at, .id = post.body.id});
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::Followers(MemberId member) const {
  std::vector<ListKey> keys;
  for (const Follow& follow : follows_) {
    if (follow.followee == member && FindMember(follow.follower) != nullptr)
      keys.push_back({follow.since, follow.follower});
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::Followings(MemberId member) const {
  std::vector<ListKey> keys;
  for (const Follow& follow : follows_) {
    if (follow.follower == member && FindMember(follow.followee) != nullptr)
      keys.push_back({follow.since, follow.followee});
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::Recommended(MemberId viewer) const {
  std::vector<ListKey> keys;
  for (const Member& member : members_) {
    if (member.gone || member.id == viewer || IsFollowing(viewer, member.id)) continue;
    keys.push_back({member.created_at, member.id});
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<MemberId> FeedModel::SearchMembers(const std::string& q) const {
  const auto lower = [](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(c));
    return text;
  };
  std::vector<std::tuple<int, int64_t, MemberId>> found;
  for (const Member& member : members_) {
    if (member.gone) continue;
    // As events.h seals them.
    const std::string names[] = {lower(member.handle), lower("Name of " + member.signed_up_handle),
                                 lower("The " + member.signed_up_handle)};
    const bool begins = std::any_of(std::begin(names), std::end(names),
                                    [&](const std::string& name) { return name.starts_with(q); });
    const bool has = std::any_of(std::begin(names), std::end(names), [&](const std::string& name) {
      return name.find(q) != std::string::npos;
    });
    if (!has) continue;
    const int64_t followers =
        std::count_if(follows_.begin(), follows_.end(),
                      [&](const Follow& follow) { return follow.followee == member.id; });
    found.emplace_back(names[0] == q ? 0 : begins ? 1 : 2, -followers, member.id);
  }
  std::sort(found.begin(), found.end());
  std::vector<MemberId> ids;
  for (const auto& hit : found) ids.push_back(std::get<2>(hit));
  return ids;
}

std::vector<ListKey> FeedModel::PostComments(PostId post) const {
  std::vector<ListKey> keys;
  for (const Comment& comment : comments_) {
    if (comment.body.post_id == post && comment.body.ancestors.empty() && IsLive(comment)) {
      keys.push_back({comment.body.created_at, comment.body.id});
    }
  }
  std::sort(keys.begin(), keys.end(), OldestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::PostThread(PostId post) const {
  std::vector<ListKey> keys;
  for (const Comment& comment : comments_) {
    if (comment.body.post_id == post && IsLive(comment)) {
      keys.push_back({comment.body.created_at, comment.body.id});
    }
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::Replies(CommentId parent) const {
  std::vector<ListKey> keys;
  for (const Comment& comment : comments_) {
    if (!comment.body.ancestors.empty() && comment.body.ancestors.back() == parent &&
        IsLive(comment)) {
      keys.push_back({comment.body.created_at, comment.body.id});
    }
  }
  std::sort(keys.begin(), keys.end(), OldestFirst);
  return keys;
}

std::vector<ListKey> FeedModel::MemberComments(MemberId author) const {
  std::vector<ListKey> keys;
  if (FindMember(author) == nullptr) return keys;
  for (const Comment& comment : comments_) {
    if (comment.body.author_id == author && IsLive(comment)) {
      keys.push_back({comment.body.created_at, comment.body.id});
    }
  }
  std::sort(keys.begin(), keys.end(), NewestFirst);
  return keys;
}

TimestampNs RandomHistory::Time() {
  return kHistoryStart + static_cast<TimestampNs>(Below(profile_.ticks)) * profile_.tick_ns;
}

}  // namespace dailyfeed::testing
