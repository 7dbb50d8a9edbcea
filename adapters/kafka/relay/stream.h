// One partition's way through the log: how far it is read, what is in flight, and
// how far everything is acknowledged. Internal to the folder.
//
// A stream reads the log in order and never skips an event, so it knows the message
// before each of its own by itself. When it has no room it stays where it is.
#ifndef DAILYFEED_ADAPTERS_KAFKA_RELAY_STREAM_H_
#define DAILYFEED_ADAPTERS_KAFKA_RELAY_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

#include "adapters/kafka/letters/relay_state.h"
#include "adapters/kafka/messages/topic_name.h"
#include "core/base/check.h"
#include "core/domain/types.h"

namespace dailyfeed::kafka {

class Stream {
 public:
  struct Sent {
    Position position = 0;
    Position previous = 0;
    DayTopic topic;
    uint32_t bytes = 0;
    bool done = false;  // acknowledged, or a row says what is to be done
  };

  // Everything up to `position` is done; `previous` is its last message.
  Stream(TopicKind kind, int partition, Position position, Position previous)
      : kind(kind), partition(partition), cursor_(position), cursor_previous_(previous) {
    Rewind();
  }

  const TopicKind kind;
  const int partition;
  // Of a job: the one topic that it sends to, and where it ends.
  std::optional<DayTopic> only;
  Position until = std::numeric_limits<Position>::max();
  uint64_t replay = 0;
  // One message at a time up to here: somewhere before it is one that is refused.
  Position single_until = 0;

  Position cursor() const { return cursor_; }
  Position cursor_previous() const { return cursor_previous_; }
  Position read() const { return read_; }
  Position read_previous() const { return read_previous_; }
  size_t in_flight() const { return window_.size(); }
  size_t bytes() const { return bytes_; }
  bool Has(uint64_t number) const {
    return number >= first_number_ && number - first_number_ < window_.size();
  }
  const Sent& At(uint64_t number) const { return window_[number - first_number_]; }

  // The event at `position`, the next one, is none of this stream's messages.
  void Pass(Position position) {
    DAILYFEED_CHECK(position == read_ + 1);
    read_ = position;
    if (window_.empty()) cursor_ = position;
  }
  // The next event is a message of this kind and partition that goes elsewhere (of
  // a job: to another day). The chain leads over it.
  void PassMessage(Position position) {
    Pass(position);
    read_previous_ = position;
    if (window_.empty()) cursor_previous_ = position;
  }
  // The next event is in flight from now on. Returns its number.
  uint64_t Send(Position position, const DayTopic& topic, uint32_t bytes) {
    DAILYFEED_CHECK(position == read_ + 1);
    window_.push_back({position, read_previous_, topic, bytes});
    bytes_ += bytes;
    read_ = read_previous_ = position;
    return first_number_ + window_.size() - 1;
  }
  // The number that Send will return.
  uint64_t next_number() const { return first_number_ + window_.size(); }
  // The next event is a message that a row speaks of, or that is withheld.
  void PutOff(Position position, const DayTopic& topic) { Done(Send(position, topic, 0)); }
  void Done(uint64_t number) {
    window_[number - first_number_].done = true;
    while (!window_.empty() && window_.front().done) {
      cursor_ = cursor_previous_ = window_.front().position;
      bytes_ -= window_.front().bytes;
      window_.pop_front();
      ++first_number_;
    }
    // Behind the last message everything that was read is done.
    if (window_.empty()) {
      cursor_ = read_;
      cursor_previous_ = read_previous_;
    }
  }

  // What is not done is read again. Numbers are not used twice.
  void Rewind() {
    first_number_ += window_.size();
    window_.clear();
    bytes_ = 0;
    read_ = cursor_;
    read_previous_ = cursor_previous_;
  }

 private:
  Position cursor_;
  Position cursor_previous_;
  Position read_ = 0;
  Position read_previous_ = 0;
  std::deque<Sent> window_;
  uint64_t first_number_ = 0;
  size_t bytes_ = 0;
};

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_RELAY_STREAM_H_
