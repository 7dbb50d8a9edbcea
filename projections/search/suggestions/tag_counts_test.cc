// Tags against a std::map: random changes, every range, every prefix; and the
// bounds of the directory.
#include "projections/search/suggestions/tag_counts.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "projections/codec/row_codec.h"
#include "projections/search/suggestions/tag_directory.h"
#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

using Model = std::map<std::string, uint64_t>;

std::vector<TagCount> Naive(const Model& model, const TypedPrefix& typed, size_t max) {
  std::vector<TagCount> found;
  for (const auto& [tag, count] : model) {
    if (typed.Matches(CodePoints(tag))) found.push_back({tag, count});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const TagCount& a, const TagCount& b) { return a.count > b.count; });
  if (found.size() > max) found.resize(max);
  return found;
}

std::vector<TagCount> InRange(const TagCounts& tags, const std::string& lower,
                              const std::string& upper) {
  std::vector<TagCount> found;
  tags.Visit(lower, upper, [&](std::string_view tag, uint64_t count) {
    found.push_back({std::string(tag), count});
  });
  return found;
}

std::string AnyTag(std::mt19937_64& random) {
  static const std::vector<std::string> kParts = {"김", "기", "고", "과", "치",
                                                  "ㄱ", "a",  "b",  "1"};
  std::string tag;
  for (uint64_t i = 1 + random() % 4; i > 0; --i) tag += kParts[random() % kParts.size()];
  return tag;
}

TEST(TagCountsTest, AnswersWhatAMapAnswers) {
  const char* seed = std::getenv("DAILYFEED_SEED");
  const uint64_t first = seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1;
  for (uint64_t at = first; at < first + (seed != nullptr ? 1 : 3); ++at) {
    SCOPED_TRACE("DAILYFEED_SEED=" + std::to_string(at));
    std::mt19937_64 random(at);
    Model model;
    TagCounts tags;
    std::optional<std::pair<TagCounts, Model>> former;
    for (int step = 0; step < 60; ++step) {
      Model changes;
      for (uint64_t i = random() % 200; i > 0; --i) changes[AnyTag(random)] = random() % 4;
      std::vector<TagCount> as_changes;
      for (const auto& [tag, count] : changes) {
        as_changes.push_back({tag, count});
        model[tag] = count;
        if (count == 0) model.erase(tag);
      }
      tags = tags.With(as_changes);
      ASSERT_EQ(tags.tags(), model.size());
      if (step == 20) former.emplace(tags, model);
      for (int i = 0; i < 3; ++i) {
        const TypedPrefix typed = TypedPrefix::Parse(AnyTag(random)).value();
        ASSERT_EQ(tags.MostUsed(typed, 5), Naive(model, typed, 5));
        std::string lower = AnyTag(random), upper = AnyTag(random);
        if (upper < lower) std::swap(lower, upper);
        std::vector<TagCount> expected;
        for (auto tag = model.lower_bound(lower); tag != model.lower_bound(upper); ++tag) {
          expected.push_back({tag->first, tag->second});
        }
        ASSERT_EQ(InRange(tags, lower, upper), expected);
      }
      ASSERT_EQ(InRange(tags, "", "").size(), model.size());
    }
    const TypedPrefix typed = TypedPrefix::Parse("ㄱ").value();
    EXPECT_EQ(former->first.MostUsed(typed, 50), Naive(former->second, typed, 50));
    EXPECT_TRUE(tags.MostUsed(typed, 0).empty());
  }
}

// Rows of one projection, and nothing more.
class OneWrite final : public WrittenRows {
 public:
  std::map<std::string, std::optional<std::string>> rows;
  void Visit(std::string_view lower, std::string_view upper,
             absl::FunctionRef<void(std::string_view, const std::string*)> visit) const override {
    for (const auto& [key, value] : rows) {
      if (key >= lower && (upper.empty() || key < upper)) {
        visit(key, value.has_value() ? &*value : nullptr);
      }
    }
  }
};

std::string Row(uint64_t count) { return RowWriter().Varint(count).Take(); }

TEST(TagDirectoryTest, FollowsTheRows) {
  TagDirectory directory("g", {});
  const TypedPrefix typed = TypedPrefix::Parse("#").value();
  EXPECT_TRUE(directory.Now()->MostUsed(typed, 9).empty());
  OneWrite write;
  write.rows = {{"f", Row(9)},  {"g", Row(9)},    {"ga", Row(2)},
                {"gb", Row(3)}, {"gbad", "\xff"}, {"g" + std::string(201, 'x'), Row(9)},
                {"h", Row(9)}};
  directory.OnRows(write);
  const auto former = directory.Now();
  EXPECT_EQ(former->MostUsed(typed, 9), (std::vector<TagCount>{{"b", 3}, {"a", 2}}));
  write.rows = {{"ga", Row(4)}, {"gb", std::nullopt}};
  directory.OnRows(write);
  EXPECT_EQ(directory.Now()->MostUsed(typed, 9), (std::vector<TagCount>{{"a", 4}}));
  EXPECT_EQ(former->tags(), 2u);
}

TEST(TagDirectoryTest, TheLeastUsedTagsGoFirst) {
  constexpr size_t kBytesMax = 64u << 10;
  TagDirectory directory("g", {.bytes_max = kBytesMax});
  std::mt19937_64 random(3);
  Model model;
  for (int step = 0; step < 50; ++step) {
    OneWrite write;
    for (int i = 0; i < 100; ++i) {
      const std::string tag = "tag" + std::to_string(random() % 4000);
      const uint64_t count = random() % 100 == 0 ? 1000 + random() % 100 : 1 + random() % 50;
      model[tag] = count;
      write.rows["g" + tag] = Row(count);
    }
    directory.OnRows(write);
    ASSERT_LE(directory.Now()->Bytes(), kBytesMax);
  }
  EXPECT_GT(directory.Now()->tags(), 100u);
  const TypedPrefix typed = TypedPrefix::Parse("tag").value();
  EXPECT_EQ(directory.Now()->MostUsed(typed, 5), Naive(model, typed, 5));
}

TEST(TagDirectoryTest, ABoundOfNothingHoldsNothing) {
  TagDirectory directory("g", {.bytes_max = 0});
  OneWrite write;
  write.rows = {{"ga", Row(~uint64_t{0})}, {"gb", Row(1)}};
  directory.OnRows(write);
  EXPECT_EQ(directory.Now()->tags(), 0u);
}

}  // namespace
}  // namespace dailyfeed::search
