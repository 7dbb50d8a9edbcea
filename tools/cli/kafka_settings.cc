// The settings of sending to Kafka; internal to settings.cc.
#include <cstdint>

#include "adapters/embedded/option_bounds.h"
#include "tools/cli/config.h"
#include "tools/cli/setting_kinds.h"

namespace dailyfeed::cli {
namespace {

constexpr absl::Duration kNone = absl::ZeroDuration();
constexpr absl::Duration kNotNone = absl::Milliseconds(1);
constexpr uint64_t kTopicPartitionsMax = 1'000;
constexpr uint64_t kReplicasMax = 100;
constexpr uint64_t kDayTopicsMax = 10'000;

}  // namespace

#define FIELD(type, path) [](ServeConfig& config) -> type& { return config.path; }

void AddKafkaSettings(std::vector<Setting>& all) {
  all.push_back(Text("kafka.brokers", FIELD(std::string, kafka.relay.client.brokers),
                     "HOST:PORT,HOST:PORT of a Kafka cluster; --kafka. Empty: nothing is sent."));
  all.push_back(Text("kafka.client_settings_file", FIELD(std::string, kafka.client_settings_file),
                     "A file of \"name = value\" lines for librdkafka: TLS, SASL. Its values are "
                     "printed nowhere."));
  all.push_back(Text("kafka.acks", FIELD(std::string, kafka.acks),
                     "all: every replica in sync has a message before it counts as sent. 1: the "
                     "leader has it; messages may be repeated."));
  all.push_back(Text("kafka.compression", FIELD(std::string, kafka.relay.client.compression),
                     "none, gzip, snappy, lz4 or zstd."));
  all.push_back(Bytes("kafka.batch_bytes_max", FIELD(size_t, kafka.relay.client.batch_bytes_max),
                      {kKiB, bounds::kBatchBytesMax},
                      "Messages in one batch; below the smallest limit of the topics, because a "
                      "broker refuses a batch that is too large as a whole."));
  all.push_back(Bytes("kafka.waiting_bytes_max",
                      FIELD(size_t, kafka.relay.client.waiting_bytes_max),
                      {kMiB, bounds::kCacheBytesMax},
                      "Memory of messages that wait for the broker; the rest waits in the log."));
  all.push_back(Number<int>("kafka.partitions", "partitions",
                            FIELD(int, kafka.relay.topics.partitions), {1, kTopicPartitionsMax},
                            "Of topics that are made; others are used as they are."));
  all.push_back(Number<int>("kafka.replication", "replicas",
                            FIELD(int, kafka.relay.topics.replication), {1, kReplicasMax},
                            "Of topics that are made."));
  all.push_back(Duration("kafka.retention", FIELD(absl::Duration, kafka.relay.topics.retention),
                         absl::Minutes(1),
                         "How long a topic that is made keeps a message, from its sending."));
  all.push_back(Bytes("kafka.message_bytes_max",
                      FIELD(size_t, kafka.relay.topics.message_bytes_max), {kKiB, kGiB},
                      "The largest message of topics that are made."));
  all.push_back(Number<size_t>("kafka.day_topics_max", "topics",
                               FIELD(size_t, kafka.relay.topics.days_max), {3, kDayTopicsMax},
                               "Topics of one kind; messages of older days are withheld."));
  all.push_back(Duration("kafka.call_timeout",
                         FIELD(absl::Duration, kafka.relay.topics.call_timeout), kNotNone,
                         "For a cluster to answer about its topics."));
  all.push_back(Duration("kafka.retry_refused",
                         FIELD(absl::Duration, kafka.relay.topics.retry_refused), kNotNone,
                         "How often a topic that was refused is tried again."));
  all.push_back(Number<size_t>(
      "kafka.window_messages_max", "messages", FIELD(size_t, kafka.relay.window_messages_max),
      {1, bounds::kWaitingMax}, "Of one partition, sent and not acknowledged."));
  all.push_back(Bytes("kafka.window_bytes_max", FIELD(size_t, kafka.relay.window_bytes_max),
                      {kKiB, bounds::kCacheBytesMax}, "The same in bytes."));
  all.push_back(Duration("kafka.save_interval", FIELD(absl::Duration, kafka.relay.save_interval),
                         kNone,
                         "How often it is written how far everything is acknowledged; what was "
                         "acknowledged since is sent again after a crash."));
  all.push_back(Duration("kafka.breaker_after", FIELD(absl::Duration, kafka.relay.breaker_after),
                         kNotNone,
                         "Without an acknowledgement for so long the broker counts as away."));
  all.push_back(Duration("kafka.stop_patience", FIELD(absl::Duration, kafka.relay.stop_patience),
                         kNone, "How long the end waits for what is in flight."));
}

#undef FIELD

}  // namespace dailyfeed::cli
