// Random histories of commands through the real domain and through a naive
// model of it: the same answers, the same state; and a fold of the events
// afresh gives the same rows, byte for byte.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/domain/decider.h"
#include "core/domain/errors.h"
#include "core/domain/map_rows.h"
#include "core/domain/naive_model.h"

namespace dailyfeed {
namespace {

constexpr int kSteps = 1500;
constexpr int kStateComparedEvery = 100;
// Every command accepted, and refused in each way the contract has for it.
constexpr size_t kPossibleOutcomes = 93;

// Reaches everything often: few members, posts and comments, and every wrong
// id and text among the right ones.
class CommandSource {
 public:
  CommandSource(uint64_t seed, const NaiveModel& model) : random_(seed), model_(model) {}

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  uint64_t Actor() { return Id(model_.members()); }

  Command Next() {
    switch (Below(40)) {
      case 0:
        return NewSignUp();
      case 1:
      case 2:
      case 3:
        return FollowMember{Id(model_.members())};
      case 4:
        return UnfollowMember{Id(model_.members())};
      case 5:
        return PublishPost{Text(), Text()};
      case 6:
      case 7:
        return EditPost{Post(), Below(2) == 0 ? std::optional<std::string>() : Text(), Text()};
      case 8:
        return DeletePost{Post()};
      case 9:
        return ViewPost{Post()};
      case 10:
      case 11:
      case 12:
        return LikePost{Post()};
      case 13:
        return UnlikePost{Post()};
      case 14:
      case 15:
      case 16:
        return LikeComment{Comment()};
      case 17:
        return UnlikeComment{Comment()};
      case 18:
      case 19:
        return AddComment{Post(), Text()};
      case 20:
      case 21:
        return EditComment{Comment(), Text()};
      case 22:
        return DeleteComment{Comment()};
      case 23:
        return NewUpdate();
      case 24:
        return ChangeHandle{Handle()};
      case 25:
        return WithdrawMember{};
      case 26:
      case 27:
        return ReleaseFollows{Ids(model_.members()), Ids(model_.members())};
      case 28:
        return CompleteWithdrawal{};
      case 29:
      case 30:
        return NewPicture();
      case 31:
      case 32: {
        DeletePictures command;
        const uint64_t count = Below(50) == 0 ? kDeletedPicturesMax + 1 : Below(4);
        for (uint64_t i = 0; i < count; ++i) command.picture_ids.push_back(PictureId());
        return command;
      }
      case 33:
        return NewSignUp();
      case 34:
        return RecordActivity{static_cast<v1::ActivityType>(Below(19)), Below(3) == 0 ? 0 : Post(),
                              Below(2) == 0 ? 0 : Comment()};
      default:
        return AddReply{Post(), Comment(), Text()};
    }
  }

 private:
  // Mostly one that was given, sometimes 0 or the next one. The newest more
  // often than the rest: old ones are deleted by and by.
  uint64_t Id(uint64_t last) {
    const uint64_t choice = Below(20);
    if (choice == 0) return 0;
    if (choice == 1) return last + 1;
    if (choice < 10 && last > 6) return last - Below(6);
    return 1 + Below(std::max<uint64_t>(last, 1));
  }
  uint64_t Post() { return Id(model_.posts()); }
  uint64_t Comment() { return Id(model_.comments()); }

  std::string Text() {
    if (Below(3) != 0) return "a";
    const auto& texts = NaiveModel::Texts();
    return std::next(texts.begin(), static_cast<int64_t>(Below(texts.size())))->first;
  }

  // A withdrawn member has something to release when these meet a relation.
  std::vector<uint64_t> Ids(uint64_t last) {
    std::vector<uint64_t> ids;
    const uint64_t count = Below(50) == 0 ? kReleasedFollowsMax + 1 : Below(8);
    for (uint64_t i = 0; i < count; ++i) ids.push_back(Id(last));
    return ids;
  }

  std::string PictureId() {
    const uint64_t choice = Below(10);
    if (choice == 0) return "no picture id";
    return fmt::format("picture {:08}", Id(model_.pictures()));
  }

  AddPicture NewPicture() {
    AddPicture command = {.picture_id = fmt::format("picture {:08}", model_.pictures() + 1),
                          .content_hash = std::string(32, 'c'),
                          .thumbnail_hash = std::string(32, 't'),
                          .width = 1,
                          .height = 1,
                          .bytes = 1,
                          .thumbnail_bytes = 1};
    switch (Below(12)) {
      case 0:
        command.picture_id = PictureId();
        break;
      case 1:
        command.content_hash.pop_back();
        break;
      case 2:
        command.thumbnail_hash.clear();
        break;
      case 3:
        command.width = 0;
        break;
      case 4:
        command.height = 0;
        break;
      case 5:
        command.bytes = 0;
        break;
      case 6:
        command.thumbnail_bytes = 0;
        break;
      default:
        break;
    }
    return command;
  }

  UpdateProfile NewUpdate() {
    UpdateProfile command = {.sealed_changes = "sealed"};
    switch (Below(5)) {
      case 0:
        command.privacy_level = "PRIVATE";
        break;
      case 1:
        command.privacy_level = "public";
        break;
      case 2:
        command.sealed_changes.clear();
        break;
      default:
        break;
    }
    return command;
  }

  std::string Handle() {
    static const char* const kHandles[] = {"kim",  "KIM", "Kim",  "lee", "park", "choi",  "jung",
                                           "kang", "cho", "yoon", "ab",  "a-b",  "김민지"};
    return kHandles[Below(std::size(kHandles))];
  }

  SignUp NewSignUp() {
    SignUp command;
    command.handle = Handle();
    command.email_digest = fmt::format("digest {}", Below(12));
    command.subject_id = fmt::format("subject {:08}", Below(100000000));
    return command;
  }

  std::mt19937_64 random_;
  const NaiveModel& model_;
};

std::set<std::string> LinesOf(const MapRows& rows) {
  std::set<std::string> lines;
  for (const auto& [key, value] : rows.rows()) lines.insert(DescribeRow(key, value));
  return lines;
}

std::string NameOf(const std::optional<ErrorCode>& code) {
  return code.has_value() ? std::string(ErrorCodeName(*code)) : "accepted";
}

// Events whose repetition is no contradiction.
bool MayRepeat(const v1::Payload& payload) {
  return payload.has_post_viewed() || payload.has_post_edited() || payload.has_comment_edited() ||
         payload.has_profile_updated() || payload.has_activity_recorded();
}

class History {
 public:
  explicit History(uint64_t seed)
      : limits_{.post_title_max = 3,
                .post_content_max = 5,
                .comment_content_max = 4,
                .comment_depth_max = static_cast<uint32_t>(seed % 4),
                .followings_max = 3},
        model_(limits_),
        source_(seed, model_) {}

  void Run() {
    for (int step = 0; step < kSteps; ++step) {
      ASSERT_NO_FATAL_FAILURE(Step()) << "step " << step;
      if (step % kStateComparedEvery == 0) {
        ASSERT_EQ(LinesOf(rows_), model_.Lines()) << "step " << step;
      }
    }
    EXPECT_EQ(LinesOf(rows_), model_.Lines());
    CheckFoldAfresh();
  }

  const std::set<std::string>& outcomes() const { return outcomes_; }

 private:
  void Step() {
    const Command command = source_.Next();
    Context context;
    context.actor = source_.Actor();
    context.limits = limits_;
    const std::optional<ErrorCode> expected = model_.Execute(context.actor, command);
    const absl::StatusOr<Events> outcome = DecideCommand(command, context, rows_);
    const std::optional<ErrorCode> code =
        outcome.ok() ? std::nullopt : ErrorCodeOf(outcome.status());
    outcomes_.insert(fmt::format("{} {}", command.index(), NameOf(expected)));
    ASSERT_EQ(NameOf(code), NameOf(expected))
        << "command " << command.index() << " by member " << context.actor;
    ASSERT_EQ(outcome.ok(), !expected.has_value()) << outcome.status();
    if (!outcome.ok()) return;
    ASSERT_FALSE(outcome->empty());
    for (const NewEvent& decided : *outcome) {
      v1::Event event;
      event.set_position(log_.size() + 1);
      event.set_stream_kind(decided.stream_kind);
      event.set_stream_id(decided.stream_id);
      *event.mutable_payload() = decided.payload;
      ASSERT_EQ(EvolveRows(event, rows_), absl::OkStatus());
      log_.push_back(event.SerializeAsString());
    }
  }

  void CheckFoldAfresh() {
    MapRows folded;
    for (const std::string& bytes : log_) {
      v1::Event event;
      ASSERT_TRUE(event.ParseFromString(bytes));
      ASSERT_EQ(EvolveRows(event, folded), absl::OkStatus());
      if (MayRepeat(event.payload())) continue;
      const MapRows::Map before = folded.rows();
      const absl::Status twice = EvolveRows(event, folded);
      ASSERT_TRUE(absl::IsDataLoss(twice)) << event.ShortDebugString();
      const std::string named = fmt::format("position {} ", event.position());
      ASSERT_NE(std::string(twice.message()).find(named), std::string::npos) << twice;
      ASSERT_EQ(folded.rows(), before);
    }
    EXPECT_EQ(folded.rows(), rows_.rows());
  }

  const DomainLimits limits_;
  NaiveModel model_;
  CommandSource source_;
  MapRows rows_;
  std::vector<std::string> log_;
  std::set<std::string> outcomes_;
};

std::vector<uint64_t> Seeds() {
  if (const char* seed = std::getenv("DAILYFEED_SEED")) return {std::strtoull(seed, nullptr, 10)};
  std::vector<uint64_t> seeds;
  for (uint64_t seed = 1; seed <= 16; ++seed) seeds.push_back(seed);
  return seeds;
}

TEST(DeciderModelTest, RandomHistoriesAgreeWithTheNaiveModel) {
  std::set<std::string> outcomes;
  for (const uint64_t seed : Seeds()) {
    SCOPED_TRACE(fmt::format(
        "repeat: bazel test //core/domain:decider_model_test --test_env=DAILYFEED_SEED={}", seed));
    History history(seed);
    history.Run();
    if (HasFatalFailure()) return;
    outcomes.insert(history.outcomes().begin(), history.outcomes().end());
  }
  if (std::getenv("DAILYFEED_SEED") != nullptr) return;
  // Histories that never get anywhere would agree on everything.
  for (size_t command = 0; command < std::variant_size_v<Command>; ++command) {
    EXPECT_TRUE(outcomes.contains(fmt::format("{} accepted", command))) << "command " << command;
  }
  EXPECT_EQ(outcomes.size(), kPossibleOutcomes) << fmt::format("{}", fmt::join(outcomes, "\n"));
}

}  // namespace
}  // namespace dailyfeed
