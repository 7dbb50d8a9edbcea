#include "projections/live/live_feed.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
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
    live_ = LiveFeed::Create(&rig_.runtime(), &rig_.log(), &rig_.queries(), options_);
    rig_.set_listener(live_.get());
  }
  std::unique_ptr<LiveWatch> Watch(MemberId member, LiveSink* sink,
                                   std::optional<Position> after = std::nullopt) {
    auto watch = live_->Watch(member, after, sink);
    EXPECT_TRUE(watch.ok()) << watch.status();
    return *std::move(watch);
  }
  Position Head() { return rig_.log().Head(); }

  LiveOptions options_;
  testing::QueriesRig rig_{{}};
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
               At(4000, testing::Unliked(1, kLee)), At(4000, testing::Viewed(1, kLee))});
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
  options_.events_waiting_max = 4;
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
  options_.events_waiting_max = 16;
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
