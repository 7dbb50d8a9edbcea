#include "projections/search/text/search_query.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace dailyfeed::search {
namespace {

using Texts = std::vector<std::u32string>;

TEST(ParseKeywordTest, TermsAndPhrase) {
  const auto keyword = ParseKeyword("  김치  Stew\u3000김치 ");
  ASSERT_TRUE(keyword.ok());
  EXPECT_EQ(keyword->terms, (Texts{U"김치", U"stew"}));
  EXPECT_EQ(keyword->phrase, U"김치 stew 김치");
}

TEST(ParseKeywordTest, NoCharacterHasAMeaning) {
  for (const char32_t c : std::u32string_view(U"*.([%\\\"#@-:?+'_\U0001F600")) {
    const std::u32string text = {c};
    std::string utf8 = c < 0x80 ? std::string(1, static_cast<char>(c)) : "😀";
    const auto keyword = ParseKeyword(utf8);
    ASSERT_TRUE(keyword.ok()) << utf8;
    EXPECT_EQ(keyword->terms, Texts{text});
    EXPECT_EQ(keyword->phrase, text);
  }
}

TEST(ParseKeywordTest, IsFoldedAndNotLoosened) {
  EXPECT_EQ(ParseKeyword("Ａ①")->phrase, U"ａ①");
  EXPECT_EQ(ParseKeyword("\u1112\u1161E\u0301")->phrase, U"하é");
}

TEST(ParseKeywordTest, BlankAndLongAreRefused) {
  for (const char* blank : {"", " ", "\t\n\u3000"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseKeyword(blank).status())) << blank;
  }
  std::string pairs;
  for (int i = 0; i < 100; ++i) pairs += "😀";
  EXPECT_TRUE(ParseKeyword(pairs).ok());
  EXPECT_TRUE(ParseKeyword(std::string(200, 'a')).ok());
  const absl::Status longer = ParseKeyword(pairs + "a").status();
  EXPECT_TRUE(absl::IsInvalidArgument(longer));
  EXPECT_NE(longer.message().find("200"), std::string::npos);
}

}  // namespace
}  // namespace dailyfeed::search
