// What becomes of messages: acknowledged, refused, or lost afterwards.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/kafka/relay/relay_thread.h"
#include "adapters/logging/logging.h"

namespace dailyfeed::kafka {
namespace {

constexpr int kTokenShift = 40;
constexpr uint64_t kNumberMask = (uint64_t{1} << kTokenShift) - 1;

}  // namespace

void RelayThread::TakeDeliveries(Sender* sender, absl::Duration wait) {
  if (sender->producer == nullptr) return;
  for (const Delivery& delivery : sender->producer->Poll(wait)) TakeDelivery(sender, delivery);
  if (!sender->producer->status().ok()) Rebuild(sender);
}

void RelayThread::TakeDelivery(Sender* sender, const Delivery& delivery) {
  const auto found = sender->streams.find(delivery.token >> kTokenShift);
  if (found == sender->streams.end()) return;  // a job that is gone
  Stream* const stream = found->second;
  const uint64_t number = delivery.token & kNumberMask;
  if (!stream->Has(number)) return;
  dirty_ = true;
  if (delivery.outcome != Delivery::Outcome::kAcknowledged) {
    return Failed(stream, stream->At(number), delivery);
  }
  const Stream::Sent sent = stream->At(number);
  const TopicPartition of = {sent.topic, stream->partition};
  stream->Done(number);
  sender->opened.insert(of);
  // It may end the job whose stream this is.
  Acknowledged(of, stream->only.has_value(), sent, delivery.offset);
}

void RelayThread::Acknowledged(const TopicPartition& of, bool of_job, const Stream::Sent& sent,
                               int64_t offset) {
  ++counts_.acknowledged;
  if (breaker_.Acknowledged(absl::Now())) {
    logging::Log(logging::Level::kInfo, "the broker answers again");
    // It may be another one, or have lost its end.
    verified_.clear();
  }
  rows::Mark& mark = marks_[of];
  if (mark.first_position() == 0) mark.set_last_offset(-1);
  if (mark.first_position() == 0 || sent.position < mark.first_position()) {
    mark.set_first_position(sent.position);
    mark.set_first_previous(sent.previous);
  }
  const int64_t former_offset = mark.last_offset();
  const Position former_position = mark.last_position();
  if (offset >= 0) mark.set_last_offset(offset);
  mark.set_last_position(std::max(mark.last_position(), sent.position));
  mark.set_acknowledged_at_ns(parts_.clock->Now());
  changed_marks_.insert(of);
  if (of_job && jobs_.at(of).row.reason() == rows::Job::REASON_LOST) ++counts_.lost_after_ack;
  if (offset < 0) {
    // Without a place it is not certain that the message is there. The library takes
    // it for acknowledged when one behind it is, and a partition that does not know the
    // producer takes any message as its first.
    mark.set_mixed(true);
    SendAgain(of, sent.position, sent.previous, sent.position, offset);
  } else if (offset <= former_offset) {
    // What stood there and behind is gone. What stood before it may be gone too: the
    // topic may be another one of the same name.
    Lost(of, &mark, 0, offset + 1, former_position);
    mark.set_last_offset(offset);
  }
}

void RelayThread::Failed(Stream* stream, const Stream::Sent& sent, const Delivery& delivery) {
  switch (delivery.outcome) {
    case Delivery::Outcome::kTooLarge:
    case Delivery::Outcome::kInvalid: {
      // Alone it is the culprit; among others any of them may be.
      const bool alone = stream->single_until > stream->cursor() && stream->in_flight() == 1;
      if (!alone) {
        stream->single_until = stream->read();
        return;
      }
      AddLetter({.topic = sent.topic,
                 .partition = stream->partition,
                 .position = sent.position,
                 .previous = sent.previous,
                 .bytes = sent.bytes},
                delivery.error);
      stream->Done(stream->next_number() - 1);
      return;
    }
    case Delivery::Outcome::kTopicRefused:
      keeper_->Refuse(sent.topic, delivery.error);
      return;
    case Delivery::Outcome::kTopicUnknown:
      keeper_->LookAgain(sent.topic);
      return;
    case Delivery::Outcome::kAcknowledged:
    case Delivery::Outcome::kReturned:
      return;
  }
}

// After a message that failed nothing behind it may be acknowledged before it: the
// producer gives everything back, and its streams read again from where they are
// done.
void RelayThread::Rebuild(Sender* sender) {
  const absl::Status why = sender->producer->status();
  std::vector<Delivery> rest = sender->producer->Abandon();
  for (const Delivery& delivery : rest) TakeDelivery(sender, delivery);
  sender->producer = nullptr;
  sender->opened.clear();
  sender->opening.clear();
  for (const auto& [number, stream] : sender->streams) {
    counts_.repeated += stream->in_flight();
    stream->Rewind();
  }
  ++counts_.producer_rebuilds;
  logging::Log(logging::Level::kWarning, "the Kafka producer is made again",
               {{"reason", std::string(why.message())}});
  sender->open_at = absl::Now() + breaker_.NextPause();
}

void RelayThread::OpenProducer(Sender* sender) {
  if (sender->producer != nullptr || absl::Now() < sender->open_at) return;
  absl::StatusOr<std::unique_ptr<Producer>> producer = options_.open_producer(options_.client);
  if (!producer.ok()) {
    stopped_ = std::string(producer.status().message());
    sender->open_at = absl::Now() + breaker_.NextPause();
    return;
  }
  sender->producer = *std::move(producer);
}

void RelayThread::TakeFound() {
  std::vector<Found> found;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    found.swap(found_);
  }
  for (const Found& topic : found) {
    verifying_.erase(topic.topic);
    if (!topic.status.ok()) {
      // Asked again; until then nothing is sent there.
      unverified_ = fmt::format("what {} still has cannot be seen: {}", TopicName(topic.topic),
                                std::string(topic.status.message()));
      continue;
    }
    unverified_.clear();
    verified_[topic.topic] = topic.life;
    for (const Found::Partition& partition : topic.partitions) {
      const TopicPartition of = {topic.topic, partition.number};
      const auto mark = marks_.find(of);
      // Acknowledged meanwhile.
      if (mark == marks_.end() || mark->second.last_offset() < partition.end) continue;
      Lost(of, &mark->second, partition.survivor, partition.end, mark->second.last_position());
    }
  }
}

// The broker no longer has what it acknowledged behind `survivor` (0: anything):
// that is sent again, up to `until`, and what comes after it behind it.
void RelayThread::Lost(const TopicPartition& of, rows::Mark* mark, Position survivor, int64_t end,
                       Position until) {
  const bool was_mixed = mark->mixed();
  mark->set_last_offset(end - 1);
  mark->set_mixed(true);
  changed_marks_.insert(of);
  if (survivor >= mark->first_position() && survivor != 0 && !was_mixed) {
    SendAgain(of, survivor + 1, survivor, until, end);
  } else {
    SendAgain(of, mark->first_position(), mark->first_previous(), until, end);
  }
}

void RelayThread::SendAgain(const TopicPartition& of, Position first, Position previous,
                            Position until, int64_t end) {
  rows::Job row;
  row.set_position(first - 1);
  row.set_previous(previous);
  row.set_first_position(first);
  row.set_until(until);
  row.set_reason(rows::Job::REASON_LOST);
  row.set_since_ns(parts_.clock->Now());
  logging::Log(logging::Level::kError, "the broker lost acknowledged messages: they are sent again",
               {{"topic", TopicName(of.topic)},
                {"partition", of.partition},
                {"end", end},
                {"from", first},
                {"until", until}});
  dirty_ = true;
  if (const auto job = jobs_.find(of); job != jobs_.end()) {
    // The range that is being sent is lost as well, or a part of it.
    row.set_until(std::max<Position>(until, job->second.row.until()));
    const Stream& stream = *job->second.stream;
    if (stream.cursor() < row.position()) {
      row.set_position(stream.cursor());
      row.set_previous(stream.cursor_previous());
    }
    EndJob(of);
  }
  StartJob(of, row);
}

void RelayThread::EndFinishedJobs() {
  std::vector<TopicPartition> finished;
  for (auto& [of, job] : jobs_) {
    Stream& stream = *job.stream;
    if (stream.cursor() != job.row.position()) {
      job.row.set_position(stream.cursor());
      job.row.set_previous(stream.cursor_previous());
      job.changed = true;
      dirty_ = true;
    }
    if (stream.in_flight() == 0 && stream.cursor() >= job.row.until()) finished.push_back(of);
  }
  for (const TopicPartition& of : finished) {
    logging::Log(logging::Level::kInfo, "what waited for a topic is sent",
                 {{"topic", TopicName(of.topic)},
                  {"partition", of.partition},
                  {"until", jobs_.at(of).row.until()}});
    EndJob(of);
  }
}

}  // namespace dailyfeed::kafka
