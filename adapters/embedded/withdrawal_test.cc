// Profiles change, and people go: what readers see at once, what is left in
// files, and that a crash at any step only delays it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/embedded/dailyfeed.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

constexpr char kPassword[] = "Secret1!x";
// Strings that occur nowhere else.
constexpr char kEmail[] = "Vanishing.Address.73@example.com";
constexpr char kName[] = "Vanishing Name 73";
constexpr char kAgent[] = "vanishing-agent-73";
constexpr char kPeer[] = "198.51.100.73";
constexpr char kFirstBio[] = "vanishing-first-biography-73";
constexpr char kBio[] = "vanishing-second-biography-73";

// The machine's time, and what a test adds to it.
class ManualClock final : public Clock {
 public:
  TimestampNs Now() override { return SystemClock().Now() + ahead_; }
  void Advance(absl::Duration duration) { ahead_ += absl::ToInt64Nanoseconds(duration); }

 private:
  std::atomic<TimestampNs> ahead_ = 0;
};

// Size and time of each file.
using Files = std::map<std::string, std::pair<uintmax_t, fs::file_time_type>>;
Files FilesNow(const std::string& directory) {
  Files files;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(directory, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone)) continue;
    files[entry->path().string()] = {entry->file_size(gone), entry->last_write_time(gone)};
  }
  return files;
}

// While nothing of it changed: RocksDB works in the background, and a file that is
// copied while it grows is none that a crash leaves.
bool CopyAsACrashLeavesIt(const std::string& directory, const std::string& copy) {
  for (int tries = 0; tries < 10000; ++tries) {
    const Files before = FilesNow(directory);
    fs::remove_all(copy);
    std::error_code error;
    fs::copy(directory, copy, fs::copy_options::recursive, error);
    if (!error && FilesNow(directory) == before) return true;
    std::this_thread::yield();
  }
  return false;
}

class WithdrawalTest : public testing::Test {
 protected:
  WithdrawalTest()
      : base_(fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(base_);
    fs::create_directories(base_);
    options_ = OptionsAt("feed");
    options_.identity.clock = &clock_;
  }

  Options OptionsAt(const std::string& name) const {
    Options options;
    options.data_directory = (base_ / name).string();
    options.identity.argon2_operations = 1;
    options.identity.argon2_memory_bytes = 8192;
    options.maintenance_interval = absl::Milliseconds(2);
    return options;
  }

  static std::unique_ptr<Dailyfeed> Open(const Options& options) {
    absl::StatusOr<std::unique_ptr<Dailyfeed>> opened = Dailyfeed::Open(options);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  void Open() {
    feed_ = nullptr;
    feed_ = Open(options_);
    ASSERT_NE(feed_, nullptr);
  }

  MemberId SignUp(const std::string& handle) {
    const absl::StatusOr<MemberId> id = feed_->SignUp({.email = handle + "@example.com",
                                                       .password = kPassword,
                                                       .member_name = "Member",
                                                       .handle = handle});
    EXPECT_TRUE(id.ok()) << id.status();
    return id.value_or(0);
  }

  // The member of the strings above.
  MemberId SignUpVanishing() {
    const absl::StatusOr<MemberId> id = feed_->SignUp({.email = kEmail,
                                                       .password = kPassword,
                                                       .member_name = kName,
                                                       .handle = "vanishing",
                                                       .bio = kFirstBio});
    EXPECT_TRUE(id.ok()) << id.status();
    EXPECT_TRUE(feed_->UpdateProfile(*id, {.bio = kBio}).ok());
    return id.value_or(0);
  }

  // Which of the strings stand in which file of the directory.
  static std::vector<std::string> Found(const std::string& directory) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file()) continue;
      std::stringstream bytes;
      bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      const std::string content = bytes.str();
      for (const char* text : {kEmail, kName, kFirstBio, kBio, kAgent, kPeer}) {
        if (content.find(text) != std::string::npos) {
          found.push_back(fmt::format("{} in {}", text, entry.path().string()));
        }
      }
    }
    return found;
  }

  // Waits for the maintenance; how long is the test runner's to judge.
  static void WaitUntilErased(Dailyfeed& feed) {
    while (!feed.queries().UnfinishedWithdrawals().value().empty()) std::this_thread::yield();
  }

  static size_t Events(const Dailyfeed& feed, std::string_view type) {
    size_t count = 0;
    EXPECT_TRUE(feed.log()
                    .Read(1,
                          [&](const v1::Event& event) {
                            count += EventTypeName(event.payload()) == type;
                            return true;
                          })
                    .ok());
    return count;
  }

  static void ExpectLogIsSound(const std::string& data_directory) {
    const auto log = OpenRocksEventLog(data_directory + "/log", {.read_only = true});
    ASSERT_TRUE(log.ok()) << log.status();
    const auto report = VerifyRocksEventLog(**log);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->fault, "");
  }

  fs::path base_;
  ManualClock clock_;
  Options options_;
  std::unique_ptr<Dailyfeed> feed_;
};

TEST_F(WithdrawalTest, ProfileUpdatesAreMergedAndChecked) {
  Open();
  const MemberId kim = SignUp("kim");
  const auto card = [&] { return *feed_->queries().Member(kim).value(); };
  const TimestampNs created = card().updated_at;
  ASSERT_TRUE(feed_
                  ->UpdateProfile(kim, {.display_name = "Kim",
                                        .location = "서울",
                                        .avatar_url = "/api/proxy/images/view/x",
                                        .birth_date = "1990-01-01",
                                        .gender = "OTHER",
                                        .country_code = "US",
                                        .privacy_level = "PRIVATE",
                                        .language_code = "ko"})
                  .ok());
  EXPECT_EQ(card().display_name, "Kim");
  EXPECT_EQ(card().location, "서울");
  EXPECT_EQ(card().avatar_url, "/api/proxy/images/view/x");
  EXPECT_EQ(card().birth_date, "1990-01-01");
  EXPECT_EQ(card().gender, "OTHER");
  EXPECT_EQ(card().country_code, "US");
  EXPECT_EQ(card().privacy_level, "PRIVATE");
  EXPECT_EQ(card().language_code, "ko");
  EXPECT_EQ(card().member_name, "Member");
  EXPECT_GT(card().updated_at, created);
  EXPECT_EQ(card().created_at, created);
  // Empty texts: cleared, unchanged, no picture.
  ASSERT_TRUE(feed_
                  ->UpdateProfile(kim, {.display_name = "",
                                        .location = "",
                                        .avatar_url = " ",
                                        .birth_date = "",
                                        .language_code = ""})
                  .ok());
  EXPECT_EQ(card().display_name, "");
  EXPECT_EQ(card().location, "");
  EXPECT_EQ(card().avatar_url, "no-image");
  EXPECT_EQ(card().birth_date, "1990-01-01");
  EXPECT_EQ(card().language_code, "ko");

  const absl::Status refused =
      feed_->UpdateProfile(kim, {.member_name = " ", .website_url = "no url"});
  ASSERT_EQ(ViolationsOf(refused).size(), 2u);
  EXPECT_EQ(ViolationsOf(refused)[0].field, "memberName");
  EXPECT_EQ(ViolationsOf(refused)[1].field, "websiteUrl");
  EXPECT_EQ(ErrorCodeOf(feed_->UpdateProfile(99, {.bio = "x"})), ErrorCode::kMemberNotFound);

  ASSERT_TRUE(feed_->Execute(kim, ChangeHandle{"Minji"}).ok());
  feed_->Close();
  Open();
  EXPECT_EQ(feed_->queries().MemberByHandle("minji").value()->id, kim);
  EXPECT_EQ(card().country_code, "US");
  EXPECT_EQ(Found(options_.data_directory), std::vector<std::string>());
}

TEST_F(WithdrawalTest, WhatTheAnswerPromises) {
  Open();
  const MemberId gone = SignUpVanishing();
  const MemberId kim = SignUp("kim");
  ASSERT_TRUE(feed_->Execute(kim, FollowMember{gone}).ok());
  ASSERT_TRUE(feed_->Execute(gone, FollowMember{kim}).ok());
  const PostId post = feed_->Execute(gone, PublishPost{"", "stays"})->subject_id;
  ASSERT_TRUE(feed_->Execute(gone, LikePost{post}).ok());
  const IssuedTokens tokens = feed_->identity().OpenSession(gone, "agent", "peer").value();
  const auto update = feed_->PrepareUpdateProfile(gone, {.bio = "too late"});
  ASSERT_TRUE(update.ok());

  ASSERT_TRUE(feed_->Execute(gone, WithdrawMember{}).ok());
  Queries& queries = feed_->queries();
  EXPECT_EQ(ErrorCodeOf(queries.Member(gone).status()), ErrorCode::kMemberNotFound);
  EXPECT_EQ(ErrorCodeOf(queries.MemberByHandle("vanishing").status()), ErrorCode::kMemberNotFound);
  EXPECT_EQ(queries.Follows(kim).value().followers, 0u);
  EXPECT_EQ(queries.Follows(kim).value().followings, 0u);
  EXPECT_TRUE(queries.FollowFeed(kim, {}).value().rows.empty());
  EXPECT_EQ(queries.RecommendedCount(kim).value(), 0u);
  const PostView view = queries.Post(kim, post).value();
  EXPECT_EQ(view.author, nullptr);
  EXPECT_EQ(view.counts.likes, 1u);
  EXPECT_EQ(feed_->identity().CheckAccessToken(tokens.access_token).state, TokenState::kRevoked);
  EXPECT_EQ(feed_->identity().CheckRefreshToken(tokens.refresh_token), std::nullopt);
  EXPECT_EQ(ErrorCodeOf(feed_->CheckPassword(kEmail, kPassword).status()),
            ErrorCode::kMemberPasswordInvalid);
  EXPECT_EQ(ErrorCodeOf(feed_->Execute(gone, *update).status()), ErrorCode::kMemberNotFound);
  EXPECT_EQ(ErrorCodeOf(feed_->UpdateProfile(gone, {.bio = "x"})), ErrorCode::kMemberNotFound);
  EXPECT_EQ(ErrorCodeOf(feed_->Execute(gone, WithdrawMember{}).status()),
            ErrorCode::kMemberNotFound);
  // E-mail and handle are free: a new member with a new id.
  const MemberId again = SignUpVanishing();
  EXPECT_NE(again, gone);
  EXPECT_EQ(queries.MemberByHandle("vanishing").value()->id, again);
  EXPECT_EQ(feed_->CheckPassword(kEmail, kPassword).value(), again);
}

TEST_F(WithdrawalTest, NoFileHasAnythingOfTheMember) {
  Open();
  const MemberId gone = SignUpVanishing();
  const MemberId kim = SignUp("kim");
  // Sessions that end in every way: here, by hand, by time, and forgotten since.
  Identity& identity = feed_->identity();
  const auto open = [&] { return identity.OpenSession(gone, kAgent, kPeer).value(); };
  const IssuedTokens by_time = open();
  clock_.Advance(options_.identity.refresh_token_lifetime + absl::Hours(1));
  ASSERT_TRUE(identity.Maintain().ok());
  const IssuedTokens by_hand = open();
  const std::string session(identity.CheckAccessToken(by_hand.access_token).session_id);
  ASSERT_TRUE(identity.RevokeSession(gone, session).value());
  ASSERT_EQ(identity.Refresh(open().refresh_token)->state, RefreshState::kRefreshed);
  ASSERT_EQ(identity.SessionsOf(gone)->size(), 1u);
  // The control: files have the strings in the clear.
  const std::vector<std::string> before = Found(options_.data_directory);
  for (const char* text : {kName, kAgent, kPeer}) {
    EXPECT_TRUE(std::any_of(before.begin(), before.end(), [&](const std::string& found) {
      return found.starts_with(text);
    })) << text;
  }
  // So has one in a table file, and one of a generation that was dropped.
  ASSERT_TRUE(feed_->queries().EraseTraces(std::vector<MemberId>{kim}).ok());
  const uint64_t next = feed_->runtime().BuildGeneration("members").value();
  ASSERT_TRUE(feed_->runtime().Activate("members", next).ok());
  ASSERT_TRUE(feed_->UpdateProfile(gone, {.location = "Seoul"}).ok());
  EXPECT_FALSE(Found(options_.data_directory).empty());

  ASSERT_TRUE(feed_->Execute(gone, WithdrawMember{}).ok());
  WaitUntilErased(*feed_);
  EXPECT_EQ(Found(options_.data_directory), std::vector<std::string>());
  EXPECT_EQ(Events(*feed_, "MemberErased"), 1u);
  EXPECT_EQ(feed_->stats().withdrawals_completed, 1u);
  EXPECT_EQ(feed_->stats().withdrawals_unerased, 0u);
  EXPECT_EQ(feed_->queries().Member(kim).value()->handle, "kim");
  feed_->Close();
  EXPECT_EQ(Found(options_.data_directory), std::vector<std::string>());
  ExpectLogIsSound(options_.data_directory);
  // Not even a replay of the whole log brings anything back.
  fs::remove_all(options_.data_directory + "/views");
  Open();
  EXPECT_EQ(Found(options_.data_directory), std::vector<std::string>());
  EXPECT_EQ(ErrorCodeOf(feed_->queries().Member(gone).status()), ErrorCode::kMemberNotFound);
  EXPECT_EQ(feed_->queries().Member(kim).value()->handle, "kim");
}

TEST_F(WithdrawalTest, ManyRelationsAreReleasedInChunks) {
  options_.engine.limits.followings_max = 2000;
  Open();
  const MemberId gone = SignUpVanishing();
  constexpr int kOthers = 1203;
  std::vector<MemberId> others;
  for (int i = 0; i < kOthers; ++i) {
    // Their profiles are nobody's concern here.
    const std::string subject = feed_->identity().CreateSubject().value();
    const dailyfeed::SignUp command = {
        .handle = fmt::format("member_{}", i),
        .email_digest = fmt::format("digest {}", i),
        .subject_id = subject,
        .sealed_profile = feed_->identity().Seal(subject, "").value()};
    const auto signed_up = feed_->Execute(0, command);
    ASSERT_TRUE(signed_up.ok()) << signed_up.status();
    others.push_back(signed_up->subject_id);
  }
  std::vector<std::future<absl::Status>> followed;
  for (const MemberId other : others) {
    for (const bool follows : {true, false}) {
      auto answer = std::make_shared<std::promise<absl::Status>>();
      followed.push_back(answer->get_future());
      const Command command = FollowMember{follows ? other : gone};
      feed_->Submit({.command = command, .actor = follows ? gone : other},
                    [answer](const absl::StatusOr<CommandResult>& result) {
                      answer->set_value(result.status());
                    });
    }
  }
  for (auto& answer : followed) ASSERT_TRUE(answer.get().ok());
  // Fewer places than commands that are sent at a time: some are refused.
  options_.engine.queue_capacity = 2;
  Open();
  ASSERT_TRUE(feed_->Execute(gone, WithdrawMember{}).ok());
  EXPECT_EQ(Events(*feed_, "MemberUnfollowed"), 2u * kOthers);
  for (const MemberId other : others) {
    const FollowCounts counts = feed_->queries().Follows(other).value();
    ASSERT_EQ(counts.followers + counts.followings, 0u) << other;
  }
  WaitUntilErased(*feed_);
  feed_->Close();
  ExpectLogIsSound(options_.data_directory);
}

// A process that dies between any two steps. The steps are done by hand, with
// nobody who goes on by itself, and the directory is copied as a kill leaves it.
TEST_F(WithdrawalTest, AfterACrashAtAnyStepTheNextOpenGoesOn) {
  options_.maintenance_interval = absl::Hours(1);
  Open();
  const MemberId gone = SignUpVanishing();
  const MemberId kim = SignUp("kim");
  const MemberId lee = SignUp("lee");
  ASSERT_TRUE(feed_->Execute(kim, FollowMember{gone}).ok());
  ASSERT_TRUE(feed_->Execute(lee, FollowMember{gone}).ok());
  ASSERT_TRUE(feed_->Execute(gone, FollowMember{kim}).ok());
  const IssuedTokens tokens = feed_->identity().OpenSession(gone, "agent", "peer").value();
  Engine& engine = feed_->engine();
  std::string subject;
  const struct {
    const char* name;
    std::function<absl::Status()> run;
  } kSteps[] = {
      {"withdrawn",
       [&] {
         const absl::Status status =
             engine.Execute({.command = WithdrawMember{}, .actor = gone}).status();
         subject = feed_->queries().UnfinishedWithdrawals().value().at(0).subject_id;
         return status;
       }},
      {"sessions ended", [&] { return feed_->identity().RevokeMember(gone); }},
      {"key destroyed", [&] { return feed_->identity().DestroySubject(subject); }},
      {"some relations released",
       [&] {
         return engine.Execute({.command = ReleaseFollows{{lee}, {}}, .actor = gone}).status();
       }},
      {"all relations released",
       [&] {
         return engine.Execute({.command = ReleaseFollows{{kim}, {kim}}, .actor = gone}).status();
       }},
      {"read models erased",
       [&] { return feed_->queries().EraseTraces(std::vector<MemberId>{gone}); }},
      {"secrets erased", [&] { return feed_->identity().EraseTraces({subject}); }},
      {"completed",
       [&] { return engine.Execute({.command = CompleteWithdrawal{}, .actor = gone}).status(); }},
  };
  for (const auto& step : kSteps) {
    SCOPED_TRACE(step.name);
    ASSERT_TRUE(step.run().ok());
    const Options copied = OptionsAt(fmt::format("copy after {}", step.name));
    ASSERT_TRUE(CopyAsACrashLeavesIt(options_.data_directory, copied.data_directory));
    std::unique_ptr<Dailyfeed> copy = Open(copied);
    ASSERT_NE(copy, nullptr);
    // At once, before the maintenance had its turn.
    EXPECT_EQ(copy->queries().Follows(kim).value().followers, 0u);
    EXPECT_EQ(copy->queries().Follows(lee).value().followings, 0u);
    EXPECT_EQ(copy->identity().CheckAccessToken(tokens.access_token).state, TokenState::kRevoked);
    EXPECT_EQ(ErrorCodeOf(copy->queries().Member(gone).status()), ErrorCode::kMemberNotFound);
    WaitUntilErased(*copy);
    EXPECT_EQ(Found(copied.data_directory), std::vector<std::string>());
    EXPECT_EQ(Events(*copy, "MemberErased"), 1u);
    EXPECT_EQ(Events(*copy, "MemberUnfollowed"), 3u);
    copy->Close();
    ExpectLogIsSound(copied.data_directory);
  }
}

TEST_F(WithdrawalTest, PicturesAreErasedBeforeItIsCalledComplete) {
  Open();
  const MemberId gone = SignUpVanishing();
  const std::string hash(32, 'c');
  ASSERT_TRUE(feed_
                  ->Execute(gone, AddPicture{.picture_id = std::string(16, 'p'),
                                             .content_hash = hash,
                                             .thumbnail_hash = hash,
                                             .width = 1,
                                             .height = 1,
                                             .bytes = 1,
                                             .thumbnail_bytes = 1})
                  .ok());
  // An eraser that fails twice is asked again.
  std::promise<void> erased;
  auto calls = std::make_shared<std::vector<std::vector<std::string>>>();
  feed_->SetPictureEraser([&, calls](const std::vector<std::string>& hashes) {
    calls->push_back(hashes);
    if (calls->size() < 3) return absl::UnavailableError("not now");
    if (calls->size() == 3) erased.set_value();
    return absl::OkStatus();
  });
  ASSERT_TRUE(feed_->Execute(gone, WithdrawMember{}).ok());
  EXPECT_EQ(ErrorCodeOf(feed_->queries().Picture(std::string(16, 'p')).status()),
            ErrorCode::kImageNotFound);
  erased.get_future().wait();
  WaitUntilErased(*feed_);
  EXPECT_EQ(feed_->stats().withdrawal_failures, 2u);
  feed_->Close();
  EXPECT_EQ(*calls, (std::vector<std::vector<std::string>>(3, {hash})));
}

TEST_F(WithdrawalTest, DeletingNothingIsFine) {
  Open();
  const MemberId kim = SignUp("kim");
  EXPECT_TRUE(feed_->DeletePictures(kim, {}).ok());
  EXPECT_TRUE(feed_->DeletePictures(kim, {"no id", std::string(16, 'x')}).ok());
  EXPECT_EQ(ErrorCodeOf(feed_->DeletePictures(99, {})), ErrorCode::kMemberNotFound);
  EXPECT_EQ(ErrorCodeOf(
                feed_->DeletePictures(kim, std::vector<std::string>(kDeletedPicturesMax + 1, "x"))),
            ErrorCode::kInvalidRequest);
}

// Many at once, members and sign-ups for what becomes free.
TEST_F(WithdrawalTest, ManyWithdrawAtOnce) {
  Open();
  constexpr int kMembers = 40;
  std::vector<MemberId> members;
  for (int i = 0; i < kMembers; ++i) members.push_back(SignUp(fmt::format("member_{}", i)));
  for (int i = 0; i < kMembers; ++i) {
    ASSERT_TRUE(feed_->Execute(members[i], FollowMember{members[(i + 1) % kMembers]}).ok());
  }
  std::vector<std::thread> threads;
  for (const MemberId member : members) {
    threads.emplace_back([&, member] {
      EXPECT_TRUE(feed_->Execute(member, WithdrawMember{}).ok());
      EXPECT_EQ(feed_->queries().Follows(member).value().followers, 0u);
    });
  }
  for (std::thread& thread : threads) thread.join();
  WaitUntilErased(*feed_);
  EXPECT_EQ(Events(*feed_, "MemberErased"), static_cast<size_t>(kMembers));
  EXPECT_EQ(Events(*feed_, "MemberUnfollowed"), static_cast<size_t>(kMembers));
  EXPECT_EQ(feed_->queries().RecommendedCount(0).value(), 0u);
  feed_->Close();
  ExpectLogIsSound(options_.data_directory);
}

// The one whose answer comes first in the log has it; the others leave nothing.
TEST_F(WithdrawalTest, AHundredSignUpsWithOneHandleAndOneEmail) {
  Open();
  constexpr int kAttempts = 100;
  std::vector<std::thread> threads;
  std::atomic<int> succeeded{0}, email_taken{0}, handle_taken{0};
  for (int i = 0; i < kAttempts; ++i) {
    threads.emplace_back([&, i] {
      // Half of them with one e-mail, all of them with one handle.
      const std::string email = i % 2 == 0 ? "same" : fmt::format("other{}", i);
      const absl::Status status = feed_
                                      ->SignUp({.email = email + "@example.com",
                                                .password = kPassword,
                                                .member_name = "Member",
                                                .handle = i % 4 < 2 ? "kim" : "KIM"})
                                      .status();
      if (status.ok()) ++succeeded;
      const std::optional<ErrorCode> code = ErrorCodeOf(status);
      email_taken += code == ErrorCode::kMemberAlreadyExists;
      handle_taken += code == ErrorCode::kMemberHandleAlreadyExists;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(succeeded, 1);
  EXPECT_EQ(email_taken + handle_taken, kAttempts - 1);
  EXPECT_EQ(Events(*feed_, "MemberSignedUp"), 1u);
  EXPECT_EQ(feed_->queries().RecommendedCount(0).value(), 1u);
}

}  // namespace
}  // namespace dailyfeed
