#include "tools/cli/subcommand.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/flags/flag.h"

ABSL_FLAG(int64_t, test_limit, 10, "How many.");
ABSL_FLAG(bool, test_json, false, "As JSON.");
ABSL_FLAG(std::string, test_data_dir, "", "Where.");

namespace dailyfeed::cli {
namespace {

int DoNothing(const std::vector<std::string>&) { return kExitOk; }

std::vector<Subcommand> Table() {
  return {
      {.name = "log cat",
       .summary = "prints events",
       .synopsis = "--test-data-dir=DIR",
       .text = "Prints.\n",
       .flags = {"test-data-dir", "test-limit", "test-json"},
       .run = &DoNothing},
      {.name = "log stat", .flags = {"test-data-dir"}, .run = &DoNothing},
      {.name = "bench", .flags = {"test-json"}, .arguments_max = 1, .run = &DoNothing},
  };
}

std::string ErrorOf(const std::vector<std::string>& arguments) {
  return std::string(Interpret(arguments, Table()).status().message());
}

TEST(SubcommandTest, FindsOneAndTwoWordNamesAndSetsFlags) {
  const auto table = Table();
  auto call =
      Interpret({"log", "cat", "--test-limit=3", "--test-data-dir", "x", "--test-json"}, table);
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->subcommand->name, "log cat");
  EXPECT_FALSE(call->help);
  EXPECT_EQ(absl::GetFlag(FLAGS_test_limit), 3);
  EXPECT_EQ(absl::GetFlag(FLAGS_test_data_dir), "x");
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_json));

  call = Interpret({"bench", "append", "--no-test-json"}, table);
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->arguments, std::vector<std::string>{"append"});
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_json));
}

TEST(SubcommandTest, AcceptsUnderscoresNowhereAndValuesOfTheirTypeOnly) {
  EXPECT_EQ(ErrorOf({"log", "cat", "--test_limit=3"}),
            "log cat takes no --test_limit. Did you mean --test-limit?");
  EXPECT_EQ(ErrorOf({"log", "cat", "--test-limit"}),
            "--test-limit needs a value: --test-limit=...");
  EXPECT_TRUE(
      ErrorOf({"log", "cat", "--test-limit=many"}).starts_with("--test-limit cannot be \"many\""));
}

TEST(SubcommandTest, RefusesFlagsOfOtherSubcommands) {
  EXPECT_EQ(ErrorOf({"log", "stat", "--test-limit=3"}), "log stat takes no --test-limit.");
}

TEST(SubcommandTest, SaysWhatIsWrongAndWhatIsNear) {
  EXPECT_EQ(ErrorOf({}), "Say what to do.");
  EXPECT_EQ(ErrorOf({"bnch"}), "There is no subcommand \"bnch\". Did you mean bench?");
  EXPECT_EQ(ErrorOf({"launch"}), "There is no subcommand \"launch\".");
  EXPECT_EQ(ErrorOf({"log"}), "log needs one of: cat, stat.");
  EXPECT_EQ(ErrorOf({"log", "sat"}),
            "log knows no \"sat\"; it has: cat, stat. Did you mean log cat?");
  EXPECT_EQ(ErrorOf({"--test-json", "bench"}),
            "The subcommand comes first: dailyfeed NAME --test-json");
  EXPECT_EQ(ErrorOf({"bench", "a", "b"}), "bench does not know what to do with \"b\".");
}

TEST(SubcommandTest, HelpIsAskedForInEveryUsualWay) {
  const auto table = Table();
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"log", "cat", "--help"}, {"help", "log", "cat"}, {"log", "cat", "-h"}}) {
    auto call = Interpret(arguments, table);
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_TRUE(call->help);
    ASSERT_NE(call->subcommand, nullptr);
    EXPECT_EQ(call->subcommand->name, "log cat");
  }
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--help"}, {"help"}, {"-h"}}) {
    auto call = Interpret(arguments, table);
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_TRUE(call->help);
    EXPECT_EQ(call->subcommand, nullptr);
  }
}

TEST(SubcommandTest, HelpOfAGroupListsItsSubcommands) {
  const auto table = Table();
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"log", "--help"}, {"log", "-h"}, {"help", "log"}}) {
    auto call = Interpret(arguments, table);
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_TRUE(call->help);
    EXPECT_EQ(call->subcommand, nullptr);
    EXPECT_EQ(call->group, "log");
  }
  const std::string text = GroupHelp("log", table);
  EXPECT_NE(text.find("  log cat          prints events\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  log stat "), std::string::npos) << text;
  EXPECT_EQ(text.find("bench"), std::string::npos) << text;
  // Help is no excuse for a name that is not there.
  EXPECT_EQ(ErrorOf({"log", "sat", "--help"}),
            "log knows no \"sat\"; it has: cat, stat. Did you mean log cat?");
  EXPECT_EQ(ErrorOf({"lo", "--help"}), "There is no subcommand \"lo\".");
}

TEST(SubcommandTest, HelpNamesItsOwnFlagsOnly) {
  const auto table = Table();
  const std::string cat = SubcommandHelp(table[0]);
  EXPECT_NE(cat.find("--test-limit\n      How many. Default: 10."), std::string::npos) << cat;
  EXPECT_NE(cat.find("usage: dailyfeed log cat --test-data-dir=DIR"), std::string::npos) << cat;
  EXPECT_EQ(SubcommandHelp(table[1]).find("--test-limit"), std::string::npos);
  EXPECT_NE(OverviewHelp(table).find("log cat          prints events"), std::string::npos);
}

}  // namespace
}  // namespace dailyfeed::cli
