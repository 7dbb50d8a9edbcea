#include "tools/seed/plan.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "tools/seed/people.h"
#include "tools/seed/texts.h"

namespace dailyfeed::seed {
namespace {

constexpr TimestampNs kNow = 1'763'700'000'000'000'000;
constexpr TimestampNs kDayNs = 86'400'000'000'000;

Plan MakeOrDie(uint64_t seed = 1) {
  absl::StatusOr<Plan> plan = MakePlan({.seed = seed, .now = kNow});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *std::move(plan);
}

size_t Count(const Plan& plan, Action::Kind kind) {
  size_t count = 0;
  for (const Action& action : plan.actions) count += action.kind == kind ? 1 : 0;
  return count;
}

TEST(PlanTest, IsTheCommunityThatWasAskedFor) {
  const Plan plan = MakeOrDie();
  EXPECT_EQ(Count(plan, Action::Kind::kSignUp), 50u);
  EXPECT_GE(Count(plan, Action::Kind::kPost), 400u);
  EXPECT_GE(Count(plan, Action::Kind::kFollow), 300u);
  EXPECT_GE(Count(plan, Action::Kind::kComment), 300u);
  EXPECT_GE(Count(plan, Action::Kind::kReply), 80u);
  EXPECT_GE(Count(plan, Action::Kind::kLikePost), 800u);
  EXPECT_GE(Count(plan, Action::Kind::kLikeComment), 200u);
  EXPECT_GE(Count(plan, Action::Kind::kView), 1500u);
}

TEST(PlanTest, NoTwoPostsReadTheSame) {
  for (const uint64_t seed : {1, 2, 3}) {
    std::set<std::string> contents;
    for (const Action& action : MakeOrDie(seed).actions) {
      if (action.kind != Action::Kind::kPost) continue;
      EXPECT_TRUE(contents.insert(action.content).second) << action.content;
      EXPECT_EQ(action.content.find('{'), std::string::npos) << action.content;
      EXPECT_NE(action.content.find_first_not_of(' '), std::string::npos);
    }
  }
}

TEST(PlanTest, EverythingRefersToWhatWasThereBeforeAndLiesInThePast) {
  const Plan plan = MakeOrDie();
  std::vector<TimestampNs> posts, comments;
  TimestampNs last = 0;
  std::vector<bool> members(plan.people);
  for (const Action& action : plan.actions) {
    ASSERT_GE(action.at, last);
    last = action.at;
    ASSERT_LT(action.at, kNow);
    ASSERT_GE(action.at, kNow - 17 * kDayNs);
    if (action.kind != Action::Kind::kSignUp) {
      ASSERT_TRUE(members[action.actor]);
    }
    switch (action.kind) {
      case Action::Kind::kSignUp:
        members[action.actor] = true;
        break;
      case Action::Kind::kFollow:
        ASSERT_TRUE(members[action.target]);
        ASSERT_NE(action.actor, action.target);
        break;
      case Action::Kind::kPost:
        ASSERT_EQ(action.target, posts.size());
        ASSERT_GE(action.at, kNow - 14 * kDayNs);
        posts.push_back(action.at);
        break;
      case Action::Kind::kReply:
        ASSERT_LT(comments[action.parent], action.at);
        [[fallthrough]];
      case Action::Kind::kComment:
        ASSERT_LT(posts[action.target], action.at);
        comments.push_back(action.at);
        break;
      case Action::Kind::kView:
      case Action::Kind::kLikePost:
        ASSERT_LT(posts[action.target], action.at);
        break;
      case Action::Kind::kLikeComment:
        ASSERT_LT(comments[action.target], action.at);
        break;
    }
  }
  EXPECT_EQ(posts.size(), plan.posts);
  EXPECT_EQ(comments.size(), plan.comments);
}

TEST(PlanTest, NobodyFollowsOrLikesTwice) {
  std::set<std::tuple<Action::Kind, size_t, size_t>> seen;
  for (const Action& action : MakeOrDie().actions) {
    if (action.kind == Action::Kind::kFollow || action.kind == Action::Kind::kLikePost ||
        action.kind == Action::Kind::kLikeComment) {
      EXPECT_TRUE(seen.insert({action.kind, action.actor, action.target}).second);
    }
  }
}

TEST(PlanTest, FollowsAreUneven) {
  std::map<size_t, size_t> followers, followings;
  for (const Action& action : MakeOrDie().actions) {
    if (action.kind != Action::Kind::kFollow) continue;
    ++followers[action.target];
    ++followings[action.actor];
  }
  EXPECT_GE(followers[0], 25u);
  size_t few = 0, most = 0;
  for (size_t person = 0; person < People().size(); ++person) {
    few += followers[person] <= 8 ? 1 : 0;
    most = std::max(most, followings[person]);
    EXPECT_GE(followings[person], 3u);
  }
  EXPECT_GE(few, 20u);
  EXPECT_GE(most, 25u);
}

TEST(PlanTest, TheSameSeedMakesTheSamePlan) {
  const Plan a = MakeOrDie(7), b = MakeOrDie(7), c = MakeOrDie(8);
  ASSERT_EQ(a.actions.size(), b.actions.size());
  for (size_t i = 0; i < a.actions.size(); ++i) {
    ASSERT_EQ(a.actions[i].at, b.actions[i].at);
    ASSERT_EQ(a.actions[i].content, b.actions[i].content);
  }
  EXPECT_NE(a.actions.size(), c.actions.size());
}

TEST(TextsTest, NamesTheLineThatDoesNotFit) {
  EXPECT_TRUE(ParseTopics("# a\n= b: 1 | 2\n+ x {b}\n> c\n< d\n").ok());
  for (const char* wrong :
       {"+ post without a topic\n", "# a\n= slot without values\n", "# a\n+ unknown {slot}\n",
        "# a\n+ post\n< reply to nothing\n", "# a\n? what\n", "#a\n"}) {
    EXPECT_FALSE(ParseTopics(wrong).ok()) << wrong;
  }
}

TEST(TextsTest, TitlesStandInBrackets) {
  EXPECT_EQ(SplitTitle("[T] text").title, "T");
  EXPECT_EQ(SplitTitle("[T] text").content, "text");
  EXPECT_EQ(SplitTitle("text [T] x").title, "");
}

}  // namespace
}  // namespace dailyfeed::seed
