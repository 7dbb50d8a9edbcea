#include "projections/search/text/needle.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "projections/search/text/code_points.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

QueryPart Parsed(std::string_view q) { return ParseQuery(q)->parts.at(0); }

TEST(NeedleTest, FindsTheFirstPlaceFromWhereItIsTold) {
  const Needle a{.text = U"aba"};
  EXPECT_EQ(FindNeedle(U" ababa ", a, 0), (Place{1, 4}));
  EXPECT_EQ(FindNeedle(U" ababa ", a, 2), (Place{3, 6}));
  EXPECT_EQ(FindNeedle(U" ababa ", a, 4), std::nullopt);
  EXPECT_EQ(FindNeedle(U" ab ", a, 0), std::nullopt);
  EXPECT_EQ(FindNeedle(U" a ", a, 100), std::nullopt);
  EXPECT_EQ(FindNeedle(U" ", a, 0), std::nullopt);
}

TEST(NeedleTest, OneSpaceInsideDoesNotMatterToWhatMayBeSplit) {
  const Needle word{.text = U"김치찌개", .may_be_split = true};
  for (const char32_t* text : {U" 김치찌개 ", U" 김치 찌개 ", U" 김 치찌개 ", U" 김치찌 개 "}) {
    EXPECT_TRUE(FindNeedle(text, word, 0).has_value()) << Utf8(text);
  }
  EXPECT_EQ(FindNeedle(U" 김치 찌 개 ", word, 0), std::nullopt);
  EXPECT_EQ(FindNeedle(U" 김치 찌개 둘 ", word, 0), (Place{1, 6}));
  EXPECT_EQ(FindNeedle(U" 김 김치찌개 ", word, 0), (Place{3, 7}));
  EXPECT_EQ(FindNeedle(U" 김치 찌개 ", {.text = U"김치찌개"}, 0), std::nullopt);
  EXPECT_EQ(FindNeedle(U" 개 ", {.text = U"개", .may_be_split = true}, 0), (Place{1, 2}));
}

TEST(NeedleTest, HangulWordsOfTwoSyllablesAndMoreMayBeSplit) {
  EXPECT_TRUE(MayBeSplit(U"안해") && MayBeSplit(U"김치찌개"));
  EXPECT_FALSE(MayBeSplit(U"밥") || MayBeSplit(U"") || MayBeSplit(U"k팝") || MayBeSplit(U"ㅋㅋ"));
}

TEST(NeedleTest, OfParts) {
  using Needles = std::vector<Needle>;
  EXPECT_EQ(NeedlesOf(Parsed("김치찌개까지"), Stems::kAlways),
            (Needles{{U"김치찌개까지", true}, {U"김치찌개", true}}));
  EXPECT_EQ(NeedlesOf(Parsed("커피가"), Stems::kAlways), (Needles{{U"커피가", true}}));
  EXPECT_EQ(NeedlesOf(Parsed("커피가"), Stems::kAmbiguousToo),
            (Needles{{U"커피가", true}, {U"커피", true}}));
  EXPECT_EQ(NeedlesOf(Parsed("커피를"), Stems::kNone), (Needles{{U"커피를", true}}));
  EXPECT_EQ(NeedlesOf(Parsed("Cat"), Stems::kAmbiguousToo), (Needles{{U"cat", false}}));
  EXPECT_EQ(NeedlesOf(Parsed("\"커피를 A\""), Stems::kAlways), (Needles{{U"커피를 a", false}}));
  EXPECT_EQ(NeedlesOf(Parsed("#점심"), Stems::kAlways), (Needles{{U"#점심", false}}));
  EXPECT_EQ(NeedlesOf(Parsed("@Kim"), Stems::kAlways), (Needles{{U"@kim", false}}));
  for (const char* q : {"from:kim", "since:2026-01-01", "until:2026-01-01"}) {
    EXPECT_TRUE(NeedlesOf(Parsed(q), Stems::kAlways).empty()) << q;
  }
}

// A needle that may be split is the needle itself, or it with one space inside.
TEST(NeedleTest, RandomTextsAgreeWithTheDefinition) {
  for (const uint64_t seed : Seeds({1, 2, 3})) {
    SCOPED_TRACE(RepeatWith("//projections/search/text:needle_test", seed));
    std::mt19937_64 random(seed);
    const auto draw = [&](std::u32string_view from, uint64_t size) {
      std::u32string text;
      while (size-- > 0) text += from[random() % from.size()];
      return text;
    };
    for (int i = 0; i < 20'000; ++i) {
      const std::u32string text = Spaced(Utf8(draw(U"가나 ", random() % 14)));
      const Needle needle{.text = draw(U"가나", 1 + random() % 4), .may_be_split = true};
      size_t first = text.find(needle.text);
      for (size_t at = 1; at < needle.text.size(); ++at) {
        std::u32string split = needle.text;
        first = std::min(first, text.find(split.insert(at, U" ")));
      }
      const std::optional<Place> place = FindNeedle(text, needle, 0);
      ASSERT_EQ(place ? place->begin : std::u32string::npos, first) << Utf8(text);
    }
  }
}

}  // namespace
}  // namespace dailyfeed::search
