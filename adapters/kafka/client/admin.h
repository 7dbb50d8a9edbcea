// Asks a cluster about its topics, makes and deletes them, and looks at single
// records.
//
//   ASSIGN_OR_RETURN(auto admin, Admin::Open(settings));
//   ASSIGN_OR_RETURN(const Cluster cluster, admin->Describe(absl::Seconds(5)));
//   for (const auto& [name, topic] : cluster.topics) ...
//
// Errors of everything: UNAVAILABLE or DEADLINE_EXCEEDED when the cluster does
// not answer in time; PERMISSION_DENIED when a right is missing; NOT_FOUND for a
// topic or partition that is not there. Every call blocks, at most for `wait`.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_KAFKA_CLIENT_ADMIN_H_
#define DAILYFEED_ADAPTERS_KAFKA_CLIENT_ADMIN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/kafka/client/client_settings.h"

namespace dailyfeed::kafka {

struct Cluster {
  struct Topic {
    int partitions = 0;
    absl::Status status;  // what keeps it from being used
  };
  std::string id;
  int brokers = 0;
  std::map<std::string, Topic> topics;
};

struct NewTopic {
  std::string name;
  int partitions = 6;
  int replication = 1;
  absl::Duration retention = absl::Hours(24 * 7);
  uint64_t message_bytes_max = 1'048'588;
};

struct TopicSettings {
  uint64_t message_bytes_max = 0;
  absl::Duration retention;
};

// The records a partition has: from `begin` up to and without `end`.
struct Offsets {
  int64_t begin = 0;
  int64_t end = 0;
};

class Admin {
 public:
  static absl::StatusOr<std::unique_ptr<Admin>> Open(const ClientSettings& settings);
  virtual ~Admin() = default;

  // Everything that the cluster shows us.
  virtual absl::StatusOr<Cluster> Describe(absl::Duration wait) = 0;
  // One answer a topic, in their order; ALREADY_EXISTS is one. With the broker's
  // own clock for the times of records, whatever the default of the cluster.
  virtual absl::StatusOr<std::vector<absl::Status>> Create(const std::vector<NewTopic>& topics,
                                                           absl::Duration wait) = 0;
  virtual absl::StatusOr<std::vector<absl::Status>> Delete(const std::vector<std::string>& names,
                                                           absl::Duration wait) = 0;
  virtual absl::StatusOr<std::vector<absl::StatusOr<TopicSettings>>> Settings(
      const std::vector<std::string>& names, absl::Duration wait) = 0;
  virtual absl::StatusOr<Offsets> OffsetsOf(const std::string& topic, int partition,
                                            absl::Duration wait) = 0;
  // The value of a header of the first record at or behind `offset`; nullopt when
  // there is none.
  virtual absl::StatusOr<std::optional<std::string>> HeaderAt(const std::string& topic,
                                                              int partition, int64_t offset,
                                                              std::string_view header,
                                                              absl::Duration wait) = 0;
};

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_CLIENT_ADMIN_H_
