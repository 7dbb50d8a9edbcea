// The rows of the follows projection.
//
//   'e' follower followee                    -> zigzag relation time: the edge
//   'g' follower time-desc followee-desc     -> (empty): whom a member follows
//   'r' followee time-desc follower-desc     -> (empty): who follows a member
//   'n' member                               -> varint followers, varint followings
//
// A member without relations has no 'n' row. The lists come in the order they
// are shown: newest relation first, then member id descending.
#ifndef DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOW_ROWS_H_
#define DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOW_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/codec/list_key.h"

namespace dailyfeed {

struct FollowCounts {
  uint64_t followers = 0;
  uint64_t followings = 0;
};

}  // namespace dailyfeed

namespace dailyfeed::follows {

enum class List { kFollowings, kFollowers };

std::string EdgeKey(MemberId follower, MemberId followee);
std::string EncodeEdge(TimestampNs since);
absl::StatusOr<TimestampNs> DecodeEdge(std::string_view row);

// What every key of a member's list starts with.
std::string ListPrefix(List list, MemberId member);
std::string RelationKey(List list, MemberId member, TimestampNs since, MemberId other);
// The relation time and the other member of such a key.
absl::StatusOr<ListKey> DecodeRelationKey(std::string_view key);

std::string CountsPrefix();
std::string CountsKey(MemberId member);
absl::StatusOr<MemberId> DecodeCountsKey(std::string_view key);
std::string EncodeCounts(const FollowCounts& counts);
absl::StatusOr<FollowCounts> DecodeCounts(std::string_view row);

}  // namespace dailyfeed::follows

#endif  // DAILYFEED_PROJECTIONS_FOLLOWS_FOLLOW_ROWS_H_
