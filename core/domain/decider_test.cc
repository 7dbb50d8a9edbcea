// What the deciders and folds cost in rows, and what they do with failing and
// malformed rows. What they decide stands in testdata/scenarios.
#include "core/domain/decider.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/domain/errors.h"
#include "core/domain/map_rows.h"

namespace dailyfeed {
namespace {

const AddPicture kPicture = {.picture_id = "0123456789abcdef",
                             .content_hash = std::string(32, 'c'),
                             .thumbnail_hash = std::string(32, 't'),
                             .width = 1,
                             .height = 1,
                             .bytes = 1,
                             .thumbnail_bytes = 1};

// Two members, a post of the first, a thread of three comments.
class DeciderTest : public testing::Test {
 protected:
  void SetUp() override {
    SignUp kim = {.handle = "kim", .email_digest = "k", .subject_id = std::string(16, 'k')};
    SignUp lee = {.handle = "lee", .email_digest = "l", .subject_id = std::string(16, 'l')};
    ASSERT_TRUE(Do(0, kim).ok());
    ASSERT_TRUE(Do(0, lee).ok());
    ASSERT_TRUE(Do(1, PublishPost{"title", "hello"}).ok());
    ASSERT_TRUE(Do(1, AddComment{1, "yo"}).ok());
    ASSERT_TRUE(Do(1, AddReply{1, 1, "yo"}).ok());
    ASSERT_TRUE(Do(1, AddReply{1, 2, "yo"}).ok());
  }

  absl::StatusOr<Events> Decide(MemberId actor, const Command& command) {
    Context context;
    context.actor = actor;
    return DecideCommand(command, context, rows_);
  }

  static v1::Event At(Position position, const NewEvent& decided) {
    v1::Event event;
    event.set_position(position);
    event.set_stream_kind(decided.stream_kind);
    event.set_stream_id(decided.stream_id);
    *event.mutable_payload() = decided.payload;
    return event;
  }

  absl::Status Do(MemberId actor, const Command& command) {
    absl::StatusOr<Events> events = Decide(actor, command);
    if (!events.ok()) return events.status();
    for (const NewEvent& event : *events) {
      const absl::Status folded = EvolveRows(At(++head_, event), rows_);
      if (!folded.ok()) return folded;
    }
    return absl::OkStatus();
  }

  MapRows rows_;
  Position head_ = 0;
};

TEST_F(DeciderTest, CommandsTouchFewRows) {
  struct Case {
    const char* name;
    Command command;
    size_t reads, writes;
  };
  const Case cases[] = {
      {"ViewPost", ViewPost{1}, 2, 0},
      {"LikePost", LikePost{1}, 3, 1},
      {"UnlikePost", UnlikePost{1}, 3, 1},
      {"LikeComment", LikeComment{1}, 4, 1},
      {"LikeComment at depth 2", LikeComment{3}, 6, 1},
      {"FollowMember", FollowMember{1}, 4, 2},
      {"PublishPost", PublishPost{"t", "hi"}, 2, 2},
      {"EditPost with the same title", EditPost{2, "t", "hi"}, 2, 0},
      {"EditPost with another title", EditPost{2, "u", "hi"}, 2, 1},
      {"AddComment", AddComment{1, "hi"}, 3, 2},
      {"AddReply", AddReply{1, 1, "hi"}, 4, 2},
      {"DeletePost", DeletePost{2}, 2, 1},
      {"UpdateProfile", UpdateProfile{"sealed", {}}, 2, 0},
      {"ChangeHandle", ChangeHandle{"lee_2"}, 3, 3},
      {"RecordActivity", RecordActivity{v1::ACTIVITY_TYPE_POST_READ, 1, 0}, 1, 0},
      {"AddPicture", kPicture, 3, 2},
      {"DeletePictures", DeletePictures{{kPicture.picture_id}}, 2, 1},
      {"WithdrawMember", WithdrawMember{}, 2, 3},
      {"ReleaseFollows", ReleaseFollows{{}, {1}}, 2, 2},
      {"CompleteWithdrawal", CompleteWithdrawal{}, 1, 1},
  };
  for (const Case& c : cases) {
    rows_.ResetCounts();
    const absl::StatusOr<Events> events = Decide(2, c.command);
    ASSERT_TRUE(events.ok()) << c.name << events.status();
    EXPECT_EQ(rows_.reads(), c.reads) << c.name;
    EXPECT_EQ(rows_.writes(), 0u) << c.name;
    ASSERT_EQ(events->size(), 1u) << c.name;
    ASSERT_EQ(EvolveRows(At(++head_, events->front()), rows_), absl::OkStatus()) << c.name;
    EXPECT_EQ(rows_.writes(), c.writes) << c.name;
  }
}

std::vector<Command> EveryCommand() {
  const SignUp park = {.handle = "park", .email_digest = "p", .subject_id = std::string(16, 'p')};
  return {park,
          FollowMember{1},
          UnfollowMember{1},
          PublishPost{"", "hi"},
          EditPost{1, {}, "hi"},
          DeletePost{1},
          ViewPost{1},
          LikePost{1},
          UnlikePost{1},
          LikeComment{3},
          UnlikeComment{3},
          AddComment{1, "hi"},
          AddReply{1, 2, "hi"},
          EditComment{3, "hi"},
          DeleteComment{3},
          UpdateProfile{"sealed", {}},
          ChangeHandle{"lee_2"},
          WithdrawMember{},
          ReleaseFollows{{1}, {1}},
          CompleteWithdrawal{},
          kPicture,
          DeletePictures{{kPicture.picture_id}},
          RecordActivity{v1::ACTIVITY_TYPE_MEMBER_LOGIN, 0, 0}};
}

TEST_F(DeciderTest, FailuresOfTheRowsPassThroughUnchanged) {
  ASSERT_EQ(EveryCommand().size(), std::variant_size_v<Command>);
  std::vector<v1::Event> events;
  for (const Command& command : EveryCommand()) {
    if (const auto decided = Decide(2, command); decided.ok()) {
      events.push_back(At(head_ + 1, decided->front()));
    }
  }
  ASSERT_GT(events.size(), 5u);
  rows_.FailWith(absl::UnavailableError("disk"));
  for (const Command& command : EveryCommand()) {
    EXPECT_EQ(Decide(2, command).status(), absl::UnavailableError("disk")) << command.index();
  }
  for (const v1::Event& event : events) {
    EXPECT_EQ(EvolveRows(event, rows_), absl::UnavailableError("disk"));
  }
}

TEST_F(DeciderTest, MalformedRowsAreDataLoss) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : rows_.rows()) keys.push_back(key);
  for (const std::string& key : keys) rows_.Put(key, "\xFF");
  for (const Command& command : EveryCommand()) {
    const absl::Status status = Decide(2, command).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << command.index() << " " << status;
    EXPECT_EQ(ErrorCodeOf(status), std::nullopt);
  }
}

TEST_F(DeciderTest, WhenIdsAreUsedUpNothingNewIsMade) {
  for (const IdKind kind : {IdKind::kMember, IdKind::kPost, IdKind::kComment, IdKind::kPicture}) {
    rows_.Put(LastIdKey(kind), EncodeNumber(kMaxId));
  }
  for (const Command& command : EveryCommand()) {
    const bool creates =
        std::holds_alternative<SignUp>(command) || std::holds_alternative<PublishPost>(command) ||
        std::holds_alternative<AddComment>(command) || std::holds_alternative<AddReply>(command) ||
        std::holds_alternative<AddPicture>(command);
    if (!creates) continue;
    const absl::Status status = Decide(2, command).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << command.index();
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kInternalServerError);
  }
  EXPECT_TRUE(Decide(2, LikePost{1}).ok());
}

TEST_F(DeciderTest, AnEventOutsideItsStreamOrOfNoTypeIsDataLoss) {
  v1::Event event = At(head_ + 1, Decide(2, LikePost{1})->front());
  v1::Event elsewhere = event;
  elsewhere.set_stream_id(2);
  v1::Event other_kind = event;
  other_kind.set_stream_kind(v1::STREAM_KIND_POST);
  v1::Event unset = event;
  unset.clear_payload();
  const MapRows::Map before = rows_.rows();
  EXPECT_EQ(EvolveRows(elsewhere, rows_).message(),
            "position 7 (PostLiked in post-likes/2) contradicts the events before it: "
            "the event belongs to the stream post-likes/1");
  EXPECT_TRUE(absl::IsDataLoss(EvolveRows(other_kind, rows_)));
  EXPECT_TRUE(absl::IsDataLoss(EvolveRows(unset, rows_)));
  EXPECT_EQ(rows_.rows(), before);
  EXPECT_EQ(EvolveRows(event, rows_), absl::OkStatus());
}

TEST_F(DeciderTest, FromTheEmailToTheCredentialsOfAMemberWhoSignedUp) {
  const auto account = LookUpMemberByEmailDigest(
      [&](std::string_view key, std::string* value) { return rows_.Get(key, value); }, "l");
  ASSERT_TRUE(account.ok() && account->has_value());
  EXPECT_EQ((*account)->member_id, 2u);
  EXPECT_EQ((*account)->subject_id, std::string(16, 'l'));
}

}  // namespace
}  // namespace dailyfeed
