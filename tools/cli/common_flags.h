// Flags that several subcommands take, and helpers they share.
#ifndef DAILYFEED_TOOLS_CLI_COMMON_FLAGS_H_
#define DAILYFEED_TOOLS_CLI_COMMON_FLAGS_H_

#include <string>
#include <string_view>

#include "absl/flags/declare.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

ABSL_DECLARE_FLAG(std::string, data_dir);
ABSL_DECLARE_FLAG(std::string, time_zone);
ABSL_DECLARE_FLAG(bool, json);

namespace dailyfeed::cli {

// --data-dir, which every subcommand that takes it needs. INVALID_ARGUMENT
// when it is absent.
absl::StatusOr<std::string> RequiredDataDirectory();

// Whether the directory holds a log. FAILED_PRECONDITION says what is there
// instead.
absl::Status CheckIsDataDirectory(const std::string& directory);

// Prints "dailyfeed NAME: sentence" on stderr and returns the exit code that
// fits: kExitUsage for INVALID_ARGUMENT, else kExitFailed.
int Fail(std::string_view subcommand, const absl::Status& status);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_COMMON_FLAGS_H_
