// What subcommands print for others to read. A full disk must not look like
// success: the first failure is kept until the end of the program asks for it.
//
//   PrintText(fmt::format("head {}\n", head));
//   ...
//   if (const absl::Status printed = FinishPrinting(); !printed.ok()) ...
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_CLI_STANDARD_OUTPUT_H_
#define DAILYFEED_TOOLS_CLI_STANDARD_OUTPUT_H_

#include <string_view>

#include "absl/status/status.h"

namespace dailyfeed::cli {

// Writes to stdout; false when that failed, or nobody reads it any more (a
// closed pipe): then there is no use in printing more.
bool PrintText(std::string_view text);
// The same, with a line break behind it.
bool PrintLine(std::string_view line);

// Writes what is still buffered. UNAVAILABLE with a sentence when anything that
// was printed, by whatever function, could not be written. A reader who has
// closed the pipe has read enough: that is OK.
absl::Status FinishPrinting();

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_STANDARD_OUTPUT_H_
