// From rows to the states of the aggregates. Used by DecideCommand and
// EvolveRows alike, so that both see the same state.
#ifndef DAILYFEED_CORE_DOMAIN_STATE_ROWS_H_
#define DAILYFEED_CORE_DOMAIN_STATE_ROWS_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/comment/comment.h"
#include "core/domain/decision_rows.h"
#include "core/domain/follow/follow.h"
#include "core/domain/like/like.h"
#include "core/domain/member/member.h"
#include "core/domain/picture/picture.h"
#include "core/domain/post/post.h"
#include "core/domain/types.h"

namespace dailyfeed {

// A getter over `rows`, for the typed reads of decision_rows.h.
class RowsGetter {
 public:
  explicit RowsGetter(DecisionRows& rows) : rows_(&rows) {}
  absl::StatusOr<bool> operator()(std::string_view key, std::string* value) const {
    return rows_->Get(key, value);
  }

 private:
  DecisionRows* rows_;
};

// Before a sign-up: whether the handle and the e-mail belong to a member.
absl::StatusOr<MemberState> LoadNewMemberState(DecisionRows& rows, std::string_view handle,
                                               std::string_view email_digest);
// An existing member. Does not look up whether handle and e-mail are taken.
absl::StatusOr<MemberState> LoadMemberState(DecisionRows& rows, MemberId member);
// The same, and whether `handle` belongs to another member.
absl::StatusOr<MemberState> LoadMemberState(DecisionRows& rows, MemberId member,
                                            std::string_view handle);
absl::StatusOr<ReleaseState> LoadReleaseState(DecisionRows& rows, MemberId actor,
                                              const ReleaseFollows& command);
absl::StatusOr<PictureState> LoadPictureState(DecisionRows& rows, std::string_view picture_id);
absl::StatusOr<PicturesState> LoadPicturesState(DecisionRows& rows, const DeletePictures& command);
absl::StatusOr<FollowState> LoadFollowState(DecisionRows& rows, MemberId follower,
                                            MemberId followee);
absl::StatusOr<PostState> LoadPostState(DecisionRows& rows, PostId post);
absl::StatusOr<PostLikeState> LoadPostLikeState(DecisionRows& rows, PostId post, MemberId member);
absl::StatusOr<CommentLikeState> LoadCommentLikeState(DecisionRows& rows, CommentId comment,
                                                      MemberId member);
absl::StatusOr<CommentState> LoadCommentState(DecisionRows& rows, CommentId comment);
// `parent` 0: none.
absl::StatusOr<ThreadState> LoadThreadState(DecisionRows& rows, PostId post, CommentId parent);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_STATE_ROWS_H_
