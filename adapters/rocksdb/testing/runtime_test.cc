// The projection runtime on real files: what it keeps survives closing and
// reopening the store, and a store that lost its last writes is caught up.
#include "projections/runtime/runtime.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/store/rocks_store.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

class RocksRuntimeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    log_ = OpenRocksEventLog(directory_ + "/log", {}).value();
    events_ = std::make_unique<EventMaker>(log_.get());
  }

  void Open() {
    // A small memtable, so that rows come from files too.
    store_ = OpenRocksStore(directory_ + "/views", {.memtable_bytes = 64u << 10}).value();
    runtime_ = Runtime::Create(store_.get(), log_.get(), {.catch_up_batch_events = 50});
    likes_.Register(*runtime_);
    const absl::Status started = runtime_->Start();
    ASSERT_TRUE(started.ok()) << started;
  }
  void Close() {
    runtime_ = nullptr;
    store_ = nullptr;
  }
  void CheckAgainstFold() {
    EXPECT_EQ(AllRows(*runtime_->Reader("likes")), PlainFold(likes_, *log_));
  }

  const std::string directory_ = ::testing::TempDir() + "/runtime_test";
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<EventMaker> events_;
  LikesProjection likes_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Runtime> runtime_;
};

TEST_F(RocksRuntimeTest, AWholeLifeOfAProjection) {
  std::mt19937_64 random(1);
  Open();
  likes_.Refuse(2);
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(Commit(*runtime_, events_->RandomBatch(random, 10)).ok());
  }
  ASSERT_EQ(runtime_->BuildGeneration("likes").value(), 2u);
  ASSERT_TRUE(Commit(*runtime_, events_->RandomBatch(random, 10)).ok());
  Close();
  events_->RandomBatch(random, 10);  // in the log only
  Open();
  EXPECT_TRUE(runtime_->Status().at(0).building_ready);
  likes_.Accept(2);
  ASSERT_TRUE(runtime_->Unpark("likes", "post/2").ok());
  CheckAgainstFold();
  ASSERT_TRUE(runtime_->Activate("likes", 2).ok());
  CheckAgainstFold();
  ASSERT_TRUE(Commit(*runtime_, events_->RandomBatch(random, 10)).ok());
  ASSERT_TRUE(runtime_->Rollback("likes").ok());
  CheckAgainstFold();
  ASSERT_TRUE(runtime_->Drop("likes", 2).ok());
  Close();
  Open();
  EXPECT_EQ(runtime_->Status().at(0).generation, 1u);
  EXPECT_EQ(runtime_->Status().at(0).previous_generation, std::nullopt);
  CheckAgainstFold();
}

TEST_F(RocksRuntimeTest, AStoreWithoutItsLastWritesIsCaughtUp) {
  std::mt19937_64 random(2);
  Open();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Commit(*runtime_, events_->RandomBatch(random, 10)).ok());
  }
  Close();
  const std::string saved = directory_ + "/saved";
  std::filesystem::copy(directory_ + "/views", saved, std::filesystem::copy_options::recursive);
  Open();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Commit(*runtime_, events_->RandomBatch(random, 10)).ok());
  }
  Close();
  std::filesystem::remove_all(directory_ + "/views");
  std::filesystem::rename(saved, directory_ + "/views");
  Open();
  CheckAgainstFold();
}

TEST_F(RocksRuntimeTest, AStoreThatIsAheadOfTheLogIsBuiltAnew) {
  Open();
  ASSERT_TRUE(Commit(*runtime_, {events_->Like(1, 1), events_->Like(1, 2)}).ok());
  Close();
  events_ = nullptr;
  log_ = nullptr;
  std::filesystem::remove_all(directory_ + "/log");
  log_ = OpenRocksEventLog(directory_ + "/log", {}).value();
  events_ = std::make_unique<EventMaker>(log_.get(), /*salt=*/1);
  events_->Like(7, 7);
  Open();
  CheckAgainstFold();
}

}  // namespace
}  // namespace dailyfeed
