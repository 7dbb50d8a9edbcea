#include "projections/live/live_feed.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "core/domain/events.pb.h"
#include "core/tail/log_tail.h"

namespace dailyfeed {
namespace {

using std::chrono::steady_clock;
using SteadyTime = steady_clock::time_point;

// After a read that failed; the disk may recover.
constexpr std::chrono::milliseconds kRetry(200);

// What the live feed needs of an event: an item, or a change of whom somebody follows.
struct Change {
  enum class Kind { kItem, kFollowed, kUnfollowed };
  Kind kind = Kind::kItem;
  LiveItem item;          // kItem
  MemberId follower = 0;  // the others
  MemberId followee = 0;
  static constexpr size_t Bytes() { return 0; }
};

std::optional<Change> ChangeOf(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  Change change;
  change.item = {.position = event.position(), .occurred_at = event.occurred_at_ns()};
  if (payload.has_post_published()) {
    change.item.kind = LiveItem::Kind::kPost;
    change.item.actor = payload.post_published().author_id();
    change.item.post = payload.post_published().post_id();
  } else if (payload.has_post_liked()) {
    change.item.kind = LiveItem::Kind::kLike;
    change.item.actor = payload.post_liked().member_id();
    change.item.post = payload.post_liked().post_id();
  } else if (payload.has_comment_added()) {
    change.item.kind = LiveItem::Kind::kComment;
    change.item.actor = payload.comment_added().author_id();
    change.item.post = payload.comment_added().post_id();
    change.item.comment = payload.comment_added().comment_id();
  } else if (payload.has_member_followed()) {
    change.kind = Change::Kind::kFollowed;
    change.follower = payload.member_followed().follower_id();
    change.followee = payload.member_followed().followee_id();
  } else if (payload.has_member_unfollowed()) {
    change.kind = Change::Kind::kUnfollowed;
    change.follower = payload.member_unfollowed().follower_id();
    change.followee = payload.member_unfollowed().followee_id();
  } else {
    return std::nullopt;
  }
  return change;
}

}  // namespace

// One watch. What stands above `blocked` belongs to the live thread.
struct LiveWatch::Watcher {
  Watcher(MemberId of, Position after, LiveSink* to) : member(of), next(after + 1), sink(to) {}

  const MemberId member;
  Position next;          // nothing before this position is offered
  bool behind = true;     // `next` is the first position that was not offered yet
  bool swept = false;     // takes part in the slice that is being read
  bool prepared = false;  // stands in the indexes, with whom the member follows
  std::vector<MemberId> followees;

  std::atomic<bool> blocked = false;  // the sink had no room
  std::mutex sink_mutex;
  LiveSink* sink;  // null: the watch is over
};

class LiveFeed::Impl {
 public:
  using Watcher = LiveWatch::Watcher;
  using WatcherPtr = std::shared_ptr<Watcher>;

  Impl(CommitListener* runtime, const EventSource* log, const Queries* queries,
       const LiveOptions& options)
      : runtime_(runtime),
        queries_(queries),
        options_(options),
        tail_(log, options.waiting_bytes_max, ChangeOf),
        dispatched_(tail_.head()),
        thread_([this] { Run(); }) {}

  ~Impl() {
    {
      std::lock_guard lock(mutex_);
      DAILYFEED_CHECK(watches_ == 0);  // each holds a reference to this
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void OnCommitted(CommittedBatch batch) {
    CommittedBatch passed_on{.events = batch.events, .done = {}};
    passed_on.done = [this, batch = std::move(batch)](absl::Status status) mutable {
      // Before the acknowledgement: a client that resumes from a position that
      // was acknowledged must not be ahead of the tail.
      if (status.ok()) {
        tail_.Append(batch.events);
        Wake([] {});
      }
      batch.done(std::move(status));
    };
    runtime_->OnCommitted(std::move(passed_on));
  }

  struct Begun {
    WatcherPtr watcher;
    Position after = 0;
    bool has_gap = false;
  };
  absl::StatusOr<Begun> Begin(MemberId member, std::optional<Position> after, LiveSink* sink) {
    RETURN_IF_ERROR(queries_->Member(member).status());
    std::unique_lock lock(mutex_);
    if (watches_ >= options_.watches_max) {
      return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable,
                         fmt::format("there are {} watches already", options_.watches_max));
    }
    size_t& of_member = watches_of_[member];
    if (of_member >= options_.watches_per_member_max) {
      return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kTooManyRequest,
                         fmt::format("member {} has {} watches already", member, of_member));
    }
    ++of_member;
    ++watches_;
    const Position head = tail_.head();
    Begun begun;
    begun.after = std::min(after.value_or(head), head);
    begun.has_gap = head - begun.after > options_.resume_events_max;
    if (begun.has_gap) begun.after = head;
    begun.watcher = std::make_shared<Watcher>(member, begun.after, sink);
    begun_.push_back(begun.watcher);
    look_ = true;
    lock.unlock();
    wake_.notify_one();
    return begun;
  }

  void Resume(Watcher& watcher) {
    if (watcher.blocked.exchange(false)) Wake([this] { look_ = true; });
  }

  void End(const WatcherPtr& watcher) {
    Wake([&] {
      ended_.push_back(watcher);
      --watches_;
      const auto of_member = watches_of_.find(watcher->member);
      if (--of_member->second == 0) watches_of_.erase(of_member);
      look_ = true;
    });
    std::lock_guard lock(watcher->sink_mutex);
    watcher->sink = nullptr;
  }

  LiveStats stats() const {
    LiveStats stats;
    stats.watches_behind = behind_.load(std::memory_order_relaxed);
    stats.items_offered = offered_.load(std::memory_order_relaxed);
    stats.events_skipped = skipped_.load(std::memory_order_relaxed);
    std::lock_guard lock(mutex_);
    stats.watches = watches_;
    return stats;
  }

 private:
  // Watchers that keep up are one reader of the tail, watchers that are behind
  // are another; a failure of one does not stop the other.
  struct Lane {
    SteadyTime retry_at = SteadyTime::min();
    bool more = false;  // there is something to read at once
  };
  using Watchers = std::vector<Watcher*>;
  using Index = absl::flat_hash_map<MemberId, Watchers>;

  template <typename Prepare>
  void Wake(Prepare prepare) {
    {
      std::lock_guard lock(mutex_);
      prepare();
    }
    wake_.notify_one();
  }

  void Run() {
    pthread_setname_np(pthread_self(), "df-live");
    const auto tick = absl::ToChronoNanoseconds(options_.tick);
    SteadyTime next_tick = steady_clock::now() + tick;
    while (true) {
      {
        std::unique_lock lock(mutex_);
        const auto has_work = [&] {
          return stopping_ || look_ || new_.more || old_.more ||
                 (!watchers_.empty() && tail_.head() > dispatched_ &&
                  steady_clock::now() >= new_.retry_at);
        };
        wake_.wait_until(lock, NextMoment(next_tick), has_work);
        if (stopping_) return;
        look_ = false;
        ComeAndGo();
      }
      // A reader of each lane, one slice a turn, so that neither waits for the
      // whole way of the other.
      const SteadyTime now = steady_clock::now();
      if (now >= new_.retry_at) ReadNew();
      if (now >= old_.retry_at) ReadOld();
      behind_.store(std::count_if(watchers_.begin(), watchers_.end(),
                                  [](const WatcherPtr& watcher) { return watcher->behind; }),
                    std::memory_order_relaxed);
      if (steady_clock::now() >= next_tick) {
        Tick();
        next_tick = steady_clock::now() + tick;
      }
    }
  }

  SteadyTime NextMoment(SteadyTime next_tick) const {
    const SteadyTime now = steady_clock::now();
    for (const Lane* lane : {&new_, &old_}) {
      if (lane->retry_at > now) next_tick = std::min(next_tick, lane->retry_at);
    }
    return next_tick;
  }

  // Under mutex_.
  void ComeAndGo() {
    // Nobody needs what happened meanwhile.
    if (watchers_.empty()) dispatched_ = tail_.head();
    watchers_.insert(watchers_.end(), begun_.begin(), begun_.end());
    begun_.clear();
    for (const WatcherPtr& watcher : ended_) {
      Unlist(*watcher);
      watchers_.erase(std::find(watchers_.begin(), watchers_.end(), watcher));
    }
    ended_.clear();
  }

  // ---- Watchers that keep up.

  void ReadNew() {
    new_.more = false;
    const Position head = tail_.head();
    if (watchers_.empty() || dispatched_ >= head) return;
    absl::Status rows;
    const auto progress =
        tail_.Read(dispatched_, options_.slice_events, head, [&](Position, const Change& change) {
          if (change.kind == Change::Kind::kItem) {
            rows = OfferOrSkip(change.item, [](const Watcher& watcher) { return !watcher.behind; });
          } else {
            FollowChange(change);
          }
          return rows.ok();
        });
    dispatched_ = progress.reached;
    if (absl::IsDataLoss(progress.status)) {
      ++dispatched_;
      skipped_.fetch_add(1, std::memory_order_relaxed);
      // It may have been about whom somebody follows.
      for (const WatcherPtr& watcher : watchers_) FallBehind(*watcher, dispatched_ + 1);
    } else if (!progress.status.ok() || !rows.ok()) {
      new_.retry_at = steady_clock::now() + kRetry;
      return;
    }
    new_.more = dispatched_ < head;
  }

  void FallBehind(Watcher& watcher, Position next) {
    Unlist(watcher);
    if (!watcher.behind) watcher.next = std::max(watcher.next, next);
    watcher.behind = true;
  }

  void FollowChange(const Change& change) {
    const auto found = of_member_.find(change.follower);
    if (found == of_member_.end()) return;
    for (Watcher* watcher : found->second) {
      std::vector<MemberId>& followees = watcher->followees;
      const auto at = std::find(followees.begin(), followees.end(), change.followee);
      const bool follows = at != followees.end();
      // Whom the watcher follows was read after this change.
      if (follows == (change.kind == Change::Kind::kFollowed)) continue;
      if (follows) {
        followees.erase(at);
        Remove(followers_of_, change.followee, watcher);
      } else {
        followees.push_back(change.followee);
        followers_of_[change.followee].push_back(watcher);
      }
    }
  }

  // ---- Watchers that are behind.

  // One slice for all of them. The reader goes forward to the last watcher that
  // is behind and begins again at the first, so that a watcher far behind does
  // not keep the others waiting for more than one way through the log.
  void ReadOld() {
    old_.more = false;
    std::optional<Position> from;
    std::optional<Position> first;
    for (const WatcherPtr& watcher : watchers_) {
      watcher->swept = watcher->behind && !watcher->blocked && Prepare(*watcher);
      if (!watcher->swept) continue;
      if (CaughtUp(*watcher)) continue;
      if (!first.has_value() || watcher->next < *first) first = watcher->next;
      if (watcher->next >= sweep_ && (!from.has_value() || watcher->next < *from)) {
        from = watcher->next;
      }
    }
    if (!first.has_value()) return;
    if (!from.has_value()) from = first;
    bool others_wait = false;
    for (const WatcherPtr& watcher : watchers_) {
      // It began while the reader was under way: its turn is the next way, from
      // its own position on.
      if (watcher->swept && watcher->next < *from) {
        watcher->swept = false;
        others_wait = true;
      }
    }
    absl::Status rows;
    const auto progress = tail_.Read(
        *from - 1, options_.slice_events, dispatched_, [&](Position, const Change& change) {
          // Whom they follow now is known already.
          if (change.kind != Change::Kind::kItem) return true;
          rows = OfferOrSkip(change.item, [](const Watcher& watcher) { return watcher.swept; });
          return rows.ok();
        });
    Position reached = progress.reached;
    if (absl::IsDataLoss(progress.status)) {
      ++reached;
      skipped_.fetch_add(1, std::memory_order_relaxed);
    } else if (!progress.status.ok() || !rows.ok()) {
      old_.retry_at = steady_clock::now() + kRetry;
    }
    sweep_ = reached + 1;
    old_.more = others_wait;
    for (const WatcherPtr& watcher : watchers_) {
      if (!watcher->swept) continue;
      if (watcher->next >= *from && watcher->next <= reached) watcher->next = reached + 1;
      if (!CaughtUp(*watcher)) old_.more = true;
    }
    if (steady_clock::now() < old_.retry_at) old_.more = false;
  }

  bool CaughtUp(Watcher& watcher) const {
    if (watcher.next <= dispatched_) return false;
    watcher.behind = false;
    watcher.swept = false;
    return true;
  }

  // Enters the watcher into the indexes, with whom the member follows now. Later
  // changes come by FollowChange. False: to be tried again.
  bool Prepare(Watcher& watcher) {
    if (watcher.prepared) return true;
    // Empty for a member who withdrew meanwhile.
    absl::StatusOr<std::vector<MemberId>> followees = queries_->FollowedIds(watcher.member);
    if (!followees.ok()) {
      old_.retry_at = steady_clock::now() + kRetry;
      return false;
    }
    watcher.followees = *std::move(followees);
    of_member_[watcher.member].push_back(&watcher);
    for (const MemberId followee : watcher.followees) followers_of_[followee].push_back(&watcher);
    watcher.prepared = true;
    return true;
  }

  void Unlist(Watcher& watcher) {
    if (!std::exchange(watcher.prepared, false)) return;
    Remove(of_member_, watcher.member, &watcher);
    for (const MemberId followee : watcher.followees) Remove(followers_of_, followee, &watcher);
    watcher.followees.clear();
  }

  static void Remove(Index& index, MemberId key, Watcher* watcher) {
    const auto found = index.find(key);
    Watchers& watchers = found->second;
    watchers.erase(std::find(watchers.begin(), watchers.end(), watcher));
    if (watchers.empty()) index.erase(found);
  }

  // ---- Items.

  using InLane = absl::FunctionRef<bool(const Watcher&)>;
  absl::Status OfferOrSkip(const LiveItem& item, InLane in_lane) {
    const absl::Status offered = OfferToAll(item, in_lane);
    // Its rows are damaged and stay so.
    return absl::IsDataLoss(offered) ? absl::OkStatus() : offered;
  }

  // Offers the item to the watchers of one lane whom it concerns. An error: the
  // read models cannot be read now, and nobody was offered it.
  absl::Status OfferToAll(const LiveItem& item, InLane in_lane) {
    const bool is_post = item.kind == LiveItem::Kind::kPost;
    if (is_post && !followers_of_.contains(item.actor)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const MemberId author, queries_->AuthorOf(item.post));
    // 0: the post was deleted.
    if (author == 0 || (!is_post && author == item.actor)) return absl::OkStatus();
    const Index& index = is_post ? followers_of_ : of_member_;
    const auto concerned = index.find(author);
    if (concerned == index.end()) return absl::OkStatus();
    if (item.kind == LiveItem::Kind::kLike) {
      ASSIGN_OR_RETURN(const bool likes, queries_->IsLiking(item.actor, item.post));
      if (!likes) return absl::OkStatus();
    }
    for (Watcher* watcher : concerned->second) {
      if (item.position < watcher->next || !in_lane(*watcher)) continue;
      if (Offer(*watcher, item)) continue;
      watcher->behind = true;
      watcher->swept = false;
      watcher->next = item.position;
    }
    return absl::OkStatus();
  }

  bool Offer(Watcher& watcher, const LiveItem& item) {
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

  void Tick() {
    for (const WatcherPtr& watcher : watchers_) {
      std::lock_guard lock(watcher->sink_mutex);
      if (watcher->sink == nullptr) continue;
      watcher->sink->Tick(watcher->behind ? 0 : std::max(dispatched_, watcher->next - 1));
    }
  }

  CommitListener* const runtime_;
  const Queries* const queries_;
  const LiveOptions options_;
  LogTail<Change> tail_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool look_ = false;  // a watch began, ended or has room
  size_t watches_ = 0;
  absl::flat_hash_map<MemberId, size_t> watches_of_;
  std::vector<WatcherPtr> begun_;
  std::vector<WatcherPtr> ended_;
  std::atomic<uint64_t> behind_ = 0;
  std::atomic<uint64_t> offered_ = 0;
  std::atomic<uint64_t> skipped_ = 0;

  // Of the live thread.
  std::vector<WatcherPtr> watchers_;
  Index of_member_;     // watchers by their member
  Index followers_of_;  // watchers by whom their member follows
  Lane new_, old_;
  Position dispatched_;  // what keeps up was offered everything up to here
  Position sweep_ = 0;   // where the reader of those behind goes on
  std::thread thread_;
};

LiveWatch::LiveWatch(LiveFeed* feed, std::shared_ptr<Watcher> watcher, Position begins_after,
                     bool has_gap)
    : feed_(feed), watcher_(std::move(watcher)), begins_after_(begins_after), has_gap_(has_gap) {}
LiveWatch::~LiveWatch() { feed_->impl_->End(watcher_); }
void LiveWatch::Resume() { feed_->impl_->Resume(*watcher_); }

LiveFeed::LiveFeed(CommitListener* runtime, const EventSource* log, const Queries* queries,
                   const LiveOptions& options)
    : impl_(std::make_unique<Impl>(runtime, log, queries, options)) {}
LiveFeed::~LiveFeed() = default;

void LiveFeed::OnCommitted(CommittedBatch batch) { impl_->OnCommitted(std::move(batch)); }
LiveStats LiveFeed::stats() const { return impl_->stats(); }

absl::StatusOr<std::unique_ptr<LiveWatch>> LiveFeed::Watch(MemberId member,
                                                           std::optional<Position> after,
                                                           LiveSink* sink) {
  ASSIGN_OR_RETURN(Impl::Begun begun, impl_->Begin(member, after, sink));
  return std::unique_ptr<LiveWatch>(
      new LiveWatch(this, std::move(begun.watcher), begun.after, begun.has_gap));
}

}  // namespace dailyfeed
