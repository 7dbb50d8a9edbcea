// Any text as a configuration file, and as an address to listen on: refused with
// its line, or printed as a file that means the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "tools/cli/config.h"

namespace dailyfeed::cli {
namespace {

void CheckConfig(std::string_view text) {
  ServeConfig config;
  const absl::Status applied = ApplyConfigText("f", text, config);
  if (!applied.ok()) {
    DAILYFEED_CHECK(absl::IsInvalidArgument(applied));
    DAILYFEED_CHECK(applied.message().find("f:") == 0);
  }
  // Of a file that was refused, the lines before.
  const std::string printed = PrintConfig(config);
  ServeConfig again;
  DAILYFEED_CHECK(ApplyConfigText("printed", printed, again).ok());
  DAILYFEED_CHECK(PrintConfig(again) == printed);
}

void CheckAddress(std::string_view text) {
  const auto address = ParseHostPort(text);
  if (!address.ok()) {
    DAILYFEED_CHECK(absl::IsInvalidArgument(address.status()));
    return;
  }
  DAILYFEED_CHECK(!address->host.empty());
  const auto again = ParseHostPort("[" + address->host + "]:" + std::to_string(address->port));
  DAILYFEED_CHECK(again.ok());
  DAILYFEED_CHECK(again->host == address->host && again->port == address->port);
}

}  // namespace
}  // namespace dailyfeed::cli

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  dailyfeed::cli::CheckConfig(text);
  dailyfeed::cli::CheckAddress(text);
  return 0;
}
