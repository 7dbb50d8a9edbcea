// kill -9 while pictures are uploaded: none that the log names is without its
// files, and what the crash left behind is found and removed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "adapters/embedded/dailyfeed.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

class PictureCrashTest : public testing::Test {
 protected:
  PictureCrashTest()
      : directory_((fs::path(testing::TempDir()) /
                    testing::UnitTest::GetInstance()->current_test_info()->name())
                       .string()) {
    fs::remove_all(directory_);
  }

  // Starts the uploader, kills it after `answers` lines, and returns every id it
  // could still say.
  std::set<std::string> UploadAndKill(const char* mode, int answers) {
    int pipe_ends[2];
    EXPECT_EQ(::pipe(pipe_ends), 0);
    const std::string program = std::string(std::getenv("TEST_SRCDIR")) +
                                "/dailyfeed/adapters/embedded/testing/picture_uploader";
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(pipe_ends[1], STDOUT_FILENO);
      ::close(pipe_ends[0]);
      ::close(pipe_ends[1]);
      ::execl(program.c_str(), program.c_str(), directory_.c_str(), mode, nullptr);
      ::_exit(127);
    }
    ::close(pipe_ends[1]);
    std::set<std::string> ids;
    FILE* const lines = ::fdopen(pipe_ends[0], "r");
    char line[64];
    for (int i = 0; std::fgets(line, sizeof(line), lines) != nullptr; ++i) {
      const std::string text(line);
      if (text.size() == 33) ids.insert(absl::HexStringToBytes(text.substr(0, 32)));
      if (i + 1 == answers) ::kill(child, SIGKILL);
    }
    std::fclose(lines);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
    return ids;
  }

  std::unique_ptr<Dailyfeed> Open() {
    Options options;
    options.data_directory = directory_;
    auto feed = Dailyfeed::Open(options);
    EXPECT_TRUE(feed.ok()) << feed.status();
    return *std::move(feed);
  }

  const std::string directory_;
};

TEST_F(PictureCrashTest, EveryPictureOfTheLogHasItsFiles) {
  std::set<std::string> acknowledged;
  for (const int answers : {1, 7, 20}) {
    const std::set<std::string> ids = UploadAndKill("add", answers);
    EXPECT_GE(ids.size(), static_cast<size_t>(answers));
    acknowledged.insert(ids.begin(), ids.end());
    const std::unique_ptr<Dailyfeed> feed = Open();
    for (const std::string& id : acknowledged) {
      EXPECT_TRUE(feed->ReadPicture(id, false).ok());
      EXPECT_TRUE(feed->ReadPicture(id, true).ok());
    }
    std::set<std::string> hashes;
    ASSERT_TRUE(feed->queries()
                    .VisitPictureHashes([&](std::string_view hash) {
                      hashes.emplace(hash);
                      return true;
                    })
                    .ok());
    EXPECT_GE(hashes.size(), 2 * acknowledged.size());
    ASSERT_TRUE(feed->SweepPictures({.grace = absl::ZeroDuration()}).ok());
    const auto swept = feed->SweepPictures({.grace = absl::ZeroDuration()});
    ASSERT_TRUE(swept.ok()) << swept.status();
    EXPECT_EQ(swept->files, hashes.size()) << "what is left is what the log names";
  }
}

TEST_F(PictureCrashTest, FilesWithoutACommandAreOrphansThatASweepTakes) {
  const std::set<std::string> ids = UploadAndKill("prepare", 1);
  ASSERT_EQ(ids.size(), 1u);
  const std::unique_ptr<Dailyfeed> feed = Open();
  EXPECT_EQ(feed->ReadPicture(*ids.begin(), false).status().code(), absl::StatusCode::kNotFound);
  // Within the grace: somebody else's upload could be on its way.
  absl::StatusOr<PictureSweep> sweep = feed->SweepPictures({});
  ASSERT_TRUE(sweep.ok()) << sweep.status();
  EXPECT_EQ(sweep->young, 2u);
  sweep = feed->SweepPictures({.grace = absl::ZeroDuration()});
  ASSERT_TRUE(sweep.ok()) << sweep.status();
  EXPECT_EQ(sweep->orphans, 2u);
  EXPECT_EQ(feed->SweepPictures({})->files, 0u);
}

}  // namespace
}  // namespace dailyfeed
