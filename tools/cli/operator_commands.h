// Every command for operators, one file each. operator_command.h has the table.
#ifndef DAILYFEED_TOOLS_CLI_OPERATOR_COMMANDS_H_
#define DAILYFEED_TOOLS_CLI_OPERATOR_COMMANDS_H_

#include "tools/cli/operator_command.h"

namespace dailyfeed::cli {

OperatorCommand LogStatCommand();
OperatorCommand LogCatCommand();
OperatorCommand LogVerifyCommand();
OperatorCommand ViewsStatCommand();
OperatorCommand ViewsDigestCommand();
OperatorCommand ViewsVerifyCommand();
OperatorCommand UnparkCommand();
OperatorCommand ActivitiesDigestCommand();
OperatorCommand ImagesGcCommand();
OperatorCommand BackupCommand();
OperatorCommand TopicsListCommand();
OperatorCommand TopicsCreateCommand();
OperatorCommand TopicsPruneCommand();
OperatorCommand DeadletterListCommand();
OperatorCommand DeadletterShowCommand();

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_OPERATOR_COMMANDS_H_
