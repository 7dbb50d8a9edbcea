// The questions about comments.
#include <cstdint>
#include <span>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/queries/comment_reader.h"
#include "projections/queries/queries.h"
#include "projections/queries/queries_parts.h"
#include "projections/queries/slices.h"

namespace dailyfeed {

absl::StatusOr<CommentView> Queries::Comment(MemberId viewer, CommentId id) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(CommentView view, parts_->LoadComment(*at, viewer, id));
  if (view.body == nullptr) return MakeError(ErrorCode::kCommentNotFound);
  RETURN_IF_ERROR(LoadAuthors<CommentView>(*at, parts_->member_cards, {&view, 1}));
  return view;
}

absl::StatusOr<Slice<CommentView>> Queries::PostComments(MemberId viewer, PostId post,
                                                         const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  // Those of all depths: more than the list has.
  ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                     ASSIGN_OR_RETURN(const PostView view, parts_->LoadPost(*at, post));
                     return view.counts.comments;
                   }));
  if (behind_end) return Slice<CommentView>();
  return parts_->CommentSlice(*at, viewer, comments::List::kPost, post, request);
}

absl::StatusOr<Slice<CommentView>> Queries::Replies(MemberId viewer, CommentId parent,
                                                    const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const bool live, CommentReader(at->rows(parts_->comments)).IsLive(parent));
  if (!live) return MakeError(ErrorCode::kParentCommentNotFound);
  ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                     ASSIGN_OR_RETURN(const CommentView view,
                                      parts_->LoadComment(*at, viewer, parent));
                     return view.replies;
                   }));
  if (behind_end) return Slice<CommentView>();
  return parts_->CommentSlice(*at, viewer, comments::List::kReplies, parent, request);
}

absl::StatusOr<Slice<CommentView>> Queries::MemberComments(MemberId viewer, MemberId author,
                                                           const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const MemberCardPtr card, parts_->member_cards.LoadOne(*at, author));
  // No member has the id 0: an empty list.
  if (card == nullptr) author = 0;
  return parts_->CommentSlice(*at, viewer, comments::List::kAuthor, author, request);
}

}  // namespace dailyfeed
