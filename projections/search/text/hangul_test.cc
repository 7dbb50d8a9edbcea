#include "projections/search/text/hangul.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "projections/search/text/code_points.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

constexpr char kTarget[] = "//projections/search/text:hangul_test";

TEST(HangulTest, EverySyllableThereAndBack) {
  char32_t expected = kFirstSyllable;
  for (int initial = 0; initial < 19; ++initial) {
    for (int vowel = 0; vowel < kVowels; ++vowel) {
      for (int final = 0; final < kFinals; ++final) {
        const Syllable syllable{.initial = initial, .vowel = vowel, .final = final};
        ASSERT_EQ(ComposeSyllable(syllable), expected);
        ASSERT_EQ(DecomposeSyllable(expected), syllable);
        ASSERT_EQ(HasFinal(expected), final != 0);
        ++expected;
      }
    }
  }
  EXPECT_EQ(expected, kLastSyllable + 1);
  EXPECT_EQ(DecomposeSyllable(kFirstSyllable - 1), std::nullopt);
  EXPECT_EQ(DecomposeSyllable(kLastSyllable + 1), std::nullopt);
  EXPECT_FALSE(HasFinal(U'a'));
}

TEST(HangulTest, Letters) {
  EXPECT_EQ(InitialOfLetter(U'ㄱ'), 0);
  EXPECT_EQ(InitialOfLetter(U'ㅎ'), 18);
  EXPECT_EQ(InitialOfLetter(U'ㄳ'), std::nullopt);
  EXPECT_EQ(InitialOfLetter(U'ㅏ'), std::nullopt);
  EXPECT_EQ(VowelOfLetter(U'ㅏ'), 0);
  EXPECT_EQ(VowelOfLetter(U'ㅣ'), 20);
  EXPECT_EQ(VowelOfLetter(U'ㅎ'), std::nullopt);
  EXPECT_EQ(FinalOfLetter(U'ㄱ'), 1);
  EXPECT_EQ(FinalOfLetter(U'ㅎ'), 27);
  EXPECT_EQ(FinalOfLetter(U'ㄸ'), std::nullopt);
  EXPECT_EQ(SplitLetters(U"ㄳㄱ값ㅄ"), U"ㄱㅅㄱ값ㅂㅅ");
}

TEST(HangulTest, WhatMatches) {
  const struct {
    const char32_t* text;
    std::vector<std::u32string> matches;
    std::vector<std::u32string> others;
  } cases[] = {
      {U"김치찌개",
       {U"", U"ㄱ", U"기", U"김", U"김ㅊ", U"김치", U"김치ㅉ", U"김치찌", U"김치찍", U"ㄱㅊ",
        U"ㄱㅊㅉㄱ", U"김ㅊㅉ", U"ㄱ치"},
       {U"ㅊ", U"긴", U"김칮", U"기ㅊ", U"김ㅈ", U"ㄱㅊㄱ", U"김치찌개ㄱ", U"깅", U"ㅣ", U"k",
        U"게"}},
      {U"과자", {U"ㄱ", U"고", U"과", U"과ㅈ", U"괒", U"과자"}, {U"거", U"곡", U"구", U"곶"}},
      {U"가방", {U"가", U"갑", U"가바", U"가방", U"ㄱㅂ"}, {U"값", U"각", U"갑방"}},
      {U"값", {U"가", U"갑", U"값"}, {U"갓", U"갑ㅅ"}},
      {U"갑사", {U"갑", U"값", U"갑ㅅ", U"갑사", U"ㄱㅅ", U"ㄳ"}, {U"갑사ㅅ", U"갓"}},
      {U"웨딩", {U"우", U"웨", U"웯"}, {U"위", U"워", U"오"}},
      {U"의사", {U"으", U"의", U"읫"}, {U"이"}},
      {U"ㅋㅋㅋ", {U"ㅋ", U"ㅋㅋ", U"ㅋㅋㅋ"}, {U"카", U"ㅋㅋㅋㅋ"}},
      {U"ㄳ", {U"ㄳ"}, {U"ㄱ"}},
      {U"kim", {U"k", U"kim"}, {U"i", U"kimm", U"ㄱ"}},
      {U"k팝", {U"k", U"kㅍ", U"k파", U"k팝"}, {U"ㅍ"}},
      {U"", {U""}, {U"ㄱ"}},
  };
  for (const auto& c : cases) {
    for (const auto& typed : c.matches) EXPECT_TRUE(MatchesTyped(c.text, typed)) << Utf8(typed);
    for (const auto& typed : c.others) EXPECT_FALSE(MatchesTyped(c.text, typed)) << Utf8(typed);
  }
}

// ---- A keyboard, as the naive model.

const std::map<char32_t, std::u32string>& KeysOfLetter() {
  static const std::map<char32_t, std::u32string> keys = {
      {U'ㄳ', U"ㄱㅅ"}, {U'ㄵ', U"ㄴㅈ"}, {U'ㄶ', U"ㄴㅎ"}, {U'ㄺ', U"ㄹㄱ"}, {U'ㄻ', U"ㄹㅁ"},
      {U'ㄼ', U"ㄹㅂ"}, {U'ㄽ', U"ㄹㅅ"}, {U'ㄾ', U"ㄹㅌ"}, {U'ㄿ', U"ㄹㅍ"}, {U'ㅀ', U"ㄹㅎ"},
      {U'ㅄ', U"ㅂㅅ"}, {U'ㅘ', U"ㅗㅏ"}, {U'ㅙ', U"ㅗㅐ"}, {U'ㅚ', U"ㅗㅣ"}, {U'ㅝ', U"ㅜㅓ"},
      {U'ㅞ', U"ㅜㅔ"}, {U'ㅟ', U"ㅜㅣ"}, {U'ㅢ', U"ㅡㅣ"}};
  return keys;
}

std::u32string KeysOf(char32_t letter) {
  const auto found = KeysOfLetter().find(letter);
  return found == KeysOfLetter().end() ? std::u32string{letter} : found->second;
}

char32_t LetterOfKeys(char32_t first, char32_t second) {
  for (const auto& [letter, keys] : KeysOfLetter()) {
    if (keys == std::u32string{first, second}) return letter;
  }
  return 0;
}

constexpr std::u32string_view kInitialLetters = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
constexpr std::u32string_view kFinalsInOrder =
    U"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

std::u32string KeysOfText(std::u32string_view text) {
  std::u32string keys;
  for (const char32_t c : text) {
    const Syllable syllable = *DecomposeSyllable(c);
    keys += kInitialLetters[static_cast<size_t>(syllable.initial)];
    keys += KeysOf(U'ㅏ' + static_cast<char32_t>(syllable.vowel));
    if (syllable.final > 0) keys += KeysOf(kFinalsInOrder[static_cast<size_t>(syllable.final - 1)]);
  }
  return keys;
}

// What a keyboard of the common layout shows after these keys. The keys are
// those of syllables, so every vowel has an initial.
std::u32string Shown(std::u32string_view keys) {
  struct Block {
    char32_t initial = 0, vowel = 0, final = 0;
  };
  std::vector<Block> blocks;
  for (const char32_t key : keys) {
    if (!VowelOfLetter(key)) {
      Block* const last = blocks.empty() ? nullptr : &blocks.back();
      const bool open = last != nullptr && last->vowel != 0;
      if (open && last->final == 0 && FinalOfLetter(key)) {
        last->final = key;
      } else if (open && last->final != 0 && LetterOfKeys(last->final, key) != 0) {
        last->final = LetterOfKeys(last->final, key);
      } else {
        blocks.push_back({.initial = key});
      }
      continue;
    }
    Block& last = blocks.back();
    if (last.vowel == 0) {
      last.vowel = key;
    } else if (last.final == 0) {
      last.vowel = LetterOfKeys(last.vowel, key);
    } else {
      // The final, or its second half, moves on.
      const std::u32string halves = KeysOf(last.final);
      last.final = halves.size() == 2 ? halves[0] : 0;
      blocks.push_back({.initial = halves.back(), .vowel = key});
    }
  }
  std::u32string shown;
  for (const Block& b : blocks) {
    if (b.vowel == 0) {
      shown.push_back(b.initial);
      continue;
    }
    shown.push_back(ComposeSyllable({.initial = *InitialOfLetter(b.initial),
                                     .vowel = *VowelOfLetter(b.vowel),
                                     .final = b.final == 0 ? 0 : *FinalOfLetter(b.final)}));
  }
  return shown;
}

std::u32string RandomWord(std::mt19937_64& random) {
  // Few of each part, so that two words often agree in the beginning.
  const std::u32string syllables = U"가각갑값갂고과괘곡굿구궤그긔사사삿살삶바방박밖밟까싸";
  std::u32string word;
  for (uint64_t n = 1 + random() % 3; n > 0; --n) word += syllables[random() % syllables.size()];
  return word;
}

TEST(HangulTest, MatchesExactlyWhatAKeyboardShowsOnTheWay) {
  for (const uint64_t seed : Seeds({1, 2, 3})) {
    SCOPED_TRACE(RepeatWith(kTarget, seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 1'000; ++i) {
      const std::u32string text = RandomWord(random);
      const std::u32string other_keys = KeysOfText(RandomWord(random));
      const std::u32string keys = KeysOfText(text);
      std::vector<std::u32string> on_the_way;
      for (size_t n = 1; n <= keys.size(); ++n) on_the_way.push_back(Shown(keys.substr(0, n)));
      ASSERT_EQ(on_the_way.back(), text);
      for (const std::u32string& typed : on_the_way) {
        ASSERT_TRUE(MatchesTyped(text, typed)) << Utf8(text) << " " << Utf8(typed);
      }
      for (size_t n = 1; n <= other_keys.size(); ++n) {
        const std::u32string typed = Shown(other_keys.substr(0, n));
        // A last letter alone stands for any syllable, which a keyboard shows
        // for the first key of one only when the syllable before is whole.
        const bool whole = IsSyllable(typed.back());
        const bool expected =
            std::find(on_the_way.begin(), on_the_way.end(), typed) != on_the_way.end();
        if (whole || expected) {
          ASSERT_EQ(MatchesTyped(text, typed), expected) << Utf8(text) << " " << Utf8(typed);
        }
      }
    }
  }
}

TEST(HangulTest, TheRangeOfTheLastTypedHasEveryMatch) {
  const std::u32string typed_ones = U"ㄱㅎㅏ가고과구궈그갑값곶a1";
  for (const char32_t typed : typed_ones) {
    const CodePointRange range = RangeOfTyped(typed);
    for (char32_t c = kFirstSyllable; c <= kLastSyllable; ++c) {
      for (const char32_t next : {U'\0', U'바', U'사', U'자', U'가'}) {
        const std::u32string text = next == 0 ? std::u32string{c} : std::u32string{c, next};
        if (c == typed) continue;
        if (MatchesTyped(text, {&typed, 1})) {
          ASSERT_TRUE(c >= range.first && c <= range.last) << Utf8(text) << Utf8({&typed, 1});
        }
      }
    }
  }
  EXPECT_EQ(RangeOfTyped(U'ㄱ'), (CodePointRange{U'가', U'깋'}));
  EXPECT_EQ(RangeOfTyped(U'기'), (CodePointRange{U'기', U'깋'}));
  EXPECT_EQ(RangeOfTyped(U'고'), (CodePointRange{U'고', U'괴' + kFinals - 1}));
  EXPECT_EQ(RangeOfTyped(U'갑'), (CodePointRange{U'가', U'갛'}));
  EXPECT_EQ(RangeOfTyped(U'a'), (CodePointRange{U'a', U'a'}));
}

}  // namespace
}  // namespace dailyfeed::search
