#include "projections/search/text/needle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "projections/search/text/code_points.h"
#include "projections/search/text/particles.h"
#include "projections/search/text/tags.h"
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
  EXPECT_EQ(NeedlesOf(Parsed("#점심"), Stems::kAlways),
            (Needles{{U"#점심", false, Needle::Whole::kTag}}));
  EXPECT_EQ(NeedlesOf(Parsed("@Kim"), Stems::kAlways),
            (Needles{{U"@kim", false, Needle::Whole::kMention}}));
  for (const char* q : {"from:kim", "since:2026-01-01", "until:2026-01-01"}) {
    EXPECT_TRUE(NeedlesOf(Parsed(q), Stems::kAlways).empty()) << q;
  }
}

TEST(NeedleTest, TagsAndMentionsAreWhole) {
  const Needle tag = NeedlesOf(Parsed("#점심"), Stems::kAlways).at(0);
  EXPECT_EQ(FindNeedle(U" #점심시간 c#점심 #점심 ", tag, 0), (Place{12, 15}));
  for (const char32_t* text :
       {U" #점심 ", U" (#점심) ", U" #점심을 ", U" ##점심! ", U" #점심에서는 "}) {
    EXPECT_TRUE(FindNeedle(text, tag, 0).has_value()) << Utf8(text);
  }
  for (const char32_t* text :
       {U" 점심 ", U" #점심를 ", U" #점심1 ", U" 가#점심 ", U" #점심을을 "}) {
    EXPECT_EQ(FindNeedle(text, tag, 0), std::nullopt) << Utf8(text);
  }
  const Needle mention = NeedlesOf(Parsed("@kim"), Stems::kAlways).at(0);
  EXPECT_EQ(FindNeedle(U" @kim_7 a@kim @kim에게 ", mention, 0), (Place{14, 18}));
  EXPECT_EQ(FindNeedle(U" @kimm ", mention, 0), std::nullopt);
}

// A needle of a tag is found in exactly the texts that have the tag, or the tag
// with a particle.
TEST(NeedleTest, RandomTagsAgreeWithVisitTags) {
  for (const uint64_t seed : Seeds({1, 2, 3})) {
    SCOPED_TRACE(RepeatWith("//projections/search/text:needle_test", seed));
    std::mt19937_64 random(seed);
    const std::u32string signs = U"##가을를a_ .";
    for (int i = 0; i < 5'000; ++i) {
      std::u32string text = U" ";
      for (uint64_t n = random() % 12; n > 0; --n) text += signs[random() % signs.size()];
      const std::u32string names[] = {U"가", U"가을", U"a", U"_"};
      const std::u32string& name = names[random() % 4];
      const std::vector<std::u32string> longer = WithParticles(name);
      bool expected = false;
      VisitTags(text, [&](std::u32string_view tag) {
        expected |= tag == name || std::find(longer.begin(), longer.end(), tag) != longer.end();
      });
      const Needle needle{.text = U"#" + name, .whole = Needle::Whole::kTag};
      ASSERT_EQ(FindNeedle(text, needle, 0).has_value(), expected) << Utf8(text) << Utf8(name);
    }
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
