// The law of fold units (projections/runtime/units.h) for every read model of the
// program, over random histories: a fold of the log is the union of the rows that
// its units own, plus the sums; and rewriting the past of a few units in place gives
// what a fold of the rewritten past gives.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "projections/activities/activities_projection.h"
#include "projections/comments/comments_projection.h"
#include "projections/follows/follows_projection.h"
#include "projections/members/members_projection.h"
#include "projections/pictures/pictures_projection.h"
#include "projections/posts/posts_projection.h"
#include "projections/runtime/runtime_testing.h"
#include "projections/runtime/units.h"
#include "projections/search/search_projection.h"
#include "projections/testing/events.h"
#include "projections/testing/feed_model.h"
#include "projections/testing/map_rows.h"
#include "projections/testing/plain_personal_data.h"
#include "projections/timelines/timelines_projection.h"

namespace dailyfeed {
namespace {

using testing::FeedModel;
using testing::MapRows;

using Events = std::vector<v1::Event>;
using Content = std::map<std::string, std::string, std::less<>>;

constexpr size_t kEvents = 400;
constexpr Position kCausePosition = 1'000'000;  // behind every event of a history

constexpr std::string_view kTarget = "//projections/queries:unit_law_test";

std::vector<uint64_t> SeedsHere() {
  std::vector<uint64_t> seeds;
  for (uint64_t seed = 1; seed <= 6; ++seed) seeds.push_back(seed);
  return Seeds(seeds);
}

// A history in which much is deleted, handles are taken in turn, members withdraw,
// and pictures of the same bytes come and go.
Events RandomEvents(uint64_t seed, size_t count) {
  FeedModel model;
  testing::HistoryProfile profile;
  profile.remove_post = 3;
  profile.remove_comment = 5;
  profile.unfollow = 5;
  profile.change_handle = 4;
  profile.withdraw = 1;
  testing::RandomHistory history(&model, seed, profile);
  std::map<PictureNumber, MemberId> pictures;
  PictureNumber next_picture = 1;
  Events events;
  const auto add = [&](v1::Event event) {
    event.set_position(events.size() + 1);
    if (event.occurred_at_ns() == 0) event.set_occurred_at_ns(testing::kHistoryStart);
    events.push_back(std::move(event));
  };
  while (events.size() < count) {
    v1::Event event = history.Next();
    if (event.payload().has_member_withdrawn()) {
      const MemberId gone = event.payload().member_withdrawn().member_id();
      std::erase_if(pictures, [gone](const auto& picture) { return picture.second == gone; });
    }
    add(std::move(event));
    const uint64_t dice = history.random()() % 20;
    if (dice == 0 && !pictures.empty()) {
      const auto [number, owner] = *pictures.begin();
      add(testing::PictureDeleted(number, owner));
      pictures.erase(number);
    } else if (dice < 3) {
      const MemberId owner = history.random()() % profile.members + 1;
      if (model.FindMember(owner) == nullptr) continue;
      const auto bytes = [&] { return static_cast<char>('a' + history.random()() % 3); };
      pictures[next_picture] = owner;
      add(testing::PictureAdded(next_picture++, owner, bytes(), 'z'));
    }
  }
  return events;
}

// Folds batches of random sizes, as the runtime does.
void Fold(Projection& projection, const Events& events, std::mt19937_64& random, MapRows* rows) {
  for (const v1::Event& event : events) {
    if (!projection.Handles(event.payload().kind_case())) continue;
    const absl::Status applied = projection.Apply(event, *rows);
    ASSERT_TRUE(applied.ok()) << event.position() << ": " << applied;
    if (random() % 4 != 0) continue;
    ASSERT_TRUE(rows->Settle(projection).ok());
  }
  ASSERT_TRUE(rows->Settle(projection).ok());
}

Content ContentOf(const Projection& projection, MapRows rows) {
  const UnitLaw& law = *projection.units();
  EXPECT_TRUE(law.Complete(rows).ok());
  Content content;
  for (const auto& [key, value] : rows.rows()) {
    std::optional<std::string> of = law.ContentOf(key, value);
    if (of.has_value()) content[key] = *std::move(of);
  }
  return content;
}

std::string Shown(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += c >= ' ' && c <= '~' ? std::string(1, c)
                                 : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text;
}

void ExpectSame(const Content& expected, const Content& actual) {
  for (const auto& [key, value] : expected) {
    const auto found = actual.find(key);
    if (found == actual.end()) {
      ADD_FAILURE() << "missing: " << Shown(key) << " = " << Shown(value);
    } else if (found->second != value) {
      ADD_FAILURE() << Shown(key) << " = " << Shown(found->second) << ", not " << Shown(value);
    }
  }
  for (const auto& [key, value] : actual) {
    if (!expected.contains(key)) ADD_FAILURE() << "too much: " << Shown(key);
  }
}

std::vector<std::string> UnitsOf(const Projection& projection, const Events& events) {
  std::set<std::string> units;
  for (const v1::Event& event : events) {
    if (!projection.Handles(event.payload().kind_case())) continue;
    units.insert(projection.units()->UnitOf(event));
  }
  return {units.begin(), units.end()};
}

class UnitLawTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  UnitLawTest() {
    projections_.push_back(std::make_unique<MembersProjection>(&personal_data_));
    projections_.push_back(std::make_unique<FollowsProjection>());
    projections_.push_back(std::make_unique<PostsProjection>());
    projections_.push_back(std::make_unique<CommentsProjection>());
    projections_.push_back(std::make_unique<TimelinesProjection>());
    projections_.push_back(std::make_unique<PicturesProjection>());
    projections_.push_back(std::make_unique<search::SearchProjection>());
    projections_.push_back(std::make_unique<ActivitiesProjection>());
  }

  // A past that somebody rewrote: some units as if they had never been, in others
  // times, texts, authors and handles are others and deletions are taken back. What
  // happens behind `fixed` still fits to it.
  Events Rewritten(const Projection& projection, const Events& events,
                   const std::set<std::string>& units, Position fixed) {
    const UnitLaw& law = *projection.units();
    std::set<std::string> goes_on;
    for (const v1::Event& event : events) {
      const bool handled = projection.Handles(event.payload().kind_case());
      if (handled && event.position() > fixed) goes_on.insert(law.UnitOf(event));
    }
    std::set<std::string> gone;
    for (const std::string& unit : units) {
      if (!goes_on.contains(unit) && random_() % 3 == 0) gone.insert(unit);
    }
    Events rewritten;
    for (v1::Event event : events) {
      if (event.position() <= fixed && projection.Handles(event.payload().kind_case())) {
        const std::string unit = law.UnitOf(event);
        if (gone.contains(unit)) continue;
        if (units.contains(unit) && !Rewrite(&event)) continue;
      }
      rewritten.push_back(std::move(event));
    }
    return rewritten;
  }

  // False: the event is retracted.
  bool Rewrite(v1::Event* event) {
    v1::Payload& payload = *event->mutable_payload();
    const uint64_t dice = random_() % 4;
    if (dice == 0) return true;
    if (dice == 1) event->set_occurred_at_ns(event->occurred_at_ns() - 3'600'000'000'000);
    if (payload.has_post_published()) {
      payload.mutable_post_published()->set_content(fmt::format("written anew #{}", dice));
      payload.mutable_post_published()->set_author_id(dice);
    } else if (payload.has_comment_added()) {
      payload.mutable_comment_added()->set_content("written anew");
      payload.mutable_comment_added()->set_author_id(dice);
    } else if (payload.has_handle_changed()) {
      payload.mutable_handle_changed()->set_handle(fmt::format("anew_{}", event->position()));
    }
    // Nothing depends on these but what is behind a deletion, and that is nothing.
    const bool stands_alone = payload.has_post_viewed() || payload.has_post_edited() ||
                              payload.has_post_deleted() || payload.has_comment_edited() ||
                              payload.has_comment_deleted() || payload.has_profile_updated() ||
                              payload.has_member_erased();
    return !stands_alone || dice == 1;
  }

  std::set<std::string> SomeUnits(const Projection& projection, const Events& events) {
    std::vector<std::string> all = UnitsOf(projection, events);
    std::shuffle(all.begin(), all.end(), random_);
    return {all.begin(),
            all.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(4, all.size()))};
  }

  // Brings `rows` from one past to the other, unit by unit.
  void Refold(Projection& projection, const std::set<std::string>& units, const Events& before,
              const Events& after, MapRows* rows) {
    const UnitLaw& law = *projection.units();
    const auto read = [&](std::string_view key, std::string* value) {
      return rows->Get(key, value);
    };
    std::vector<UnitDifference> differences;
    for (const std::string& unit : units) {
      const auto was = FoldUnit(projection, unit, before);
      const auto is = FoldUnit(projection, unit, after);
      ASSERT_TRUE(was.ok() && is.ok());
      ASSERT_TRUE(was->refused.empty());
      ASSERT_TRUE(is->refused.empty()) << is->refused.begin()->second.reason;
      auto difference = RefoldUnit(law, *was, *is, read);
      ASSERT_TRUE(difference.ok()) << difference.status();
      for (const UnitFault& fault : difference->faults) {
        ADD_FAILURE() << unit << " has a fault at " << Shown(fault.key) << ": "
                      << Shown(fault.live.value_or("(none)")) << ", not "
                      << Shown(fault.rebuilt.value_or("(none)"));
      }
      differences.push_back(*std::move(difference));
    }
    v1::Event cause;
    cause.set_position(kCausePosition);
    ASSERT_TRUE(WriteDifferences(law, differences, cause, *rows).ok());
  }

  testing::PlainPersonalData personal_data_;
  std::vector<std::unique_ptr<Projection>> projections_;
  std::mt19937_64 random_{GetParam()};
};

TEST_P(UnitLawTest, AFoldIsTheUnionOfItsUnits) {
  SCOPED_TRACE(RepeatWith(kTarget, GetParam()));
  const Events events = RandomEvents(GetParam(), kEvents);
  for (const auto& projection : projections_) {
    SCOPED_TRACE(projection->name());
    const UnitLaw& law = *projection->units();
    MapRows rows;
    ASSERT_NO_FATAL_FAILURE(Fold(*projection, events, random_, &rows));
    Content of_units;
    std::map<std::string, std::vector<uint64_t>> sums;
    for (const std::string& unit : UnitsOf(*projection, events)) {
      const auto fold = FoldUnit(*projection, unit, events);
      ASSERT_TRUE(fold.ok()) << fold.status();
      ASSERT_TRUE(fold->refused.empty()) << fold->refused.begin()->second.reason;
      for (const auto& [key, value] : fold->rows) {
        if (!value.has_value()) continue;
        const size_t parts = law.SumParts(key);
        if (parts == 0) {
          const auto content = law.ContentOf(key, *value);
          if (!content.has_value()) continue;
          EXPECT_TRUE(of_units.emplace(key, *content).second) << "two units own " << Shown(key);
          continue;
        }
        const auto numbers = DecodeSum(*value, parts);
        ASSERT_TRUE(numbers.ok()) << numbers.status();
        std::vector<uint64_t>& sum = sums[key];
        sum.resize(parts);
        for (size_t i = 0; i < parts; ++i) sum[i] += (*numbers)[i];
      }
    }
    for (const auto& [key, numbers] : sums) of_units[key] = EncodeSum(numbers);
    ExpectSame(ContentOf(*projection, rows), of_units);
  }
}

TEST_P(UnitLawTest, EveryRowNamesItsUnitOrIsASum) {
  SCOPED_TRACE(RepeatWith(kTarget, GetParam()));
  const Events events = RandomEvents(GetParam(), kEvents);
  for (const auto& projection : projections_) {
    SCOPED_TRACE(projection->name());
    const UnitLaw& law = *projection->units();
    MapRows rows;
    ASSERT_NO_FATAL_FAILURE(Fold(*projection, events, random_, &rows));
    ASSERT_TRUE(law.Complete(rows).ok());
    const auto read = [&](std::string_view key, std::string* value) {
      return rows.Get(key, value);
    };
    for (const std::string& unit : UnitsOf(*projection, events)) {
      const auto fold = FoldUnit(*projection, unit, events);
      ASSERT_TRUE(fold.ok());
      for (const auto& [key, value] : fold->rows) {
        if (!value.has_value() || !law.ContentOf(key, *value).has_value()) continue;
        const auto owner = law.OwnerOf(key, *value, read);
        ASSERT_TRUE(owner.ok()) << owner.status();
        if (law.SumParts(key) > 0) {
          EXPECT_EQ(*owner, "") << Shown(key);
        } else if (!owner->empty()) {
          EXPECT_EQ(*owner, unit) << Shown(key);
        }
      }
    }
  }
}

TEST_P(UnitLawTest, InPlaceIsWhatAFoldOfTheRewrittenPastIs) {
  SCOPED_TRACE(RepeatWith(kTarget, GetParam()));
  const Events events = RandomEvents(GetParam(), kEvents);
  const Position fixed = kEvents / 2 + random_() % (kEvents / 2);
  const Events past(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(fixed));
  for (const auto& projection : projections_) {
    SCOPED_TRACE(projection->name());
    const std::set<std::string> units = SomeUnits(*projection, past);
    const Events all = Rewritten(*projection, events, units, fixed);
    const auto is_past = [&](const v1::Event& event) { return event.position() <= fixed; };
    const Events rewritten(all.begin(), std::partition_point(all.begin(), all.end(), is_past));
    const Events later(std::partition_point(all.begin(), all.end(), is_past), all.end());

    MapRows in_place;
    ASSERT_NO_FATAL_FAILURE(Fold(*projection, past, random_, &in_place));
    ASSERT_NO_FATAL_FAILURE(Refold(*projection, units, past, rewritten, &in_place));
    MapRows anew;
    ASSERT_NO_FATAL_FAILURE(Fold(*projection, rewritten, random_, &anew));
    ExpectSame(ContentOf(*projection, anew), ContentOf(*projection, in_place));

    // Both go on, and the rows that were written in place are not swept away.
    ASSERT_NO_FATAL_FAILURE(Fold(*projection, later, random_, &anew));
    ASSERT_NO_FATAL_FAILURE(Fold(*projection, later, random_, &in_place));
    ExpectSame(ContentOf(*projection, anew), ContentOf(*projection, in_place));

    // The way back.
    Events back = past;
    back.insert(back.end(), later.begin(), later.end());
    ASSERT_NO_FATAL_FAILURE(Refold(*projection, units, all, back, &in_place));
    MapRows never_touched;
    ASSERT_NO_FATAL_FAILURE(Fold(*projection, back, random_, &never_touched));
    ExpectSame(ContentOf(*projection, never_touched), ContentOf(*projection, in_place));
  }
}

TEST_P(UnitLawTest, AWrongRowIsFoundAndMended) {
  SCOPED_TRACE(RepeatWith(kTarget, GetParam()));
  const Events events = RandomEvents(GetParam(), kEvents);
  for (const auto& projection : projections_) {
    SCOPED_TRACE(projection->name());
    const UnitLaw& law = *projection->units();
    MapRows rows;
    ASSERT_NO_FATAL_FAILURE(Fold(*projection, events, random_, &rows));
    const Content right = ContentOf(*projection, rows);
    const std::vector<std::string> units = UnitsOf(*projection, events);
    const auto fold = FoldUnit(*projection, units[random_() % units.size()], events);
    ASSERT_TRUE(fold.ok());
    std::vector<std::string> owned;
    for (const auto& [key, value] : fold->rows) {
      if (value.has_value() && law.SumParts(key) == 0 && right.contains(key)) owned.push_back(key);
    }
    if (owned.empty()) continue;
    const std::string& key = owned[random_() % owned.size()];
    rows.Put(key, "\xff not what the log says");
    const auto read = [&](std::string_view wanted, std::string* value) {
      return rows.Get(wanted, value);
    };
    auto difference = RefoldUnit(law, *fold, *fold, read);
    ASSERT_TRUE(difference.ok()) << difference.status();
    const bool named = std::any_of(difference->faults.begin(), difference->faults.end(),
                                   [&](const UnitFault& fault) { return fault.key == key; });
    EXPECT_TRUE(named) << Shown(key);
    v1::Event cause;
    cause.set_position(kCausePosition);
    ASSERT_TRUE(WriteDifferences(law, {&*difference, 1}, cause, rows).ok());
    ExpectSame(right, ContentOf(*projection, rows));
  }
}

TEST(UnitFolderTest, ARefusedEventKeepsItsKeyAside) {
  PostsProjection posts;
  Events events = {testing::Published(41, 7, "hi"), testing::Liked(41, 8), testing::Unliked(41, 8),
                   testing::Unliked(41, 8), testing::Liked(41, 9)};
  for (size_t i = 0; i < events.size(); ++i) events[i].set_position(i + 1);
  const auto fold = FoldUnit(posts, "post/41", events);
  ASSERT_TRUE(fold.ok());
  ASSERT_EQ(fold->refused.size(), 1u);
  EXPECT_EQ(fold->refused.begin()->first, "post/41");
  EXPECT_EQ(fold->refused.begin()->second.position, 4u);
  // The rows are those in front of the event that was refused.
  const auto before = FoldUnit(posts, "post/41", std::span(events).first(3));
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(fold->rows, before->rows);
}

INSTANTIATE_TEST_SUITE_P(Seeds, UnitLawTest, ::testing::ValuesIn(SeedsHere()));

}  // namespace
}  // namespace dailyfeed
