#include "projections/search/text/code_points.h"

#include <gtest/gtest.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <cstdint>
#include <string>

#include "projections/search/text/fold.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

TEST(CodePointsTest, EveryCodePointThereAndBack) {
  ForEachCodePoint([](char32_t c) {
    const std::string utf8 = Utf8({&c, 1});
    ASSERT_TRUE(IsValidUtf8(utf8));
    ASSERT_EQ(CodePoints(utf8), (std::u32string{c})) << std::hex << uint32_t{c};
    ASSERT_EQ(Utf16Units(c), Utf16Length(utf8));
  });
}

TEST(CodePointsTest, WhatIsNoCodePointBecomesTheReplacement) {
  for (const char32_t c : {char32_t{0xD800}, char32_t{0xDFFF}, char32_t{0x110000}, kMalformed}) {
    EXPECT_EQ(Utf8({&c, 1}), "\uFFFD");
  }
  EXPECT_EQ(CodePoints("a\x80\xED\xA0\x80z"), U"a\uFFFD\uFFFD\uFFFD\uFFFDz");
}

TEST(CodePointsTest, WhiteSpaceIsUnicodes) {
  ForEachCodePoint([](char32_t c) {
    ASSERT_EQ(IsWhiteSpace(c), u_isUWhiteSpace(static_cast<UChar32>(c)) != 0)
        << std::hex << uint32_t{c};
  });
}

TEST(CodePointsTest, WideCoversTheLettersOfTheScriptsThatAreWide) {
  ForEachCodePoint([](char32_t c) {
    UErrorCode error = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &error);
    const bool wide_script = script == USCRIPT_HANGUL || script == USCRIPT_HAN ||
                             script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA;
    if (wide_script && IsLetter(c)) {
      ASSERT_TRUE(IsWide(c)) << std::hex << uint32_t{c};
    }
    const bool other_script = script == USCRIPT_LATIN || script == USCRIPT_CYRILLIC ||
                              script == USCRIPT_GREEK || script == USCRIPT_ARABIC ||
                              script == USCRIPT_THAI || script == USCRIPT_DEVANAGARI;
    if (other_script) {
      ASSERT_FALSE(IsWide(c)) << std::hex << uint32_t{c};
    }
  });
  for (const char32_t c : U"a 1#é\U0001F600\u200D") EXPECT_FALSE(IsWide(c));
  for (const char32_t c : std::u32string_view(U"가힣ㄱㅎㅏ々〆ーぁ中\U00020000\U0003134A")) {
    EXPECT_TRUE(IsWide(c)) << std::hex << uint32_t{c};
  }
}

TEST(CodePointsTest, Categories) {
  EXPECT_TRUE(IsLetter(U'가') && IsLetter(U'a') && IsLetter(U'ㅋ') && IsLetter(U'々'));
  EXPECT_FALSE(IsLetter(U'1') || IsLetter(U'_') || IsLetter(0x301) || IsLetter(0x1F600));
  EXPECT_TRUE(IsMark(0x301) && IsMark(0x94D) && IsMark(0x20E3));
  EXPECT_FALSE(IsMark(U'a') || IsMark(0x200D));
  EXPECT_TRUE(IsDigit(U'0') && IsDigit(0x967));
  EXPECT_FALSE(IsDigit(U'½') || IsDigit(U'Ⅷ') || IsDigit(U'a'));
}

TEST(CodePointsTest, SpacedHasOneSpaceForEveryRunAndAtBothEnds) {
  EXPECT_EQ(Spaced(""), U" ");
  EXPECT_EQ(Spaced(" \t\u3000\n"), U" ");
  EXPECT_EQ(Spaced("a"), U" a ");
  EXPECT_EQ(Spaced(Fold("  Hi \n\u00A0 김치 ")), U" hi 김치 ");
  EXPECT_EQ(Spaced("\u200Ba"), U" \u200Ba ");  // no white space to Unicode
  EXPECT_EQ(Spaced("a\x80"), U" a\uFFFD ");
}

TEST(CodePointsTest, TermsAreDistinctAndInOrder) {
  const auto terms = [](std::string_view keyword) { return Terms(Fold(keyword)); };
  EXPECT_TRUE(terms("").empty());
  EXPECT_TRUE(terms(" \u3000").empty());
  EXPECT_EQ(terms("a"), (std::vector<std::u32string>{U"a"}));
  EXPECT_EQ(terms(" b a  B 김치\t* a"), (std::vector<std::u32string>{U"b", U"a", U"김치", U"*"}));
}

}  // namespace
}  // namespace dailyfeed::search
