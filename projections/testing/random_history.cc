#include <algorithm>
#include <string>
#include <vector>

#include "core/domain/check.h"
#include "projections/testing/events.h"
#include "projections/testing/feed_model.h"

namespace dailyfeed::testing {
namespace {

constexpr size_t kDepthMax = 2;
constexpr int kTriesMax = 1000;

enum Kind : uint64_t {
  kPublish,
  kEdit,
  kRemovePost,
  kView,
  kLike,
  kUnlike,
  kFollow,
  kUnfollow,
  kComment,
  kReply,
  kEditComment,
  kRemoveComment,
  kLikeComment,
  kUnlikeComment,
};

}  // namespace

RandomHistory::RandomHistory(FeedModel* model, uint64_t seed, const HistoryProfile& profile)
    : model_(model), profile_(profile), random_(seed) {}

v1::Event RandomHistory::Next() {
  v1::Event event;
  const MemberId member = model_->members().size() + 1;
  if (member <= profile_.members) {
    event = At(Time(), SignedUp(member, "Member_" + std::to_string(member)));
  } else {
    int tries = 0;
    while (!TryMake(&event)) DAILYFEED_CHECK(++tries < kTriesMax);
    event = At(Time(), std::move(event));
  }
  model_->Apply(event);
  return event;
}

bool RandomHistory::TryMake(v1::Event* event) {
  const int weights[] = {profile_.publish,      profile_.edit,          profile_.remove_post,
                         profile_.view,         profile_.like,          profile_.unlike,
                         profile_.follow,       profile_.unfollow,      profile_.comment,
                         profile_.reply,        profile_.edit_comment,  profile_.remove_comment,
                         profile_.like_comment, profile_.unlike_comment};
  std::discrete_distribution<uint64_t> choose(std::begin(weights), std::end(weights));
  const uint64_t kind = choose(random_);
  if (kind <= kUnlike) return TryPost(kind, event);
  if (kind <= kUnfollow) return TryFollow(kind == kFollow, event);
  return TryComment(kind, event);
}

bool RandomHistory::TryPost(uint64_t kind, v1::Event* event) {
  const MemberId member = 1 + Below(profile_.members);
  if (kind == kPublish) {
    const PostId id = next_post_++;
    // Long and short ones, so that sizes differ.
    *event = Published(id, member, "post " + std::to_string(id) + std::string(Below(200), '.'));
    return true;
  }
  std::vector<const FeedModel::Post*> live;
  for (const FeedModel::Post& post : model_->posts()) {
    if (!post.deleted) live.push_back(&post);
  }
  if (live.empty()) return false;
  const FeedModel::Post& post = *live[Below(live.size())];
  const PostId id = post.body.id;
  const bool liked = post.likes.contains(member);
  switch (kind) {
    case kEdit:
      *event = Edited(id, post.body.author_id, "t" + std::to_string(Below(100)),
                      "edited " + std::to_string(Below(1'000'000)));
      return true;
    case kRemovePost:
      *event = Deleted(id, post.body.author_id);
      return true;
    case kView:
      *event = Viewed(id, member);
      return true;
    case kLike:
      *event = Liked(id, member);
      return !liked;
    default:
      *event = Unliked(id, member);
      return liked;
  }
}

bool RandomHistory::TryFollow(bool follow, v1::Event* event) {
  const MemberId follower = 1 + Below(profile_.members);
  const MemberId followee = 1 + Below(profile_.members);
  if (follower == followee) return false;
  // Whoever is gone has no relations.
  if (!model_->FindMember(follower) || !model_->FindMember(followee)) return false;
  *event = follow ? Followed(follower, followee) : Unfollowed(follower, followee);
  return model_->IsFollowing(follower, followee) != follow;
}

bool RandomHistory::TryComment(uint64_t kind, v1::Event* event) {
  const MemberId member = 1 + Below(profile_.members);
  if (kind == kComment) {
    if (model_->posts().empty()) return false;
    const FeedModel::Post& post = model_->posts()[Below(model_->posts().size())];
    if (post.deleted) return false;
    const CommentId id = next_comment_++;
    *event = CommentAdded(id, post.body.id, member, {}, "comment " + std::to_string(id));
    return true;
  }
  if (model_->comments().empty()) return false;
  const FeedModel::Comment& comment = model_->comments()[Below(model_->comments().size())];
  if (!model_->IsLive(comment)) return false;
  const CommentBody& body = comment.body;
  const bool liked = comment.likes.contains(member);
  switch (kind) {
    case kReply: {
      if (body.ancestors.size() >= kDepthMax) return false;
      std::vector<CommentId> ancestors = body.ancestors;
      ancestors.push_back(body.id);
      const CommentId id = next_comment_++;
      *event = CommentAdded(id, body.post_id, member, ancestors, "reply " + std::to_string(id));
      return true;
    }
    case kEditComment:
      *event = CommentEdited(body.id, body.post_id, body.author_id,
                             "edited " + std::to_string(Below(1'000'000)));
      return true;
    case kRemoveComment:
      *event = CommentDeleted(body.id, body.post_id, body.author_id, body.ancestors);
      return true;
    case kLikeComment:
      *event = CommentLiked(body.id, body.post_id, member);
      return !liked;
    default:
      *event = CommentUnliked(body.id, body.post_id, member);
      return liked;
  }
}

}  // namespace dailyfeed::testing
