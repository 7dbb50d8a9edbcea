// Handles and settings of librdkafka. Internal to the folder.
#ifndef DAILYFEED_ADAPTERS_KAFKA_CLIENT_LIBRARY_H_
#define DAILYFEED_ADAPTERS_KAFKA_CLIENT_LIBRARY_H_

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/kafka/client/client_settings.h"

namespace dailyfeed::kafka {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};
template <typename T, auto destroy>
using Owned = std::unique_ptr<T, Destroy<destroy>>;

using OwnedHandle = Owned<rd_kafka_t, &rd_kafka_destroy>;
using OwnedQueue = Owned<rd_kafka_queue_t, &rd_kafka_queue_destroy>;
using OwnedEvent = Owned<rd_kafka_event_t, &rd_kafka_event_destroy>;
using OwnedPartitions =
    Owned<rd_kafka_topic_partition_list_t, &rd_kafka_topic_partition_list_destroy>;

// A configuration until a handle takes it over.
class LibraryConfig {
 public:
  // With the brokers, the settings of the file, and our log.
  explicit LibraryConfig(const ClientSettings& settings);
  ~LibraryConfig();
  LibraryConfig(const LibraryConfig&) = delete;
  LibraryConfig& operator=(const LibraryConfig&) = delete;

  // A value that is refused shows in Create, without the value.
  void Set(std::string_view name, const std::string& value);
  rd_kafka_conf_t* get() { return config_; }
  absl::StatusOr<OwnedHandle> Create(rd_kafka_type_t type);

 private:
  rd_kafka_conf_t* config_;
  absl::Status status_;
};

// What a library's error means to us: UNAVAILABLE when waiting may help,
// NOT_FOUND for a topic or partition that is not there, PERMISSION_DENIED,
// ALREADY_EXISTS, INVALID_ARGUMENT, DEADLINE_EXCEEDED; else INTERNAL.
absl::Status ToStatus(rd_kafka_resp_err_t error, std::string_view detail = {});

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_CLIENT_LIBRARY_H_
