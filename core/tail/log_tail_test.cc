#include "core/tail/log_tail.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dailyfeed {
namespace {

using EventPtr = std::shared_ptr<const v1::Event>;

// A log of posts with likes between them, one event of which may be damaged.
class FakeLog final : public EventSource {
 public:
  EventPtr Append() {
    auto event = std::make_shared<v1::Event>();
    event->set_position(++head_);
    if (head_ % 2 == 1) {
      event->mutable_payload()->mutable_post_published()->set_post_id(head_);
      event->mutable_payload()->mutable_post_published()->set_content(std::string(1000, 'x'));
    } else {
      event->mutable_payload()->mutable_post_liked()->set_post_id(head_ - 1);
    }
    events_.push_back(event);
    return event;
  }

  Position Head() const override { return head_; }
  absl::Status Read(Position from, Visitor visit) const override {
    ++reads;
    for (Position at = std::max<Position>(from, 1); at <= head_; ++at) {
      if (at == damaged) return absl::DataLossError("damaged");
      if (!visit(*events_[at - 1])) break;
    }
    return absl::OkStatus();
  }

  Position damaged = 0;
  mutable std::atomic<int> reads = 0;

 private:
  Position head_ = 0;
  std::vector<EventPtr> events_;
};

struct Post {
  PostId id = 0;
  std::string text;
  size_t Bytes() const { return text.capacity(); }
};

std::optional<Post> PostOf(const v1::Event& event) {
  if (!event.payload().has_post_published()) return std::nullopt;
  return Post{event.payload().post_published().post_id(),
              event.payload().post_published().content()};
}

class LogTailTest : public ::testing::Test {
 protected:
  void Append(int events) {
    std::vector<EventPtr> batch;
    for (int i = 0; i < events; ++i) batch.push_back(log_.Append());
    tail_.Append(batch);
  }
  // Reads up to `up_to` in slices, the ids of what it visits.
  std::vector<PostId> All(Position after, size_t slice, Position up_to) {
    std::vector<PostId> ids;
    while (after < up_to) {
      const auto read = tail_.Read(after, slice, up_to, [&](Position at, const Post& post) {
        EXPECT_EQ(at, post.id);
        ids.push_back(post.id);
        return true;
      });
      EXPECT_TRUE(read.status.ok()) << read.status;
      EXPECT_GT(read.reached, after);
      after = read.reached;
    }
    return ids;
  }
  static std::vector<PostId> Odd(PostId from, PostId to) {
    std::vector<PostId> ids;
    for (PostId id = from; id <= to; ++id) {
      if (id % 2 == 1) ids.push_back(id);
    }
    return ids;
  }

  static constexpr size_t kBytesMax = 20'000;
  FakeLog log_;
  LogTail<Post> tail_{&log_, kBytesMax, PostOf};
};

TEST_F(LogTailTest, ReadsTheSameFromMemoryAndFromTheLog) {
  Append(10);
  EXPECT_EQ(All(0, 100, 10), Odd(1, 10));
  EXPECT_EQ(log_.reads, 0);
  Append(200);
  ASSERT_GT(tail_.begin(), 0u);
  for (const size_t slice : {1, 3, 1000}) {
    for (const Position after : {Position{0}, Position{7}, tail_.begin() - 1, tail_.begin()}) {
      for (const Position up_to : {Position{150}, Position{209}, Position{210}}) {
        EXPECT_EQ(All(after, slice, up_to), Odd(after + 1, up_to)) << after << " " << up_to;
      }
    }
  }
  log_.reads = 0;
  EXPECT_EQ(All(tail_.begin(), 2, 210), Odd(tail_.begin() + 1, 210));
  EXPECT_EQ(log_.reads, 0);
}

TEST_F(LogTailTest, StopsInFrontOfWhatTheFollowerRefuses) {
  Append(9);
  for (const bool from_log : {false, true}) {
    if (from_log) Append(100);
    const auto read =
        tail_.Read(2, 100, 9, [](Position, const Post& post) { return post.id != 7; });
    EXPECT_TRUE(read.status.ok());
    EXPECT_EQ(read.reached, 6u);
  }
}

TEST_F(LogTailTest, HoldsSoManyBytesAndNoEvent) {
  std::vector<EventPtr> batch;
  for (int i = 0; i < 1000; ++i) batch.push_back(log_.Append());
  tail_.Append(batch);
  EXPECT_LE(tail_.bytes(), kBytesMax);
  EXPECT_GT(tail_.bytes(), kBytesMax / 2);
  // The log and the batch.
  for (const EventPtr& event : batch) EXPECT_EQ(event.use_count(), 2);
  LogTail<Post> none(&log_, 0, PostOf);
  none.Append({log_.Append()});
  EXPECT_EQ(none.bytes(), 0u);
  EXPECT_EQ(none.begin(), none.head());
}

TEST_F(LogTailTest, SaysHowFarItCameInFrontOfADamagedEvent) {
  Append(300);
  log_.damaged = 6;
  std::vector<PostId> ids;
  const auto visit = [&](Position, const Post& post) {
    ids.push_back(post.id);
    return true;
  };
  const auto read = tail_.Read(0, 100, 300, visit);
  EXPECT_TRUE(absl::IsDataLoss(read.status));
  EXPECT_EQ(read.reached, 5u);
  EXPECT_EQ(ids, Odd(1, 5));
  const auto again = tail_.Read(5, 100, 300, visit);
  EXPECT_TRUE(absl::IsDataLoss(again.status));
  EXPECT_EQ(again.reached, 5u);
  EXPECT_TRUE(tail_.Read(6, 100, 300, visit).status.ok());
}

// A follower that reads while others append sees every item once, in order,
// whether memory still has it or not.
TEST(LogTailConcurrencyTest, AFollowerSeesEveryItemOnce) {
  constexpr Position kEvents = 20'000;
  FakeLog log;
  LogTail<Post> tail(&log, 50'000, PostOf);
  std::vector<EventPtr> events;
  for (Position at = 1; at <= kEvents; ++at) events.push_back(log.Append());
  std::thread writer([&] {
    for (const EventPtr& event : events) tail.Append({event});
  });
  Position at = 0;
  PostId expected = 1;
  while (at < kEvents) {
    const auto read = tail.Read(at, 64, tail.head(), [&](Position, const Post& post) {
      EXPECT_EQ(post.id, expected);
      expected += 2;
      return true;
    });
    at = read.reached;
  }
  writer.join();
  EXPECT_EQ(expected, kEvents + 1);
}

}  // namespace
}  // namespace dailyfeed
