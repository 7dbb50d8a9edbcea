// One subcommand of the `dailyfeed` command line, and how arguments find it.
//
//   const std::vector<Subcommand> all = {ServeSubcommand(), LogCatSubcommand()};
//   absl::StatusOr<Invocation> call = Interpret({"log", "cat", "--limit=3"}, all);
//   if (call.ok()) return call->subcommand->run(call->arguments);
#ifndef DAILYFEED_TOOLS_CLI_SUBCOMMAND_H_
#define DAILYFEED_TOOLS_CLI_SUBCOMMAND_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/status/statusor.h"

namespace dailyfeed::cli {

// Exit codes of every subcommand.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // one sentence on stderr says why
inline constexpr int kExitUsage = 2;   // the arguments make no sense

struct Subcommand {
  std::string_view name;      // one or two words: "log cat"
  std::string_view summary;   // one line, for the overview
  std::string_view synopsis;  // what stands behind the name in "usage:"
  std::string_view text;      // what it does, and examples
  // The Abseil flags it takes, as typed: "data-dir". Abseil's flags are one set
  // for the whole program; a flag that is not named here is refused.
  std::vector<std::string_view> flags;
  size_t arguments_max = 0;  // arguments that are not flags
  std::function<int(const std::vector<std::string>& arguments)> run;
};

struct Invocation {
  // nullptr: the help of `group` was asked for, or, when that is empty, the overview.
  const Subcommand* subcommand = nullptr;
  std::string group;  // the first word of several subcommands: "log"
  bool help = false;  // show the help and do nothing else
  std::vector<std::string> arguments;
};

// Finds the subcommand and sets the Abseil flags. INVALID_ARGUMENT with a
// sentence, and a suggestion where one is near.
absl::StatusOr<Invocation> Interpret(const std::vector<std::string>& arguments,
                                     const std::vector<Subcommand>& subcommands);

// The Abseil flag behind --data-dir: backup_data_dir, if `backup` is the
// subcommand and there is such a flag, else data_dir. So two subcommands may each
// have a --to of their own. nullptr: there is none.
absl::CommandLineFlag* FindFlag(const Subcommand& subcommand, std::string_view typed);

// What `dailyfeed --help`, `dailyfeed log --help` and `dailyfeed NAME --help` print.
std::string OverviewHelp(const std::vector<Subcommand>& subcommands);
std::string GroupHelp(std::string_view group, const std::vector<Subcommand>& subcommands);
std::string SubcommandHelp(const Subcommand& subcommand);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_SUBCOMMAND_H_
