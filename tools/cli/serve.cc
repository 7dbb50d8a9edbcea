#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/http/api.h"
#include "adapters/http/server.h"
#include "core/domain/status_macros.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/config.h"
#include "tools/cli/sample_data.h"
#include "tools/cli/subcommands.h"

ABSL_FLAG(std::string, http, "127.0.0.1:8080", "HOST:PORT of the API.");
ABSL_FLAG(std::string, monitor, "127.0.0.1:9090",
          "HOST:PORT of health, metrics and diagnostics. Keep it private.");
ABSL_FLAG(std::string, config, "",
          "A file with settings, one a line; see --print-config. Flags win over it.");
ABSL_FLAG(bool, print_config, false,
          "Print every setting as a configuration file, flags and file applied, and exit.");
ABSL_FLAG(bool, development, false,
          "For plain HTTP on one's own machine: cookies without Secure, and a start page at /.");
ABSL_FLAG(bool, seed_sample_data, false,
          "Before listening, fill the directory with a sample community if it is empty.");

namespace dailyfeed::cli {
namespace {

constexpr char kHttpDefault[] = "127.0.0.1:8080";
constexpr char kMonitorDefault[] = "127.0.0.1:9090";

// Defaults, then the file, then what was typed.
absl::Status Configure(ServeConfig& config) {
  if (const std::string file = absl::GetFlag(FLAGS_config); !file.empty()) {
    const absl::Status status = ApplyConfigFile(file, config);
    if (!status.ok()) return absl::FailedPreconditionError(status.message());
  }
  if (const auto value = absl::GetFlag(FLAGS_http); value != kHttpDefault) {
    config.http_address = value;
  }
  if (const auto value = absl::GetFlag(FLAGS_monitor); value != kMonitorDefault) {
    config.monitor_address = value;
  }
  if (const auto value = absl::GetFlag(FLAGS_data_dir); !value.empty()) {
    config.feed.data_directory = value;
  }
  if (absl::GetFlag(FLAGS_development)) {
    config.api.secure_cookies = false;
    config.api.start_page = true;
  }
  return absl::OkStatus();
}
