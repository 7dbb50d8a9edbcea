// Random histories of commands through the whole library, on real files, beside
// a naive model: every list, count and flag is equal after each step, after the
// process was killed and started again, and after the read models were folded
// anew from the first event. A command that comes twice is refused.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/embedded/dailyfeed.h"
#include "adapters/embedded/testing/history_commands.h"
#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/testing/feed_model.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

using testing::HistoryProfile;
using testing::RandomHistory;

class Library {
 public:
  explicit Library(const fs::path& base) : base_(base) {
    fs::remove_all(base_);
    fs::create_directories(base_);
    options_.time_zone = "UTC";
    options_.engine.clock = &clock_;
    options_.identity.argon2_operations = 1;
    options_.identity.argon2_memory_bytes = 8192;
    options_.maintenance_interval = absl::Milliseconds(2);
    // Small enough that windows overflow and entries are dropped.
    options_.caches.home_feed_rows_max = 8;
    options_.caches.home_feed_followers_max = 3;
    options_.caches.ranking_rows_max = 16;
    Open();
  }

  Dailyfeed& feed() { return *feed_; }
  const Queries& queries() { return feed_->queries(); }

  // As after kill -9: a new process finds what the old one had written, and
  // nothing that it had in memory.
  void Kill() {
    const std::string before = options_.data_directory;
    const std::string after = (base_ / fmt::format("feed{}", ++number_)).string();
    // RocksDB may remove a file that nobody needs any more meanwhile.
    std::error_code error;
    for (int tries = 0; tries < 100; ++tries) {
      fs::remove_all(after);
      fs::copy(before, after, fs::copy_options::recursive, error);
      if (!error) break;
    }
    ASSERT_FALSE(error) << error.message();
    feed_ = nullptr;
    fs::remove_all(before);
    Open();
  }

  // Every read model from the first event.
  void Replay() {
    feed_ = nullptr;
    fs::remove_all(fs::path(options_.data_directory) / "views");
    Open();
  }

 private:
  void Open() {
    options_.data_directory = (base_ / fmt::format("feed{}", number_)).string();
    absl::StatusOr<std::unique_ptr<Dailyfeed>> opened = Dailyfeed::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    feed_ = *std::move(opened);
  }

  const fs::path base_;
  StandingClock clock_;
  Options options_;
  int number_ = 0;
  std::unique_ptr<Dailyfeed> feed_;
};

void Play(const v1::Event& event, FeedModel* model, Dailyfeed& feed) {
  SCOPED_TRACE(event.payload().ShortDebugString());
  Request request = RequestFor(feed, event.payload());
  ASSERT_TRUE(request.command.ok()) << request.command.status();
  const auto result = Send(feed, event, *request.command);
  ASSERT_TRUE(result.ok()) << result.status();
  if (request.subject != 0) {
    ASSERT_EQ(result->subject_id, request.subject);
  }
  if (event.payload().has_member_withdrawn()) {
    Release(event.actor(), model);
    WaitForWithdrawals(feed);
  }
  if (!request.when_again.has_value()) return;
  const Position head = feed.log().Head();
  const auto again = Send(feed, event, *std::move(request.command));
  EXPECT_EQ(ErrorCodeOf(again.status()), request.when_again) << again.status();
  EXPECT_EQ(feed.log().Head(), head);
}

struct Run {
  HistoryProfile profile;
  int steps;
  int compare_every;
  int kill_every;
};

void PlayHistory(const Run& run, uint64_t seed) {
  SCOPED_TRACE(
      fmt::format("history {}; repeat: bazel test //adapters/embedded:engine_model_test --test_env="
                  "DAILYFEED_SEED={}",
                  run.profile.name, seed));
  Library library(fs::path(::testing::TempDir()) / fmt::format("{}{}", run.profile.name, seed));
  FeedModel model;
  model.LeaveOutActivities();
  RandomHistory history(&model, seed, run.profile);
  for (int step = 1; step <= run.steps && !::testing::Test::HasFailure(); ++step) {
    Play(history.Next(), &model, library.feed());
    if (::testing::Test::HasFatalFailure()) return;
    if (model.members().size() < run.profile.members) continue;
    const bool kill = step % run.kill_every == 0;
    if (kill) library.Kill();
    if (kill || step % run.compare_every == 0) CompareAll(model, library.queries());
  }
  CompareAll(model, library.queries());
  library.Replay();
  CompareAll(model, library.queries());
}

std::vector<uint64_t> Seeds(std::vector<uint64_t> usual) {
  const char* seed = std::getenv("DAILYFEED_SEED");
  if (seed != nullptr) return {std::strtoull(seed, nullptr, 10)};
  return usual;
}

#ifdef DAILYFEED_SLOW_TEST
// Posts go nearly as fast as they come, so that lists stay short enough to be
// compared.
constexpr HistoryProfile Long() {
  HistoryProfile profile = kEverything;
  profile.name = "long";
  profile.publish = 10;
  profile.remove_post = 9;
  profile.remove_comment = 8;
  return profile;
}
class LongHistoryTest : public ::testing::TestWithParam<uint64_t> {};
TEST_P(LongHistoryTest, TenThousandSteps) { PlayHistory({Long(), 10'000, 500, 2'500}, GetParam()); }
INSTANTIATE_TEST_SUITE_P(Seeds, LongHistoryTest,
                         ::testing::ValuesIn(Seeds({201, 202, 203, 204, 205, 206, 207,
                                                    208, 209, 210, 211, 212, 213, 214,
                                                    215, 216, 217, 218, 219, 220})));
#endif

TEST(EngineModelTest, EveryStep) {
  for (const uint64_t seed : Seeds({1, 2})) PlayHistory({kEverything, 120, 1, 40}, seed);
}

TEST(EngineModelTest, LongerHistories) {
  for (const uint64_t seed : Seeds({3, 4})) PlayHistory({kEverything, 400, 40, 130}, seed);
}

}  // namespace
}  // namespace dailyfeed
