#include "projections/follows/follow_rows.h"

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::follows {
namespace {

constexpr char kEdge = 'e';
constexpr char kFollowings = 'g';
constexpr char kFollowers = 'r';
constexpr char kCounts = 'n';

char TagOf(List list) {
  switch (list) {
    case List::kFollowings:
      return kFollowings;
    case List::kFollowers:
      break;
  }
  return kFollowers;
}

}  // namespace

std::string EdgeKey(MemberId follower, MemberId followee) {
  return Key(kEdge).Id(follower).Id(followee).Take();
}

std::string EncodeEdge(TimestampNs since) { return RowWriter().Signed(since).Take(); }

absl::StatusOr<TimestampNs> DecodeEdge(std::string_view row) {
  RowReader reader(row);
  const TimestampNs since = reader.Signed();
  RETURN_IF_ERROR(reader.Finish("follow edge"));
  return since;
}

std::string ListPrefix(List list, MemberId member) { return Key(TagOf(list)).Id(member).Take(); }

std::string RelationKey(List list, MemberId member, TimestampNs since, MemberId other) {
  return Key(TagOf(list)).Id(member).TimeDescending(since).IdDescending(other).Take();
}

absl::StatusOr<ListKey> DecodeRelationKey(std::string_view key) {
  KeyReader reader(key);
  reader.Id();
  ListKey row;
  row.order = reader.TimeDescending();
  row.id = reader.IdDescending();
  RETURN_IF_ERROR(reader.Finish("follow list"));
  return row;
}

std::string CountsPrefix() { return Key(kCounts).Take(); }

std::string CountsKey(MemberId member) { return Key(kCounts).Id(member).Take(); }

absl::StatusOr<MemberId> DecodeCountsKey(std::string_view key) {
  KeyReader reader(key);
  const MemberId member = reader.Id();
  RETURN_IF_ERROR(reader.Finish("follow counts key"));
  return member;
}

std::string EncodeCounts(const FollowCounts& counts) {
  return RowWriter().Varint(counts.followers).Varint(counts.followings).Take();
}

absl::StatusOr<FollowCounts> DecodeCounts(std::string_view row) {
  RowReader reader(row);
  FollowCounts counts;
  counts.followers = reader.Varint();
  counts.followings = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("follow counts"));
  return counts;
}

}  // namespace dailyfeed::follows
