#include "tools/search_quality/run.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

namespace dailyfeed::search_quality {
namespace {

// The goals of the search, over the stored judgements. Those that compare with
// a peer are asked for the peers that this machine has; the scan is always one.
TEST(CompareSearchTest, TheGoalsAreMet) {
  std::string directory = testing::TempDir() + "/compareXXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  std::vector<std::string> notes;
  const auto figures =
      CompareSearch(directory, [&](const std::string& note) { notes.push_back(note); });
  ASSERT_TRUE(figures.ok()) << figures.status();
  const std::vector<Goal> goals = GoalsOf(*figures);
  EXPECT_EQ(goals.size(), 4u);
  for (const Goal& goal : goals) {
    EXPECT_TRUE(goal.met()) << goal.what << ": " << goal.value << ", needed " << goal.needed;
  }
  for (const std::string& note : notes) GTEST_LOG_(INFO) << "left out: " << note;
}

TEST(CompareSearchTest, ADirectoryThatIsNotThere) {
  const auto figures = CompareSearch(testing::TempDir() + "/no/such", [](const std::string&) {});
  EXPECT_EQ(figures.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace dailyfeed::search_quality
