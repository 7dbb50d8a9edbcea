#include "projections/runtime/generation_rows.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/upkeep.h"

namespace dailyfeed {
namespace {

// Undos and rows are used again, with strings up to this size.
constexpr size_t kKeptUndos = 1024;
constexpr size_t kKeptCapacity = 256;
// Spare rows take at most this part of the bound.
constexpr size_t kSpareShare = 8;
// Containers of pointers keep room for so many.
constexpr size_t kKeptPointers = 16 * 1024;

void ReleaseIfLarge(std::string* text) {
  if (text->capacity() > kKeptCapacity) std::string().swap(*text);
}

template <typename T>
void ShrinkEmpty(std::vector<T>* vector) {
  if (vector->empty() && vector->capacity() > kKeptPointers) vector->shrink_to_fit();
}

}  // namespace

GenerationRows::GenerationRows(const StoreReader* store, Keyspace keyspace, size_t cache_bytes_max)
    : store_(store),
      prefix_(KeyspacePrefix(keyspace)),
      end_(prefix_ + kBesidePrefix),
      cache_bytes_max_(cache_bytes_max) {}

GenerationRows::Probe GenerationRows::MakeProbe(std::string_view key) {
  return {key, absl::Hash<absl::string_view>{}(absl::string_view(key.data(), key.size()))};
}

// With its place in the clock and, at its usual load, in the index.
size_t GenerationRows::Cost(const Row& row) {
  return sizeof(Row) + 3 * sizeof(Row*) + row.key.capacity() + row.value.capacity();
}

void GenerationRows::SetValue(Row* row, std::string_view value) {
  bytes_ -= row->value.capacity();
  row->value.assign(value);
  bytes_ += row->value.capacity();
}

void GenerationRows::SwapValue(Row* row, std::string* value) {
  bytes_ -= row->value.capacity();
  row->value.swap(*value);
  bytes_ += row->value.capacity();
}

std::string_view GenerationRows::FullKey(std::string_view key) {
  full_key_.assign(prefix_);
  full_key_.append(key);
  return full_key_;
}

GenerationRows::Row* GenerationRows::Find(const Probe& probe) const {
  auto found = index_.find(probe);
  return found == index_.end() ? nullptr : *found;
}

GenerationRows::Row* GenerationRows::Insert(const Probe& probe) {
  std::unique_ptr<Row> made;
  if (spare_.empty()) {
    made = std::make_unique<Row>();
  } else {
    made = std::move(spare_.back());
    spare_.pop_back();
    spare_bytes_ -= Cost(*made);
  }
  Row* const row = made.get();
  if (gaps_.empty()) {
    clock_.push_back(std::move(made));
  } else {
    clock_[gaps_.back()] = std::move(made);
    gaps_.pop_back();
  }
  row->key.append(prefix_).append(probe.key);
  row->hash = probe.hash;
  index_.insert(row);
  bytes_ += Cost(*row);
  return row;
}

absl::StatusOr<bool> GenerationRows::Get(std::string_view key, std::string* value) {
  DAILYFEED_CHECK(!IsBeside(key));
  const Probe probe = MakeProbe(key);
  Row* row = Find(probe);
  if (row != nullptr && row->state != State::kUnknown) {
    row->referenced = true;
    if (row->state == State::kAbsent) return false;
    value->assign(row->value);
    return true;
  }
  absl::StatusOr<bool> found = store_->Get(FullKey(key), value);
  if (!found.ok()) {
    store_status_.Update(found.status());
    return found;
  }
  if (row == nullptr) row = Insert(probe);
  row->state = *found ? State::kPresent : State::kAbsent;
  if (*found) SetValue(row, *value);
  return found;
}

GenerationRows::Row* GenerationRows::Change(std::string_view key) {
  DAILYFEED_CHECK(!IsBeside(key));
  const Probe probe = MakeProbe(key);
  Row* row = Find(probe);
  if (row == nullptr) row = Insert(probe);
  if (row->changed_in_event != event_) {
    row->changed_in_event = event_;
    if (undo_size_ == undo_.size()) undo_.emplace_back();
    Undo& undo = undo_[undo_size_++];
    undo.row = row;
    undo.state = row->state;
    undo.changed = row->changed;
    SwapValue(row, &undo.value);
  }
  row->value.clear();
  if (!row->changed) {
    row->changed = true;
    changed_.push_back(row);
    if (keep_ordered_) ordered_.insert(row);
  }
  return row;
}

void GenerationRows::Put(std::string_view key, std::string_view value) {
  DAILYFEED_CHECK(event_ > 0);
  Row* row = Change(key);
  row->state = State::kPresent;
  SetValue(row, value);
}

void GenerationRows::PutUnsettled(std::string_view key, std::string_view value) {
  DAILYFEED_CHECK(event_ > 0);
  DAILYFEED_CHECK(!settling_);
  Row* row = Change(key);
  row->state = State::kPresent;
  SetValue(row, value);
  if (row->unsettled) return;
  row->unsettled = true;
  unsettled_.push_back(row);
}

void GenerationRows::Delete(std::string_view key) {
  DAILYFEED_CHECK(event_ > 0);
  Change(key)->state = State::kAbsent;
}

Position GenerationRows::MomentOf(const v1::Event& event) const {
  // Both terms only grow. A retry adds to the second, so its changes are later
  // than those of every event and every retry before.
  return std::max<Position>(event.position(), position_) + retries_;
}

void GenerationRows::BeginEvent() {
  ++event_;
  undo_size_ = 0;
}

void GenerationRows::UndoEvent() {
  while (undo_size_ > 0) {
    Undo& undo = undo_[--undo_size_];
    Row* row = undo.row;
    SwapValue(row, &undo.value);
    if (undo.state != State::kPresent) row->value.clear();
    row->state = undo.state;
    row->changed_in_event = 0;
    if (undo.changed) continue;
    // Rows that changed first in this event are the last of changed_, in the
    // same order as their undos.
    DAILYFEED_CHECK(changed_.back() == row);
    changed_.pop_back();
    row->changed = false;
    if (keep_ordered_) ordered_.erase(row);
  }
}

std::vector<GenerationRows::Row*> GenerationRows::ChangedRowsIn(std::string_view lower,
                                                                std::string_view upper) {
  if (!keep_ordered_) {
    keep_ordered_ = true;
    ordered_.insert(changed_.begin(), changed_.end());
  }
  Row from;
  from.key = lower;
  std::vector<Row*> rows;
  for (auto it = ordered_.lower_bound(&from); it != ordered_.end() && (*it)->key < upper; ++it) {
    rows.push_back(*it);
  }
  return rows;
}

absl::Status GenerationRows::Scan(
    std::string_view lower, std::string_view upper,
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) {
  const std::string full_lower(FullKey(lower));
  const std::string full_upper(upper.empty() ? std::string_view(end_)
                                             : std::min<std::string_view>(FullKey(upper), end_));
  if (full_upper <= full_lower) return absl::OkStatus();
  absl::Status scanned = MergedScan(full_lower, full_upper, visit);
  store_status_.Update(scanned);
  return scanned;
}

absl::Status GenerationRows::MergedScan(
    std::string_view lower, std::string_view upper,
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) {
  const std::vector<Row*> ours = ChangedRowsIn(lower, upper);
  const size_t changed_before = changed_.size();
  std::unique_ptr<StoreIterator> theirs =
      store_->NewIterator({std::string(lower), std::string(upper)});
  std::string value;  // a copy: `visit` may change the row
  for (size_t i = 0; i < ours.size() || theirs->Valid();) {
    const bool have_theirs = theirs->Valid();
    const int order = i == ours.size() ? 1
                      : !have_theirs   ? -1
                                       : std::string_view(ours[i]->key).compare(theirs->key());
    const Row* row = nullptr;
    if (order <= 0) {
      row = ours[i++];
    } else if (changed_.size() != changed_before) {
      // `visit` has changed rows since; this may be one of them.
      row = Find(MakeProbe(theirs->key().substr(kKeyspaceBytes)));
      if (row != nullptr && !row->changed) row = nullptr;
    }
    bool more = true;
    if (row == nullptr) {
      more = visit(theirs->key().substr(kKeyspaceBytes), theirs->value());
    } else if (row->state == State::kPresent) {
      value.assign(row->value);
      more = visit(Relative(*row), value);
    }
    if (!more) return absl::OkStatus();
    if (order >= 0) theirs->Next();
  }
  return theirs->status();
}

absl::Status GenerationRows::Settle(Projection* projection) {
  if (unsettled_.empty()) return absl::OkStatus();
  BeginEvent();
  settling_ = true;
  // An event that was taken back may have left a row here: settling one that
  // needs nothing changes nothing.
  for (Row* row : unsettled_) {
    row->unsettled = false;
    if (row->state != State::kPresent) continue;
    RETURN_IF_ERROR(projection->Settle(Relative(*row), *this));
    RETURN_IF_ERROR(store_status_);
  }
  unsettled_.clear();
  settling_ = false;
  return absl::OkStatus();
}

void GenerationRows::Visit(
    std::string_view lower, std::string_view upper,
    absl::FunctionRef<void(std::string_view, const std::string*)> visit) const {
  const auto below = [](const Row* row, std::string_view key) { return Relative(*row) < key; };
  auto at = std::lower_bound(changed_.begin(), changed_.end(), lower, below);
  for (; at != changed_.end() && (upper.empty() || Relative(**at) < upper); ++at) {
    visit(Relative(**at), (*at)->state == State::kPresent ? &(*at)->value : nullptr);
  }
}

void GenerationRows::AppendTo(StoreBatch* batch) {
  // An ordered store takes neighbours one after the other cheaper.
  std::sort(changed_.begin(), changed_.end(), KeyLess());
  for (const Row* row : changed_) {
    if (row->state == State::kPresent) {
      batch->PutUnowned(row->key, row->value);
    } else {
      batch->DeleteUnowned(row->key);
    }
  }
}

void GenerationRows::Written() {
  DAILYFEED_CHECK(unsettled_.empty());
  for (Row* row : changed_) row->changed = false;
  changed_.clear();
  ordered_.clear();
  keep_ordered_ = false;
  undo_size_ = 0;
  if (undo_.size() > kKeptUndos) {
    undo_.resize(kKeptUndos);
    undo_.shrink_to_fit();
  }
  for (Undo& undo : undo_) ReleaseIfLarge(&undo.value);
  Trim();
  Shrink();
}

void GenerationRows::Trim() {
  // Second chance: the hand spares a row once if it was read since last time.
  const size_t bytes_max = cache_bytes_max_ - cache_bytes_max_ / kSpareShare;
  for (; bytes_ > bytes_max && !index_.empty(); ++hand_) {
    if (hand_ >= clock_.size()) hand_ = 0;
    Row* const row = clock_[hand_].get();
    if (row != nullptr && !std::exchange(row->referenced, false)) Release(hand_);
  }
}

void GenerationRows::Release(size_t place) {
  std::unique_ptr<Row> row = std::move(clock_[place]);
  gaps_.push_back(place);
  bytes_ -= Cost(*row);
  index_.erase(row.get());
  ReleaseIfLarge(&row->key);
  ReleaseIfLarge(&row->value);
  const size_t cost = Cost(*row);
  if (spare_bytes_ + cost > cache_bytes_max_ / kSpareShare) return;
  // As a new one, but for the memory of its strings.
  row->key.clear();
  row->value.clear();
  row->changed_in_event = 0;
  row->state = State::kUnknown;
  spare_bytes_ += cost;
  spare_.push_back(std::move(row));
}

void GenerationRows::Shrink() {
  ShrinkEmpty(&changed_);
  ShrinkEmpty(&unsettled_);
  if (index_.capacity() > kKeptPointers && index_.size() < index_.capacity() / 8) {
    index_.rehash(0);
  }
  if (clock_.size() > kKeptPointers && gaps_.size() > clock_.size() / 2) {
    std::erase(clock_, nullptr);
    clock_.shrink_to_fit();
    gaps_.clear();
    gaps_.shrink_to_fit();
    hand_ = 0;
  }
}

}  // namespace dailyfeed
