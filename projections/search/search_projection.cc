#include "projections/search/search_projection.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/posts/posts_projection.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/tags.h"

namespace dailyfeed::search {
namespace {

absl::Status Contradiction(const v1::Event& event, std::string_view what) {
  return absl::DataLossError(
      fmt::format("event {} contradicts search: {}", event.position(), what));
}

template <typename Ids>
std::span<const CommentId> IdsOf(const Ids& ids) {
  return {ids.data(), static_cast<size_t>(ids.size())};
}

// The tags of a post, each once, in ascending order.
std::vector<std::string> TagsOf(std::string_view text) {
  std::vector<std::string> tags;
  VisitTags(SearchedForm(text), [&](std::u32string_view tag) { tags.push_back(Utf8(tag)); });
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

absl::Status Count(const std::vector<std::string>& tags, int64_t change, ProjectionRows& rows) {
  for (const std::string& tag : tags) {
    const std::string key = TagKey(tag);
    std::string bytes;
    uint64_t posts = 0;
    ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
    if (there) {
      ASSIGN_OR_RETURN(posts, DecodeNumber(bytes, "posts with a tag"));
    }
    posts += static_cast<uint64_t>(change);
    if (posts == 0) {
      rows.Delete(key);
    } else {
      rows.Put(key, EncodeNumber(posts));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<DocumentRow>> ReadDocument(IndexTag index, uint64_t id,
                                                        ProjectionRows& rows) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(NumberedKey(RowTag::kDocument, index, id), &bytes));
  if (!there) return std::nullopt;
  return DecodeDocument(bytes);
}

}  // namespace

std::string SearchProjection::settings() const {
  return fmt::format("unicode={}", UnicodeVersion());
}

// Texts that come now are folded as this program folds; those that are there stay
// as they are until the new generation is built.
std::unique_ptr<Projection> SearchProjection::As(uint32_t version,
                                                 std::string_view /*settings*/) const {
  if (version != this->version()) return nullptr;
  return std::make_unique<SearchProjection>(options_);
}

std::string SearchProjection::ParkingKey(const v1::Event& event) const {
  const PostId post = PostOf(event.payload());
  return post == 0 ? Projection::ParkingKey(event) : fmt::format("post/{}", post);
}

absl::Status SearchProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  const v1::Payload& payload = event.payload();
  switch (payload.kind_case()) {
    case v1::Payload::kPostPublished: {
      const v1::PostPublished& published = payload.post_published();
      return Add(event, IndexTag::kPosts, published.post_id(), published.author_id(),
                 published.content(), rows);
    }
    case v1::Payload::kPostEdited:
      return Edit(event, IndexTag::kPosts, payload.post_edited().post_id(),
                  payload.post_edited().content(), rows);
    case v1::Payload::kPostDeleted:
      return ApplyPostDeleted(event, rows);
    case v1::Payload::kCommentAdded:
      return ApplyCommentAdded(event, rows);
    case v1::Payload::kCommentEdited:
      return Edit(event, IndexTag::kComments, payload.comment_edited().comment_id(),
                  payload.comment_edited().content(), rows);
    case v1::Payload::kCommentDeleted:
      return ApplyCommentDeleted(event, rows);
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kMemberSignedUp:
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

absl::Status SearchProjection::Add(const v1::Event& event, IndexTag index, uint64_t id,
                                   MemberId author, std::string_view content,
                                   ProjectionRows& rows) {
  ASSIGN_OR_RETURN(const std::optional<DocumentRow> known, ReadDocument(index, id, rows));
  if (known.has_value()) return Contradiction(event, "what is written is there already");
  Document document = {.id = id,
                       .created_at = event.occurred_at_ns(),
                       .author = author,
                       .text = DocumentText(content)};
  DocumentRow row = {.author = author, .created_at = document.created_at};
  if (index == IndexTag::kPosts) row.tags = TagsOf(document.text);
  RETURN_IF_ERROR(Count(row.tags, 1, rows));
  rows.Put(NumberedKey(RowTag::kDocument, index, id), EncodeDocument(row));
  return PutLoose(rows.MomentOf(event), index, std::move(document), rows);
}

absl::Status SearchProjection::Edit(const v1::Event& event, IndexTag index, uint64_t id,
                                    std::string_view content, ProjectionRows& rows) {
  ASSIGN_OR_RETURN(std::optional<DocumentRow> row, ReadDocument(index, id, rows));
  if (!row.has_value()) return Contradiction(event, "what is edited is not there");
  Document document = {.id = id,
                       .created_at = row->created_at,
                       .author = row->author,
                       .text = DocumentText(content)};
  if (index == IndexTag::kPosts) {
    std::vector<std::string> tags = TagsOf(document.text);
    if (tags != row->tags) {
      RETURN_IF_ERROR(Count(row->tags, -1, rows));
      RETURN_IF_ERROR(Count(tags, 1, rows));
      row->tags = std::move(tags);
      rows.Put(NumberedKey(RowTag::kDocument, index, id), EncodeDocument(*row));
    }
  }
  rows.Put(NumberedKey(RowTag::kVoid, index, id), EncodeNumber(rows.MomentOf(event)));
  return PutLoose(rows.MomentOf(event), index, std::move(document), rows);
}

absl::Status SearchProjection::Delete(const v1::Event& event, IndexTag index, uint64_t id,
                                      ProjectionRows& rows) {
  const std::string key = NumberedKey(RowTag::kDocument, index, id);
  if (index == IndexTag::kPosts) {
    ASSIGN_OR_RETURN(const std::optional<DocumentRow> row, ReadDocument(index, id, rows));
    if (!row.has_value()) return Contradiction(event, "what is deleted is not there");
    RETURN_IF_ERROR(Count(row->tags, -1, rows));
  }
  rows.Delete(key);
  rows.Delete(NumberedKey(RowTag::kLoose, index, id));
  rows.Put(NumberedKey(RowTag::kVoid, index, id), EncodeNumber(rows.MomentOf(event)));
  return absl::OkStatus();
}

absl::Status SearchProjection::ApplyCommentAdded(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentAdded& added = event.payload().comment_added();
  rows.Put(CommentKey(added.post_id(), IdsOf(added.ancestor_ids()), added.comment_id()), {});
  return Add(event, IndexTag::kComments, added.comment_id(), added.author_id(), added.content(),
             rows);
}

absl::Status SearchProjection::ApplyPostDeleted(const v1::Event& event, ProjectionRows& rows) {
  const PostId post = event.payload().post_deleted().post_id();
  RETURN_IF_ERROR(Delete(event, IndexTag::kPosts, post, rows));
  return DeleteComments(event, CommentsOf(post), rows);
}

absl::Status SearchProjection::ApplyCommentDeleted(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentDeleted& deleted = event.payload().comment_deleted();
  const CommentId comment = deleted.comment_id();
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there,
                   rows.Get(NumberedKey(RowTag::kDocument, IndexTag::kComments, comment), &bytes));
  if (!there) return Contradiction(event, "a comment that is deleted is not there");
  return DeleteComments(
      event, CommentsUnder(deleted.post_id(), IdsOf(deleted.ancestor_ids()), comment), rows);
}

absl::Status SearchProjection::DeleteComments(const v1::Event& event, const KeyRange& range,
                                              ProjectionRows& rows) {
  absl::Status status;
  RETURN_IF_ERROR(
      rows.Scan(range.lower, range.upper, [&](std::string_view shown, std::string_view) {
        const std::string key(shown);
        const absl::StatusOr<CommentId> comment = CommentOfKey(key);
        status =
            comment.ok() ? Delete(event, IndexTag::kComments, *comment, rows) : comment.status();
        rows.Delete(key);
        return status.ok();
      }));
  return status;
}

}  // namespace dailyfeed::search
