#include "projections/search/suggestions/typed_prefix.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

bool Matches(std::string_view q, std::u32string_view text) {
  return TypedPrefix::Parse(q).value().Matches(text);
}

TEST(TypedPrefixTest, WhatIsTypedIsLoose) {
  EXPECT_TRUE(Matches(" Ｋim\u3000 M", U"kim minji"));
  EXPECT_TRUE(Matches("\u1100\u1175", U"김치"));
  EXPECT_TRUE(Matches("김ㅊ", U"김치찌개"));
  EXPECT_TRUE(Matches("ㄱㅊ", U"김치"));
  EXPECT_TRUE(Matches("ㄳ", U"감사")) << "keyboards make one letter of ㄱㅅ";
  EXPECT_FALSE(Matches("치", U"김치"));
  EXPECT_FALSE(Matches("im", U"kim"));
}

TEST(TypedPrefixTest, AMarkInFrontSaysWhatIsMeant) {
  using Of = TypedPrefix::Of;
  EXPECT_EQ(TypedPrefix::Parse("점심").value().of(), Of::kAnything);
  EXPECT_EQ(TypedPrefix::Parse("#점심").value().of(), Of::kTags);
  EXPECT_EQ(TypedPrefix::Parse(" ＠kim").value().of(), Of::kMembers);
  EXPECT_TRUE(Matches("#점", U"점심"));
  EXPECT_TRUE(Matches("@Kim", U"kim_7"));
  EXPECT_TRUE(Matches("#", U"anything"));
  EXPECT_EQ(TypedPrefix::Parse("#").value().ranges().size(), 1u);
}

TEST(TypedPrefixTest, BlankAndTooLongIsRefused) {
  for (const char* q : {"", " \u3000", "\uFE0F"}) {
    const std::vector<Violation> violations = ViolationsOf(TypedPrefix::Parse(q).status());
    ASSERT_EQ(violations.size(), 1u);
    EXPECT_EQ(violations[0].field, "q");
    EXPECT_EQ(violations[0].rule, Violation::Rule::kBlank);
  }
  EXPECT_TRUE(TypedPrefix::Parse(std::string(200, 'x')).ok());
  const absl::Status status = TypedPrefix::Parse(std::string(201, 'x')).status();
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kInvalidRequest);
  EXPECT_EQ(ViolationsOf(status).at(0).rule, Violation::Rule::kTooLong);
}

// Whatever is typed and whatever matches: it lies in the ranges, and so does its
// first code point.
TEST(TypedPrefixTest, EverythingThatMatchesIsInTheRanges) {
  const std::u32string alphabet = U"가각갂갃갸고과괘괴관기김깋나닭달ㄱㄲㄳㄴㅏㅎa1_ ";
  std::mt19937_64 random(7);
  const auto any_text = [&](size_t longest) {
    std::u32string text;
    for (size_t i = random() % longest + 1; i > 0; --i)
      text += alphabet[random() % alphabet.size()];
    return text;
  };
  size_t matches = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::u32string typed = any_text(3);
    const auto prefix = TypedPrefix::Parse(Utf8(typed));
    if (!prefix.ok()) continue;
    for (size_t j = 1; j < prefix->ranges().size(); ++j) {
      ASSERT_LE(prefix->ranges()[j - 1].upper, prefix->ranges()[j].lower);
    }
    const std::u32string text = any_text(4);
    if (!prefix->Matches(text)) continue;
    ++matches;
    const std::string utf8 = Utf8(text);
    const bool in_ranges = std::any_of(
        prefix->ranges().begin(), prefix->ranges().end(), [&](const TypedPrefix::Range& range) {
          return range.lower <= utf8 && (range.upper.empty() || utf8 < range.upper);
        });
    EXPECT_TRUE(in_ranges) << Utf8(typed) << " for " << utf8;
    const bool in_heads = std::any_of(prefix->heads().begin(), prefix->heads().end(),
                                      [&](const CodePointRange& range) {
                                        return range.first <= text[0] && text[0] <= range.last;
                                      });
    EXPECT_TRUE(in_heads) << Utf8(typed) << " for " << utf8;
  }
  EXPECT_GT(matches, 1000u);
}

}  // namespace
}  // namespace dailyfeed::search
