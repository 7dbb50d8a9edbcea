#include "tools/cli/standard_output.h"

#include <errno.h>
#include <fmt/format.h>

#include <cstdio>
#include <system_error>

namespace dailyfeed::cli {
namespace {

int first_error = 0;

bool Keep(bool written) {
  if (!written && first_error == 0) first_error = errno;
  return written;
}

}  // namespace

bool PrintText(std::string_view text) {
  return Keep(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

bool PrintLine(std::string_view line) {
  return PrintText(line) && Keep(std::fputc('\n', stdout) != EOF);
}

absl::Status FinishPrinting() {
  Keep(std::fflush(stdout) == 0);
  if (first_error == EPIPE) return absl::OkStatus();
  if (first_error == 0 && std::ferror(stdout) == 0) return absl::OkStatus();
  const int error = first_error != 0 ? first_error : EIO;
  return absl::UnavailableError(
      fmt::format("standard output is not complete: {}", std::generic_category().message(error)));
}

}  // namespace dailyfeed::cli
