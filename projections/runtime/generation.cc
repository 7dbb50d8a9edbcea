#include "projections/runtime/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/registry.pb.h"

namespace dailyfeed {
namespace {

constexpr size_t kReasonBytesMax = 300;

using views::v1::CheckpointRecord;
using views::v1::ParkedRecord;

// Bounded, because it stays in memory for every parked key; printable, because a
// record whose text is not UTF-8 cannot be read again.
std::string ReasonOf(const absl::Status& status) {
  std::string reason = fmt::format("{}: {}", absl::StatusCodeToString(status.code()),
                                   std::string(status.message().substr(0, kReasonBytesMax)));
  std::replace_if(
      reason.begin(), reason.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return reason;
}

std::string EncodeParked(const std::string& reason) {
  ParkedRecord record;
  record.set_reason(reason);
  return record.SerializeAsString();
}

bool IsMadeBy(const Projection& projection, uint32_t version, std::string_view settings) {
  return projection.version() == version && projection.settings() == settings;
}

// The event at `position`; nullopt when the log ends before it.
absl::StatusOr<std::optional<v1::Event>> ReadOne(const EventSource& log, Position position) {
  std::optional<v1::Event> found;
  RETURN_IF_ERROR(log.Read(position, [&](const v1::Event& event) {
    if (event.position() == position) found = event;
    return false;
  }));
  return found;
}

}  // namespace

Generation::Generation(Projection* wanted, const StoreReader* store, uint64_t number,
                       Keyspace keyspace, uint32_t version, std::string settings,
                       size_t row_cache_bytes)
    : older_(IsMadeBy(*wanted, version, settings) ? nullptr : wanted->As(version, settings)),
      projection_(IsMadeBy(*wanted, version, settings) ? wanted : older_.get()),
      upkeep_(projection_ == nullptr ? nullptr : projection_->upkeep()),
      name_(wanted->name()),
      store_(store),
      number_(number),
      keyspace_(keyspace),
      version_(version),
      settings_(std::move(settings)),
      checkpoint_key_(CheckpointKey(keyspace)),
      row_cache_bytes_(row_cache_bytes) {
  rows_.emplace(store_, keyspace_, row_cache_bytes_);
}

absl::Status Generation::Load() {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool found, store_->Get(checkpoint_key_, &bytes));
  if (found) {
    CheckpointRecord record;
    if (!record.ParseFromString(bytes)) {
      return absl::DataLossError(
          fmt::format("the checkpoint of {} generation {} is not readable", name_, number_));
    }
    position_ = record.position();
    event_id_ = record.event_id();
    retries_ = record.retries();
    rows_->SetMoment(position_, retries_);
    checkpoint_.store(position_, std::memory_order_relaxed);
  }
  return LoadParked();
}

absl::Status Generation::Reload() {
  rows_.emplace(store_, keyspace_, row_cache_bytes_);
  position_ = 0;
  event_id_.clear();
  retries_ = 0;
  applied_since_written_ = 0;
  set_aside_.clear();
  {
    std::lock_guard<std::mutex> lock(parked_mutex_);
    parked_.clear();
  }
  return Load();
}

absl::Status Generation::LoadParked() {
  std::lock_guard<std::mutex> lock(parked_mutex_);
  auto keys = store_->NewIterator(ParkedRecordRange(keyspace_));
  for (; keys->Valid(); keys->Next()) {
    ParkedRecord record;
    if (!record.ParseFromString(std::string(keys->value()))) {
      return absl::DataLossError("a parked key is not readable");
    }
    parked_[std::string(ParkedRecordName(keys->key()))].reason = record.reason();
  }
  RETURN_IF_ERROR(keys->status());
  auto events = store_->NewIterator(ParkedEventRange(keyspace_));
  for (; events->Valid(); events->Next()) {
    const std::optional<ParkedEventName> name = ParseParkedEventKey(events->key());
    auto parked = name ? parked_.find(name->key) : parked_.end();
    if (parked == parked_.end()) return absl::DataLossError("a parked event has no parked key");
    if (parked->second.events++ == 0) parked->second.first_position = name->position;
  }
  return events->status();
}

absl::StatusOr<bool> Generation::IsOf(const EventSource& log) const {
  if (position_ == 0) return true;
  if (position_ > log.Head()) return false;
  ASSIGN_OR_RETURN(const std::optional<v1::Event> event, ReadOne(log, position_));
  return event.has_value() && event->event_id() == event_id_;
}

absl::Status Generation::Apply(const v1::Event& event, StoreBatch* batch) {
  if (event.position() <= position_) return absl::OkStatus();
  if (event.position() != position_ + 1) {
    return absl::InternalError(fmt::format("event {} was fed to {} generation {}, which expects {}",
                                           event.position(), name_, number_, position_ + 1));
  }
  if (projection_->Handles(event.payload().kind_case())) {
    std::optional<std::string> key;
    if (!parked_.empty()) key = projection_->ParkingKey(event);
    if (key.has_value() && parked_.contains(*key)) {
      SetAside(event, *key, batch);
    } else {
      absl::Status refused;
      ASSIGN_OR_RETURN(const bool applied, TryApply(event, &refused));
      if (!applied) Park(event, refused, batch);
    }
  }
  position_ = event.position();
  event_id_ = event.event_id();
  return absl::OkStatus();
}

absl::StatusOr<bool> Generation::TryApply(const v1::Event& event, absl::Status* refused) {
  rows_->BeginEvent();
  absl::Status status = projection_->Apply(event, *rows_);
  // A storage error counts even when the projection took it for "no such row".
  RETURN_IF_ERROR(rows_->store_status());
  if (absl::IsUnavailable(status)) return status;
  if (!status.ok()) {
    rows_->UndoEvent();
    *refused = std::move(status);
    return false;
  }
  ++applied_since_written_;
  return true;
}

void Generation::Park(const v1::Event& event, const absl::Status& refused, StoreBatch* batch) {
  const std::string key = projection_->ParkingKey(event);
  {
    std::lock_guard<std::mutex> lock(parked_mutex_);
    Parked& parked = parked_[key];
    parked.first_position = event.position();
    parked.reason = ReasonOf(refused);
    batch->Put(ParkedRecordKey(keyspace_, key), EncodeParked(parked.reason));
  }
  SetAside(event, key, batch);
}

void Generation::SetAside(const v1::Event& event, std::string_view key, StoreBatch* batch) {
  batch->Put(ParkedEventKey(keyspace_, key, event.position()), {});
  set_aside_.push_back(event.position());
  std::lock_guard<std::mutex> lock(parked_mutex_);
  ++parked_.find(key)->second.events;
}

absl::Status Generation::AppendTo(StoreBatch* batch) {
  RETURN_IF_ERROR(rows_->Settle(projection_));
  rows_->AppendTo(batch);
  CheckpointRecord record;
  record.set_position(position_);
  record.set_event_id(event_id_);
  record.set_retries(retries_);
  batch->Put(checkpoint_key_, record.SerializeAsString());
  return absl::OkStatus();
}

bool Generation::HasApplied(const v1::Event& event) const {
  return event.position() > checkpoint() && event.position() <= position_ &&
         projection_->Handles(event.payload().kind_case()) &&
         !std::binary_search(set_aside_.begin(), set_aside_.end(), event.position());
}

void Generation::Written() {
  rows_->Written();
  set_aside_.clear();
  checkpoint_.store(position_, std::memory_order_relaxed);
  events_applied_.fetch_add(std::exchange(applied_since_written_, 0), std::memory_order_relaxed);
}

absl::StatusOr<Generation::Retry> Generation::RetryParked(std::string_view key,
                                                          const EventSource& log, size_t events_max,
                                                          StoreBatch* batch) {
  auto parked = parked_.find(key);
  DAILYFEED_CHECK(parked != parked_.end());
  Retry retry;
  BeginRetry();
  auto rows = store_->NewIterator(ParkedEventRange(keyspace_, key));
  for (; rows->Valid() && retry.applied < events_max; rows->Next()) {
    const std::optional<ParkedEventName> name = ParseParkedEventKey(rows->key());
    if (!name.has_value()) return absl::DataLossError("a parked event is not readable");
    ASSIGN_OR_RETURN(const std::optional<v1::Event> event, ReadOne(log, name->position));
    if (!event.has_value()) {
      return absl::DataLossError(fmt::format("parked event {} is not in the log", name->position));
    }
    ASSIGN_OR_RETURN(const bool applied, TryApply(*event, &retry.refused));
    std::lock_guard<std::mutex> lock(parked_mutex_);
    if (!applied) {
      parked->second.first_position = name->position;
      parked->second.reason = ReasonOf(retry.refused);
      batch->Put(ParkedRecordKey(keyspace_, key), EncodeParked(parked->second.reason));
      break;
    }
    batch->Delete(rows->key());
    --parked->second.events;
    ++retry.applied;
  }
  RETURN_IF_ERROR(rows->status());
  if (!retry.refused.ok()) return retry;
  retry.more = rows->Valid();
  if (!retry.more) {
    batch->Delete(ParkedRecordKey(keyspace_, key));
    std::lock_guard<std::mutex> lock(parked_mutex_);
    parked_.erase(parked);
  }
  return retry;
}

absl::StatusOr<Upkeep::Need> Generation::NeedsUpkeep() {
  if (upkeep_ == nullptr) return Upkeep::Need::kNone;
  absl::StatusOr<Upkeep::Need> need = upkeep_->Needs(*rows_);
  DAILYFEED_CHECK(rows_->unchanged());
  RETURN_IF_ERROR(rows_->store_status());
  return need;
}

absl::Status Generation::ApplyCommit(Upkeep::Commit commit) {
  rows_->BeginEvent();
  absl::Status applied = std::move(commit)(*rows_);
  RETURN_IF_ERROR(rows_->store_status());
  if (!applied.ok()) rows_->UndoEvent();
  return applied;
}

void Generation::BeginRetry() { rows_->SetMoment(position_, ++retries_); }

absl::Status Generation::Forget(MemberId member) {
  BeginRetry();
  rows_->BeginEvent();
  RETURN_IF_ERROR(projection_->Forget(member, *rows_));
  return rows_->store_status();
}

absl::Status Generation::Change(absl::FunctionRef<absl::Status(ProjectionRows&)> change) {
  BeginRetry();
  rows_->BeginEvent();
  absl::Status changed = change(*rows_);
  RETURN_IF_ERROR(rows_->store_status());
  if (!changed.ok()) rows_->UndoEvent();
  return changed;
}

Generation::ParkedKeys Generation::parked(size_t max) const {
  std::lock_guard<std::mutex> lock(parked_mutex_);
  ParkedKeys first;
  for (const auto& [key, parked] : parked_) {
    if (first.size() == max) break;
    first.emplace_hint(first.end(), key, parked);
  }
  return first;
}

uint64_t Generation::parked_count() const {
  std::lock_guard<std::mutex> lock(parked_mutex_);
  return parked_.size();
}

bool Generation::IsParked(std::string_view key) const {
  std::lock_guard<std::mutex> lock(parked_mutex_);
  return parked_.contains(key);
}

}  // namespace dailyfeed
