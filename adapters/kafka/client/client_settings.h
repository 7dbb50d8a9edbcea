// How to reach a cluster of Kafka.
//
//   ClientSettings settings = {.brokers = "127.0.0.1:19092"};
//   ASSIGN_OR_RETURN(settings.library, ReadLibrarySettings("/etc/dailyfeed/kafka.conf"));
#ifndef DAILYFEED_ADAPTERS_KAFKA_CLIENT_CLIENT_SETTINGS_H_
#define DAILYFEED_ADAPTERS_KAFKA_CLIENT_CLIENT_SETTINGS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace dailyfeed::kafka {

// Name and value, as the client library knows them: security.protocol,
// sasl.password, ssl.ca.location, ... Values may be secrets: no error and no log
// line names one.
using LibrarySettings = std::vector<std::pair<std::string, std::string>>;

enum class Acks {
  kAll,  // every replica in sync has it; without repeats by the library's retries
  kOne,  // the leader has it: a failover may lose it, and retries repeat messages
};

struct ClientSettings {
  std::string brokers;  // HOST:PORT,HOST:PORT: some of the cluster
  Acks acks = Acks::kAll;
  std::string compression = "lz4";  // none, gzip, snappy, lz4, zstd
  // Bytes of one batch; below the smallest limit of the topics, because a broker
  // refuses a batch that is too large as a whole.
  size_t batch_bytes_max = 900'000;
  // Messages that wait for the broker, in the client library.
  size_t waiting_bytes_max = 48u << 20;
  LibrarySettings library;
};

// "HOST:PORT,HOST:PORT". INVALID_ARGUMENT says what is wrong.
absl::Status CheckBrokers(std::string_view brokers);

// A file of "name = value" lines; '#' begins a comment line. NOT_FOUND;
// INVALID_ARGUMENT names the line, and a setting that the relay sets itself
// (acks, enable.idempotence, ...).
absl::StatusOr<LibrarySettings> ReadLibrarySettings(const std::string& path);
absl::StatusOr<LibrarySettings> ParseLibrarySettings(std::string_view file_name,
                                                     std::string_view text);

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_CLIENT_CLIENT_SETTINGS_H_
