// What every EventLog must do, as tests. An implementation's test says
//
//   INSTANTIATE_TEST_SUITE_P(Memory, EventLogContract, testing::Values(EventLogFactory(
//       [] { return std::make_unique<MemoryEventLog>(); })));
#ifndef DAILYFEED_CORE_PORTS_CONTRACTS_EVENT_LOG_CONTRACT_H_
#define DAILYFEED_CORE_PORTS_CONTRACTS_EVENT_LOG_CONTRACT_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/contracts/log_batch_builder.h"
#include "core/ports/event_log.h"

namespace dailyfeed {

// A new, empty log each time.
using EventLogFactory = std::function<std::unique_ptr<EventLog>()>;

class EventLogContract : public testing::TestWithParam<EventLogFactory> {
 protected:
  static constexpr v1::StreamKind kPost = v1::STREAM_KIND_POST;
  static constexpr v1::StreamKind kMember = v1::STREAM_KIND_MEMBER;
  static constexpr Day kMonday = 20261116;
  static constexpr Day kTuesday = 20261117;

  void Append(LogBatchBuilder builder) {
    const absl::Status appended = log_->Append(builder.batch());
    ASSERT_TRUE(appended.ok()) << appended;
  }
  std::vector<Position> Positions(
      const std::function<absl::Status(EventLog::Visitor)>& read) const {
    std::vector<Position> positions;
    const absl::Status status = read([&](const v1::Event& event) {
      positions.push_back(event.position());
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
    return positions;
  }
  std::vector<Position> From(Position from) const {
    return Positions([&](EventLog::Visitor visit) { return log_->Read(from, visit); });
  }
  std::vector<Position> OfStream(v1::StreamKind kind, uint64_t id, StreamVersion from) const {
    return Positions(
        [&](EventLog::Visitor visit) { return log_->ReadStream(kind, id, from, visit); });
  }
  std::vector<Position> OfDay(Day day) const {
    return Positions([&](EventLog::Visitor visit) { return log_->ReadDay(day, visit); });
  }
  std::string Row(std::string_view key) const {
    std::string value = "untouched";
    const absl::StatusOr<bool> found = log_->GetDecisionRow(key, &value);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!*found) {
      EXPECT_EQ(value, "untouched");
    }
    return *found ? value : "(none)";
  }
  std::string Record(std::string_view key, TimestampNs now) const {
    std::string value;
    const absl::StatusOr<bool> found = log_->GetIdempotencyRecord(key, now, &value);
    EXPECT_TRUE(found.ok()) << found.status();
    return *found ? value : "(none)";
  }

  const std::unique_ptr<EventLog> log_ = GetParam()();
};

TEST_P(EventLogContract, IsEmptyAtFirst) {
  EXPECT_EQ(log_->Head(), 0u);
  EXPECT_TRUE(log_->WriteStatus().ok());
  EXPECT_EQ(*log_->StreamHead(kPost, 1), 0u);
  EXPECT_TRUE(From(0).empty());
  EXPECT_TRUE(From(1).empty());
  EXPECT_TRUE(OfStream(kPost, 1, 1).empty());
  EXPECT_TRUE(OfDay(kMonday).empty());
  EXPECT_TRUE(log_->Days()->empty());
  EXPECT_EQ(Row("a"), "(none)");
  EXPECT_EQ(Record("a", 0), "(none)");
}

TEST_P(EventLogContract, KeepsEventsInOrder) {
  Append(LogBatchBuilder(1).Add(kPost, 7, 1, kMonday).Add(kMember, 7, 1, kMonday));
  Append(LogBatchBuilder(3).Add(kPost, 7, 2, kMonday));
  EXPECT_EQ(log_->Head(), 3u);
  EXPECT_EQ(From(0), (std::vector<Position>{1, 2, 3}));
  EXPECT_EQ(From(2), (std::vector<Position>{2, 3}));
  EXPECT_TRUE(From(4).empty());
  EXPECT_EQ(*log_->StreamHead(kPost, 7), 2u);
  EXPECT_EQ(*log_->StreamHead(kMember, 7), 1u);
  EXPECT_EQ(*log_->StreamHead(kMember, 8), 0u);
}

TEST_P(EventLogContract, GivesBackTheEventAsItWasWritten) {
  LogBatchBuilder batch(1);
  batch.Add(kPost, 7, 1, kMonday);
  const v1::Event written = batch.events().front();
  Append(std::move(batch));
  int seen = 0;
  ASSERT_TRUE(log_->Read(1,
                         [&](const v1::Event& event) {
                           ++seen;
                           EXPECT_EQ(event.SerializeAsString(), written.SerializeAsString());
                           return true;
                         })
                  .ok());
  EXPECT_EQ(seen, 1);
}

TEST_P(EventLogContract, ReadsStreamsFromAVersion) {
  LogBatchBuilder batch(1);
  for (StreamVersion version = 1; version <= 200; ++version) {
    batch.Add(kPost, 7, version, kMonday).Add(kPost, 8, version, kMonday);
  }
  Append(std::move(batch));
  EXPECT_EQ(OfStream(kPost, 7, 0).size(), 200u);
  EXPECT_EQ(OfStream(kPost, 8, 199), (std::vector<Position>{398, 400}));
  EXPECT_TRUE(OfStream(kPost, 8, 201).empty());
  EXPECT_TRUE(OfStream(kMember, 7, 1).empty());
}

TEST_P(EventLogContract, VisitorsStopReading) {
  LogBatchBuilder batch(1);
  for (StreamVersion version = 1; version <= 10; ++version) batch.Add(kPost, 7, version, kMonday);
  Append(std::move(batch));
  const auto stop_at_third = [](const std::function<absl::Status(EventLog::Visitor)>& read) {
    int seen = 0;
    EXPECT_TRUE(read([&](const v1::Event&) { return ++seen < 3; }).ok());
    return seen;
  };
  EXPECT_EQ(stop_at_third([&](EventLog::Visitor v) { return log_->Read(1, v); }), 3);
  EXPECT_EQ(stop_at_third([&](EventLog::Visitor v) { return log_->ReadStream(kPost, 7, 1, v); }),
            3);
  EXPECT_EQ(stop_at_third([&](EventLog::Visitor v) { return log_->ReadDay(kMonday, v); }), 3);
}

TEST_P(EventLogContract, KnowsTheDays) {
  Append(LogBatchBuilder(1).Add(kPost, 1, 1, kMonday).Add(kPost, 1, 2, kMonday));
  Append(LogBatchBuilder(3).Add(kPost, 1, 3, kMonday).Add(kPost, 1, 4, kTuesday));
  Append(LogBatchBuilder(5).Add(kPost, 1, 5, kMonday));  // occurred earlier
  Append(LogBatchBuilder(6).Add(kPost, 1, 6, kTuesday));
  EXPECT_EQ(OfDay(kMonday), (std::vector<Position>{1, 2, 3, 5}));
  EXPECT_EQ(OfDay(kTuesday), (std::vector<Position>{4, 6}));
  EXPECT_TRUE(OfDay(20261118).empty());
  const auto days = log_->Days();
  ASSERT_TRUE(days.ok()) << days.status();
  ASSERT_EQ(days->size(), 2u);
  EXPECT_EQ((*days)[0].day, kMonday);
  EXPECT_EQ((*days)[0].events, 4u);
  EXPECT_EQ((*days)[0].first, 1u);
  EXPECT_EQ((*days)[0].last, 5u);
  EXPECT_EQ((*days)[1].day, kTuesday);
  EXPECT_EQ((*days)[1].events, 2u);
  EXPECT_EQ((*days)[1].first, 4u);
  EXPECT_EQ((*days)[1].last, 6u);
}

TEST_P(EventLogContract, RefusesPositionsThatDoNotFollow) {
  Append(LogBatchBuilder(1).Add(kPost, 1, 1, kMonday));
  for (const Position first : {0, 1, 3}) {
    LogBatchBuilder batch(first);
    batch.Add(kPost, 1, 2, kMonday).Row("a", "1");
    EXPECT_EQ(log_->Append(batch.batch()).code(), absl::StatusCode::kInvalidArgument) << first;
  }
  EXPECT_EQ(log_->Head(), 1u);
  EXPECT_EQ(Row("a"), "(none)");
  EXPECT_TRUE(log_->WriteStatus().ok());
}

TEST_P(EventLogContract, RefusesVersionsThatDoNotFollow) {
  Append(LogBatchBuilder(1).Add(kPost, 1, 1, kMonday));
  for (const StreamVersion version : {0, 1, 3}) {
    LogBatchBuilder batch(2);
    batch.Add(kMember, 1, 1, kMonday).Add(kPost, 1, version, kMonday);
    EXPECT_EQ(log_->Append(batch.batch()).code(), absl::StatusCode::kInvalidArgument) << version;
  }
  EXPECT_EQ(log_->Head(), 1u);
  EXPECT_EQ(*log_->StreamHead(kPost, 1), 1u);
  EXPECT_EQ(*log_->StreamHead(kMember, 1), 0u);
  Append(LogBatchBuilder(2).Add(kPost, 1, 2, kMonday));
}

TEST_P(EventLogContract, RefusesMalformedBatchesWithoutEffect) {
  Append(LogBatchBuilder(1).Add(kPost, 1, 1, kMonday).Row("a", "1").Record("k", 100, "answer"));
  const auto refused = [&](const char* what, const std::function<void(LogBatchBuilder&)>& fill) {
    LogBatchBuilder batch(2);
    batch.Add(kPost, 1, 2, kMonday).Row("b", "2").Record("l", 100, "other");
    fill(batch);
    EXPECT_EQ(log_->Append(batch.batch()).code(), absl::StatusCode::kInvalidArgument) << what;
    EXPECT_EQ(log_->Head(), 1u) << what;
    EXPECT_EQ(*log_->StreamHead(kPost, 1), 1u) << what;
    EXPECT_EQ(Row("b"), "(none)") << what;
    EXPECT_EQ(Record("l", 0), "(none)") << what;
    EXPECT_TRUE(log_->WriteStatus().ok()) << what;
  };
  const std::string reserved(kReservedLogKey);
  refused("an event without a day", [](auto& batch) { batch.Add(kMember, 1, 1, 0); });
  refused("a day before the calendar", [](auto& batch) { batch.Add(kMember, 1, 1, -1); });
  refused("an event without a stream",
          [](auto& batch) { batch.Add(v1::STREAM_KIND_UNSPECIFIED, 1, 1, kMonday); });
  refused("a stream of no known kind",
          [](auto& batch) { batch.Add(static_cast<v1::StreamKind>(257), 1, 1, kMonday); });
  refused("a version twice in one batch", [](auto& batch) { batch.Add(kPost, 1, 2, kMonday); });
  refused("a reserved row", [&](auto& batch) { batch.Row(reserved, "x"); });
  refused("the deletion of a reserved row", [&](auto& batch) { batch.NoRow(reserved); });
  refused("an empty row key", [](auto& batch) { batch.Row("", "x"); });
  refused("a reserved record", [&](auto& batch) { batch.Record(reserved, 100, "x"); });
  refused("an empty record key", [](auto& batch) { batch.Record("", 100, "x"); });
  EXPECT_EQ(Row(reserved), "(none)");
  EXPECT_EQ(Record(reserved, 0), "(none)");
  // Keys that begin alike are ordinary.
  const std::string longer = reserved + "k";
  Append(LogBatchBuilder(2).Add(kPost, 1, 2, kMonday).Row(longer, "2").Record(longer, 100, "yes"));
  EXPECT_EQ(Row(longer), "2");
  EXPECT_EQ(Record(longer, 0), "yes");
}

TEST_P(EventLogContract, KeepsDecisionRows) {
  const std::string odd("\xff\0b", 3);
  Append(LogBatchBuilder(1).Add(kPost, 1, 1, kMonday).Row("b", "1").Row("a", "2").Row(odd, ""));
  EXPECT_EQ(Row("a"), "2");
  EXPECT_EQ(Row("b"), "1");
  EXPECT_EQ(Row(odd), "");
  Append(LogBatchBuilder(2).Add(kPost, 1, 2, kMonday).NoRow("b").Row("a", "3").NoRow("never"));
  EXPECT_EQ(Row("a"), "3");
  EXPECT_EQ(Row("b"), "(none)");
  std::vector<std::pair<std::string, std::string>> rows;
  ASSERT_TRUE(log_->ScanDecisionRows([&](std::string_view key, std::string_view value) {
                    rows.emplace_back(key, value);
                    return true;
                  })
                  .ok());
  EXPECT_EQ(rows, (std::vector<std::pair<std::string, std::string>>{{"a", "3"}, {odd, ""}}));
  int seen = 0;
  ASSERT_TRUE(log_->ScanDecisionRows([&](std::string_view, std::string_view) {
                    ++seen;
                    return false;
                  })
                  .ok());
  EXPECT_EQ(seen, 1);
}

TEST_P(EventLogContract, IdempotencyRecordsExpire) {
  Append(LogBatchBuilder(1).Add(kPost, 1, 1, kMonday).Record("k", 100, "answer"));
  EXPECT_EQ(Record("k", 99), "answer");
  EXPECT_EQ(Record("k", 100), "(none)");
  EXPECT_EQ(Record("other", 0), "(none)");
}

TEST_P(EventLogContract, ABatchMayHaveNoEvents) {
  Append(LogBatchBuilder(1).Add(kPost, 1, 1, kMonday));
  Append(LogBatchBuilder(2).Record("k", 100, "first"));
  Append(LogBatchBuilder(2).Record("k", 200, "second"));
  Append(LogBatchBuilder(2));
  EXPECT_EQ(log_->Head(), 1u);
  EXPECT_EQ(Record("k", 150), "second");
  Append(LogBatchBuilder(2).Add(kPost, 1, 2, kMonday));
  EXPECT_EQ(log_->Head(), 2u);
}

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_CONTRACTS_EVENT_LOG_CONTRACT_H_
