#include "tools/search_quality/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace dailyfeed::search_quality {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr double kTolerance = 1e-6;
constexpr double kLog2Of3 = 1.5849625;

// Answers what it was told to.
class ToldEngine final : public Engine {
 public:
  ToldEngine(std::string name, bool is_peer, std::map<std::string, std::vector<JudgedId>> answers)
      : name_(std::move(name)), is_peer_(is_peer), answers_(std::move(answers)) {}

  std::string_view name() const override { return name_; }
  bool is_peer() const override { return is_peer_; }
  absl::StatusOr<std::vector<JudgedId>> Ask(const JudgedQuery& query) override {
    const auto found = answers_.find(query.id);
    if (found == answers_.end()) return absl::InternalError("not told about " + query.id);
    return found->second;
  }

 private:
  const std::string name_;
  const bool is_peer_;
  const std::map<std::string, std::vector<JudgedId>> answers_;
};

Judgements Judged() {
  return {.posts = {{1, "kim", "2026-03-01", "apple"},
                    {2, "kim", "2026-03-01", "Apple pie"},
                    {3, "kim", "2026-03-01", "pear"}},
          .queries = {{"k01", QueryKind::kKeyword, "apple", {{1, 3}, {2, 1}}},
                      {"k02", QueryKind::kKeyword, "pear", {{3, 3}}},
                      {"q01", QueryKind::kQ, "pear -apple", {{3, 2}}}}};
}

std::vector<Figures> Measured() {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<ToldEngine>(
      "ours", false,
      std::map<std::string, std::vector<JudgedId>>{{"k01", {1, 2}}, {"k02", {3}}, {"q01", {3}}}));
  engines.push_back(
      std::make_unique<ToldEngine>("theirs", true,
                                   std::map<std::string, std::vector<JudgedId>>{
                                       {"k01", {2, 1, 3}}, {"k02", {}}, {"q01", {1, 3}}}));
  return Measure(Judged(), engines).value();
}

TEST(MeasureTest, MeansComputedByHand) {
  const std::vector<Figures> figures = Measured();
  ASSERT_EQ(figures.size(), 4u);
  EXPECT_EQ(figures[0].engine, "ours");
  EXPECT_EQ(figures[0].kind, QueryKind::kKeyword);
  EXPECT_NEAR(figures[0].precision, 1, kTolerance);
  EXPECT_NEAR(figures[0].recall, 1, kTolerance);
  EXPECT_NEAR(figures[0].ndcg, 1, kTolerance);
  EXPECT_NEAR(figures[1].ndcg, 1, kTolerance);

  // k01: two of three hits are right, all of them were found; k02: nothing.
  EXPECT_EQ(figures[2].engine, "theirs");
  EXPECT_NEAR(figures[2].precision, (2.0 / 3 + 0) / 2, kTolerance);
  EXPECT_NEAR(figures[2].recall, (1.0 + 0) / 2, kTolerance);
  const double k01 = (1 + 7 / kLog2Of3) / (7 + 1 / kLog2Of3);
  EXPECT_NEAR(figures[2].ndcg, k01 / 2, kTolerance);
  EXPECT_NEAR(figures[2].ndcg_of.at("k01"), k01, kTolerance);
  EXPECT_NEAR(figures[2].ndcg_of.at("k02"), 0, kTolerance);
  // q01: grade 2 at rank 2 instead of rank 1.
  EXPECT_NEAR(figures[3].precision, 0.5, kTolerance);
  EXPECT_NEAR(figures[3].recall, 1, kTolerance);
  EXPECT_NEAR(figures[3].ndcg, 1 / kLog2Of3, kTolerance);
}

TEST(MeasureTest, AnEngineThatFailsFailsTheRun) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(
      std::make_unique<ToldEngine>("ours", false, std::map<std::string, std::vector<JudgedId>>{}));
  EXPECT_THAT(Measure(Judged(), engines).status().message(), HasSubstr("not told about k01"));
}

TEST(GoalsTest, CompareWithTheBestPeer) {
  const auto line = [](std::string engine, bool is_peer, QueryKind kind, double ndcg) {
    return Figures{.engine = std::move(engine),
                   .is_peer = is_peer,
                   .kind = kind,
                   .precision = 1,
                   .recall = 0.5,
                   .ndcg = ndcg};
  };
  const std::vector<Goal> goals = GoalsOf(
      {line("ours", false, QueryKind::kKeyword, 0.80), line("ours", false, QueryKind::kQ, 0.80),
       line("bad", true, QueryKind::kKeyword, 0.10), line("bad", true, QueryKind::kQ, 0.74),
       line("good", true, QueryKind::kKeyword, 0.78), line("good", true, QueryKind::kQ, 0.10)});
  ASSERT_EQ(goals.size(), 4u);
  EXPECT_TRUE(goals[0].met());
  EXPECT_EQ(goals[1].what, "recall of keyword");
  EXPECT_FALSE(goals[1].met());
  EXPECT_EQ(goals[2].what, "nDCG@10 of keyword above good");
  EXPECT_NEAR(goals[2].value, 0.02, kTolerance);
  EXPECT_FALSE(goals[2].met());
  EXPECT_EQ(goals[3].what, "nDCG@10 of q above bad");
  EXPECT_NEAR(goals[3].value, 0.06, kTolerance);
  EXPECT_TRUE(goals[3].met());
}

TEST(GoalsTest, NobodyToCompare) {
  std::vector<Figures> figures = Measured();
  figures.resize(2);
  EXPECT_EQ(GoalsOf(figures).size(), 2u);
  EXPECT_THAT(GoalsOf({}), IsEmpty());
}

TEST(PrintTest, OneTable) {
  const std::string text = TextOf(Measured());
  EXPECT_THAT(text, HasSubstr("\nours                               |     1.000  1.000   1.000 |"
                              "     1.000  1.000   1.000\n"));
  EXPECT_THAT(text, HasSubstr("\ntheirs "));
  EXPECT_THAT(text, HasSubstr("goal: precision of keyword: 1.000, needed 1.000: met\n"));
  EXPECT_THAT(text, Not(HasSubstr("MISSED")));
}

TEST(PrintTest, OneJsonObjectALine) {
  const std::string text = JsonOf(Measured());
  EXPECT_THAT(text, HasSubstr(R"({"engine":"ours","peer":false,"kind":"keyword","queries":2,)"));
  EXPECT_THAT(text, HasSubstr(R"("ndcg10_by_query":{"q01":)"));
  EXPECT_THAT(text, HasSubstr(R"({"goal":"recall of keyword",)"));
}

}  // namespace
}  // namespace dailyfeed::search_quality
