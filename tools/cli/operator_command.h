// Commands for operators that work on a data directory, whether a server has it
// open or not: a running server is asked through its control socket, an idle
// directory is opened. Both run the same function, so the output and the exit
// code are the same.
//
// A new command is one function and one row in operator_commands.cc:
//
//   absl::StatusOr<int> PrintHead(OperatorTarget& target, const CommandArguments&,
//                                 control::ControlOutput& output) {
//     ASSIGN_OR_RETURN(const EventLog* log, target.Log());
//     output.Write(fmt::format("{}\n", log->Head()));
//     return kExitOk;
//   }
#ifndef DAILYFEED_TOOLS_CLI_OPERATOR_COMMAND_H_
#define DAILYFEED_TOOLS_CLI_OPERATOR_COMMAND_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/marshalling.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/control/protocol.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/kafka/relay/relay.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "core/ports/event_log.h"
#include "core/ports/store.h"
#include "tools/cli/subcommand.h"

namespace dailyfeed::cli {

struct OperatorCommand;

// The flags and words of one call, wherever they were typed.
class CommandArguments {
 public:
  // INVALID_ARGUMENT when the command has no such flag or word. `command` is not owned.
  static absl::StatusOr<CommandArguments> Make(const OperatorCommand& command,
                                               std::map<std::string, std::string> values);

  // The value of a flag of the command, or its default. INVALID_ARGUMENT when
  // the text is none of type T.
  template <typename T>
  absl::StatusOr<T> Get(std::string_view flag) const {
    T value;
    std::string error;
    const std::string text = TextOf(flag);
    if (absl::ParseFlag<T>(text, &value, &error)) return value;
    return NotUnderstood(flag, text, error);
  }
  // A word of the command (OperatorCommand::words); nullopt: it was left out.
  std::optional<std::string> Word(std::string_view name) const;

 private:
  CommandArguments(const Subcommand* subcommand, std::map<std::string, std::string> values)
      : subcommand_(subcommand), values_(std::move(values)) {}
  std::string TextOf(std::string_view flag) const;
  static absl::Status NotUnderstood(std::string_view flag, std::string_view text,
                                    std::string_view error);

  const Subcommand* subcommand_;
  std::map<std::string, std::string> values_;
};

// What a command works on. What it returns lives as long as the target. Threads:
// a running server's from any; an idle directory's from one.
class OperatorTarget {
 public:
  virtual ~OperatorTarget() = default;
  virtual const std::string& data_directory() const = 0;
  // For reading. An idle directory's is opened when it is first asked for, with
  // the errors of opening.
  virtual absl::StatusOr<const EventLog*> Log() = 0;
  virtual absl::StatusOr<const Store*> Views() = 0;
  // Reads everything; CANCELLED when `output` is wanted by nobody any more.
  virtual absl::StatusOr<VerifyReport> VerifyLog(control::ControlOutput& output) = 0;
  // The whole feed. For an idle directory, opened: recovered and caught up.
  // `arguments` are those of a command with --time-zone and --pictures-dir;
  // FAILED_PRECONDITION when a running server has its pictures elsewhere.
  virtual absl::StatusOr<Dailyfeed*> Feed(const CommandArguments& arguments) = 0;
  // FAILED_PRECONDITION when no server of this directory sends to Kafka.
  virtual absl::StatusOr<kafka::Relay*> Relay() = 0;
  // What Kafka did not take; nothing when nothing was ever sent. Ids above `after`.
  virtual absl::StatusOr<std::vector<kafka::rows::Letter>> RelayLetters(uint64_t after,
                                                                        size_t max) = 0;
  virtual absl::StatusOr<std::vector<kafka::JobView>> RelayRanges() = 0;
};

// Neither is owned; `relay` is nullptr when nothing is sent to Kafka.
std::unique_ptr<OperatorTarget> RunningFeed(Dailyfeed* feed, kafka::Relay* relay);
// Refused with the sentence of whoever has it open.
std::unique_ptr<OperatorTarget> IdleDirectory(std::string data_directory);

struct OperatorCommand {
  Subcommand subcommand;  // without `run`; its flags include data-dir
  // Flags with a path: the server may have another working directory.
  std::vector<std::string_view> path_flags;
  // Values of these flags that are no path.
  std::vector<std::string_view> no_paths;
  // What stands behind the name without dashes, in this order: {"projection"} takes
  // the word of `views verify posts`. A request to the server has each under its name.
  std::vector<std::string_view> words;
  // The exit code; INVALID_ARGUMENT is a wrong call, any other error a failure.
  absl::StatusOr<int> (*run)(OperatorTarget& target, const CommandArguments& arguments,
                             control::ControlOutput& output) = nullptr;
};

// The table of all of them, in the order of the overview. Lives for ever.
const std::vector<OperatorCommand>& OperatorCommands();
// With `run`: the server of --data-dir is asked, or the directory opened.
Subcommand SubcommandOf(const OperatorCommand& command);

// Runs the command that the request names. The handler of a control server.
control::ControlResult Answer(OperatorTarget& target, const control::ControlRequest& request,
                              control::ControlOutput& output);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_OPERATOR_COMMAND_H_
