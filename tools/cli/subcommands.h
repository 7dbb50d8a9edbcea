// Every subcommand of `dailyfeed`, one file each.
#ifndef DAILYFEED_TOOLS_CLI_SUBCOMMANDS_H_
#define DAILYFEED_TOOLS_CLI_SUBCOMMANDS_H_

#include <vector>

#include "tools/cli/subcommand.h"

namespace dailyfeed::cli {

Subcommand ServeSubcommand();
Subcommand SeedSubcommand();
Subcommand LogStatSubcommand();
Subcommand LogCatSubcommand();
Subcommand LogVerifySubcommand();
Subcommand ViewsStatSubcommand();
Subcommand ImagesGcSubcommand();
Subcommand BenchSubcommand();
Subcommand VersionSubcommand();

// In the order of the overview.
std::vector<Subcommand> AllSubcommands();

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_SUBCOMMANDS_H_
