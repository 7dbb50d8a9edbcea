// Knows which day topics a cluster has and makes those that are wanted.
//
// A thread of its own asks the cluster, so that nobody else waits for it.
// Yesterday's, today's and tomorrow's topics are made at the start and whenever
// the day changes; any other day's when somebody first asks for it.
//
//   TopicKeeper keeper(std::move(admin), zone, clock, options);
//   const TopicView view = keeper.Find({TopicKind::kActivities, 20261121});
//   if (view.state == TopicState::kReady) Send(..., view.partitions);
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_KAFKA_TOPICS_TOPIC_KEEPER_H_
#define DAILYFEED_ADAPTERS_KAFKA_TOPICS_TOPIC_KEEPER_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/kafka/client/admin.h"
#include "adapters/kafka/messages/topic_name.h"
#include "core/ports/day.h"
#include "core/ports/environment.h"

namespace dailyfeed::kafka {

struct TopicOptions {
  std::vector<TopicKind> kinds = {TopicKind::kActivities, TopicKind::kEvents};
  int partitions = 6;
  int replication = 1;
  absl::Duration retention = absl::Hours(24 * 7);
  uint64_t message_bytes_max = 1'048'588;
  // Topics of one kind; messages of older days are withheld.
  size_t days_max = 400;
  // For a cluster to answer. The end of the relay waits for a call that is under way.
  absl::Duration call_timeout = absl::Seconds(2);
  // How often a topic that was refused is tried again.
  absl::Duration retry_refused = absl::Minutes(1);
};

enum class TopicState {
  kUnknown,  // the cluster has not answered yet
  kReady,
  kRefused,   // a right or a policy is against it; tried every minute
  kWithheld,  // beyond TopicOptions::days_max
  kPruned,    // deleted on purpose: late messages do not bring it back
};

struct TopicView {
  TopicState state = TopicState::kUnknown;
  int partitions = 0;              // once it was ready
  uint64_t message_bytes_max = 0;  // the same
  std::string error;               // when refused
  // Grows when the topic is found missing and made again: what it held is gone.
  uint64_t lives = 0;
};

class TopicKeeper {
 public:
  // `clock` is not owned. `pruned`: days that were deleted on purpose.
  TopicKeeper(std::unique_ptr<Admin> admin, DayZone zone, Clock* clock, TopicOptions options,
              std::set<DayTopic> pruned);
  // Waits for the call that is under way.
  ~TopicKeeper();
  TopicKeeper(const TopicKeeper&) = delete;
  TopicKeeper& operator=(const TopicKeeper&) = delete;

  // What is known now. Never waits; a topic that nobody has asked for is made.
  TopicView Find(const DayTopic& topic);
  // A message was refused: the topic is looked at again, and made again when it
  // is gone.
  void LookAgain(const DayTopic& topic);
  // A right is missing for a message: refused until the next try.
  void Refuse(const DayTopic& topic, const std::string& error);
  // From now on late messages do not make the topic (true), or may (false).
  void SetPruned(const DayTopic& topic, bool pruned);

  // Runs `work` on the keeper's thread with its Admin, after what is under way.
  // Work that has not begun when the keeper ends is dropped.
  void Post(absl::AnyInvocable<void(Admin&)> work);

  std::string cluster_id() const;
  // Of the last answer; not OK while the cluster does not answer.
  absl::Status reachable() const;
  std::map<DayTopic, TopicView> topics() const;
  const TopicOptions& options() const { return options_; }

 private:
  struct Entry {
    TopicView view;
    bool wanted = false;  // to be looked at, or made
    absl::Time retry_at;
  };

  void Loop();
  absl::Time Now() const { return absl::FromUnixNanos(clock_->Now()); }
  void WantDaysAround(absl::Time now);
  std::vector<DayTopic> TakeWanted(absl::Time now);
  void LookAndMake(const std::vector<DayTopic>& wanted);
  std::vector<DayTopic> Learn(const Cluster& cluster, const std::vector<DayTopic>& wanted,
                              std::vector<DayTopic>* there);
  void Make(const std::vector<DayTopic>& missing);
  void OpenTopics(const std::vector<DayTopic>& topics);
  bool IsBeyondCap(const DayTopic& topic) const;

  const std::unique_ptr<Admin> admin_;
  const DayZone zone_;
  Clock* const clock_;
  const TopicOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::map<DayTopic, Entry> entries_;
  std::set<DayTopic> pruned_;
  std::deque<absl::AnyInvocable<void(Admin&)>> work_;
  std::string cluster_id_;
  absl::Status reachable_ = absl::UnavailableError("the cluster was not asked yet");
  Day today_ = 0;
  std::thread thread_;
};

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_TOPICS_TOPIC_KEEPER_H_
