// Random histories of commands through the whole library, on real files, beside
// a naive model: every list, count and flag is equal after each step, after the
// process was killed and started again, and after the read models were folded
// anew from the first event. A command that comes twice is refused.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/embedded/dailyfeed.h"
#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/queries/queries_comparison.h"
#include "projections/testing/events.h"
#include "projections/testing/feed_model.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

using testing::HistoryProfile;
using testing::RandomHistory;

// "Today" of the histories, as queries see it. Commands say when they happened.
class StandingClock final : public Clock {
 public:
  TimestampNs Now() override { return (kToday * kSecondsPerDay + 3600) * 1'000'000'000; }
};

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

// What a member has to ask for so that this happens, what the answer names, and
// what the same again is answered with.
struct Request {
  absl::StatusOr<Command> command;
  uint64_t subject = 0;                 // 0: not looked at
  std::optional<ErrorCode> when_again;  // nullopt: it may happen again
};

absl::StatusOr<Command> SignUpCommand(Dailyfeed& feed, const std::string& handle) {
  auto prepared = feed.PrepareSignUp({.email = handle + "@example.com",
                                      .password = "Secret1!x",
                                      .member_name = "Name",
                                      .handle = handle});
  if (!prepared.ok()) return prepared.status();
  return Command(*std::move(prepared));
}

absl::StatusOr<Command> ProfileCommand(Dailyfeed& feed, const v1::ProfileUpdated& updated) {
  v1::PersonalProfileChanges changes;
  EXPECT_TRUE(changes.ParseFromString(updated.sealed_changes()));
  ProfileChanges wanted;
  if (changes.has_bio()) wanted.bio = changes.bio();
  auto prepared = feed.PrepareUpdateProfile(updated.member_id(), wanted);
  if (!prepared.ok()) return prepared.status();
  return Command(*std::move(prepared));
}

Request RequestFor(Dailyfeed& feed, const v1::Payload& payload) {
  switch (payload.kind_case()) {
    case v1::Payload::kMemberSignedUp:
      return {SignUpCommand(feed, payload.member_signed_up().handle()),
              payload.member_signed_up().member_id()};
    case v1::Payload::kProfileUpdated:
      return {ProfileCommand(feed, payload.profile_updated())};
    case v1::Payload::kHandleChanged:
      return {ChangeHandle{.handle = payload.handle_changed().handle()}, 0,
              ErrorCode::kMemberHandleAlreadyExists};
    case v1::Payload::kMemberWithdrawn:
      return {WithdrawMember{}, 0, ErrorCode::kMemberNotFound};
    case v1::Payload::kMemberFollowed:
      return {FollowMember{.followee_id = payload.member_followed().followee_id()}, 0,
              ErrorCode::kFollowRelationshipAlreadyExists};
    case v1::Payload::kMemberUnfollowed:
      return {UnfollowMember{.followee_id = payload.member_unfollowed().followee_id()}, 0,
              ErrorCode::kFollowRelationshipNotFound};
    case v1::Payload::kPostPublished:
      return {PublishPost{.title = payload.post_published().title(),
                          .content = payload.post_published().content()},
              payload.post_published().post_id()};
    case v1::Payload::kPostEdited:
      return {EditPost{.post_id = payload.post_edited().post_id(),
                       .title = payload.post_edited().title(),
                       .content = payload.post_edited().content()}};
    case v1::Payload::kPostDeleted:
      return {DeletePost{.post_id = payload.post_deleted().post_id()}, 0, ErrorCode::kPostNotFound};
    case v1::Payload::kPostViewed:
      return {ViewPost{.post_id = payload.post_viewed().post_id()}};
    case v1::Payload::kPostLiked:
      return {LikePost{.post_id = payload.post_liked().post_id()}, 0,
              ErrorCode::kPostLikeAlreadyExists};
    case v1::Payload::kPostUnliked:
      return {UnlikePost{.post_id = payload.post_unliked().post_id()}, 0,
              ErrorCode::kPostLikeCancelAlreadyCommitted};
    case v1::Payload::kCommentAdded: {
      const v1::CommentAdded& added = payload.comment_added();
      if (added.ancestor_ids().empty()) {
        return {AddComment{.post_id = added.post_id(), .content = added.content()},
                added.comment_id()};
      }
      return {AddReply{.post_id = added.post_id(),
                       .parent_id = *added.ancestor_ids().rbegin(),
                       .content = added.content()},
              added.comment_id()};
    }
    case v1::Payload::kCommentEdited:
      return {EditComment{.comment_id = payload.comment_edited().comment_id(),
                          .content = payload.comment_edited().content()}};
    case v1::Payload::kCommentDeleted:
      return {DeleteComment{.comment_id = payload.comment_deleted().comment_id()}, 0,
              ErrorCode::kCommentNotFound};
    case v1::Payload::kCommentLiked:
      return {LikeComment{.comment_id = payload.comment_liked().comment_id()}, 0,
              ErrorCode::kCommentLikeAlreadyExists};
    case v1::Payload::kCommentUnliked:
      return {UnlikeComment{.comment_id = payload.comment_unliked().comment_id()}, 0,
              ErrorCode::kCommentLikeCancelAlreadyCommitted};
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return {absl::InternalError("histories have no such events")};
}

absl::StatusOr<CommandResult> Send(Dailyfeed& feed, const v1::Event& event, Command command) {
  std::promise<absl::StatusOr<CommandResult>> answered;
  feed.Submit({.command = std::move(command),
               .actor = event.payload().has_member_signed_up() ? 0 : event.actor(),
               .occurred_at = event.occurred_at_ns()},
              [&](absl::StatusOr<CommandResult> result) { answered.set_value(std::move(result)); });
  return answered.get_future().get();
}

// Whoever withdraws has no relations any more when it is answered. The log says a
// little later that their files are erased; waited for, so that nothing is
// written between two commands.
void Released(MemberId gone, Dailyfeed& feed, FeedModel* model) {
  const std::vector<FeedModel::Follow> follows = model->follows();
  for (const FeedModel::Follow& follow : follows) {
    if (follow.follower != gone && follow.followee != gone) continue;
    model->Apply(testing::Unfollowed(follow.follower, follow.followee));
  }
  while (!feed.queries().UnfinishedWithdrawals().value().empty()) std::this_thread::yield();
}

void Play(const v1::Event& event, FeedModel* model, Dailyfeed& feed) {
  SCOPED_TRACE(event.payload().ShortDebugString());
  Request request = RequestFor(feed, event.payload());
  ASSERT_TRUE(request.command.ok()) << request.command.status();
  const auto result = Send(feed, event, *request.command);
  ASSERT_TRUE(result.ok()) << result.status();
  if (request.subject != 0) {
    ASSERT_EQ(result->subject_id, request.subject);
  }
  if (event.payload().has_member_withdrawn()) Released(event.actor(), feed, model);
  if (!request.when_again.has_value()) return;
  const Position head = feed.log().Head();
  const auto again = Send(feed, event, *std::move(request.command));
  EXPECT_EQ(ErrorCodeOf(again.status()), request.when_again) << again.status();
  EXPECT_EQ(feed.log().Head(), head);
}

// Everything but what only a history of events without an engine has:
// withdrawals that nobody completes.
void CompareAll(const FeedModel& model, const Queries& queries) {
  const Comparison comparison(model, queries);
  for (const FeedModel::Member& member : model.members()) comparison.Member(member);
  comparison.Bulk();
  const MemberId viewer = 1 + model.posts().size() % model.members().size();
  for (const FeedModel::Post& post : model.posts()) comparison.PostDetail(viewer, post.body.id);
  for (const FeedModel::Comment& comment : model.comments()) {
    comparison.CommentDetail(viewer, comment.body.id);
  }
  comparison.TimeRanges(viewer);
  comparison.ById(viewer);
  for (const FeedModel::Member& member : model.members()) {
    for (const AnyList& list : comparison.Lists(member.id)) comparison.PagesAndChain(list);
  }
  for (const AnyList& list : comparison.RankedLists(viewer)) comparison.PagesAndChain(list);
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

constexpr HistoryProfile kEverything = {.name = "everything",
                                        .members = 6,
                                        .publish = 12,
                                        .remove_post = 5,
                                        .follow = 12,
                                        .unfollow = 4,
                                        .change_handle = 4,
                                        .withdraw = 1,
                                        .release = 0,
                                        .erase = 0,
                                        .sign_up = 6,
                                        .ticks = (kHistoryDays + 1) * 24,
                                        .tick_ns = 3'600'000'000'000,
                                        .by_commands = true};

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
