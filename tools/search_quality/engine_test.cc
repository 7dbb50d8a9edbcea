#include "tools/search_quality/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace dailyfeed::search_quality {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Ids = std::vector<JudgedId>;

Judgements Posts() {
  return {.posts = {
              {1, "kim", "2026-03-01", "김치찌개와 커피"},
              {2, "lee", "2026-03-02", "김치 그리고 찌개"},
              {3, "kim", "2026-03-03", "100% \"sure\" \\o/ a_b"},
              {4, "lee", "2026-03-04", "1000 SURE axb"},
              {5, "lee", "2026-03-05", "커피 볶기, 김치 찌개"},
          }};
}

JudgedQuery Keyword(std::string_view typed) {
  return {.kind = QueryKind::kKeyword, .query = std::string(typed)};
}
JudgedQuery Q(std::string_view typed) {
  return {.kind = QueryKind::kQ, .query = std::string(typed)};
}

// What each peer must do, each with its own kind of index. An engine that is
// not installed is skipped.
class PeerTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto opened = Open();
    if (absl::IsNotFound(opened.status())) GTEST_SKIP() << opened.status();
    ASSERT_TRUE(opened.ok()) << opened.status();
    engine_ = *std::move(opened);
  }

  Ids Ask(const JudgedQuery& query) {
    auto answer = engine_->Ask(query);
    EXPECT_TRUE(answer.ok()) << query.query << ": " << answer.status();
    return answer.ok() ? *answer : Ids();
  }

 private:
  absl::StatusOr<std::unique_ptr<Engine>> Open() {
    if (GetParam() == "scan") return OpenScan(Posts());
    if (GetParam() == "sqlite") return OpenSqlite(Posts().posts);
    std::string directory = testing::TempDir() + "/groongaXXXXXX";
    if (mkdtemp(directory.data()) == nullptr) return absl::InternalError("no directory");
    return OpenGroonga(Posts().posts, GroongaSettings()[0], directory);
  }

  std::unique_ptr<Engine> engine_;
};

TEST_P(PeerTest, FindsTermsOfEveryLength) {
  EXPECT_THAT(Ask(Keyword("커피")), UnorderedElementsAre(1, 5));
  EXPECT_THAT(Ask(Keyword("김치찌개")), ElementsAre(1));
  EXPECT_THAT(Ask(Keyword("sure")), UnorderedElementsAre(3, 4));
  EXPECT_THAT(Ask(Keyword("없는말")), IsEmpty());
}

TEST_P(PeerTest, EveryTermMustOccur) {
  EXPECT_THAT(Ask(Keyword("커피 김치")), UnorderedElementsAre(1, 5));
  EXPECT_THAT(Ask(Keyword("커피 sure")), IsEmpty());
}

TEST_P(PeerTest, SignsHaveNoMeaning) {
  EXPECT_THAT(Ask(Keyword("100%")), ElementsAre(3));
  EXPECT_THAT(Ask(Keyword("\"sure\"")), ElementsAre(3));
  EXPECT_THAT(Ask(Keyword("a_b")), ElementsAre(3));
  EXPECT_THAT(Ask(Keyword("\\o/")), ElementsAre(3));
  EXPECT_THAT(Ask(Keyword("없는말 OR 커피")), IsEmpty());
}

TEST_P(PeerTest, ExcludesAndFilters) {
  EXPECT_THAT(Ask(Q("김치 -볶기")), UnorderedElementsAre(1, 2));
  EXPECT_THAT(Ask(Q("김치 -찌개")), IsEmpty());
  EXPECT_THAT(Ask(Q("from:lee 커피")), ElementsAre(5));
  EXPECT_THAT(Ask(Q("김치 since:2026-03-02")), UnorderedElementsAre(2, 5));
  EXPECT_THAT(Ask(Q("김치 until:2026-03-02")), UnorderedElementsAre(1, 2));
}

INSTANTIATE_TEST_SUITE_P(Peers, PeerTest, testing::Values("scan", "sqlite", "groonga"),
                         [](const auto& info) { return info.param; });

// What bench search asks: how many there are, and a page of them.
TEST(FirstHitsTest, CountsMoreThanItNames) {
  std::string directory = testing::TempDir() + "/groongaXXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  std::vector<absl::StatusOr<std::unique_ptr<Peer>>> peers;
  peers.push_back(OpenSqlite(Posts().posts));
  peers.push_back(OpenGroonga(Posts().posts, GroongaSettings()[0], directory));
  int asked = 0;
  // One that is not installed hides no other.
  for (const auto& opened : peers) {
    if (absl::IsNotFound(opened.status())) continue;
    ++asked;
    ASSERT_TRUE(opened.ok()) << opened.status();
    for (const auto& [typed, total, named] :
         {std::tuple("김치", 3u, 2u), std::tuple("없는말", 0u, 0u)}) {
      const auto hits = (*opened)->AskFirst(Keyword(typed), 2);
      ASSERT_TRUE(hits.ok()) << hits.status();
      EXPECT_EQ(hits->total, total) << (*opened)->name() << typed;
      EXPECT_EQ(hits->ids.size(), named) << (*opened)->name() << typed;
    }
  }
  if (asked == 0) GTEST_SKIP() << "no peer is installed";
}

// Groonga keeps answers by the text of the command, whatever the database.
TEST(GroongaTest, TwoInOneProcessDoNotAnswerForEachOther) {
  Judgements others = Posts();
  others.posts.erase(others.posts.begin());
  std::vector<std::unique_ptr<Engine>> engines;
  for (const Judgements& judgements : {Posts(), others}) {
    std::string directory = testing::TempDir() + "/groongaXXXXXX";
    ASSERT_NE(mkdtemp(directory.data()), nullptr);
    auto opened = OpenGroonga(judgements.posts, GroongaSettings()[0], directory);
    if (absl::IsNotFound(opened.status())) GTEST_SKIP() << opened.status();
    ASSERT_TRUE(opened.ok()) << opened.status();
    engines.push_back(*std::move(opened));
  }
  EXPECT_THAT(engines[0]->Ask(Keyword("커피")).value(), UnorderedElementsAre(1, 5));
  EXPECT_THAT(engines[1]->Ask(Keyword("커피")).value(), UnorderedElementsAre(5));
}

// Ours, over a directory: not a peer, and held to the contract here too.
TEST(DailyfeedTest, FindsWhatTheScanFinds) {
  std::string directory = testing::TempDir() + "/dailyfeedXXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  auto engine = OpenDailyfeed(Posts(), directory);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_FALSE((*engine)->is_peer());
  const auto scan = OpenScan(Posts());
  for (const char* const typed :
       {"커피", "김치찌개", "찌", "100%", "커피 김치", "sure", "없는말"}) {
    EXPECT_THAT((*engine)->Ask(Keyword(typed)).value(),
                testing::UnorderedElementsAreArray(scan->Ask(Keyword(typed)).value()))
        << typed;
  }
  EXPECT_THAT((*engine)->Ask(Q("김치 since:2026-03-02 until:2026-03-02")).value(), ElementsAre(2));
  EXPECT_THAT((*engine)->Ask(Q("from:lee 커피")).value(), ElementsAre(5));
}

TEST(ScanTest, NewestFirst) {
  EXPECT_THAT(OpenScan(Posts())->Ask(Keyword("김치")).value(), ElementsAre(5, 2, 1));
}

TEST(ScanTest, FoldsBothSides) {
  EXPECT_THAT(OpenScan(Posts())->Ask(Keyword("Axb")).value(), ElementsAre(4));
  // The same word in conjoining letters.
  EXPECT_THAT(OpenScan(Posts())->Ask(Keyword("\u110F\u1165\u1111\u1175")).value(),
              ElementsAre(5, 1));
}

}  // namespace
}  // namespace dailyfeed::search_quality
