#include "projections/posts/posts_projection.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/status_macros.h"
#include "fmt/format.h"

namespace dailyfeed {
namespace {

absl::Status Contradiction(const v1::Event& event, PostId post, std::string_view what) {
  return absl::DataLossError(
      fmt::format("event {} contradicts post {}: {}", event.position(), post, what));
}

// The keys that start with `prefix`.
absl::StatusOr<std::vector<std::string>> KeysUnder(ProjectionRows& rows,
                                                   const std::string& prefix) {
  std::vector<std::string> keys;
  RETURN_IF_ERROR(rows.Scan(prefix, PrefixEnd(prefix), [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  }));
  return keys;
}

// The key of a post in a list, of the place it has; nullopt: it is not in it.
std::optional<ListKey> KeyIn(posts::RankedList list, PostId post, TimestampNs created_at,
                             const posts::Place& place) {
  if (!place.listed) return std::nullopt;
  switch (list) {
    case posts::RankedList::kActive:
      return ListKey{.order = place.active_at, .id = post};
    case posts::RankedList::kPopular:
    case posts::RankedList::kPopularOfDay:
      return ListKey{.order = static_cast<int64_t>(place.score), .id = post, .then = created_at};
    case posts::RankedList::kCommented:
    case posts::RankedList::kCommentedOfDay:
      break;
  }
  if (place.comments == 0) return std::nullopt;
  return ListKey{.order = static_cast<int64_t>(place.comments), .id = post, .then = created_at};
}

bool Same(const std::optional<ListKey>& a, const std::optional<ListKey>& b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() == b.has_value();
  return !Before(*a, *b) && !Before(*b, *a);
}

void Move(PostId post, const posts::CountsRow& row, const posts::Place& from,
          const posts::Place& to, ProjectionRows& rows) {
  for (const posts::RankedList list : posts::kRankedLists) {
    const std::optional<ListKey> old_key = KeyIn(list, post, row.created_at, from);
    const std::optional<ListKey> new_key = KeyIn(list, post, row.created_at, to);
    if (Same(old_key, new_key)) continue;
    if (old_key.has_value()) rows.Delete(posts::RankedKey(list, row.day, *old_key));
    if (new_key.has_value()) rows.Put(posts::RankedKey(list, row.day, *new_key), {});
  }
}

}  // namespace

PostId PostOf(const v1::Payload& payload) {
  switch (payload.kind_case()) {
    case v1::Payload::kPostViewed:
      return payload.post_viewed().post_id();
    case v1::Payload::kPostLiked:
      return payload.post_liked().post_id();
    case v1::Payload::kPostUnliked:
      return payload.post_unliked().post_id();
    case v1::Payload::kCommentAdded:
      return payload.comment_added().post_id();
    case v1::Payload::kPostPublished:
      return payload.post_published().post_id();
    case v1::Payload::kCommentLiked:
      return payload.comment_liked().post_id();
    case v1::Payload::kCommentUnliked:
      return payload.comment_unliked().post_id();
    case v1::Payload::kPostEdited:
      return payload.post_edited().post_id();
    case v1::Payload::kPostDeleted:
      return payload.post_deleted().post_id();
    case v1::Payload::kCommentEdited:
      return payload.comment_edited().post_id();
    case v1::Payload::kCommentDeleted:
      return payload.comment_deleted().post_id();
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return 0;
}

std::string PostsProjection::ParkingKey(const v1::Event& event) const {
  const PostId post = PostOf(event.payload());
  return post == 0 ? Projection::ParkingKey(event) : fmt::format("post/{}", post);
}

std::string PostsProjection::settings() const {
  return fmt::format("view_weight={} like_weight={} zone={}", options_.view_weight,
                     options_.like_weight, options_.zone.name());
}

posts::Place PostsProjection::PlaceOf(const posts::CountsRow& row) const {
  return {
      .listed = true,
      .score = options_.view_weight * row.counts.views + options_.like_weight * row.counts.likes,
      .comments = row.counts.comments,
      .active_at = row.active_at};
}

// Changes the counts row of a post that must be there. `change` returns false
// when it cannot take the change.
absl::Status PostsProjection::ChangeRow(const v1::Event& event, PostId post, ProjectionRows& rows,
                                        absl::FunctionRef<bool(posts::CountsRow&)> change) {
  const std::string key = posts::CountsKey(post);
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
  if (!there) return Contradiction(event, post, "it is not there");
  ASSIGN_OR_RETURN(posts::CountsRow row, posts::DecodeCounts(bytes));
  if (!row.place.has_value()) row.place = PlaceOf(row);
  if (!change(row)) return Contradiction(event, post, "a count would fall below 0");
  rows.PutUnsettled(key, posts::EncodeCounts(row));
  return absl::OkStatus();
}

absl::Status PostsProjection::ChangeCounts(const v1::Event& event, PostId post,
                                           ProjectionRows& rows,
                                           absl::FunctionRef<bool(PostCounts&)> change) {
  const v1::Payload& payload = event.payload();
  const bool activity = payload.has_post_liked() || payload.has_comment_added();
  return ChangeRow(event, post, rows, [&](posts::CountsRow& row) {
    row.position = event.position();
    if (activity) row.active_at = std::max(row.active_at, event.occurred_at_ns());
    return change(row.counts);
  });
}

absl::Status PostsProjection::Settle(std::string_view key, ProjectionRows& rows) {
  ASSIGN_OR_RETURN(const PostId post, posts::DecodeCountsKey(key));
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
  if (!there) return absl::OkStatus();
  ASSIGN_OR_RETURN(posts::CountsRow row, posts::DecodeCounts(bytes));
  if (!row.place.has_value()) return absl::OkStatus();
  const posts::Place from = *row.place;
  row.place.reset();
  Move(post, row, from, PlaceOf(row), rows);
  rows.Put(key, posts::EncodeCounts(row));
  return absl::OkStatus();
}

absl::Status PostsProjection::ApplyPublished(const v1::Event& event, ProjectionRows& rows) {
  const v1::PostPublished& published = event.payload().post_published();
  const std::string key = posts::BodyKey(published.post_id());
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
  if (there) return Contradiction(event, published.post_id(), "it is published twice");
  PostBody body;
  body.author_id = published.author_id();
  body.title = published.title();
  body.content = published.content();
  body.created_at = event.occurred_at_ns();
  body.updated_at = event.occurred_at_ns();
  rows.Put(key, posts::EncodeBody(body));
  const TimestampNs created_at = event.occurred_at_ns();
  rows.PutUnsettled(posts::CountsKey(published.post_id()),
                    posts::EncodeCounts({.position = event.position(),
                                         .created_at = created_at,
                                         .active_at = created_at,
                                         .day = DayNumber(options_.zone, created_at),
                                         .place = posts::Place{.listed = false}}));
  return absl::OkStatus();
}

absl::Status PostsProjection::ApplyEdited(const v1::Event& event, ProjectionRows& rows) {
  const v1::PostEdited& edited = event.payload().post_edited();
  const std::string key = posts::BodyKey(edited.post_id());
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
  if (!there) return Contradiction(event, edited.post_id(), "it is not there");
  ASSIGN_OR_RETURN(PostBody body, posts::DecodeBody(edited.post_id(), bytes));
  body.title = edited.title();
  body.content = edited.content();
  body.updated_at = event.occurred_at_ns();
  rows.Put(key, posts::EncodeBody(body));
  return ChangeRow(event, edited.post_id(), rows, [&](posts::CountsRow& row) {
    row.active_at = std::max(row.active_at, event.occurred_at_ns());
    return true;
  });
}

absl::Status PostsProjection::ApplyDeleted(const v1::Event& event, ProjectionRows& rows) {
  const PostId post = event.payload().post_deleted().post_id();
  const std::string counts_key = posts::CountsKey(post);
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(counts_key, &bytes));
  if (!there) return Contradiction(event, post, "it is not there");
  ASSIGN_OR_RETURN(const posts::CountsRow row, posts::DecodeCounts(bytes));
  ASSIGN_OR_RETURN(const std::vector<std::string> comments,
                   KeysUnder(rows, posts::CommentsPrefix(post)));
  for (const std::string& comment : comments) rows.Delete(comment);
  Move(post, row, row.place.value_or(PlaceOf(row)), posts::Place{.listed = false}, rows);
  rows.Delete(posts::BodyKey(post));
  rows.Delete(counts_key);
  return absl::OkStatus();
}

absl::Status PostsProjection::ApplyLiked(const v1::Event& event, ProjectionRows& rows) {
  const v1::PostLiked& liked = event.payload().post_liked();
  // That a member likes a post once is the log's to know (`log verify` looks);
  // asking for the edge here would double what the commonest event reads.
  RETURN_IF_ERROR(ChangeCounts(event, liked.post_id(), rows, [](PostCounts& counts) {
    ++counts.likes;
    return true;
  }));
  rows.Put(posts::LikeKey(liked.member_id(), liked.post_id()), {});
  return absl::OkStatus();
}

absl::Status PostsProjection::ApplyUnliked(const v1::Event& event, ProjectionRows& rows) {
  const v1::PostUnliked& unliked = event.payload().post_unliked();
  RETURN_IF_ERROR(ChangeCounts(event, unliked.post_id(), rows, [](PostCounts& counts) {
    if (counts.likes == 0) return false;
    --counts.likes;
    return true;
  }));
  rows.Delete(posts::LikeKey(unliked.member_id(), unliked.post_id()));
  return absl::OkStatus();
}

absl::Status PostsProjection::ApplyCommentAdded(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentAdded& added = event.payload().comment_added();
  RETURN_IF_ERROR(ChangeCounts(event, added.post_id(), rows, [](PostCounts& counts) {
    ++counts.comments;
    return true;
  }));
  rows.Put(posts::CommentKey(added.post_id(), added.ancestor_ids(), added.comment_id()), {});
  return absl::OkStatus();
}

absl::Status PostsProjection::ApplyCommentDeleted(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentDeleted& deleted = event.payload().comment_deleted();
  const std::string root =
      posts::CommentKey(deleted.post_id(), deleted.ancestor_ids(), deleted.comment_id());
  ASSIGN_OR_RETURN(const std::vector<std::string> subtree, KeysUnder(rows, root));
  if (subtree.empty()) {
    return Contradiction(event, deleted.post_id(), "a comment that is not there is deleted");
  }
  RETURN_IF_ERROR(ChangeCounts(event, deleted.post_id(), rows, [&](PostCounts& counts) {
    if (counts.comments < subtree.size()) return false;
    counts.comments -= subtree.size();
    return true;
  }));
  for (const std::string& comment : subtree) rows.Delete(comment);
  return absl::OkStatus();
}

bool PostsProjection::Handles(v1::Payload::KindCase kind) const {
  switch (kind) {
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kCommentAdded:
    case v1::Payload::kPostPublished:
    case v1::Payload::kPostEdited:
    case v1::Payload::kPostDeleted:
    case v1::Payload::kCommentDeleted:
    case v1::Payload::KIND_NOT_SET:  // refused, so that it is seen
      return true;
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kCommentEdited:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
      break;
  }
  return false;
}

absl::Status PostsProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  const v1::Payload& payload = event.payload();
  switch (payload.kind_case()) {
    case v1::Payload::kPostViewed:
      return ChangeCounts(event, payload.post_viewed().post_id(), rows, [](PostCounts& counts) {
        ++counts.views;
        return true;
      });
    case v1::Payload::kPostLiked:
      return ApplyLiked(event, rows);
    case v1::Payload::kPostUnliked:
      return ApplyUnliked(event, rows);
    case v1::Payload::kCommentAdded:
      return ApplyCommentAdded(event, rows);
    case v1::Payload::kCommentDeleted:
      return ApplyCommentDeleted(event, rows);
    case v1::Payload::kPostPublished:
      return ApplyPublished(event, rows);
    case v1::Payload::kPostEdited:
      return ApplyEdited(event, rows);
    case v1::Payload::kPostDeleted:
      return ApplyDeleted(event, rows);
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kCommentEdited:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
      return absl::OkStatus();
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return absl::UnimplementedError("an event without a payload this program knows");
}

}  // namespace dailyfeed
