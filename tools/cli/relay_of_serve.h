// The relay to Kafka of `dailyfeed serve`.
#ifndef DAILYFEED_TOOLS_CLI_RELAY_OF_SERVE_H_
#define DAILYFEED_TOOLS_CLI_RELAY_OF_SERVE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/kafka/relay/relay.h"
#include "tools/cli/config.h"

namespace dailyfeed::cli {

// nullptr without kafka.brokers. Its store is kafka/ in the data directory. `feed`
// is not owned and must outlive the relay. INVALID_ARGUMENT names the setting.
absl::StatusOr<std::unique_ptr<kafka::Relay>> StartRelay(const KafkaConfig& config,
                                                         Dailyfeed* feed);

// Where the relay of a data directory keeps its rows.
std::string RelayDirectory(const std::string& data_directory);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_RELAY_OF_SERVE_H_
