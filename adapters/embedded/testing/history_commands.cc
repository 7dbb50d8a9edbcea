#include "adapters/embedded/testing/history_commands.h"

#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "projections/testing/events.h"

namespace dailyfeed {
namespace {

absl::StatusOr<Command> SignUpCommand(Dailyfeed& feed, const std::string& handle) {
  auto prepared = feed.PrepareSignUp({.email = EmailOf(handle),
                                      .password = kFirstPassword,
                                      .member_name = "Name",
                                      .handle = handle});
  if (!prepared.ok()) return prepared.status();
  return Command(*std::move(prepared));
}

absl::StatusOr<Command> ProfileCommand(Dailyfeed& feed, const v1::ProfileUpdated& updated) {
  v1::PersonalProfileChanges changes;
  EXPECT_TRUE(changes.ParseFromString(updated.sealed_changes()));
  ProfileChanges wanted;
  if (changes.has_bio()) wanted.bio = changes.bio();
  auto prepared = feed.PrepareUpdateProfile(updated.member_id(), wanted);
  if (!prepared.ok()) return prepared.status();
  return Command(*std::move(prepared));
}

}  // namespace

std::string EmailOf(const std::string& signed_up_handle) {
  return signed_up_handle + "@example.com";
}

Request RequestFor(Dailyfeed& feed, const v1::Payload& payload) {
  switch (payload.kind_case()) {
    case v1::Payload::kMemberSignedUp:
      return {SignUpCommand(feed, payload.member_signed_up().handle()),
              payload.member_signed_up().member_id()};
    case v1::Payload::kProfileUpdated:
      return {ProfileCommand(feed, payload.profile_updated())};
    case v1::Payload::kHandleChanged:
      return {ChangeHandle{.handle = payload.handle_changed().handle()}, 0,
              ErrorCode::kMemberHandleAlreadyExists};
    case v1::Payload::kMemberWithdrawn:
      return {WithdrawMember{}, 0, ErrorCode::kMemberNotFound};
    case v1::Payload::kMemberFollowed:
      return {FollowMember{.followee_id = payload.member_followed().followee_id()}, 0,
              ErrorCode::kFollowRelationshipAlreadyExists};
    case v1::Payload::kMemberUnfollowed:
      return {UnfollowMember{.followee_id = payload.member_unfollowed().followee_id()}, 0,
              ErrorCode::kFollowRelationshipNotFound};
    case v1::Payload::kPostPublished:
      return {PublishPost{.title = payload.post_published().title(),
                          .content = payload.post_published().content()},
              payload.post_published().post_id()};
    case v1::Payload::kPostEdited:
      return {EditPost{.post_id = payload.post_edited().post_id(),
                       .title = payload.post_edited().title(),
                       .content = payload.post_edited().content()}};
    case v1::Payload::kPostDeleted:
      return {DeletePost{.post_id = payload.post_deleted().post_id()}, 0, ErrorCode::kPostNotFound};
    case v1::Payload::kPostViewed:
      return {ViewPost{.post_id = payload.post_viewed().post_id()}};
    case v1::Payload::kPostLiked:
      return {LikePost{.post_id = payload.post_liked().post_id()}, 0,
              ErrorCode::kPostLikeAlreadyExists};
    case v1::Payload::kPostUnliked:
      return {UnlikePost{.post_id = payload.post_unliked().post_id()}, 0,
              ErrorCode::kPostLikeCancelAlreadyCommitted};
    case v1::Payload::kCommentAdded: {
      const v1::CommentAdded& added = payload.comment_added();
      if (added.ancestor_ids().empty()) {
        return {AddComment{.post_id = added.post_id(), .content = added.content()},
                added.comment_id()};
      }
      return {AddReply{.post_id = added.post_id(),
                       .parent_id = *added.ancestor_ids().rbegin(),
                       .content = added.content()},
              added.comment_id()};
    }
    case v1::Payload::kCommentEdited:
      return {EditComment{.comment_id = payload.comment_edited().comment_id(),
                          .content = payload.comment_edited().content()}};
    case v1::Payload::kCommentDeleted:
      return {DeleteComment{.comment_id = payload.comment_deleted().comment_id()}, 0,
              ErrorCode::kCommentNotFound};
    case v1::Payload::kCommentLiked:
      return {LikeComment{.comment_id = payload.comment_liked().comment_id()}, 0,
              ErrorCode::kCommentLikeAlreadyExists};
    case v1::Payload::kCommentUnliked:
      return {UnlikeComment{.comment_id = payload.comment_unliked().comment_id()}, 0,
              ErrorCode::kCommentLikeCancelAlreadyCommitted};
    case v1::Payload::kActivityRecorded: {
      const v1::ActivityRecorded& recorded = payload.activity_recorded();
      return {RecordActivity{.type = recorded.type(),
                             .post_id = recorded.post_id(),
                             .comment_id = recorded.comment_id()}};
    }
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return {absl::InternalError("histories have no such events")};
}

absl::StatusOr<CommandResult> Send(Dailyfeed& feed, const v1::Event& event, Command command) {
  std::promise<absl::StatusOr<CommandResult>> answered;
  feed.Submit({.command = std::move(command),
               .actor = event.payload().has_member_signed_up() ? 0 : event.actor(),
               .occurred_at = event.occurred_at_ns()},
              [&](absl::StatusOr<CommandResult> result) { answered.set_value(std::move(result)); });
  return answered.get_future().get();
}

void Release(MemberId gone, FeedModel* model) {
  const std::vector<FeedModel::Follow> follows = model->follows();
  for (const FeedModel::Follow& follow : follows) {
    if (follow.follower != gone && follow.followee != gone) continue;
    model->Apply(testing::Unfollowed(follow.follower, follow.followee));
  }
}

void WaitForWithdrawals(Dailyfeed& feed) {
  while (!feed.queries().UnfinishedWithdrawals().value().empty()) std::this_thread::yield();
}

void CompareAll(const FeedModel& model, const Queries& queries) {
  const Comparison comparison(model, queries);
  for (const FeedModel::Member& member : model.members()) comparison.Member(member);
  comparison.Bulk();
  const MemberId viewer = 1 + model.posts().size() % model.members().size();
  for (const FeedModel::Post& post : model.posts()) comparison.PostDetail(viewer, post.body.id);
  for (const FeedModel::Comment& comment : model.comments()) {
    comparison.CommentDetail(viewer, comment.body.id);
  }
  comparison.TimeRanges(viewer);
  comparison.ById(viewer);
  for (const FeedModel::Member& member : model.members()) {
    for (const AnyList& list : comparison.Lists(member.id)) comparison.PagesAndChain(list);
  }
  for (const AnyList& list : comparison.RankedLists(viewer)) comparison.PagesAndChain(list);
}

}  // namespace dailyfeed
