// What a control client and a control server say to each other: JSON, one
// object a line. docs/reference/control.md describes it for other programs.
//
//   const std::string line = FormatRequest({.command = "log cat", .arguments = {{"limit", "3"}}});
//   absl::StatusOr<ControlRequest> request = ParseRequest(line);
//
// Threads: pure functions.
#ifndef DAILYFEED_ADAPTERS_CONTROL_PROTOCOL_H_
#define DAILYFEED_ADAPTERS_CONTROL_PROTOCOL_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dailyfeed::control {

// The socket in the data directory.
inline constexpr std::string_view kSocketName = "control.sock";

// A server sends no longer line than this; a client refuses a longer one.
inline constexpr size_t kReplyBytesMax = 1u << 20;

// {"command":"log cat","arguments":{"limit":"3"}}
struct ControlRequest {
  std::string command;
  std::map<std::string, std::string> arguments;  // flags without their dashes
};

// Without a line break.
std::string FormatRequest(const ControlRequest& request);
// INVALID_ARGUMENT says what is expected.
absl::StatusOr<ControlRequest> ParseRequest(std::string_view line);

// One line of an answer: a piece of the output, or the end.
//
//   {"text":"head 41\n"}
//   {"exit":0}
//   {"exit":1,"error":"there is no parked key post/9 of posts"}
struct ControlReply {
  std::string text;
  std::optional<int> exit_code;  // the last line has it
  std::string error;             // beside an exit code that is not 0; may be empty
};

std::string FormatReply(const ControlReply& reply);
// DATA_LOSS: this is no line of a control server.
absl::StatusOr<ControlReply> ParseReply(std::string_view line);

// Where a command writes what an operator reads.
class ControlOutput {
 public:
  virtual ~ControlOutput() = default;
  // False: nobody reads any more, so the command ends early.
  virtual bool Write(std::string_view text) = 0;
  // Whether anybody still waits. A command that computes for long without
  // writing asks from time to time.
  virtual bool Wanted() = 0;
};

// How a command ended. The exit code is that of the process that asked.
struct ControlResult {
  int exit_code = 0;
  std::string error;  // one sentence
};

}  // namespace dailyfeed::control

#endif  // DAILYFEED_ADAPTERS_CONTROL_PROTOCOL_H_
