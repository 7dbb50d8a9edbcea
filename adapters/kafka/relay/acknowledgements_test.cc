// What the relay makes of acknowledgements, with a producer that the test holds in
// its hands.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "adapters/kafka/relay/relay.h"
#include "adapters/kafka/testing/scripted_log.h"
#include "projections/testing/events.h"

namespace dailyfeed::kafka {
namespace {

using dailyfeed::kafka::testing::Disk;
using dailyfeed::kafka::testing::ScriptedLog;
using dailyfeed::testing::Liked;

// Every topic is there, with one partition.
class ReadyAdmin final : public Admin {
 public:
  absl::StatusOr<Cluster> Describe(absl::Duration) override {
    Cluster cluster = {.id = "fake", .brokers = 1};
    for (Day day = 20261101; day <= 20261130; ++day) {
      cluster.topics[TopicName({TopicKind::kActivities, day})] = {.partitions = 1,
                                                                  .status = absl::OkStatus()};
    }
    return cluster;
  }
  absl::StatusOr<std::vector<absl::Status>> Create(const std::vector<NewTopic>& topics,
                                                   absl::Duration) override {
    return std::vector<absl::Status>(topics.size(), absl::PermissionDeniedError("no right"));
  }
  absl::StatusOr<std::vector<absl::Status>> Delete(const std::vector<std::string>&,
                                                   absl::Duration) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::vector<absl::StatusOr<TopicSettings>>> Settings(
      const std::vector<std::string>& names, absl::Duration) override {
    return std::vector<absl::StatusOr<TopicSettings>>(
        names.size(), TopicSettings{.message_bytes_max = 1 << 20, .retention = absl::Hours(1)});
  }
  absl::StatusOr<Offsets> OffsetsOf(const std::string&, int, absl::Duration) override {
    return Offsets{.begin = 0, .end = 1'000'000};
  }
  absl::StatusOr<std::optional<std::string>> HeaderAt(const std::string&, int, int64_t,
                                                      std::string_view, absl::Duration) override {
    return std::nullopt;
  }
};

// What was handed to all producers, in order, and what they are to deliver.
struct Hands {
  struct Handed {
    uint64_t token = 0;
    std::string position;
  };
  std::mutex mutex;
  std::vector<Handed> handed;
  std::deque<Delivery> deliveries;

  size_t count() {
    std::lock_guard<std::mutex> lock(mutex);
    return handed.size();
  }
  std::vector<std::string> positions() {
    std::lock_guard<std::mutex> lock(mutex);
    std::vector<std::string> all;
    for (const Handed& each : handed) all.push_back(each.position);
    return all;
  }
  void Deliver(size_t which, Delivery::Outcome outcome, int64_t offset) {
    std::lock_guard<std::mutex> lock(mutex);
    deliveries.push_back(
        {.token = handed[which].token, .outcome = outcome, .offset = offset, .error = "test"});
  }
};

class HeldProducer final : public Producer {
 public:
  explicit HeldProducer(Hands* hands) : hands_(hands) {}

  bool Send(const std::string&, int, const Message& message, uint64_t token) override {
    std::lock_guard<std::mutex> lock(hands_->mutex);
    for (const Header& header : message.headers) {
      if (header.name == kPositionHeader) hands_->handed.push_back({token, header.value});
    }
    mine_.push_back(token);
    return true;
  }
  std::vector<Delivery> Poll(absl::Duration) override {
    std::vector<Delivery> deliveries;
    std::lock_guard<std::mutex> lock(hands_->mutex);
    for (auto it = hands_->deliveries.begin(); it != hands_->deliveries.end();) {
      const auto mine = std::find(mine_.begin(), mine_.end(), it->token);
      if (mine == mine_.end()) {
        ++it;
        continue;
      }
      mine_.erase(mine);
      if (it->outcome != Delivery::Outcome::kAcknowledged) failed_ = true;
      deliveries.push_back(*it);
      it = hands_->deliveries.erase(it);
    }
    return deliveries;
  }
  size_t in_flight() const override { return mine_.size(); }
  absl::Status status() const override {
    return failed_ ? absl::AbortedError("failed") : absl::OkStatus();
  }
  std::vector<Delivery> Abandon() override {
    std::vector<Delivery> deliveries;
    for (const uint64_t token : mine_) deliveries.push_back({.token = token});
    mine_.clear();
    return deliveries;
  }

 private:
  Hands* const hands_;
  std::vector<uint64_t> mine_;
  bool failed_ = false;
};

class AcknowledgementsTest : public ::testing::Test {
 protected:
  // 2026-11-21T12:00:00 in Seoul.
  static constexpr TimestampNs kNoon = 1'795'230'000'000'000'000;

  void Start() {
    RelayOptions options;
    options.client.brokers = "localhost:1";
    options.topics.kinds = {TopicKind::kActivities};
    options.topics.partitions = 1;
    options.stop_patience = absl::ZeroDuration();
    options.open_producer =
        [this](const ClientSettings&) -> absl::StatusOr<std::unique_ptr<Producer>> {
      return std::make_unique<HeldProducer>(&hands_);
    };
    options.open_admin = [](const ClientSettings&) -> absl::StatusOr<std::unique_ptr<Admin>> {
      return std::make_unique<ReadyAdmin>();
    };
    RelayParts parts;
    parts.log = &log_;
    parts.zone = DayZone::Load("Asia/Seoul").value();
    parts.open_store = [this]() -> absl::StatusOr<std::unique_ptr<Store>> { return disk_.Open(); };
    relay_ = Relay::Start(parts, options).value();
  }
  void Append(int count) {
    for (int i = 0; i < count; ++i) log_.Append(Liked(1, 2 + log_.Head()), kNoon);
  }
  void WaitFor(const std::function<bool()>& holds) {
    while (!holds()) std::this_thread::yield();
  }

  Hands hands_;
  ScriptedLog log_;
  Disk disk_;
  std::unique_ptr<Relay> relay_;
};

// A partition that does not know a producer takes any message as its first: with two
// in flight, the second may be taken while the first is on its way again.
TEST_F(AcknowledgementsTest, APartitionTakesOneMessageOfANewProducerBeforeItTakesMore) {
  Append(5);
  Start();
  WaitFor([this] { return hands_.count() == 1; });
  Append(5);
  hands_.Deliver(0, Delivery::Outcome::kAcknowledged, 0);
  WaitFor([this] { return hands_.count() == 10; });
  // A new producer begins in the same way.
  hands_.Deliver(1, Delivery::Outcome::kReturned, -1);
  WaitFor([this] { return relay_->stats().producer_rebuilds == 1 && hands_.count() == 11; });
  EXPECT_EQ(hands_.positions().back(), "2");
  hands_.Deliver(10, Delivery::Outcome::kAcknowledged, 1);
  WaitFor([this] { return hands_.count() == 19; });
}

TEST_F(AcknowledgementsTest, AnAcknowledgementWithoutAPlaceIsNotBelieved) {
  Append(3);
  Start();
  WaitFor([this] { return hands_.count() == 1; });
  hands_.Deliver(0, Delivery::Outcome::kAcknowledged, -1);
  // The two others go behind what is sent again.
  WaitFor([this] { return hands_.count() >= 2; });
  const auto wait_and_deliver = [this] {
    int64_t offset = 0;
    for (size_t next = 1; relay_->stats().relayed < 3 || relay_->stats().jobs > 0;) {
      if (hands_.count() > next) hands_.Deliver(next++, Delivery::Outcome::kAcknowledged, offset++);
      std::this_thread::yield();
    }
  };
  wait_and_deliver();
  const std::vector<std::string> positions = hands_.positions();
  EXPECT_EQ(std::count(positions.begin(), positions.end(), "1"), 2);
  EXPECT_EQ(relay_->stats().lost_after_ack > 0, true);
}

TEST_F(AcknowledgementsTest, AnOffsetThatGoesBackMeansThatEverythingBeforeIsSentAgain) {
  Append(1);
  Start();
  WaitFor([this] { return hands_.count() == 1; });
  hands_.Deliver(0, Delivery::Outcome::kAcknowledged, 0);
  Append(3);
  WaitFor([this] { return hands_.count() == 4; });
  for (size_t i = 1; i < 4; ++i) {
    hands_.Deliver(i, Delivery::Outcome::kAcknowledged, static_cast<int64_t>(i));
  }
  WaitFor([this] { return relay_->stats().acknowledged == 4; });
  Append(1);
  WaitFor([this] { return hands_.count() == 5; });
  hands_.Deliver(4, Delivery::Outcome::kAcknowledged, 0);  // of a topic that was made anew
  int64_t offset = 1;
  for (size_t next = 5; relay_->stats().jobs > 0 || relay_->stats().lost_after_ack == 0;) {
    if (hands_.count() > next) hands_.Deliver(next++, Delivery::Outcome::kAcknowledged, offset++);
    std::this_thread::yield();
  }
  const std::vector<std::string> expected = {"1", "2", "3", "4", "5", "1", "2", "3", "4"};
  EXPECT_EQ(hands_.positions(), expected);
}

// Twenty producers that end: as if nothing had happened, but counted.
TEST_F(AcknowledgementsTest, ProducersThatFailAreReplaced) {
  Append(40);
  Start();
  size_t next = 0;
  int64_t offset = 0;
  uint64_t failures = 0;
  while (relay_->stats().relayed < 40) {
    if (hands_.count() > next) {
      const bool fails = failures < 20 && next % 3 == 1;
      hands_.Deliver(next++,
                     fails ? Delivery::Outcome::kReturned : Delivery::Outcome::kAcknowledged,
                     fails ? -1 : offset++);
      if (fails) {
        ++failures;
        WaitFor([&] { return relay_->stats().producer_rebuilds == failures; });
        next = hands_.count();
      }
    }
    std::this_thread::yield();
  }
  EXPECT_EQ(relay_->stats().producer_rebuilds, failures);
  EXPECT_EQ(relay_->stats().letters, 0u);
  EXPECT_EQ(relay_->stats().lost_after_ack, 0u);
}

}  // namespace
}  // namespace dailyfeed::kafka
