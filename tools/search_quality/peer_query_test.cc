#include "tools/search_quality/peer_query.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "projections/search/text/search_query.h"

namespace dailyfeed::search_quality {
namespace {

using Texts = std::vector<std::string>;

PeerQuery Q(std::string_view typed) {
  return PeerQueryOf({.kind = QueryKind::kQ, .query = std::string(typed)});
}

TEST(PeerQueryTest, AKeywordIsTermsAndTheWhole) {
  const PeerQuery one = PeerQueryOf({.kind = QueryKind::kKeyword, .query = "-c++"});
  EXPECT_EQ(one.required, Texts({"-c++"}));
  EXPECT_EQ(one.whole, "");
  const PeerQuery two = PeerQueryOf({.kind = QueryKind::kKeyword, .query = "from:a  \"b"});
  EXPECT_EQ(two.required, Texts({"from:a", "\"b"}));
  EXPECT_EQ(two.whole, "from:a \"b");
}

TEST(PeerQueryTest, AQIsParts) {
  const PeerQuery query = Q("  a -b \"c d\" from:kim since:2026-03-01 until:2026-03-31 #e ");
  EXPECT_EQ(query.required, Texts({"a", "c d", "#e"}));
  EXPECT_EQ(query.excluded, Texts({"b"}));
  EXPECT_EQ(query.author, "kim");
  EXPECT_EQ(query.since, "2026-03-01");
  EXPECT_EQ(query.until, "2026-03-31");
  EXPECT_EQ(query.whole, "");
  EXPECT_TRUE(Q("  ").required.empty());
}

// The peers are asked for as many parts as ours.
TEST(PeerQueryTest, AgreesWithTheParserOnEveryStoredQuery) {
  const auto judgements = StoredJudgements();
  ASSERT_TRUE(judgements.ok()) << judgements.status();
  for (const JudgedQuery& query : judgements->queries) {
    if (query.kind != QueryKind::kQ) continue;
    const auto ours = search::ParseQuery(query.query);
    ASSERT_TRUE(ours.ok()) << query.query << ": " << ours.status();
    size_t excluded = 0, days = 0, authors = 0;
    for (const search::QueryPart& part : ours->parts) {
      excluded += part.excluded ? 1 : 0;
      authors += part.kind == search::QueryPart::Kind::kFrom ? 1 : 0;
      days += part.kind == search::QueryPart::Kind::kSince ||
                      part.kind == search::QueryPart::Kind::kUntil
                  ? 1
                  : 0;
    }
    const PeerQuery theirs = PeerQueryOf(query);
    EXPECT_EQ(theirs.excluded.size(), excluded) << query.query;
    EXPECT_EQ(theirs.author.empty() ? 0u : 1u, authors) << query.query;
    EXPECT_EQ((theirs.since.empty() ? 0u : 1u) + (theirs.until.empty() ? 0u : 1u), days)
        << query.query;
    EXPECT_EQ(theirs.required.size(), ours->parts.size() - excluded - authors - days)
        << query.query;
  }
}

TEST(PeerQueryTest, EveryStoredKeywordIsOne) {
  const auto judgements = StoredJudgements();
  ASSERT_TRUE(judgements.ok()) << judgements.status();
  for (const JudgedQuery& query : judgements->queries) {
    if (query.kind != QueryKind::kKeyword) continue;
    EXPECT_TRUE(search::ParseKeyword(query.query).ok()) << query.query;
  }
}

}  // namespace
}  // namespace dailyfeed::search_quality
