#include "adapters/kafka/topics/topic_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/logging/logging.h"

namespace dailyfeed::kafka {
namespace {

constexpr auto kLookInterval = std::chrono::milliseconds(250);
// While a cluster does not answer it is asked no more often.
constexpr absl::Duration kRetryUnreachable = absl::Milliseconds(500);
// Topics in one request.
constexpr size_t kTopicsAtOnce = 200;

bool CanHelpToWait(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

Day DayOf(const absl::CivilDay& day) {
  return static_cast<Day>(day.year() * 10000 + day.month() * 100 + day.day());
}

}  // namespace

TopicKeeper::TopicKeeper(std::unique_ptr<Admin> admin, DayZone zone, Clock* clock,
                         TopicOptions options, std::set<DayTopic> pruned)
    : admin_(std::move(admin)),
      zone_(std::move(zone)),
      clock_(clock),
      options_(std::move(options)),
      pruned_(std::move(pruned)),
      thread_([this] { Loop(); }) {}

TopicKeeper::~TopicKeeper() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

TopicView TopicKeeper::Find(const DayTopic& topic) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (pruned_.contains(topic)) return {.state = TopicState::kPruned};
  const auto found = entries_.find(topic);
  if (found != entries_.end() && found->second.view.state != TopicState::kWithheld) {
    return found->second.view;
  }
  if (IsBeyondCap(topic)) return {.state = TopicState::kWithheld};
  Entry& entry = entries_[topic];
  entry.view.state = TopicState::kUnknown;
  entry.wanted = true;
  changed_.notify_all();
  return entry.view;
}

// The newest days_max days that are known keep their topics.
bool TopicKeeper::IsBeyondCap(const DayTopic& topic) const {
  size_t newer = 0;
  for (const auto& [other, entry] : entries_) {
    if (other.kind == topic.kind && other.day > topic.day) ++newer;
  }
  return newer >= options_.days_max;
}

void TopicKeeper::LookAgain(const DayTopic& topic) {
  std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = entries_[topic];
  entry.view.state = TopicState::kUnknown;
  entry.wanted = true;
  entry.retry_at = absl::InfinitePast();
  changed_.notify_all();
}

void TopicKeeper::Refuse(const DayTopic& topic, const std::string& error) {
  std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = entries_[topic];
  entry.view.state = TopicState::kRefused;
  entry.view.error = error;
  entry.wanted = true;
  entry.retry_at = absl::Now() + options_.retry_refused;
}

void TopicKeeper::SetPruned(const DayTopic& topic, bool pruned) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (pruned) {
    pruned_.insert(topic);
  } else {
    pruned_.erase(topic);
  }
  entries_.erase(topic);
}

void TopicKeeper::Post(absl::AnyInvocable<void(Admin&)> work) {
  std::lock_guard<std::mutex> lock(mutex_);
  work_.push_back(std::move(work));
  changed_.notify_all();
}

std::string TopicKeeper::cluster_id() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return cluster_id_;
}

absl::Status TopicKeeper::reachable() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return reachable_;
}

std::map<DayTopic, TopicView> TopicKeeper::topics() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::map<DayTopic, TopicView> views;
  for (const auto& [topic, entry] : entries_) views[topic] = entry.view;
  return views;
}

void TopicKeeper::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    while (!stopping_ && !work_.empty()) {
      absl::AnyInvocable<void(Admin&)> work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      work(*admin_);
      lock.lock();
    }
    if (stopping_) return;
    WantDaysAround(Now());
    const std::vector<DayTopic> wanted = TakeWanted(absl::Now());
    if (!wanted.empty()) {
      lock.unlock();
      LookAndMake(wanted);
      lock.lock();
      continue;
    }
    changed_.wait_for(lock, kLookInterval);
  }
}

// A new day's topic is there before the day begins: tomorrow's is made today.
void TopicKeeper::WantDaysAround(absl::Time now) {
  const absl::CivilDay today = absl::ToCivilDay(now, zone_.zone());
  if (DayOf(today) == today_) return;
  today_ = DayOf(today);
  for (const TopicKind kind : options_.kinds) {
    for (int ahead = -1; ahead <= 1; ++ahead) {
      const DayTopic topic = {kind, DayOf(today + ahead)};
      if (pruned_.contains(topic) || entries_.contains(topic)) continue;
      entries_[topic].wanted = true;
    }
  }
}

std::vector<DayTopic> TopicKeeper::TakeWanted(absl::Time now) {
  std::vector<DayTopic> wanted;
  for (auto& [topic, entry] : entries_) {
    if (!entry.wanted || entry.retry_at > now || wanted.size() == kTopicsAtOnce) continue;
    wanted.push_back(topic);
    entry.wanted = false;
  }
  return wanted;
}

void TopicKeeper::LookAndMake(const std::vector<DayTopic>& wanted) {
  const absl::StatusOr<Cluster> cluster = admin_->Describe(options_.call_timeout);
  if (!cluster.ok()) {
    std::lock_guard<std::mutex> lock(mutex_);
    reachable_ = cluster.status();
    for (const DayTopic& topic : wanted) {
      entries_[topic].wanted = true;
      entries_[topic].retry_at = absl::Now() + kRetryUnreachable;
    }
    return;
  }
  std::vector<DayTopic> there;
  const std::vector<DayTopic> missing = Learn(*cluster, wanted, &there);
  if (!missing.empty()) Make(missing);
  if (!there.empty()) OpenTopics(there);
}

// Sorts those that are there from those that are returned, which are not.
std::vector<DayTopic> TopicKeeper::Learn(const Cluster& cluster,
                                         const std::vector<DayTopic>& wanted,
                                         std::vector<DayTopic>* there) {
  std::lock_guard<std::mutex> lock(mutex_);
  reachable_ = absl::OkStatus();
  if (!cluster.id.empty()) cluster_id_ = cluster.id;
  std::vector<DayTopic> missing;
  for (const DayTopic& topic : wanted) {
    const auto found = cluster.topics.find(TopicName(topic));
    if (found == cluster.topics.end() || absl::IsNotFound(found->second.status)) {
      missing.push_back(topic);
      continue;
    }
    Entry& entry = entries_[topic];
    if (found->second.partitions > 0) {
      entry.view.partitions = found->second.partitions;
      there->push_back(topic);
    } else if (absl::IsPermissionDenied(found->second.status)) {
      entry.view.state = TopicState::kRefused;
      entry.view.error = found->second.status.ToString();
      entry.wanted = true;
      entry.retry_at = absl::Now() + options_.retry_refused;
    } else {
      entry.wanted = true;
      entry.retry_at = absl::Now() + kRetryUnreachable;
    }
  }
  return missing;
}

void TopicKeeper::Make(const std::vector<DayTopic>& missing) {
  std::vector<NewTopic> topics;
  for (const DayTopic& topic : missing) {
    topics.push_back({.name = TopicName(topic),
                      .partitions = options_.partitions,
                      .replication = options_.replication,
                      .retention = options_.retention,
                      .message_bytes_max = options_.message_bytes_max});
  }
  const absl::StatusOr<std::vector<absl::Status>> answers =
      admin_->Create(topics, options_.call_timeout);
  std::lock_guard<std::mutex> lock(mutex_);
  for (size_t i = 0; i < missing.size(); ++i) {
    Entry& entry = entries_[missing[i]];
    const absl::Status status = !answers.ok()         ? answers.status()
                                : i < answers->size() ? (*answers)[i]
                                                      : absl::UnavailableError("no answer");
    if (status.ok()) {
      logging::Log(logging::Level::kInfo, "topic made", {{"topic", topics[i].name}});
      ++entry.view.lives;
    }
    if (status.ok() || absl::IsAlreadyExists(status) || CanHelpToWait(status)) {
      // Ready when the cluster shows it.
      entry.wanted = true;
      entry.retry_at = CanHelpToWait(status) ? absl::Now() + kRetryUnreachable : absl::Now();
      continue;
    }
    entry.view.state = TopicState::kRefused;
    entry.view.error = std::string(status.message());
    entry.wanted = true;
    entry.retry_at = absl::Now() + options_.retry_refused;
  }
}

// Messages are sent when the topic's limit is known.
void TopicKeeper::OpenTopics(const std::vector<DayTopic>& topics) {
  std::vector<std::string> names;
  for (const DayTopic& topic : topics) names.push_back(TopicName(topic));
  const auto settings = admin_->Settings(names, options_.call_timeout);
  std::lock_guard<std::mutex> lock(mutex_);
  for (size_t i = 0; i < topics.size(); ++i) {
    TopicView& view = entries_[topics[i]].view;
    // Without the right to ask, the configured limit is taken for the topic's.
    view.message_bytes_max = options_.message_bytes_max;
    if (settings.ok() && (*settings)[i].ok()) {
      view.message_bytes_max = (*settings)[i]->message_bytes_max;
    }
    if (view.partitions != options_.partitions) {
      logging::Log(logging::Level::kWarning, "a topic has another number of partitions",
                   {{"topic", names[i]}, {"partitions", view.partitions}});
    }
    // Also of one that was refused: whether it takes messages only a message tells.
    view.state = TopicState::kReady;
    view.error.clear();
    if (view.lives == 0) view.lives = 1;
  }
}

}  // namespace dailyfeed::kafka
