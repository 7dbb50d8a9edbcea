#include "projections/search/text/search_query.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

using Texts = std::vector<std::u32string>;
using Kind = QueryPart::Kind;
using Problem = QueryProblem::Kind;

QueryPart Word(std::u32string_view text) {
  return {.kind = Kind::kWord, .text = std::u32string(text)};
}
QueryPart Phrase(std::u32string_view text) {
  return {.kind = Kind::kPhrase, .text = std::u32string(text)};
}
QueryPart Tag(std::u32string_view text) {
  return {.kind = Kind::kTag, .text = std::u32string(text)};
}
QueryPart Mention(std::string_view handle) {
  return {.kind = Kind::kMention, .handle = std::string(handle)};
}
QueryPart From(std::string_view handle) {
  return {.kind = Kind::kFrom, .handle = std::string(handle)};
}
QueryPart Since(int year, int month, int day) {
  return {.kind = Kind::kSince, .day = absl::CivilDay(year, month, day)};
}
QueryPart Until(int year, int month, int day) {
  return {.kind = Kind::kUntil, .day = absl::CivilDay(year, month, day)};
}
QueryPart Not(QueryPart part) {
  part.excluded = true;
  return part;
}

// A part in words, for messages.
std::string Show(const QueryPart& part) {
  return std::to_string(static_cast<int>(part.kind)) + (part.excluded ? "-" : "+") +
         Utf8(part.text) + part.handle + absl::FormatCivilTime(part.day);
}

std::string Show(const std::vector<QueryPart>& parts) {
  std::string shown;
  for (const QueryPart& part : parts) shown += "[" + Show(part) + "]";
  return shown;
}

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

TEST(ParseKeywordTest, TheProblemSaysWhy) {
  EXPECT_EQ(QueryProblemOf(ParseKeyword(" ").status())->kind, Problem::kBlank);
  EXPECT_EQ(QueryProblemOf(ParseKeyword(std::string(201, 'a')).status())->kind, Problem::kTooLong);
  EXPECT_EQ(QueryProblemOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(QueryProblemOf(absl::InvalidArgumentError("of another")), std::nullopt);
}

TEST(ParseQueryTest, Parts) {
  const struct {
    const char* q;
    std::vector<QueryPart> parts;
  } cases[] = {
      {"김치", {Word(U"김치")}},
      {"  김치\u3000Stew\n", {Word(U"김치"), Word(U"stew")}},
      {"김치 -커피", {Word(U"김치"), Not(Word(U"커피"))}},
      {"a a", {Word(U"a"), Word(U"a")}},

      // Phrases.
      {"\"김치찌개와 커피\"", {Phrase(U"김치찌개와 커피")}},
      {"\"a \t\n B\"", {Phrase(U"a b")}},
      {"\" art \"", {Phrase(U" art ")}},
      {"-\"a b\" c", {Not(Phrase(U"a b")), Word(U"c")}},
      {"\"a\"b", {Phrase(U"a"), Word(U"b")}},
      {"\"a\"\"b\"", {Phrase(U"a"), Phrase(U"b")}},
      {"“a b” 5\"", {Phrase(U"a b"), Word(U"5\"")}},
      {"＂a b＂", {Phrase(U"a b")}},
      {"\"from:kim -x #y\"", {Phrase(U"from:kim -x #y")}},
      {"a\"b", {Word(U"a\"b")}},

      // Tags and mentions.
      {"#점심 #Lunch_7", {Tag(U"점심"), Tag(U"lunch_7")}},
      {"＃점심 -#저녁", {Tag(U"점심"), Not(Tag(U"저녁"))}},
      {"# #! #a#b c#", {Word(U"#"), Word(U"#!"), Word(U"#a#b"), Word(U"c#")}},
      {"#️⃣", {Word(U"#\u20E3")}},
      {"@Kim_7 -@lee", {Mention("kim_7"), Not(Mention("lee"))}},
      {"＠ＫＩＭ", {Mention("kim")}},
      {"@ @ab @김철수 a@kim", {Word(U"@"), Word(U"@ab"), Word(U"@김철수"), Word(U"a@kim")}},

      // Names.
      {"from:Kim from:@lee -from:park", {From("kim"), From("lee"), Not(From("park"))}},
      {"From:kim ＦＲＯＭ：kim", {From("kim"), From("kim")}},
      {"since:2026-03-01 until:2026-03-31", {Since(2026, 3, 1), Until(2026, 3, 31)}},
      {"-since:2024-02-29 a", {Not(Since(2024, 2, 29)), Word(U"a")}},
      {"Until:0001-01-01", {Until(1, 1, 1)}},

      // What looks like a name and is none.
      {"http://a.b/c 12:30", {Word(U"http://a.b/c"), Word(U"12:30")}},
      {"std::move Re:you 시간:3 :) a-b:c",
       {Word(U"std::move"), Word(U"re:you"), Word(U"시간:3"), Word(U":)"), Word(U"a-b:c")}},

      // What looks like an exclusion and is none.
      {"- a-b --c", {Word(U"-"), Word(U"a-b"), Not(Word(U"-c"))}},
      {"a -", {Word(U"a"), Word(U"-")}},

      // Loose.
      {"ＡＢＣ ｶﾞｽ 👍🏽 \u1112\u1161",
       {Word(U"abc"), Word(U"ガス"), Word(U"👍"), Word(U"하")}},

      // Each kind alone will do.
      {"from:kim", {From("kim")}},
      {"since:2026-01-01", {Since(2026, 1, 1)}},
      {"-a from:kim", {Not(Word(U"a")), From("kim")}},
  };
  for (const auto& c : cases) {
    const auto query = ParseQuery(c.q);
    ASSERT_TRUE(query.ok()) << c.q << ": " << query.status();
    EXPECT_EQ(query->parts, c.parts) << c.q << ": " << Show(query->parts);
  }
}

TEST(ParseQueryTest, Problems) {
  const struct {
    const char* q;
    Problem kind;
    size_t part;
    const char* text;
  } cases[] = {
      {"", Problem::kBlank, 0, ""},
      {" \u3000\t", Problem::kBlank, 0, ""},
      {"-a", Problem::kNothingPositive, 0, ""},
      {"-a -\"b c\" -#d -from:kim", Problem::kNothingPositive, 0, ""},
      {"a \"b c", Problem::kOpenQuote, 2, "\"b c"},
      {"\"", Problem::kOpenQuote, 1, "\""},
      {"a -\"", Problem::kOpenQuote, 2, "-\""},
      {"a \"\" b", Problem::kEmptyPart, 2, "\"\""},
      {"\" \u3000 \"", Problem::kEmptyPart, 1, "\" \u3000 \""},
      {"a \uFE0F", Problem::kEmptyPart, 2, "\uFE0F"},
      {"a name:kim", Problem::kUnknownName, 2, "name:kim"},
      {"-is:open a", Problem::kUnknownName, 1, "-is:open"},
      {"x:", Problem::kUnknownName, 1, "x:"},
      {"x:)", Problem::kUnknownName, 1, "x:)"},
      {"from:", Problem::kBadHandle, 1, "from:"},
      {"from:@", Problem::kBadHandle, 1, "from:@"},
      {"from:김철수", Problem::kBadHandle, 1, "from:김철수"},
      {"from:kim!", Problem::kBadHandle, 1, "from:kim!"},
      {"from:\"kim\"", Problem::kBadHandle, 1, "from:\"kim\""},
      {"since:", Problem::kBadDay, 1, "since:"},
      {"a since:today", Problem::kBadDay, 2, "since:today"},
      {"until:2026-02-29", Problem::kBadDay, 1, "until:2026-02-29"},
      {"until:2026-13-01", Problem::kBadDay, 1, "until:2026-13-01"},
      {"until:2026-00-10", Problem::kBadDay, 1, "until:2026-00-10"},
      {"until:2026-3-1", Problem::kBadDay, 1, "until:2026-3-1"},
      {"until:26-03-01", Problem::kBadDay, 1, "until:26-03-01"},
      {"until:2026/03/01", Problem::kBadDay, 1, "until:2026/03/01"},
      {"until:2026-03-01T00", Problem::kBadDay, 1, "until:2026-03-01T00"},
  };
  for (const auto& c : cases) {
    const absl::Status status = ParseQuery(c.q).status();
    ASSERT_TRUE(absl::IsInvalidArgument(status)) << c.q;
    const std::optional<QueryProblem> problem = QueryProblemOf(status);
    ASSERT_TRUE(problem.has_value()) << c.q;
    EXPECT_EQ(problem->kind, c.kind) << c.q << ": " << status;
    EXPECT_EQ(problem->part, c.part) << c.q;
    EXPECT_EQ(problem->text, c.text) << c.q;
    if (c.part > 0) {
      const std::string where = "part " + std::to_string(c.part) + " (" + c.text + ")";
      EXPECT_NE(status.message().find(where), std::string::npos) << status;
    }
  }
}

TEST(ParseQueryTest, AtMostSoManyUnitsAndParts) {
  EXPECT_TRUE(ParseQuery(std::string(500, 'a')).ok());
  EXPECT_EQ(QueryProblemOf(ParseQuery(std::string(501, 'a')).status())->kind, Problem::kTooLong);
  std::string parts;
  for (int i = 0; i < 32; ++i) parts += i % 2 == 0 ? "a " : "-b ";
  ASSERT_TRUE(ParseQuery(parts).ok());
  EXPECT_EQ(ParseQuery(parts)->parts.size(), 32u);
  const auto problem = QueryProblemOf(ParseQuery(parts + "c d").status());
  EXPECT_EQ(problem->kind, Problem::kTooManyParts);
  EXPECT_EQ(problem->part, 33u);
  EXPECT_EQ(problem->text, "c");
}

TEST(ParseQueryTest, ALongPartIsNamedByItsBeginning) {
  const auto problem = QueryProblemOf(ParseQuery("\"" + std::string(90, 'a')).status());
  EXPECT_EQ(problem->text, "\"" + std::string(39, 'a'));
}

// What is said of a query must hold for every query.
TEST(ParseQueryTest, RandomQueries) {
  const std::u32string signs = U"\"\"--##@@::  from:since:2026-01-01aB가\u1100\u1161\uFE0F／＂😀“";
  for (const uint64_t seed : Seeds({1, 2, 3})) {
    SCOPED_TRACE(RepeatWith("//projections/search/text:search_query_test", seed));
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20'000; ++i) {
      std::string q;
      for (uint64_t n = random() % 20; n > 0; --n) {
        const char32_t c =
            random() % 8 == 0 ? RandomCodePoint(random) : signs[random() % signs.size()];
        AppendUtf8(c, &q);
      }
      const auto query = ParseQuery(q);
      // The same in another canonical form.
      const auto decomposed = ParseQuery(Nfd(q));
      ASSERT_EQ(query.ok(), decomposed.ok()) << q;
      if (!query.ok()) {
        ASSERT_TRUE(QueryProblemOf(query.status()).has_value()) << q;
        continue;
      }
      ASSERT_EQ(query->parts, decomposed->parts) << q;
      ASSERT_LE(query->parts.size(), kQueryPartsMax);
      bool positive = false;
      for (const QueryPart& part : query->parts) {
        positive |= !part.excluded;
        const std::string text = Utf8(part.text);
        ASSERT_EQ(Loosen(Fold(text)), text) << q;
        const bool is_text =
            part.kind == Kind::kWord || part.kind == Kind::kPhrase || part.kind == Kind::kTag;
        ASSERT_EQ(part.text.empty(), !is_text) << q;
        if (part.kind != Kind::kPhrase) {
          ASSERT_FALSE(ContainsWhiteSpace(text)) << q;
        }
      }
      ASSERT_TRUE(positive) << q;
    }
  }
}

}  // namespace
}  // namespace dailyfeed::search
