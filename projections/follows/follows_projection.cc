#include "projections/follows/follows_projection.h"

#include <string>

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/follows/follow_rows.h"

namespace dailyfeed {
namespace {

using follows::List;

absl::StatusOr<FollowCounts> ReadCounts(ProjectionRows& rows, MemberId member) {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, rows.Get(follows::CountsKey(member), &row));
  if (!found) return FollowCounts{};
  return follows::DecodeCounts(row);
}

// A member without relations has no row.
void PutCounts(MemberId member, const FollowCounts& counts, ProjectionRows& rows) {
  if (counts.followers == 0 && counts.followings == 0) {
    rows.Delete(follows::CountsKey(member));
  } else {
    rows.Put(follows::CountsKey(member), follows::EncodeCounts(counts));
  }
}

}  // namespace

// The rows are those of today but that version 1 left counts of 0 behind, which
// readers take for none.
std::unique_ptr<Projection> FollowsProjection::As(uint32_t version,
                                                  std::string_view settings) const {
  if (version != kFirstVersion || !settings.empty()) return nullptr;
  return std::make_unique<FollowsProjection>();
}

absl::Status FollowsProjection::ApplyFollowed(const v1::Event& event, ProjectionRows& rows) {
  const MemberId follower = event.payload().member_followed().follower_id();
  const MemberId followee = event.payload().member_followed().followee_id();
  const TimestampNs since = event.occurred_at_ns();
  std::string row;
  ASSIGN_OR_RETURN(const bool there, rows.Get(follows::EdgeKey(follower, followee), &row));
  if (there || follower == followee) {
    return absl::DataLossError(fmt::format("member {} follows {} twice", follower, followee));
  }
  ASSIGN_OR_RETURN(FollowCounts of_follower, ReadCounts(rows, follower));
  ASSIGN_OR_RETURN(FollowCounts of_followee, ReadCounts(rows, followee));
  ++of_follower.followings;
  ++of_followee.followers;
  rows.Put(follows::EdgeKey(follower, followee), follows::EncodeEdge(since));
  rows.Put(follows::RelationKey(List::kFollowings, follower, since, followee), {});
  rows.Put(follows::RelationKey(List::kFollowers, followee, since, follower), {});
  PutCounts(follower, of_follower, rows);
  PutCounts(followee, of_followee, rows);
  return absl::OkStatus();
}

absl::Status FollowsProjection::ApplyUnfollowed(const v1::MemberUnfollowed& event,
                                                ProjectionRows& rows) {
  const MemberId follower = event.follower_id();
  const MemberId followee = event.followee_id();
  std::string row;
  ASSIGN_OR_RETURN(const bool there, rows.Get(follows::EdgeKey(follower, followee), &row));
  if (!there) {
    return absl::DataLossError(fmt::format("member {} does not follow {}", follower, followee));
  }
  ASSIGN_OR_RETURN(const TimestampNs since, follows::DecodeEdge(row));
  ASSIGN_OR_RETURN(FollowCounts of_follower, ReadCounts(rows, follower));
  ASSIGN_OR_RETURN(FollowCounts of_followee, ReadCounts(rows, followee));
  if (of_follower.followings == 0 || of_followee.followers == 0) {
    return absl::DataLossError(
        fmt::format("counts of the relation of {} to {} are 0", follower, followee));
  }
  --of_follower.followings;
  --of_followee.followers;
  rows.Delete(follows::EdgeKey(follower, followee));
  rows.Delete(follows::RelationKey(List::kFollowings, follower, since, followee));
  rows.Delete(follows::RelationKey(List::kFollowers, followee, since, follower));
  PutCounts(follower, of_follower, rows);
  PutCounts(followee, of_followee, rows);
  return absl::OkStatus();
}

absl::Status FollowsProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  const v1::Payload& payload = event.payload();
  switch (payload.kind_case()) {
    case v1::Payload::kMemberFollowed:
      return ApplyFollowed(event, rows);
    case v1::Payload::kMemberUnfollowed:
      return ApplyUnfollowed(payload.member_unfollowed(), rows);
    case v1::Payload::kPostViewed:
    case v1::Payload::kPostLiked:
    case v1::Payload::kPostUnliked:
    case v1::Payload::kCommentAdded:
    case v1::Payload::kPostPublished:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kPostEdited:
    case v1::Payload::kPostDeleted:
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
