#include "adapters/kafka/letters/relay_state.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/ports/memory_store.h"

namespace dailyfeed::kafka {
namespace {

constexpr DayTopic kDay = {TopicKind::kActivities, 20261121};

TEST(RelayStateTest, WhatIsWrittenIsRead) {
  MemoryStore store;
  StoreBatch batch;
  rows::Cursors cursors;
  cursors.set_history(3);
  cursors.add_cursors()->set_position(7);
  PutCursors(cursors, &batch);
  rows::Mark mark;
  mark.set_last_offset(41);
  PutMark({kDay, 5}, mark, &batch);
  PutMark({{TopicKind::kEvents, 20261122}, 11}, mark, &batch);
  DeleteMark({{TopicKind::kEvents, 20261122}, 11}, &batch);
  rows::Job job;
  job.set_until(99);
  PutJob({kDay, 2}, job, &batch);
  PutPruned(kDay, true, &batch);
  PutPruned({TopicKind::kEvents, 20261121}, true, &batch);
  PutPruned({TopicKind::kEvents, 20261121}, false, &batch);
  for (uint64_t id = 1; id <= 12; ++id) {
    rows::Letter letter;
    letter.set_id(id);
    PutLetter(letter, &batch);
  }
  ASSERT_TRUE(store.Write(std::move(batch)).ok());

  const RelayState state = LoadRelayState(store).value();
  EXPECT_EQ(state.cursors.history(), 3u);
  EXPECT_EQ(state.cursors.cursors(0).position(), 7u);
  ASSERT_EQ(state.marks.size(), 1u);
  EXPECT_EQ(state.marks.at({kDay, 5}).last_offset(), 41);
  ASSERT_EQ(state.jobs.size(), 1u);
  EXPECT_EQ(state.jobs.at({kDay, 2}).until(), 99u);
  EXPECT_EQ(state.pruned, std::set<DayTopic>{kDay});
  EXPECT_EQ(state.letters, 12u);
  EXPECT_EQ(state.last_letter, 12u);
  EXPECT_EQ(ReadLetters(store, 0, 100).value().size(), 12u);
  const std::vector<rows::Letter> some = ReadLetters(store, 9, 2).value();
  ASSERT_EQ(some.size(), 2u);
  EXPECT_EQ(some[0].id(), 10u);
  EXPECT_EQ(ReadLetter(store, 5).value().id(), 5u);
  EXPECT_TRUE(absl::IsNotFound(ReadLetter(store, 13).status()));
}

TEST(RelayStateTest, AnEmptyStoreIsANewRelay) {
  const RelayState state = LoadRelayState(MemoryStore()).value();
  EXPECT_EQ(state.cursors.history(), 0u);
  EXPECT_EQ(state.letters, 0u);
}

TEST(RelayStateTest, RowsThatCannotBeReadAreDataLoss) {
  for (const auto& [key, value] : {std::pair{"c", "\xff"},
                                   {"m/other-20261121/000001", ""},
                                   {"m/member-activity-20261121", ""},
                                   {"j/member-activity-20261121/00000x", ""},
                                   {"j/member-activity-20261121/000001", "\xff"},
                                   {"t/member-activity-2026", ""},
                                   {"l/x", ""}}) {
    MemoryStore store;
    StoreBatch batch;
    batch.Put(key, value);
    ASSERT_TRUE(store.Write(std::move(batch)).ok());
    EXPECT_TRUE(absl::IsDataLoss(LoadRelayState(store).status())) << key;
  }
}

}  // namespace
}  // namespace dailyfeed::kafka
