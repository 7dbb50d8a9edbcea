#include "projections/runtime/generation_rows.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <map>
#include <new>
#include <random>
#include <set>

#include "core/base/status_macros.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime_testing.h"

namespace {

// The bytes that this process holds through operator new.
std::atomic<size_t> held_bytes = 0;

void* Allocate(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  held_bytes += malloc_usable_size(memory);
  return memory;
}

void Free(void* memory) {
  held_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete(void* memory, size_t) noexcept { Free(memory); }

namespace dailyfeed {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr Keyspace kKeyspace = 300;

class GenerationRowsTest : public ::testing::Test {
 protected:
  void WriteOut(GenerationRows& rows) {
    StoreBatch batch;
    rows.AppendTo(&batch);
    ASSERT_TRUE(disk_.Write(std::move(batch)).ok());
    rows.Written();
  }
  static std::vector<std::pair<std::string, std::string>> Scanned(GenerationRows& rows,
                                                                  std::string_view lower,
                                                                  std::string_view upper) {
    std::vector<std::pair<std::string, std::string>> seen;
    EXPECT_TRUE(rows.Scan(lower, upper,
                          [&](auto key, auto value) {
                            seen.emplace_back(key, value);
                            return true;
                          })
                    .ok());
    return seen;
  }

  MemoryStore disk_;
  FailingStore store_{&disk_};
  std::string value_;
};

TEST_F(GenerationRowsTest, ReadsItsOwnChanges) {
  GenerationRows rows(&store_, kKeyspace, 0);
  rows.BeginEvent();
  EXPECT_FALSE(rows.Get("a", &value_).value());
  rows.Put("a", "1");
  EXPECT_TRUE(rows.Get("a", &value_).value());
  EXPECT_EQ(value_, "1");
  rows.Delete("a");
  EXPECT_FALSE(rows.Get("a", &value_).value());
}

TEST_F(GenerationRowsTest, WritesEachRowOnceUnderItsKeyspace) {
  GenerationRows rows(&store_, kKeyspace, 1 << 20);
  for (const char* value : {"1", "2", "3"}) {
    rows.BeginEvent();
    rows.Put("a", value);
    rows.Delete("b");
  }
  StoreBatch batch;
  rows.AppendTo(&batch);
  ASSERT_EQ(batch.changes().size(), 2u);
  EXPECT_EQ(batch.changes()[0].key, KeyspacePrefix(kKeyspace) + "a");
  EXPECT_EQ(batch.changes()[0].value, "3");
  EXPECT_EQ(batch.changes()[1].kind, StoreBatch::Kind::kDelete);
}

TEST_F(GenerationRowsTest, UndoTakesBackOneEventOnly) {
  GenerationRows rows(&store_, kKeyspace, 1 << 20);
  rows.BeginEvent();
  rows.Put("kept", "1");
  rows.Put("overwritten", "1");
  rows.Put("deleted", "1");
  rows.BeginEvent();
  rows.Put("new", "2");
  rows.Put("overwritten", "2");
  rows.Put("overwritten", "3");
  rows.Delete("deleted");
  rows.UndoEvent();
  EXPECT_THAT(Scanned(rows, "", ""),
              ElementsAre(Pair("deleted", "1"), Pair("kept", "1"), Pair("overwritten", "1")));
  EXPECT_FALSE(rows.Get("new", &value_).value());
}

TEST_F(GenerationRowsTest, UndoOfABlindChangeUncoversTheStoredRow) {
  GenerationRows rows(&store_, kKeyspace, 0);
  rows.BeginEvent();
  rows.Put("a", "stored");
  WriteOut(rows);  // with a cache of 0 bytes nothing stays
  EXPECT_EQ(rows.cached_bytes(), 0u);
  rows.BeginEvent();
  rows.Put("a", "blind");
  rows.UndoEvent();
  EXPECT_TRUE(rows.Get("a", &value_).value());
  EXPECT_EQ(value_, "stored");
}

TEST_F(GenerationRowsTest, ScanMergesAndSurvivesChangesOfWhatItVisits) {
  GenerationRows rows(&store_, kKeyspace, 1 << 20);
  rows.BeginEvent();
  for (const char* key : {"a", "b", "c", "d", "e"}) rows.Put(key, "stored");
  WriteOut(rows);
  rows.BeginEvent();
  rows.Delete("b");
  rows.Put("bb", "new");
  rows.Put("d", "changed");
  EXPECT_THAT(Scanned(rows, "b", "e"),
              ElementsAre(Pair("bb", "new"), Pair("c", "stored"), Pair("d", "changed")));
  EXPECT_THAT(Scanned(rows, "d", ""), ElementsAre(Pair("d", "changed"), Pair("e", "stored")));
  EXPECT_TRUE(Scanned(rows, "e", "b").empty());

  std::vector<std::string> visited;
  ASSERT_TRUE(rows.Scan("a", "",
                        [&](auto key, auto) {
                          visited.emplace_back(key);
                          rows.Delete(key);
                          rows.Delete("e");  // not visited yet
                          return true;
                        })
                  .ok());
  EXPECT_THAT(visited, ElementsAre("a", "bb", "c", "d"));
  EXPECT_TRUE(Scanned(rows, "", "").empty());
}

TEST_F(GenerationRowsTest, ScanStopsWhenTold) {
  GenerationRows rows(&store_, kKeyspace, 1 << 20);
  rows.BeginEvent();
  rows.Put("a", "1");
  rows.Put("b", "2");
  int visits = 0;
  ASSERT_TRUE(rows.Scan("", "", [&](auto, auto) { return ++visits < 1; }).ok());
  EXPECT_EQ(visits, 1);
}

TEST_F(GenerationRowsTest, RemembersAStorageErrorWhateverTheCallerMakesOfIt) {
  GenerationRows rows(&store_, kKeyspace, 1 << 20);
  store_.FailReads(absl::DataLossError("bad block"));
  rows.BeginEvent();
  EXPECT_EQ(rows.Get("a", &value_).status().code(), absl::StatusCode::kDataLoss);
  store_.Heal();
  EXPECT_FALSE(rows.Get("a", &value_).value());
  EXPECT_EQ(rows.store_status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(GenerationRowsTest, KeepsRowsWithinItsBound) {
  constexpr size_t kBound = 10'000;
  GenerationRows rows(&store_, kKeyspace, kBound);
  for (int i = 0; i < 1000; ++i) {
    rows.BeginEvent();
    rows.Put(std::to_string(i), std::string(i, 'x'));
    if (i % 50 == 0) WriteOut(rows);
  }
  WriteOut(rows);
  EXPECT_LE(rows.cached_bytes(), kBound);
  EXPECT_GT(rows.cached_bytes(), 0u);
  EXPECT_TRUE(rows.Get("7", &value_).value());
  EXPECT_EQ(value_, "xxxxxxx");
}

// Settles a row "x" whose value begins with "unsettled" by copying it to
// "settled x".
class CopyingProjection : public Projection {
 public:
  std::string_view name() const override { return "copying"; }
  uint32_t version() const override { return 1; }
  std::span<const v1::Payload::KindCase> kinds() const override { return {}; }
  absl::Status Apply(const v1::Event&, ProjectionRows&) override { return absl::OkStatus(); }
  absl::Status Settle(std::string_view key, ProjectionRows& rows) override {
    std::string value;
    RETURN_IF_ERROR(rows.Get(key, &value).status());
    if (value.starts_with("unsettled")) rows.Put("settled " + std::string(key), value);
    return absl::OkStatus();
  }
};

class UnsettlingProjection final : public CopyingProjection {
 public:
  absl::Status Settle(std::string_view key, ProjectionRows& rows) override {
    rows.PutUnsettled(key, "again");
    return absl::OkStatus();
  }
};

TEST_F(GenerationRowsTest, GivesBackTheMemoryOfALargeEvent) {
  constexpr size_t kBound = 256 << 10;
  constexpr int kRows = 100'000;
  const auto key = [](int i) { return fmt::format("a key of some length {:08}", i); };
  GenerationRows rows(&store_, kKeyspace, kBound);
  CopyingProjection projection;
  const size_t before = held_bytes;
  const auto one_large_event = [&](const std::function<void(int)>& change) {
    rows.BeginEvent();
    for (int i = 0; i < kRows; ++i) change(i);
    const size_t peak = held_bytes;
    EXPECT_TRUE(rows.Settle(&projection).ok());
    StoreBatch batch;
    rows.AppendTo(&batch);
    EXPECT_EQ(batch.changes().size(), size_t{kRows});
    batch = StoreBatch();
    rows.Written();
    EXPECT_GT(peak, before + kRows * sizeof(std::string));
    EXPECT_LE(rows.cached_bytes(), kBound);
    EXPECT_LE(held_bytes, before + 4 * kBound) << "of " << peak - before;
  };
  one_large_event([&](int i) { rows.PutUnsettled(key(i), std::string(100, 'x')); });
  one_large_event([&](int i) { rows.Delete(key(i)); });
  one_large_event([&](int i) {
    EXPECT_FALSE(rows.Get(key(i), &value_).value_or(true)) << i;
    rows.Delete(key(i));
  });
}

TEST_F(GenerationRowsTest, SettlingMayNotAskToBeSettledAgain) {
  GenerationRows rows(&store_, kKeyspace, 1 << 20);
  UnsettlingProjection unsettling;
  rows.BeginEvent();
  rows.PutUnsettled("a", "1");
  EXPECT_DEATH(rows.Settle(&unsettling).IgnoreError(), "settling_");
}

// Random events, some taken back, some batches written, against a map.
void RunModel(uint64_t seed, size_t cache_bytes) {
  SCOPED_TRACE(RepeatWith("//projections/runtime:generation_rows_test", seed));
  std::mt19937_64 random(seed);
  MemoryStore store;
  CopyingProjection projection;
  GenerationRows rows(&store, kKeyspace, cache_bytes);
  Rows model;
  std::set<std::string> unsettled;
  const auto random_key = [&random] { return fmt::format("{:02}", random() % 40); };
  for (int event = 0; event < 3000; ++event) {
    rows.BeginEvent();
    Rows before = model;
    for (uint64_t change = random() % 5; change > 0; --change) {
      const std::string key = random_key();
      std::string value;
      switch (random() % 5) {
        case 0:
          rows.Delete(key);
          model.erase(key);
          break;
        case 4:
          value = fmt::format("unsettled {}", event);
          rows.PutUnsettled(key, value);
          model[key] = value;
          unsettled.insert(key);
          break;
        case 1:
          ASSERT_EQ(rows.Get(key, &value).value(), model.contains(key));
          if (model.contains(key)) {
            ASSERT_EQ(value, model[key]);
          }
          break;
        default:
          value.assign(random() % 40, 'a' + random() % 26);
          rows.Put(key, value);
          model[key] = value;
      }
    }
    if (random() % 4 == 0) {
      rows.UndoEvent();
      model = std::move(before);
    }
    if (random() % 8 == 0) {
      std::string lower = random_key(), upper = random_key();
      std::vector<std::pair<std::string, std::string>> seen, expected;
      for (const auto& row : model) {
        if (row.first >= lower && row.first < upper) expected.push_back(row);
      }
      ASSERT_TRUE(rows.Scan(lower, upper,
                            [&](auto key, auto value) {
                              seen.emplace_back(key, value);
                              return true;
                            })
                      .ok());
      ASSERT_EQ(seen, expected);
    }
    if (random() % 10 == 0) {
      ASSERT_TRUE(rows.Settle(&projection).ok());
      // A row whose change was taken back may be settled too: it is as it was.
      for (const std::string& key : std::exchange(unsettled, {})) {
        const auto row = model.find(key);
        if (row == model.end() || !row->second.starts_with("unsettled")) continue;
        model["settled " + key] = row->second;
      }
      StoreBatch batch;
      rows.AppendTo(&batch);
      ASSERT_TRUE(store.Write(std::move(batch)).ok());
      rows.Written();
      ASSERT_LE(rows.cached_bytes(), cache_bytes);
      Rows stored;
      for (auto it = store.NewIterator({}); it->Valid(); it->Next()) {
        stored.emplace(it->key().substr(kKeyspaceBytes), it->value());
      }
      ASSERT_EQ(stored, model);
    }
  }
}

TEST(MomentTest, GrowsAlsoWhenEventsComeLate) {
  MemoryStore store;
  GenerationRows rows(&store, kFirstKeyspace, 1000);
  const auto at = [&rows](Position position) {
    v1::Event event;
    event.set_position(position);
    return rows.MomentOf(event);
  };
  EXPECT_EQ(at(1), 1u);
  EXPECT_EQ(at(7), 7u);
  rows.SetMoment(7, 1);  // a retry
  EXPECT_EQ(at(3), 8u);
  rows.SetMoment(7, 2);  // another one
  EXPECT_EQ(at(3), 9u);
  EXPECT_EQ(at(8), 10u);
}

// Rows beside the batches have another writer: no row of theirs is read or changed.
TEST(RowsBesideTest, RowsBesideTheBatchesAreNotSeen) {
  MemoryStore store;
  const std::string prefix = KeyspacePrefix(kFirstKeyspace);
  StoreBatch batch;
  batch.Put(prefix + "a", "1");
  batch.Put(prefix + "\xef", "1");
  batch.Put(prefix + kBesidePrefix + "segment", "1");
  ASSERT_TRUE(store.Write(std::move(batch)).ok());
  GenerationRows rows(&store, kFirstKeyspace, 1000);
  for (const std::string_view upper : {std::string_view(), std::string_view("\xff")}) {
    std::vector<std::string> seen;
    ASSERT_TRUE(rows.Scan("", upper,
                          [&](std::string_view key, std::string_view) {
                            seen.emplace_back(key);
                            return true;
                          })
                    .ok());
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "\xef"}));
  }
  const std::string beside(1, kBesidePrefix);
  rows.BeginEvent();
  EXPECT_DEATH(rows.Put(beside, ""), "IsBeside");
  EXPECT_DEATH(rows.Delete(beside), "IsBeside");
  std::string value;
  EXPECT_DEATH(rows.Get(beside, &value).IgnoreError(), "IsBeside");
}

TEST(GenerationRowsModelTest, AgreesWithAMap) {
  for (uint64_t seed : Seeds({1, 2, 3})) {
    for (size_t cache_bytes : {size_t{0}, size_t{1500}, size_t{1} << 20}) {
      RunModel(seed, cache_bytes);
    }
  }
}

}  // namespace
}  // namespace dailyfeed
