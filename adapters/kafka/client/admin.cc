#include "adapters/kafka/client/admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "adapters/kafka/client/library.h"
#include "core/base/status_macros.h"

namespace dailyfeed::kafka {
namespace {

constexpr size_t kErrorBytesMax = 512;

int Milliseconds(absl::Duration wait) {
  return static_cast<int>(std::max<int64_t>(1, absl::ToInt64Milliseconds(wait)));
}

using OwnedMetadata =
    std::unique_ptr<const rd_kafka_metadata_t, Destroy<&rd_kafka_metadata_destroy>>;
using OwnedMessage = Owned<rd_kafka_message_t, &rd_kafka_message_destroy>;
using OwnedTopic = Owned<rd_kafka_topic_t, &rd_kafka_topic_destroy>;
using OwnedOptions = Owned<rd_kafka_AdminOptions_t, &rd_kafka_AdminOptions_destroy>;

// Objects of the library that are handed over as an array of pointers.
template <typename T, auto destroy>
struct OwnedList {
  std::vector<T*> items;
  ~OwnedList() {
    for (T* item : items) destroy(item);
  }
};

class LibraryAdmin final : public Admin {
 public:
  static absl::StatusOr<std::unique_ptr<Admin>> Open(const ClientSettings& settings) {
    auto admin = std::make_unique<LibraryAdmin>();
    LibraryConfig config(settings);
    config.Set("enable.auto.commit", "false");
    config.Set("enable.partition.eof", "true");
    config.Set("auto.offset.reset", "earliest");
    ASSIGN_OR_RETURN(admin->handle_, config.Create(RD_KAFKA_CONSUMER));
    admin->queue_.reset(rd_kafka_queue_new(admin->handle_.get()));
    return std::unique_ptr<Admin>(std::move(admin));
  }

  absl::StatusOr<Cluster> Describe(absl::Duration wait) override {
    const rd_kafka_metadata_t* raw = nullptr;
    const rd_kafka_resp_err_t error =
        rd_kafka_metadata(handle_.get(), /*all_topics=*/1, nullptr, &raw, Milliseconds(wait));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(error);
    const OwnedMetadata metadata(raw);
    Cluster cluster;
    cluster.brokers = metadata->broker_cnt;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
      cluster.topics[topic.topic] = {topic.partition_cnt, ToStatus(topic.err)};
    }
    if (char* const id = rd_kafka_clusterid(handle_.get(), Milliseconds(wait))) {
      cluster.id = id;
      rd_kafka_mem_free(handle_.get(), id);
    }
    return cluster;
  }

  absl::StatusOr<std::vector<absl::Status>> Create(const std::vector<NewTopic>& topics,
                                                   absl::Duration wait) override {
    OwnedList<rd_kafka_NewTopic_t, &rd_kafka_NewTopic_destroy> wanted;
    for (const NewTopic& topic : topics) {
      std::array<char, kErrorBytesMax> error = {};
      rd_kafka_NewTopic_t* const made = rd_kafka_NewTopic_new(
          topic.name.c_str(), topic.partitions, topic.replication, error.data(), error.size());
      if (made == nullptr) return absl::InvalidArgumentError(error.data());
      wanted.items.push_back(made);
      const std::pair<const char*, std::string> settings[] = {
          {"cleanup.policy", "delete"},
          // Retention counts from sending: days that are imported are not old.
          {"message.timestamp.type", "LogAppendTime"},
          {"retention.ms", fmt::format("{}", absl::ToInt64Milliseconds(topic.retention))},
          {"max.message.bytes", fmt::format("{}", topic.message_bytes_max)}};
      for (const auto& [name, value] : settings) {
        rd_kafka_NewTopic_set_config(made, name, value.c_str());
      }
    }
    const OwnedOptions options = OptionsFor(RD_KAFKA_ADMIN_OP_CREATETOPICS, wait);
    rd_kafka_CreateTopics(handle_.get(), wanted.items.data(), wanted.items.size(), options.get(),
                          queue_.get());
    ASSIGN_OR_RETURN(const OwnedEvent event, Wait(RD_KAFKA_EVENT_CREATETOPICS_RESULT, wait));
    size_t count = 0;
    const rd_kafka_topic_result_t** const results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    return Answers(results, count);
  }

  absl::StatusOr<std::vector<absl::Status>> Delete(const std::vector<std::string>& names,
                                                   absl::Duration wait) override {
    OwnedList<rd_kafka_DeleteTopic_t, &rd_kafka_DeleteTopic_destroy> wanted;
    for (const std::string& name : names) {
      wanted.items.push_back(rd_kafka_DeleteTopic_new(name.c_str()));
    }
    const OwnedOptions options = OptionsFor(RD_KAFKA_ADMIN_OP_DELETETOPICS, wait);
    rd_kafka_DeleteTopics(handle_.get(), wanted.items.data(), wanted.items.size(), options.get(),
                          queue_.get());
    ASSIGN_OR_RETURN(const OwnedEvent event, Wait(RD_KAFKA_EVENT_DELETETOPICS_RESULT, wait));
    size_t count = 0;
    const rd_kafka_topic_result_t** const results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event.get()), &count);
    return Answers(results, count);
  }

  absl::StatusOr<std::vector<absl::StatusOr<TopicSettings>>> Settings(
      const std::vector<std::string>& names, absl::Duration wait) override {
    OwnedList<rd_kafka_ConfigResource_t, &rd_kafka_ConfigResource_destroy> wanted;
    for (const std::string& name : names) {
      wanted.items.push_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
    }
    const OwnedOptions options = OptionsFor(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, wait);
    rd_kafka_DescribeConfigs(handle_.get(), wanted.items.data(), wanted.items.size(), options.get(),
                             queue_.get());
    ASSIGN_OR_RETURN(const OwnedEvent event, Wait(RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT, wait));
    size_t count = 0;
    const rd_kafka_ConfigResource_t** const resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    // In the order of the answer, which need not be that of the question.
    std::map<std::string, absl::StatusOr<TopicSettings>> by_name;
    for (size_t i = 0; i < count; ++i) {
      by_name.insert_or_assign(rd_kafka_ConfigResource_name(resources[i]), Read(resources[i]));
    }
    std::vector<absl::StatusOr<TopicSettings>> settings;
    for (const std::string& name : names) {
      const auto found = by_name.find(name);
      settings.push_back(found == by_name.end()
                             ? absl::StatusOr<TopicSettings>(absl::NotFoundError(name))
                             : found->second);
    }
    return settings;
  }

  absl::StatusOr<Offsets> OffsetsOf(const std::string& topic, int partition,
                                    absl::Duration wait) override {
    Offsets offsets;
    ASSIGN_OR_RETURN(offsets.begin, OffsetAt(topic, partition, RD_KAFKA_OFFSET_BEGINNING, wait));
    ASSIGN_OR_RETURN(offsets.end, OffsetAt(topic, partition, RD_KAFKA_OFFSET_END, wait));
    return offsets;
  }

  absl::StatusOr<std::optional<std::string>> HeaderAt(const std::string& topic, int partition,
                                                      int64_t offset, std::string_view header,
                                                      absl::Duration wait) override {
    // Without a group: nobody is asked for one, and no right of groups is needed.
    const OwnedTopic handle(rd_kafka_topic_new(handle_.get(), topic.c_str(), nullptr));
    if (handle == nullptr) return ToStatus(rd_kafka_last_error());
    if (rd_kafka_consume_start(handle.get(), partition, offset) != 0) {
      return ToStatus(rd_kafka_last_error());
    }
    absl::StatusOr<std::optional<std::string>> value =
        ReadHeader(handle.get(), partition, header, wait);
    rd_kafka_consume_stop(handle.get(), partition);
    return value;
  }

 private:
  // The offset of the beginning or the end. Asked for as a time: the library's
  // query of both (rd_kafka_query_watermark_offsets) waits for ever when a broker is
  // away.
  absl::StatusOr<int64_t> OffsetAt(const std::string& topic, int partition, int64_t which,
                                   absl::Duration wait) {
    const OwnedPartitions partitions(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_t* const asked =
        rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), partition);
    asked->offset = which;
    const rd_kafka_resp_err_t error =
        rd_kafka_offsets_for_times(handle_.get(), partitions.get(), Milliseconds(wait));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(error);
    if (asked->err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(asked->err);
    if (asked->offset < 0) return absl::DeadlineExceededError("the cluster does not answer");
    return asked->offset;
  }

  OwnedOptions OptionsFor(rd_kafka_admin_op_t operation, absl::Duration wait) const {
    OwnedOptions options(rd_kafka_AdminOptions_new(handle_.get(), operation));
    std::array<char, kErrorBytesMax> error = {};
    rd_kafka_AdminOptions_set_request_timeout(options.get(), Milliseconds(wait), error.data(),
                                              error.size());
    return options;
  }

  // Answers that nobody waited for any more may come before.
  absl::StatusOr<OwnedEvent> Wait(rd_kafka_event_type_t type, absl::Duration wait) {
    const absl::Time until = absl::Now() + wait;
    for (;;) {
      OwnedEvent event(rd_kafka_queue_poll(queue_.get(), Milliseconds(until - absl::Now())));
      if (event == nullptr) {
        if (absl::Now() < until) continue;
        return absl::DeadlineExceededError("the cluster does not answer");
      }
      if (rd_kafka_event_type(event.get()) != type) continue;
      if (const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get())) {
        return ToStatus(error, rd_kafka_event_error_string(event.get()));
      }
      return event;
    }
  }

  static std::vector<absl::Status> Answers(const rd_kafka_topic_result_t** results, size_t count) {
    std::vector<absl::Status> answers;
    for (size_t i = 0; i < count; ++i) {
      const char* const text = rd_kafka_topic_result_error_string(results[i]);
      answers.push_back(ToStatus(rd_kafka_topic_result_error(results[i]), text ? text : ""));
    }
    return answers;
  }

  static absl::StatusOr<TopicSettings> Read(const rd_kafka_ConfigResource_t* resource) {
    if (const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(resource)) {
      return ToStatus(error);
    }
    size_t count = 0;
    const rd_kafka_ConfigEntry_t** const entries =
        rd_kafka_ConfigResource_configs(resource, &count);
    TopicSettings settings;
    for (size_t i = 0; i < count; ++i) {
      const std::string_view name = rd_kafka_ConfigEntry_name(entries[i]);
      const char* const value = rd_kafka_ConfigEntry_value(entries[i]);
      if (value == nullptr) continue;
      const long long number = std::strtoll(value, nullptr, 10);
      if (name == "max.message.bytes") settings.message_bytes_max = static_cast<uint64_t>(number);
      if (name == "retention.ms") {
        settings.retention = number < 0 ? absl::InfiniteDuration() : absl::Milliseconds(number);
      }
    }
    return settings;
  }

  static absl::StatusOr<std::optional<std::string>> ReadHeader(rd_kafka_topic_t* topic,
                                                               int partition,
                                                               std::string_view header,
                                                               absl::Duration wait) {
    const absl::Time until = absl::Now() + wait;
    while (absl::Now() < until) {
      const OwnedMessage message(
          rd_kafka_consume(topic, partition, Milliseconds(until - absl::Now())));
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return std::nullopt;
      if (message->err == RD_KAFKA_RESP_ERR__TRANSPORT ||
          message->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        continue;
      }
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(message->err);
      rd_kafka_headers_t* headers = nullptr;
      const void* value = nullptr;
      size_t size = 0;
      if (rd_kafka_message_headers(message.get(), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
          rd_kafka_header_get_last(headers, std::string(header).c_str(), &value, &size) !=
              RD_KAFKA_RESP_ERR_NO_ERROR) {
        return std::optional<std::string>("");
      }
      return std::optional<std::string>(std::string(static_cast<const char*>(value), size));
    }
    return absl::DeadlineExceededError("the cluster does not answer");
  }

  OwnedHandle handle_;
  OwnedQueue queue_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Admin>> Admin::Open(const ClientSettings& settings) {
  return LibraryAdmin::Open(settings);
}

}  // namespace dailyfeed::kafka
