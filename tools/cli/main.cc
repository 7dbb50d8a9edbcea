// The `dailyfeed` command line.

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tools/cli/standard_output.h"
#include "tools/cli/subcommand.h"
#include "tools/cli/subcommands.h"

namespace dailyfeed::cli {

std::vector<Subcommand> AllSubcommands() {
  return {ServeSubcommand(),    SeedSubcommand(),      LogStatSubcommand(),
          LogCatSubcommand(),   LogVerifySubcommand(), ViewsStatSubcommand(),
          ImagesGcSubcommand(), BenchSubcommand(),     VersionSubcommand()};
}

namespace {

// The exit code, unless what was printed did not get where it should.
int Finish(int exit_code) {
  const absl::Status printed = FinishPrinting();
  if (printed.ok()) return exit_code;
  const absl::string_view message = printed.message();
  fmt::print(stderr, "dailyfeed: {}\n", std::string_view(message.data(), message.size()));
  return exit_code == kExitOk ? kExitFailed : exit_code;
}

int Main(const std::vector<std::string>& arguments) {
  const std::vector<Subcommand> subcommands = AllSubcommands();
  const absl::StatusOr<Invocation> call = Interpret(arguments, subcommands);
  if (!call.ok()) {
    const absl::string_view message = call.status().message();
    fmt::print(stderr, "dailyfeed: {}\n\n{}", std::string_view(message.data(), message.size()),
               arguments.empty() ? OverviewHelp(subcommands)
                                 : "See: dailyfeed --help, dailyfeed SUBCOMMAND --help\n");
    return kExitUsage;
  }
  if (call->help) {
    PrintText(call->subcommand != nullptr ? SubcommandHelp(*call->subcommand)
              : call->group.empty()       ? OverviewHelp(subcommands)
                                          : GroupHelp(call->group, subcommands));
    return Finish(kExitOk);
  }
  return Finish(call->subcommand->run(call->arguments));
}

}  // namespace
}  // namespace dailyfeed::cli

int main(int argc, char** argv) {
  return dailyfeed::cli::Main(std::vector<std::string>(argv + 1, argv + argc));
}
