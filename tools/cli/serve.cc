#include <errno.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "adapters/control/control_server.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/http/api/api.h"
#include "adapters/http/server/access_log.h"
#include "adapters/http/server/server.h"
#include "adapters/logging/logging.h"
#include "adapters/monitor/monitor.h"
#include "adapters/monitor/request_metrics.h"
#include "core/base/status_macros.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/config.h"
#include "tools/cli/descriptors.h"
#include "tools/cli/operator_command.h"
#include "tools/cli/relay_of_serve.h"
#include "tools/cli/sample_data.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"

ABSL_FLAG(std::string, http, "", "HOST:PORT of the API. Default: 127.0.0.1:8080.");
ABSL_FLAG(std::string, monitor, "",
          "HOST:PORT of health, metrics and diagnostics; keep it private. Default: "
          "127.0.0.1:9090.");
ABSL_FLAG(std::string, config, "",
          "A file with settings, one a line; see --print-config. Flags win over it.");
ABSL_FLAG(std::string, kafka, "",
          "HOST:PORT,HOST:PORT of a Kafka cluster that everything is sent to. Default: none.");
ABSL_FLAG(bool, print_config, false,
          "Print every setting as a configuration file, flags and file applied, and exit.");
ABSL_FLAG(bool, development, false,
          "For plain HTTP on one's own machine: cookies without Secure, and a start page at /.");
ABSL_FLAG(bool, seed_sample_data, false,
          "Before listening, fill the directory with a sample community if it is empty.");

namespace dailyfeed::cli {
namespace {

constexpr uint64_t kSampleSeed = 20251015;
// The monitor gets one of so many descriptors, and connections enough for a scraper
// and a few probes.
constexpr uint64_t kPartForMonitor = 16;
constexpr uint64_t kMonitorConnectionsLeast = 8;
constexpr mode_t kMaskOfOthers = 0077;

// SIGTERM and SIGINT are blocked in every thread and taken by one of their own,
// from the first moment: Ctrl-C must end a long recovery at once (opening is as
// safe to kill as everything else), and a handler would run on whatever thread
// the system picks.
int signal_pipe[2] = {-1, -1};
std::atomic<bool> serving = false;

void TakeSignals(sigset_t signals) {
  for (int seen = 0;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (!serving || ++seen > 1) {
      constexpr std::string_view kMessage = "dailyfeed serve: ended at once\n";
      (void)!write(STDERR_FILENO, kMessage.data(), kMessage.size());
      _exit(kExitFailed);
    }
    (void)!write(signal_pipe[1], "x", 1);
  }
}

// Before any other thread starts: they inherit the mask.
absl::Status InstallSignals() {
  if (pipe(signal_pipe) != 0) return absl::InternalError("cannot make a pipe");
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) {
    return absl::InternalError("cannot block signals");
  }
  // Ends with the process.
  std::thread(TakeSignals, signals).detach();
  return absl::OkStatus();
}

void WaitForSignal() {
  char byte = 0;
  while (read(signal_pipe[0], &byte, 1) < 0 && errno == EINTR) {
  }
}

// Defaults, then the file, then what was typed.
absl::Status Configure(ServeConfig& config) {
  if (const std::string file = absl::GetFlag(FLAGS_config); !file.empty()) {
    const absl::Status status = ApplyConfigFile(file, config);
    if (!status.ok()) return absl::FailedPreconditionError(status.message());
  }
  const auto override_with = [](const std::string& value, std::string& setting) {
    if (!value.empty()) setting = value;
  };
  override_with(absl::GetFlag(FLAGS_http), config.http_address);
  override_with(absl::GetFlag(FLAGS_monitor), config.monitor_address);
  override_with(absl::GetFlag(FLAGS_data_dir), config.feed.data_directory);
  override_with(absl::GetFlag(FLAGS_kafka), config.kafka.relay.client.brokers);
  if (absl::GetFlag(FLAGS_development)) {
    config.api.secure_cookies = false;
    config.api.start_page = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<HostPort> Address(const char* flag, const std::string& text) {
  absl::StatusOr<HostPort> address = ParseHostPort(text);
  if (address.ok()) return address;
  return absl::InvalidArgumentError(fmt::format(
      "{} {}", flag,
      std::string_view(address.status().message().data(), address.status().message().size())));
}

std::string Listening(const HostPort& address, uint16_t port) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", address.host, v6 ? "]" : "", port);
}

absl::StatusOr<std::unique_ptr<Dailyfeed>> OpenFeed(const Options& options) {
  absl::StatusOr<std::unique_ptr<Dailyfeed>> feed = Dailyfeed::Open(options);
  if (feed.ok() || feed.status().code() != absl::StatusCode::kDataLoss) return feed;
  const absl::string_view message = feed.status().message();
  return absl::DataLossError(fmt::format("{}; `dailyfeed log verify --data-dir={}` tells more.",
                                         std::string_view(message.data(), message.size()),
                                         options.data_directory));
}

DescriptorBudget Budget(uint64_t limit, const ServeConfig& config) {
  return {.limit = limit,
          .open = OpenDescriptors(),
          .reserve = config.descriptors_reserve,
          .monitor = config.monitor.connections_max + monitor::kRefusalsAtOnceMax};
}

absl::Status Serve(ServeConfig config) {
  if (config.feed.data_directory.empty()) {
    return absl::InvalidArgumentError("--data-dir=DIR is missing.");
  }
  ASSIGN_OR_RETURN(const HostPort http_address, Address("--http", config.http_address));
  ASSIGN_OR_RETURN(const HostPort monitor_address, Address("--monitor", config.monitor_address));
  // Everything that is made from here on is for its owner only.
  ::umask(kMaskOfOthers);
  RETURN_IF_ERROR(InstallSignals());
  ASSIGN_OR_RETURN(const uint64_t descriptors, RaiseDescriptorLimit());
  config.monitor.connections_max =
      std::min<size_t>(config.monitor.connections_max,
                       std::max(kMonitorConnectionsLeast, descriptors / kPartForMonitor));
  const size_t connections_wanted = config.server.connections_max;
  // Now for the refusal only: a directory that cannot be served is not made.
  RETURN_IF_ERROR(FitConnections(Budget(descriptors, config), &config.server));
  logging::SetQueueLinesMax(config.log_lines_max);
  if (const std::string warning = SlowBuildWarning(); !warning.empty()) {
    logging::Log(logging::Level::kWarning, warning);
  }
  // Before the directory is opened: a long recovery can be watched.
  config.monitor.host = monitor_address.host;
  config.monitor.port = monitor_address.port;
  ASSIGN_OR_RETURN(const std::unique_ptr<monitor::Monitor> monitor,
                   monitor::Monitor::Start(config.monitor));
  // The API listens only when it can be served: but nothing is made for a port
  // that somebody else has.
  RETURN_IF_ERROR(http::CheckCanListen(http_address.host, http_address.port));
  monitor->SetStarting("opening the data directory");
  config.feed.runtime.on_progress = [&monitor](std::string_view what, Position at, Position head) {
    if (!serving) monitor->SetStarting(fmt::format("{}: {} of {}", what, at, head));
  };

  // Pictures are decoded by this program in processes of their own. Where it
  // cannot find itself, they are decoded here.
  constexpr char kThisProgram[] = "/proc/self/exe";
  if (::access(kThisProgram, X_OK) == 0) {
    config.feed.pictures.processor.decoder_program = kThisProgram;
  }
  logging::Log(logging::Level::kInfo, "opening", {{"data_directory", config.feed.data_directory}});
  ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed, OpenFeed(config.feed));
  if (absl::GetFlag(FLAGS_seed_sample_data) && feed->log().Head() == 0) {
    monitor->SetStarting("making sample data");
    RETURN_IF_ERROR(AddSampleData(*feed, kSampleSeed));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<kafka::Relay> relay, StartRelay(config.kafka, feed.get()));
  if (config.api.sample_logins_file.empty()) {
    config.api.sample_logins_file = SampleLoginsPath(config.feed.data_directory);
  }
  std::unique_ptr<http::Api> api = http::Api::Create(feed.get(), config.api);
  api->WarmUp();

  monitor::RequestMetrics metrics;
  RETURN_IF_ERROR(FitConnections(Budget(descriptors, config), &config.server));
  if (config.server.connections_max < connections_wanted) {
    logging::Log(logging::Level::kWarning, "file descriptors limit the connections",
                 {{"limit", descriptors},
                  {"open", OpenDescriptors()},
                  {"reserve", uint64_t{config.descriptors_reserve}},
                  {"connections_max", uint64_t{config.server.connections_max}}});
  }
  config.server.host = http_address.host;
  config.server.port = http_address.port;
  std::string effective = PrintConfig(config);
  config.server.on_request = [&metrics,
                              mode = config.access_log](const http::RequestRecord& record) {
    metrics.Record(record);
    http::LogRequest(mode, record);
  };
  ASSIGN_OR_RETURN(std::unique_ptr<http::Server> server,
                   http::Server::Start(api.get(), std::move(config.server)));
  monitor->Attach({.feed = feed.get(),
                   .server = server.get(),
                   .requests = &metrics,
                   .relay = relay.get(),
                   .config = std::move(effective)});

  const std::unique_ptr<OperatorTarget> operated = RunningFeed(feed.get(), relay.get());
  config.control.directory = config.feed.data_directory;
  ASSIGN_OR_RETURN(std::unique_ptr<control::ControlServer> control,
                   control::ControlServer::Start(config.control,
                                                 [&operated](const control::ControlRequest& request,
                                                             control::ControlOutput& output) {
                                                   return Answer(*operated, request, output);
                                                 }));

  serving = true;
  logging::Log(logging::Level::kInfo, "serving",
               {{"http", Listening(http_address, server->port())},
                {"monitor", Listening(monitor_address, monitor->port())},
                {"head", feed->log().Head()}});
  WaitForSignal();

  logging::Log(logging::Level::kInfo, "draining",
               {{"patience", absl::FormatDuration(config.drain_timeout)}});
  monitor->BeginDrain();
  api->BeginDrain();
  control = nullptr;
  const bool drained = server->Drain(config.drain_timeout);
  monitor->Detach();
  feed->StopPictures();  // what was cut needs none, and may take long
  // The workers of the API may still be at what was cut: they need the feed.
  server.reset();
  api.reset();
  if (relay != nullptr) relay->Stop();
  feed->Close();
  logging::Log(logging::Level::kInfo, "stopped", {{"requests_cut", drained ? "no" : "yes"}});
  logging::Flush();
  return absl::OkStatus();
}

int Run(const std::vector<std::string>&) {
  ServeConfig config;
  absl::Status status = Configure(config);
  if (status.ok() && absl::GetFlag(FLAGS_print_config)) {
    PrintText(PrintConfig(config));
    return kExitOk;
  }
  if (status.ok()) status = Serve(std::move(config));
  return status.ok() ? kExitOk : Fail("serve", status);
}

}  // namespace

Subcommand ServeSubcommand() {
  return {
      .name = "serve",
      .summary = "serve the HTTP API over one data directory",
      .synopsis =
          "--data-dir=DIR [--http=HOST:PORT] [--monitor=HOST:PORT] [--kafka=HOST:PORT,...] "
          "[--config=FILE]",
      .text =
          "Opens the directory (makes it when missing), recovers, catches up and listens. Health,\n"
          "metrics and diagnostics answer on a port of their own. SIGTERM or Ctrl-C ends it:\n"
          "requests in flight are answered, the log is closed, exit code 0; a second one ends\n"
          "it at once. Logs are JSON lines on stderr. With --kafka everything that happens is "
          "sent\n"
          "to a Kafka cluster; no request waits for it.\n"
          "\n"
          "  dailyfeed serve --data-dir=feed\n"
          "  dailyfeed serve --data-dir=feed --seed-sample-data --development\n"
          "  dailyfeed serve --print-config > feed.conf\n"
          "  dailyfeed serve --config=feed.conf --http=0.0.0.0:8080\n",
      .flags = {"data-dir", "http", "monitor", "kafka", "config", "print-config", "development",
                "seed-sample-data"},
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli
