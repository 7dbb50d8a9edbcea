#include "adapters/embedded/dailyfeed.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <limits>
#include <numeric>
#include <sstream>
#include <thread>

#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

constexpr char kPassword[] = "Secret1!x";

class DailyfeedTest : public testing::Test {
 protected:
  DailyfeedTest()
      : base_(fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(base_);
    fs::create_directories(base_);
    options_.data_directory = Path("feed");
    options_.identity.argon2_operations = 1;
    options_.identity.argon2_memory_bytes = 8192;
    options_.maintenance_interval = absl::Milliseconds(2);
  }

  std::string Path(const std::string& name) const { return (base_ / name).string(); }

  void Open() {
    feed_ = nullptr;
    absl::StatusOr<std::unique_ptr<Dailyfeed>> opened = Dailyfeed::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    feed_ = *std::move(opened);
  }

  static Registration Person(const std::string& name) {
    return {.email = name + "@example.com",
            .password = kPassword,
            .member_name = "Member " + name,
            .handle = name};
  }
  MemberId SignUp(const std::string& name) {
    const absl::StatusOr<MemberId> id = feed_->SignUp(Person(name));
    EXPECT_TRUE(id.ok()) << id.status();
    return id.value_or(0);
  }
  PostId Publish(MemberId author, const std::string& content) {
    const auto result = feed_->Execute(author, PublishPost{.content = content});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->subject_id : 0;
  }
  // Every file of the directory or one part of it, one after the other.
  std::string AllBytes(const std::string& part) const {
    std::stringstream all;
    for (const auto& entry : fs::recursive_directory_iterator(Path("feed/" + part))) {
      if (!entry.is_regular_file() || entry.file_size() == 0) continue;
      all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    }
    return all.str();
  }

  fs::path base_;
  Options options_;
  std::unique_ptr<Dailyfeed> feed_;
};

TEST_F(DailyfeedTest, TheMainJobAndAReopen) {
  Open();
  const MemberId kim = SignUp("kim");
  const MemberId lee = SignUp("lee");
  ASSERT_TRUE(feed_->Execute(lee, FollowMember{.followee_id = kim}).ok());
  const PostId post = Publish(kim, "안녕");
  ASSERT_TRUE(feed_->Execute(lee, LikePost{.post_id = post}).ok());
  ASSERT_TRUE(feed_->Execute(lee, AddComment{.post_id = post, .content = "hi"}).ok());
  ASSERT_EQ(feed_->ReadPost(lee, post).value().counts.views, 1u);
  const auto check = [&] {
    const Slice<PostView> feed = feed_->queries().FollowFeed(lee, {}).value();
    ASSERT_EQ(feed.rows.size(), 1u);
    const PostView& row = feed.rows.front();
    EXPECT_EQ(row.body->content, "안녕");
    ASSERT_NE(row.author, nullptr);
    EXPECT_EQ(row.author->handle, "kim");
    EXPECT_EQ(row.author->member_name, "Member kim");
    EXPECT_EQ(row.author->avatar_url, "no-image");
    EXPECT_EQ(row.counts.likes, 1u);
    EXPECT_EQ(row.counts.comments, 1u);
    EXPECT_TRUE(row.liked);
    EXPECT_EQ(feed_->CheckPassword("KIM@example.com", kPassword).value(), kim);
  };
  check();
  feed_->Close();
  Open();
  check();
  EXPECT_EQ(feed_->queries().Post(lee, post).value().counts.views, 1u);
}

// What a kill leaves behind: the files as they are while the process runs.
TEST_F(DailyfeedTest, WhatWasAcknowledgedIsInACopyOfTheRunningDirectory) {
  Open();
  const MemberId kim = SignUp("kim");
  std::vector<PostId> posts;
  for (int i = 0; i < 20; ++i) posts.push_back(Publish(kim, fmt::format("post {}", i)));
  fs::copy(options_.data_directory, Path("copy"), fs::copy_options::recursive);
  Options copied = options_;
  copied.data_directory = Path("copy");
  const auto copy = Dailyfeed::Open(copied);
  ASSERT_TRUE(copy.ok()) << copy.status();
  for (size_t i = 0; i < posts.size(); ++i) {
    const auto post = (*copy)->queries().Post(kim, posts[i]);
    ASSERT_TRUE(post.ok()) << post.status();
    EXPECT_EQ(post->body->content, fmt::format("post {}", i));
  }
  EXPECT_EQ((*copy)->CheckPassword("kim@example.com", kPassword).value(), kim);
}

TEST_F(DailyfeedTest, SecondOpenIsRefused) {
  Open();
  const absl::Status second = Dailyfeed::Open(options_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
  EXPECT_NE(second.message().find("in use"), absl::string_view::npos) << second;
  SignUp("kim");
  feed_->Close();
  Open();
}

TEST_F(DailyfeedTest, LostViewsAreRebuiltAndLostSecretsAreAnError) {
  Open();
  const MemberId kim = SignUp("kim");
  const PostId post = Publish(kim, "still here");
  feed_->Close();
  fs::remove_all(Path("feed/views"));
  Open();
  EXPECT_EQ(feed_->queries().Post(kim, post).value().author->member_name, "Member kim");
  feed_->Close();
  fs::remove_all(Path("feed/secrets"));
  const absl::Status status = Dailyfeed::Open(options_).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_NE(status.message().find("secrets"), absl::string_view::npos) << status;
}

TEST_F(DailyfeedTest, OptionsThatMakeNoSenseAreNamed) {
  const struct {
    const char* name;
    void (*change)(Options*);
  } kCases[] = {
      {"data_directory", [](Options* o) { o->data_directory.clear(); }},
      {"engine.queue_capacity", [](Options* o) { o->engine.queue_capacity = 0; }},
      {"engine.batch_commands_max", [](Options* o) { o->engine.batch_commands_max = 0; }},
      {"engine.background_delay",
       [](Options* o) { o->engine.background_delay = -absl::Seconds(1); }},
      {"engine.limits.post_content_max",
       [](Options* o) { o->engine.limits.post_content_max = 1u << 30; }},
      {"runtime.pending_batches_max", [](Options* o) { o->runtime.pending_batches_max = 0; }},
      {"engine.queue_capacity",
       [](Options* o) { o->engine.queue_capacity = std::numeric_limits<size_t>::max(); }},
      {"engine.batch_commands_max",
       [](Options* o) { o->engine.batch_commands_max = 99'999'999'999; }},
      {"caches.post_bytes_max", [](Options* o) { o->caches.post_bytes_max = size_t{1} << 50; }},
      {"log.event_memtable_bytes",
       [](Options* o) { o->log.event_memtable_bytes = size_t{1} << 50; }},
      {"withdrawals_unerased_max", [](Options* o) { o->withdrawals_unerased_max = 0; }},
      {"orphans_waiting_max", [](Options* o) { o->orphans_waiting_max = 0; }},
      {"maintenance_interval",
       [](Options* o) { o->maintenance_interval = absl::InfiniteDuration(); }},
      {"key_rotation", [](Options* o) { o->identity.key_rotation = {}; }},
      {"read_only", [](Options* o) { o->log.read_only = true; }},
  };
  for (const auto& c : kCases) {
    Options options = options_;
    c.change(&options);
    const absl::Status status = Dailyfeed::Open(options).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.name << ": " << status;
    EXPECT_NE(status.message().find(c.name), absl::string_view::npos) << status;
  }
  Options options = options_;
  options.time_zone = "Moon/Copernicus";
  EXPECT_TRUE(absl::IsNotFound(Dailyfeed::Open(options).status()));
}

// ---- Sign-up

TEST_F(DailyfeedTest, SignUpAnswersInTheOrderOfTheContract) {
  Open();
  SignUp("kim");
  Registration bad = Person("kim");
  bad.password = "short";
  bad.member_name = "";
  const absl::Status violations = feed_->SignUp(bad).status();
  EXPECT_EQ(ErrorCodeOf(violations), ErrorCode::kInvalidRequest);
  ASSERT_EQ(ViolationsOf(violations).size(), 2u);
  EXPECT_EQ(ViolationsOf(violations)[0].field, "password");
  EXPECT_EQ(ViolationsOf(violations)[1].field, "memberName");
  EXPECT_EQ(feed_->CheckRegistration(bad).size(), 2u);

  EXPECT_EQ(ErrorCodeOf(feed_->SignUp(Person("kim")).status()), ErrorCode::kMemberAlreadyExists);
  Registration other_case = Person("other");
  other_case.email = "KIM@EXAMPLE.COM";
  EXPECT_EQ(ErrorCodeOf(feed_->SignUp(other_case).status()), ErrorCode::kMemberAlreadyExists);
  Registration same_handle = Person("other");
  same_handle.handle = "KIM";
  EXPECT_EQ(ErrorCodeOf(feed_->SignUp(same_handle).status()),
            ErrorCode::kMemberHandleAlreadyExists);
  EXPECT_EQ(feed_->stats().orphans_waiting + feed_->stats().orphans_destroyed, 0u);
}

TEST_F(DailyfeedTest, ARefusedSignUpLeavesNoKey) {
  Open();
  const MemberId kim = SignUp("kim");
  // Both prepared before either is sent, as in a race.
  const auto second = feed_->PrepareSignUp(Person("kim"));
  ASSERT_TRUE(second.ok()) << second.status();
  const std::string sealed = feed_->identity().Seal(second->subject_id, "x").value();
  std::promise<absl::Status> answered;
  feed_->Submit({.command = *second},
                [&](absl::StatusOr<CommandResult> result) { answered.set_value(result.status()); });
  EXPECT_EQ(ErrorCodeOf(answered.get_future().get()), ErrorCode::kMemberAlreadyExists);
  feed_->Close();
  Open();
  EXPECT_EQ(feed_->identity().Unseal(second->subject_id, sealed).value(), std::nullopt);
  EXPECT_EQ(feed_->queries().Member(kim).value()->member_name, "Member kim");
}

TEST_F(DailyfeedTest, RefusedSignUpsWaitUpToALimit) {
  options_.maintenance_interval = absl::Hours(24);
  options_.orphans_waiting_max = 2;
  Open();
  SignUp("kim");
  for (int i = 0; i < 3; ++i) {
    const auto late = feed_->PrepareSignUp(Person("kim"));
    ASSERT_TRUE(late.ok()) << late.status();
    EXPECT_FALSE(feed_->Execute(0, *late).ok());
  }
  EXPECT_EQ(feed_->stats().orphans_waiting, 2u);
}

TEST_F(DailyfeedTest, SendingAPreparedSignUpTwiceDoesNotDestroyTheMember) {
  Open();
  const auto prepared = feed_->PrepareSignUp(Person("kim"));
  ASSERT_TRUE(prepared.ok());
  const auto first = feed_->Execute(0, *prepared);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ErrorCodeOf(feed_->Execute(0, *prepared).status()), ErrorCode::kMemberAlreadyExists);
  feed_->Close();
  Open();
  EXPECT_EQ(feed_->CheckPassword("kim@example.com", kPassword).value(), first->subject_id);
}

TEST_F(DailyfeedTest, ARepeatedSignUpWithAnIdempotencyKeyIsAnsweredAlike) {
  Open();
  std::vector<CommandResult> results;
  for (int i = 0; i < 2; ++i) {
    auto prepared = feed_->PrepareSignUp(Person("kim"));
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    std::promise<absl::StatusOr<CommandResult>> answered;
    feed_->Submit({.command = *std::move(prepared), .idempotency = IdempotencyKey{"s", "k", "f"}},
                  [&](absl::StatusOr<CommandResult> result) { answered.set_value(result); });
    const absl::StatusOr<CommandResult> result = answered.get_future().get();
    ASSERT_TRUE(result.ok()) << result.status();
    results.push_back(*result);
  }
  EXPECT_FALSE(results[0].replayed);
  EXPECT_TRUE(results[1].replayed);
  EXPECT_EQ(results[0].subject_id, results[1].subject_id);
  feed_->Close();
  Open();
  EXPECT_EQ(feed_->CheckPassword("kim@example.com", kPassword).value(), results[0].subject_id);
  EXPECT_EQ(feed_->queries().Member(results[0].subject_id).value()->handle, "kim");
}

TEST_F(DailyfeedTest, AHundredSignUpsWithOneEmail) {
  constexpr int kThreads = 100;
  Open();
  std::atomic<int> signed_up = 0, taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Registration person = Person(fmt::format("handle_{}", i));
      person.email = i % 2 == 0 ? "one@example.com" : "ONE@EXAMPLE.com";
      const auto result = feed_->SignUp(person);
      signed_up += result.ok();
      taken += ErrorCodeOf(result.status()) == ErrorCode::kMemberAlreadyExists;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(signed_up, 1);
  EXPECT_EQ(taken, kThreads - 1);
  EXPECT_EQ(feed_->log().Head(), 1u);
  const MemberId member = feed_->CheckPassword("one@example.com", kPassword).value();
  feed_->Close();
  Open();
  EXPECT_EQ(feed_->CheckPassword("one@example.com", kPassword).value(), member);
}

TEST_F(DailyfeedTest, NothingPersonalIsOnDiskInTheClear) {
  Open();
  Registration person = Person("visible_handle");
  person.email = "very-private@example.com";
  person.member_name = "Ms Unmistakable";
  person.bio = "a bio nobody else has";
  ASSERT_TRUE(feed_->SignUp(person).ok());
  Publish(1, "a public text for control");
  feed_->Close();
  EXPECT_NE(AllBytes("log").find("a public text for control"), std::string::npos);
  EXPECT_NE(AllBytes("log").find("visible_handle"), std::string::npos);
  // Read models show names, so they have them; e-mails nobody shows.
  for (const char* shown : {"Unmistakable", "nobody else has"}) {
    EXPECT_EQ(AllBytes("log").find(shown), std::string::npos) << shown;
    EXPECT_EQ(AllBytes("secrets").find(shown), std::string::npos) << shown;
  }
  for (const char* secret : {"very-private", kPassword}) {
    EXPECT_EQ(AllBytes("").find(secret), std::string::npos) << secret;
  }
}

// ---- Passwords

TEST_F(DailyfeedTest, UnknownEmailAndWrongPasswordAreTheSameAnswer) {
  Open();
  SignUp("kim");
  const absl::Status wrong = feed_->CheckPassword("kim@example.com", "Wrong1!xx").status();
  const absl::Status unknown = feed_->CheckPassword("nobody@example.com", kPassword).status();
  EXPECT_EQ(ErrorCodeOf(wrong), ErrorCode::kMemberPasswordInvalid);
  EXPECT_EQ(wrong, unknown);
  EXPECT_EQ(feed_->CheckPassword("", "").status(), wrong);
  EXPECT_EQ(feed_->CheckPassword("\xff", "\xff").status(), wrong);
}

TEST_F(DailyfeedTest, ALoginHashesAnewWhatWasHashedOtherwise) {
  Open();
  SignUp("kim");
  const auto log_in = [&](std::string_view password) {
    return feed_->LogIn("kim@example.com", password, "agent", "peer").status();
  };
  const auto renewed = [&] { return feed_->identity().stats().password_hashes_renewed; };
  ASSERT_TRUE(log_in(kPassword).ok());
  EXPECT_EQ(renewed(), 0u);  // the same parameters
  options_.identity.argon2_operations += 1;
  Open();
  EXPECT_EQ(ErrorCodeOf(log_in("Wrong1!xx")), ErrorCode::kMemberPasswordInvalid);
  EXPECT_EQ(renewed(), 0u);
  ASSERT_TRUE(log_in(kPassword).ok());
  EXPECT_EQ(renewed(), 1u);
  ASSERT_TRUE(log_in(kPassword).ok());
  EXPECT_EQ(renewed(), 1u);
  EXPECT_EQ(ErrorCodeOf(log_in("Wrong1!xx")), ErrorCode::kMemberPasswordInvalid);
  options_.identity.argon2_memory_bytes *= 2;
  Open();
  ASSERT_TRUE(log_in(kPassword).ok());
  EXPECT_EQ(renewed(), 1u);
}

TEST_F(DailyfeedTest, SessionsSurviveAReopen) {
  Open();
  const MemberId kim = SignUp("kim");
  const IssuedTokens tokens = feed_->identity().OpenSession(kim, "agent", "peer").value();
  feed_->Close();
  Open();
  const TokenCheck check = feed_->identity().CheckAccessToken(tokens.access_token);
  EXPECT_EQ(check.state, TokenState::kValid);
  EXPECT_EQ(check.member, kim);
}

// ---- Views

TEST_F(DailyfeedTest, ViewsAreExactAtOnce) {
  Open();
  const MemberId kim = SignUp("kim");
  const MemberId lee = SignUp("lee");
  const PostId post = Publish(kim, "hello");
  for (uint64_t i = 1; i <= 50; ++i) {
    ASSERT_EQ(feed_->ReadPost(lee, post).value().counts.views, i);
    ASSERT_EQ(feed_->ReadPost(kim, post).value().counts.views, i);
    ASSERT_EQ(feed_->ReadPost(0, post).value().counts.views, i);
    std::vector<PostView> list = feed_->queries().AuthorFeed(lee, kim, {}).value().rows;
    feed_->AddPendingViews(&list);
    ASSERT_EQ(list.front().counts.views, i);
  }
  EXPECT_EQ(ErrorCodeOf(feed_->ReadPost(lee, post + 1).status()), ErrorCode::kPostNotFound);
  feed_->Close();
  Open();
  EXPECT_EQ(feed_->queries().Post(lee, post).value().counts.views, 50u);
  EXPECT_EQ(feed_->stats().views_dropped, 0u);
}

TEST_F(DailyfeedTest, ConcurrentReadersGetDistinctGrowingCounts) {
  constexpr int kReaders = 4;
  constexpr int kReads = 300;
  options_.engine.background_delay = absl::Microseconds(100);
  Open();
  const MemberId kim = SignUp("kim");
  const PostId post = Publish(kim, "hello");
  std::vector<MemberId> readers;
  for (int i = 0; i < kReaders; ++i) readers.push_back(SignUp(fmt::format("reader_{}", i)));
  std::vector<std::vector<uint64_t>> counts(kReaders);
  std::vector<std::thread> threads;
  for (int i = 0; i < kReaders; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < kReads; ++k) {
        counts[i].push_back(feed_->ReadPost(readers[i], post).value().counts.views);
        // The author reads along and sees no number go down.
        const uint64_t seen = feed_->ReadPost(kim, post).value().counts.views;
        if (seen < counts[i].back()) counts[i].push_back(0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<uint64_t> all;
  for (const auto& own : counts) {
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<uint64_t> expected(kReaders * kReads);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(all, expected);
  feed_->Close();
  Open();
  EXPECT_EQ(feed_->queries().Post(kim, post).value().counts.views, expected.size());
  EXPECT_EQ(feed_->stats().views_dropped, 0u);
}

TEST_F(DailyfeedTest, ARefusedViewIsAnsweredAndNotCounted) {
  options_.engine.queue_capacity = 1;
  options_.engine.background_delay = absl::Hours(1);  // the queue stays full
  Open();
  const MemberId kim = SignUp("kim");
  const MemberId lee = SignUp("lee");
  const PostId post = Publish(kim, "hello");
  EXPECT_EQ(feed_->ReadPost(lee, post).value().counts.views, 1u);
  EXPECT_TRUE(feed_->ReadPost(lee, post).ok());
  EXPECT_EQ(feed_->stats().views_dropped, 1u);
  EXPECT_EQ(feed_->ReadPost(kim, post).value().counts.views, 1u);
  feed_->Close();
  Open();
  EXPECT_EQ(feed_->queries().Post(kim, post).value().counts.views, 1u);
}

TEST_F(DailyfeedTest, PicturesBelongToOneFeed) {
  Open();
  feed_ = nullptr;
  const std::string first = Path("feed");
  options_.data_directory = Path("other");
  options_.pictures.directory = first + "/pictures";
  for (const bool adopt : {true, false}) {
    options_.pictures.adopt_directory = adopt;
    const auto other = Dailyfeed::Open(options_);
    EXPECT_EQ(other.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(other.status().message().find("belongs to another feed"), std::string::npos)
        << other.status();
  }
  // Files of before there were marks: whoever serves them has them.
  options_.data_directory = first;
  fs::remove(first + "/pictures/OWNER");
  std::ofstream(first + "/pictures/tmp/1-1") << "half";
  EXPECT_EQ(Dailyfeed::Open(options_).status().code(), absl::StatusCode::kFailedPrecondition);
  options_.pictures.adopt_directory = true;
  Open();
  options_.pictures.adopt_directory = false;
  Open();
}

TEST_F(DailyfeedTest, ABackupHasItsPicturesAsWell) {
  Open();
  SignUp("kim");
  feed_ = nullptr;
  fs::create_directories(Path("restored"));
  for (const char* part : {"log", "secrets", "pictures"}) {
    fs::copy(Path("feed") + "/" + part, Path("restored") + "/" + part, fs::copy_options::recursive);
  }
  options_.data_directory = Path("restored");
  options_.pictures.adopt_directory = false;
  Open();
}

}  // namespace
}  // namespace dailyfeed
