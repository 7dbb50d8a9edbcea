#include "tools/search_quality/judgements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace dailyfeed::search_quality {
namespace {

using testing::HasSubstr;

constexpr char kPost[] = R"({"id":1,"author":"kim","day":"2026-03-01","text":"\u1100\u1161"})";
constexpr char kQuery[] = R"({"id":"q01","kind":"q","query":"a","need":"A.","grades":{"1":3}})";

TEST(JudgementsTest, ReadsBothFiles) {
  const auto judgements = ParseJudgements(std::string(kPost) + "\n", kQuery);
  ASSERT_TRUE(judgements.ok()) << judgements.status();
  ASSERT_EQ(judgements->posts.size(), 1u);
  EXPECT_EQ(judgements->posts[0].author, "kim");
  EXPECT_EQ(judgements->posts[0].day, "2026-03-01");
  EXPECT_EQ(judgements->posts[0].text, "\u1100\u1161");  // not composed
  ASSERT_EQ(judgements->queries.size(), 1u);
  EXPECT_EQ(judgements->queries[0].kind, QueryKind::kQ);
  EXPECT_EQ(judgements->queries[0].grades, (Grades{{1, 3}}));
}

TEST(JudgementsTest, NamesTheLineThatMakesNoSense) {
  const struct {
    std::string posts, queries, message;
  } kCases[] = {
      {"{", "", "posts, line 1: no JSON object"},
      {"[]", "", "posts, line 1: no JSON object"},
      {R"({"id":2})", "", "posts, line 1: the id must be 1"},
      {R"({"id":"1"})", "", "posts, line 1: the id must be 1"},
      {R"({"id":1,"author":3})", "", "posts, line 1: no text \"author\""},
      {std::string(kPost) + "\n" + kPost, "", "posts, line 2: the id must be 2"},
      {kPost, R"({"id":"k01","query":"a","kind":"x"})", "queries, line 1: unknown kind \"x\""},
      {kPost, R"({"id":"k01","query":"a","kind":"q"})", "queries, line 1: no object \"grades\""},
      {kPost, R"({"id":"k01","query":"a","kind":"q","grades":{"2":3}})", "no post has the id 2"},
      {kPost, R"({"id":"k01","query":"a","kind":"q","grades":{"x":3}})", "no post has the id x"},
      {kPost, R"({"id":"k01","query":"a","kind":"q","grades":{"1":4}})", "not 1, 2 or 3"},
      {kPost, R"({"id":"k01","query":"a","kind":"q","grades":{"1":"3"}})", "not 1, 2 or 3"},
  };
  for (const auto& test : kCases) {
    const auto judgements = ParseJudgements(test.posts, test.queries);
    EXPECT_EQ(judgements.status().code(), absl::StatusCode::kInvalidArgument) << test.message;
    EXPECT_THAT(judgements.status().message(), HasSubstr(test.message));
  }
}

TEST(JudgementsTest, TheStoredOnesAreThere) {
  const auto judgements = StoredJudgements();
  ASSERT_TRUE(judgements.ok()) << judgements.status();
  EXPECT_GE(judgements->posts.size(), 300u);
  EXPECT_GE(judgements->queries.size(), 80u);
}

}  // namespace
}  // namespace dailyfeed::search_quality
