#include "projections/runtime/runtime_testing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr Day kDay = 20261121;

// Fixed-width hexadecimal keeps the order of numbers.
std::string CountsKey(PostId post) { return fmt::format("c/{:08x}", post); }
std::string HistoryKey(PostId post) { return fmt::format("h/{:08x}", post); }
std::string SettledKey(std::string_view history_key) {
  return "s/" + std::string(history_key.substr(2));
}
std::string EdgePrefix(PostId post) { return fmt::format("e/{:08x}/", post); }
std::string EdgeKey(PostId post, MemberId member) {
  return fmt::format("{}{:08x}", EdgePrefix(post), member);
}

std::optional<PostId> PostOf(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_post_liked()) return payload.post_liked().post_id();
  if (payload.has_post_unliked()) return payload.post_unliked().post_id();
  if (payload.has_post_deleted()) return payload.post_deleted().post_id();
  return std::nullopt;
}

absl::Status AddToCount(ProjectionRows& rows, PostId post, int64_t change) {
  std::string value;
  ASSIGN_OR_RETURN(const bool found, rows.Get(CountsKey(post), &value));
  const int64_t count = (found ? std::stoll(value) : 0) + change;
  if (count == 0) {
    rows.Delete(CountsKey(post));
  } else {
    rows.Put(CountsKey(post), std::to_string(count));
  }
  return absl::OkStatus();
}

// A row that tells how often each event was applied and in which order: the
// likes themselves would forgive both.
absl::Status AddToHistory(ProjectionRows& rows, const v1::Event& event, PostId post) {
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15;
  std::string value;
  ASSIGN_OR_RETURN(const bool found, rows.Get(HistoryKey(post), &value));
  const uint64_t history = found ? std::stoull(value) : 0;
  rows.PutUnsettled(HistoryKey(post), std::to_string((history + event.position()) * kFactor));
  return absl::OkStatus();
}

// Rows of a fold in memory, as simple as can be.
class PlainRows final : public ProjectionRows {
 public:
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) override {
    auto found = rows.find(key);
    if (found == rows.end()) return false;
    *value = found->second;
    return true;
  }
  void Put(std::string_view key, std::string_view value) override {
    rows.insert_or_assign(std::string(key), std::string(value));
  }
  void PutUnsettled(std::string_view key, std::string_view value) override {
    Put(key, value);
    unsettled.insert(std::string(key));
  }
  void Delete(std::string_view key) override { rows.erase(std::string(key)); }
  absl::Status Scan(std::string_view lower, std::string_view upper,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) override {
    const Rows copy = rows;
    for (auto it = copy.lower_bound(lower); it != copy.end(); ++it) {
      if (!upper.empty() && it->first >= upper) break;
      if (!rows.contains(it->first)) continue;
      if (!visit(it->first, rows[it->first])) break;
    }
    return absl::OkStatus();
  }
  Rows rows;
  std::set<std::string> unsettled;
};

}  // namespace

// ---- LikesProjection.

std::string LikesProjection::ParkingKey(const v1::Event& event) const {
  return fmt::format("post/{}", PostOf(event).value_or(0));
}

absl::Status LikesProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  ++applied_;
  const PostId post = PostOf(event).value();
  RETURN_IF_ERROR(AddToHistory(rows, event, post));
  if (event.payload().has_post_deleted()) {
    RETURN_IF_ERROR(rows.Scan(EdgePrefix(post), EdgePrefix(post + 1), [&](auto key, auto) {
      rows.Delete(key);
      return true;
    }));
    rows.Delete(CountsKey(post));
  } else {
    const bool like = event.payload().has_post_liked();
    const MemberId member = like ? event.payload().post_liked().member_id()
                                 : event.payload().post_unliked().member_id();
    const std::string edge = EdgeKey(post, member);
    std::string position;
    ASSIGN_OR_RETURN(const bool liked, rows.Get(edge, &position));
    if (like) {
      rows.Put(edge, std::to_string(event.position()) + Mark());
    } else {
      rows.Delete(edge);
    }
    if (liked != like) RETURN_IF_ERROR(AddToCount(rows, post, like ? 1 : -1));
  }
  // Only now, so that there is something to take back.
  if (Refuses(post)) return absl::InvalidArgumentError(fmt::format("post {} is refused", post));
  return absl::OkStatus();
}

absl::Status LikesProjection::Settle(std::string_view key, ProjectionRows& rows) {
  std::string history;
  ASSIGN_OR_RETURN(const bool found, rows.Get(key, &history));
  if (!found) return absl::InternalError("asked to settle a row that is not there");
  rows.Put(SettledKey(key), history.substr(history.size() / 2));
  return absl::OkStatus();
}

ProjectionId LikesProjection::Register(Runtime& runtime) {
  const ProjectionId id = runtime.Register(this);
  runtime.Observe(id, this);
  return id;
}

// Nothing for the first version without settings.
std::string LikesProjection::Mark() const {
  std::string mark = version_ == 1 ? "" : fmt::format("v{}", version_.load());
  if (!settings_.empty()) mark += " " + settings_;
  return mark;
}

std::unique_ptr<Projection> LikesProjection::As(uint32_t version, std::string_view settings) const {
  if (!knows || !knows(version, settings)) return nullptr;
  auto older = std::make_unique<LikesProjection>(name_, version);
  older->set_settings(std::string(settings));
  return older;
}

void LikesProjection::OnRows(const WrittenRows& rows) {
  std::lock_guard<std::mutex> lock(mutex_);
  rows.Visit("s/", "s0", [this](std::string_view key, const std::string* value) {
    if (value != nullptr) {
      mirror_.insert_or_assign(std::string(key), *value);
    } else {
      mirror_.erase(std::string(key));
    }
  });
}

Rows LikesProjection::mirror() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return mirror_;
}

void LikesProjection::OnEvent(const v1::Event& event) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    told_.push_back(event.position());
  }
  if (on_event) on_event(event);
}

void LikesProjection::OnReset(uint64_t epoch) {
  DAILYFEED_CHECK(epoch > 1);
  std::lock_guard<std::mutex> lock(mutex_);
  told_.push_back(0);
}

void LikesProjection::Refuse(PostId post) {
  std::lock_guard<std::mutex> lock(mutex_);
  refused_.insert(post);
}

void LikesProjection::Accept(PostId post) {
  std::lock_guard<std::mutex> lock(mutex_);
  refused_.erase(post);
}

bool LikesProjection::Refuses(PostId post) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return refused_.contains(post);
}

std::vector<Position> LikesProjection::told() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return told_;
}

// ---- EventMaker.

EventPtr EventMaker::Append(v1::StreamKind kind, uint64_t id, v1::Payload payload) {
  auto event = std::make_shared<v1::Event>();
  event->set_position(log_->Head() + 1);
  event->set_stream_kind(kind);
  event->set_stream_id(id);
  event->set_stream_version(log_->StreamHead(kind, id).value() + 1);
  event->set_event_id(fmt::format("{:08x}{:08x}", event->position(), salt_));
  *event->mutable_payload() = std::move(payload);
  const std::string bytes = event->SerializeAsString();
  LogBatch batch;
  batch.events.push_back({.position = event->position(),
                          .stream_kind = kind,
                          .stream_id = id,
                          .stream_version = event->stream_version(),
                          .day = kDay,
                          .bytes = bytes});
  const absl::Status appended = log_->Append(batch);
  DAILYFEED_CHECK(appended.ok());
  return event;
}

EventPtr EventMaker::Like(PostId post, MemberId member) {
  v1::Payload payload;
  payload.mutable_post_liked()->set_post_id(post);
  payload.mutable_post_liked()->set_member_id(member);
  return Append(v1::STREAM_KIND_POST_LIKES, post, std::move(payload));
}

EventPtr EventMaker::Unlike(PostId post, MemberId member) {
  v1::Payload payload;
  payload.mutable_post_unliked()->set_post_id(post);
  payload.mutable_post_unliked()->set_member_id(member);
  return Append(v1::STREAM_KIND_POST_LIKES, post, std::move(payload));
}

EventPtr EventMaker::DeletePost(PostId post) {
  v1::Payload payload;
  payload.mutable_post_deleted()->set_post_id(post);
  return Append(v1::STREAM_KIND_POST, post, std::move(payload));
}

EventPtr EventMaker::SignUp(MemberId member) {
  v1::Payload payload;
  payload.mutable_member_signed_up()->set_member_id(member);
  return Append(v1::STREAM_KIND_MEMBER, member, std::move(payload));
}

EventPtr EventMaker::Withdraw(MemberId member) {
  v1::Payload payload;
  payload.mutable_member_withdrawn()->set_member_id(member);
  return Append(v1::STREAM_KIND_MEMBER, member, std::move(payload));
}

EventPtr EventMaker::Random(std::mt19937_64& random, PostId posts, MemberId members) {
  const PostId post = 1 + random() % posts;
  const MemberId member = 1 + random() % members;
  switch (random() % 16) {
    case 0:
      return DeletePost(post);
    case 1:
      return SignUp(member);
    case 2:
    case 3:
    case 4:
      return Unlike(post, member);
    default:
      return Like(post, member);
  }
}

std::vector<EventPtr> EventMaker::RandomBatch(std::mt19937_64& random, size_t events_max) {
  constexpr PostId kPosts = 7;
  constexpr MemberId kMembers = 11;
  std::vector<EventPtr> events(1 + random() % events_max);
  for (EventPtr& event : events) event = Random(random, kPosts, kMembers);
  return events;
}

// ---- Comparing.

Rows PlainFold(Projection& projection, const EventSource& log) {
  PlainRows plain;
  const absl::Status read = log.Read(1, [&](const v1::Event& event) {
    if (projection.Handles(event.payload().kind_case())) {
      Rows before = plain.rows;
      if (!projection.Apply(event, plain).ok()) plain.rows = std::move(before);
    }
    return true;
  });
  DAILYFEED_CHECK(read.ok());
  for (const std::string& key : std::exchange(plain.unsettled, {})) {
    if (plain.rows.contains(key)) DAILYFEED_CHECK(projection.Settle(key, plain).ok());
  }
  return plain.rows;
}

Rows AllRows(const ProjectionReader& reader) {
  Rows rows;
  auto it = reader.NewIterator({});
  for (; it->Valid(); it->Next()) rows.emplace(it->key(), it->value());
  DAILYFEED_CHECK(it->status().ok());
  return rows;
}

// ---- Handover.

CommittedBatch Handover::Batch(std::vector<EventPtr> events) {
  CommittedBatch batch;
  batch.events = std::move(events);
  batch.done = [state = state_](absl::Status status) {
    std::lock_guard<std::mutex> lock(state->mutex);
    ++state->calls;
    state->status = std::move(status);
    state->called.notify_all();
  };
  return batch;
}

int Handover::calls() const {
  std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->calls;
}

absl::Status Handover::Wait() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->called.wait(lock, [this] { return state_->calls > 0; });
  return state_->status;
}

absl::Status Commit(Runtime& runtime, std::vector<EventPtr> events) {
  Handover handover;
  runtime.OnCommitted(handover.Batch(std::move(events)));
  return handover.Wait();
}

// ---- Gate.

void Gate::Pass() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (open_) return;
  ++arrivals_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return open_; });
  --arrivals_;
}

void Gate::Open() {
  std::lock_guard<std::mutex> lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Gate::Close() {
  std::lock_guard<std::mutex> lock(mutex_);
  open_ = false;
}

void Gate::WaitForArrivals(int threads) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return arrivals_ >= threads; });
}

// ---- FailingStore.

void FailingStore::FailAt(uint64_t write, Failure failure) {
  failure_ = failure;
  fail_at_ = write;
}

void FailingStore::FailReads(absl::Status status) {
  std::lock_guard<std::mutex> lock(mutex_);
  read_status_ = std::move(status);
}

void FailingStore::Heal() {
  FailReads(absl::OkStatus());
  fail_at_ = 0;
  writes_ = 0;
}

absl::StatusOr<bool> FailingStore::Get(std::string_view key, std::string* value) const {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!read_status_.ok()) return read_status_;
  }
  return store_->Get(key, value);
}

absl::Status FailingStore::Write(StoreBatch batch) {
  if (before_write) before_write();
  const uint64_t write = ++writes_;
  const uint64_t fail_at = fail_at_;
  if (fail_at == 0 || write < fail_at) return store_->Write(std::move(batch));
  if (write == fail_at && failure_ == Failure::kWritten) {
    const absl::Status written = store_->Write(std::move(batch));
    DAILYFEED_CHECK(written.ok());
  }
  return absl::UnavailableError("the disk is gone");
}

// ---- Seeds.

std::vector<uint64_t> Seeds(std::vector<uint64_t> defaults) {
  const char* seed = std::getenv("DAILYFEED_SEED");
  if (seed == nullptr) return defaults;
  return {std::strtoull(seed, nullptr, 10)};
}

std::string RepeatWith(std::string_view target, uint64_t seed) {
  return fmt::format("repeat with: bazel test {} --test_env=DAILYFEED_SEED={}", std::string(target),
                     seed);
}

}  // namespace dailyfeed
