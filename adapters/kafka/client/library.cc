#include "adapters/kafka/client/library.h"

#include <fmt/format.h>
#include <syslog.h>

#include <array>

#include "adapters/logging/logging.h"

namespace dailyfeed::kafka {
namespace {

constexpr size_t kErrorBytesMax = 512;

// The library repeats what it cannot reach every second: only what is worse than
// a lost connection is told, the rest shows in the state of the relay.
void LogOfLibrary(const rd_kafka_t*, int level, const char* facility, const char* text) {
  if (level == LOG_DEBUG) {
    // Somebody wants it: "debug = msg,topic" in the file of settings.
    logging::Log(logging::Level::kInfo, "kafka client",
                 {{"facility", std::string_view(facility)}, {"text", std::string_view(text)}});
    return;
  }
  if (level > LOG_ERR) return;
  const std::string_view name = facility;
  if (name == "FAIL" || name == "ERROR") return;
  logging::Log(logging::Level::kWarning, "kafka client",
               {{"facility", name}, {"text", std::string_view(text)}});
}

}  // namespace

LibraryConfig::LibraryConfig(const ClientSettings& settings) : config_(rd_kafka_conf_new()) {
  rd_kafka_conf_set_log_cb(config_, &LogOfLibrary);
  Set("bootstrap.servers", settings.brokers);
  Set("client.id", "dailyfeed");
  Set("socket.keepalive.enable", "true");
  Set("socket.nagle.disable", "true");
  // A half-open connection is noticed by a request that gets no answer.
  Set("socket.timeout.ms", "15000");
  Set("reconnect.backoff.ms", "100");
  Set("reconnect.backoff.max.ms", "2000");
  Set("topic.metadata.propagation.max.ms", "5000");
  Set("topic.metadata.refresh.interval.ms", "30000");
  Set("allow.auto.create.topics", "false");
  for (const auto& [name, value] : settings.library) Set(name, value);
}

LibraryConfig::~LibraryConfig() {
  if (config_ != nullptr) rd_kafka_conf_destroy(config_);
}

void LibraryConfig::Set(std::string_view name, const std::string& value) {
  std::array<char, kErrorBytesMax> error = {};
  const rd_kafka_conf_res_t set = rd_kafka_conf_set(config_, std::string(name).c_str(),
                                                    value.c_str(), error.data(), error.size());
  if (set == RD_KAFKA_CONF_OK || !status_.ok()) return;
  // The library's sentence has the value, which may be a secret.
  status_ = absl::InvalidArgumentError(
      set == RD_KAFKA_CONF_UNKNOWN
          ? fmt::format("the Kafka client has no setting {}", name)
          : fmt::format("the Kafka client does not accept this value of {}", name));
}

absl::StatusOr<OwnedHandle> LibraryConfig::Create(rd_kafka_type_t type) {
  if (!status_.ok()) return status_;
  std::array<char, kErrorBytesMax> error = {};
  OwnedHandle handle(rd_kafka_new(type, config_, error.data(), error.size()));
  if (handle == nullptr) {
    return absl::InvalidArgumentError(fmt::format("the Kafka client: {}", error.data()));
  }
  config_ = nullptr;  // the handle has it
  return handle;
}

absl::Status ToStatus(rd_kafka_resp_err_t error, std::string_view detail) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  const std::string text = detail.empty() ? std::string(rd_kafka_err2str(error))
                                          : fmt::format("{}: {}", rd_kafka_err2name(error), detail);
  switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return absl::NotFoundError(text);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
      return absl::PermissionDeniedError(text);
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return absl::AlreadyExistsError(text);
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return absl::InvalidArgumentError(text);
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return absl::DeadlineExceededError(text);
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
      return absl::UnavailableError(text);
    default:
      return absl::InternalError(text);
  }
}

}  // namespace dailyfeed::kafka
