#include "core/domain/state_rows.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

absl::StatusOr<bool> PostIsLive(DecisionRows& rows, PostId post) {
  ASSIGN_OR_RETURN(const std::optional<PostRow> row, ReadPost(RowsGetter(rows), post));
  return row.has_value() && !row->deleted;
}

// Everything of the state but the post's part in `live`.
absl::StatusOr<CommentState> LoadCommentBesidesPost(DecisionRows& rows, CommentId comment) {
  CommentState state;
  state.id = comment;
  ASSIGN_OR_RETURN(std::optional<CommentRow> row, ReadComment(RowsGetter(rows), comment));
  if (!row.has_value()) return state;
  state.added = true;
  state.deleted = row->deleted;
  state.live = !row->deleted;
  state.post_id = row->post_id;
  state.author_id = row->author_id;
  state.ancestor_ids = std::move(row->ancestor_ids);
  for (const CommentId ancestor_id : state.ancestor_ids) {
    if (!state.live) break;
    ASSIGN_OR_RETURN(const std::optional<CommentRow> ancestor,
                     ReadComment(RowsGetter(rows), ancestor_id));
    state.live = ancestor.has_value() && !ancestor->deleted;
  }
  return state;
}

}  // namespace

absl::StatusOr<MemberState> LoadNewMemberState(DecisionRows& rows, std::string_view handle,
                                               std::string_view email_digest) {
  const RowsGetter get(rows);
  MemberState state;
  ASSIGN_OR_RETURN(const MemberId handle_owner, ReadNumber(get, HandleKey(handle)));
  ASSIGN_OR_RETURN(const MemberId email_owner, ReadNumber(get, EmailDigestKey(email_digest)));
  state.handle_taken = handle_owner != 0;
  state.email_taken = email_owner != 0;
  return state;
}

absl::StatusOr<MemberState> LoadMemberState(DecisionRows& rows, MemberId member) {
  MemberState state;
  ASSIGN_OR_RETURN(std::optional<MemberRow> row, ReadMember(RowsGetter(rows), member));
  if (!row.has_value()) return state;
  state.signed_up = true;
  state.withdrawn = row->lifecycle != MemberLifecycle::kLive;
  state.erased = row->lifecycle == MemberLifecycle::kErased;
  state.handle = std::move(row->handle);
  state.email_digest = std::move(row->email_digest);
  state.subject_id = std::move(row->subject_id);
  return state;
}

absl::StatusOr<MemberState> LoadMemberState(DecisionRows& rows, MemberId member,
                                            std::string_view handle) {
  ASSIGN_OR_RETURN(MemberState state, LoadMemberState(rows, member));
  ASSIGN_OR_RETURN(const MemberId handle_owner, ReadNumber(RowsGetter(rows), HandleKey(handle)));
  state.handle_taken = handle_owner != 0 && handle_owner != member;
  return state;
}

absl::StatusOr<ReleaseState> LoadReleaseState(DecisionRows& rows, MemberId actor,
                                              const ReleaseFollows& command) {
  const RowsGetter get(rows);
  ReleaseState state;
  ASSIGN_OR_RETURN(const MemberState member, LoadMemberState(rows, actor));
  state.actor_withdrawn = member.withdrawn && !member.erased;
  if (!state.actor_withdrawn ||
      command.follower_ids.size() + command.followee_ids.size() > kReleasedFollowsMax) {
    return state;  // refused without the work
  }
  std::set<ReleaseState::Relation> seen;
  const auto add = [&](MemberId follower, MemberId followee) -> absl::Status {
    if (!seen.insert({follower, followee}).second) return absl::OkStatus();
    ASSIGN_OR_RETURN(const bool there, ReadEdge(get, FollowKey(follower, followee)));
    if (there) state.relations.push_back({follower, followee});
    return absl::OkStatus();
  };
  for (const MemberId follower : command.follower_ids) RETURN_IF_ERROR(add(follower, actor));
  for (const MemberId followee : command.followee_ids) RETURN_IF_ERROR(add(actor, followee));
  return state;
}

absl::StatusOr<PictureState> LoadPictureState(DecisionRows& rows, std::string_view picture_id) {
  PictureState state;
  state.picture_id = std::string(picture_id);
  ASSIGN_OR_RETURN(const std::optional<PictureRow> row, ReadPicture(RowsGetter(rows), picture_id));
  if (!row.has_value()) return state;
  state.number = row->number;
  state.owner_id = row->owner_id;
  state.deleted = row->deleted;
  return state;
}

absl::StatusOr<PicturesState> LoadPicturesState(DecisionRows& rows, const DeletePictures& command) {
  PicturesState state;
  if (command.picture_ids.size() > kDeletedPicturesMax) return state;  // refused without the work
  std::set<std::string_view> seen;
  for (const std::string& picture_id : command.picture_ids) {
    if (picture_id.size() != kPictureIdBytes || !seen.insert(picture_id).second) continue;
    ASSIGN_OR_RETURN(PictureState picture, LoadPictureState(rows, picture_id));
    if (picture.number != 0) state.pictures.push_back(std::move(picture));
  }
  return state;
}

absl::StatusOr<FollowState> LoadFollowState(DecisionRows& rows, MemberId follower,
                                            MemberId followee) {
  const RowsGetter get(rows);
  FollowState state;
  ASSIGN_OR_RETURN(state.followee_live, ReadMemberIsLive(get, followee));
  ASSIGN_OR_RETURN(state.following, ReadEdge(get, FollowKey(follower, followee)));
  ASSIGN_OR_RETURN(state.followings, ReadNumber(get, FollowingsCountKey(follower)));
  return state;
}

absl::StatusOr<PostState> LoadPostState(DecisionRows& rows, PostId post) {
  PostState state;
  ASSIGN_OR_RETURN(std::optional<PostRow> row, ReadPost(RowsGetter(rows), post));
  if (!row.has_value()) return state;
  state.published = true;
  state.deleted = row->deleted;
  state.author_id = row->author_id;
  state.title = std::move(row->title);
  return state;
}

absl::StatusOr<PostLikeState> LoadPostLikeState(DecisionRows& rows, PostId post, MemberId member) {
  PostLikeState state;
  ASSIGN_OR_RETURN(state.post_live, PostIsLive(rows, post));
  if (!state.post_live) return state;
  ASSIGN_OR_RETURN(state.liked, ReadEdge(RowsGetter(rows), PostLikeKey(post, member)));
  return state;
}

absl::StatusOr<CommentLikeState> LoadCommentLikeState(DecisionRows& rows, CommentId comment,
                                                      MemberId member) {
  CommentLikeState state;
  ASSIGN_OR_RETURN(const CommentState commented, LoadCommentState(rows, comment));
  state.post_id = commented.post_id;
  state.comment_live = commented.live;
  if (!state.comment_live) return state;
  ASSIGN_OR_RETURN(state.liked, ReadEdge(RowsGetter(rows), CommentLikeKey(comment, member)));
  return state;
}

absl::StatusOr<CommentState> LoadCommentState(DecisionRows& rows, CommentId comment) {
  ASSIGN_OR_RETURN(CommentState state, LoadCommentBesidesPost(rows, comment));
  if (state.live) {
    ASSIGN_OR_RETURN(state.live, PostIsLive(rows, state.post_id));
  }
  return state;
}

absl::StatusOr<ThreadState> LoadThreadState(DecisionRows& rows, PostId post, CommentId parent) {
  ThreadState state;
  ASSIGN_OR_RETURN(state.post_live, PostIsLive(rows, post));
  if (!state.post_live || parent == 0) return state;
  ASSIGN_OR_RETURN(state.parent, LoadCommentBesidesPost(rows, parent));
  // The parent's post is nearly always the one just read.
  if (state.parent.live && state.parent.post_id != post) {
    ASSIGN_OR_RETURN(state.parent.live, PostIsLive(rows, state.parent.post_id));
  }
  return state;
}

}  // namespace dailyfeed
