// The `dailyfeed` command line.

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/images/picture_decoders.h"
#include "tools/cli/operator_command.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommand.h"
#include "tools/cli/subcommands.h"

namespace dailyfeed::cli {

std::vector<Subcommand> AllSubcommands() {
  std::vector<Subcommand> all = {ServeSubcommand(), SeedSubcommand()};
  for (const OperatorCommand& command : OperatorCommands()) all.push_back(SubcommandOf(command));
  for (const auto& last :
       {RestoreSubcommand(), BenchSubcommand(), SearchQualitySubcommand(), VersionSubcommand()}) {
    all.push_back(last);
  }
  return all;
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
  // Not a subcommand: `dailyfeed serve` runs itself for each picture decoder.
  if (argc == 2 && std::string_view(argv[1]) == "decode-picture") {
    return dailyfeed::RunPictureDecoder();
  }
  return dailyfeed::cli::Main(std::vector<std::string>(argv + 1, argv + argc));
}
