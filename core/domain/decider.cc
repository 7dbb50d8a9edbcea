#include "core/domain/decider.h"

#include <fmt/format.h>

#include <type_traits>
#include <variant>

#include "core/base/status_macros.h"
#include "core/domain/activity/activity.h"
#include "core/domain/comment/comment.h"
#include "core/domain/errors.h"
#include "core/domain/follow/follow.h"
#include "core/domain/like/like.h"
#include "core/domain/member/member.h"
#include "core/domain/picture/picture.h"
#include "core/domain/post/post.h"
#include "core/domain/state_rows.h"

namespace dailyfeed {
namespace {

// Loads what one command needs and decides it.
class CommandVisitor {
 public:
  CommandVisitor(const Context& context, DecisionRows& rows) : context_(context), rows_(rows) {}

  absl::StatusOr<Events> operator()(const SignUp& command) {
    ASSIGN_OR_RETURN(const MemberState state,
                     LoadNewMemberState(rows_, command.handle, command.email_digest));
    RETURN_IF_ERROR(TakeNewId(IdKind::kMember));
    return Decide(state, command, context_);
  }

  absl::StatusOr<Events> operator()(const UpdateProfile& command) { return OwnAccount(command); }
  absl::StatusOr<Events> operator()(const ChangeHandle& command) {
    ASSIGN_OR_RETURN(const MemberState state,
                     LoadMemberState(rows_, context_.actor, command.handle));
    return Decide(state, command, context_);
  }
  absl::StatusOr<Events> operator()(const WithdrawMember& command) { return OwnAccount(command); }
  absl::StatusOr<Events> operator()(const CompleteWithdrawal& command) {
    return OwnAccount(command);
  }
  absl::StatusOr<Events> operator()(const ReleaseFollows& command) {
    ASSIGN_OR_RETURN(const ReleaseState state, LoadReleaseState(rows_, context_.actor, command));
    return Decide(state, command, context_);
  }

  absl::StatusOr<Events> operator()(const AddPicture& command) {
    ASSIGN_OR_RETURN(const PictureState state, LoadPictureState(rows_, command.picture_id));
    RETURN_IF_ERROR(TakeNewId(IdKind::kPicture));
    return Decide(state, command, context_);
  }
  absl::StatusOr<Events> operator()(const DeletePictures& command) {
    ASSIGN_OR_RETURN(const PicturesState state, LoadPicturesState(rows_, command));
    return Decide(state, command, context_);
  }

  absl::StatusOr<Events> operator()(const RecordActivity& command) {
    return Decide(command, context_);
  }

  absl::StatusOr<Events> operator()(const FollowMember& command) { return Follow(command); }
  absl::StatusOr<Events> operator()(const UnfollowMember& command) { return Follow(command); }

  absl::StatusOr<Events> operator()(const PublishPost& command) {
    RETURN_IF_ERROR(TakeNewId(IdKind::kPost));
    return Decide(PostState(), command, context_);
  }

  absl::StatusOr<Events> operator()(const EditPost& command) { return ExistingPost(command); }
  absl::StatusOr<Events> operator()(const DeletePost& command) { return ExistingPost(command); }
  absl::StatusOr<Events> operator()(const ViewPost& command) { return ExistingPost(command); }

  absl::StatusOr<Events> operator()(const LikePost& command) { return PostLike(command); }
  absl::StatusOr<Events> operator()(const UnlikePost& command) { return PostLike(command); }
  absl::StatusOr<Events> operator()(const LikeComment& command) { return CommentLike(command); }
  absl::StatusOr<Events> operator()(const UnlikeComment& command) { return CommentLike(command); }

  absl::StatusOr<Events> operator()(const AddComment& command) { return NewComment(command, 0); }
  absl::StatusOr<Events> operator()(const AddReply& command) {
    return NewComment(command, command.parent_id);
  }
  absl::StatusOr<Events> operator()(const EditComment& command) { return ExistingComment(command); }
  absl::StatusOr<Events> operator()(const DeleteComment& command) {
    return ExistingComment(command);
  }

 private:
  template <typename CommandT>
  absl::StatusOr<Events> OwnAccount(const CommandT& command) {
    ASSIGN_OR_RETURN(const MemberState state, LoadMemberState(rows_, context_.actor));
    return Decide(state, command, context_);
  }

  template <typename CommandT>
  absl::StatusOr<Events> Follow(const CommandT& command) {
    ASSIGN_OR_RETURN(const FollowState state,
                     LoadFollowState(rows_, context_.actor, command.followee_id));
    return Decide(state, command, context_);
  }

  template <typename CommandT>
  absl::StatusOr<Events> ExistingPost(const CommandT& command) {
    ASSIGN_OR_RETURN(const PostState state, LoadPostState(rows_, command.post_id));
    return Decide(state, command, context_);
  }

  template <typename CommandT>
  absl::StatusOr<Events> PostLike(const CommandT& command) {
    ASSIGN_OR_RETURN(const PostLikeState state,
                     LoadPostLikeState(rows_, command.post_id, context_.actor));
    return Decide(state, command, context_);
  }

  template <typename CommandT>
  absl::StatusOr<Events> CommentLike(const CommandT& command) {
    ASSIGN_OR_RETURN(const CommentLikeState state,
                     LoadCommentLikeState(rows_, command.comment_id, context_.actor));
    return Decide(state, command, context_);
  }

  template <typename CommandT>
  absl::StatusOr<Events> NewComment(const CommandT& command, CommentId parent_id) {
    ASSIGN_OR_RETURN(const ThreadState state, LoadThreadState(rows_, command.post_id, parent_id));
    RETURN_IF_ERROR(TakeNewId(IdKind::kComment));
    return Decide(state, command, context_);
  }

  template <typename CommandT>
  absl::StatusOr<Events> ExistingComment(const CommandT& command) {
    ASSIGN_OR_RETURN(const CommentState state, LoadCommentState(rows_, command.comment_id));
    return Decide(state, command, context_);
  }

  // The counter itself moves when the event is folded, so a refused command
  // uses no id up.
  absl::Status TakeNewId(IdKind kind) {
    ASSIGN_OR_RETURN(const uint64_t last_id, ReadNumber(RowsGetter(rows_), LastIdKey(kind)));
    if (last_id >= kMaxId) {
      return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kInternalServerError,
                         "ids are used up");
    }
    context_.new_id = last_id + 1;
    return absl::OkStatus();
  }

  Context context_;
  DecisionRows& rows_;
};

// Whether the decider itself looks who acts: a new member, a withdrawn one.
bool ChecksActorItself(const Command& command) {
  return std::holds_alternative<SignUp>(command) ||
         std::holds_alternative<ReleaseFollows>(command) ||
         std::holds_alternative<CompleteWithdrawal>(command);
}

}  // namespace

absl::StatusOr<Events> DecideCommand(const Command& command, const Context& context,
                                     DecisionRows& rows) {
  if (!ChecksActorItself(command)) {
    ASSIGN_OR_RETURN(const bool actor_is_live, ReadMemberIsLive(RowsGetter(rows), context.actor));
    if (!actor_is_live) {
      // No permission is missing: nobody with this id may act at all.
      return MakeErrorAs(absl::StatusCode::kUnauthenticated, ErrorCode::kMemberNotFound,
                         fmt::format("the acting member {}", context.actor));
    }
  }
  return std::visit(CommandVisitor(context, rows), command);
}

}  // namespace dailyfeed
