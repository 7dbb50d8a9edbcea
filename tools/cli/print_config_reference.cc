// Prints the table of docs/reference/configuration.md.

#include <fmt/format.h>

#include "tools/cli/config.h"

int main() {
  fmt::print("{}", dailyfeed::cli::PrintConfigReference());
  return 0;
}
