// Little room on the disk: uploads are refused first, then commands, and all of
// them are accepted again when there is room, without a restart.
#include "adapters/embedded/disk_reserve.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "adapters/embedded/dailyfeed.h"
#include "adapters/images/test_pictures.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kReserve = 1000;

void ExpectFull(const absl::Status& status) {
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kServiceUnavailable) << status;
}

TEST(DiskReserveTest, UploadsThenCommandsAreRefused) {
  const struct {
    uint64_t free;
    uint64_t pictures_free;
    bool upload;
    bool command;
  } kCases[] = {
      {2000, 2000, true, true},  {1999, 2000, false, true}, {2000, 1999, false, true},
      {1000, 2000, false, true}, {999, 2000, false, false}, {2000, 0, false, true},
      {0, 0, false, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(fmt::format("{} and {} bytes free", c.free, c.pictures_free));
    DiskReserve reserve({.reserve_bytes = kReserve,
                         .free_bytes =
                             [&c](const std::string& directory) {
                               return directory == "feed" ? c.free : c.pictures_free;
                             }},
                        "feed", "pictures");
    EXPECT_EQ(reserve.free_bytes(), c.free);
    EXPECT_EQ(reserve.CheckUpload().ok(), c.upload);
    EXPECT_EQ(reserve.CheckCommand().ok(), c.command);
    if (!c.upload) ExpectFull(reserve.CheckUpload());
    if (!c.command) ExpectFull(reserve.CheckCommand());
  }
}

TEST(DiskReserveTest, WithoutAReserveNothingIsRefused) {
  DiskReserve reserve({.reserve_bytes = 0, .free_bytes = [](const std::string&) { return 0; }},
                      "feed", "pictures");
  EXPECT_TRUE(reserve.CheckUpload().ok());
  EXPECT_TRUE(reserve.CheckCommand().ok());
}

TEST(DiskReserveTest, AQuestionThatFailsChangesNothing) {
  absl::StatusOr<uint64_t> answer = 5000;
  DiskReserve reserve(
      {.reserve_bytes = kReserve, .free_bytes = [&answer](const std::string&) { return answer; }},
      "feed", "pictures");
  answer = absl::UnavailableError("broken");
  reserve.Look();
  EXPECT_TRUE(reserve.CheckUpload().ok());
  EXPECT_EQ(reserve.free_bytes(), 5000u);
}

TEST(DiskReserveTest, TheSystemIsAsked) {
  const DiskReserve reserve({}, ::testing::TempDir(), ::testing::TempDir());
  EXPECT_EQ(reserve.free_bytes() / (64u << 20),
            fs::space(::testing::TempDir()).available / (64u << 20));
}

class FullDiskTest : public ::testing::Test {
 protected:
  FullDiskTest()
      : base_(fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(base_);
    fs::create_directories(base_);
    options_.data_directory = (base_ / "feed").string();
    options_.identity.argon2_operations = 1;
    options_.identity.argon2_memory_bytes = 8192;
    options_.maintenance_interval = absl::Milliseconds(2);
    options_.disk.check_interval = absl::Milliseconds(1);
  }

  void Open() {
    auto feed = Dailyfeed::Open(options_);
    ASSERT_TRUE(feed.ok()) << feed.status();
    feed_ = *std::move(feed);
  }
  static Registration Form(const std::string& handle) {
    return {.email = handle + "@example.com",
            .password = "Secret1!x",
            .member_name = "Name",
            .handle = handle,
            .gender = "OTHER",
            .country_code = "KR"};
  }
  absl::Status Publish(MemberId member) {
    return feed_->Execute(member, PublishPost{.title = "t", .content = "c"}).status();
  }
  absl::Status Submit(MemberId member, Command command) {
    std::promise<absl::Status> answer;
    feed_->Submit({.command = std::move(command), .actor = member},
                  [&answer](const absl::StatusOr<CommandResult>& result) {
                    answer.set_value(result.status());
                  });
    return answer.get_future().get();
  }
  void AwaitDiskStatus(bool ok) {
    while (feed_->DiskStatus().ok() != ok) std::this_thread::yield();
  }

  const fs::path base_;
  Options options_;
  std::unique_ptr<Dailyfeed> feed_;
};

TEST_F(FullDiskTest, EveryCommandIsRefusedAndReadsAndLoginsGoOn) {
  std::atomic<uint64_t> free = 10 * kReserve;
  options_.disk.reserve_bytes = kReserve;
  options_.disk.free_bytes = [&free](const std::string&) { return free.load(); };
  Open();
  const MemberId kim = feed_->SignUp(Form("kim")).value_or(0);
  ASSERT_NE(kim, 0u);
  const absl::StatusOr<CommandResult> post =
      feed_->Execute(kim, PublishPost{.title = "t", .content = "c"});
  ASSERT_TRUE(post.ok());
  const MemberId lee = feed_->SignUp(Form("lee")).value_or(0);
  auto prepared = feed_->PrepareSignUp(Form("late"));
  ASSERT_TRUE(prepared.ok());

  free = kReserve - 1;
  AwaitDiskStatus(false);
  const Position head = feed_->log().Head();
  ExpectFull(Publish(kim));
  ExpectFull(Submit(kim, LikePost{.post_id = post->subject_id}));
  ExpectFull(feed_->Execute(kim, WithdrawMember{}).status());
  ExpectFull(feed_->SignUp(Form("new")).status());
  ExpectFull(Submit(0, *std::move(prepared)));
  ExpectFull(feed_->PreparePicture(EncodePng(Noise(30, 20, 1))).status());
  EXPECT_EQ(feed_->log().Head(), head);
  EXPECT_TRUE(feed_->ReadPost(lee, post->subject_id).ok());
  EXPECT_TRUE(feed_->LogIn("kim@example.com", "Secret1!x", "agent", "::1").ok());
  // The key of the sign-up that was refused is destroyed, like that of any other.
  while (feed_->stats().orphans_destroyed == 0) std::this_thread::yield();

  free = 10 * kReserve;
  AwaitDiskStatus(true);
  EXPECT_TRUE(Publish(kim).ok());
  EXPECT_TRUE(feed_->PreparePicture(EncodePng(Noise(30, 20, 1))).ok());
  EXPECT_TRUE(feed_->Execute(kim, WithdrawMember{}).ok());
}

// A real file system that is nearly full.
TEST_F(FullDiskTest, WritesResumeWhenThereIsRoomAgain) {
  const std::string mounted = (base_ / "mounted").string();
  fs::create_directory(mounted);
  if (::mount("tmpfs", mounted.c_str(), "tmpfs", 0, "size=96m") != 0) {
    GTEST_SKIP() << "a file system may not be mounted here";
  }
  options_.data_directory = mounted + "/feed";
  options_.disk.reserve_bytes = 16u << 20;
  Open();
  const MemberId kim = feed_->SignUp(Form("kim")).value_or(0);
  EXPECT_TRUE(Publish(kim).ok());
  {
    std::ofstream ballast(mounted + "/ballast");
    const std::string block(1u << 20, 'x');
    while (fs::space(mounted).available > (8u << 20) && (ballast << block << std::flush)) {
    }
  }
  AwaitDiskStatus(false);
  ExpectFull(Publish(kim));
  EXPECT_TRUE(feed_->log().WriteStatus().ok());
  fs::remove(mounted + "/ballast");
  AwaitDiskStatus(true);
  EXPECT_TRUE(Publish(kim).ok());
  feed_ = nullptr;
  EXPECT_EQ(::umount(mounted.c_str()), 0);
}

}  // namespace
}  // namespace dailyfeed
