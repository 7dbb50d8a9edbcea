#include "adapters/embedded/backup.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "core/base/status_macros.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/operator_commands.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"

ABSL_FLAG(std::string, backup_to, "",
          "The directory of the backup. Made; refused when it has files.");
ABSL_FLAG(std::string, backup_secrets_to, "",
          "Where the newest secrets go, apart from the backups; replaced by each backup.");
ABSL_FLAG(std::string, restore_from, "", "The directory of a backup.");
ABSL_FLAG(std::string, restore_secrets_from, "",
          "Where the newest secrets are, when they are not in the backup.");

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

std::string JsonOf(const BackupReport& report) {
  json::object parts;
  for (const BackupPart& part : report.parts) {
    parts[part.name] = json::object{{"files", part.files}, {"bytes", part.bytes}};
  }
  return json::serialize(json::object{{"head", report.head}, {"parts", std::move(parts)}}) + "\n";
}

std::string TextOf(const BackupReport& report) {
  std::string text = fmt::format("head      {}\n", report.head);
  for (const BackupPart& part : report.parts) {
    text += fmt::format("{:<9} {} files, {} bytes\n", part.name + "/", part.files, part.bytes);
  }
  return text;
}

absl::StatusOr<int> BackUp(OperatorTarget& target, const CommandArguments& arguments,
                           control::ControlOutput& output) {
  BackupOptions options;
  ASSIGN_OR_RETURN(options.to, arguments.Get<std::string>("to"));
  ASSIGN_OR_RETURN(options.secrets_to, arguments.Get<std::string>("secrets-to"));
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  if (options.to.empty()) return absl::InvalidArgumentError("--to=DIR is missing.");
  ASSIGN_OR_RETURN(Dailyfeed * feed, target.Feed(arguments));
  options.wanted = [&output] { return output.Wanted(); };
  ASSIGN_OR_RETURN(const BackupReport report, feed->Backup(options));
  output.Write(as_json ? JsonOf(report) : TextOf(report));
  return kExitOk;
}

absl::StatusOr<BackupReport> RestoreFromFlags() {
  RestoreOptions options;
  ASSIGN_OR_RETURN(options.data_directory, RequiredDataDirectory());
  options.from = absl::GetFlag(FLAGS_restore_from);
  options.secrets_from = absl::GetFlag(FLAGS_restore_secrets_from);
  if (options.from.empty()) return absl::InvalidArgumentError("--from=DIR is missing.");
  return Restore(options);
}

int RunRestore(const std::vector<std::string>&) {
  const absl::StatusOr<BackupReport> report = RestoreFromFlags();
  if (!report.ok()) return Fail("restore", report.status());
  PrintText(absl::GetFlag(FLAGS_json) ? JsonOf(*report) : TextOf(*report));
  return kExitOk;
}

}  // namespace

OperatorCommand BackupCommand() {
  return {.subcommand =
              {
                  .name = "backup",
                  .summary = "copy a data directory while it is served",
                  .synopsis =
                      "--data-dir=DIR --to=DIR [--secrets-to=DIR] [--pictures-dir=DIR] [--json]",
                  .text = "Copies the log, then the pictures, then the secrets. Reads and writes "
                          "go on; what was\n"
                          "acknowledged before the call is in the copy. Files that never change "
                          "are hard links\n"
                          "when both directories are on one file system. The copy appears under "
                          "its name when it\n"
                          "is complete and on the disk; what an interrupted backup leaves, the "
                          "next one removes.\n"
                          "\n"
                          "Keep one copy of the secrets only, the newest: --secrets-to replaces "
                          "it. A copy of\n"
                          "older secrets would bring back members who have withdrawn.\n"
                          "\n"
                          "  dailyfeed backup --data-dir=feed --to=backups/20261121 "
                          "--secrets-to=newest-secrets\n",
                  .flags = {"data-dir", "to", "secrets-to", "pictures-dir", "json", "time-zone"},
              },
          .path_flags = {"to", "secrets-to", "pictures-dir"},
          .run = &BackUp};
}

Subcommand RestoreSubcommand() {
  return {
      .name = "restore",
      .summary = "make a data directory of a backup",
      .synopsis = "--from=DIR [--secrets-from=DIR] --data-dir=DIR [--json]",
      .text =
          "Copies a backup into a data directory that is missing or empty. A server refuses the\n"
          "directory until the copy is complete; a restore that was interrupted is started again.\n"
          "The read models are built from the log when a server first opens the directory.\n"
          "Pictures go to pictures/ in it, whatever pictures.directory says.\n"
          "\n"
          "  dailyfeed restore --from=backups/20261121 --secrets-from=newest-secrets "
          "--data-dir=feed\n",
      .flags = {"data-dir", "from", "secrets-from", "json"},
      .run = &RunRestore,
  };
}

}  // namespace dailyfeed::cli
