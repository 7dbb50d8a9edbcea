#include "projections/runtime/registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

using views::v1::GenerationState;
using views::v1::ProjectionRecord;
using views::v1::StoreRecord;

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() {
    store_record_.set_format_version(kViewsFormatVersion);
    store_record_.set_next_keyspace(258);
    likes_.set_next_generation(3);
    Add(1, 256, views::v1::GENERATION_STATE_LIVE);
  }

  void Add(uint64_t number, Keyspace keyspace, GenerationState state) {
    auto* added = likes_.add_generations();
    added->set_number(number);
    added->set_keyspace(keyspace);
    added->set_version(1);
    added->set_state(state);
  }

  void Put(std::string_view key, std::string_view value) {
    StoreBatch batch;
    batch.Put(key, value);
    ASSERT_TRUE(store_.Write(std::move(batch)).ok());
  }

  // What the records make; and nobody who opens such a store gets further.
  absl::Status Read() {
    Put(StoreRecordKey(), store_record_.SerializeAsString());
    Put(ProjectionRecordKey("likes"), likes_.SerializeAsString());
    return ReadStored();
  }
  absl::Status ReadStored() {
    const absl::Status read = ReadRegistry(store_).status();
    if (read.ok()) return read;
    MemoryEventLog log;
    LikesProjection likes;
    auto runtime = Runtime::Create(&store_, &log, {});
    runtime->Register(&likes);
    EXPECT_EQ(runtime->Start(), read);
    return read;
  }
  void ExpectDataLoss(std::string_view message) {
    const absl::Status read = Read();
    EXPECT_EQ(read.code(), absl::StatusCode::kDataLoss) << read;
    EXPECT_EQ(std::string_view(read.message().data(), read.message().size()), message);
  }

  MemoryStore store_;
  StoreRecord store_record_;
  ProjectionRecord likes_;
};

TEST_F(RegistryTest, OfANewStoreIsEmpty) {
  const auto registry = ReadRegistry(store_);
  ASSERT_TRUE(registry.ok());
  EXPECT_EQ(registry->next_keyspace, kFirstKeyspace);
  EXPECT_TRUE(registry->projections.empty());
}

TEST_F(RegistryTest, HasTheGenerationsOfEveryProjection) {
  Add(2, 257, views::v1::GENERATION_STATE_BUILDING);
  ASSERT_TRUE(Read().ok());
  const auto registry = ReadRegistry(store_);
  EXPECT_EQ(registry->next_keyspace, 258u);
  ASSERT_EQ(registry->projections.count("likes"), 1u);
  const ProjectionRecord& likes = registry->projections.at("likes");
  ASSERT_EQ(likes.generations_size(), 2);
  EXPECT_EQ(likes.generations(1).keyspace(), 257u);
}

TEST_F(RegistryTest, AnotherFormatIsRefusedAndSaysWhatToDo) {
  store_record_.set_format_version(2);
  const absl::Status read = Read();
  EXPECT_EQ(read.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(read.message().find("built anew from the log"), std::string::npos) << read;
}

TEST_F(RegistryTest, BytesThatAreNoRecord) {
  Put(StoreRecordKey(), "\xff");
  EXPECT_EQ(ReadStored().code(), absl::StatusCode::kDataLoss);
  Put(StoreRecordKey(), store_record_.SerializeAsString());
  Put(ProjectionRecordKey("likes"), "\xff");
  EXPECT_EQ(ReadStored().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RegistryTest, AProjectionWithoutTheRecordOfTheStore) {
  Put(ProjectionRecordKey("likes"), likes_.SerializeAsString());
  EXPECT_EQ(ReadStored().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RegistryTest, AReservedKeyspaceIsNeverTheNext) {
  store_record_.set_next_keyspace(0);
  ExpectDataLoss(
      "the record of the read-model store names the reserved keyspace 0 as the next one");
}

TEST_F(RegistryTest, AKeyspaceThatWasNeverGivenOut) {
  for (const Keyspace keyspace : {0u, 255u, 258u}) {
    likes_.mutable_generations(0)->set_keyspace(keyspace);
    ExpectDataLoss("generation 1 of likes has a keyspace that was never given out");
  }
}

TEST_F(RegistryTest, AKeyspaceOfTwo) {
  Add(2, 256, views::v1::GENERATION_STATE_PREVIOUS);
  ExpectDataLoss("generation 2 of likes shares its keyspace");
}

TEST_F(RegistryTest, AKeyspaceOfTwoProjections) {
  Put(ProjectionRecordKey("other"), likes_.SerializeAsString());
  ExpectDataLoss("generation 1 of other shares its keyspace");
}

TEST_F(RegistryTest, ARoleOfTwo) {
  Add(2, 257, views::v1::GENERATION_STATE_LIVE);
  ExpectDataLoss("generation 2 of likes shares its role");
}

TEST_F(RegistryTest, OneIsBuiltOrReady) {
  Add(0, 257, views::v1::GENERATION_STATE_READY);
  store_record_.set_next_keyspace(259);
  Add(2, 258, views::v1::GENERATION_STATE_BUILDING);
  ExpectDataLoss("generation 2 of likes shares its role");
}

TEST_F(RegistryTest, ANumberOfTwo) {
  Add(1, 257, views::v1::GENERATION_STATE_PREVIOUS);
  ExpectDataLoss("generation 1 of likes is there twice");
}

TEST_F(RegistryTest, ANumberThatWasNotGivenOutYet) {
  Add(3, 257, views::v1::GENERATION_STATE_PREVIOUS);
  ExpectDataLoss("generation 3 of likes was never made");
}

TEST_F(RegistryTest, RowsWhereTheNextGenerationWillBe) {
  const std::string kinds[] = {KeyspacePrefix(258) + "row", CheckpointKey(300),
                               ParkedRecordKey(258, "post/1"), ParkedEventKey(258, "post/1", 2)};
  for (const std::string& key : kinds) {
    Put(key, "");
    ExpectDataLoss(
        "the read models have rows in keyspaces from 258 on, which were never given out");
    StoreBatch batch;
    batch.Delete(key);
    ASSERT_TRUE(store_.Write(std::move(batch)).ok());
    ASSERT_TRUE(ReadRegistry(store_).ok());
  }
}

TEST_F(RegistryTest, NumbersThatAreUsedUp) {
  likes_.set_next_generation(~uint64_t{0});
  ExpectDataLoss("likes has no number left for a generation");
}

TEST_F(RegistryTest, AStateThatNoProgramWrote) {
  Add(2, 257, static_cast<GenerationState>(9));
  ExpectDataLoss("generation 2 of likes is in an unknown state");
}

TEST_F(RegistryTest, KnowsTheKeyspacesThatWereDropped) {
  store_record_.set_next_keyspace(262);
  Add(2, 259, views::v1::GENERATION_STATE_BUILDING);
  ASSERT_TRUE(Read().ok());
  // A store from before they were listed: all that no generation has.
  EXPECT_EQ(ReadRegistry(store_)->unerased,
            (std::vector<KeyspaceInterval>{{257, 259}, {260, 262}}));
  store_record_.set_lists_unerased(true);
  Put(StoreRecordKey(), store_record_.SerializeAsString());
  EXPECT_EQ(ReadRegistry(store_)->unerased, std::vector<KeyspaceInterval>());
  auto* interval = store_record_.add_unerased();
  interval->set_first(260);
  interval->set_behind(261);
  Put(StoreRecordKey(), store_record_.SerializeAsString());
  EXPECT_EQ(ReadRegistry(store_)->unerased, (std::vector<KeyspaceInterval>{{260, 261}}));
}

TEST_F(RegistryTest, ADroppedKeyspaceThatAGenerationHasIsDataLoss) {
  store_record_.set_lists_unerased(true);
  auto* interval = store_record_.add_unerased();
  const auto set = [interval](Keyspace first, Keyspace behind) {
    interval->set_first(first);
    interval->set_behind(behind);
    return fmt::format(
        "the record of the read-model store calls keyspaces {} to {} dropped, which they are not",
        first, behind);
  };
  ExpectDataLoss(set(256, 257));
  ExpectDataLoss(set(255, 256));
  ExpectDataLoss(set(257, 259));
  ExpectDataLoss(set(257, 257));
}

}  // namespace
}  // namespace dailyfeed
