// `log verify` finds every kind of damage that checksums of files do not, and
// says where the first is.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <functional>
#include <random>

#include "adapters/rocksdb/log/log_format.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/testing/log_history.h"
#include "core/engine/engine.h"
#include "core/engine/idempotency.pb.h"

namespace dailyfeed {
namespace {

constexpr char kZone[] = "Asia/Seoul";
constexpr TimestampNs kNoon = 1795230000000000000;  // 2026-11-21 in Seoul
constexpr TimestampNs kDayNs = 86'400'000'000'000;
constexpr int kMembers = 12;
constexpr int kCommands = 300;

class NoListener final : public CommitListener {
 public:
  void OnCommitted(CommittedBatch batch) override { batch.done(absl::OkStatus()); }
};

// A log that the real engine has written.
class VerifyTest : public testing::Test {
 protected:
  VerifyTest() {
    options_.env = env_.env();
    options_.time_zone = kZone;
    WriteLog();
  }

  void WriteLog() {
    auto log = OpenRocksEventLog("/log", options_).value();
    NoListener listener;
    auto engine = Engine::Start(log.get(), &listener, DayZone::Load(kZone).value(), {}).value();
    std::mt19937_64 random(7);
    int keys = 0;
    const auto execute = [&](MemberId actor, Command command) {
      Submission submission;
      if (random() % 4 == 0) {
        submission.idempotency = {"member/1", fmt::format("key-{}", ++keys), "fingerprint"};
      }
      submission.command = std::move(command);
      submission.actor = actor;
      submission.occurred_at = kNoon + static_cast<TimestampNs>(random() % 3) * kDayNs;
      return engine->Execute(std::move(submission));
    };
    for (int i = 1; i <= kMembers; ++i) {
      SignUp sign_up;
      sign_up.handle = fmt::format("member{}", i);
      sign_up.email_digest = fmt::format("digest {:025}", i);
      sign_up.subject_id = fmt::format("subject {:08}", i);
      sign_up.sealed_profile = "sealed";
      ASSERT_TRUE(execute(0, sign_up).ok());
    }
    for (int i = 0; i < kCommands; ++i) {
      const MemberId actor = 1 + random() % kMembers;
      const uint64_t other = 1 + random() % 20;
      switch (random() % 6) {
        case 0:
          execute(actor, PublishPost{.title = "", .content = "words"}).status().IgnoreError();
          break;
        case 1:
          execute(actor, FollowMember{.followee_id = other}).status().IgnoreError();
          break;
        case 2:
          execute(actor, UnfollowMember{.followee_id = other}).status().IgnoreError();
          break;
        case 3:
          execute(actor, UnlikePost{.post_id = other}).status().IgnoreError();
          break;
        case 4:
          execute(actor, AddComment{.post_id = other, .content = "well"}).status().IgnoreError();
          break;
        default:
          execute(actor, LikePost{.post_id = other}).status().IgnoreError();
      }
    }
    head_ = log->Head();
    ASSERT_GT(head_, 150u);
  }

  VerifyReport Verify() {
    options_.read_only = true;
    const auto log = OpenRocksEventLog("/log", options_);
    EXPECT_TRUE(log.ok()) << log.status();
    const auto report = VerifyRocksEventLog(**log);
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }

  // Changes rows behind the log's back, with the checksums of files right.
  using Edit = std::function<void(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family)>;
  void Tamper(const std::string& family_name, const Edit& edit) {
    rocksdb::Options options;
    options.env = env_.env();
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(options, "/log/rocksdb", &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.push_back({name, options});
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, "/log/rocksdb", families, &handles, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == family_name) edit(*db, handles[i]);
      ASSERT_TRUE(db->DestroyColumnFamilyHandle(handles[i]).ok());
    }
  }
  void Put(const std::string& family, std::string_view key, std::string_view value) {
    Tamper(family, [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) {
      ASSERT_TRUE(db.Put({}, handle, rocksdb::Slice(key.data(), key.size()),
                         rocksdb::Slice(value.data(), value.size()))
                      .ok());
    });
  }
  void Delete(const std::string& family, std::string_view key) {
    Tamper(family, [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) {
      ASSERT_TRUE(db.Delete({}, handle, rocksdb::Slice(key.data(), key.size())).ok());
    });
  }
  std::string Get(const std::string& family, std::string_view key) {
    std::string value;
    Tamper(family, [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) {
      ASSERT_TRUE(db.Get({}, handle, rocksdb::Slice(key.data(), key.size()), &value).ok());
    });
    return value;
  }
  // Some row of a family that is not the batch number.
  std::pair<std::string, std::string> SomeRow(const std::string& family, int skip) {
    std::pair<std::string, std::string> row;
    Tamper(family, [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) {
      const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator({}, handle));
      it->SeekToFirst();
      for (int i = 0; i <= skip && it->Valid(); ++i) it->Next();
      ASSERT_TRUE(it->Valid());
      row = {it->key().ToString(), it->value().ToString()};
    });
    return row;
  }
  void ExpectFault(const std::string& words) {
    const VerifyReport report = Verify();
    EXPECT_NE(report.fault.find(words), std::string::npos)
        << "expected: " << words << "\nfound: " << report.fault;
  }
  static std::string Hex(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
    return text;
  }

  FaultEnv env_;
  RocksLogOptions options_;
  Position head_ = 0;
};

TEST_F(VerifyTest, ASoundLogHasNoFault) {
  const VerifyReport report = Verify();
  EXPECT_EQ(report.fault, "");
  EXPECT_EQ(report.head, head_);
  EXPECT_EQ(report.events, head_);
  EXPECT_GT(report.streams, 20u);
  EXPECT_LT(report.streams, head_);
  EXPECT_EQ(report.days, 3u);
  EXPECT_GT(report.decision_rows, 40u);
  EXPECT_GT(report.idempotency_records, 20u);
}

TEST_F(VerifyTest, AnEmptyLogHasNoFault) {
  RocksLogOptions options;
  options.env = env_.env();
  const auto log = OpenRocksEventLog("/empty", options);
  const auto report = VerifyRocksEventLog(**log);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->fault, "");
  EXPECT_EQ(report->events, 0u);
}

TEST_F(VerifyTest, ALogThatIsBeingWrittenCanBeVerifiedBetweenAppends) {
  options_.read_only = false;
  const auto log = OpenRocksEventLog("/log", options_);
  ASSERT_TRUE((*log)->Append(LogBatchBuilder(head_ + 1).Record("a", 1, "").batch()).ok());
  EXPECT_EQ(VerifyRocksEventLog(**log)->fault, "");
}

TEST_F(VerifyTest, ALogKeepsItsZone) {
  options_.time_zone = "UTC";
  const absl::Status refused = OpenRocksEventLog("/log", options_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_NE(refused.message().find("those of Asia/Seoul, not of UTC"), absl::string_view::npos)
      << refused;
  options_.time_zone.clear();
  EXPECT_EQ(TimeZoneOf(**OpenRocksEventLog("/log", options_)), kZone);
  options_.time_zone = kZone;
  EXPECT_EQ(Verify().fault, "");
}

TEST_F(VerifyTest, ALogWithoutAZoneTakesTheFirst) {
  options_.time_zone.clear();
  EXPECT_EQ(TimeZoneOf(**OpenRocksEventLog("/other", options_)), "Asia/Seoul");
  options_.time_zone = "UTC";
  EXPECT_EQ(TimeZoneOf(**OpenRocksEventLog("/other", options_)), "UTC");
  options_.time_zone.clear();
  options_.read_only = true;
  EXPECT_EQ(TimeZoneOf(**OpenRocksEventLog("/other", options_)), "UTC");
}

TEST_F(VerifyTest, NamesTheEventWithAFlippedBit) {
  for (const Position position : {Position{1}, Position{77}}) {
    const std::string key(EventKey(position).view());
    const std::string sound = Get("events", key);
    for (const size_t at : {size_t{0}, size_t{5}, sound.size() - 1}) {
      std::string value = sound;
      value[at] ^= 4;
      Put("events", key, value);
      ExpectFault(fmt::format("the event at position {} is damaged", position));
    }
    Put("events", key, sound);
  }
  EXPECT_EQ(Verify().fault, "");
}

TEST_F(VerifyTest, NamesAFlippedByteInATable) {
  // Everything into tables first.
  Tamper("events", [](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
    ASSERT_TRUE(db.Flush({}, family).ok());
  });
  std::string table;
  for (const std::string& path : env_.disk().FileNames()) {
    const std::string bytes = *env_.disk().Peek(path);
    if (path.ends_with(".sst") && bytes.find("words") != std::string::npos) table = path;
  }
  ASSERT_NE(table, "");
  std::string bytes = *env_.disk().Peek(table);
  bytes[100] ^= 1;
  env_.disk().Poke(table, bytes);
  options_.read_only = true;
  const auto log = OpenRocksEventLog("/log", options_);
  if (log.ok()) {
    const auto report = VerifyRocksEventLog(**log);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_NE(report->fault.find("position 1:"), std::string::npos) << report->fault;
  } else {
    EXPECT_TRUE(absl::IsDataLoss(log.status())) << log.status();
    EXPECT_NE(log.status().message().find("position"), absl::string_view::npos) << log.status();
  }
}

TEST_F(VerifyTest, FindsAFlippedByteInATableOfEveryFamily) {
  for (const char* name : {"meta", "events", "streams", "decision", "idempotency", "days"}) {
    Tamper(name, [](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
      ASSERT_TRUE(db.Flush({}, family).ok());
    });
  }
  int tables = 0;
  for (const std::string& path : env_.disk().FileNames()) {
    if (!path.ends_with(".sst")) continue;
    ++tables;
    const std::string bytes = *env_.disk().Peek(path);
    // In the rows, in the middle, and close to the end of what has checksums:
    // the footer (53 bytes) is not one of them.
    for (const size_t at : {size_t{20}, bytes.size() / 2, bytes.size() - 80}) {
      SCOPED_TRACE(fmt::format("{} at {} of {}", path, at, bytes.size()));
      std::string flipped = bytes;
      flipped[at] ^= 4;
      env_.disk().Poke(path, flipped);
      options_.read_only = true;
      const auto log = OpenRocksEventLog("/log", options_);
      if (log.ok()) {
        const auto report = VerifyRocksEventLog(**log);
        ASSERT_TRUE(report.ok()) << report.status();
        EXPECT_NE(report->fault, "");
        EXPECT_NE(report->fault.find("position"), std::string::npos) << report->fault;
      } else {
        EXPECT_TRUE(absl::IsDataLoss(log.status())) << log.status();
      }
    }
    env_.disk().Poke(path, bytes);
  }
  EXPECT_GE(tables, 6);
  EXPECT_EQ(Verify().fault, "");
}

TEST_F(VerifyTest, NamesAnIdempotencyRecordThatIsWrong) {
  const auto [key, value] = SomeRow("idempotency", 1);
  const std::string expires = value.substr(0, kIdempotencyHeaderBytes);
  Put("idempotency", key, "short");
  ExpectFault("the idempotency record");
  Put("idempotency", key, expires + "\xff\xff");
  ExpectFault("is malformed");
  v1::CommandMemory memory;
  memory.set_first_position(head_);
  memory.set_last_position(head_ + 1);
  Put("idempotency", key, expires + memory.SerializeAsString());
  ExpectFault(fmt::format("is of positions {} to {}", head_, head_ + 1));
  memory.set_last_position(head_ - 1);
  Put("idempotency", key, expires + memory.SerializeAsString());
  ExpectFault(fmt::format("is of positions {} to {}", head_, head_ - 1));
}

TEST_F(VerifyTest, NamesAMissingEvent) {
  Delete("events", EventKey(77).view());
  ExpectFault("the event at position 77 is missing");
}

TEST_F(VerifyTest, NamesAnEventAtTheWrongPosition) {
  // Whole and with a checksum of its own, but another one.
  const std::string other = Get("events", EventKey(78).view());
  const std::string_view bytes = std::string_view(other).substr(kEventHeaderBytes);
  const auto key = EventKey(77);
  const auto header = EventHeader(key.view(), 1, bytes);
  Put("events", key.view(), std::string(header.view()) + std::string(bytes));
  ExpectFault("the event at position 77 is damaged: it says it is at position 78");
}

TEST_F(VerifyTest, NamesTheEndOfAStreamThatIsWrong) {
  const auto [key, value] = SomeRow("streams", 3);
  const StreamEnd end = *ParseStreamEnd(value);
  Delete("streams", key);
  ExpectFault(
      fmt::format("neither the end of its stream nor another event leads to the event at "
                  "position {}",
                  end.position));
  Put("streams", key, StreamEndValue({end.version + 1, end.position}).view());
  ExpectFault(
      fmt::format("leads to position {}, which is not version {}", end.position, end.version + 1));
  Put("streams", key, "short");
  ExpectFault("malformed");
  Put("streams", key, value);
  const StreamId unused{static_cast<uint8_t>(v1::STREAM_KIND_POST), 999};
  Put("streams", StreamKey(unused).view(), StreamEndValue({1, 5}).view());
  ExpectFault("the end of post/999 leads to position 5, which is not version 1 of post/999");
  Delete("streams", StreamKey(unused).view());
  EXPECT_EQ(Verify().fault, "");
}

TEST_F(VerifyTest, NamesAnEventThatFollowsTheWrongOne) {
  // A link to an event of another stream, with the checksum right.
  for (Position position = head_ / 2;; ++position) {
    ASSERT_LT(position, head_);
    const auto key = EventKey(position);
    const std::string value = Get("events", key.view());
    const auto previous = LoadLittle<uint64_t>(value.data() + kEventCrcBytes);
    if (previous < 2) continue;
    const std::string_view bytes = std::string_view(value).substr(kEventHeaderBytes);
    const auto header = EventHeader(key.view(), previous - 1, bytes);
    Put("events", key.view(), std::string(header.view()) + std::string(bytes));
    ExpectFault(
        fmt::format("the event at position {} leads to position {}", position, previous - 1));
    const auto none = EventHeader(key.view(), 0, bytes);
    Put("events", key.view(), std::string(none.view()) + std::string(bytes));
    ExpectFault(fmt::format("the event at position {} is version", position));
    return;
  }
}

TEST_F(VerifyTest, NamesADecisionRowThatIsMissingExtraOrDifferent) {
  const auto [key, value] = SomeRow("decision", 20);
  Delete("decision", key);
  ExpectFault(fmt::format("the decision row {} is missing", Hex(key)));
  Put("decision", key, value + "x");
  ExpectFault(fmt::format("the decision row {} is", Hex(key)));
  Put("decision", key, value);
  Put("decision", "\x04 nobody", "1");
  ExpectFault(fmt::format("the decision row {} is in no fold of the log", Hex("\x04 nobody")));
}

TEST_F(VerifyTest, NamesADayRangeThatIsWrong) {
  const auto [key, value] = SomeRow("days", 2);
  const Position first = LoadBig64(key.data() + 4);
  Delete("days", key);
  ExpectFault(fmt::format("the day index has no row for the events of {} at positions {} to {}",
                          LoadBig32(key.data()), first, *ParseNumber(value)));
  Put("days", key, NumberValue(*ParseNumber(value) + 1).view());
  ExpectFault("the day index has an end at");
  Put("days", key, value);
  Put("days", DayKey(20300101, 3).view(), NumberValue(3).view());
  ExpectFault("the day index has a row for a day that no event has");
}

TEST_F(VerifyTest, TheWrongZoneIsAWrongDayIndex) {
  Put("meta", kTimeZoneKey, "Pacific/Honolulu");
  ExpectFault("day index");
  Put("meta", kTimeZoneKey, "Nowhere/Land");
  options_.read_only = true;
  const auto log = OpenRocksEventLog("/log", options_);
  EXPECT_TRUE(absl::IsNotFound(VerifyRocksEventLog(**log).status()));
}

TEST_F(VerifyTest, NamesAnEventThatContradictsTheOnesBeforeIt) {
  // Two sign-ups change places, each whole: the second member comes first.
  const auto swap = [&](Position at, Position from) {
    v1::Event event;
    const std::string value = Get("events", EventKey(from).view());
    EXPECT_TRUE(event.ParseFromString(value.substr(kEventHeaderBytes)));
    event.set_position(at);
    return event;
  };
  const v1::Event first = swap(1, 2);
  const v1::Event second = swap(2, 1);
  for (const v1::Event& event : {first, second}) {
    const auto key = EventKey(event.position());
    const std::string bytes = event.SerializeAsString();
    Put("events", key.view(), std::string(EventHeader(key.view(), 0, bytes).view()) + bytes);
  }
  ExpectFault("position 2 (MemberSignedUp in member/1) contradicts the events before it");
}

TEST_F(VerifyTest, AFamilyThatFellBehindIsFoundAtOpen) {
  Put("decision", kBatchNumberKey, NumberValue(3).view());
  const auto log = OpenRocksEventLog("/log", options_);
  EXPECT_TRUE(absl::IsDataLoss(log.status()));
  EXPECT_NE(log.status().message().find("column family decision"), absl::string_view::npos)
      << log.status();
}

}  // namespace
}  // namespace dailyfeed
