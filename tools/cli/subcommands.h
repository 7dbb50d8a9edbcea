// Every subcommand of `dailyfeed`, one file each. Those that work on a data
// directory beside a server are in operator_commands.h.
#ifndef DAILYFEED_TOOLS_CLI_SUBCOMMANDS_H_
#define DAILYFEED_TOOLS_CLI_SUBCOMMANDS_H_

#include <string>
#include <vector>

#include "tools/cli/subcommand.h"

namespace dailyfeed::cli {

Subcommand ServeSubcommand();
Subcommand SeedSubcommand();
Subcommand RestoreSubcommand();
Subcommand BenchSubcommand();
Subcommand SearchQualitySubcommand();
Subcommand VersionSubcommand();

// One sentence when figures of this build say nothing about speed; else "".
std::string SlowBuildWarning();

// In the order of the overview.
std::vector<Subcommand> AllSubcommands();

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_SUBCOMMANDS_H_
