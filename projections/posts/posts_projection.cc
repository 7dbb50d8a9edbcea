#include "projections/posts/posts_projection.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/posts/dead_rows.h"

namespace dailyfeed {
namespace {

absl::Status Contradiction(const v1::Event& event, PostId post, std::string_view what) {
  return absl::DataLossError(
      fmt::format("event {} contradicts post {}: {}", event.position(), post, what));
}

// Changes the number of live comments below each of `ancestors`.
template <typename Ids>
absl::Status ChangeBelow(const v1::Event& event, PostId post, const Ids& ancestors,
                         ProjectionRows& rows, absl::FunctionRef<bool(uint64_t&)> change) {
  std::vector<CommentId> path;
  std::string bytes;
  for (const CommentId ancestor : ancestors) {
    const std::string key = posts::CommentKey(post, path, ancestor);
    path.push_back(ancestor);
    ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
    if (!there) return Contradiction(event, post, "a comment without its ancestor");
    ASSIGN_OR_RETURN(uint64_t below, posts::DecodeBelow(bytes));
    if (!change(below)) return Contradiction(event, post, "a count would fall below 0");
    rows.Put(key, posts::EncodeBelow(below));
  }
  return absl::OkStatus();
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
    case v1::Payload::kActivityRecorded:
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

std::unique_ptr<Projection> PostsProjection::As(uint32_t version, std::string_view settings) const {
  if (version != this->version()) return nullptr;
  const auto take = [&settings](std::string_view name) {
    if (!settings.starts_with(name)) return std::string();
    settings.remove_prefix(name.size());
    const std::string value(settings.substr(0, settings.find(' ')));
    settings.remove_prefix(std::min(settings.size(), value.size() + 1));
    return value;
  };
  RankingOptions options;
  if (!absl::SimpleAtoi(take("view_weight="), &options.view_weight)) return nullptr;
  if (!absl::SimpleAtoi(take("like_weight="), &options.like_weight)) return nullptr;
  if (!absl::LoadTimeZone(take("zone="), &options.zone)) return nullptr;
  return std::make_unique<PostsProjection>(options);
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
  if (row.counts.comments > 0) {
    RETURN_IF_ERROR(DeadRows(&rows).Add(posts::CommentsPrefix(post)));
  }
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
  RETURN_IF_ERROR(ChangeBelow(event, added.post_id(), added.ancestor_ids(), rows,
                              [](uint64_t& below) { return ++below > 0; }));
  rows.Put(posts::CommentKey(added.post_id(), added.ancestor_ids(), added.comment_id()), {});
  return absl::OkStatus();
}

absl::Status PostsProjection::ApplyCommentDeleted(const v1::Event& event, ProjectionRows& rows) {
  const v1::CommentDeleted& deleted = event.payload().comment_deleted();
  const std::string root =
      posts::CommentKey(deleted.post_id(), deleted.ancestor_ids(), deleted.comment_id());
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(root, &bytes));
  if (!there) {
    return Contradiction(event, deleted.post_id(), "a comment that is not there is deleted");
  }
  ASSIGN_OR_RETURN(const uint64_t below, posts::DecodeBelow(bytes));
  const auto take_off = [&](uint64_t& comments) {
    if (comments <= below) return false;
    comments -= below + 1;
    return true;
  };
  RETURN_IF_ERROR(ChangeCounts(event, deleted.post_id(), rows,
                               [&](PostCounts& counts) { return take_off(counts.comments); }));
  RETURN_IF_ERROR(ChangeBelow(event, deleted.post_id(), deleted.ancestor_ids(), rows, take_off));
  rows.Delete(root);
  return below == 0 ? absl::OkStatus() : DeadRows(&rows).Add(root);
}

absl::Status PostsProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  RETURN_IF_ERROR(ApplyPayload(event, rows));
  return DeadRows(&rows).Sweep([&](std::string_view key) {
    rows.Delete(key);
    return absl::OkStatus();
  });
}

absl::Status PostsProjection::ApplyPayload(const v1::Event& event, ProjectionRows& rows) {
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
    case v1::Payload::kActivityRecorded:
      return absl::OkStatus();  // not among kinds()
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return absl::UnimplementedError("an event without a payload this program knows");
}

}  // namespace dailyfeed
