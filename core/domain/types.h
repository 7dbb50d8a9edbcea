// The small types every layer of dailyfeed shares.
#ifndef DAILYFEED_CORE_DOMAIN_TYPES_H_
#define DAILYFEED_CORE_DOMAIN_TYPES_H_

#include <cstdint>

namespace dailyfeed {

// Ids are positive and at most 2^53-1, so that a JavaScript client can hold
// them exactly. 0 means "none".
using MemberId = uint64_t;
using PostId = uint64_t;
using CommentId = uint64_t;
using PictureNumber = uint64_t;  // pictures are also known by a UUID
inline constexpr uint64_t kMaxId = (uint64_t{1} << 53) - 1;

// The place of an event in the one global order: from 1, no holes, never
// reused. 0 is "before the first event".
using Position = uint64_t;

// The place of an event in its stream, from 1. 0 is "the stream is empty".
using StreamVersion = uint64_t;

// Nanoseconds since 1970-01-01T00:00:00Z.
using TimestampNs = int64_t;

// A calendar day of the configured zone as the number yyyyMMdd: 20261121.
using Day = int32_t;

// The seconds since the epoch (UTC) from `begin` (included) to `end` (not
// included).
struct TimeSpan {
  int64_t begin = 0;
  int64_t end = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_TYPES_H_
