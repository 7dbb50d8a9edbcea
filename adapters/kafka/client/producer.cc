#include "adapters/kafka/client/producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/kafka/client/library.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed::kafka {
namespace {

constexpr size_t kErrorBytesMax = 512;
constexpr size_t kMessagesWaitingMax = 200'000;
constexpr int kAbandonPollsMax = 200;
constexpr int kAbandonPollMs = 10;

Delivery::Outcome OutcomeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Delivery::Outcome::kAcknowledged;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return Delivery::Outcome::kTooLarge;
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return Delivery::Outcome::kInvalid;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Delivery::Outcome::kTopicUnknown;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return Delivery::Outcome::kTopicRefused;
    default:
      return Delivery::Outcome::kReturned;
  }
}

class LibraryProducer final : public Producer {
 public:
  static absl::StatusOr<std::unique_ptr<Producer>> Open(const ClientSettings& settings) {
    auto producer = std::make_unique<LibraryProducer>();
    LibraryConfig config(settings);
    rd_kafka_conf_set_dr_msg_cb(config.get(), &OnDelivered);
    rd_kafka_conf_set_opaque(config.get(), producer.get());
    const bool all = settings.acks == Acks::kAll;
    config.Set("acks", all ? "all" : "1");
    config.Set("enable.idempotence", all ? "true" : "false");
    if (all) config.Set("enable.gapless.guarantee", "true");
    config.Set("max.in.flight", all ? "5" : "1");
    // For ever: what the relay gives up it gives up itself.
    config.Set("message.timeout.ms", "0");
    config.Set("linger.ms", "2");
    config.Set("compression.codec", settings.compression);
    config.Set("batch.size", fmt::format("{}", settings.batch_bytes_max));
    config.Set("message.max.bytes", "100000000");  // the topics' limits decide
    config.Set("queue.buffering.max.messages", fmt::format("{}", kMessagesWaitingMax));
    config.Set("queue.buffering.max.kbytes",
               fmt::format("{}", std::max<size_t>(1024, settings.waiting_bytes_max >> 10)));
    ASSIGN_OR_RETURN(producer->handle_, config.Create(RD_KAFKA_PRODUCER));
    return std::unique_ptr<Producer>(std::move(producer));
  }

  ~LibraryProducer() override {
    if (handle_ == nullptr) return;
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  }

  bool Send(const std::string& topic, int partition, const Message& message,
            uint64_t token) override {
    // More at once than the library's own: it takes them over when it accepts the message.
    rd_kafka_headers_t* const headers = rd_kafka_headers_new(message.headers.size());
    for (const Header& header : message.headers) {
      rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                          header.value.data(), static_cast<ssize_t>(header.value.size()));
    }
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        handle_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_KEY(message.key.data(), message.key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(message.value.data()), message.value.size()),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(token)), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++in_flight_;
      return true;
    }
    rd_kafka_headers_destroy(headers);
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    // It never got into the queue: told like everything else, by the next Poll.
    ++in_flight_;
    Deliver(token, error, -1, rd_kafka_err2str(error));
    return true;
  }

  std::vector<Delivery> Poll(absl::Duration wait) override {
    if (deliveries_.empty()) {
      rd_kafka_poll(handle_.get(), static_cast<int>(absl::ToInt64Milliseconds(wait)));
    }
    // Everything that is there, and not only the first call back.
    rd_kafka_poll(handle_.get(), 0);
    return std::exchange(deliveries_, {});
  }

  size_t in_flight() const override { return in_flight_; }

  absl::Status status() const override {
    std::array<char, kErrorBytesMax> text = {};
    const rd_kafka_resp_err_t error = rd_kafka_fatal_error(handle_.get(), text.data(), text.size());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::AbortedError(fmt::format("{}: {}", rd_kafka_err2name(error), text.data()));
    }
    return failed_ ? absl::AbortedError("a message was not acknowledged") : absl::OkStatus();
  }

  std::vector<Delivery> Abandon() override {
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int i = 0; i < kAbandonPollsMax && in_flight_ > 0; ++i) {
      rd_kafka_poll(handle_.get(), kAbandonPollMs);
    }
    return std::exchange(deliveries_, {});
  }

 private:
  static void OnDelivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    static_cast<LibraryProducer*>(opaque)->Deliver(
        reinterpret_cast<uint64_t>(message->_private), message->err,
        message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? message->offset : -1,
        message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_message_errstr(message));
  }

  void Deliver(uint64_t token, rd_kafka_resp_err_t error, int64_t offset, const char* text) {
    DAILYFEED_CHECK(in_flight_ > 0);
    --in_flight_;
    Delivery delivery = {.token = token, .outcome = OutcomeOf(error), .offset = offset};
    if (delivery.offset < 0) delivery.offset = -1;
    if (delivery.outcome != Delivery::Outcome::kAcknowledged) {
      failed_ = true;
      delivery.error = fmt::format("{}: {}", rd_kafka_err2name(error), text);
    }
    deliveries_.push_back(std::move(delivery));
  }

  std::vector<Delivery> deliveries_;
  size_t in_flight_ = 0;
  bool failed_ = false;
  OwnedHandle handle_;  // its end may call back
};

}  // namespace

absl::StatusOr<std::unique_ptr<Producer>> Producer::Open(const ClientSettings& settings) {
  return LibraryProducer::Open(settings);
}

}  // namespace dailyfeed::kafka
