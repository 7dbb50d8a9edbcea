// Every setting of `dailyfeed serve`, in one table: its name in the
// configuration file, its unit, what it is for, and where it goes. The file,
// `--print-config` and docs/reference/configuration.md are made from it.
//
// The file is one setting a line; '#' begins a comment. A setting that is not
// named keeps its default, an unknown name or a bad value is an error with its
// line.
//
//   engine.queue_capacity = 4096
//   http.request_timeout = 10s
//   caches.post_bytes_max = 192MiB
//   api.cors_origins = http://localhost:3000, http://localhost:3001
#ifndef DAILYFEED_TOOLS_CLI_CONFIG_H_
#define DAILYFEED_TOOLS_CLI_CONFIG_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/control/control_server.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/http/api/api.h"
#include "adapters/http/server/access_log.h"
#include "adapters/http/server/server.h"
#include "adapters/kafka/relay/relay.h"
#include "adapters/logging/logging.h"
#include "adapters/monitor/monitor.h"

namespace dailyfeed::cli {

// Sending to Kafka: nothing is sent without brokers.
struct KafkaConfig {
  kafka::RelayOptions relay;
  std::string acks = "all";  // or "1"
  std::string client_settings_file;
};

struct ServeConfig {
  std::string http_address = "127.0.0.1:8080";
  std::string monitor_address = "127.0.0.1:9090";
  absl::Duration drain_timeout = absl::Seconds(20);
  http::AccessLog access_log = http::AccessLog::kAll;
  size_t log_lines_max = logging::kQueueLinesMaxDefault;
  // File descriptors kept for what the stores open later.
  size_t descriptors_reserve = 128;
  dailyfeed::Options feed;
  http::ApiOptions api;
  http::ServerOptions server;
  monitor::MonitorOptions monitor;
  control::ControlServerOptions control;  // its directory is the data directory
  KafkaConfig kafka;
};

struct Setting {
  std::string name;         // "engine.queue_capacity"
  std::string unit;         // "commands"; "" when the value says it
  std::string description;  // one sentence
  // Of numbers and sizes, the least and the most that `set` accepts; else "".
  std::string least, most;
  std::function<std::string(ServeConfig&)> get;
  // INVALID_ARGUMENT says what is accepted; the configuration is then unchanged.
  std::function<absl::Status(ServeConfig&, std::string_view text)> set;
};

// In the order of the file. Lives for ever.
const std::vector<Setting>& Settings();

// Applies a configuration file. INVALID_ARGUMENT "feed.conf:12: ..." for the
// first line that is wrong. NOT_FOUND when there is no such file.
absl::Status ApplyConfigText(std::string_view file_name, std::string_view text,
                             ServeConfig& config);
absl::Status ApplyConfigFile(const std::string& path, ServeConfig& config);

// The whole configuration as a file that ApplyConfigText accepts, with a
// comment a setting.
std::string PrintConfig(ServeConfig& config);

// The same as the table of docs/reference/configuration.md.
std::string PrintConfigReference();

struct HostPort {
  std::string host;
  uint16_t port = 0;
};
// "127.0.0.1:8080", "localhost:8080", "[::1]:8080", ":8080" (every IPv4 address),
// "[::]:8080" (every address). Port 0: any free one.
absl::StatusOr<HostPort> ParseHostPort(std::string_view text);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_CONFIG_H_
