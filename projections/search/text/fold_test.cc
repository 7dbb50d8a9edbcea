#include "projections/search/text/fold.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include "projections/search/text/code_points.h"
#include "projections/search/text/hangul.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

constexpr char kTarget[] = "//projections/search/text:fold_test";

// What must hold for every text.
void Check(const std::string& text) {
  const std::string folded = Fold(text);
  ASSERT_EQ(folded, FoldByIcu(text)) << text;
  ASSERT_EQ(Fold(folded), folded) << text;
  ASSERT_LE(folded.size(), 3 * text.size()) << text;
}

TEST(FoldTest, Examples) {
  EXPECT_EQ(Fold(""), "");
  EXPECT_EQ(Fold("Hello, WORLD [2026] @Kim_7"), "hello, world [2026] @kim_7");
  EXPECT_EQ(Fold("오늘 점심은 김치찌개"), "오늘 점심은 김치찌개");
  EXPECT_EQ(Fold("Straße CAFE\u0301"), "straße café");
  EXPECT_EQ(Fold("ΣΊΣΥΦΟΣ ς"), "σίσυφοσ σ");
  EXPECT_EQ(Fold("Привет ЁЛКА"), "привет ёлка");
  EXPECT_EQ(Fold("\u212A\u2126\u212B"), "kωå");  // the signs of kelvin, ohm, angstrom
  EXPECT_EQ(Fold("\u1E9E"), "ß");
}

TEST(FoldTest, IsNeitherFullFoldingNorCompatibilityNorOfALocale) {
  EXPECT_EQ(Fold("①ﬁ㎏½"), "①ﬁ㎏½");
  EXPECT_EQ(Fold("\u0130I\u0131"), "\u0130i\u0131");  // the i of Turkish
  EXPECT_EQ(Fold("ＡＢＣ"), "ａｂｃ");
  EXPECT_EQ(Fold("ㄱㅏ"), "ㄱㅏ");
  EXPECT_EQ(Fold("résumé"), "résumé");
}

TEST(FoldTest, EveryCodePointAloneIsAsIcuHasIt) {
  std::string text;
  ForEachCodePoint([&](char32_t c) {
    text.clear();
    AppendUtf8(c, &text);
    ASSERT_NO_FATAL_FAILURE(Check(text)) << std::hex << uint32_t{c};
  });
}

// Sixty-four code points at a time, each with what could compose with it on
// both sides.
TEST(FoldTest, EveryCodePointAmongOthersIsAsIcuHasIt) {
  std::string text;
  int count = 0;
  ForEachCodePoint([&](char32_t c) {
    for (const char* before : {"A", "\u1112", "하"}) {
      text += before;
      AppendUtf8(c, &text);
    }
    text += "\u0308 ";
    AppendUtf8(c, &text);
    text += "\u0323\u0301\u1161\u11A8";
    if (++count % 64 != 0) return;
    ASSERT_NO_FATAL_FAILURE(Check(text)) << std::hex << uint32_t{c};
    text.clear();
  });
  Check(text);
}

TEST(FoldTest, ATextMayBeCutBeforeWhatStartsAPiece) {
  const std::string before[] = {"A",  "e\u0301", "\u1112", "하",     "한",         "か",
                                "ケ", "\u09C7",  "\u0B47", "\u1025", "\U00011099", "\u0345"};
  const std::string behind[] = {"", "\u0301", "\u0323\u3099", "\u1161\u11A8"};
  int cuts = 0;
  ForEachCodePoint([&](char32_t c) {
    // What is unassigned is plain in ICU's eyes; a sample of it is enough.
    if (!StartsPiece(c) || (c > 0x32000 && c % 1024 != 0)) return;
    ++cuts;
    const std::string text = Utf8({&c, 1}) + behind[c % 4];
    const std::string folded = Fold(text);
    for (size_t i = c % 3; i < std::size(before); i += 3) {
      ASSERT_EQ(Fold(before[i] + text), Fold(before[i]) + folded) << std::hex << uint32_t{c};
    }
  });
  EXPECT_GT(cuts, 190'000);
  for (const char32_t c : std::u32string_view(U"가aé日か\u2126\uF900\U0001F600\uFE0F")) {
    EXPECT_TRUE(StartsPiece(c)) << std::hex << uint32_t{c};
  }
  for (const uint32_t c : {0x301, 0x1161, 0x11A8, 0x3099, 0x9BE, 0x344, 0x345}) {
    EXPECT_FALSE(StartsPiece(static_cast<char32_t>(c))) << std::hex << c;
  }
}

TEST(FoldTest, EveryConjoiningSyllableComposes) {
  for (char32_t c = kFirstSyllable; c <= kLastSyllable; ++c) {
    const Syllable syllable = *DecomposeSyllable(c);
    ASSERT_EQ(ComposeSyllable(syllable), c);
    const std::string whole = Utf8({&c, 1});
    std::u32string letters = {kFirstInitial + static_cast<char32_t>(syllable.initial),
                              kFirstVowel + static_cast<char32_t>(syllable.vowel)};
    if (syllable.final != 0) {
      // Also as a syllable without its final, and the final.
      const std::u32string open = {
          ComposeSyllable({.initial = syllable.initial, .vowel = syllable.vowel}),
          kBeforeFirstFinal + static_cast<char32_t>(syllable.final)};
      ASSERT_EQ(Fold(Utf8(open)), whole);
      letters.push_back(open.back());
    }
    ASSERT_EQ(Nfd(whole), Utf8(letters));
    ASSERT_EQ(Fold(Utf8(letters)), whole);
    ASSERT_EQ(Fold(whole), whole);
  }
}

TEST(FoldTest, EveryPairOfHangulLettersIsAsIcuHasIt) {
  for (char32_t a = 0x1100; a <= 0x11FF; ++a) {
    std::u32string text;
    for (char32_t b = 0x1100; b <= 0x11FF; ++b) {
      text += {a, b, U' ', U'가', a, b, U'\u0323', a, b};
    }
    ASSERT_NO_FATAL_FAILURE(Check(Utf8(text))) << std::hex << uint32_t{a};
  }
}

TEST(FoldTest, EveryPairOfALatinLetterAndMarksIsAsIcuHasIt) {
  std::string letters = "AZaz";
  for (char32_t c = 0xC0; c <= 0x24F; ++c) AppendUtf8(c, &letters);
  for (char32_t c = 0x1E00; c <= 0x1FFF; ++c) AppendUtf8(c, &letters);
  for (const char32_t letter : CodePoints(letters)) {
    std::u32string text;
    for (char32_t mark = 0x300; mark <= 0x36F; ++mark) {
      text += {letter, mark, letter, mark, U'\u0323', letter, U'\u0331', mark};
    }
    ASSERT_NO_FATAL_FAILURE(Check(Utf8(text))) << std::hex << uint32_t{letter};
  }
}

TEST(FoldTest, RandomTextsAreAsIcuHasThemAndEquivalentOnesAreTheSame) {
  for (const uint64_t seed : Seeds({1, 2, 3, 4})) {
    SCOPED_TRACE(RepeatWith(kTarget, seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 5'000; ++i) {
      const std::string text = RandomText(random, 24);
      ASSERT_NO_FATAL_FAILURE(Check(text));
      ASSERT_EQ(Fold(Nfc(text)), Fold(text)) << text;
      ASSERT_EQ(Fold(Nfd(text)), Fold(text)) << text;
    }
  }
}

TEST(FoldTest, BadBytesCountAsReplacementCharactersWhereverTheyStand) {
  constexpr std::string_view kBad[] = {"\x80",         "\xC0\x80",     "\xE2\x82",
                                       "\xED\xA0\x80", "\xF0\x9F\x98", "\xF4\x90\x80\x80",
                                       "\xFF",         "\xEA\xB0"};
  for (const std::string_view bad : kBad) {
    std::string replaced;
    for (size_t i = 0; i < bad.size(); ++i) replaced += "\uFFFD";
    const std::string text(bad);
    EXPECT_EQ(Fold(text), replaced);
    EXPECT_EQ(Fold("ABCDEFGH" + text + "가E\u0301"), "abcdefgh" + replaced + "가é");
    EXPECT_EQ(Fold("E\u0301" + text), "é" + replaced);
    EXPECT_EQ(FoldByIcu("X" + text), "x" + replaced);
  }
}

TEST(FoldTest, LongTextsOfEveryKindGrowTheOutput) {
  const std::string_view pieces[] = {"\xFF", "\u023A", "\U0001D160", "E\u0301\u0323",
                                     "\u1112\u1161"};
  for (const std::string_view piece : pieces) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += piece;
    ASSERT_NO_FATAL_FAILURE(Check(text));
  }
}

TEST(FoldTest, TheVersionIsThatOfTheLibrary) {
  EXPECT_GE(UnicodeVersion(), "15.0");
  EXPECT_NE(UnicodeVersion().find('.'), std::string_view::npos);
}

}  // namespace
}  // namespace dailyfeed::search
