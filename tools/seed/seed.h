// Puts the sample community into an empty feed, by commands: sign-ups, follows,
// posts, comments and likes of the last two weeks, in the order they happened.
//
//   RETURN_IF_ERROR(SeedSampleData(*feed, {}, nullptr));
#ifndef DAILYFEED_TOOLS_SEED_SEED_H_
#define DAILYFEED_TOOLS_SEED_SEED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/embedded/dailyfeed.h"

namespace dailyfeed::seed {

// The password of every sample member.
inline constexpr char kSamplePassword[] = "Sample1!feed";

struct SeedOptions {
  uint64_t seed = 20251015;  // the same seed and time make the same community
  TimestampNs now = 0;       // 0: the time of the machine
  size_t posts = 430;
};

struct SeedResult {
  size_t members = 0, posts = 0, comments = 0, actions = 0;
  Position head = 0;
};

// Blocks until everything is acknowledged. FAILED_PRECONDITION when the feed
// has events already. `progress` (may be empty) gets 0..100.
absl::StatusOr<SeedResult> SeedSampleData(Dailyfeed& feed, const SeedOptions& options,
                                          absl::AnyInvocable<void(int)> progress);

// Writes who can log in: [{"email", "password", "name", "handle"}, ...], the
// most followed first. What the start page and tools/run show.
absl::Status WriteSampleLogins(const std::string& path);

}  // namespace dailyfeed::seed

#endif  // DAILYFEED_TOOLS_SEED_SEED_H_
