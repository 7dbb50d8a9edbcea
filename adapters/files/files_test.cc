#include "adapters/files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
 protected:
  FilesTest()
      : path_(fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(path_);
    EXPECT_TRUE(MakeDirectory(path_).ok());
  }
  const std::string path_;
};

TEST_F(FilesTest, WhatIsWrittenIsReadAndBelongsToItsOwnerOnly) {
  const std::string path = path_ + "/file", text(3'000'000, 'x');
  {
    const auto file = OpenFile(path, O_WRONLY | O_CREAT | O_EXCL);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_NE(::fcntl(file->number(), F_GETFD) & FD_CLOEXEC, 0);
    ASSERT_TRUE(WriteAll(*file, text, path).ok());
  }
  EXPECT_EQ(ReadFile(path).value(), text);
  for (const std::string& name : {path_, path}) {
    struct stat info;
    ASSERT_EQ(::stat(name.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0077, 0u) << name;
  }
  EXPECT_TRUE(SyncDirectory(path_).ok());
  EXPECT_EQ(NamesIn(path_).value(), std::vector<std::string>{"file"});
  EXPECT_TRUE(RemoveFile(path).ok());
  EXPECT_TRUE(RemoveFile(path).ok()) << "it is gone already";
  EXPECT_TRUE(NamesIn(path_)->empty());
}

TEST_F(FilesTest, ErrorsNameThePathAndTheirKind) {
  const absl::Status missing = ReadFile(path_ + "/none").status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_NE(missing.message().find(path_ + "/none"), absl::string_view::npos) << missing;
  EXPECT_TRUE(absl::IsNotFound(NamesIn(path_ + "/none").status()));
  EXPECT_TRUE(absl::IsNotFound(SyncDirectory(path_ + "/none")));
  EXPECT_TRUE(absl::IsInvalidArgument(OpenFile(path_ + std::string(300, 'x'), O_RDONLY).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(FileError(ENOSPC, "write", "x")));
  EXPECT_TRUE(absl::IsUnavailable(FileError(EIO, "write", "x")));
  EXPECT_TRUE(absl::IsPermissionDenied(FileError(EROFS, "write", "x")));
}

TEST_F(FilesTest, ALockBelongsToOneDescriptorUntilItIsClosed) {
  auto one = OpenFile(path_, O_RDONLY | O_DIRECTORY), two = OpenFile(path_, O_RDONLY | O_DIRECTORY);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_TRUE(LockFile(*one, path_).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(LockFile(*two, path_)));
  one->Close();
  EXPECT_TRUE(LockFile(*two, path_).ok());
}

TEST_F(FilesTest, ADescriptorIsClosedOnceAndMovesItsOwnership) {
  auto opened = OpenFile(path_, O_RDONLY);
  ASSERT_TRUE(opened.ok());
  const int number = opened->number();
  FileDescriptor moved = *std::move(opened);
  EXPECT_FALSE(opened->is_open());
  FileDescriptor other;
  other = std::move(moved);
  EXPECT_EQ(other.number(), number);
  other.Close();
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace dailyfeed
