#include "projections/live/live_feed.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "core/ports/event_source.h"
#include "projections/testing/events.h"
#include "projections/testing/queries_rig.h"

namespace dailyfeed {
namespace {

using testing::At;
using Kind = LiveItem::Kind;

constexpr MemberId kKim = 1;
constexpr MemberId kLee = 2;
constexpr MemberId kPark = 3;
constexpr std::chrono::seconds kPatience(30);

std::string Text(const LiveItem& item) {
  const char* kind = item.kind == Kind::kPost   ? "post"
                     : item.kind == Kind::kLike ? "like"
                                                : "comment";
  std::string text = std::string(kind) + " " + std::to_string(item.post);
  if (item.comment != 0) text += "/" + std::to_string(item.comment);
  return text + " by " + std::to_string(item.actor);
}

// Keeps what it is offered, up to `room` items at a time.
class Recorder final : public LiveSink {
 public:
  explicit Recorder(size_t room = 1'000'000) : room_(room) {}

  bool Offer(const LiveItem& item) override {
    std::lock_guard lock(mutex_);
    if (room_ == 0) {
      ++refused_;
      changed_.notify_all();
      return false;
    }
    --room_;
    items_.push_back(item);
    changed_.notify_all();
    return true;
  }
  void Tick(Position caught_up_to) override {
    std::lock_guard lock(mutex_);
    caught_up_to_ = caught_up_to;
    changed_.notify_all();
  }

  void AddRoom(size_t room) {
    std::lock_guard lock(mutex_);
    room_ += room;
  }
  // Waits for a tick that says everything up to `position` was offered.
  std::vector<LiveItem> Everything(Position position) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return caught_up_to_ >= position; }));
    return items_;
  }
  std::vector<std::string> Texts(Position position) {
    std::vector<std::string> texts;
    for (const LiveItem& item : Everything(position)) texts.push_back(Text(item));
    return texts;
  }
  void AwaitRefusal() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return refused_ > 0; }));
    refused_ = 0;
  }
  size_t size() {
    std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t room_;
  size_t refused_ = 0;
  Position caught_up_to_ = 0;
  std::vector<LiveItem> items_;
};

// The log, with damage, an outage, a gate, and a count of what is read.
class TroubledLog final : public EventSource {
 public:
  explicit TroubledLog(const EventSource* log) : log_(log) {}
  Position Head() const override { return log_->Head(); }
  absl::Status Read(Position from, Visitor visit) const override {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return open_; });
    const absl::Status outage = outage_;
    const Position damaged = damaged_;
    ++reads_;
    read_.notify_all();
    lock.unlock();
    if (!outage.ok()) return outage;
    absl::Status status;
    const absl::Status read = log_->Read(from, [&](const v1::Event& event) {
      if (event.position() == damaged) {
        status = absl::DataLossError("damaged");
        return false;
      }
      ++visited_;
      return visit(event);
    });
    return status.ok() ? read : status;
  }

  void Damage(Position position) {
    std::lock_guard lock(mutex_);
    damaged_ = position;
  }
  void SetOutage(absl::Status status) {
    std::lock_guard lock(mutex_);
    outage_ = std::move(status);
  }
  void SetOpen(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    opened_.notify_all();
  }
  void AwaitReads(int more) {
    std::unique_lock lock(mutex_);
    const int until = reads_ + more;
    EXPECT_TRUE(read_.wait_for(lock, kPatience, [&] { return reads_ >= until; }));
  }
  uint64_t visited() const { return visited_; }

 private:
  const EventSource* const log_;
  mutable std::mutex mutex_;
  mutable std::condition_variable opened_, read_;
  bool open_ = true;
  mutable int reads_ = 0;
  absl::Status outage_;
  Position damaged_ = 0;
  mutable std::atomic<uint64_t> visited_ = 0;
};

class LiveFeedTest : public ::testing::Test {
 protected:
  LiveFeedTest() {
    options_.tick = absl::Milliseconds(1);
    rig_.Commit({At(1000, testing::SignedUp(kKim, "kim")), At(1000, testing::SignedUp(kLee, "lee")),
                 At(1000, testing::SignedUp(kPark, "park")),
                 At(2000, testing::Followed(kLee, kKim))});
    Start();
  }
  ~LiveFeedTest() override { rig_.set_listener(&rig_.runtime()); }

  void Start() {
    live_ = std::make_unique<LiveFeed>(&rig_.runtime(), &log_, &rig_.queries(), options_);
    rig_.set_listener(live_.get());
  }
  std::unique_ptr<LiveWatch> Watch(MemberId member, LiveSink* sink,
                                   std::optional<Position> after = std::nullopt) {
    auto watch = live_->Watch(member, after, sink);
    EXPECT_TRUE(watch.ok()) << watch.status();
    return *std::move(watch);
  }
  Position Head() { return rig_.log().Head(); }

  // Posts of kim's that nobody has seen.
  void Publish(PostId first, PostId last) {
    for (PostId post = first; post <= last; ++post) {
      rig_.Commit({At(3000, testing::Published(post, kKim, "hello"))});
    }
  }
  static std::vector<std::string> Posts(PostId first, PostId last) {
    std::vector<std::string> texts;
    for (PostId post = first; post <= last; ++post) {
      texts.push_back("post " + std::to_string(post) + " by 1");
    }
    return texts;
  }
  // With nothing in memory, so that what is behind is read from the log.
  void RestartWithoutMemory() {
    rig_.set_listener(&rig_.runtime());
    live_ = nullptr;
    options_.waiting_bytes_max = 0;
    Start();
  }

  LiveOptions options_;
  testing::QueriesRig rig_{{}};
  TroubledLog log_{&rig_.log()};
  std::unique_ptr<LiveFeed> live_;
};

using Texts = std::vector<std::string>;

TEST_F(LiveFeedTest, PostsOfTheFollowedAndActivityOnOnesOwnPosts) {
  Recorder kim, lee;
  const auto kims = Watch(kKim, &kim);
  const auto lees = Watch(kLee, &lee);
  rig_.Commit({At(3000, testing::Published(1, kKim, "hello"))});
  rig_.Commit({At(3000, testing::Published(2, kPark, "nobody follows me"))});
  rig_.Commit({At(4000, testing::Liked(1, kLee)), At(4000, testing::Liked(1, kKim)),
               At(4000, testing::Viewed(1, kLee))});
  rig_.Commit({At(5000, testing::CommentAdded(7, 1, kPark, {}, "hi")),
               At(5000, testing::CommentAdded(8, 1, kKim, {7}, "my own")),
               At(5000, testing::CommentAdded(9, 2, kLee, {}, "on another's post"))});
  EXPECT_EQ(kim.Texts(Head()), (Texts{"like 1 by 2", "comment 1/7 by 3"}));
  EXPECT_EQ(lee.Texts(Head()), (Texts{"post 1 by 1"}));
  const std::vector<LiveItem> items = kim.Everything(Head());
  EXPECT_EQ(items[0].position, 7u);
  EXPECT_EQ(items[0].occurred_at, 4000);
}

// Who is followed is decided when an item is offered, so each step waits until
// the one before it was.
TEST_F(LiveFeedTest, FollowingCountsFromTheMomentItHappens) {
  Recorder sink;
  const auto watch = Watch(kPark, &sink);
  const std::vector<v1::Event> steps = {
      testing::Published(1, kKim, "before"), testing::Followed(kPark, kKim),
      testing::Published(2, kKim, "while"), testing::Unfollowed(kPark, kKim),
      testing::Published(3, kKim, "after")};
  for (const v1::Event& step : steps) {
    sink.Everything(Head());
    rig_.Commit({At(3000, step)});
  }
  EXPECT_EQ(sink.Texts(Head()), (Texts{"post 2 by 1"}));
}

TEST_F(LiveFeedTest, GoesOnFromAPositionAlsoAfterARestart) {
  for (PostId post = 1; post <= 20; ++post) {
    rig_.Commit({At(3000, testing::Published(post, kKim, "hello"))});
  }
  const Position first = 5;  // of post 1
  for (const bool restarted : {false, true}) {
    if (restarted) {
      rig_.set_listener(&rig_.runtime());
      live_ = nullptr;
      Start();
    }
    Recorder sink;
    const auto watch = Watch(kLee, &sink, first + 14);
    EXPECT_EQ(watch->begins_after(), first + 14);
    EXPECT_EQ(sink.Texts(Head()), (Texts{"post 16 by 1", "post 17 by 1", "post 18 by 1",
                                         "post 19 by 1", "post 20 by 1"}));
  }
}

TEST_F(LiveFeedTest, APositionThatTheLogDoesNotHaveIsNow) {
  Recorder sink;
  const auto watch = Watch(kLee, &sink, Head() + 1000);
  EXPECT_EQ(watch->begins_after(), Head());
  rig_.Commit({At(3000, testing::Published(1, kKim, "hello"))});
  EXPECT_EQ(sink.Texts(Head()), (Texts{"post 1 by 1"}));
}

TEST_F(LiveFeedTest, ASlowSinkLosesNothingAndHoldsNobodyUp) {
  options_.slice_events = 3;
  options_.waiting_bytes_max = 500;
  live_ = nullptr;
  Start();
  Recorder slow(/*room=*/2), quick;
  const auto slow_watch = Watch(kLee, &slow);
  const auto quick_watch = Watch(kLee, &quick);
  Texts all;
  for (PostId post = 1; post <= 50; ++post) {
    rig_.Commit({At(3000, testing::Published(post, kKim, "hello")),
                 At(3000, testing::Viewed(post, kPark)), At(3000, testing::Liked(post, kPark))});
    all.push_back("post " + std::to_string(post) + " by 1");
  }
  EXPECT_EQ(quick.Texts(Head()), all);
  slow.AwaitRefusal();
  EXPECT_EQ(slow.size(), 2u);
  for (size_t taken = 2; taken < 50; taken += 8) {
    slow.AddRoom(8);
    slow_watch->Resume();
    if (taken + 8 < 50) slow.AwaitRefusal();
  }
  EXPECT_EQ(slow.Texts(Head()), all);
}

TEST_F(LiveFeedTest, WhatWasDeletedMeanwhileIsLeftOut) {
  const Position before = Head();
  rig_.Commit({At(3000, testing::Published(1, kKim, "hello")), At(3000, testing::Liked(1, kPark))});
  rig_.Commit({At(4000, testing::Deleted(1, kKim))});
  Recorder kim;
  const auto watch = Watch(kKim, &kim, before);
  EXPECT_EQ(kim.Texts(Head()), Texts{});
}

TEST_F(LiveFeedTest, ALikeThatWasTakenBackIsLeftOut) {
  const Position before = Head();
  rig_.Commit({At(3000, testing::Published(1, kKim, "hello")), At(3000, testing::Liked(1, kPark)),
               At(3000, testing::Liked(1, kLee)), At(3000, testing::Unliked(1, kPark))});
  Recorder kim;
  const auto watch = Watch(kKim, &kim, before);
  EXPECT_EQ(kim.Texts(Head()), Texts{"like 1 by 2"});
}

TEST_F(LiveFeedTest, ABeginningTooFarBackIsNowAndSaysSo) {
  options_.resume_events_max = 3;
  rig_.set_listener(&rig_.runtime());
  live_ = nullptr;
  Start();
  Publish(1, 10);
  Recorder far, near;
  const auto far_watch = Watch(kLee, &far, 0);
  EXPECT_TRUE(far_watch->has_gap());
  EXPECT_EQ(far_watch->begins_after(), Head());
  const auto near_watch = Watch(kLee, &near, Head() - 3);
  EXPECT_FALSE(near_watch->has_gap());
  Publish(11, 11);
  EXPECT_EQ(far.Texts(Head()), Posts(11, 11));
  EXPECT_EQ(near.Texts(Head()), Posts(8, 11));
}

TEST_F(LiveFeedTest, ADamagedEventIsSkippedAndHoldsNobodyUp) {
  Publish(1, 20);
  RestartWithoutMemory();
  log_.Damage(5 + 9);  // post 10
  Recorder at_head;
  const auto live_watch = Watch(kLee, &at_head);
  std::vector<std::unique_ptr<Recorder>> sinks;
  std::vector<std::unique_ptr<LiveWatch>> watches;
  for (int i = 0; i < 4; ++i) {
    sinks.push_back(std::make_unique<Recorder>());
    watches.push_back(Watch(kLee, sinks.back().get(), 4));
  }
  Texts all = Posts(1, 9);
  for (const std::string& post : Posts(11, 20)) all.push_back(post);
  for (const auto& sink : sinks) EXPECT_EQ(sink->Texts(Head()), all);
  EXPECT_GE(live_->stats().events_skipped, 1u);
  Publish(21, 21);
  EXPECT_EQ(at_head.Texts(Head()), Posts(21, 21));
}

// A damaged event is skipped by watchers that keep up, too, and whom they
// follow is read anew, because the event may have said it.
TEST_F(LiveFeedTest, ADamagedEventMayHaveBeenAFollow) {
  RestartWithoutMemory();
  Recorder park;
  const auto watch = Watch(kPark, &park);
  park.Everything(Head());
  log_.Damage(Head() + 1);
  rig_.Commit({At(3000, testing::Followed(kPark, kKim))});
  park.Everything(Head());
  Publish(1, 1);
  EXPECT_EQ(park.Texts(Head()), Posts(1, 1));
}

TEST_F(LiveFeedTest, ALogThatCannotBeReadHoldsUpOnlyTheWatchersThatAreBehind) {
  Publish(1, 20);
  log_.SetOutage(absl::UnavailableError("the disk is away"));
  rig_.set_listener(&rig_.runtime());
  live_ = nullptr;
  Start();
  Recorder at_head, behind;
  const auto live_watch = Watch(kLee, &at_head);
  const auto watch = Watch(kLee, &behind, 4);
  log_.AwaitReads(2);  // it is tried again
  Publish(21, 30);
  EXPECT_EQ(at_head.Texts(Head()), Posts(21, 30));
  EXPECT_EQ(behind.size(), 0u);
  log_.SetOutage(absl::OkStatus());
  EXPECT_EQ(behind.Texts(Head()), Posts(1, 30));
}

// One reader for all who are behind: the log is read about once, not once a watcher.
TEST_F(LiveFeedTest, AThousandWatchersBehindReadTheLogTogether) {
  constexpr int kWatches = 1000;
  constexpr PostId kPosts = 150;
  options_.watches_max = kWatches;
  options_.watches_per_member_max = kWatches;
  options_.slice_events = 20;
  options_.tick = absl::Milliseconds(50);  // a thousand ticks take a while
  Publish(1, kPosts);
  RestartWithoutMemory();
  log_.SetOpen(false);
  std::vector<std::unique_ptr<Recorder>> sinks;
  std::vector<std::unique_ptr<LiveWatch>> watches;
  for (int i = 0; i < kWatches; ++i) {
    sinks.push_back(std::make_unique<Recorder>());
    watches.push_back(Watch(kLee, sinks.back().get(), 4 + i % 3));
  }
  log_.SetOpen(true);
  for (int i = 0; i < kWatches; ++i) {
    ASSERT_EQ(sinks[i]->Texts(Head()), Posts(1 + i % 3, kPosts));
  }
  // Twice: whoever came during the first slice waits for the second way.
  EXPECT_LE(log_.visited(), 3 * kPosts);
}

// The reader is in the middle of the log when another watcher begins at its
// start: it gets everything in order all the same.
TEST_F(LiveFeedTest, AWatcherThatBeginsWhileOthersCatchUpGetsEverythingInOrder) {
  struct Gate final : LiveSink {
    bool Offer(const LiveItem& item) override {
      if (item.post == 50) {
        reached.set_value();
        opened.get_future().wait();
      }
      return recorder.Offer(item);
    }
    void Tick(Position caught_up_to) override { recorder.Tick(caught_up_to); }
    Recorder recorder;
    std::promise<void> reached, opened;
  };
  options_.slice_events = 10;
  Publish(1, 100);
  RestartWithoutMemory();
  Gate early;
  const auto early_watch = Watch(kLee, &early, 4);
  early.reached.get_future().wait();
  Recorder late;
  const auto late_watch = Watch(kLee, &late, 4);
  early.opened.set_value();
  EXPECT_EQ(late.Texts(Head()), Posts(1, 100));
  EXPECT_EQ(early.recorder.Texts(Head()), Posts(1, 100));
}

// A watcher far behind, who is let in again and again, does not keep one that is
// nearly there from getting there.
TEST_F(LiveFeedTest, NewWatchersFarBehindDoNotStarveTheOthers) {
  options_.slice_events = 10;
  Publish(1, 100);
  RestartWithoutMemory();
  log_.SetOpen(false);
  Recorder near;
  const auto near_watch = Watch(kLee, &near, Head() - 20);
  std::vector<std::unique_ptr<Recorder>> sinks;
  std::vector<std::unique_ptr<LiveWatch>> watches;
  for (int i = 0; i < 5; ++i) {
    sinks.push_back(std::make_unique<Recorder>());
    watches.push_back(Watch(kLee, sinks.back().get(), 4));
  }
  log_.SetOpen(true);
  EXPECT_EQ(near.Texts(Head()), Posts(81, 100));
  for (const auto& sink : sinks) EXPECT_EQ(sink->Texts(Head()), Posts(1, 100));
}

TEST_F(LiveFeedTest, LimitsAndUnknownMembers) {
  options_.watches_max = 3;
  options_.watches_per_member_max = 2;
  live_ = nullptr;
  Start();
  Recorder sink;
  EXPECT_EQ(ErrorCodeOf(live_->Watch(99, {}, &sink).status()), ErrorCode::kMemberNotFound);
  auto first = Watch(kKim, &sink);
  const auto second = Watch(kKim, &sink);
  EXPECT_EQ(ErrorCodeOf(live_->Watch(kKim, {}, &sink).status()), ErrorCode::kTooManyRequest);
  const auto third = Watch(kLee, &sink);
  EXPECT_EQ(ErrorCodeOf(live_->Watch(kPark, {}, &sink).status()), ErrorCode::kServiceUnavailable);
  EXPECT_EQ(live_->stats().watches, 3u);
  first = nullptr;
  EXPECT_EQ(live_->stats().watches, 2u);
  const auto again = Watch(kPark, &sink);
}

// Watches that come, go, fall behind and resume while others write: each item
// exactly once and in order, whichever way it came.
TEST_F(LiveFeedTest, EveryItemExactlyOnceUnderConcurrency) {
  options_.slice_events = 7;
  options_.waiting_bytes_max = 2000;
  live_ = nullptr;
  Start();
  constexpr PostId kPosts = 2000;
  const Position before = Head();
  std::thread writer([&] {
    for (PostId post = 1; post <= kPosts; ++post) {
      rig_.Commit({At(3000, testing::Published(post, kKim, "hello"))});
    }
  });
  const char* text = std::getenv("DAILYFEED_SEED");
  const uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 10) : 7;
  SCOPED_TRACE("DAILYFEED_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::vector<LiveItem> seen;
  while (seen.size() < kPosts) {
    Recorder sink(1 + random() % 40);
    const auto watch = Watch(kLee, &sink, seen.empty() ? before : seen.back().position);
    const bool to_the_end = random() % 2 == 0;
    if (to_the_end) {
      sink.AwaitRefusal();
      sink.AddRoom(random() % 40);
      watch->Resume();
    }
    if (random() % 4 == 0) std::this_thread::yield();
    std::vector<LiveItem> items = sink.Everything(0);
    seen.insert(seen.end(), items.begin(), items.end());
    if (seen.size() + 80 > kPosts) break;  // fewer are left than a sink waits for
  }
  writer.join();
  Recorder rest;
  const auto watch = Watch(kLee, &rest, seen.empty() ? before : seen.back().position);
  const std::vector<LiveItem> items = rest.Everything(Head());
  seen.insert(seen.end(), items.begin(), items.end());
  ASSERT_EQ(seen.size(), kPosts);
  for (PostId post = 1; post <= kPosts; ++post) EXPECT_EQ(seen[post - 1].post, post);
}

}  // namespace
}  // namespace dailyfeed
