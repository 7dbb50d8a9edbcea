#include "projections/runtime/stored_generations.h"

#include <gtest/gtest.h>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

TEST(StoredGenerationsTest, ToldWithoutARuntimeAsTheRuntimeTellsIt) {
  MemoryEventLog log;
  MemoryStore store;
  EventMaker events(&log);
  LikesProjection likes("likes", 1);
  LikesProjection other("other", 7);
  EXPECT_TRUE(ReadStoredGenerations(store)->empty());
  {
    auto runtime = Runtime::Create(&store, &log, {});
    runtime->Register(&likes);
    runtime->Register(&other);
    ASSERT_TRUE(runtime->Start().ok());
    likes.Refuse(42);
    ASSERT_TRUE(Commit(*runtime, {events.Like(41, 1), events.Like(42, 1)}).ok());
    ASSERT_TRUE(Commit(*runtime, {events.Like(42, 2)}).ok());
    ASSERT_TRUE(runtime->BuildGeneration("other").ok());
  }
  const auto stored = ReadStoredGenerations(store);
  ASSERT_TRUE(stored.ok()) << stored.status();
  ASSERT_EQ(stored->size(), 3u);
  const StoredGeneration& first = stored->at(0);
  EXPECT_EQ(first.projection, "likes");
  EXPECT_EQ(first.generation, 1u);
  EXPECT_EQ(first.version, 1u);
  EXPECT_EQ(first.state, "live");
  EXPECT_EQ(first.checkpoint, 3u);
  ASSERT_EQ(first.parked.size(), 1u);
  EXPECT_EQ(first.parked[0].projection, "likes");
  EXPECT_EQ(first.parked[0].generation, 1u);
  EXPECT_EQ(first.parked[0].first_position, 2u);
  EXPECT_EQ(first.parked[0].events, 2u);
  EXPECT_NE(first.parked[0].reason, "");
  EXPECT_EQ(stored->at(1).projection, "other");
  EXPECT_EQ(stored->at(1).version, 7u);
  EXPECT_EQ(stored->at(1).state, "live");
  EXPECT_EQ(stored->at(2).state, "ready");
  EXPECT_TRUE(stored->at(2).parked.empty());
}

TEST(StoredGenerationsTest, WhatIsNotReadableIsDataLoss) {
  MemoryStore store;
  StoreBatch batch;
  batch.Put(ProjectionRecordKey("likes"), "\xff\xff");
  ASSERT_TRUE(store.Write(std::move(batch)).ok());
  EXPECT_TRUE(absl::IsDataLoss(ReadStoredGenerations(store).status()));
}

}  // namespace
}  // namespace dailyfeed
