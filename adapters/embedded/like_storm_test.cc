// Many threads that like and unlike at once, through the real engine.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "adapters/embedded/dailyfeed.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr int kThreads = 100;

class LikeStormTest : public testing::Test {
 protected:
  LikeStormTest() {
    const std::filesystem::path directory =
        std::filesystem::path(testing::TempDir()) /
        testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    options_.data_directory = (directory / "feed").string();
    options_.identity.argon2_operations = 1;
    options_.identity.argon2_memory_bytes = 8192;
    Reopen();
    author_ = SignUp("author");
    post_ = feed_->Execute(author_, PublishPost{.content = "hot"}).value().subject_id;
    other_ = feed_->Execute(author_, PublishPost{.content = "newer"}).value().subject_id;
  }

  void Reopen() {
    feed_ = nullptr;
    feed_ = Dailyfeed::Open(options_).value();
  }
  MemberId SignUp(const std::string& name) {
    return feed_
        ->SignUp({.email = name + "@example.com",
                  .password = "Secret1!x",
                  .member_name = "Member",
                  .handle = name})
        .value();
  }
  // Runs `work` with 0..99 at the same time.
  static void AtOnce(const std::function<void(int)>& work) {
    std::latch start(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        work(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  absl::Status Like(MemberId member) {
    return feed_->Execute(member, LikePost{.post_id = post_}).status();
  }
  absl::Status Unlike(MemberId member) {
    return feed_->Execute(member, UnlikePost{.post_id = post_}).status();
  }
  // What every list says about the likes of the post.
  void ExpectLikes(uint64_t likes) {
    const Queries& queries = feed_->queries();
    EXPECT_EQ(queries.Post(author_, post_).value().counts.likes, likes);
    EXPECT_EQ(queries.CountsOf(post_).value().likes, likes);
    for (const RankingWindow window : {RankingWindow::kAllTime, RankingWindow::kToday}) {
      const Slice<PostView> popular = queries.MostPopular(author_, window, {}).value();
      ASSERT_EQ(popular.rows.size(), 2u);
      EXPECT_EQ(popular.rows[0].body->id, likes > 0 ? post_ : other_);
      EXPECT_EQ(popular.rows[likes > 0 ? 0 : 1].counts.likes, likes);
    }
  }

  Options options_;
  std::unique_ptr<Dailyfeed> feed_;
  MemberId author_ = 0;
  PostId post_ = 0;
  PostId other_ = 0;
};

TEST_F(LikeStormTest, AHundredThreadsOfOneMemberLikeOnce) {
  std::atomic<int> liked = 0, refused = 0;
  AtOnce([&](int) {
    const absl::Status status = Like(author_);
    if (status.ok()) ++liked;
    if (ErrorCodeOf(status) == ErrorCode::kPostLikeAlreadyExists) ++refused;
  });
  EXPECT_EQ(liked, 1);
  EXPECT_EQ(refused, kThreads - 1);
  ExpectLikes(1);
  Reopen();
  ExpectLikes(1);
}

TEST_F(LikeStormTest, AHundredMembersAreAHundredLikes) {
  std::vector<MemberId> members;
  for (int i = 0; i < kThreads; ++i) members.push_back(SignUp(fmt::format("member{}", i)));
  std::atomic<int> liked = 0;
  AtOnce([&](int i) { liked += Like(members[i]).ok(); });
  EXPECT_EQ(liked, kThreads);
  ExpectLikes(kThreads);
  Reopen();
  ExpectLikes(kThreads);
  AtOnce([&](int i) { liked -= Unlike(members[i]).ok(); });
  EXPECT_EQ(liked, 0);
  ExpectLikes(0);
}

// Members who like and unlike as fast as they can, some against themselves:
// what succeeded decides how many likes are left.
TEST_F(LikeStormTest, LikeAndUnlikeStorms) {
  constexpr int kMembers = 20;
  constexpr int kRounds = 20;
  std::vector<MemberId> members;
  for (int i = 0; i < kMembers; ++i) members.push_back(SignUp(fmt::format("member{}", i)));
  std::vector<std::atomic<int>> likes(kMembers);
  std::atomic<bool> failed = false;
  AtOnce([&](int thread) {
    const int who = thread % kMembers;
    for (int round = 0; round < kRounds; ++round) {
      const bool like = (thread / kMembers + round) % 2 == 0;
      const absl::Status status = like ? Like(members[who]) : Unlike(members[who]);
      if (status.ok()) {
        likes[who] += like ? 1 : -1;
      } else if (ErrorCodeOf(status) != (like ? ErrorCode::kPostLikeAlreadyExists
                                              : ErrorCode::kPostLikeCancelAlreadyCommitted)) {
        failed = true;
      }
      // Readers between the writes; whatever they see is a whole page.
      if (round % 5 == 0 &&
          feed_->queries().MostPopular(author_, RankingWindow::kAllTime, {}).value().rows.size() !=
              2) {
        failed = true;
      }
    }
  });
  EXPECT_FALSE(failed);
  uint64_t left = 0;
  for (int who = 0; who < kMembers; ++who) {
    ASSERT_TRUE(likes[who] == 0 || likes[who] == 1) << likes[who];
    left += likes[who];
    EXPECT_EQ(feed_->queries().Post(members[who], post_).value().liked, likes[who] == 1);
  }
  ExpectLikes(left);
  Reopen();
  ExpectLikes(left);
}

}  // namespace
}  // namespace dailyfeed
