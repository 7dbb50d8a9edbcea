// The newest part of the log in memory, for those who follow the log.
//
// A follower holds nothing but a position. While it keeps up it reads from
// memory; when it has fallen behind what memory holds, or begins at an earlier
// position, the same call reads the log. So a slow follower costs no memory and
// loses nothing.
//
//   struct NewPost {
//     PostId id = 0;
//     size_t Bytes() const { return 0; }   // what it holds outside itself
//   };
//   LogTail<NewPost> tail(&source, /*bytes_max=*/1 << 20,
//                         [](const v1::Event& event) -> std::optional<NewPost> {
//     if (!event.payload().has_post_published()) return std::nullopt;
//     return NewPost{event.payload().post_published().post_id()};
//   });
//   tail.Append(batch.events);                     // from whoever publishes
//   auto read = tail.Read(position, 1000, tail.head(), [&](Position, const NewPost& post) {
//     return Show(post);                           // false: stop in front of this one
//   });
//   position = read.reached;
//
// `pick` copies what followers need out of an event, or answers nullopt when
// they need nothing. The tail holds these copies and never an event, which
// would keep the whole batch of its commit in memory. `bytes_max` counts the
// copies with everything they hold.
//
// Threads: Append from one thread at a time; everything else from any thread.
// `pick` is called on the thread that appends and on the threads that read.
#ifndef DAILYFEED_CORE_TAIL_LOG_TAIL_H_
#define DAILYFEED_CORE_TAIL_LOG_TAIL_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "core/ports/event_source.h"

namespace dailyfeed {

template <typename Item>
class LogTail {
 public:
  using Pick = std::function<std::optional<Item>(const v1::Event& event)>;
  // Returns false to stop in front of the item.
  using Visitor = absl::FunctionRef<bool(Position at, const Item& item)>;

  struct Progress {
    // Every item up to here was visited.
    Position reached = 0;
    // UNAVAILABLE: the log could not be read; a later call may succeed.
    // DATA_LOSS: the event behind `reached` is damaged and stays so.
    absl::Status status;
  };

  // Begins at the head of `source`, which is not owned.
  LogTail(const EventSource* source, size_t bytes_max, Pick pick)
      : source_(source),
        bytes_max_(bytes_max),
        pick_(std::move(pick)),
        begin_(source->Head()),
        head_(begin_) {}

  // Takes the events that follow head(). Followers see them from now on.
  void Append(const std::vector<std::shared_ptr<const v1::Event>>& events) {
    if (events.empty()) return;
    std::deque<Entry> picked;
    size_t bytes = 0;
    for (const auto& event : events) {
      if (std::optional<Item> item = pick_(*event)) {
        picked.push_back({event->position(), *std::move(item)});
        bytes += BytesOf(picked.back());
      }
    }
    std::lock_guard<std::mutex> lock(mutex_);
    head_ = events.back()->position();
    for (Entry& entry : picked) entries_.push_back(std::move(entry));
    bytes_ += bytes;
    while (bytes_ > bytes_max_) {
      bytes_ -= BytesOf(entries_.front());
      begin_ = entries_.front().position;
      entries_.pop_front();
    }
  }

  // The position of the last event that was appended.
  Position head() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return head_;
  }
  // Memory has every item behind this position.
  Position begin() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return begin_;
  }
  size_t bytes() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return bytes_;
  }

  // Visits the items behind `after`, in order, up to `up_to`, which is at most
  // head(). Ends after `events_max` items, or events when it reads the log.
  Progress Read(Position after, size_t events_max, Position up_to, Visitor visit) const {
    if (after >= up_to) return {after, absl::OkStatus()};
    std::vector<Entry> entries;
    bool in_memory = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      in_memory = after >= begin_;
      if (in_memory) {
        auto entry = std::upper_bound(
            entries_.begin(), entries_.end(), after,
            [](Position position, const Entry& of) { return position < of.position; });
        for (; entry != entries_.end() && entry->position <= up_to; ++entry) {
          if (entries.size() == events_max) {
            up_to = entries.back().position;
            break;
          }
          entries.push_back(*entry);
        }
      }
    }
    if (!in_memory) return ReadLog(after, events_max, up_to, visit);
    for (const Entry& entry : entries) {
      if (!visit(entry.position, entry.item)) return {entry.position - 1, absl::OkStatus()};
    }
    return {up_to, absl::OkStatus()};
  }

 private:
  struct Entry {
    Position position = 0;
    Item item;
  };
  static size_t BytesOf(const Entry& entry) { return sizeof(Entry) + entry.item.Bytes(); }

  Progress ReadLog(Position after, size_t events_max, Position up_to, Visitor visit) const {
    Progress progress{after, absl::OkStatus()};
    size_t events = 0;
    progress.status = source_->Read(after + 1, [&](const v1::Event& event) {
      if (event.position() > up_to || events++ == events_max) return false;
      if (const std::optional<Item> item = pick_(event)) {
        if (!visit(event.position(), *item)) return false;
      }
      progress.reached = event.position();
      return true;
    });
    return progress;
  }

  const EventSource* const source_;
  const size_t bytes_max_;
  const Pick pick_;

  mutable std::mutex mutex_;
  Position begin_;
  Position head_;
  std::deque<Entry> entries_;
  size_t bytes_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_TAIL_LOG_TAIL_H_
