#include "adapters/kafka/topics/topic_keeper.h"

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace dailyfeed::kafka {
namespace {

// A cluster in memory.
struct FakeCluster {
  std::mutex mutex;
  std::map<std::string, int> topics;  // name -> partitions
  absl::Status describe;
  absl::Status create;
  int created = 0;
};

class FakeAdmin final : public Admin {
 public:
  explicit FakeAdmin(FakeCluster* cluster) : cluster_(cluster) {}

  absl::StatusOr<Cluster> Describe(absl::Duration) override {
    std::lock_guard<std::mutex> lock(cluster_->mutex);
    if (!cluster_->describe.ok()) return cluster_->describe;
    Cluster cluster = {.id = "fake", .brokers = 1};
    for (const auto& [name, partitions] : cluster_->topics) {
      cluster.topics[name] = {.partitions = partitions, .status = absl::OkStatus()};
    }
    return cluster;
  }
  absl::StatusOr<std::vector<absl::Status>> Create(const std::vector<NewTopic>& topics,
                                                   absl::Duration) override {
    std::lock_guard<std::mutex> lock(cluster_->mutex);
    std::vector<absl::Status> answers;
    for (const NewTopic& topic : topics) {
      answers.push_back(cluster_->create);
      if (!cluster_->create.ok()) continue;
      cluster_->topics[topic.name] = topic.partitions;
      ++cluster_->created;
    }
    return answers;
  }
  absl::StatusOr<std::vector<absl::Status>> Delete(const std::vector<std::string>&,
                                                   absl::Duration) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::vector<absl::StatusOr<TopicSettings>>> Settings(
      const std::vector<std::string>& names, absl::Duration) override {
    return std::vector<absl::StatusOr<TopicSettings>>(
        names.size(), TopicSettings{.message_bytes_max = 1000, .retention = absl::Hours(1)});
  }
  absl::StatusOr<Offsets> OffsetsOf(const std::string&, int, absl::Duration) override {
    return Offsets();
  }
  absl::StatusOr<std::optional<std::string>> HeaderAt(const std::string&, int, int64_t,
                                                      std::string_view, absl::Duration) override {
    return std::nullopt;
  }

 private:
  FakeCluster* const cluster_;
};

class SetClock final : public Clock {
 public:
  TimestampNs Now() override { return now; }
  // 2026-11-21T12:00:00 in Seoul.
  std::atomic<TimestampNs> now = 1'795'230'000'000'000'000;
};

class TopicKeeperTest : public ::testing::Test {
 protected:
  void Start(std::set<DayTopic> pruned = {}) {
    keeper_ = std::make_unique<TopicKeeper>(std::make_unique<FakeAdmin>(&cluster_),
                                            DayZone::Load("Asia/Seoul").value(), &clock_, options_,
                                            std::move(pruned));
  }
  TopicView WaitFor(const DayTopic& topic, TopicState state) {
    TopicView view;
    do {
      view = keeper_->Find(topic);
      std::this_thread::yield();
    } while (view.state != state);
    return view;
  }

  FakeCluster cluster_;
  SetClock clock_;
  TopicOptions options_{.kinds = {TopicKind::kActivities}, .retry_refused = absl::Milliseconds(20)};
  std::unique_ptr<TopicKeeper> keeper_;
};

TEST_F(TopicKeeperTest, YesterdayTodayAndTomorrowAreMadeWithoutBeingAskedFor) {
  Start();
  while (keeper_->topics().size() < 3) std::this_thread::yield();
  for (const Day day : {20261120, 20261121, 20261122}) {
    const TopicView view = WaitFor({TopicKind::kActivities, day}, TopicState::kReady);
    EXPECT_EQ(view.partitions, 6);
  }
  clock_.now += int64_t{24} * 3'600'000'000'000;
  while (keeper_->topics().size() < 4) std::this_thread::yield();
  WaitFor({TopicKind::kActivities, 20261123}, TopicState::kReady);
  EXPECT_EQ(keeper_->cluster_id(), "fake");
}

TEST_F(TopicKeeperTest, OtherDaysAreMadeOnDemandAndTopicsOfOthersAreUsedAsTheyAre) {
  cluster_.topics["member-activity-20240101"] = 3;
  Start();
  EXPECT_EQ(WaitFor({TopicKind::kActivities, 20240101}, TopicState::kReady).partitions, 3);
  EXPECT_EQ(WaitFor({TopicKind::kActivities, 20240102}, TopicState::kReady).partitions, 6);
}

TEST_F(TopicKeeperTest, ATopicThatIsRefusedIsTriedAgain) {
  cluster_.create = absl::PermissionDeniedError("no right");
  Start();
  const DayTopic topic = {TopicKind::kActivities, 20240102};
  EXPECT_NE(WaitFor(topic, TopicState::kRefused).error.find("no right"), std::string::npos);
  {
    std::lock_guard<std::mutex> lock(cluster_.mutex);
    cluster_.create = absl::OkStatus();
  }
  WaitFor(topic, TopicState::kReady);
}

TEST_F(TopicKeeperTest, ATopicThatIsGoneHasAnotherLifeAfterwards) {
  Start();
  const DayTopic topic = {TopicKind::kActivities, 20261121};
  const uint64_t life = WaitFor(topic, TopicState::kReady).lives;
  {
    std::lock_guard<std::mutex> lock(cluster_.mutex);
    cluster_.topics.clear();
  }
  keeper_->LookAgain(topic);
  EXPECT_GT(WaitFor(topic, TopicState::kReady).lives, life);
}

TEST_F(TopicKeeperTest, DaysBeyondTheCapAreWithheldAndPrunedOnesStayPruned) {
  options_.days_max = 4;
  Start({{TopicKind::kActivities, 20261119}});
  EXPECT_EQ(keeper_->Find({TopicKind::kActivities, 20261119}).state, TopicState::kPruned);
  while (keeper_->topics().size() < 3) std::this_thread::yield();
  WaitFor({TopicKind::kActivities, 20240102}, TopicState::kReady);
  EXPECT_EQ(keeper_->Find({TopicKind::kActivities, 20240101}).state, TopicState::kWithheld);
  keeper_->SetPruned({TopicKind::kActivities, 20261119}, false);
  WaitFor({TopicKind::kActivities, 20261119}, TopicState::kReady);
}

TEST_F(TopicKeeperTest, AClusterThatDoesNotAnswerIsAskedAgain) {
  cluster_.describe = absl::UnavailableError("away");
  Start();
  const DayTopic topic = {TopicKind::kActivities, 20261121};
  while (keeper_->reachable().message() != "away") std::this_thread::yield();
  EXPECT_EQ(keeper_->Find(topic).state, TopicState::kUnknown);
  {
    std::lock_guard<std::mutex> lock(cluster_.mutex);
    cluster_.describe = absl::OkStatus();
  }
  WaitFor(topic, TopicState::kReady);
  EXPECT_TRUE(keeper_->reachable().ok());
}

}  // namespace
}  // namespace dailyfeed::kafka
