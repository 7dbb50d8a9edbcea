#include "adapters/embedded/data_directory.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

class DataDirectoryTest : public testing::Test {
 protected:
  DataDirectoryTest()
      : base_(fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(base_);
    fs::create_directories(base_);
  }
  std::string Path(const std::string& name) const { return (base_ / name).string(); }

  fs::path base_;
};

TEST_F(DataDirectoryTest, MakesEverythingForTheOwnerOnly) {
  const auto directory = DataDirectory::Open(Path("feed"));
  ASSERT_TRUE(directory.ok()) << directory.status();
  for (const char* part : {"feed", "feed/log", "feed/views", "feed/secrets"}) {
    struct stat info;
    ASSERT_EQ(::stat(Path(part).c_str(), &info), 0) << part;
    EXPECT_TRUE(S_ISDIR(info.st_mode));
    EXPECT_EQ(info.st_mode & 0777, 0700u) << part;
  }
}

TEST_F(DataDirectoryTest, PathsInEverySpelling) {
  const fs::path before = fs::current_path();
  fs::current_path(base_);
  for (const char* path : {"plain", "./dotted", "slash/", "plain/../other", "plain/./"}) {
    const auto directory = DataDirectory::Open(path);
    EXPECT_TRUE(directory.ok()) << directory.status();
  }
  fs::current_path(before);
}

TEST_F(DataDirectoryTest, OneHolderAtATime) {
  auto first = DataDirectory::Open(Path("feed"));
  ASSERT_TRUE(first.ok());
  const absl::Status second = DataDirectory::Open(Path("feed")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
  EXPECT_NE(second.message().find("in use by another process"), absl::string_view::npos) << second;
  EXPECT_NE(second.message().find(std::to_string(::getpid())), absl::string_view::npos) << second;
  first->reset();
  EXPECT_TRUE(DataDirectory::Open(Path("feed")).ok());
}

TEST_F(DataDirectoryTest, AnotherProcessIsRefused) {
  const auto first = DataDirectory::Open(Path("feed"));
  ASSERT_TRUE(first.ok());
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(absl::IsFailedPrecondition(DataDirectory::Open(Path("feed")).status()) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(DataDirectoryTest, ErrorsSayWhatIsWrong) {
  std::ofstream(Path("file")) << "x";
  const struct {
    std::string path;
    absl::StatusCode code;
    const char* says;
  } kCases[] = {
      {"", absl::StatusCode::kInvalidArgument, "data_directory is empty"},
      {Path("no/such"), absl::StatusCode::kNotFound, "parent does not exist"},
      {Path("file"), absl::StatusCode::kInvalidArgument, "is not a directory"},
      {Path("file/x"), absl::StatusCode::kInvalidArgument, "Not a directory"},
  };
  for (const auto& c : kCases) {
    const absl::Status status = DataDirectory::Open(c.path).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_NE(status.message().find(c.says), absl::string_view::npos) << status;
    EXPECT_NE(status.message().find(c.path), absl::string_view::npos) << status;
  }
}

// In a child without capabilities, so that root too is asked for permission.
TEST_F(DataDirectoryTest, NotWritable) {
  fs::create_directory(Path("feed"));
  fs::permissions(Path("feed"), fs::perms::owner_read | fs::perms::owner_exec);
  const pid_t child = ::fork();
  if (child == 0) {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capset, &header, none) != 0) ::_exit(2);
    ::_exit(absl::IsPermissionDenied(DataDirectory::Open(Path("feed")).status()) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(fs::is_empty(Path("feed")));
  fs::permissions(Path("feed"), fs::perms::owner_all);
  EXPECT_TRUE(DataDirectory::Open(Path("feed")).ok());
}

TEST_F(DataDirectoryTest, ALostLogIsNotTakenForANewOne) {
  ASSERT_TRUE(DataDirectory::Open(Path("feed")).ok());
  fs::remove_all(Path("feed/log"));
  const absl::Status status = DataDirectory::Open(Path("feed")).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  fs::remove_all(Path("feed/secrets"));
  EXPECT_TRUE(DataDirectory::Open(Path("feed")).ok());
}

TEST_F(DataDirectoryTest, ADirectoryOfSomebodyElseIsNotFilled) {
  fs::create_directory(Path("home"));
  std::ofstream(Path("home/letter.txt")) << "x";
  const absl::Status status = DataDirectory::Open(Path("home")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_NE(status.message().find("letter.txt"), absl::string_view::npos) << status;
  EXPECT_EQ(std::distance(fs::directory_iterator(Path("home")), {}), 1);

  // What a file system has in its root is nobody's; our own entries decide.
  fs::create_directories(Path("mounted/lost+found"));
  EXPECT_TRUE(DataDirectory::Open(Path("mounted")).ok());
  for (const char* own : {"log", "views", "pictures"}) {
    fs::remove_all(Path("own"));
    fs::create_directories(Path("own") + "/" + own);
    std::ofstream(Path("own/sample-logins.json")) << "[]";
    const auto directory = DataDirectory::Open(Path("own"));
    EXPECT_TRUE(directory.ok()) << own << ": " << directory.status();
  }
}

TEST_F(DataDirectoryTest, SecretsThatOthersMayReadAreRefused) {
  ASSERT_TRUE(DataDirectory::Open(Path("feed")).ok());
  for (const int mode : {0750, 0701, 0704, 0755, 0777}) {
    ASSERT_EQ(::chmod(Path("feed/secrets").c_str(), static_cast<mode_t>(mode)), 0);
    const absl::Status status = DataDirectory::Open(Path("feed")).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_NE(status.message().find("chmod -R go-rwx " + Path("feed/secrets")),
              absl::string_view::npos)
        << status;
  }
  ASSERT_EQ(::chmod(Path("feed/secrets").c_str(), 0700), 0);
  EXPECT_TRUE(DataDirectory::Open(Path("feed")).ok());
}

TEST_F(DataDirectoryTest, SecretsOfAnotherUserAreRefused) {
  ASSERT_TRUE(DataDirectory::Open(Path("feed")).ok());
  if (::chown(Path("feed/secrets").c_str(), 12345, static_cast<gid_t>(-1)) != 0) {
    GTEST_SKIP() << "only root can give files away";
  }
  const absl::Status status = DataDirectory::Open(Path("feed")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_NE(status.message().find("belongs to user 12345"), absl::string_view::npos) << status;
}

TEST_F(DataDirectoryTest, ARestoreIsRefusedUntilItHasEnded) {
  {
    auto restoring = RestoringDirectory::Begin(Path("feed"));
    ASSERT_TRUE(restoring.ok()) << restoring.status();
    fs::create_directory(Path("feed/log"));
    EXPECT_TRUE(absl::IsFailedPrecondition(DataDirectory::Open(Path("feed")).status()));
  }
  // The process that restored has died.
  const absl::Status status = DataDirectory::Open(Path("feed")).status();
  EXPECT_NE(status.message().find("was interrupted"), absl::string_view::npos) << status;
  auto again = RestoringDirectory::Begin(Path("feed"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(fs::exists(Path("feed/log")));
  ASSERT_TRUE((*again)->End().ok());
  *again = nullptr;
  EXPECT_TRUE(DataDirectory::Open(Path("feed")).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(RestoringDirectory::Begin(Path("feed")).status()));
}

TEST_F(DataDirectoryTest, LostViewsAreMadeAgain) {
  ASSERT_TRUE(DataDirectory::Open(Path("feed")).ok());
  fs::remove_all(Path("feed/views"));
  EXPECT_TRUE(DataDirectory::Open(Path("feed")).ok());
  EXPECT_TRUE(fs::is_directory(Path("feed/views")));
}

}  // namespace
}  // namespace dailyfeed
