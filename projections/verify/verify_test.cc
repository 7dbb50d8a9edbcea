// Live read models beside the log: equal when nothing is wrong, whatever upkeep did,
// and every wrong row is found, named and mended.
#include "projections/verify/verify.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "projections/runtime/held_moment.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/runtime_testing.h"
#include "projections/runtime/units.h"
#include "projections/testing/events.h"
#include "projections/testing/feed_model.h"
#include "projections/testing/queries_rig.h"
#include "projections/verify/digest.h"

namespace dailyfeed {
namespace {

using testing::QueriesRig;

constexpr std::string_view kTarget = "//projections/verify:verify_test";
constexpr size_t kEvents = 400;
// Each unit a part of its own, nearly.
constexpr size_t kTiny = 4096;

class Collected final : public VerifySink {
 public:
  void OnDifference(const RowsDiffer& difference) override { differences.push_back(difference); }
  void OnDamage(std::string_view projection, const absl::Status& status) override {
    damage[std::string(projection)] = status;
  }
  void OnVerified(const Verified& one) override { verified[one.projection] = one; }
  absl::Status Pause() override {
    if (on_pause) on_pause();
    return paused;
  }

  std::vector<RowsDiffer> differences;
  std::map<std::string, absl::Status> damage;
  std::map<std::string, Verified> verified;
  std::function<void()> on_pause;
  absl::Status paused;
};

QueriesRig::Options WithUpkeep(bool upkeep) {
  QueriesRig::Options options;
  options.upkeep_thread = false;
  // Never, or after a few.
  options.search.loose_documents_max = upkeep ? 5 : 1'000'000;
  options.search.loose_bytes_max = 1 << 30;
  options.search.segment_text_bytes_max = 4096;
  return options;
}

// A random history, with pieces of work in between.
void Fill(QueriesRig& rig, uint64_t seed, size_t events = kEvents) {
  testing::FeedModel model;
  testing::HistoryProfile profile;
  profile.remove_comment = 5;
  profile.unfollow = 5;
  profile.change_handle = 4;
  testing::RandomHistory history(&model, seed, profile);
  for (size_t i = 0; i < events; ++i) {
    v1::Event event = history.Next();
    if (event.occurred_at_ns() == 0) event.set_occurred_at_ns(testing::kHistoryStart);
    rig.Commit({std::move(event)});
    if (i % 40 == 30) {
      const PictureNumber number = i / 40 + 1;
      rig.Commit({testing::At(testing::kHistoryStart, testing::PictureAdded(number, 1, 'a', 'z'))});
      if (number % 3 == 0) {
        rig.Commit({testing::At(testing::kHistoryStart, testing::PictureDeleted(number, 1))});
      }
    }
    if (i % 10 == 0) {
      while (true) {
        const auto worked = rig.runtime().RunUpkeep();
        ASSERT_TRUE(worked.ok()) << worked.status();
        if (!*worked) break;
      }
    }
  }
}

std::map<std::string, std::string> DigestsOf(Runtime& runtime) {
  std::map<std::string, std::string> digests;
  const auto moment = runtime.Hold();
  EXPECT_TRUE(moment.ok()) << moment.status();
  for (const HeldMoment::Rows& rows : (*moment)->rows()) {
    if (rows.role != HeldMoment::Role::kLive) continue;
    const auto digest = DigestOf(rows);
    EXPECT_TRUE(digest.ok()) << rows.projection << ": " << digest.status();
    if (digest.ok()) digests[rows.projection] = digest->sum.Hex();
  }
  return digests;
}

std::string Shown(const RowsDiffer& difference) {
  return fmt::format("{} {:?} of {}: {:?}, not {:?}", difference.projection, difference.key,
                     difference.unit, difference.live.value_or("(none)"),
                     difference.rebuilt.value_or("(none)"));
}

void ExpectEqual(QueriesRig& rig, size_t memory) {
  Collected found;
  const auto equal =
      VerifyAgainstLog(rig.runtime(), {.projections = {}, .memory_bytes_max = memory}, found);
  ASSERT_TRUE(equal.ok()) << equal.status();
  EXPECT_TRUE(*equal);
  for (const RowsDiffer& difference : found.differences) ADD_FAILURE() << Shown(difference);
  EXPECT_EQ(found.verified.size(), rig.runtime().Status().size());
  for (const auto& [name, verified] : found.verified) {
    EXPECT_EQ(verified.position, rig.log().Head());
    EXPECT_GT(verified.sum.rows, 0u) << name;
  }
}

// Writes past the runtime, as damage does.
void Damage(QueriesRig& rig, const HeldMoment::Rows& rows, const std::string& key,
            const std::optional<std::string>& value) {
  StoreBatch batch;
  const std::string full = KeyspacePrefix(rows.keyspace) + key;
  if (value.has_value()) {
    batch.Put(full, *value);
  } else {
    batch.Delete(full);
  }
  ASSERT_TRUE(rig.memory().Write(std::move(batch)).ok());
}

class VerifyTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(VerifyTest, NothingDiffersFromTheLog) {
  SCOPED_TRACE(RepeatWith(kTarget, GetParam()));
  QueriesRig rig(WithUpkeep(true));
  ASSERT_NO_FATAL_FAILURE(Fill(rig, GetParam()));
  ASSERT_NO_FATAL_FAILURE(ExpectEqual(rig, size_t{64} << 20));
  ASSERT_NO_FATAL_FAILURE(ExpectEqual(rig, kTiny));
}

TEST_P(VerifyTest, ADigestIsOfTheWorldAlone) {
  SCOPED_TRACE(RepeatWith(kTarget, GetParam()));
  QueriesRig sealed(WithUpkeep(true));
  ASSERT_NO_FATAL_FAILURE(Fill(sealed, GetParam()));
  QueriesRig loose(WithUpkeep(false));
  ASSERT_NO_FATAL_FAILURE(Fill(loose, GetParam()));
  const auto digests = DigestsOf(sealed.runtime());
  EXPECT_EQ(digests, DigestsOf(loose.runtime()));
  for (const auto& [name, digest] : digests) {
    const auto built = sealed.runtime().BuildGeneration(name);
    ASSERT_TRUE(built.ok()) << built.status();
    ASSERT_TRUE(sealed.runtime().Activate(name, *built).ok());
  }
  EXPECT_EQ(digests, DigestsOf(sealed.runtime()));
  sealed.Commit({testing::At(testing::kHistoryStart, testing::Published(900, 1, "one more"))});
  EXPECT_NE(digests.at("posts"), DigestsOf(sealed.runtime()).at("posts"));
}

TEST_P(VerifyTest, EveryWrongRowIsFoundNamedAndMended) {
  SCOPED_TRACE(RepeatWith(kTarget, GetParam()));
  std::mt19937_64 random(GetParam());
  QueriesRig rig(WithUpkeep(random() % 2 == 0));
  ASSERT_NO_FATAL_FAILURE(Fill(rig, GetParam()));
  const auto right = DigestsOf(rig.runtime());
  for (const auto& [name, digest] : right) {
    SCOPED_TRACE(name);
    // Of each projection some rows: wrong, gone, too many.
    std::map<std::string, std::optional<std::string>> damage;
    {
      const auto moment = rig.runtime().Hold();
      ASSERT_TRUE(moment.ok());
      const HeldMoment::Rows& rows = *(*moment)->Live(name);
      const UnitLaw& law = *rows.folds->units();
      std::vector<std::string> keys;
      ASSERT_TRUE(VisitContent(rows, [&](std::string_view key, std::string_view) {
                    std::string value;
                    const auto there = rows.reader->Get(key, &value);
                    // A text in a segment has no row of its own.
                    if (there.ok() && *there) keys.emplace_back(key);
                    return true;
                  }).ok());
      for (int i = 0; i < 6 && !keys.empty(); ++i) {
        const std::string& key = keys[random() % keys.size()];
        std::string value;
        ASSERT_TRUE(rows.reader->Get(key, &value).value());
        if (random() % 3 == 0) {
          damage[key] = std::nullopt;
        } else if (law.SumParts(key) > 0) {
          damage[key] = EncodeSum(std::vector<uint64_t>(law.SumParts(key), 1'000'000));
        } else {
          damage[key] = "\xff what nobody wrote";
        }
      }
      for (const auto& [key, value] : damage) {
        ASSERT_NO_FATAL_FAILURE(Damage(rig, rows, key, value));
      }
    }
    for (const size_t memory : {size_t{64} << 20, kTiny}) {
      Collected found;
      const auto equal = VerifyAgainstLog(
          rig.runtime(), {.projections = {name}, .memory_bytes_max = memory}, found);
      ASSERT_TRUE(equal.ok()) << equal.status();
      EXPECT_FALSE(*equal);
      for (const auto& [key, value] : damage) {
        EXPECT_TRUE(std::any_of(found.differences.begin(), found.differences.end(),
                                [&](const RowsDiffer& one) { return one.key == key; }))
            << fmt::format("{:?}", key);
      }
    }
    Collected mended;
    const auto equal =
        VerifyAgainstLog(rig.runtime(), {.projections = {name}, .mend = true}, mended);
    ASSERT_TRUE(equal.ok()) << equal.status();
    EXPECT_FALSE(*equal);
    EXPECT_GE(mended.verified[name].mended, damage.size());
  }
  EXPECT_EQ(right, DigestsOf(rig.runtime()));
  ASSERT_NO_FATAL_FAILURE(ExpectEqual(rig, size_t{64} << 20));
}

TEST_P(VerifyTest, RowsThatNobodyWroteAreFoundAndTaken) {
  SCOPED_TRACE(RepeatWith(kTarget, GetParam()));
  for (const bool in_parts : {false, true}) {
    QueriesRig rig(WithUpkeep(true));
    ASSERT_NO_FATAL_FAILURE(Fill(rig, GetParam()));
    const auto right = DigestsOf(rig.runtime());
    // Copies of rows under other keys: of units that are not there.
    std::map<std::string, std::string> added;
    for (const auto& [name, digest] : right) {
      const auto moment = rig.runtime().Hold();
      ASSERT_TRUE(moment.ok());
      const HeldMoment::Rows& rows = *(*moment)->Live(name);
      std::string last;
      std::string value;
      ASSERT_TRUE(VisitContent(rows, [&](std::string_view key, std::string_view) {
                    std::string read;
                    if (rows.reader->Get(key, &read).value() &&
                        rows.folds->units()->SumParts(key) == 0) {
                      last = key;
                      value = read;
                    }
                    return true;
                  }).ok());
      ASSERT_GE(last.size(), 8u);
      char& high = last[last.size() - 3];  // of an id
      high = static_cast<char>(high ^ 0x55);
      added[name] = last;
      ASSERT_NO_FATAL_FAILURE(Damage(rig, rows, last, value));
    }
    Collected found;
    VerifyOptions options;
    options.memory_bytes_max = in_parts ? kTiny : size_t{64} << 20;
    options.mend = true;
    const auto equal = VerifyAgainstLog(rig.runtime(), options, found);
    ASSERT_TRUE(equal.ok()) << equal.status();
    EXPECT_FALSE(*equal);
    for (const auto& [name, key] : added) {
      EXPECT_TRUE(std::any_of(found.differences.begin(), found.differences.end(),
                              [&](const RowsDiffer& one) {
                                return one.projection == name && one.key == key &&
                                       one.live.has_value() && !one.rebuilt.has_value();
                              }))
          << name << fmt::format(" {:?}", key);
    }
    EXPECT_EQ(right, DigestsOf(rig.runtime()));
  }
}

TEST(VerifyOneTest, AKeyThatIsDestroyedMeanwhileIsNoDifference) {
  QueriesRig rig(WithUpkeep(true));
  ASSERT_NO_FATAL_FAILURE(Fill(rig, 7, 1500));
  rig.Commit({testing::At(testing::kHistoryStart, testing::SignedUp(500, "soon"))});
  Collected found;
  bool withdrawn = false;
  found.on_pause = [&] {
    if (std::exchange(withdrawn, true)) return;
    rig.Commit({testing::At(testing::kHistoryStart, testing::Withdrawn(500, "soon"))});
    rig.personal_data().gone.insert("subject-soon");
  };
  const auto equal = VerifyAgainstLog(rig.runtime(), {.projections = {"members"}}, found);
  ASSERT_TRUE(equal.ok()) << equal.status();
  EXPECT_TRUE(withdrawn);
  EXPECT_TRUE(*equal);
  for (const RowsDiffer& difference : found.differences) ADD_FAILURE() << Shown(difference);
}

TEST(VerifyOneTest, AParkedKeyIsComparedWithWhatItHas) {
  QueriesRig rig(WithUpkeep(true));
  ASSERT_NO_FATAL_FAILURE(Fill(rig, 3));
  rig.Commit({testing::At(testing::kHistoryStart, testing::Published(900, 1, "parked"))});
  // No such like: everything that follows is kept aside.
  rig.Commit({testing::At(testing::kHistoryStart, testing::Unliked(900, 2))});
  rig.Commit({testing::At(testing::kHistoryStart, testing::Liked(900, 2))});
  ASSERT_EQ(rig.runtime().Parked()->size(), 1u);
  ASSERT_NO_FATAL_FAILURE(ExpectEqual(rig, size_t{64} << 20));
}

TEST(VerifyOneTest, ADamagedIndexIsNamed) {
  QueriesRig rig(WithUpkeep(true));
  ASSERT_NO_FATAL_FAILURE(Fill(rig, 5));
  {
    const auto moment = rig.runtime().Hold();
    ASSERT_TRUE(moment.ok());
    const HeldMoment::Rows& rows = *(*moment)->Live("search");
    for (auto at = rows.reader->NewIterator({.lower = "\xf0", .upper = {}}); at->Valid();
         at->Next()) {
      std::string value(at->value());
      value.back() = static_cast<char>(value.back() ^ 1);
      ASSERT_NO_FATAL_FAILURE(Damage(rig, rows, std::string(at->key()), value));
    }
  }
  Collected found;
  const auto equal = VerifyAgainstLog(rig.runtime(), {}, found);
  ASSERT_TRUE(equal.ok()) << equal.status();
  EXPECT_FALSE(*equal);
  EXPECT_TRUE(absl::IsDataLoss(found.damage["search"])) << found.damage["search"];
  EXPECT_EQ(found.verified.size(), rig.runtime().Status().size() - 1);
}

TEST(VerifyOneTest, TwoGenerationsAreComparedAtOneMoment) {
  QueriesRig rig(WithUpkeep(true));
  ASSERT_NO_FATAL_FAILURE(Fill(rig, 9));
  Collected none;
  const VerifyOptions posts = {.projections = {"posts"}};
  EXPECT_EQ(VerifyGenerations(rig.runtime(), HeldMoment::Role::kReady, posts, none).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(rig.runtime().BuildGeneration("posts").ok());
  EXPECT_TRUE(VerifyGenerations(rig.runtime(), HeldMoment::Role::kReady, posts, none).value());
  EXPECT_EQ(none.verified["posts"].differences, 0u);
  {
    const auto moment = rig.runtime().Hold();
    ASSERT_TRUE(moment.ok());
    const HeldMoment::Rows& ready = *(*moment)->Find("posts", HeldMoment::Role::kReady);
    ASSERT_NO_FATAL_FAILURE(Damage(rig, ready, "lwrong", "row"));
  }
  Collected found;
  EXPECT_FALSE(VerifyGenerations(rig.runtime(), HeldMoment::Role::kReady, posts, found).value());
  ASSERT_EQ(found.differences.size(), 1u);
  EXPECT_EQ(found.differences[0].key, "lwrong");
  EXPECT_EQ(found.differences[0].rebuilt, "row");
}

TEST(VerifyOneTest, ASinkEndsIt) {
  QueriesRig rig(WithUpkeep(true));
  ASSERT_NO_FATAL_FAILURE(Fill(rig, 2, 1500));
  Collected found;
  found.paused = absl::AbortedError("enough");
  EXPECT_EQ(VerifyAgainstLog(rig.runtime(), {}, found).status().message(), "enough");
  EXPECT_EQ(VerifyAgainstLog(rig.runtime(), {.projections = {"nothing"}}, found).status().code(),
            absl::StatusCode::kNotFound);
}

INSTANTIATE_TEST_SUITE_P(Seeds, VerifyTest, ::testing::ValuesIn(Seeds({1, 2, 3, 4})));

}  // namespace
}  // namespace dailyfeed
