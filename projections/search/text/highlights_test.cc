#include "projections/search/text/highlights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/mapped_text.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

constexpr char kTarget[] = "//projections/search/text:highlights_test";

std::u32string Indexed(std::string_view content) { return Spaced(Loosen(Fold(content))); }

// The part of `content` between two offsets in UTF-16 units, which must not cut
// a surrogate pair.
std::string Slice(std::string_view content, size_t from, size_t to) {
  std::u32string slice;
  size_t at = 0;
  for (const char32_t c : CodePoints(content)) {
    if (at >= from && at < to) slice.push_back(c);
    EXPECT_FALSE((at < from && at + Utf16Units(c) > from) || (at < to && at + Utf16Units(c) > to));
    at += Utf16Units(c);
  }
  return Utf8(slice);
}

std::vector<std::string> Shown(std::string_view content, std::string_view q,
                               Stems stems = Stems::kAlways) {
  std::vector<std::string> shown;
  for (const Highlight& h : HighlightsOf(content, *ParseQuery(q), stems)) {
    shown.push_back(Slice(content, h.from, h.to));
  }
  return shown;
}

using Strings = std::vector<std::string>;

TEST(HighlightsTest, OffsetsAreUtf16UnitsOfTheContent) {
  using Highlights = std::vector<Highlight>;
  EXPECT_EQ(HighlightsOf("오늘 ＬＵＮＣＨ 😀", {{.text = U"lunch"}}), (Highlights{{3, 8}}));
  EXPECT_EQ(HighlightsOf("😀😀하", {{.text = U"하"}}), (Highlights{{4, 5}}));
  EXPECT_EQ(HighlightsOf("❤️ \u1112\u1161", {{.text = U"하"}}), (Highlights{{3, 5}}));
  EXPECT_EQ(HighlightsOf("", {{.text = U"a"}}), Highlights{});
  EXPECT_EQ(HighlightsOf("a", absl::Span<const Needle>()), Highlights{});
}

TEST(HighlightsTest, OfQueries) {
  const std::string post = "오늘 점심은 김치찌개와 커피를 먹었다 #점심";
  EXPECT_EQ(Shown(post, "김치"), Strings{"김치"});
  EXPECT_EQ(Shown(post, "김치찌개까지"), Strings{"김치찌개"});
  EXPECT_EQ(Shown(post, "김치찌개와"), Strings{"김치찌개와"});
  EXPECT_EQ(Shown(post, "점심"), (Strings{"점심", "점심"}));
  EXPECT_EQ(Shown(post, "#점심"), Strings{"#점심"});
  EXPECT_EQ(Shown(post, "\"김치찌개와 커피\""), Strings{"김치찌개와 커피"});
  EXPECT_EQ(Shown(post, "커피 김치 -찌개"), (Strings{"김치", "커피"}));
  EXPECT_EQ(Shown(post, "커피는", Stems::kAlways), Strings{});
  EXPECT_EQ(Shown(post, "커피는", Stems::kAmbiguousToo), Strings{"커피"});
  EXPECT_EQ(Shown(post, "from:kim since:2026-01-01"), Strings{});
  EXPECT_EQ(Shown("@Kim_7 안녕", "@kim_7"), Strings{"@Kim_7"});
}

TEST(HighlightsTest, Loose) {
  EXPECT_EQ(Shown("ｶﾞｽ 보일러", "가스 ガス"), Strings{"ｶﾞｽ"});
  EXPECT_EQ(Shown("좋아요 👍🏽!", "👍"), Strings{"👍🏽"});
  EXPECT_EQ(Shown("❤️❤️", "❤"), (Strings{"❤️", "❤️"}));
  EXPECT_EQ(Shown("김치  찌개 둘", "김치찌개"), Strings{"김치  찌개"});
  EXPECT_EQ(Shown("a \n b", "\"a b\""), Strings{"a \n b"});
  EXPECT_EQ(Shown("CAFE\u0301 au lait", "café"), Strings{"CAFE\u0301"});
  EXPECT_EQ(Shown("CAFE\u0301 au lait", "caf"), Strings{"CAF"});
  EXPECT_EQ(Shown("ﾡￂﾤ", "간"), Strings{"ﾡￂﾤ"});
  EXPECT_EQ(Shown(Nfd("한국 김치"), "국 김"), (Strings{Nfd("국"), Nfd("김")}));
}

TEST(HighlightsTest, SpacesAtTheEndsOfAPhraseMustBeThereAndAreNotShown) {
  EXPECT_EQ(Shown("art start art", "\" art \""), (Strings{"art", "art"}));
  EXPECT_EQ(Shown("start", "\" art\""), Strings{});
  EXPECT_EQ(Shown("a a a", "\" a \""), (Strings{"a", "a", "a"}));
}

TEST(HighlightsTest, TheLongestOfThoseThatBeginAtOnePlace) {
  EXPECT_EQ(Shown("ababab", "ab abab"), (Strings{"abab", "ab"}));
  EXPECT_EQ(Shown("커피를", "커피 커피를"), Strings{"커피를"});
}

TEST(HighlightsTest, AtMostTen) {
  const std::vector<Highlight> highlights = HighlightsOf(std::string(30, 'a'), {{.text = U"a"}});
  ASSERT_EQ(highlights.size(), kHighlightsMax);
  EXPECT_EQ(highlights.back(), (Highlight{9, 10}));
}

TEST(HighlightsTest, AClusterIsShownOnce) {
  // Two needles that stand in one cluster.
  EXPECT_EQ(HighlightsOf("x\u0304y", {{.text = U"x"}, {.text = U"\u0304"}, {.text = U"y"}}),
            (std::vector<Highlight>{{0, 2}, {2, 3}}));
}

TEST(HighlightsTest, TheClustersOfEveryTextMakeWhatTheIndexSees) {
  for (const uint64_t seed : Seeds({1, 2, 3, 4})) {
    SCOPED_TRACE(RepeatWith(kTarget, seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 3'000; ++i) {
      const std::string content = RandomText(random, 24);
      const MappedText mapped = MapText(content);
      ASSERT_EQ(mapped.spaced, Indexed(content)) << content;
      ASSERT_EQ(mapped.origins.size(), mapped.spaced.size());
      size_t from = 0;
      for (const MappedText::Origin& origin : mapped.origins) {
        ASSERT_LE(from, origin.from) << content;
        ASSERT_LE(origin.from, origin.to) << content;
        ASSERT_LE(origin.to, Utf16Length(content)) << content;
        from = origin.from;
      }
    }
  }
}

TEST(HighlightsTest, EveryCodePointIsMappedAsTheIndexSeesIt) {
  std::string content;
  int count = 0;
  ForEachCodePoint([&](char32_t c) {
    content += "a";
    AppendUtf8(c, &content);
    content += "\u0301\u1161";
    AppendUtf8(c, &content);
    if (++count % 64 != 0) return;
    ASSERT_EQ(MapText(content).spaced, Indexed(content)) << std::hex << uint32_t{c};
    content.clear();
  });
}

// A needle cut from what the index sees of a text, sometimes of another text.
Needle RandomNeedle(std::mt19937_64& random, const std::u32string& indexed) {
  const size_t begin = random() % indexed.size();
  std::u32string text = indexed.substr(begin, 1 + random() % 4);
  const bool may_be_split = MayBeSplit(text);
  return {.text = std::move(text), .may_be_split = may_be_split};
}

bool IsBlankNeedle(const Needle& needle) {
  return needle.text.find_first_not_of(U' ') == std::u32string::npos;
}

TEST(HighlightsTest, RandomTextsAndNeedles) {
  for (const uint64_t seed : Seeds({1, 2, 3, 4})) {
    SCOPED_TRACE(RepeatWith(kTarget, seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 3'000; ++i) {
      const std::string content = RandomText(random, 30);
      const std::u32string indexed = Indexed(content);
      std::vector<Needle> needles;
      for (uint64_t n = random() % 4; n > 0; --n) {
        needles.push_back(RandomNeedle(random, n == 3 ? Indexed(RandomText(random, 4)) : indexed));
        if (IsBlankNeedle(needles.back())) needles.pop_back();
      }
      const std::vector<Highlight> highlights = HighlightsOf(content, needles);
      const bool found = std::any_of(needles.begin(), needles.end(), [&](const Needle& needle) {
        return FindNeedle(indexed, needle, 0).has_value();
      });
      ASSERT_EQ(!highlights.empty(), found) << content;
      ASSERT_LE(highlights.size(), kHighlightsMax);
      size_t last_to = 0;
      for (const Highlight& h : highlights) {
        ASSERT_LE(last_to, h.from) << content;
        ASSERT_LT(h.from, h.to) << content;
        last_to = h.to;
        // What is shown has a needle, and so have both texts that it was cut from.
        const std::u32string shown = Indexed(Slice(content, h.from, h.to));
        ASSERT_TRUE(std::any_of(needles.begin(), needles.end(), [&](const Needle& needle) {
          return FindNeedle(shown, needle, 0).has_value();
        })) << content;
      }
      ASSERT_LE(last_to, Utf16Length(content)) << content;
    }
  }
}

TEST(HighlightsTest, BadBytesCountAsOneUnitEach) {
  EXPECT_EQ(HighlightsOf("\x80\xED\xA0\x80"
                         "a",
                         {{.text = U"a"}}),
            (std::vector<Highlight>{{4, 5}}));
}

TEST(HighlightsTest, AHostileTextTakesNoTime) {
  // A word of 500 syllables in a text of 5,000 that it nearly matches anywhere.
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "가";
  std::string word;
  for (int i = 0; i < 499; ++i) word += "가";
  EXPECT_TRUE(HighlightsOf(text, *ParseQuery(word + "나"), Stems::kAlways).empty());
}

}  // namespace
}  // namespace dailyfeed::search
