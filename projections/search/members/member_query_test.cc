#include "projections/search/members/member_query.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/search/members/loose_name.h"
#include "projections/search/members/member_names.h"

namespace dailyfeed::search {
namespace {

TEST(LooseNameTest, WhatIsDrawnOtherwiseIsTheSame) {
  const struct {
    const char* name;
    const char* loose;
  } cases[] = {
      {"Kim_7", "kim_7"},
      {"Kim Minji", "kim minji"},
      {"  Ｋim\u3000\t Minji\n", "kim minji"},
      {"김 민지", "김 민지"},
      {"\u1100\u1175\u11B7\u1106\u1175\u11AB\u110C\u1175", "김민지"},  // as a Mac writes it
      {"ｶﾞｽ", "ガス"},
      {"👍🏽", "👍"},
      {"", ""},
      {" \n ", ""},
      {"\uFE0F", ""},
      {"\xff", "\uFFFD"},
      {"Émile", "émile"},
  };
  for (const auto& c : cases) EXPECT_EQ(LooseName(c.name), c.loose) << c.name;
}

TEST(MemberNamesTest, ThreeNamesAreOneText) {
  EXPECT_EQ(NamesText("Kim_7", "Kim\nMinji", ""), "kim_7\nkim minji\n\n");
  const auto names = SplitNames("kim_7\nkim minji\n김\n");
  EXPECT_EQ(names[0], "kim_7");
  EXPECT_EQ(names[1], "kim minji");
  EXPECT_EQ(names[2], "김");
  EXPECT_EQ(SplitNames("a\n")[2], "");
}

TEST(MemberQueryTest, WhatIsFoundAndWhere) {
  constexpr int kNot = -1, kHandle = 0, kBegins = 1, kPart = 2, kStem = 3;
  const struct {
    const char* q;
    std::array<const char*, 3> names;
    int rank;
  } cases[] = {
      {"kim_7", {"Kim_7", "Minji", ""}, kHandle},
      {"@KIM_7", {"Kim_7", "Minji", ""}, kHandle},
      {"＠ｋｉｍ＿７", {"Kim_7", "Minji", ""}, kHandle},
      {"kim", {"Kim_7", "Minji", ""}, kBegins},
      {"im_", {"Kim_7", "Minji", ""}, kPart},
      {"min", {"Kim_7", "Minji", ""}, kBegins},
      {"inj", {"Kim_7", "Minji", "Min"}, kPart},
      {"minji kim", {"Kim_7", "Minji", ""}, kPart},
      {"kim min", {"x", "Kim Minji", ""}, kBegins},
      {"kim  min", {"x", "y", "Kim Minji"}, kBegins},
      {"min kim", {"x", "Kim Minji", ""}, kPart},
      {"ki min", {"x", "Kim Minji", ""}, kPart},
      {"kim kim", {"x", "Kim Minji", ""}, kPart},
      {"kim park", {"x", "Kim Minji", ""}, kNot},
      {"7minji", {"Kim_7", "Minji", ""}, kNot},
      {"김민지", {"x", "김민지", ""}, kBegins},
      {"김민지", {"x", "김 민지", ""}, kBegins},
      {"민지", {"x", "김 민지", ""}, kPart},
      {"김민지", {"x", "김 민 지", ""}, kNot},
      {"김 민지", {"x", "김민지", ""}, kPart},
      {"김민지 이", {"x", "김 민지 이수", ""}, kBegins},
      {"김민", {"x", "김", "민"}, kNot},
      {"김김민", {"x", "김김 김민", ""}, kPart},
      {"김민", {"x", "김김 민", ""}, kPart},
      {"kimmin", {"x", "Kim Minji", ""}, kNot},
      {"@", {"x", "a@b", ""}, kPart},
      {"김민지에게", {"x", "김민지", ""}, kStem},
      {"김민지에게", {"x", "김 민지", ""}, kStem},
      {"김민지에게", {"x", "김민지에게", ""}, kBegins},
      {"김민지가", {"x", "김민지", ""}, kNot},
      {"지에게", {"x", "김민지", ""}, kNot},
      {"김민지에게 kim", {"kim", "김민지", ""}, kStem},
      {"*", {"x", "y", ""}, kNot},
      {".", {"x", "y.z", ""}, kPart},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.q) + " in " + c.names[0] + ", " + c.names[1] + ", " + c.names[2]);
    const MemberQuery query = ParseMemberQuery(c.q).value();
    const std::string text = NamesText(c.names[0], c.names[1], c.names[2]);
    EXPECT_EQ(query.Matches(text), c.rank != kNot);
    if (c.rank == kNot) continue;
    EXPECT_EQ(static_cast<int>(query.RankOf(text)), c.rank);
  }
}

TEST(MemberQueryTest, TheLongestTermComesFirstAndEachOnce) {
  const MemberQuery query = ParseMemberQuery("b aaa @b cc AAA").value();
  std::vector<std::string> terms;
  for (const NameTerm& term : query.terms()) terms.push_back(term.text());
  EXPECT_EQ(terms, (std::vector<std::string>{"aaa", "cc", "b"}));
}

TEST(MemberQueryTest, AParticleThatMayBeANameIsLookedThroughLast) {
  const std::string text = NamesText("x", "김민지", "");
  const MemberQuery query = ParseMemberQuery("김민지가").value();
  EXPECT_FALSE(query.Matches(text));
  const std::optional<MemberQuery> looser = query.Looser();
  ASSERT_TRUE(looser.has_value());
  EXPECT_TRUE(looser->Matches(text));
  EXPECT_EQ(looser->RankOf(text), NameRank::kWithoutParticles);
  EXPECT_FALSE(looser->Looser().has_value());
  for (const char* q : {"김민지", "김민지에게", "kim", "민가"}) {
    EXPECT_FALSE(ParseMemberQuery(q).value().Looser().has_value()) << q;
  }
}

void ExpectRefused(const std::string& q, Violation::Rule rule, int64_t limit = 0) {
  SCOPED_TRACE(q);
  const absl::Status status = ParseMemberQuery(q).status();
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kInvalidRequest);
  const std::vector<Violation> violations = ViolationsOf(status);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "q");
  EXPECT_EQ(violations[0].rule, rule);
  EXPECT_EQ(violations[0].limit, limit);
}

TEST(MemberQueryTest, BlankAndTooLongIsRefused) {
  for (const char* q : {"", " ", "\u3000\n", "\uFE0F"}) ExpectRefused(q, Violation::Rule::kBlank);
  EXPECT_TRUE(ParseMemberQuery(std::string(200, 'x')).ok());
  ExpectRefused(std::string(201, 'x'), Violation::Rule::kTooLong, 200);
  std::string emoji;
  for (int i = 0; i < 100; ++i) emoji += "😀";
  EXPECT_TRUE(ParseMemberQuery(emoji).ok()) << "200 units";
  ExpectRefused(emoji + "x", Violation::Rule::kTooLong, 200);
  std::string terms;
  for (int i = 0; i < 32; ++i) terms += std::string(1, static_cast<char>('0' + i)) + " ";
  EXPECT_TRUE(ParseMemberQuery(terms).ok());
  EXPECT_TRUE(ParseMemberQuery(terms + "0 1 2").ok()) << "no new ones";
  ExpectRefused(terms + "z", Violation::Rule::kTooMany, 32);
}

}  // namespace
}  // namespace dailyfeed::search
