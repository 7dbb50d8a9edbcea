#include "tools/cli/operator_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "adapters/control/control_client.h"
#include "adapters/rocksdb/store/rocks_store.h"
#include "core/base/status_macros.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/relay_of_serve.h"
#include "tools/cli/standard_output.h"

namespace dailyfeed::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDataDir = "data-dir";

class StandardOutput final : public control::ControlOutput {
 public:
  bool Write(std::string_view text) override { return open_ = open_ && PrintText(text); }
  bool Wanted() override { return open_; }

 private:
  bool open_ = true;
};

absl::Status NoRelay() {
  return absl::FailedPreconditionError(
      "no server with --kafka runs on this directory: nothing is sent to Kafka");
}

class RunningFeedTarget final : public OperatorTarget {
 public:
  RunningFeedTarget(Dailyfeed* feed, kafka::Relay* relay)
      : feed_(feed),
        relay_(relay),
        data_directory_(feed->options().data_directory),
        copy_(data_directory_ + "/verify") {
    RemoveCopy();  // that of a process that was killed
  }

  const std::string& data_directory() const override { return data_directory_; }
  absl::StatusOr<const EventLog*> Log() override { return &feed_->log(); }
  absl::StatusOr<const Store*> Views() override { return &feed_->view_rows(); }

  // Verifies a copy of this moment, which costs hard links: the log itself goes on.
  absl::StatusOr<VerifyReport> VerifyLog(control::ControlOutput& output) override {
    std::unique_lock only(copy_mutex_, std::try_to_lock);
    if (!only.owns_lock()) {
      return absl::FailedPreconditionError("another `log verify` of this server runs");
    }
    RemoveCopy();
    absl::StatusOr<VerifyReport> report = VerifyCopy(output);
    RemoveCopy();
    return report;
  }

  absl::StatusOr<Dailyfeed*> Feed(const CommandArguments& arguments) override {
    ASSIGN_OR_RETURN(const std::string pictures, arguments.Get<std::string>("pictures-dir"));
    std::error_code error;
    if (pictures.empty() || fs::equivalent(pictures, feed_->pictures_directory(), error)) {
      return feed_;
    }
    return absl::FailedPreconditionError(
        fmt::format("the running server has its pictures in {}, not in {}",
                    feed_->pictures_directory(), pictures));
  }
  absl::StatusOr<kafka::Relay*> Relay() override {
    if (relay_ == nullptr) return NoRelay();
    return relay_;
  }
  absl::StatusOr<std::vector<kafka::rows::Letter>> RelayLetters(uint64_t after,
                                                                size_t max) override {
    if (relay_ == nullptr) return NoRelay();
    return relay_->Letters(after, max);
  }
  absl::StatusOr<std::vector<kafka::JobView>> RelayRanges() override {
    if (relay_ == nullptr) return NoRelay();
    return relay_->jobs();
  }

 private:
  absl::StatusOr<VerifyReport> VerifyCopy(control::ControlOutput& output) {
    RETURN_IF_ERROR(feed_->CheckpointLog(copy_));
    ASSIGN_OR_RETURN(const auto log, OpenRocksEventLog(copy_, {.read_only = true}));
    return VerifyRocksEventLog(*log, [&output] { return output.Wanted(); });
  }
  void RemoveCopy() {
    std::error_code error;
    fs::remove_all(copy_, error);
  }

  Dailyfeed* const feed_;
  kafka::Relay* const relay_;
  const std::string data_directory_;
  const std::string copy_;
  std::mutex copy_mutex_;
};

class IdleDirectoryTarget final : public OperatorTarget {
 public:
  explicit IdleDirectoryTarget(std::string data_directory)
      : data_directory_(std::move(data_directory)) {}

  const std::string& data_directory() const override { return data_directory_; }

  absl::StatusOr<const EventLog*> Log() override {
    RETURN_IF_ERROR(OpenLog());
    return log_.get();
  }
  absl::StatusOr<const Store*> Views() override {
    if (views_ == nullptr) {
      RocksStoreOptions options;
      options.read_only = true;
      ASSIGN_OR_RETURN(views_, OpenRocksStore(data_directory_ + "/views", options));
    }
    return views_.get();
  }
  absl::StatusOr<VerifyReport> VerifyLog(control::ControlOutput& output) override {
    RETURN_IF_ERROR(OpenLog());
    return VerifyRocksEventLog(*log_, [&output] { return output.Wanted(); });
  }
  absl::StatusOr<Dailyfeed*> Feed(const CommandArguments& arguments) override {
    Options options;
    options.data_directory = data_directory_;
    ASSIGN_OR_RETURN(options.time_zone, arguments.Get<std::string>("time-zone"));
    ASSIGN_OR_RETURN(options.pictures.directory, arguments.Get<std::string>("pictures-dir"));
    options.pictures.adopt_directory = false;  // it may be another feed's
    ASSIGN_OR_RETURN(feed_, Dailyfeed::Open(options));
    return feed_.get();
  }
  absl::StatusOr<kafka::Relay*> Relay() override { return NoRelay(); }
  absl::StatusOr<std::vector<kafka::rows::Letter>> RelayLetters(uint64_t after,
                                                                size_t max) override {
    ASSIGN_OR_RETURN(const Store* rows, RelayRows());
    if (rows == nullptr) return std::vector<kafka::rows::Letter>();
    return kafka::ReadLetters(*rows, after, max);
  }
  absl::StatusOr<std::vector<kafka::JobView>> RelayRanges() override {
    std::vector<kafka::JobView> ranges;
    ASSIGN_OR_RETURN(const Store* rows, RelayRows());
    if (rows == nullptr) return ranges;
    ASSIGN_OR_RETURN(const kafka::RelayState state, kafka::LoadRelayState(*rows));
    for (const auto& [of, job] : state.jobs) ranges.push_back({of, job});
    return ranges;
  }

 private:
  absl::Status OpenLog() {
    if (log_ != nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(log_, OpenRocksEventLog(data_directory_ + "/log", {.read_only = true}));
    return absl::OkStatus();
  }

  // nullptr: nothing was ever sent to Kafka.
  absl::StatusOr<const Store*> RelayRows() {
    const std::string directory = RelayDirectory(data_directory_);
    std::error_code error;
    if (relay_rows_ == nullptr && fs::exists(directory, error)) {
      RocksStoreOptions options;
      options.read_only = true;
      ASSIGN_OR_RETURN(relay_rows_, OpenRocksStore(directory, options));
    }
    return relay_rows_.get();
  }

  const std::string data_directory_;
  std::unique_ptr<RocksEventLog> log_;
  std::unique_ptr<RocksStore> views_;
  std::unique_ptr<RocksStore> relay_rows_;
  std::unique_ptr<Dailyfeed> feed_;
};

control::ControlResult ResultOf(const absl::StatusOr<int>& code) {
  if (code.ok()) return {.exit_code = *code};
  const bool misused = absl::IsInvalidArgument(code.status());
  return {.exit_code = misused ? kExitUsage : kExitFailed,
          .error = std::string(code.status().message())};
}

control::ControlResult Run(const OperatorCommand& command, OperatorTarget& target,
                           const std::map<std::string, std::string>& values,
                           control::ControlOutput& output) {
  const auto arguments = CommandArguments::Make(command, values);
  if (!arguments.ok()) return ResultOf(arguments.status());
  return ResultOf(command.run(target, *arguments, output));
}

// The flags as they were typed, or their defaults.
std::map<std::string, std::string> TypedFlags(const OperatorCommand& command) {
  std::map<std::string, std::string> values;
  for (const std::string_view name : command.subcommand.flags) {
    if (name == kDataDir) continue;
    std::string value = FindFlag(command.subcommand, name)->CurrentValue();
    const auto has = [](const std::vector<std::string_view>& names, std::string_view one) {
      return std::find(names.begin(), names.end(), one) != names.end();
    };
    const bool is_path = has(command.path_flags, name) && !has(command.no_paths, value);
    std::error_code error;
    if (is_path && !value.empty()) value = fs::absolute(value, error).string();
    values.emplace(name, std::move(value));
  }
  return values;
}

absl::StatusOr<control::ControlResult> RunWhereItIs(const OperatorCommand& command,
                                                    const std::vector<std::string>& words) {
  ASSIGN_OR_RETURN(const std::string directory, RequiredDataDirectory());
  RETURN_IF_ERROR(CheckIsDataDirectory(directory));
  control::ControlRequest request = {.command = std::string(command.subcommand.name),
                                     .arguments = TypedFlags(command)};
  for (size_t i = 0; i < words.size() && i < command.words.size(); ++i) {
    request.arguments.emplace(command.words[i], words[i]);
  }
  StandardOutput output;
  absl::StatusOr<control::ControlResult> result = control::AskServer(directory, request, output);
  if (!absl::IsNotFound(result.status())) return result;
  const std::unique_ptr<OperatorTarget> target = IdleDirectory(directory);
  return Run(command, *target, request.arguments, output);
}

}  // namespace

absl::StatusOr<CommandArguments> CommandArguments::Make(const OperatorCommand& command,
                                                        std::map<std::string, std::string> values) {
  const Subcommand& subcommand = command.subcommand;
  const auto has = [](const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const auto& [name, value] : values) {
    if (name != kDataDir && (has(subcommand.flags, name) || has(command.words, name))) continue;
    return absl::InvalidArgumentError(
        fmt::format("{} has no argument \"{}\".", subcommand.name, name));
  }
  return CommandArguments(&subcommand, std::move(values));
}

std::string CommandArguments::TextOf(std::string_view flag) const {
  const auto found = values_.find(std::string(flag));
  if (found != values_.end()) return found->second;
  return FindFlag(*subcommand_, flag)->DefaultValue();
}

std::optional<std::string> CommandArguments::Word(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

absl::Status CommandArguments::NotUnderstood(std::string_view flag, std::string_view text,
                                             std::string_view error) {
  return absl::InvalidArgumentError(
      fmt::format("--{} cannot be \"{}\"{}{}.", flag, text, error.empty() ? "" : ": ", error));
}

std::unique_ptr<OperatorTarget> RunningFeed(Dailyfeed* feed, kafka::Relay* relay) {
  return std::make_unique<RunningFeedTarget>(feed, relay);
}

std::unique_ptr<OperatorTarget> IdleDirectory(std::string data_directory) {
  return std::make_unique<IdleDirectoryTarget>(std::move(data_directory));
}

Subcommand SubcommandOf(const OperatorCommand& command) {
  Subcommand subcommand = command.subcommand;
  subcommand.arguments_max = command.words.size();
  subcommand.run = [&command](const std::vector<std::string>& words) {
    const absl::StatusOr<control::ControlResult> result = RunWhereItIs(command, words);
    if (!result.ok()) return Fail(command.subcommand.name, result.status());
    if (result->error.empty()) return result->exit_code;
    return Fail(command.subcommand.name, result->exit_code == kExitUsage
                                             ? absl::InvalidArgumentError(result->error)
                                             : absl::UnknownError(result->error));
  };
  return subcommand;
}

control::ControlResult Answer(OperatorTarget& target, const control::ControlRequest& request,
                              control::ControlOutput& output) {
  for (const OperatorCommand& command : OperatorCommands()) {
    if (command.subcommand.name == request.command) {
      return Run(command, target, request.arguments, output);
    }
  }
  std::vector<std::string_view> names;
  for (const OperatorCommand& command : OperatorCommands()) {
    names.push_back(command.subcommand.name);
  }
  return ResultOf(absl::InvalidArgumentError(fmt::format(
      "There is no command \"{}\"; there are: {}.", request.command, fmt::join(names, ", "))));
}

}  // namespace dailyfeed::cli
