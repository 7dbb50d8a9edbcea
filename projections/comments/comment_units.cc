#include "projections/comments/comment_units.h"

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/comments/comment_rows.h"
#include "projections/comments/comments_projection.h"
#include "projections/posts/dead_rows.h"
#include "projections/posts/posts_projection.h"

namespace dailyfeed {
namespace {

constexpr char kBodyTag = 'b';
constexpr char kCountsTag = 'c';
constexpr char kLikeTag = 'l';

bool IsNote(std::string_view key) { return key.starts_with(DeadRows::kAnyKey); }

absl::StatusOr<CommentId> CommentOfKey(std::string_view key) {
  KeyReader reader(key);
  CommentId comment = 0;
  switch (key.empty() ? '\0' : key.front()) {
    case kLikeTag:
      reader.Id();  // the member
      [[fallthrough]];
    case kBodyTag:
    case kCountsTag:
      comment = reader.Id();
      RETURN_IF_ERROR(reader.Finish("key of a comment"));
      return comment;
    default:
      break;
  }
  ASSIGN_OR_RETURN(const ListKey listed, comments::DecodeListRowKey(key));
  return listed.id;
}

// nullopt: the comment is gone.
absl::StatusOr<std::optional<CommentBody>> BodyOfRow(std::string_view key, ReadRow read) {
  ASSIGN_OR_RETURN(const CommentId comment, CommentOfKey(key));
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, read(comments::BodyKey(comment), &bytes));
  if (!there) return std::nullopt;
  return comments::DecodeBody(comment, bytes);
}

}  // namespace

std::string CommentUnits::UnitOf(const v1::Event& event) const {
  return fmt::format("post/{}", PostOf(event.payload()));
}

absl::StatusOr<std::string> CommentUnits::OwnerOf(std::string_view key, std::string_view /*value*/,
                                                  ReadRow read) const {
  ASSIGN_OR_RETURN(const std::optional<CommentBody> body, BodyOfRow(key, read));
  if (!body.has_value()) return std::string();
  return fmt::format("post/{}", body->post_id);
}

std::optional<std::string> CommentUnits::ContentOf(std::string_view key,
                                                   std::string_view value) const {
  if (IsNote(key)) return std::nullopt;
  return std::string(value);
}

absl::StatusOr<bool> CommentUnits::IsDead(std::string_view key, std::string_view /*value*/,
                                          ReadRow read) const {
  // A like stays where it is when its comment goes.
  if (key.starts_with(kLikeTag)) return false;
  std::string unused;
  ASSIGN_OR_RETURN(const bool any, read(DeadRows::kAnyKey, &unused));
  if (!any) return false;
  ASSIGN_OR_RETURN(const std::optional<CommentBody> body, BodyOfRow(key, read));
  if (!body.has_value()) return false;
  for (const std::string& list : comments::ListsAbove(*body)) {
    ASSIGN_OR_RETURN(const bool dead, read(DeadRows::RangeKey(list), &unused));
    if (dead) return true;
  }
  return false;
}

absl::Status CommentUnits::Complete(ProjectionRows& rows) const {
  return projection_->RemoveDead(rows);
}

absl::Status CommentUnits::Release(std::string_view key, ProjectionRows& rows) const {
  return DeadRows(&rows).Release(key);
}

}  // namespace dailyfeed
