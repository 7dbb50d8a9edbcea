// The most that makes sense, by kind of option: shared by what checks the
// options of a host and by the settings of `dailyfeed serve`. A typing error
// that asks for a thousand times the machine is found before anything is
// opened; within the bounds it is the machine that decides.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_OPTION_BOUNDS_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_OPTION_BOUNDS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace dailyfeed::bounds {

inline constexpr uint64_t kThreadsMax = 256;
// What waits, or is done in one go: every one takes memory of its own.
inline constexpr uint64_t kWaitingMax = 1'000'000;
inline constexpr uint64_t kBuildRateMax = 10'000'000;
inline constexpr uint64_t kEventsWaitingMax = 100'000'000;
inline constexpr uint64_t kDeepPagesMax = 1000;
inline constexpr uint64_t kRowsMax = 1'000'000'000;  // small rows kept in memory
inline constexpr uint64_t kBatchesMax = 10'000;
inline constexpr uint64_t kBatchBytesMax = uint64_t{1} << 30;
inline constexpr uint64_t kCacheBytesMax = uint64_t{1} << 40;
inline constexpr uint64_t kMemtableBytesMax = uint64_t{16} << 30;
inline constexpr uint64_t kWalBytesMax = uint64_t{64} << 30;
inline constexpr uint64_t kWalAheadBytesMax = 64u << 20;  // zeros made in memory
inline constexpr uint64_t kTextMax = 1u << 20;  // an event of one text stays far below a batch
inline constexpr uint64_t kDepthMax = 64;       // every comment event carries its ancestors
inline constexpr uint64_t kFollowingsMax = 1'000'000;  // merged when a feed is read
inline constexpr uint64_t kWeightMax = 1'000'000;      // times a count it stays a number
inline constexpr uint64_t kFollowersMax = 1'000'000'000;
inline constexpr uint64_t kHomeFeedRowsMax = 10'000;
inline constexpr uint64_t kRankingRowsMax = 1'000'000;
inline constexpr uint64_t kLooseDocumentsMax = 65'536;  // as many as a segment has
inline constexpr uint64_t kQueryWorkMax = 1'000'000'000'000;
inline constexpr uint64_t kPictureBytesMax = uint64_t{1} << 30;
inline constexpr uint64_t kPixelsMax = 1'000'000'000;     // 8 GB while it is decoded
inline constexpr uint64_t kSideMax = 4096;                // of what is stored
inline constexpr uint64_t kPictureSideMax = 1'000'000;    // of what is uploaded
inline constexpr uint64_t kPictureMemoryMin = 64u << 20;  // libvips alone takes 30 MB
inline constexpr absl::Duration kDurationMax = absl::Hours(24 * 366 * 10);

}  // namespace dailyfeed::bounds

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_OPTION_BOUNDS_H_
