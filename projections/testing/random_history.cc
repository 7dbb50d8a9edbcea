#include <algorithm>
#include <string>
#include <vector>

#include "core/base/check.h"
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
  kUpdateProfile,
  kChangeHandle,
  kWithdraw,
  kRelease,
  kErase,
  kSignUp,
};

constexpr uint64_t kHandles = 8;  // few, so that they are taken and free again

bool HasRelations(const FeedModel& model, MemberId member) {
  return std::any_of(model.follows().begin(), model.follows().end(),
                     [member](const FeedModel::Follow& follow) {
                       return follow.follower == member || follow.followee == member;
                     });
}

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
  const int weights[] = {profile_.publish,       profile_.edit,           profile_.remove_post,
                         profile_.view,          profile_.like,           profile_.unlike,
                         profile_.follow,        profile_.unfollow,       profile_.comment,
                         profile_.reply,         profile_.edit_comment,   profile_.remove_comment,
                         profile_.like_comment,  profile_.unlike_comment, profile_.update_profile,
                         profile_.change_handle, profile_.withdraw,       profile_.release,
                         profile_.erase,         profile_.sign_up};
  std::discrete_distribution<uint64_t> choose(std::begin(weights), std::end(weights));
  const uint64_t kind = choose(random_);
  if (kind <= kUnlike) return TryPost(kind, event);
  if (kind <= kUnfollow) return TryFollow(kind == kFollow, event);
  if (kind <= kUnlikeComment) return TryComment(kind, event);
  return TryMember(kind, event);
}

MemberId RandomHistory::AnyActor() {
  std::vector<MemberId> actors;
  for (const FeedModel::Member& member : model_->members()) {
    if (!member.withdrawn) actors.push_back(member.id);
  }
  DAILYFEED_CHECK(!actors.empty());
  return actors[Below(actors.size())];
}

bool RandomHistory::TryMember(uint64_t kind, v1::Event* event) {
  const MemberId actor = AnyActor();
  switch (kind) {
    case kUpdateProfile: {
      v1::PersonalProfileChanges changes;
      if (Below(4) != 0) changes.set_bio("bio " + std::to_string(Below(100)));
      *event = ProfileUpdated(actor, changes);
      return true;
    }
    case kChangeHandle: {
      const std::string number = std::to_string(Below(kHandles));
      if (model_->FindByHandle("handle_" + number) != nullptr) return false;
      *event = HandleChanged(actor, "Handle_" + number);
      return true;
    }
    case kWithdraw: {
      size_t live = 0;
      for (const FeedModel::Member& member : model_->members()) live += !member.gone;
      const FeedModel::Member* member = model_->FindMember(actor);
      if (live <= 2 || member == nullptr) return false;
      *event = Withdrawn(actor, member->signed_up_handle);
      return true;
    }
    case kRelease: {
      for (const FeedModel::Follow& follow : model_->follows()) {
        if (model_->FindMember(follow.follower) && model_->FindMember(follow.followee)) continue;
        *event = Unfollowed(follow.follower, follow.followee);
        return true;
      }
      return false;
    }
    case kErase: {
      for (const FeedModel::Member& member : model_->members()) {
        if (!member.withdrawn || member.erased || HasRelations(*model_, member.id)) continue;
        *event = Erased(member.id);
        return true;
      }
      return false;
    }
    default: {
      uint64_t actors = 0;
      for (const FeedModel::Member& member : model_->members()) actors += !member.withdrawn;
      const MemberId member = model_->members().size() + 1;
      *event = SignedUp(member, "Member_" + std::to_string(member));
      return actors < profile_.members;
    }
  }
}

bool RandomHistory::TryPost(uint64_t kind, v1::Event* event) {
  const MemberId member = AnyActor();
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
  const bool author_may = !profile_.by_commands || model_->FindMember(post.body.author_id);
  switch (kind) {
    case kEdit:
      *event = Edited(id, post.body.author_id, "t" + std::to_string(Below(100)),
                      "edited " + std::to_string(Below(1'000'000)));
      return author_may;
    case kRemovePost:
      *event = Deleted(id, post.body.author_id);
      return author_may;
    case kView:
      *event = Viewed(id, member);
      return !profile_.by_commands || member != post.body.author_id;
    case kLike:
      *event = Liked(id, member);
      return !liked;
    default:
      *event = Unliked(id, member);
      return liked;
  }
}

bool RandomHistory::TryFollow(bool follow, v1::Event* event) {
  const MemberId follower = AnyActor();
  const MemberId followee = AnyActor();
  if (follower == followee) return false;
  // Whoever is gone has no relations.
  if (!model_->FindMember(follower) || !model_->FindMember(followee)) return false;
  *event = follow ? Followed(follower, followee) : Unfollowed(follower, followee);
  return model_->IsFollowing(follower, followee) != follow;
}

bool RandomHistory::TryComment(uint64_t kind, v1::Event* event) {
  const MemberId member = AnyActor();
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
  const bool author_may = !profile_.by_commands || model_->FindMember(body.author_id);
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
      return author_may;
    case kRemoveComment:
      *event = CommentDeleted(body.id, body.post_id, body.author_id, body.ancestors);
      return author_may;
    case kLikeComment:
      *event = CommentLiked(body.id, body.post_id, member);
      return !liked;
    default:
      *event = CommentUnliked(body.id, body.post_id, member);
      return liked;
  }
}

}  // namespace dailyfeed::testing
