#include "projections/runtime/piece_of_work.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "core/ports/memory_store.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

// Long enough for another thread to do what it must not do.
void LetOthersRun() {
  for (int i = 0; i < 2000; ++i) std::this_thread::yield();
}

constexpr Keyspace kOurs = kFirstKeyspace;

std::string Beside(std::string_view key) { return kBesidePrefix + std::string(key); }

// Notes the bytes of each write.
class MeteredStore final : public Store {
 public:
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    return rows_.Get(key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return rows_.MultiGet(keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return rows_.NewIterator(range);
  }
  absl::Status Write(StoreBatch batch) override {
    size_t bytes = 0;
    for (const StoreBatch::Change& change : batch.changes()) {
      bytes += change.key.size() + change.value.size();
    }
    writes.push_back(bytes);
    return rows_.Write(std::move(batch));
  }
  absl::Status Sync() override { return absl::OkStatus(); }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override { return rows_.NewSnapshot(); }

  std::vector<size_t> writes;

 private:
  MemoryStore rows_;
};

class PieceOfWorkTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(gate_.Enter()); }
  std::string Value(std::string_view key) const {
    std::string value = "(none)";
    EXPECT_TRUE(store_.Get(KeyspacePrefix(kOurs) + std::string(key), &value).ok());
    return value;
  }

  MeteredStore store_;
  UpkeepGate gate_;
};

TEST_F(PieceOfWorkTest, WritesSmallBatchesInOrder) {
  PieceOfWork piece(&store_, kOurs, &gate_);
  ASSERT_TRUE(piece.Begin().ok());
  EXPECT_EQ(piece.position(), 0u);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(piece.Put(Beside("a" + std::to_string(i)), std::string(1000, 'x')).ok());
  }
  ASSERT_TRUE(piece.DeleteRange(Beside("a4"), Beside("a5")).ok());
  ASSERT_TRUE(piece.Put(Beside("a42"), "again").ok());
  ASSERT_TRUE(piece.Put(Beside("large"), std::string(3 * kBesideBatchBytes, 'x')).ok());
  ASSERT_TRUE(piece.Put(Beside("small"), "").ok());
  ASSERT_TRUE(piece.Finish().ok());
  ASSERT_GE(store_.writes.size(), 9u);
  EXPECT_EQ(std::count_if(store_.writes.begin(), store_.writes.end(),
                          [](size_t bytes) { return bytes > kBesideBatchBytes; }),
            1)
      << "the large row alone";
  EXPECT_EQ(Value(Beside("a41")), "(none)");
  EXPECT_EQ(Value(Beside("a42")), "again");
  EXPECT_EQ(Value(Beside("a5")).size(), 1000u);
  uint64_t bytes = 0;
  for (const size_t each : store_.writes) bytes += each;
  EXPECT_EQ(piece.bytes_written(), bytes);
}

TEST_F(PieceOfWorkTest, ChangesOnlyRowsBesideTheBatches) {
  PieceOfWork piece(&store_, kOurs, &gate_);
  ASSERT_TRUE(piece.Begin().ok());
  EXPECT_TRUE(absl::IsInvalidArgument(piece.Put("", "")));
  EXPECT_TRUE(absl::IsInvalidArgument(piece.Put("a", "")));
  EXPECT_TRUE(absl::IsInvalidArgument(piece.Put(kBehindBeside, "")));
  EXPECT_TRUE(absl::IsInvalidArgument(piece.DeleteRange("a", kBehindBeside)));
  EXPECT_TRUE(absl::IsInvalidArgument(piece.DeleteRange(Beside("a"), "\xf1z")));
  EXPECT_TRUE(absl::IsInvalidArgument(piece.DeleteRange(Beside("a"), "")));
  EXPECT_TRUE(piece.DeleteRange(Beside(""), kBehindBeside).ok());
  EXPECT_TRUE(piece.Finish().ok());
}

TEST_F(PieceOfWorkTest, ReadsOneMomentAndNotItsOwnRows) {
  StoreBatch before;
  before.Put(KeyspacePrefix(kOurs) + "a", "1");
  before.Put(CheckpointKey(kOurs), std::string("\x08\x07", 2));  // position 7
  before.Put(KeyspacePrefix(kOurs + 1) + "a", "another generation");
  ASSERT_TRUE(store_.Write(std::move(before)).ok());
  PieceOfWork piece(&store_, kOurs, &gate_);
  ASSERT_TRUE(piece.Begin().ok());
  EXPECT_EQ(piece.position(), 7u);
  StoreBatch after;
  after.Put(KeyspacePrefix(kOurs) + "a", "2");
  ASSERT_TRUE(store_.Write(std::move(after)).ok());
  ASSERT_TRUE(piece.Put(Beside("b"), "2").ok());
  ASSERT_TRUE(piece.Finish().ok());
  EXPECT_EQ(AllRows(piece.rows()), (Rows{{"a", "1"}}));
  EXPECT_EQ(piece.rows().MultiGet({"a", "b"})->at(0).value, "1");
}

TEST_F(PieceOfWorkTest, ACheckpointThatIsNotReadableIsAnError) {
  StoreBatch batch;
  batch.Put(CheckpointKey(kOurs), "\xff");
  ASSERT_TRUE(store_.Write(std::move(batch)).ok());
  PieceOfWork piece(&store_, kOurs, &gate_);
  EXPECT_TRUE(absl::IsDataLoss(piece.Begin()));
}

TEST_F(PieceOfWorkTest, NothingIsReadOrWrittenAfterItWasCancelled) {
  StoreBatch batch;
  batch.Put(KeyspacePrefix(kOurs) + "a", "1");
  batch.Put(KeyspacePrefix(kOurs) + "b", "1");
  ASSERT_TRUE(store_.Write(std::move(batch)).ok());
  PieceOfWork piece(&store_, kOurs, &gate_);
  ASSERT_TRUE(piece.Begin().ok());
  ASSERT_TRUE(piece.Put(Beside("a"), "1").ok());
  const auto rows = piece.rows().NewIterator({});
  EXPECT_TRUE(rows->Valid());
  EXPECT_FALSE(piece.cancelled());
  gate_.Cancel();
  EXPECT_TRUE(piece.cancelled());
  rows->Next();  // of a loop that had just looked
  EXPECT_FALSE(rows->Valid());
  EXPECT_TRUE(absl::IsCancelled(rows->status()));
  std::string value;
  EXPECT_TRUE(absl::IsCancelled(piece.rows().Get("a", &value).status()));
  EXPECT_TRUE(absl::IsCancelled(piece.rows().MultiGet({"a"}).status()));
  EXPECT_TRUE(absl::IsCancelled(piece.rows().NewIterator({})->status()));
  EXPECT_TRUE(absl::IsCancelled(piece.Put(Beside("b"), "1")));
  EXPECT_TRUE(absl::IsCancelled(piece.Finish()));
  EXPECT_EQ(Value(Beside("a")), "(none)");
  EXPECT_TRUE(piece.store_status().ok()) << "the store did not fail";
}

// ---- The gate.

TEST(UpkeepGateTest, OnePieceAtATime) {
  UpkeepGate gate;
  ASSERT_TRUE(gate.Enter());
  EXPECT_FALSE(gate.TryEnter());
  std::atomic<bool> entered{false};
  std::thread waiting([&] {
    EXPECT_TRUE(gate.Enter());
    entered = true;
  });
  LetOthersRun();
  EXPECT_FALSE(entered);
  gate.Cancel();
  gate.Leave();
  waiting.join();
  EXPECT_FALSE(gate.cancelled()) << "it was the other piece that was cancelled";
}

TEST(UpkeepGateTest, AClosedGateLetsNobodyInAndNothingThrough) {
  MemoryStore store;
  UpkeepGate gate;
  ASSERT_TRUE(gate.Enter());
  std::thread waiting([&] { EXPECT_FALSE(gate.Enter()); });
  gate.Close();
  waiting.join();
  StoreBatch batch;
  batch.Put("a", "1");
  EXPECT_TRUE(absl::IsCancelled(gate.Write(store, std::move(batch))));
  gate.Leave();
  EXPECT_FALSE(gate.TryEnter());
}

// Writes of pieces beside a Close: what is in the store when Close returns is all.
TEST(UpkeepGateTest, NothingIsWrittenAfterCloseHasReturned) {
  for (int round = 0; round < 200; ++round) {
    MemoryStore store;
    UpkeepGate gate;
    std::atomic<bool> inside{false};
    std::thread writing([&] {
      ASSERT_TRUE(gate.Enter());
      inside = true;
      for (int i = 0;; ++i) {
        StoreBatch batch;
        batch.Put(std::to_string(i), "");
        if (!gate.Write(store, std::move(batch)).ok()) break;
      }
      gate.Leave();
    });
    while (!inside) std::this_thread::yield();
    gate.Close();
    const auto at_close = store.NewSnapshot();
    writing.join();
    size_t then = 0, now = 0;
    for (auto it = at_close->NewIterator({}); it->Valid(); it->Next()) ++then;
    for (auto it = store.NewIterator({}); it->Valid(); it->Next()) ++now;
    ASSERT_EQ(then, now);
  }
}

TEST(UpkeepGateTest, AMomentIsWaitedForAndThenTakenBack) {
  using std::chrono::steady_clock;
  UpkeepGate gate;
  gate.AwaitMoment(steady_clock::now() + std::chrono::hours(1));  // nobody is in
  ASSERT_TRUE(gate.Enter());
  std::thread patient([&] { gate.AwaitMoment(steady_clock::now() + std::chrono::hours(1)); });
  LetOthersRun();
  gate.ReleaseMoment();
  patient.join();
  EXPECT_FALSE(gate.cancelled());
  gate.Leave();
  ASSERT_TRUE(gate.Enter());
  std::thread impatient([&] { gate.AwaitMoment(steady_clock::now()); });
  while (!gate.cancelled()) std::this_thread::yield();
  gate.ReleaseMoment();
  impatient.join();
  gate.Leave();
}

}  // namespace
}  // namespace dailyfeed
