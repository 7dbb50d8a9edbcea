#include "projections/live/live_feed.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {
namespace {

using EventPtr = std::shared_ptr<const v1::Event>;
using SteadyTime = std::chrono::steady_clock::time_point;

// After a read that failed; the disk may recover.
constexpr std::chrono::milliseconds kRetry(200);

// Whether the live feed looks at events of this kind at all.
bool Matters(v1::Payload::KindCase kind) {
  return kind == v1::Payload::kPostPublished || kind == v1::Payload::kPostLiked ||
         kind == v1::Payload::kCommentAdded || kind == v1::Payload::kMemberFollowed ||
         kind == v1::Payload::kMemberUnfollowed;
}

LiveItem ItemOf(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  LiveItem item{.position = event.position(), .occurred_at = event.occurred_at_ns()};
  if (payload.has_post_published()) {
    item.kind = LiveItem::Kind::kPost;
    item.actor = payload.post_published().author_id();
    item.post = payload.post_published().post_id();
  } else if (payload.has_post_liked()) {
    item.kind = LiveItem::Kind::kLike;
    item.actor = payload.post_liked().member_id();
    item.post = payload.post_liked().post_id();
  } else {
    item.kind = LiveItem::Kind::kComment;
    item.actor = payload.comment_added().author_id();
    item.post = payload.comment_added().post_id();
    item.comment = payload.comment_added().comment_id();
  }
  return item;
}

// One watch. What is below `sink_mutex` belongs to the live thread.
struct Watcher {
  Watcher(MemberId of, Position after, LiveSink* to) : member(of), next(after + 1), sink(to) {}

  const MemberId member;
  Position next;          // the first that was not offered, while behind
  bool behind = true;     // served from the log
  bool prepared = false;  // `followings` is loaded
  absl::flat_hash_set<MemberId> followings;

  std::atomic<bool> blocked = false;  // the sink had no room
  std::mutex sink_mutex;
  LiveSink* sink;  // null: the watch is over
};
using WatcherPtr = std::shared_ptr<Watcher>;

class LiveFeedImpl final : public LiveFeed {
 public:
  LiveFeedImpl(CommitListener* runtime, const EventSource* log, const Queries* queries,
               const LiveOptions& options)
      : runtime_(runtime),
        log_(log),
        queries_(queries),
        options_(options),
        published_(log->Head()),
        dispatched_(published_),
        thread_([this] { Run(); }) {}

  ~LiveFeedImpl() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    DAILYFEED_CHECK(watchers_.empty());  // each holds a reference to this
  }

  void OnCommitted(CommittedBatch batch) override;
  absl::StatusOr<std::unique_ptr<LiveWatch>> Watch(MemberId member, std::optional<Position> after,
                                                   LiveSink* sink) override;
  LiveStats stats() const override;

  void Resume(Watcher& watcher);
  void End(const WatcherPtr& watcher);

 private:
  void Publish(const std::vector<EventPtr>& events);
  void Run();
  void Dispatch(const std::vector<EventPtr>& events, Position up_to, bool complete);
  void FollowChange(const v1::Payload& payload);
  bool CatchUp(Watcher& watcher);
  absl::Status Prepare(Watcher& watcher);
  bool Concerns(const Watcher& watcher, const LiveItem& item, MemberId post_author) const;
  MemberId AuthorOf(PostId post) const;
  bool Offer(Watcher& watcher, const LiveItem& item);
  void Tick();

  CommitListener* const runtime_;
  const EventSource* const log_;
  const Queries* const queries_;
  const LiveOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool look_ = false;  // a watch began, ended or has room
  std::vector<WatcherPtr> watchers_;
  absl::flat_hash_map<MemberId, size_t> watches_of_;
  Position published_;
  std::vector<EventPtr> waiting_;  // of (dispatched, published], those that matter
  bool waiting_complete_ = true;   // false: some were dropped, the log has them
  std::atomic<uint64_t> behind_ = 0;
  std::atomic<uint64_t> offered_ = 0;

  // Of the live thread.
  std::vector<WatcherPtr> current_;
  Position dispatched_;
  std::thread thread_;
};

class LiveWatchImpl final : public LiveWatch {
 public:
  LiveWatchImpl(LiveFeedImpl* feed, WatcherPtr watcher, Position after)
      : feed_(feed), watcher_(std::move(watcher)), after_(after) {}
  ~LiveWatchImpl() override { feed_->End(watcher_); }
  void Resume() override { feed_->Resume(*watcher_); }
  Position begins_after() const override { return after_; }

 private:
  LiveFeedImpl* const feed_;
  const WatcherPtr watcher_;
  const Position after_;
};

// ---- From the engine.

void LiveFeedImpl::OnCommitted(CommittedBatch batch) {
  CommittedBatch passed_on{.events = batch.events, .done = {}};
  passed_on.done = [this, batch = std::move(batch)](absl::Status status) mutable {
    // Before the acknowledgement: who resumes from a position that was
    // acknowledged must not be ahead of what is published.
    if (status.ok()) Publish(batch.events);
    batch.done(std::move(status));
  };
  runtime_->OnCommitted(std::move(passed_on));
}

void LiveFeedImpl::Publish(const std::vector<EventPtr>& events) {
  if (events.empty()) return;
  {
    std::lock_guard lock(mutex_);
    published_ = events.back()->position();
    if (watchers_.empty()) {
      waiting_complete_ = false;
      return;
    }
    for (const EventPtr& event : events) {
      if (!Matters(event->payload().kind_case())) continue;
      if (waiting_.size() == options_.events_waiting_max) {
        waiting_.clear();
        waiting_complete_ = false;
      }
      if (waiting_complete_) waiting_.push_back(event);
    }
  }
  wake_.notify_one();
}

// ---- Watches come and go.

absl::StatusOr<std::unique_ptr<LiveWatch>> LiveFeedImpl::Watch(MemberId member,
                                                               std::optional<Position> after,
                                                               LiveSink* sink) {
  RETURN_IF_ERROR(queries_->Member(member).status());
  WatcherPtr watcher;
  Position begin = 0;
  {
    std::lock_guard lock(mutex_);
    if (watchers_.size() >= options_.watches_max) {
      return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable,
                         fmt::format("there are {} watches already", options_.watches_max));
    }
    size_t& of_member = watches_of_[member];
    if (of_member >= options_.watches_per_member_max) {
      return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kTooManyRequest,
                         fmt::format("member {} has {} watches already", member, of_member));
    }
    ++of_member;
    begin = std::min(after.value_or(published_), published_);
    watcher = std::make_shared<Watcher>(member, begin, sink);
    watchers_.push_back(watcher);
    look_ = true;
  }
  wake_.notify_one();
  return std::make_unique<LiveWatchImpl>(this, std::move(watcher), begin);
}

void LiveFeedImpl::Resume(Watcher& watcher) {
  if (!watcher.blocked.exchange(false)) return;
  {
    std::lock_guard lock(mutex_);
    look_ = true;
  }
  wake_.notify_one();
}

void LiveFeedImpl::End(const WatcherPtr& watcher) {
  {
    std::lock_guard lock(mutex_);
    watchers_.erase(std::find(watchers_.begin(), watchers_.end(), watcher));
    const auto of_member = watches_of_.find(watcher->member);
    if (--of_member->second == 0) watches_of_.erase(of_member);
    look_ = true;
  }
  wake_.notify_one();
  std::lock_guard lock(watcher->sink_mutex);
  watcher->sink = nullptr;
}

LiveStats LiveFeedImpl::stats() const {
  LiveStats stats;
  stats.watches_behind = behind_.load(std::memory_order_relaxed);
  stats.items_offered = offered_.load(std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  stats.watches = watchers_.size();
  return stats;
}

// ---- The live thread.

void LiveFeedImpl::Run() {
  pthread_setname_np(pthread_self(), "df-live");
  const auto tick = absl::ToChronoNanoseconds(options_.tick);
  SteadyTime next_tick = std::chrono::steady_clock::now() + tick;
  bool more = false;  // a watch is behind and has room
  while (true) {
    std::vector<EventPtr> events;
    Position up_to = 0;
    bool complete = false;
    {
      std::unique_lock lock(mutex_);
      const auto has_work = [&] {
        return stopping_ || look_ || (published_ > dispatched_ && !watchers_.empty());
      };
      if (!more) wake_.wait_until(lock, next_tick, has_work);
      if (stopping_) return;
      look_ = false;
      current_ = watchers_;
      events.swap(waiting_);
      up_to = published_;
      complete = std::exchange(waiting_complete_, true);
    }
    Dispatch(events, up_to, complete);
    more = false;
    uint64_t behind = 0;
    for (const WatcherPtr& watcher : current_) {
      if (watcher->behind && !watcher->blocked) more |= CatchUp(*watcher);
      behind += watcher->behind ? 1 : 0;
    }
    behind_.store(behind, std::memory_order_relaxed);
    if (std::chrono::steady_clock::now() >= next_tick) {
      Tick();
      next_tick = std::chrono::steady_clock::now() + tick;
    }
    current_.clear();
  }
}

// Offers the events up to `up_to` to everybody who keeps up.
void LiveFeedImpl::Dispatch(const std::vector<EventPtr>& events, Position up_to, bool complete) {
  const Position from = dispatched_ + 1;
  dispatched_ = up_to;
  if (!complete) {
    for (const WatcherPtr& watcher : current_) {
      // What was dropped may have been about whom they follow.
      watcher->prepared = false;
      if (!watcher->behind) watcher->next = from;
      watcher->behind = true;
    }
    return;
  }
  for (const EventPtr& event : events) {
    if (event->payload().has_member_followed() || event->payload().has_member_unfollowed()) {
      FollowChange(event->payload());
      continue;
    }
    const LiveItem item = ItemOf(*event);
    const MemberId author = item.kind == LiveItem::Kind::kPost ? item.actor : AuthorOf(item.post);
    for (const WatcherPtr& watcher : current_) {
      if (watcher->behind || !Concerns(*watcher, item, author)) continue;
      if (Offer(*watcher, item)) continue;
      watcher->behind = true;
      watcher->next = item.position;
    }
  }
}

void LiveFeedImpl::FollowChange(const v1::Payload& payload) {
  const bool followed = payload.has_member_followed();
  const MemberId follower = followed ? payload.member_followed().follower_id()
                                     : payload.member_unfollowed().follower_id();
  const MemberId followee = followed ? payload.member_followed().followee_id()
                                     : payload.member_unfollowed().followee_id();
  for (const WatcherPtr& watcher : current_) {
    if (watcher->member != follower) continue;
    if (followed) {
      watcher->followings.insert(followee);
    } else {
      watcher->followings.erase(followee);
    }
  }
}

// One slice from the log. True: there is more to do at once.
bool LiveFeedImpl::CatchUp(Watcher& watcher) {
  absl::Status status = Prepare(watcher);
  bool room = true;
  if (status.ok() && watcher.next <= dispatched_) {
    size_t events = 0;
    status = log_->Read(watcher.next, [&](const v1::Event& event) {
      if (event.position() > dispatched_ || events++ == options_.slice_events) return false;
      const v1::Payload::KindCase kind = event.payload().kind_case();
      if (Matters(kind) && kind != v1::Payload::kMemberFollowed &&
          kind != v1::Payload::kMemberUnfollowed) {
        const LiveItem item = ItemOf(event);
        const MemberId author =
            item.kind == LiveItem::Kind::kPost ? item.actor : AuthorOf(item.post);
        if (Concerns(watcher, item, author)) room = Offer(watcher, item);
        if (!room) return false;
      }
      watcher.next = event.position() + 1;
      return true;
    });
  }
  if (!status.ok()) {
    // Storage failed; the watch stays where it is and is looked at again.
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kRetry, [this] { return stopping_; });
    return true;
  }
  watcher.behind = watcher.next <= dispatched_;
  return watcher.behind && room;
}

// Whom the watcher follows now. Changes that are published later are folded in
// by Dispatch; those that are in the list already change nothing.
absl::Status LiveFeedImpl::Prepare(Watcher& watcher) {
  if (watcher.prepared) return absl::OkStatus();
  watcher.followings.clear();
  PageRequest request{.size = kPageSizeMax};
  while (true) {
    const auto page = queries_->Followings(watcher.member, request);
    // Withdrawn meanwhile: nothing concerns them any more.
    if (ErrorCodeOf(page.status()) == ErrorCode::kMemberNotFound) break;
    RETURN_IF_ERROR(page.status());
    for (const auto& card : page->rows) watcher.followings.insert(card->id);
    if (!page->has_next) break;
    request.after = page->next;
  }
  watcher.prepared = true;
  return absl::OkStatus();
}

bool LiveFeedImpl::Concerns(const Watcher& watcher, const LiveItem& item,
                            MemberId post_author) const {
  if (item.actor == watcher.member) return false;
  if (item.kind == LiveItem::Kind::kPost) return watcher.followings.contains(item.actor);
  return post_author == watcher.member;
}

// 0: the post is not there any more.
MemberId LiveFeedImpl::AuthorOf(PostId post) const {
  const absl::StatusOr<PostView> view = queries_->Post(0, post);
  return view.ok() ? view->body->author_id : 0;
}

bool LiveFeedImpl::Offer(Watcher& watcher, const LiveItem& item) {
  std::lock_guard lock(watcher.sink_mutex);
  if (watcher.sink == nullptr) return true;
  // Set before the sink is asked: it may have room again, and say so, before
  // this thread comes to look at the answer.
  watcher.blocked = true;
  if (!watcher.sink->Offer(item)) return false;
  watcher.blocked = false;
  offered_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void LiveFeedImpl::Tick() {
  for (const WatcherPtr& watcher : current_) {
    std::lock_guard lock(watcher->sink_mutex);
    if (watcher->sink != nullptr) watcher->sink->Tick(watcher->behind ? 0 : dispatched_);
  }
}

}  // namespace

std::unique_ptr<LiveFeed> LiveFeed::Create(CommitListener* runtime, const EventSource* log,
                                           const Queries* queries, LiveOptions options) {
  return std::make_unique<LiveFeedImpl>(runtime, log, queries, options);
}

}  // namespace dailyfeed
