#include "adapters/rocksdb/wal/gapless_replay.h"

#include <gtest/gtest.h>
#include <rocksdb/write_batch.h>

#include "adapters/rocksdb/database/bytes.h"

namespace dailyfeed {
namespace {

using Option = rocksdb::WalFilter::WalProcessingOption;

class GaplessReplayTest : public testing::Test {
 protected:
  // Whether the replay goes on behind a record of `changes` changes.
  static bool GoesOn(GaplessReplay& replay, uint64_t file, uint64_t sequence, uint32_t changes) {
    rocksdb::WriteBatch batch;
    for (uint32_t i = 0; i < changes; ++i) EXPECT_TRUE(batch.Put("key", "value").ok());
    std::string bytes = batch.Data();
    StoreLittle<uint64_t>(sequence, bytes.data());
    bool changed = false;
    const Option option =
        replay.LogRecordFound(file, "name", rocksdb::WriteBatch(bytes), nullptr, &changed);
    EXPECT_FALSE(changed);
    return option == Option::kContinueProcessing;
  }
};

TEST_F(GaplessReplayTest, GoesOnWhileSequencesFollow) {
  GaplessReplay replay;
  EXPECT_TRUE(GoesOn(replay, 4, 100, 3));
  EXPECT_TRUE(GoesOn(replay, 4, 103, 1));
  EXPECT_TRUE(GoesOn(replay, 5, 104, 2));
}

TEST_F(GaplessReplayTest, AnEmptyRecordTakesNoSequence) {
  GaplessReplay replay;
  EXPECT_TRUE(GoesOn(replay, 4, 100, 0));
  EXPECT_TRUE(GoesOn(replay, 4, 100, 2));
  EXPECT_TRUE(GoesOn(replay, 4, 102, 0));
}

TEST_F(GaplessReplayTest, StopsWhereTheEndOfAFileIsMissing) {
  GaplessReplay replay;
  EXPECT_TRUE(GoesOn(replay, 4, 100, 3));
  EXPECT_FALSE(GoesOn(replay, 5, 104, 1));
}

TEST_F(GaplessReplayTest, StopsWhereARecordComesTwice) {
  GaplessReplay replay;
  EXPECT_TRUE(GoesOn(replay, 4, 100, 3));
  EXPECT_FALSE(GoesOn(replay, 4, 100, 3));
}

TEST_F(GaplessReplayTest, StopsBehindAFileThatLostEverything) {
  GaplessReplay replay({5});
  replay.ColumnFamilyLogNumberMap({{0, 5}, {1, 4}}, {});
  EXPECT_FALSE(GoesOn(replay, 6, 104, 1));
}

TEST_F(GaplessReplayTest, StopsInAFileThatLostItsBeginning) {
  GaplessReplay replay({6});
  replay.ColumnFamilyLogNumberMap({{0, 5}}, {});
  EXPECT_FALSE(GoesOn(replay, 6, 104, 1));
}

TEST_F(GaplessReplayTest, FilesWhoseRowsAreInTablesDoNotMatter) {
  GaplessReplay replay({4, 5, 8});
  replay.ColumnFamilyLogNumberMap({{0, 6}, {1, 4}}, {});
  EXPECT_TRUE(GoesOn(replay, 7, 104, 1));
}

}  // namespace
}  // namespace dailyfeed
