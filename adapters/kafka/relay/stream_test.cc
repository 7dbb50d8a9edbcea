#include "adapters/kafka/relay/stream.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>
#include <vector>

#include "adapters/kafka/relay/breaker.h"

namespace dailyfeed::kafka {
namespace {

constexpr DayTopic kTopic = {TopicKind::kActivities, 20261121};

TEST(StreamTest, TheCursorFollowsWhatIsDoneAndTheChainLeadsOverEveryMessage) {
  Stream stream(TopicKind::kActivities, 3, 10, 8);
  stream.Pass(11);
  EXPECT_EQ(stream.cursor(), 11u);
  const uint64_t first = stream.Send(12, kTopic, 100);
  stream.Pass(13);
  const uint64_t second = stream.Send(14, kTopic, 50);
  stream.Pass(15);
  EXPECT_EQ(stream.At(first).previous, 8u);
  EXPECT_EQ(stream.At(second).previous, 12u);
  EXPECT_EQ(stream.cursor(), 11u);
  EXPECT_EQ(stream.bytes(), 150u);
  stream.Done(second);
  EXPECT_EQ(stream.cursor(), 11u);
  stream.Done(first);
  EXPECT_EQ(stream.cursor(), 15u);
  EXPECT_EQ(stream.cursor_previous(), 14u);
  EXPECT_EQ(stream.bytes(), 0u);
}

TEST(StreamTest, AfterARewindNumbersAreNew) {
  Stream stream(TopicKind::kActivities, 3, 0, 0);
  const uint64_t lost = stream.Send(1, kTopic, 1);
  stream.Rewind();
  EXPECT_FALSE(stream.Has(lost));
  EXPECT_EQ(stream.read(), 0u);
  const uint64_t again = stream.Send(1, kTopic, 1);
  EXPECT_NE(again, lost);
  EXPECT_EQ(stream.At(again).previous, 0u);
}

// Against a model that remembers everything: random messages, acknowledgements,
// rewinds and crashes. Every message is done at least once, the chain of a message is
// always the same, and the cursor never passes what is not done.
TEST(StreamTest, RandomHistoriesAgreeWithAModel) {
  const char* const given = std::getenv("DAILYFEED_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  SCOPED_TRACE(fmt::format("repeat: DAILYFEED_SEED={}", seed));
  std::mt19937_64 random(seed);
  constexpr Position kEvents = 2'000;
  std::vector<bool> is_message(kEvents + 1);
  std::vector<Position> previous(kEvents + 1);
  Position last = 0;
  for (Position position = 1; position <= kEvents; ++position) {
    is_message[position] = random() % 3 == 0;
    previous[position] = last;
    if (is_message[position]) last = position;
  }
  Stream stream(TopicKind::kActivities, 0, 0, 0);
  std::set<Position> done;
  std::vector<uint64_t> in_flight;
  while (stream.cursor() < kEvents) {
    switch (random() % 20) {
      case 0:
        stream.Rewind();
        in_flight.clear();
        break;
      case 1: {
        // A crash: only the cursor is kept.
        const Position cursor = stream.cursor();
        const Position chain = stream.cursor_previous();
        stream.~Stream();
        new (&stream) Stream(TopicKind::kActivities, 0, cursor, chain);
        in_flight.clear();
        break;
      }
      default:
        if (random() % 2 == 0 && !in_flight.empty()) {
          const size_t which = random() % in_flight.size();
          done.insert(stream.At(in_flight[which]).position);
          stream.Done(in_flight[which]);
          in_flight.erase(in_flight.begin() + static_cast<int64_t>(which));
        } else if (stream.read() < kEvents) {
          const Position next = stream.read() + 1;
          if (!is_message[next]) {
            stream.Pass(next);
          } else if (random() % 10 == 0) {
            stream.PutOff(next, kTopic);
            done.insert(next);
          } else {
            const uint64_t number = stream.Send(next, kTopic, 1);
            ASSERT_EQ(stream.At(number).previous, previous[next]);
            in_flight.push_back(number);
          }
        }
    }
    for (Position position = 1; position <= stream.cursor(); ++position) {
      ASSERT_TRUE(!is_message[position] || done.contains(position)) << position;
    }
    ASSERT_EQ(stream.cursor_previous(),
              stream.cursor() == kEvents ? last : previous[stream.cursor() + 1]);
  }
}

TEST(BreakerTest, OpensWithoutAcknowledgementsAndClosesWithOne) {
  Breaker breaker(absl::Seconds(5));
  const absl::Time start = absl::UnixEpoch();
  EXPECT_FALSE(breaker.Look(start, false));
  EXPECT_FALSE(breaker.Look(start + absl::Hours(1), false));  // nothing is in flight
  EXPECT_FALSE(breaker.Look(start + absl::Hours(1) + absl::Seconds(4), true));
  EXPECT_TRUE(breaker.Look(start + absl::Hours(1) + absl::Seconds(5), true));
  EXPECT_FALSE(breaker.Look(start + absl::Hours(1) + absl::Seconds(6), true));  // once
  EXPECT_TRUE(breaker.away());
  EXPECT_TRUE(breaker.Acknowledged(start + absl::Hours(2)));
  EXPECT_FALSE(breaker.away());
  EXPECT_FALSE(breaker.Acknowledged(start + absl::Hours(2)));
}

TEST(BreakerTest, PausesGrowAndAreBounded) {
  Breaker breaker(absl::Seconds(5));
  absl::Duration longest;
  for (int i = 0; i < 100; ++i) {
    const absl::Duration pause = breaker.NextPause();
    EXPECT_LE(pause, absl::Seconds(31));
    longest = std::max(longest, pause);
  }
  EXPECT_GT(longest, absl::Seconds(5));
  breaker.Acknowledged(absl::UnixEpoch());
  EXPECT_LE(breaker.NextPause(), absl::Milliseconds(110));
}

}  // namespace
}  // namespace dailyfeed::kafka
