// The relay's one thread. relay_thread.cc has its loop and what it keeps,
// reading.cc how the log becomes messages in flight, deliveries.cc what becomes of
// them. Internal to the folder.
#ifndef DAILYFEED_ADAPTERS_KAFKA_RELAY_RELAY_THREAD_H_
#define DAILYFEED_ADAPTERS_KAFKA_RELAY_RELAY_THREAD_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/kafka/messages/message.h"
#include "adapters/kafka/relay/breaker.h"
#include "adapters/kafka/relay/relay.h"
#include "adapters/kafka/relay/stream.h"

namespace dailyfeed::kafka {

class RelayThread final : public Relay {
 public:
  RelayThread(RelayParts parts, RelayOptions options);
  ~RelayThread() override { Stop(); }
  absl::Status Open();

  RelayStats stats() const override;
  const DayZone& zone() const override { return *parts_.zone; }
  std::vector<JobView> jobs() const override;
  std::map<TopicPartition, rows::Mark> marks() const override;
  std::map<DayTopic, TopicView> topics() const override { return keeper_->topics(); }
  absl::StatusOr<std::vector<rows::Letter>> Letters(uint64_t after, size_t max) const override;
  absl::Status CreateDay(Day day) override;
  absl::StatusOr<std::vector<std::string>> PruneBefore(Day day) override;
  void Stop() override;

 private:
  // A producer and the streams that send through it. Jobs have one of their own:
  // what a refused topic does to it does not disturb the others.
  struct Sender {
    std::unique_ptr<Producer> producer;
    std::map<uint64_t, Stream*> streams;  // by their number in tokens
    // Partitions that have taken a message of this producer. Before it one message is
    // in flight there and no more: a partition that does not know the producer takes
    // any message as its first, also the second when the first is on its way again.
    std::set<TopicPartition> opened;
    std::set<TopicPartition> opening;
    absl::Time open_at = absl::InfinitePast();
  };
  struct Job {
    rows::Job row;
    std::unique_ptr<Stream> stream;
    uint64_t number = 0;
    bool changed = true;
  };
  // What the broker still has of a topic, as the keeper's thread found out.
  struct Found {
    DayTopic topic;
    uint64_t life = 0;
    absl::Status status;
    struct Partition {
      int number = 0;
      bool lost = false;
      Position survivor = 0;  // the position of its last record; 0: none
      int64_t end = 0;
    };
    std::vector<Partition> partitions;
  };
  // A message that the broker will never take.
  struct Refused {
    DayTopic topic;
    int partition = 0;
    Position position = 0;
    Position previous = 0;
    uint64_t bytes = 0;
  };

  // --- relay_thread.cc
  void Loop();
  bool Step();
  absl::Status OpenStore();
  absl::Status CheckLog();
  void MakeStreams(const RelayState& state);
  Stream* AddStream(TopicKind kind, int partition, Position position, Position previous);
  void StartJob(const TopicPartition& of, const rows::Job& row);
  void AttachJob(const TopicPartition& of, Job* job);
  void EndJob(const TopicPartition& of);
  absl::Status Save();
  absl::Status Write(StoreBatch batch, bool sync);
  void StoreFailed(const absl::Status& status);
  void RunRequests();
  bool Ask(absl::AnyInvocable<void()> run);
  void UpdateStats();
  void UpdateAge();
  std::string ReasonNow(RelayHealth* health) const;
  Position Relayed() const;
  bool IsEnabled(TopicKind kind) const;

  // --- operator.cc
  absl::Status SetPruned(const std::vector<DayTopic>& topics, bool pruned);

  // --- reading.cc
  // True: something was read.
  bool Read();
  bool Pass(Position from);
  bool Offer(const v1::Event& event);
  bool OfferTo(Stream* stream, const v1::Event& event, const DayTopic& topic, int partition,
               const TopicView& view, const std::string& order_key);
  bool SendMessage(Stream* stream, const v1::Event& event, const DayTopic& topic,
                   const TopicView& view, const std::string& order_key);
  bool HasRoom(const Stream& stream) const;
  bool Waits(const Stream& stream);
  void PutOffToJob(Stream* stream, Position position, const TopicPartition& of,
                   const TopicView& view);
  void AddLetter(const Refused& refused, const std::string& error);
  // What the relay knows of the topic; kUnknown also while it is being looked at.
  TopicView ViewOf(const DayTopic& topic);
  void Verify(const DayTopic& topic, const TopicView& view);

  // --- deliveries.cc
  void TakeDeliveries(Sender* sender, absl::Duration wait);
  void TakeDelivery(Sender* sender, const Delivery& delivery);
  // `of_job`: a job sent it.
  void Acknowledged(const TopicPartition& of, bool of_job, const Stream::Sent& sent,
                    int64_t offset);
  void Failed(Stream* stream, const Stream::Sent& sent, const Delivery& delivery);
  void Rebuild(Sender* sender);
  void OpenProducer(Sender* sender);
  void TakeFound();
  void Lost(const TopicPartition& of, rows::Mark* mark, Position survivor, int64_t end,
            Position until);
  void SendAgain(const TopicPartition& of, Position first, Position previous, Position until,
                 int64_t end);
  void EndFinishedJobs();
  Sender* SenderOf(const Stream& stream) { return stream.only ? &jobs_sender_ : &sender_; }

  const RelayParts parts_;
  const RelayOptions options_;
  std::unique_ptr<TopicKeeper> keeper_;

  // Of the thread.
  std::shared_ptr<Store> store_;
  std::unique_ptr<MessageWriter> writer_;
  rows::Cursors cursors_;
  std::map<std::pair<TopicKind, int>, std::unique_ptr<Stream>> streams_;
  std::map<TopicPartition, Job> jobs_;
  std::map<TopicPartition, rows::Mark> marks_;
  std::set<TopicPartition> changed_marks_;
  std::set<TopicPartition> ended_jobs_;
  std::vector<rows::Letter> new_letters_;
  std::map<DayTopic, uint64_t> verified_;  // the life of the topic that was looked at
  std::set<DayTopic> verifying_;
  std::map<DayTopic, absl::Time> verify_at_;
  std::string unverified_;  // why the last look failed; empty: it did not
  uint64_t last_letter_ = 0;
  uint64_t next_stream_ = 1;
  Sender sender_;
  Sender jobs_sender_;
  Breaker breaker_;
  absl::Time saved_at_;
  absl::Time store_retry_at_ = absl::InfinitePast();
  absl::Time aged_at_ = absl::InfinitePast();
  bool read_from_end_ = false;
  bool dirty_ = false;
  std::string stopped_;  // why nothing is sent; empty: it is
  RelayStats counts_;

  // What the keeper's thread and others leave for the thread, and stats for others.
  mutable std::mutex mutex_;
  std::vector<Found> found_;
  std::vector<absl::AnyInvocable<void()>> requests_;  // of other threads, for this one
  RelayStats stats_;
  bool ended_ = false;  // nobody runs requests any more
  // Kept for readers: the store is replaced after a failure.
  std::shared_ptr<Store> readable_store_;

  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_RELAY_RELAY_THREAD_H_
