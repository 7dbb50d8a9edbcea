#include "projections/timelines/timelines_projection.h"

#include <string>

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {
namespace {

// One post more, or one less, in every span that its creation lies in.
absl::Status Count(TimestampNs created_at, bool more, ProjectionRows& rows) {
  const int64_t second = timelines::SecondOf(created_at);
  std::string bytes;
  for (int level = 0; level < timelines::kLevels; ++level) {
    const std::string key = timelines::CountKey(level, timelines::SpanOf(level, second));
    ASSIGN_OR_RETURN(const bool there, rows.Get(key, &bytes));
    uint64_t count = 0;
    if (there) {
      ASSIGN_OR_RETURN(count, timelines::DecodeCount(bytes));
    }
    if (!more && count == 0) return absl::DataLossError("a count of posts would fall below 0");
    count = more ? count + 1 : count - 1;
    if (count == 0) {
      rows.Delete(key);
    } else {
      rows.Put(key, timelines::EncodeCount(count));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status TimelinesProjection::ApplyPublished(const v1::Event& event, ProjectionRows& rows) {
  const PostId post = event.payload().post_published().post_id();
  const timelines::Placed placed = {.author = event.payload().post_published().author_id(),
                                    .created_at = event.occurred_at_ns()};
  std::string row;
  ASSIGN_OR_RETURN(const bool there, rows.Get(timelines::PostKey(post), &row));
  if (there) return absl::DataLossError(fmt::format("post {} is published twice", post));
  rows.Put(timelines::PostKey(post), timelines::EncodePlaced(placed));
  rows.Put(timelines::AuthorKey(placed.author, placed.created_at, post), {});
  rows.Put(timelines::NewestKey(placed.created_at, post), {});
  return Count(placed.created_at, true, rows);
}

absl::Status TimelinesProjection::ApplyDeleted(const v1::PostDeleted& event, ProjectionRows& rows) {
  const PostId post = event.post_id();
  std::string row;
  ASSIGN_OR_RETURN(const bool there, rows.Get(timelines::PostKey(post), &row));
  if (!there) return absl::DataLossError(fmt::format("post {} is deleted but not there", post));
  ASSIGN_OR_RETURN(const timelines::Placed placed, timelines::DecodePlaced(row));
  rows.Delete(timelines::PostKey(post));
  rows.Delete(timelines::AuthorKey(placed.author, placed.created_at, post));
  rows.Delete(timelines::NewestKey(placed.created_at, post));
  return Count(placed.created_at, false, rows);
}

absl::Status TimelinesProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  const v1::Payload& payload = event.payload();
  switch (payload.kind_case()) {
    case v1::Payload::kPostPublished:
      return ApplyPublished(event, rows);
    case v1::Payload::kPostDeleted:
      return ApplyDeleted(payload.post_deleted(), rows);
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kCommentAdded:
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kPostEdited:
    case v1::Payload::kCommentEdited:
    case v1::Payload::kCommentDeleted:
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
