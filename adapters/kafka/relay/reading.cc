// How the log becomes messages in flight.
#include <fmt/format.h>

#include <algorithm>

#include "adapters/kafka/messages/order_key.h"
#include "adapters/kafka/relay/relay_thread.h"
#include "adapters/logging/logging.h"

namespace dailyfeed::kafka {
namespace {

// Events that are read before deliveries are looked at again.
constexpr size_t kSliceEvents = 2'000;
// A token is the number of a stream and the number of a message in it.
constexpr int kTokenShift = 40;
// A topic that could not be looked at is looked at again so much later.
constexpr absl::Duration kVerifyAgain = absl::Seconds(1);

}  // namespace

bool RelayThread::HasRoom(const Stream& stream) const {
  if (stream.single_until > stream.cursor()) return stream.in_flight() == 0;
  return stream.in_flight() < options_.window_messages_max &&
         stream.bytes() < options_.window_bytes_max;
}

// Whether the stream can read nothing now, whatever comes: it has no room, it is at
// its end, or its topic takes nothing.
bool RelayThread::Waits(const Stream& stream) {
  if (!HasRoom(stream) || stream.read() >= stream.until) return true;
  return stream.only && ViewOf(*stream.only).state != TopicState::kReady;
}

// Streams stand at different positions. The one that is furthest behind is read
// for in turns with the one that is furthest ahead, so that neither waits for the
// other; all that meet the same event on the way take it together.
bool RelayThread::Read() {
  const Position head = parts_.log->Head();
  Position least = head;
  Position most = 0;
  bool any = false;
  const auto look = [&](const Stream& stream) {
    if (stream.read() >= head || Waits(stream)) return;
    any = true;
    least = std::min(least, stream.read());
    most = std::max(most, stream.read());
  };
  for (const auto& [key, stream] : streams_) look(*stream);
  for (const auto& [of, job] : jobs_) look(*job.stream);
  if (!any) return false;
  read_from_end_ = !read_from_end_;
  return Pass(read_from_end_ ? most : least);
}

bool RelayThread::Pass(Position from) {
  size_t events = 0;
  const absl::Status read = parts_.log->Read(from + 1, [&](const v1::Event& event) {
    if (events == kSliceEvents || !Offer(event)) return false;
    ++events;
    return true;
  });
  // What cannot be read now is read again; what is damaged stays so.
  if (absl::IsDataLoss(read)) {
    stopped_ = fmt::format("the log is damaged: {}", std::string(read.message()));
    logging::Log(logging::Level::kError, "the relay stops", {{"reason", stopped_}});
  }
  return events > 0;
}

// False: nobody could take the event, so nobody can take the next one.
bool RelayThread::Offer(const v1::Event& event) {
  const Position position = event.position();
  bool moved = false;
  std::string order_key;
  for (const TopicKind kind : options_.topics.kinds) {
    std::vector<Stream*> next;
    for (const auto& [key, stream] : streams_) {
      if (key.first == kind && stream->read() + 1 == position) next.push_back(stream.get());
    }
    for (const auto& [of, job] : jobs_) {
      if (of.topic.kind != kind || job.stream->read() + 1 != position) continue;
      if (position <= job.stream->until) next.push_back(job.stream.get());
    }
    if (next.empty()) continue;
    if (!MessageWriter::IsMessage(kind, event)) {
      for (Stream* stream : next) stream->Pass(position);
      moved = true;
      continue;
    }
    const DayTopic topic = writer_->TopicOf(kind, event);
    const TopicView view = ViewOf(topic);
    if (view.state == TopicState::kUnknown) continue;  // nor is its number of partitions
    const int partitions = view.partitions > 0 ? view.partitions : options_.topics.partitions;
    if (order_key.empty()) order_key = OrderKeyOf(event);
    const int partition = PartitionOf(order_key, partitions);
    if (!streams_.contains({kind, partition})) {
      // A topic with more partitions than any before.
      next.push_back(AddStream(kind, partition, position - 1, 0));
    }
    for (Stream* stream : next) {
      if (OfferTo(stream, event, topic, partition, view, order_key)) moved = true;
    }
  }
  if (moved) dirty_ = true;
  return moved;
}

bool RelayThread::OfferTo(Stream* stream, const v1::Event& event, const DayTopic& topic,
                          int partition, const TopicView& view, const std::string& order_key) {
  const Position position = event.position();
  if (partition != stream->partition) {
    stream->Pass(position);
    return true;
  }
  if (stream->only) {
    if (*stream->only != topic) {
      stream->PassMessage(position);
      return true;
    }
    return view.state == TopicState::kReady && SendMessage(stream, event, topic, view, order_key);
  }
  if (view.state == TopicState::kWithheld || view.state == TopicState::kPruned) {
    stream->PutOff(position, topic);
    ++counts_.withheld;
    return true;
  }
  // Behind what is still to be sent to this topic.
  const TopicPartition of = {topic, partition};
  if (view.state == TopicState::kRefused || jobs_.contains(of)) {
    PutOffToJob(stream, position, of, view);
    return true;
  }
  return SendMessage(stream, event, topic, view, order_key);
}

void RelayThread::PutOffToJob(Stream* stream, Position position, const TopicPartition& of,
                              const TopicView& view) {
  if (!jobs_.contains(of)) {
    rows::Job row;
    row.set_position(position - 1);
    row.set_first_position(position);
    row.set_previous(stream->read_previous());
    row.set_until(position);
    row.set_reason(rows::Job::REASON_REFUSED);
    row.set_error(view.error);
    row.set_since_ns(parts_.clock->Now());
    StartJob(of, row);
    logging::Log(logging::Level::kWarning, "a topic is refused",
                 {{"topic", TopicName(of.topic)},
                  {"partition", of.partition},
                  {"position", position},
                  {"error", view.error}});
  }
  Job& job = jobs_.at(of);
  // Read again after a rewind, the range may have it already.
  if (position > job.row.until()) job.row.set_until(position);
  job.stream->until = job.row.until();
  job.changed = true;
  if (job.row.reason() == rows::Job::REASON_REFUSED) ++counts_.refused;
  stream->PutOff(position, of.topic);
}

bool RelayThread::SendMessage(Stream* stream, const v1::Event& event, const DayTopic& topic,
                              const TopicView& view, const std::string& order_key) {
  Sender* const sender = SenderOf(*stream);
  if (!HasRoom(*stream) || sender->producer == nullptr) return false;
  Message message;
  if (topic.kind == TopicKind::kEvents && HasPersonalData(event)) {
    const absl::StatusOr<std::optional<std::string>> sealed =
        parts_.seal_handle(OwnerOfPersonalData(event), HandleIn(event));
    if (!sealed.ok()) return false;  // the keys cannot be read now
    message = writer_->Write(topic.kind, WithoutPersonalData(event, *sealed), order_key,
                             stream->read_previous());
  } else {
    message = writer_->Write(topic.kind, event, order_key, stream->read_previous());
  }
  if (stream->replay != 0) {
    message.headers.push_back({kReplayHeader, fmt::format("{}", stream->replay)});
  }
  const size_t bytes = message.Bytes();
  if (view.message_bytes_max > 0 && bytes > view.message_bytes_max) {
    AddLetter(
        {.topic = topic,
         .partition = stream->partition,
         .position = event.position(),
         .previous = stream->read_previous(),
         .bytes = bytes},
        fmt::format("{} bytes are more than the topic takes ({})", bytes, view.message_bytes_max));
    stream->PutOff(event.position(), topic);
    return true;
  }
  const TopicPartition of = {topic, stream->partition};
  if (!sender->opened.contains(of) && sender->opening.contains(of)) return false;
  uint64_t number = 0;
  for (const auto& [id, other] : sender->streams) {
    if (other == stream) number = id;
  }
  const uint64_t token = number << kTokenShift | stream->next_number();
  if (!sender->producer->Send(TopicName(topic), stream->partition, message, token)) return false;
  if (!sender->opened.contains(of)) sender->opening.insert(of);
  stream->Send(event.position(), topic, static_cast<uint32_t>(bytes));
  ++counts_.sent;
  return true;
}

void RelayThread::AddLetter(const Refused& refused, const std::string& error) {
  rows::Letter letter;
  letter.set_id(++last_letter_);
  letter.set_kind(static_cast<uint32_t>(refused.topic.kind));
  letter.set_day(static_cast<uint32_t>(refused.topic.day));
  letter.set_partition(static_cast<uint32_t>(refused.partition));
  letter.set_position(refused.position);
  letter.set_previous(refused.previous);
  letter.set_history(cursors_.history());
  letter.set_error(error);
  letter.set_failed_at_ns(parts_.clock->Now());
  letter.set_bytes(refused.bytes);
  logging::Log(logging::Level::kWarning, "a message cannot be sent and is a dead letter",
               {{"letter", letter.id()},
                {"topic", TopicName(refused.topic)},
                {"position", letter.position()},
                {"error", error}});
  new_letters_.push_back(std::move(letter));
  ++counts_.letters;
}

TopicView RelayThread::ViewOf(const DayTopic& topic) {
  TopicView view = keeper_->Find(topic);
  if (view.state != TopicState::kReady) return view;
  const auto verified = verified_.find(topic);
  if (verified != verified_.end() && verified->second == view.lives) return view;
  Verify(topic, view);
  // What is acknowledged there must be known before anything newer is sent.
  const auto now = verified_.find(topic);
  if (now == verified_.end() || now->second != view.lives) view.state = TopicState::kUnknown;
  return view;
}

void RelayThread::Verify(const DayTopic& topic, const TopicView& view) {
  if (verifying_.contains(topic)) return;
  std::vector<std::pair<int, int64_t>> acknowledged;  // partition, offset
  for (auto it = marks_.lower_bound({topic, 0}); it != marks_.end() && it->first.topic == topic;
       ++it) {
    const absl::Duration age =
        absl::Nanoseconds(parts_.clock->Now() - it->second.acknowledged_at_ns());
    // Beyond retention the broker may have thrown it away.
    if (it->second.last_offset() < 0 || age > options_.topics.retention) continue;
    if (it->first.partition < view.partitions) {
      acknowledged.emplace_back(it->first.partition, it->second.last_offset());
    }
  }
  if (acknowledged.empty()) {
    verified_[topic] = view.lives;
    return;
  }
  if (const auto again = verify_at_.find(topic);
      again != verify_at_.end() && absl::Now() < again->second) {
    return;
  }
  verify_at_[topic] = absl::Now() + kVerifyAgain;
  verifying_.insert(topic);
  keeper_->Post([this, topic, life = view.lives, acknowledged = std::move(acknowledged),
                 wait = options_.topics.call_timeout](Admin& admin) {
    Found found = {.topic = topic, .life = life};
    for (const auto& [partition, offset] : acknowledged) {
      const absl::StatusOr<Offsets> offsets = admin.OffsetsOf(TopicName(topic), partition, wait);
      if (!offsets.ok()) {
        found.status = offsets.status();
        break;
      }
      if (offsets->end > offset) continue;
      Found::Partition lost = {.number = partition, .lost = true, .end = offsets->end};
      if (offsets->end > offsets->begin) {
        // Without the right to read, everything that was sent there is sent again.
        const auto position =
            admin.HeaderAt(TopicName(topic), partition, offsets->end - 1, kPositionHeader, wait);
        if (position.ok() && *position) {
          lost.survivor = std::strtoull((*position)->c_str(), nullptr, 10);
        }
      }
      found.partitions.push_back(lost);
    }
    std::lock_guard<std::mutex> lock(mutex_);
    found_.push_back(std::move(found));
  });
}

}  // namespace dailyfeed::kafka
