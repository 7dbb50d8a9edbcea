// The rows of the timelines projection; live posts only.
//
//   'a' author created-desc post-desc  -> (empty): the posts of an author
//   'p' post                           -> varint author, zigzag created
//   'n' created-desc post-desc         -> (empty): all posts
//   'd' level span-desc                -> varint: how many posts were created in
//                                         the span, which is 64^level seconds
//
// The counts make an order statistic of the list of all posts: how many there
// are between two seconds, and which one is the millionth, is a sum of a few
// hundred rows at most. A count of 0 has no row.
#ifndef DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_ROWS_H_
#define DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_ROWS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/codec/list_key.h"

namespace dailyfeed::timelines {

std::string AuthorPrefix(MemberId author);
std::string AuthorKey(MemberId author, TimestampNs created_at, PostId post);
// The creation time and the post of an author key.
absl::StatusOr<ListKey> DecodeAuthorKey(std::string_view key);

std::string NewestPrefix();
std::string NewestKey(TimestampNs created_at, PostId post);
// In front of every post created at this time, behind every later one.
std::string NewestFrom(TimestampNs created_at);
absl::StatusOr<ListKey> DecodeNewestKey(std::string_view key);

inline constexpr int kLevels = 6;  // 64^6 seconds are more than all of TimestampNs
inline constexpr int64_t kFanout = 64;
// The whole seconds of a time, down.
int64_t SecondOf(TimestampNs time);
// The span of a level that a second lies in.
int64_t SpanOf(int level, int64_t second);
int64_t SpanSeconds(int level);
std::string CountPrefix(int level);
std::string CountKey(int level, int64_t span);
struct SpanCount {
  int level = 0;
  int64_t span = 0;
};
absl::StatusOr<SpanCount> DecodeCountKey(std::string_view key);
std::string EncodeCount(uint64_t count);
absl::StatusOr<uint64_t> DecodeCount(std::string_view row);

struct Placed {
  MemberId author = 0;
  TimestampNs created_at = 0;
};
std::string PostKey(PostId post);
std::string EncodePlaced(const Placed& placed);
absl::StatusOr<Placed> DecodePlaced(std::string_view row);

}  // namespace dailyfeed::timelines

#endif  // DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_ROWS_H_
