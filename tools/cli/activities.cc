#include <string>
#include <string_view>

#include "core/base/status_macros.h"
#include "projections/activities/activity_digest.h"
#include "tools/cli/operator_commands.h"

namespace dailyfeed::cli {
namespace {

absl::StatusOr<int> Digest(OperatorTarget& target, const CommandArguments& arguments,
                           control::ControlOutput& output) {
  ASSIGN_OR_RETURN(Dailyfeed* const feed, target.Feed(arguments));
  ActivityDigest digest;
  RETURN_IF_ERROR(
      feed->queries().VisitActivities([&](std::string_view key, std::string_view value) {
        digest.Add(key, value);
        return output.Wanted();
      }));
  if (!output.Wanted()) return absl::CancelledError("nobody waits for the digest any more");
  output.Write(digest.Line() + "\n");
  return kExitOk;
}

}  // namespace

OperatorCommand ActivitiesDigestCommand() {
  return {.subcommand =
              {
                  .name = "activities digest",
                  .summary = "one line for all activities, to compare read models",
                  .synopsis = "--data-dir=DIR",
                  .text = "Prints how many activities the read model has and a digest of all of "
                          "them. Two read\n"
                          "models with the same line have the same activities. Reads all of them; "
                          "changes\n"
                          "nothing.\n"
                          "\n"
                          "  dailyfeed activities digest --data-dir=feed\n",
                  .flags = {"data-dir", "time-zone", "pictures-dir"},
              },
          .path_flags = {"pictures-dir"},
          .run = &Digest};
}

}  // namespace dailyfeed::cli
