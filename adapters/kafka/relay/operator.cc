// What operators ask the relay: it runs between two steps of the relay's thread.
#include <fmt/format.h>

#include <future>
#include <utility>

#include "adapters/kafka/relay/relay_thread.h"
#include "core/base/status_macros.h"

namespace dailyfeed::kafka {
namespace {

absl::Status HasEnded() { return absl::UnavailableError("the relay has ended"); }

}  // namespace

std::vector<JobView> RelayThread::jobs() const {
  std::promise<std::vector<JobView>> views;
  const bool asked = const_cast<RelayThread*>(this)->Ask([this, &views] {
    std::vector<JobView> all;
    for (const auto& [of, job] : jobs_) all.push_back({of, job.row});
    views.set_value(std::move(all));
  });
  return asked ? views.get_future().get() : std::vector<JobView>();
}

std::map<TopicPartition, rows::Mark> RelayThread::marks() const {
  std::promise<std::map<TopicPartition, rows::Mark>> views;
  const bool asked =
      const_cast<RelayThread*>(this)->Ask([this, &views] { views.set_value(marks_); });
  return asked ? views.get_future().get() : std::map<TopicPartition, rows::Mark>();
}

absl::Status RelayThread::SetPruned(const std::vector<DayTopic>& topics, bool pruned) {
  std::promise<absl::Status> written;
  const bool asked = Ask([&] {
    if (store_ == nullptr) {
      return written.set_value(absl::UnavailableError("the relay's store refuses writes"));
    }
    StoreBatch batch;
    for (const DayTopic& topic : topics) {
      PutPruned(topic, pruned, &batch);
      // What was acknowledged there is gone on purpose.
      for (auto it = marks_.lower_bound({topic, 0});
           it != marks_.end() && it->first.topic == topic;) {
        DeleteMark(it->first, &batch);
        changed_marks_.erase(it->first);
        it = marks_.erase(it);
      }
      for (auto it = jobs_.lower_bound({topic, 0});
           it != jobs_.end() && it->first.topic == topic;) {
        const TopicPartition of = (it++)->first;
        EndJob(of);
      }
    }
    written.set_value(Write(std::move(batch), /*sync=*/true));
  });
  if (!asked) return HasEnded();
  RETURN_IF_ERROR(written.get_future().get());
  for (const DayTopic& topic : topics) keeper_->SetPruned(topic, pruned);
  return absl::OkStatus();
}

absl::Status RelayThread::CreateDay(Day day) {
  std::vector<DayTopic> topics;
  for (const TopicKind kind : options_.topics.kinds) topics.push_back({kind, day});
  RETURN_IF_ERROR(SetPruned(topics, false));
  for (const DayTopic& topic : topics) keeper_->Find(topic);  // which has it made
  return absl::OkStatus();
}

// The mark is on disk before the topic is gone: a late message would make it again.
absl::StatusOr<std::vector<std::string>> RelayThread::PruneBefore(Day day) {
  std::promise<absl::StatusOr<Cluster>> described;
  keeper_->Post(
      [&](Admin& admin) { described.set_value(admin.Describe(options_.topics.call_timeout)); });
  ASSIGN_OR_RETURN(const Cluster cluster, described.get_future().get());
  std::vector<DayTopic> topics;
  std::vector<std::string> names;
  for (const auto& [name, topic] : cluster.topics) {
    const std::optional<DayTopic> of = ParseTopicName(name);
    if (!of || of->day >= day || !IsEnabled(of->kind)) continue;
    topics.push_back(*of);
    names.push_back(name);
  }
  if (names.empty()) return names;
  RETURN_IF_ERROR(SetPruned(topics, true));
  std::promise<absl::StatusOr<std::vector<absl::Status>>> deleted;
  keeper_->Post(
      [&](Admin& admin) { deleted.set_value(admin.Delete(names, options_.topics.call_timeout)); });
  ASSIGN_OR_RETURN(const std::vector<absl::Status> answers, deleted.get_future().get());
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].ok() || absl::IsNotFound(answers[i])) continue;
    return absl::Status(answers[i].code(), fmt::format("{}: {}", i < names.size() ? names[i] : "",
                                                       std::string(answers[i].message())));
  }
  return names;
}

}  // namespace dailyfeed::kafka
