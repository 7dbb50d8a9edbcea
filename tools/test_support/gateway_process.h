// The real `dailyfeed` binary as a child process, for tests that kill it.
//
//   GatewayProcess gateway(binary, data_directory);
//   ASSERT_TRUE(gateway.Start().ok());
//   gateway.Kill();                       // -9
//   ASSERT_TRUE(gateway.Start().ok());    // the same ports and directory again
//
// Threads: one at a time.
#ifndef DAILYFEED_TOOLS_TEST_SUPPORT_GATEWAY_PROCESS_H_
#define DAILYFEED_TOOLS_TEST_SUPPORT_GATEWAY_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dailyfeed::test_support {

class GatewayProcess {
 public:
  // `arguments` are added to `serve --data-dir --http --monitor`. What the
  // process prints goes to `<data_directory>.log`.
  GatewayProcess(std::string binary, std::string data_directory,
                 std::vector<std::string> arguments = {});
  // Kills a running process.
  ~GatewayProcess();
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  // Starts and waits until /readyz answers 200. The error has the end of what
  // the process printed.
  absl::Status Start(absl::Duration patience = absl::Seconds(60));
  void Kill();
  // SIGTERM; the exit code.
  absl::StatusOr<int> Terminate(absl::Duration patience = absl::Seconds(60));

  uint16_t port() const { return port_; }
  uint16_t monitor_port() const { return monitor_port_; }
  pid_t pid() const { return pid_; }
  // Everything printed by every start so far.
  std::string Output() const;

 private:
  const std::string binary_;
  const std::string data_directory_;
  const std::vector<std::string> arguments_;
  uint16_t port_ = 0;
  uint16_t monitor_port_ = 0;
  pid_t pid_ = -1;
};

// Runs a command to its end; its exit code, and what it printed.
struct Finished {
  int exit_code = -1;
  std::string output;  // stdout and stderr
};
absl::StatusOr<Finished> RunProcess(const std::vector<std::string>& command);

// A TCP port of 127.0.0.1 that nobody listens on at the moment.
uint16_t FreePort();

}  // namespace dailyfeed::test_support

#endif  // DAILYFEED_TOOLS_TEST_SUPPORT_GATEWAY_PROCESS_H_
