#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/domain/scenario/scenario.h"

namespace dailyfeed {
namespace {

using testing::HasSubstr;

// The message of what is wrong with `text`, as parsed or as run; empty: nothing.
std::string Verdict(std::string_view text) {
  const absl::StatusOr<std::vector<Scenario>> scenarios = ParseScenarios("x.scenario", text);
  if (!scenarios.ok()) return std::string(scenarios.status().message());
  for (const Scenario& scenario : *scenarios) {
    const absl::Status status = RunScenario(scenario);
    if (!status.ok()) return std::string(status.message());
  }
  return "";
}

constexpr char kKim[] =
    "scenario a\n"
    "given MemberSignedUp member_id=1 handle=\"kim\"\n";

TEST(LanguageTest, WhatIsTruePasses) {
  EXPECT_EQ(Verdict(std::string(kKim) + "when member 1 PublishPost content=\"hi\" # says hi\n"
                                        "then PostPublished post_id=1 author_id=1 content=\"hi\"\n"
                                        "\n"
                                        "when member 1 LikePost post_id=2\n"
                                        "then error POST_NOT_FOUND"),
            "");
}

TEST(LanguageTest, WhatIsNotTheLanguageNamesFileAndLine) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"", "x.scenario:0: no scenario"},
      {"given MemberSignedUp", "x.scenario:1: a file begins with 'scenario <title>'"},
      {"scenario", "x.scenario:1: a scenario has a title"},
      {"scenario a", "x.scenario:1: the scenario of line 1 has no 'when'"},
      {"scenario a\nscenario b", "x.scenario:2: the scenario of line 1 has no 'when'"},
      {"scenario a\nwhenever", "x.scenario:2: 'whenever' is no keyword"},
      {"scenario a\n= b", "x.scenario:2: '' is no keyword"},
      {"scenario a\nwhen member 1 LikePost", "x.scenario:2: the 'when' of line 2 has no 'then'"},
      {"scenario a\nwhen member 1 LikePost\nwhen member 1 LikePost", ":3: the 'when' of line 2"},
      {"scenario a\nwhen member one LikePost", ":2: 'one' is not a number"},
      {"scenario a\nwhen somebody LikePost", ":2: 'when member <id>'"},
      {"scenario a\nwhen the dog says", ":2: 'when the log says'"},
      {"scenario a\nwhen member 1 LovePost", ":2: 'LovePost' is no command"},
      {"scenario a\nwhen member 1 LikePost id=1", ":2: LikePost has no id"},
      {"scenario a\nwhen member 1 LikePost post_id=\"1\"",
       ":2: post_id of LikePost wants a number"},
      {"scenario a\nwhen member 1 PublishPost content=1",
       ":2: content of PublishPost wants a text"},
      {"scenario a\nwhen member 1 LikePost post_id=1 post_id=1", ":2: 'post_id' stands twice"},
      {"scenario a\nwhen member 1 LikePost post_id", ":2: name=value is missing"},
      {"scenario a\nwhen member 1 LikePost post_id=", ":2: '' is no value"},
      {"scenario a\nwhen member 1 LikePost post_id=x", ":2: 'x' is no value"},
      {"scenario a\nwhen member 1 PublishPost content=\"hi", ":2: a text without its closing"},
      {"scenario a\nwhen member 1 PublishPost content=\"\\q\"", ":2: an escape is one of"},
      {"scenario a\nwhen member 1 PublishPost content=\"\\u{110000}\"", ":2: an escape is one of"},
      {"scenario a\nwhen member 1 PublishPost content=repeat(\"a\" 2)", ":2: it is repeat("},
      {"scenario a\nwhen member 1 PublishPost content=repeat(\"a\", 100001)",
       ":2: repeat takes at"},
      {"scenario a\ngiven PostLoved", ":2: 'PostLoved' is no event"},
      {"scenario a\ngiven PostLiked id=1", ":2: PostLiked has no id"},
      {"scenario a\ngiven PostLiked post_id=\"1\"", ":2: post_id of PostLiked wants a number"},
      {"scenario a\ngiven PostPublished title=1", ":2: title of PostPublished wants a text"},
      {"scenario a\ngiven CommentAdded ancestor_ids=1",
       ":2: ancestor_ids of CommentAdded wants a li"},
      {"scenario a\ngiven CommentAdded ancestor_ids=[1", ":2: a list without its closing bracket"},
      {"scenario a\ngiven CommentAdded ancestor_ids=[\"1\"]",
       ":2: ancestor_ids of CommentAdded wants a li"},
      {"scenario a\nwhen member 1 DeletePictures picture_ids=[1]",
       ":2: picture_ids of DeletePictures wants a list of texts"},
      {"scenario a\nwhen member 1 DeletePictures picture_ids=[\"a\", 1]",
       ":2: a text in quotes is missing"},
      {"scenario a\nwhen member 1 ReleaseFollows follower_ids=[\"a\"]",
       ":2: follower_ids of ReleaseFollows wants a list of numbers"},
      {"scenario a\nlimits followers_max=1", ":2: limits has no followers_max"},
      {"scenario a\nthen PostLiked", ":2: 'then' without a 'when'"},
      {"scenario a\nwhen member 1 LikePost\nthen error NOT_NICE", ":3: 'NOT_NICE' is no error"},
      {"scenario a\nwhen member 1 LikePost\nthen error POST_NOT_FOUND x", ":3: nothing follows"},
      {"scenario a\nwhen member 1 LikePost\nthen contradiction x", ":3: a command meets an error"},
      {"scenario a\nwhen the log says PostLiked\nthen error POST_NOT_FOUND", ":3: a command meets"},
      {"scenario a\nwhen the log says PostLiked\nthen PostLiked", ":3: after 'when the log says'"},
      {"scenario a\nwhen member 1 LikePost\nthen PostLiked\nthen error POST_NOT_FOUND",
       ":4: 'then'"},
      {"scenario a\nwhen member 1 LikePost\nthen error POST_NOT_FOUND\nthen PostLiked",
       ":4: an err"},
      {"scenario a\nwhen member 1 LikePost\nthen PostLiked\ngiven PostLiked", ":4: 'given' stands"},
      {"scenario a\nwhen member 1 LikePost\nthen PostLiked\nlimits", ":4: 'limits' stands before"},
      {"scenario a\nviolation content BLANK", ":2: 'violation' follows"},
      {"scenario a\nwhen member 1 LikePost\nthen error INVALID_REQUEST\nviolation content BAD",
       ":4: 'BAD' is no rule"},
  };
  for (const Case& c : cases) EXPECT_THAT(Verdict(c.text), HasSubstr(c.message)) << c.text;
}

TEST(LanguageTest, WhatIsNotTrueFails) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"given MemberSignedUp member_id=1 handle=\"kim\"\n"
       "when member 1 LikePost post_id=1\nthen error POST_NOT_FOUND",
       "x.scenario:3: expected a history, got DATA_LOSS"},
      {"when member 1 LikePost post_id=1\nthen PostLiked post_id=1 member_id=1",
       "x.scenario:3: expected \n  PostLiked {post_liked { post_id: 1 member_id: 1 }}, "
       "got POST_NOT_FOUND"},
      {"when member 1 LikePost post_id=1\nthen error COMMENT_NOT_FOUND",
       "x.scenario:3: expected COMMENT_NOT_FOUND, got POST_NOT_FOUND"},
      {"when member 1 PublishPost content=\"hi\"\n"
       "then PostPublished post_id=1 author_id=1 content=\"ho\"",
       "x.scenario:3: expected \n  PostPublished"},
      {"when member 1 PublishPost content=\"hi\"\nthen error POST_NOT_FOUND",
       "x.scenario:3: expected POST_NOT_FOUND, got \n  PostPublished"},
      {"when member 1 AddComment post_id=1\nthen error INVALID_REQUEST\n"
       "violation content TOO_LONG limit=9",
       "got INVALID_REQUEST\n  violation content BLANK limit=0 lower_limit=0"},
      {"when member 1 AddComment post_id=1\nthen error INVALID_REQUEST",
       "expected INVALID_REQUEST, got INVALID_REQUEST\n  violation content BLANK"},
      {"when the log says PostPublished post_id=1 author_id=1\nthen contradiction never",
       "x.scenario:3: expected a contradiction 'never', got OK"},
      {"when the log says PostLiked post_id=1 member_id=1\nthen contradiction never",
       "x.scenario:3: expected a contradiction 'never', got DATA_LOSS"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(Verdict(std::string(kKim) + c.text), HasSubstr(c.message)) << c.text;
  }
}

TEST(LanguageTest, EscapesAndRepetitions) {
  const absl::StatusOr<std::vector<Scenario>> scenarios = ParseScenarios(
      "x",
      "scenario a\nwhen member 1 PublishPost title=\"#\\\"\\\\\\n\\t\\x00\\u{1F600}\" "
      "content=repeat(\"\\u{ac00}b\", 3) # a comment\nthen error POST_NOT_FOUND");
  ASSERT_TRUE(scenarios.ok()) << scenarios.status().ToString();
  const auto& sent = std::get<SentCommand>(scenarios->front().steps.front().when);
  const auto& post = std::get<PublishPost>(sent.command);
  EXPECT_EQ(post.title, std::string("#\"\\\n\t\0😀", 10));
  EXPECT_EQ(post.content, "가b가b가b");
}

}  // namespace
}  // namespace dailyfeed
