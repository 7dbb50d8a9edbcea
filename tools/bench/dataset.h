// A community of any size, made by commands through the whole engine: members,
// a follow graph and likes with power-law popularity, posts of real lengths.
// The same seed makes the same community.
//
//   Dataset dataset(feed, {.members = 100'000, .follows = 5'000'000, ...});
//   RETURN_IF_ERROR(dataset.Build(reporter));
//   dataset.AddPosts(9'000'000);
#ifndef DAILYFEED_TOOLS_BENCH_DATASET_H_
#define DAILYFEED_TOOLS_BENCH_DATASET_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/embedded/dailyfeed.h"
#include "tools/bench/bench.h"

namespace dailyfeed::bench {

struct DatasetOptions {
  uint64_t members = 1000;
  uint64_t follows = 20'000;  // at most; duplicates are not drawn again for ever
  uint64_t posts = 10'000;
  uint64_t likes = 50'000;
  uint64_t seed = 1;
};

// The feed of a directory, with default settings.
absl::StatusOr<std::unique_ptr<Dailyfeed>> OpenFeed(const std::string& directory);

// The community whose first pages are measured, in-process and over HTTP.
DatasetOptions FeedDataset(const BenchOptions& options);

class Dataset {
 public:
  // `feed` is not owned and must be empty.
  Dataset(Dailyfeed* feed, const DatasetOptions& options);

  absl::Status Build(BenchReporter& reporter);
  // Instead of Build: members 1..count exist already.
  void UseMembers(uint64_t count);
  absl::Status AddPosts(uint64_t count, BenchReporter& reporter);
  // Only DatasetOptions::members.
  absl::Status AddMembers(BenchReporter& reporter);

  const std::vector<MemberId>& members() const { return members_; }
  const std::vector<PostId>& posts() const { return posts_; }

 private:
  absl::Status AddFollows(BenchReporter& reporter);
  absl::Status AddLikes(BenchReporter& reporter);
  std::string Text();

  Dailyfeed* const feed_;
  const DatasetOptions options_;
  std::mt19937_64 random_;
  std::string vocabulary_;         // Korean and English prose to cut posts from
  std::vector<MemberId> members_;  // the most popular first
  std::vector<PostId> posts_;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_DATASET_H_
