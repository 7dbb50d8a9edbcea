// Sends messages to Kafka and tells what became of each.
//
//   ASSIGN_OR_RETURN(auto producer, Producer::Open(settings));
//   producer->Send("member-activity-20261121", /*partition=*/3, message, /*token=*/1);
//   for (const Delivery& delivery : producer->Poll(absl::Milliseconds(5))) ...
//
// Messages of one partition are kept in the order of Send. After the first that
// is not acknowledged the producer sends nothing more: every message that it still
// has is given back (kReturned), and a new producer is needed. So nothing ever
// overtakes a message that failed.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_KAFKA_CLIENT_PRODUCER_H_
#define DAILYFEED_ADAPTERS_KAFKA_CLIENT_PRODUCER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/kafka/client/client_settings.h"
#include "adapters/kafka/messages/message.h"

namespace dailyfeed::kafka {

struct Delivery {
  enum class Outcome {
    kAcknowledged,
    kTooLarge,      // the record, or the batch it was in, is above the topic's limit
    kInvalid,       // the broker will never take this record
    kTopicUnknown,  // the topic, or the partition, is not there
    kTopicRefused,  // a right or a policy is against it
    kReturned,      // nothing is known against it: send it again
  };
  uint64_t token = 0;
  Outcome outcome = Outcome::kReturned;
  // The place it has in its partition; -1 when the broker did not say, which
  // happens for a message that it had already.
  int64_t offset = -1;
  std::string error;
};

class Producer {
 public:
  // INVALID_ARGUMENT names a setting that the library does not accept. Connects
  // to nobody: a cluster that is not there shows in that nothing is acknowledged.
  static absl::StatusOr<std::unique_ptr<Producer>> Open(const ClientSettings& settings);
  // Gives up what is not acknowledged; nobody is told. Does not wait for a broker.
  virtual ~Producer() = default;

  // False: there is no room; Poll makes some. Copies the message.
  virtual bool Send(const std::string& topic, int partition, const Message& message,
                    uint64_t token) = 0;
  // Waits until something is delivered, at most so long.
  virtual std::vector<Delivery> Poll(absl::Duration wait) = 0;
  // Messages that are neither acknowledged nor given back.
  virtual size_t in_flight() const = 0;
  // Not OK: this producer sends nothing any more; Abandon tells the rest.
  virtual absl::Status status() const = 0;
  // Gives back everything. What the broker has acknowledged meanwhile is told so.
  virtual std::vector<Delivery> Abandon() = 0;
};

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_CLIENT_PRODUCER_H_
