#include "tools/cli/operator_commands.h"

namespace dailyfeed::cli {

const std::vector<OperatorCommand>& OperatorCommands() {
  static const auto* const kCommands = new std::vector<OperatorCommand>{
      LogStatCommand(),     LogCatCommand(),           LogVerifyCommand(),
      ViewsStatCommand(),   ViewsDigestCommand(),      ViewsVerifyCommand(),
      UnparkCommand(),      ActivitiesDigestCommand(), ImagesGcCommand(),
      BackupCommand(),      TopicsListCommand(),       TopicsCreateCommand(),
      TopicsPruneCommand(), DeadletterListCommand(),   DeadletterShowCommand()};
  return *kCommands;
}

}  // namespace dailyfeed::cli
