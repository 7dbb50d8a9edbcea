// The whole library when its disk fails: log, read models and secrets lie on one
// disk, whose n-th operation fails, for every n of a recorded run. Each call
// gives a clear error or the right answer, and opening again finds what was
// acknowledged, in the log as in the read models as in a fold of the log.
//
// Files of pictures lie on the real disk.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/embedded/dailyfeed.h"
#include "adapters/embedded/testing/history_commands.h"
#include "adapters/images/test_pictures.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "core/domain/errors.h"
#include "projections/testing/feed_model.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

// A write of the recorded run.
struct Step {
  enum class Kind { kEvent, kLogIn, kChangePassword, kAddPicture };
  Kind kind = Kind::kEvent;
  v1::Event event;      // of kEvent
  MemberId member = 0;  // of the other kinds
};

// A history with every kind of event there is, some logins, passwords and
// pictures among them; and what the model says after each step.
class Script {
 public:
  Script() {
    uint64_t seed = 1;
    while (!Make(seed)) ++seed;
    models_.push_back(model_);
  }
  size_t size() const { return steps_.size(); }
  const Step& step(size_t index) const { return steps_[index]; }
  const FeedModel& After(size_t steps) const { return models_[steps]; }

 private:
  static constexpr size_t kEvents = 60;
  // Of FeedModel's histories; MemberErased is written by withdrawals.
  static constexpr size_t kKinds = 17;

  bool Make(uint64_t seed) {
    testing::HistoryProfile profile = kEverything;
    profile.members = 5;
    profile.withdraw = 2;
    profile.update_profile = profile.unlike_comment = profile.unlike = 6;
    profile.edit_comment = profile.remove_comment = 5;
    model_ = FeedModel();
    model_.LeaveOutActivities();
    steps_.clear();
    models_.clear();
    testing::RandomHistory history(&model_, seed, profile);
    std::set<v1::Payload::KindCase> kinds;
    for (size_t i = 0; i < kEvents; ++i) {
      models_.push_back(model_);
      steps_.push_back({.event = history.Next()});
      const v1::Event& event = steps_.back().event;
      kinds.insert(event.payload().kind_case());
      if (event.payload().has_member_withdrawn()) Release(event.actor(), &model_);
      if (i % 20 == 9) AddAccountSteps();
    }
    return kinds.size() == kKinds;
  }

  // None of which the model knows.
  void AddAccountSteps() {
    const auto live =
        std::find_if(model_.members().begin(), model_.members().end(),
                     [](const FeedModel::Member& member) { return !member.withdrawn; });
    for (const Step::Kind kind : {Step::Kind::kLogIn, Step::Kind::kChangePassword,
                                  Step::Kind::kLogIn, Step::Kind::kAddPicture}) {
      models_.push_back(model_);
      steps_.push_back({.kind = kind, .member = live->id});
    }
  }

  FeedModel model_;
  std::vector<Step> steps_;
  std::vector<FeedModel> models_;  // before each step, and after the last
};

// A status that a person can do something with.
bool IsClear(const absl::Status& status) {
  return status.message().size() > 20 && (absl::IsUnavailable(status) || absl::IsDataLoss(status) ||
                                          absl::IsFailedPrecondition(status));
}

// One run of the script over a disk of its own.
class Session {
 public:
  // `heads`: the last position after each step, of a run without faults.
  Session(const Script& script, const std::vector<Position>* heads)
      : script_(script), heads_(heads) {
    static int number = 0;
    directory_ = fs::path(::testing::TempDir()) / fmt::format("library{}", ++number);
    fs::remove_all(directory_);
    fs::create_directories(directory_);
    options_.data_directory = (directory_ / "feed").string();
    options_.time_zone = "UTC";
    options_.engine.clock = &clock_;
    options_.identity.argon2_operations = 1;
    options_.identity.argon2_memory_bytes = 8192;
    options_.maintenance_interval = absl::Milliseconds(2);
    options_.log.env = options_.views.env = options_.secrets.env = env_.env();
    options_.log.event_memtable_bytes = 64u << 10;
    options_.log.wal_bytes_max = 48u << 10;
    options_.log.wal_ahead_bytes = 32u << 10;
    options_.views.memtable_bytes = options_.secrets.memtable_bytes = 64u << 10;
    for (size_t* bytes : {&options_.log.block_cache_bytes, &options_.views.block_cache_bytes,
                          &options_.secrets.block_cache_bytes}) {
      *bytes = 1u << 20;
    }
  }
  ~Session() {
    feed_ = nullptr;
    fs::remove_all(directory_);
  }

  FaultDisk& disk() { return env_.disk(); }
  const std::vector<Position>& seen_heads() const { return seen_heads_; }

  // Opens, writes, closes, opens, writes, closes; until something fails.
  void UntilFailure() {
    for (const size_t end : {script_.size() / 2, script_.size()}) {
      auto opened = Dailyfeed::Open(options_);
      if (!opened.ok()) {
        EXPECT_TRUE(IsClear(opened.status())) << "opening: " << opened.status();
        return;
      }
      feed_ = *std::move(opened);
      while (done_ < end) {
        const absl::Status status = Do(script_.step(done_));
        if (!status.ok()) return AfterFailure(status);
        ++done_;
        WaitUnlessFailed();
        seen_heads_.push_back(feed_->log().Head());
      }
      feed_ = nullptr;
    }
  }

  // With the disk in order again: everything is there, also when the read
  // models are folded anew, and writing goes on.
  void Reopen() {
    feed_ = nullptr;
    disk().ClearFaults();
    for (const bool fold : {false, true}) {
      if (fold) RemoveViews();
      SCOPED_TRACE(fold ? "folded anew" : "opened again");
      auto opened = Dailyfeed::Open(options_);
      ASSERT_TRUE(opened.ok()) << opened.status();
      feed_ = *std::move(opened);
      WaitForWithdrawals(*feed_);
      ASSERT_NO_FATAL_FAILURE(CompareAfterOpening());
      if (!fold) feed_ = nullptr;
    }
    const FeedModel& model = script_.After(done_);
    for (const FeedModel::Member& member : model.members()) {
      if (member.withdrawn) continue;
      const auto posted = feed_->Execute(member.id, PublishPost{.content = "again"});
      EXPECT_TRUE(posted.ok()) << posted.status();
    }
    feed_ = nullptr;
  }

 private:
  struct Account {
    // The last one that was acknowledged, and those tried since.
    std::vector<std::string> passwords = {kFirstPassword};
    std::string access_token;  // of a session that is certainly not over
    std::vector<std::string> pictures;
  };

  absl::Status Do(const Step& step) {
    switch (step.kind) {
      case Step::Kind::kEvent:
        return Command(step.event);
      case Step::Kind::kLogIn:
        return LogIn(step.member);
      case Step::Kind::kChangePassword:
        return ChangePassword(step.member);
      case Step::Kind::kAddPicture:
        return AddPictureOf(step.member);
    }
    return absl::InternalError("unknown step");
  }

  absl::Status Command(const v1::Event& event) {
    Request request = RequestFor(*feed_, event.payload());
    if (!request.command.ok()) return request.command.status();
    const auto result = Send(*feed_, event, *std::move(request.command));
    if (!result.ok()) return result.status();
    if (request.subject != 0) {
      EXPECT_EQ(result->subject_id, request.subject);
    }
    return absl::OkStatus();
  }

  std::string EmailOfMember(MemberId member) const {
    return EmailOf(script_.After(done_).members()[member - 1].signed_up_handle);
  }

  absl::Status LogIn(MemberId member) {
    Account& account = accounts_[member];
    auto in = feed_->LogIn(EmailOfMember(member), account.passwords.back(), "agent", "::1");
    if (!in.ok()) return in.status();
    EXPECT_EQ(in->member, member);
    account.access_token = std::move(in->tokens.access_token);
    return absl::OkStatus();
  }

  absl::Status ChangePassword(MemberId member) {
    Account& account = accounts_[member];
    const std::string former = account.passwords.back();
    account.access_token.clear();
    account.passwords.push_back(fmt::format("Secret{}!y", ++passwords_));
    const absl::Status changed = feed_->ChangePassword(member, former, account.passwords.back());
    if (changed.ok()) account.passwords = {account.passwords.back()};
    return changed;
  }

  absl::Status AddPictureOf(MemberId member) {
    static const std::string* const file = new std::string(EncodePng(Corners(8, 8)));
    auto command = feed_->PreparePicture(*file);
    if (!command.ok()) return command.status();
    std::string id = command->picture_id;
    const absl::Status added = feed_->Execute(member, *std::move(command)).status();
    if (added.ok()) accounts_[member].pictures.push_back(std::move(id));
    return added;
  }

  // What withdrawals leave to do is done between two steps, so that positions
  // are the same in every run; not when it cannot be done.
  void WaitUnlessFailed() {
    for (;;) {
      const auto unfinished = feed_->queries().UnfinishedWithdrawals();
      if (!unfinished.ok() || unfinished->empty() || disk().failures() > 0) return;
      std::this_thread::yield();
    }
  }

  void AfterFailure(const absl::Status& failure) {
    SCOPED_TRACE("after " + failure.ToString());
    EXPECT_TRUE(IsClear(failure));
    EXPECT_EQ(ErrorCodeOf(failure), ErrorCode::kServiceUnavailable);
    attempted_ = true;
    // The first steps of a withdrawal may show, and those that follow may not.
    if (script_.step(done_).event.payload().has_member_withdrawn()) return;
    const FeedModel& model = script_.After(done_);
    for (const FeedModel::Member& member : model.members()) {
      if (!member.withdrawn) CompareReads(model, member.id);
    }
  }

  // What can still be read is right.
  void CompareReads(const FeedModel& model, MemberId viewer) {
    const Queries& queries = feed_->queries();
    CompareList(queries.FollowFeed(viewer, {.size = 100}), model.FollowFeed(viewer));
    CompareList(queries.AuthorFeed(viewer, viewer, {.size = 100}), model.AuthorFeed(viewer));
    CompareList(queries.MemberComments(viewer, viewer, {.size = 100}),
                model.MemberComments(viewer));
    for (const FeedModel::Post& post : model.posts()) {
      const auto view = queries.Post(viewer, post.body.id);
      if (model.FindLivePost(post.body.id) == nullptr) {
        EXPECT_FALSE(view.ok());
      } else if (view.ok()) {
        Comparison(model, queries).Check(viewer, *view);
      } else {
        EXPECT_TRUE(IsClear(view.status())) << view.status();
      }
    }
  }

  template <typename View>
  static void CompareList(const absl::StatusOr<Slice<View>>& slice,
                          const std::vector<ListKey>& expected) {
    if (!slice.ok()) {
      EXPECT_TRUE(IsClear(slice.status())) << slice.status();
      return;
    }
    std::vector<uint64_t> ids;
    for (const View& view : slice->rows) ids.push_back(view.body->id);
    EXPECT_EQ(ids, Ids(expected));
  }

  void RemoveViews() {
    for (const std::string& name : disk().FileNames()) {
      if (name.starts_with(options_.data_directory + "/views/")) disk().Remove(name);
    }
  }

  // Finds out whether the step that failed was done after all: nobody knew.
  void CompareAfterOpening() {
    const Position head = feed_->log().Head();
    if (heads_ != nullptr) {
      const auto after = [&](size_t steps) { return steps == 0 ? 0 : (*heads_)[steps - 1]; };
      if (attempted_ && head != after(done_)) {
        ++done_;
        attempted_ = false;
      }
      ASSERT_EQ(head, after(done_)) << done_ << " steps";
    }
    const FeedModel& model = script_.After(done_);
    if (!model.members().empty()) CompareAll(model, feed_->queries());
    for (const auto& [member, account] : accounts_) CheckAccount(member, account);
    const auto report = VerifyRocksEventLog(feed_->log());
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->fault, "");
  }

  void CheckAccount(MemberId member, const Account& account) {
    if (script_.After(done_).members()[member - 1].withdrawn) return;
    size_t accepted = 0;
    for (const std::string& password : account.passwords) {
      const auto found = feed_->CheckPassword(EmailOfMember(member), password);
      accepted += found.ok();
      if (found.ok()) {
        EXPECT_EQ(*found, member);
      }
    }
    EXPECT_EQ(accepted, 1u);
    if (!account.access_token.empty()) {
      const TokenState state = feed_->identity().CheckAccessToken(account.access_token).state;
      EXPECT_TRUE(state == TokenState::kValid || state == TokenState::kValidOlderKey);
    }
    for (const std::string& id : account.pictures) {
      const auto picture = feed_->ReadPicture(id, /*thumbnail=*/false);
      EXPECT_TRUE(picture.ok()) << picture.status();
    }
  }

  const Script& script_;
  const std::vector<Position>* const heads_;
  FaultEnv env_;
  StandingClock clock_;
  fs::path directory_;
  Options options_;
  std::unique_ptr<Dailyfeed> feed_;
  size_t done_ = 0;         // steps that were acknowledged
  bool attempted_ = false;  // one more failed
  int passwords_ = 0;
  std::map<MemberId, Account> accounts_;
  std::vector<Position> seen_heads_;
};

#ifdef DAILYFEED_SLOW_TEST
constexpr uint64_t kStride = 1;
constexpr uint64_t kShards = 4;
#else
constexpr uint64_t kStride = 97;
constexpr uint64_t kShards = 1;
#endif

class LibraryFaultTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(LibraryFaultTest, TheNthOperationFailsForEveryN) {
  const Script script;
  Session whole(script, nullptr);
  whole.UntilFailure();
  const uint64_t operations = whole.disk().operations();
  const std::vector<Position> heads = whole.seen_heads();
  ASSERT_EQ(heads.size(), script.size());
  ASSERT_NO_FATAL_FAILURE(whole.Reopen());
  ASSERT_GT(operations, 500u);
  RecordProperty("operations", static_cast<int>(operations));
  for (uint64_t n = 1 + GetParam() * kStride; n <= operations; n += kShards * kStride) {
    for (const bool and_after : {false, true}) {
      SCOPED_TRACE(
          fmt::format("operation {} of {}{}", n, operations, and_after ? " and after" : ""));
      Session run(script, &heads);
      run.disk().FailAt(n, FaultDisk::Fault::kError, and_after);
      run.UntilFailure();
      ASSERT_NO_FATAL_FAILURE(run.Reopen());
      ASSERT_FALSE(HasFailure());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, LibraryFaultTest, ::testing::Range(uint64_t{0}, kShards));

}  // namespace
}  // namespace dailyfeed
