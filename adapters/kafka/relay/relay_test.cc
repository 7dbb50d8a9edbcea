// The relay against a real broker: everything arrives, in order, with the proof,
// whatever happens to the broker, the relay and its disk.
#include "adapters/kafka/relay/relay.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <random>
#include <thread>

#include "adapters/kafka/messages/message.h"
#include "adapters/kafka/testing/broker.h"
#include "adapters/kafka/testing/scripted_log.h"
#include "adapters/kafka/testing/topic_reader.h"
#include "projections/testing/events.h"

namespace dailyfeed::kafka {
namespace {

using namespace dailyfeed::kafka::testing;  // NOLINT: the broker and its readers
using dailyfeed::testing::CommentAdded;
using dailyfeed::testing::Followed;
using dailyfeed::testing::HandleChanged;
using dailyfeed::testing::Liked;
using dailyfeed::testing::Published;
using dailyfeed::testing::Unliked;
using dailyfeed::testing::Viewed;

constexpr absl::Duration kPatience = absl::Seconds(90);

class RelayTest : public ::testing::Test {
 protected:
  static uint64_t Seed() {
    static const uint64_t seed = [] {
      const char* const given = std::getenv("DAILYFEED_SEED");
      const uint64_t number =
          given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
      fmt::print("repeat: DAILYFEED_SEED={}\n", number);
      return number;
    }();
    return seed;
  }

  void SetUp() override {
    broker_ = std::make_unique<Broker>();
    options_.client.brokers = broker_->address();
    options_.topics.retry_refused = absl::Seconds(2);
    options_.breaker_after = absl::Seconds(2);
  }
  void TearDown() override {
    if (relay_ != nullptr) relay_->Stop();
    relay_ = nullptr;
  }

  void StartRelay() {
    RelayParts parts;
    parts.log = &log_;
    parts.zone = DayZone::Load("Asia/Seoul").value();
    parts.open_store = [this]() -> absl::StatusOr<std::unique_ptr<Store>> { return disk_.Open(); };
    parts.seal_handle =
        [](MemberId, const std::string& handle) -> absl::StatusOr<std::optional<std::string>> {
      return "sealed:" + handle;
    };
    absl::StatusOr<std::unique_ptr<Relay>> relay = Relay::Start(parts, options_);
    ASSERT_TRUE(relay.ok()) << relay.status();
    relay_ = *std::move(relay);
  }
  // As kill -9 leaves it: what was not written is not written.
  void CrashRelay() {
    disk_.Crash();
    relay_->Stop();
    relay_ = nullptr;
  }

  TimestampNs Now() { return SystemClock().Now() / 1000 * 1000; }
  v1::Event RandomEvent() {
    const PostId post = 1 + random_() % 50;
    const MemberId member = 1 + random_() % 20;
    switch (random_() % 7) {
      case 0:
        return Published(post, member, std::string(random_() % 300, 'x'));
      case 1:
        return Liked(post, member);
      case 2:
        return Unliked(post, member);
      case 3:
        return CommentAdded(1 + random_() % 100, post, member, {}, "c");
      case 4:
        return Followed(member, member + 1);
      case 5:
        return HandleChanged(member, "kim");  // no activity
      default:
        return Viewed(post, member);
    }
  }
  void AppendMany(int count) {
    for (int i = 0; i < count; ++i) log_.Append(RandomEvent(), Now());
  }
  // Appends so many events a second while `meanwhile` runs.
  void WhileAppending(int per_second, const std::function<void()>& meanwhile) {
    std::atomic<bool> done = false;
    std::thread writer([&] {
      while (!done) {
        AppendMany(std::max(1, per_second / 100));
        LetTimePass(absl::Milliseconds(10));
      }
    });
    meanwhile();
    done = true;
    writer.join();
  }
  static void Sleep(double seconds) { LetTimePass(absl::Seconds(seconds)); }

  bool WaitUntil(const std::function<bool(const RelayStats&)>& holds) {
    const absl::Time until = absl::Now() + kPatience;
    while (absl::Now() < until) {
      if (holds(relay_->stats())) return true;
      LetTimePass(absl::Milliseconds(20));
    }
    const RelayStats stats = relay_->stats();
    ADD_FAILURE() << fmt::format(
        "relayed {} of {}, in flight {}, jobs {}, rebuilds {}, acknowledged {}: {}", stats.relayed,
        stats.head, stats.in_flight, stats.jobs, stats.producer_rebuilds, stats.acknowledged,
        stats.reason);
    return false;
  }
  bool WaitUntilSent() {
    return WaitUntil([this](const RelayStats& stats) {
      return stats.relayed == log_.Head() && stats.jobs == 0;
    });
  }

  // Everything that the log implies is there, in order, and nothing has a hole.
  void ExpectComplete(size_t repeats_max) {
    for (const TopicKind kind : options_.topics.kinds) {
      SCOPED_TRACE(TopicPrefix(kind));
      const std::vector<ReadMessage> messages =
          ReadTopics(broker_->address(), std::string(TopicPrefix(kind)));
      std::vector<uint64_t> expected;
      EXPECT_TRUE(log_.Read(1,
                            [&](const v1::Event& event) {
                              if (MessageWriter::IsMessage(kind, event)) {
                                expected.push_back(event.position());
                              }
                              return true;
                            })
                      .ok());
      EXPECT_EQ(Positions(messages), expected);
      EXPECT_EQ(Holes(messages), "");
      EXPECT_LE(Repeats(messages), repeats_max);
    }
  }
  void ExpectOrder() {
    for (const TopicKind kind : options_.topics.kinds) {
      EXPECT_EQ(WrongOrder(ReadTopics(broker_->address(), std::string(TopicPrefix(kind)))), "");
    }
  }

  std::mt19937_64 random_{Seed()};
  std::unique_ptr<Broker> broker_;
  ScriptedLog log_;
  Disk disk_;
  RelayOptions options_;
  std::unique_ptr<Relay> relay_;
};

TEST_F(RelayTest, EverythingIsSentInOrderOnTheTopicsOfItsDay) {
  AppendMany(1500);
  // Three years ago, yesterday a microsecond before midnight, and midnight.
  const DayZone zone = DayZone::Load("Asia/Seoul").value();
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), zone.zone());
  const TimestampNs midnight = absl::ToUnixNanos(absl::FromCivil(today, zone.zone()));
  log_.Append(Liked(1, 2), midnight - 1000);
  log_.Append(Liked(1, 3), midnight);
  log_.Append(Liked(1, 4), midnight - int64_t{3 * 365 * 24} * 3'600'000'000'000);
  StartRelay();
  AppendMany(500);
  ASSERT_TRUE(WaitUntilSent());
  ExpectComplete(0);
  ExpectOrder();
  const RelayStats stats = relay_->stats();
  EXPECT_EQ(stats.letters, 0u);
  EXPECT_EQ(stats.producer_rebuilds, 0u);
  EXPECT_EQ(stats.health, RelayHealth::kHealthy) << stats.reason;
  // Each on its own day.
  for (const ReadMessage& message : ReadTopics(broker_->address(), "member-activity-")) {
    const Day day = zone.DayOf(std::atoll(message.headers.at("dailyfeed-occurred-at").c_str()));
    EXPECT_EQ(message.topic, TopicName({TopicKind::kActivities, day}));
  }
}

TEST_F(RelayTest, ABrokerThatIsKilledStoppedOrPausedUnderLoadCostsTime) {
  StartRelay();
  WhileAppending(500, [&] {
    Sleep(1);
    broker_->Kill();
    Sleep(3);
    broker_->Start();
    Sleep(2);
    broker_->Pause();
    Sleep(4);
    broker_->Resume();
    Sleep(1);
    broker_->Stop();
    broker_->Start();
  });
  ASSERT_TRUE(WaitUntilSent());
  ExpectComplete(0);
  ExpectOrder();
  EXPECT_EQ(relay_->stats().letters, 0u);
  EXPECT_EQ(relay_->stats().lost_after_ack, 0u);
}

TEST_F(RelayTest, ABrokerThatIsWipedUnderLoadGetsEverythingAgain) {
  StartRelay();
  WhileAppending(300, [&] {
    Sleep(3);
    broker_->Wipe();
    broker_->Start();
    Sleep(2);
  });
  ASSERT_TRUE(WaitUntilSent());
  ExpectComplete(100'000);
  EXPECT_GT(relay_->stats().lost_after_ack, 0u);
}

TEST_F(RelayTest, WhatWasLostWhileTheRelayWasDownIsFoundAtTheStart) {
  AppendMany(800);
  StartRelay();
  ASSERT_TRUE(WaitUntilSent());
  relay_->Stop();
  relay_ = nullptr;
  broker_->Wipe();
  broker_->Start();
  AppendMany(100);
  StartRelay();
  // What is lost is looked for when a topic is used.
  ASSERT_TRUE(WaitUntil([](const RelayStats& stats) { return stats.lost_after_ack > 0; }));
  ASSERT_TRUE(WaitUntilSent());
  ExpectComplete(100'000);
}

// Killed in the middle again and again: at least once, in order.
TEST_F(RelayTest, ARelayThatIsKilledSendsAgainAtMostWhatWasInFlight) {
  options_.window_messages_max = 200;
  WhileAppending(1000, [&] {
    for (int i = 0; i < 6; ++i) {
      StartRelay();
      Sleep(0.5 + static_cast<double>(random_() % 1000) / 1000);
      CrashRelay();
    }
  });
  StartRelay();
  ASSERT_TRUE(WaitUntilSent());
  // In flight, and what 100 ms acknowledged, of each crash, of each partition.
  ExpectComplete(6 * 12 * 400);
  ExpectOrder();
}

TEST_F(RelayTest, AMessageThatIsTooLargeIsOneLetterAndDisturbsNobody) {
  options_.topics.message_bytes_max = 5'000;
  options_.client.batch_bytes_max = 4'000;
  AppendMany(300);
  log_.Append(Published(7, 8, std::string(20'000, 'x')), Now());
  const Position too_large = log_.Head();
  AppendMany(300);
  StartRelay();
  ASSERT_TRUE(WaitUntilSent());
  ASSERT_TRUE(
      WaitUntil([this](const RelayStats&) { return !relay_->Letters(0, 10).value().empty(); }));
  const auto letters = relay_->Letters(0, 10).value();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].position(), too_large);
  EXPECT_EQ(letters[0].kind(), static_cast<uint32_t>(TopicKind::kEvents));
  EXPECT_EQ(relay_->stats().producer_rebuilds, 0u);
  const auto messages = ReadTopics(broker_->address(), "dailyfeed-events-");
  EXPECT_EQ(Positions(messages).size(), log_.Head() - 1);
  EXPECT_EQ(WrongOrder(messages), "");
  // The next message of its partition shows the gap.
  EXPECT_NE(Holes(messages), "");
  relay_->Stop();
  StartRelay();
  EXPECT_EQ(relay_->stats().letters, 1u);
}

TEST_F(RelayTest, AFullDiskUnderTheRelaysStoreCostsTime) {
  StartRelay();
  WhileAppending(300, [&] {
    Sleep(1.5);
    disk_.SetFull(true);
    Sleep(3);
    EXPECT_EQ(relay_->stats().health, RelayHealth::kCritical);
    disk_.SetFull(false);
    Sleep(1);
  });
  ASSERT_TRUE(WaitUntilSent());
  ExpectComplete(100'000);
  ExpectOrder();
  EXPECT_GT(relay_->stats().store_failures, 0u);
}

TEST_F(RelayTest, ARestoredLogIsNotRelayed) {
  AppendMany(300);
  StartRelay();
  ASSERT_TRUE(WaitUntilSent());
  relay_->Stop();
  relay_ = nullptr;
  log_.Restore(200);
  AppendMany(300);
  StartRelay();
  Sleep(1);
  const RelayStats stats = relay_->stats();
  EXPECT_EQ(stats.health, RelayHealth::kCritical);
  EXPECT_NE(stats.reason.find("restored"), std::string::npos) << stats.reason;
  EXPECT_EQ(stats.sent, 0u);
}

TEST_F(RelayTest, APrunedDayStaysPrunedAndADeletedOneComesBack) {
  const TimestampNs old = Now() - int64_t{10 * 24} * 3'600'000'000'000;
  const Day old_day = DayZone::Load("Asia/Seoul").value().DayOf(old);
  for (int i = 0; i < 50; ++i) log_.Append(Liked(1 + i, 2), old);
  AppendMany(50);
  StartRelay();
  ASSERT_TRUE(WaitUntilSent());
  ASSERT_EQ(TopicsOf(broker_->address(), "").size(), 8u);  // three days and the old one, twice
  const auto pruned = relay_->PruneBefore(old_day + 1);
  ASSERT_TRUE(pruned.ok()) << pruned.status();
  EXPECT_EQ(pruned->size(), 2u);
  log_.Append(Liked(60, 2), old);
  AppendMany(10);
  ASSERT_TRUE(WaitUntilSent());
  EXPECT_EQ(relay_->stats().withheld, 2u);
  EXPECT_EQ(TopicsOf(broker_->address(), "").size(), 6u);
  relay_->Stop();
  StartRelay();
  log_.Append(Liked(61, 2), old);
  ASSERT_TRUE(WaitUntilSent());
  EXPECT_EQ(TopicsOf(broker_->address(), "").size(), 6u);
}

TEST_F(RelayTest, StopsSoonWhateverTheBrokerDoes) {
  StartRelay();
  AppendMany(2000);
  ASSERT_TRUE(WaitUntilSent());
  broker_->Pause();
  AppendMany(2000);
  Sleep(0.5);
  const absl::Time begin = absl::Now();
  relay_->Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  relay_ = nullptr;
  broker_->Resume();
  StartRelay();
  ASSERT_TRUE(WaitUntilSent());
  ExpectComplete(2'000);
}

TEST_F(RelayTest, SettingsThatMakeNoSenseAreRefused) {
  RelayParts parts;
  parts.log = &log_;
  parts.zone = DayZone::Load("UTC").value();
  parts.open_store = [this]() -> absl::StatusOr<std::unique_ptr<Store>> { return disk_.Open(); };
  RelayOptions options = options_;
  options.client.brokers = "nowhere";
  EXPECT_TRUE(absl::IsInvalidArgument(Relay::Start(parts, options).status()));
  options = options_;
  options.client.library = {{"sasl.passwort", "hunter2"}};
  const absl::Status unknown = Relay::Start(parts, options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(unknown)) << unknown;
  EXPECT_NE(unknown.ToString().find("sasl.passwort"), std::string::npos);
  EXPECT_EQ(unknown.ToString().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace dailyfeed::kafka
