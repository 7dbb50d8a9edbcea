#include "adapters/kafka/relay/relay_thread.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "adapters/logging/logging.h"
#include "core/base/status_macros.h"

namespace dailyfeed::kafka {
namespace {

// While there is something to read, deliveries are only looked at; else they are
// waited for, and the log is looked at again after it.
constexpr absl::Duration kIdleWait = absl::Milliseconds(2);
constexpr absl::Duration kAwayWait = absl::Milliseconds(50);
constexpr absl::Duration kStoreRetry = absl::Seconds(2);
constexpr absl::Duration kAgeInterval = absl::Seconds(1);
// Between looks while nothing can be sent: the store refuses writes, or the relay has
// stopped with a sentence. Requests are answered after it.
constexpr auto kStepPause = std::chrono::milliseconds(20);
constexpr uint32_t kInteractive = 0;
constexpr uint64_t kFirstHistory = 1;

absl::StatusOr<std::string> EventIdAt(const EventSource& log, Position position) {
  std::string id;
  RETURN_IF_ERROR(log.Read(position, [&](const v1::Event& event) {
    id = event.event_id();
    return false;
  }));
  return id;
}

}  // namespace

RelayThread::RelayThread(RelayParts parts, RelayOptions options)
    : parts_(std::move(parts)), options_(std::move(options)), breaker_(options_.breaker_after) {}

absl::Status RelayThread::Open() {
  RETURN_IF_ERROR(OpenStore());
  ASSIGN_OR_RETURN(std::unique_ptr<Admin> admin, options_.open_admin(options_.client));
  // A setting that the library does not accept is told now.
  ASSIGN_OR_RETURN(sender_.producer, options_.open_producer(options_.client));
  ASSIGN_OR_RETURN(const RelayState state, LoadRelayState(*store_));
  keeper_ = std::make_unique<TopicKeeper>(std::move(admin), *parts_.zone, parts_.clock,
                                          options_.topics, state.pruned);
  RETURN_IF_ERROR(CheckLog());
  UpdateStats();
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

absl::Status RelayThread::OpenStore() {
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, parts_.open_store());
  ASSIGN_OR_RETURN(const RelayState state, LoadRelayState(*store));
  store_ = std::move(store);
  MakeStreams(state);
  std::lock_guard<std::mutex> lock(mutex_);
  readable_store_ = store_;
  return absl::OkStatus();
}

// Positions mean something within one history: an event that the log had must
// still be there.
absl::Status RelayThread::CheckLog() {
  const Position known = cursors_.known_position();
  if (known == 0) return absl::OkStatus();
  std::string id;
  if (known <= parts_.log->Head()) {
    ASSIGN_OR_RETURN(id, EventIdAt(*parts_.log, known));
  }
  if (id == cursors_.known_event_id()) return absl::OkStatus();
  stopped_ = fmt::format(
      "the log is not the one that was relayed (another event stands at position {}): it was "
      "restored from a backup. Nothing is sent before somebody decides how to go on",
      known);
  logging::Log(logging::Level::kError, stopped_);
  return absl::OkStatus();
}

void RelayThread::MakeStreams(const RelayState& state) {
  streams_.clear();
  jobs_.clear();
  sender_.streams.clear();
  jobs_sender_.streams.clear();
  changed_marks_.clear();
  ended_jobs_.clear();
  new_letters_.clear();
  verified_.clear();
  cursors_ = state.cursors;
  if (cursors_.history() == 0) cursors_.set_history(kFirstHistory);
  writer_ = std::make_unique<MessageWriter>(*parts_.zone, cursors_.history());
  marks_ = state.marks;
  last_letter_ = state.last_letter;
  counts_.letters = state.letters;
  for (const rows::Cursor& cursor : cursors_.cursors()) {
    const auto kind = static_cast<TopicKind>(cursor.kind());
    if (!IsEnabled(kind)) continue;
    AddStream(kind, static_cast<int>(cursor.partition()), cursor.position(), cursor.previous());
  }
  for (const TopicKind kind : options_.topics.kinds) {
    for (int partition = 0; partition < options_.topics.partitions; ++partition) {
      if (!streams_.contains({kind, partition})) AddStream(kind, partition, 0, 0);
    }
  }
  for (const auto& [of, row] : state.jobs) {
    if (IsEnabled(of.topic.kind)) StartJob(of, row);
  }
}

bool RelayThread::IsEnabled(TopicKind kind) const {
  return std::find(options_.topics.kinds.begin(), options_.topics.kinds.end(), kind) !=
         options_.topics.kinds.end();
}

Stream* RelayThread::AddStream(TopicKind kind, int partition, Position position,
                               Position previous) {
  auto stream = std::make_unique<Stream>(kind, partition, position, previous);
  Stream* const added = stream.get();
  sender_.streams[next_stream_++] = added;
  streams_[{kind, partition}] = std::move(stream);
  return added;
}

void RelayThread::StartJob(const TopicPartition& of, const rows::Job& row) {
  Job job;
  job.row = row;
  job.stream =
      std::make_unique<Stream>(of.topic.kind, of.partition, row.position(), row.previous());
  job.stream->only = of.topic;
  job.stream->until = row.until();
  job.number = next_stream_++;
  jobs_sender_.streams[job.number] = job.stream.get();
  ended_jobs_.erase(of);
  jobs_[of] = std::move(job);
  dirty_ = true;
}

void RelayThread::EndJob(const TopicPartition& of) {
  jobs_sender_.streams.erase(jobs_.at(of).number);
  jobs_.erase(of);
  ended_jobs_.insert(of);
  dirty_ = true;
}

void RelayThread::Loop() {
  while (!stopping_) {
    if (!Step()) std::this_thread::sleep_for(kStepPause);
  }
  // What is in flight is waited for a moment: it would be sent again.
  const absl::Time until = absl::Now() + options_.stop_patience;
  while (absl::Now() < until && !breaker_.away() && store_ != nullptr &&
         sender_.producer != nullptr && sender_.producer->in_flight() > 0) {
    TakeDeliveries(&sender_, kIdleWait);
  }
  if (store_ != nullptr) {
    EndFinishedJobs();
    Save().IgnoreError();
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  RunRequests();
  UpdateStats();
}

// False: there is nothing to do.
bool RelayThread::Step() {
  RunRequests();
  if (store_ == nullptr) {
    if (absl::Now() < store_retry_at_) return false;
    if (const absl::Status opened = OpenStore(); !opened.ok()) {
      StoreFailed(opened);
      return false;
    }
    logging::Log(logging::Level::kInfo, "the relay's store takes writes again");
  }
  UpdateAge();
  if (!stopped_.empty()) return false;
  OpenProducer(&sender_);
  if (!jobs_.empty()) OpenProducer(&jobs_sender_);
  TakeFound();
  const bool in_flight = sender_.producer != nullptr && sender_.producer->in_flight() > 0;
  if (breaker_.Look(absl::Now(), in_flight)) {
    logging::Log(logging::Level::kWarning, "the broker does not answer");
    // A cluster that was made anew has no topics: without them it never answers.
    for (const auto& [topic, life] : verified_) keeper_->LookAgain(topic);
    verified_.clear();
  }
  // While the broker is away no more is handed over than what is in flight; when that
  // came back, a little is tried.
  const bool read = (!breaker_.away() || !in_flight) && Read();
  TakeDeliveries(&jobs_sender_, absl::ZeroDuration());
  TakeDeliveries(&sender_, read ? absl::ZeroDuration() : breaker_.away() ? kAwayWait : kIdleWait);
  EndFinishedJobs();
  if (dirty_ && absl::Now() - saved_at_ >= options_.save_interval) {
    if (const absl::Status saved = Save(); !saved.ok()) StoreFailed(saved);
  }
  UpdateStats();
  return sender_.producer != nullptr;
}

absl::Status RelayThread::Save() {
  StoreBatch batch;
  cursors_.clear_cursors();
  Position known = 0;
  for (const auto& [key, stream] : streams_) {
    rows::Cursor& cursor = *cursors_.add_cursors();
    cursor.set_kind(static_cast<uint32_t>(key.first));
    cursor.set_lane(kInteractive);
    cursor.set_partition(static_cast<uint32_t>(key.second));
    cursor.set_position(stream->cursor());
    cursor.set_previous(stream->cursor_previous());
    known = std::max(known, stream->cursor());
  }
  if (known != cursors_.known_position()) {
    ASSIGN_OR_RETURN(const std::string id, EventIdAt(*parts_.log, known));
    cursors_.set_known_position(known);
    cursors_.set_known_event_id(id);
  }
  PutCursors(cursors_, &batch);
  for (const TopicPartition& of : changed_marks_) PutMark(of, marks_.at(of), &batch);
  bool promises = !new_letters_.empty();
  for (auto& [of, job] : jobs_) {
    if (!job.changed) continue;
    PutJob(of, job.row, &batch);
    promises = true;
  }
  for (const TopicPartition& of : ended_jobs_) DeleteJob(of, &batch);
  for (const rows::Letter& letter : new_letters_) PutLetter(letter, &batch);
  // A cursor that is lost repeats messages; a letter that is lost loses them. Both
  // are in one write, so only a letter needs the disk.
  RETURN_IF_ERROR(Write(std::move(batch), promises));
  for (auto& [of, job] : jobs_) job.changed = false;
  changed_marks_.clear();
  ended_jobs_.clear();
  new_letters_.clear();
  dirty_ = false;
  saved_at_ = absl::Now();
  return absl::OkStatus();
}

absl::Status RelayThread::Write(StoreBatch batch, bool sync) {
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  return sync ? store_->Sync() : absl::OkStatus();
}

// Nothing is sent without a store that takes cursors: what is in flight is given
// up, and everything goes on from the last cursors that were written.
void RelayThread::StoreFailed(const absl::Status& status) {
  if (store_ != nullptr) {
    ++counts_.store_failures;
    logging::Log(logging::Level::kError, "the relay's store refuses writes",
                 {{"reason", std::string(status.message())}});
  }
  for (Sender* sender : {&sender_, &jobs_sender_}) {
    sender->producer = nullptr;
    sender->opened.clear();
    sender->opening.clear();
  }
  store_ = nullptr;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    readable_store_ = nullptr;
  }
  store_retry_at_ = absl::Now() + kStoreRetry;
  UpdateStats();
}

bool RelayThread::Ask(absl::AnyInvocable<void()> run) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (ended_) return false;
  requests_.push_back(std::move(run));
  return true;
}

void RelayThread::RunRequests() {
  std::vector<absl::AnyInvocable<void()>> requests;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    requests.swap(requests_);
  }
  for (auto& request : requests) request();
}

Position RelayThread::Relayed() const {
  Position relayed = parts_.log->Head();
  for (const auto& [key, stream] : streams_) relayed = std::min(relayed, stream->cursor());
  return relayed;
}

void RelayThread::UpdateAge() {
  if (absl::Now() - aged_at_ < kAgeInterval) return;
  aged_at_ = absl::Now();
  counts_.oldest_unsent = absl::ZeroDuration();
  const Position relayed = Relayed();
  if (relayed >= parts_.log->Head()) return;
  parts_.log
      ->Read(relayed + 1,
             [&](const v1::Event& event) {
               counts_.oldest_unsent =
                   std::max(absl::ZeroDuration(),
                            absl::Nanoseconds(parts_.clock->Now() - event.recorded_at_ns()));
               return false;
             })
      .IgnoreError();
}

std::string RelayThread::ReasonNow(RelayHealth* health) const {
  *health = RelayHealth::kCritical;
  if (!stopped_.empty()) return stopped_;
  if (store_ == nullptr) return "the relay's store refuses writes";
  if (breaker_.away()) return "the broker does not answer";
  if (const absl::Status reachable = keeper_->reachable(); !reachable.ok()) {
    return fmt::format("the cluster does not answer: {}", std::string(reachable.message()));
  }
  *health = RelayHealth::kCaution;
  if (!unverified_.empty()) return unverified_;
  for (const auto& [of, job] : jobs_) {
    if (job.row.reason() == rows::Job::REASON_REFUSED) {
      return fmt::format("{} is refused: {}", TopicName(of.topic), job.row.error());
    }
  }
  if (!jobs_.empty()) return "messages that the broker lost are sent again";
  if (counts_.letters > 0) return fmt::format("{} dead letters", counts_.letters);
  *health = RelayHealth::kHealthy;
  return "";
}

void RelayThread::UpdateStats() {
  RelayStats stats = counts_;
  stats.reason = ReasonNow(&stats.health);
  stats.broker_away = breaker_.away();
  stats.history = cursors_.history();
  stats.head = parts_.log->Head();
  stats.relayed = std::min(Relayed(), stats.head);
  stats.backlog = stats.head - stats.relayed;
  stats.jobs = jobs_.size();
  for (const auto& [key, stream] : streams_) {
    stats.in_flight += stream->in_flight();
    if (!HasRoom(*stream)) ++stats.windows_full;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  stats_ = std::move(stats);
}

RelayStats RelayThread::stats() const {
  std::lock_guard<std::mutex> lock(mutex_);
  RelayStats stats = stats_;
  stats.head = parts_.log->Head();
  stats.backlog = stats.head - std::min(stats.head, stats.relayed);
  return stats;
}

absl::StatusOr<std::vector<rows::Letter>> RelayThread::Letters(uint64_t after, size_t max) const {
  std::shared_ptr<Store> store;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    store = readable_store_;
  }
  if (store == nullptr) return absl::UnavailableError("the relay's store refuses writes");
  return ReadLetters(*store, after, max);
}

void RelayThread::Stop() {
  if (stopping_.exchange(true)) return;
  if (thread_.joinable()) thread_.join();
  keeper_ = nullptr;
  sender_.producer = nullptr;
  jobs_sender_.producer = nullptr;
  std::lock_guard<std::mutex> lock(mutex_);
  readable_store_ = nullptr;
  store_ = nullptr;
}

absl::StatusOr<std::unique_ptr<Relay>> Relay::Start(RelayParts parts, RelayOptions options) {
  RETURN_IF_ERROR(CheckBrokers(options.client.brokers));
  if (options.topics.kinds.empty() || options.topics.partitions < 1 ||
      options.window_messages_max == 0 || options.window_bytes_max == 0) {
    return absl::InvalidArgumentError("the relay has no topics, partitions or window");
  }
  auto relay = std::make_unique<RelayThread>(std::move(parts), std::move(options));
  RETURN_IF_ERROR(relay->Open());
  return std::unique_ptr<Relay>(std::move(relay));
}

}  // namespace dailyfeed::kafka
