// The `dailyfeed` command line.

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tools/cli/subcommand.h"
#include "tools/cli/subcommands.h"

namespace dailyfeed::cli {

std::vector<Subcommand> AllSubcommands() {
  return {ServeSubcommand(),    SeedSubcommand(),      LogStatSubcommand(),
          LogCatSubcommand(),   LogVerifySubcommand(), ViewsStatSubcommand(),
          ImagesGcSubcommand(), BenchSubcommand(),     VersionSubcommand()};
}

namespace {

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
    fmt::print("{}", call->subcommand == nullptr ? OverviewHelp(subcommands)
                                                 : SubcommandHelp(*call->subcommand));
    return kExitOk;
  }
  return call->subcommand->run(call->arguments);
}

}  // namespace
}  // namespace dailyfeed::cli

int main(int argc, char** argv) {
  return dailyfeed::cli::Main(std::vector<std::string>(argv + 1, argv + argc));
}
