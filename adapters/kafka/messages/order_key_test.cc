#include "adapters/kafka/messages/order_key.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/kafka/messages/topic_name.h"
#include "projections/testing/events.h"

namespace dailyfeed::kafka {
namespace {

using namespace dailyfeed::testing;  // NOLINT: the events of projections/testing

// The values of the Java client's own test.
TEST(OrderKeyTest, Murmur2IsThatOfTheJavaClient) {
  const struct {
    const char* key;
    int32_t hash;
  } rows[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  for (const auto& row : rows)
    EXPECT_EQ(static_cast<int32_t>(Murmur2(row.key)), row.hash) << row.key;
  EXPECT_EQ(PartitionOf("foobar", 6), (-790332482 & 0x7fffffff) % 6);
  EXPECT_EQ(PartitionOf("foobar", 1), 0);
}

TEST(OrderKeyTest, TheKeysSpreadOverThePartitions) {
  std::vector<int> counts(6);
  for (int id = 1; id <= 6000; ++id) ++counts[PartitionOf(fmt::format("post/{}", id), 6)];
  for (const int count : counts) EXPECT_GT(count, 700);
}

// A like and its cancel have different record keys and must keep their order.
TEST(OrderKeyTest, WhatConcernsAPostKeepsItsOrder) {
  for (const v1::Event& event :
       {Published(41, 7, "a"), Edited(41, 7, "", "b"), Deleted(41, 7), Viewed(41, 8), Liked(41, 8),
        Unliked(41, 8), CommentAdded(9, 41, 8, {}, "c"), CommentAdded(10, 41, 8, {9}, "r"),
        CommentEdited(9, 41, 8, "d"), CommentDeleted(9, 41, 8, {}), CommentLiked(9, 41, 8),
        CommentUnliked(9, 41, 8)}) {
    EXPECT_EQ(OrderKeyOf(event), "post/41") << event.ShortDebugString();
  }
  for (const v1::Event& event :
       {SignedUp(7, "kim"), HandleChanged(7, "kim_2"), Withdrawn(7, "kim"), Erased(7),
        Followed(7, 8), Unfollowed(7, 8), PictureAdded(3, 7, 'a', 'b'), PictureDeleted(3, 7)}) {
    EXPECT_EQ(OrderKeyOf(event), "member/7") << event.ShortDebugString();
  }
  // The relation ends because the followee withdrew: it is the follower's all the same.
  v1::Event ended = Unfollowed(7, 8);
  ended.set_actor(8);
  EXPECT_EQ(OrderKeyOf(ended), "member/7");
}

TEST(OrderKeyTest, NamesOfTopics) {
  EXPECT_EQ(TopicName({TopicKind::kActivities, 20261121}), "member-activity-20261121");
  EXPECT_EQ(TopicName({TopicKind::kEvents, 20261121}), "dailyfeed-events-20261121");
  EXPECT_EQ(ParseTopicName("member-activity-20261121"),
            (DayTopic{TopicKind::kActivities, 20261121}));
  EXPECT_EQ(ParseTopicName("dailyfeed-events-20261121"), (DayTopic{TopicKind::kEvents, 20261121}));
  for (const char* name : {"", "member-activity-", "member-activity-2026112", "other-20261121",
                           "member-activity-20261131", "member-activity-corrections-20261121",
                           "member-activity-20261121x", "__consumer_offsets"}) {
    EXPECT_EQ(ParseTopicName(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace dailyfeed::kafka
