#include "projections/search/text/loosen.h"

#include <gtest/gtest.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/hangul.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

constexpr char kTarget[] = "//projections/search/text:loosen_test";

std::string Loose(std::string_view text) { return Loosen(Fold(text)); }

// The single step by which Unicode takes width away, <wide> and <narrow>; both
// are what Normalizer2's NFKC does to U+FF01-FFEE at first.
std::u32string WithoutWidth(char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const nfkc = icu::Normalizer2::getNFKCInstance(error);
  icu::UnicodeString parts;
  if (!nfkc->getRawDecomposition(static_cast<UChar32>(c), parts)) return {c};
  std::string utf8;
  parts.toUTF8String(utf8);
  return CodePoints(utf8);
}

bool IsSelectorOrSkinTone(char32_t c) {
  const auto u = static_cast<UChar32>(c);
  return u_hasBinaryProperty(u, UCHAR_VARIATION_SELECTOR) ||
         u_hasBinaryProperty(u, UCHAR_EMOJI_MODIFIER);
}

bool HasWidth(char32_t c) {
  const int32_t type = u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_DECOMPOSITION_TYPE);
  return type == U_DT_WIDE || type == U_DT_NARROW;
}

TEST(LoosenTest, Examples) {
  EXPECT_EQ(Loose(""), "");
  EXPECT_EQ(Loose("오늘 lunch 😀"), "오늘 lunch 😀");
  EXPECT_EQ(Loose("ＡＢＣ　１２！"), "abc 12!");
  EXPECT_EQ(Loose("ｶﾞｽ ﾊﾟﾝ ﾞ"), "ガス パン \u3099");
  EXPECT_EQ(Loose("￦1,000 ￡5 ￩"), "₩1,000 £5 ←");
  EXPECT_EQ(Loose("❤️ ☎︎"), "❤ ☎");
  EXPECT_EQ(Loose("👍🏽👍🏿"), "👍👍");
  EXPECT_EQ(Loose("葛\U000E0100城"), "葛城");
  EXPECT_EQ(Loose("\uFE0F"), "");
  EXPECT_EQ(Loose("e\uFE0F\u0301 \u1112\uFE0F\u1161"), "é 하");
}

TEST(LoosenTest, HalfWidthHangulReadsAsItWasTyped) {
  EXPECT_EQ(Loose("ﾡￂ"), "가");
  EXPECT_EQ(Loose("ﾡￂﾤ"), "간");
  EXPECT_EQ(Loose("ﾡￂﾤￂ"), "가나");
  EXPECT_EQ(Loose("ﾻﾻﾻ"), "ㅋㅋㅋ");
  EXPECT_EQ(Loose("ﾡ"), "ㄱ");
  EXPECT_EQ(Loose("ￂ"), "ㅏ");
  EXPECT_EQ(Loose("ﾸￇﾣ"), "젟");  // a double final joins
  EXPECT_EQ(Loose("ﾡￜﾱￜￂ"), "기미ㅏ");
  EXPECT_EQ(Loose("ﾡￂﾨ"), "가ㄸ");          // ㄸ ends no syllable
  EXPECT_EQ(Loose("ﾡ\u1161"), "ㄱ\u1161");  // what a keyboard types joins nothing
}

TEST(LoosenTest, LettersOfTheKeyboardStayLetters) {
  EXPECT_EQ(Loose("ㅋㅋㅠㅠ"), "ㅋㅋㅠㅠ");
  EXPECT_EQ(Loose("ㄱㅏ"), "ㄱㅏ");
}

TEST(LoosenTest, NothingElseIsMadeAlike) {
  for (const char* text :
       {"①", "ﬁ", "½", "é", "カ か", "〜", "ß", "㎏", "〇", "\u200D", "\u200B"}) {
    EXPECT_EQ(Loose(text), Fold(text));
    EXPECT_FALSE(IsLoosened(Fold(text))) << text;
  }
}

TEST(LoosenTest, EveryCodePointAloneIsAsUnicodeHasIt) {
  ForEachCodePoint([&](char32_t c) {
    const std::string folded = Fold(Utf8({&c, 1}));
    std::string expected;
    for (const char32_t f : CodePoints(folded)) {
      if (IsSelectorOrSkinTone(f)) continue;
      expected += Utf8(HasWidth(f) ? WithoutWidth(f) : std::u32string{f});
    }
    const std::string loose = Loosen(folded);
    ASSERT_EQ(loose, Fold(expected)) << std::hex << uint32_t{c};
    ASSERT_EQ(IsLoosened(folded), loose != folded) << std::hex << uint32_t{c};
    ASSERT_EQ(Loosen(loose), loose) << std::hex << uint32_t{c};
  });
}

TEST(LoosenTest, EveryHalfWidthSyllableIsItsSyllable) {
  // Half-width letters in the order of those of a keyboard.
  std::u32string half_width;
  for (char32_t c = 0xFFA1; c <= 0xFFDC; ++c) {
    if (HasWidth(c)) half_width.push_back(c);
  }
  ASSERT_EQ(half_width.size(), 30u + 21u);
  for (const char32_t initial : half_width.substr(0, 30)) {
    const std::optional<int> i = InitialOfLetter(WithoutWidth(initial)[0]);
    if (!i) continue;
    for (const char32_t vowel : half_width.substr(30)) {
      Syllable syllable{.initial = *i, .vowel = *VowelOfLetter(WithoutWidth(vowel)[0])};
      const char32_t open = ComposeSyllable(syllable);
      ASSERT_EQ(Loose(Utf8(std::u32string{initial, vowel})), Utf8({&open, 1}));
      for (const char32_t last : half_width.substr(0, 30)) {
        const std::optional<int> f = FinalOfLetter(WithoutWidth(last)[0]);
        if (!f) continue;
        syllable.final = *f;
        const char32_t closed = ComposeSyllable(syllable);
        ASSERT_EQ(Loose(Utf8(std::u32string{initial, vowel, last})), Utf8({&closed, 1}));
      }
    }
  }
}

TEST(LoosenTest, RandomTexts) {
  for (const uint64_t seed : Seeds({1, 2, 3, 4})) {
    SCOPED_TRACE(RepeatWith(kTarget, seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 5'000; ++i) {
      const std::string text = RandomText(random, 16);
      const std::string folded = Fold(text);
      const std::string loose = Loosen(folded);
      ASSERT_EQ(Loosen(loose), loose) << text;
      ASSERT_EQ(Fold(loose), loose) << text;
      ASSERT_EQ(Loose(Nfd(text)), loose) << text;
      ASSERT_EQ(Loose(Nfc(text)), loose) << text;
      ASSERT_FALSE(IsLoosened(loose)) << text;
      if (!IsLoosened(folded)) {
        ASSERT_EQ(loose, folded) << text;
      }
    }
  }
}

TEST(LoosenTest, BadBytesDoNoHarm) {
  EXPECT_EQ(Loosen("a\xEF\xBC"), "a\xEF\xBC");  // nothing to loosen
  EXPECT_EQ(Loosen("\xEF\xBC\xBD\xEF\xBC"), "]\uFFFD\uFFFD");
}

}  // namespace
}  // namespace dailyfeed::search
