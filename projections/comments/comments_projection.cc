#include "projections/comments/comments_projection.h"

#include <vector>

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/comments/comment_rows.h"
#include "projections/posts/dead_rows.h"
#include "projections/posts/posts_projection.h"

namespace dailyfeed {
namespace {

using comments::List;

absl::Status Contradiction(const v1::Event& event, CommentId comment, std::string_view what) {
  return absl::DataLossError(
      fmt::format("event {} contradicts comment {}: {}", event.position(), comment, what));
}

absl::StatusOr<CommentBody> ReadBody(const v1::Event& event, CommentId comment,
                                     ProjectionRows& rows) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(comments::BodyKey(comment), &bytes));
  if (!there) return Contradiction(event, comment, "it is not there");
  return comments::DecodeBody(comment, bytes);
}

absl::StatusOr<comments::Counts> ReadCounts(CommentId comment, ProjectionRows& rows) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(comments::CountsKey(comment), &bytes));
  if (!there) return comments::Counts{};
  return comments::DecodeCounts(bytes);
}

// The list of siblings a comment stands in.
std::string SiblingsKey(const CommentBody& body) {
  if (body.ancestors.empty()) {
    return comments::ListRowKey(List::kPost, body.post_id, body.created_at, body.id);
  }
  return comments::ListRowKey(List::kReplies, body.ancestors.back(), body.created_at, body.id);
}

// The counts of the ancestors of a comment, top-level first.
absl::StatusOr<std::vector<comments::Counts>> ReadAncestors(const CommentBody& body,
                                                            ProjectionRows& rows) {
  std::vector<comments::Counts> ancestors;
  for (const CommentId ancestor : body.ancestors) {
    ASSIGN_OR_RETURN(const comments::Counts counts, ReadCounts(ancestor, rows));
    ancestors.push_back(counts);
  }
  return ancestors;
}

}  // namespace

std::string CommentsProjection::ParkingKey(const v1::Event& event) const {
  const PostId post = PostOf(event.payload());
  return post == 0 ? Projection::ParkingKey(event) : fmt::format("post/{}", post);
}

std::unique_ptr<Projection> CommentsProjection::As(uint32_t version,
                                                   std::string_view settings) const {
  if (version != kFirstVersion || !settings.empty()) return nullptr;
  auto first = std::make_unique<CommentsProjection>();
  first->version_ = kFirstVersion;
  return first;
}

// Counts that are all 0 have no row.
void CommentsProjection::PutCounts(CommentId comment, comments::Counts counts,
                                   ProjectionRows& rows) const {
  if (!has_threads()) counts.below.reset();
  if (counts.likes == 0 && counts.replies == 0) {
    rows.Delete(comments::CountsKey(comment));
  } else {
    rows.Put(comments::CountsKey(comment), comments::EncodeCounts(counts));
  }
}

// Removes the rows of a comment but for that of the list of its siblings, and
// gives up the list of its replies.
absl::Status CommentsProjection::RemoveComment(const CommentBody& body,
                                               const comments::Counts& counts,
                                               ProjectionRows& rows) const {
  if (counts.replies > 0) {
    RETURN_IF_ERROR(DeadRows(&rows).Add(comments::ListPrefix(List::kReplies, body.id)));
  }
  rows.Delete(comments::ListRowKey(List::kAuthor, body.author_id, body.created_at, body.id));
  if (has_threads()) {
    rows.Delete(comments::ListRowKey(List::kThread, body.post_id, body.created_at, body.id));
  }
  rows.Delete(comments::CountsKey(body.id));
  rows.Delete(comments::BodyKey(body.id));
  return absl::OkStatus();
}

// A row of a dead list. Rows that do not agree with it stay where they are: an
// error would be the fault of an event that has nothing to do with them.
absl::Status CommentsProjection::RemoveListed(std::string_view key, ProjectionRows& rows) const {
  rows.Delete(key);
  const absl::StatusOr<ListKey> listed = comments::DecodeListRowKey(key);
  if (!listed.ok()) return absl::OkStatus();
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(comments::BodyKey(listed->id), &bytes));
  const absl::StatusOr<CommentBody> body = comments::DecodeBody(listed->id, bytes);
  if (!there || !body.ok()) return absl::OkStatus();
  const absl::StatusOr<comments::Counts> counts = ReadCounts(body->id, rows);
  if (absl::IsDataLoss(counts.status())) return absl::OkStatus();
  RETURN_IF_ERROR(counts.status());
  const absl::Status removed = RemoveComment(*body, *counts, rows);
  return absl::IsDataLoss(removed) ? absl::OkStatus() : removed;
}

absl::Status CommentsProjection::RemoveDead(ProjectionRows& rows) const {
  return DeadRows(&rows).SweepAll([&](std::string_view key) { return RemoveListed(key, rows); });
}

absl::Status CommentsProjection::ApplyAdded(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentAdded& added = event.payload().comment_added();
  CommentBody body;
  body.id = added.comment_id();
  body.post_id = added.post_id();
  body.author_id = added.author_id();
  body.ancestors.assign(added.ancestor_ids().begin(), added.ancestor_ids().end());
  body.content = added.content();
  body.created_at = event.occurred_at_ns();
  body.updated_at = event.occurred_at_ns();
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(comments::BodyKey(body.id), &bytes));
  if (there) return Contradiction(event, body.id, "it is added twice");
  if (!body.ancestors.empty()) {
    const CommentId parent = body.ancestors.back();
    RETURN_IF_ERROR(ReadBody(event, parent, rows).status());
    ASSIGN_OR_RETURN(std::vector<comments::Counts> ancestors, ReadAncestors(body, rows));
    ++ancestors.back().replies;
    for (size_t i = 0; i < ancestors.size(); ++i) {
      if (has_threads()) ancestors[i].below = ancestors[i].below.value_or(0) + 1;
      PutCounts(body.ancestors[i], ancestors[i], rows);
    }
  }
  rows.Put(comments::BodyKey(body.id), comments::EncodeBody(body));
  rows.Put(SiblingsKey(body), {});
  rows.Put(comments::ListRowKey(List::kAuthor, body.author_id, body.created_at, body.id), {});
  if (has_threads()) {
    rows.Put(comments::ListRowKey(List::kThread, body.post_id, body.created_at, body.id), {});
  }
  return absl::OkStatus();
}

absl::Status CommentsProjection::ApplyEdited(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentEdited& edited = event.payload().comment_edited();
  ASSIGN_OR_RETURN(CommentBody body, ReadBody(event, edited.comment_id(), rows));
  body.content = edited.content();
  body.updated_at = event.occurred_at_ns();
  rows.Put(comments::BodyKey(body.id), comments::EncodeBody(body));
  return absl::OkStatus();
}

// The comment and all below it.
absl::Status CommentsProjection::TakeFromAncestors(const v1::Event& event, const CommentBody& body,
                                                   const comments::Counts& counts,
                                                   ProjectionRows& rows) const {
  if (body.ancestors.empty()) return absl::OkStatus();
  const uint64_t gone = counts.below.value_or(0) + 1;
  ASSIGN_OR_RETURN(std::vector<comments::Counts> ancestors, ReadAncestors(body, rows));
  if (ancestors.back().replies == 0) {
    return Contradiction(event, body.ancestors.back(), "it has no replies");
  }
  --ancestors.back().replies;
  for (size_t i = 0; has_threads() && i < ancestors.size(); ++i) {
    const uint64_t below = ancestors[i].below.value_or(0);
    if (below < gone) return Contradiction(event, body.ancestors[i], "more go than are below it");
    ancestors[i].below = below - gone;
  }
  for (size_t i = 0; i < ancestors.size(); ++i) PutCounts(body.ancestors[i], ancestors[i], rows);
  return absl::OkStatus();
}

absl::Status CommentsProjection::ApplyDeleted(const v1::Event& event, ProjectionRows& rows) {
  const CommentId comment = event.payload().comment_deleted().comment_id();
  ASSIGN_OR_RETURN(const CommentBody body, ReadBody(event, comment, rows));
  ASSIGN_OR_RETURN(const comments::Counts counts, ReadCounts(comment, rows));
  RETURN_IF_ERROR(TakeFromAncestors(event, body, counts, rows));
  rows.Delete(SiblingsKey(body));
  return RemoveComment(body, counts, rows);
}

absl::Status CommentsProjection::ApplyLiked(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentLiked& liked = event.payload().comment_liked();
  const CommentId comment = liked.comment_id();
  const std::string key = comments::LikeKey(liked.member_id(), comment);
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
  if (there) return Contradiction(event, comment, "liked twice by one member");
  RETURN_IF_ERROR(ReadBody(event, comment, rows).status());
  ASSIGN_OR_RETURN(comments::Counts counts, ReadCounts(comment, rows));
  ++counts.likes;
  PutCounts(comment, counts, rows);
  rows.Put(key, {});
  return absl::OkStatus();
}

absl::Status CommentsProjection::ApplyUnliked(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentUnliked& unliked = event.payload().comment_unliked();
  const CommentId comment = unliked.comment_id();
  const std::string key = comments::LikeKey(unliked.member_id(), comment);
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
  ASSIGN_OR_RETURN(comments::Counts counts, ReadCounts(comment, rows));
  if (!there || counts.likes == 0) {
    return Contradiction(event, comment, "a like that is not there is taken");
  }
  --counts.likes;
  PutCounts(comment, counts, rows);
  rows.Delete(key);
  return absl::OkStatus();
}

absl::Status CommentsProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  RETURN_IF_ERROR(ApplyPayload(event, rows));
  return DeadRows(&rows).Sweep([&](std::string_view key) { return RemoveListed(key, rows); });
}

absl::Status CommentsProjection::ApplyPayload(const v1::Event& event, ProjectionRows& rows) {
  switch (event.payload().kind_case()) {
    case v1::Payload::kCommentAdded:
      return ApplyAdded(event, rows);
    case v1::Payload::kCommentEdited:
      return ApplyEdited(event, rows);
    case v1::Payload::kCommentDeleted:
      return ApplyDeleted(event, rows);
    case v1::Payload::kPostDeleted:
      return DeadRows(&rows).Add(
          comments::ListPrefix(List::kPost, event.payload().post_deleted().post_id()));
    case v1::Payload::kCommentLiked:
      return ApplyLiked(event, rows);
    case v1::Payload::kCommentUnliked:
      return ApplyUnliked(event, rows);
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kPostPublished:
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kPostEdited:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::kActivityRecorded:
      return absl::OkStatus();  // not among kinds()
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return absl::UnimplementedError("an event without a payload this program knows");
}

}  // namespace dailyfeed
