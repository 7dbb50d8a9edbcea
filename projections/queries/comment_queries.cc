// The questions about comments.
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

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

absl::StatusOr<CountedPage<CommentView>> Queries::PostThread(PostId post, uint64_t page,
                                                             uint32_t size) const {
  const PageRequest request = {.page = page, .size = size};
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const PostView view, parts_->LoadPost(*at, post));
  CountedPage<CommentView> answer;
  answer.total = view.counts.comments;
  ASSIGN_OR_RETURN(const bool behind_end, IsBehindEnd(request, [&]() -> absl::StatusOr<uint64_t> {
                     return answer.total;
                   }));
  // The rows of a deleted post may be there for a while.
  if (behind_end || view.body == nullptr) return answer;
  ASSIGN_OR_RETURN(Slice<CommentView> slice,
                   parts_->CommentSlice(*at, /*viewer=*/0, comments::List::kThread, post, request));
  if (slice.rows.empty() && answer.total > 0) {
    ASSIGN_OR_RETURN(const bool has_thread, parts_->HasThread(*at, post));
    if (!has_thread) return CommentsAreBuilt();
  }
  RETURN_IF_ERROR(CheckTotalReplies(slice.rows));
  answer.rows = std::move(slice.rows);
  return answer;
}

absl::StatusOr<std::vector<uint64_t>> Queries::LikesOfComments(
    std::span<const CommentId> ids) const {
  const auto at = parts_->runtime->Pin();
  return CommentReader(at->rows(parts_->comments)).Likes(ids);
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
