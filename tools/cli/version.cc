#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"

namespace dailyfeed::cli {
namespace {

constexpr char kVersion[] = "0.1.0";

#if defined(__SANITIZE_ADDRESS__)
constexpr char kBuild[] = "AddressSanitizer";
#elif defined(__SANITIZE_THREAD__)
constexpr char kBuild[] = "ThreadSanitizer";
#elif defined(__OPTIMIZE__)
constexpr char kBuild[] = "optimized";
#else
constexpr char kBuild[] = "not optimized";
#endif

int Run(const std::vector<std::string>&) {
  PrintText(fmt::format("dailyfeed {} ({}, assertions on, compiler {})\n", kVersion, kBuild,
                        __VERSION__));
  return kExitOk;
}

}  // namespace

std::string SlowBuildWarning() {
  if (std::string_view(kBuild) == "optimized") return "";
  return fmt::format(
      "this program is slow: its build is {} (tools/dailyfeed runs an optimized one)", kBuild);
}

Subcommand VersionSubcommand() {
  return {
      .name = "version",
      .summary = "print version and kind of build",
      .synopsis = "",
      .text = "Figures of a build that is not optimized say nothing about speed.\n",
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli
