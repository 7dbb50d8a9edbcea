#include "core/engine/memory_store.h"

#include <utility>

namespace dailyfeed {
namespace {

using RowMap = std::map<std::string, std::string, std::less<>>;

bool GetFrom(const RowMap& rows, std::string_view key, std::string* value) {
  auto found = rows.find(key);
  if (found == rows.end()) return false;
  *value = found->second;
  return true;
}

std::vector<StoreReader::Found> MultiGetFrom(const RowMap& rows,
                                             const std::vector<std::string>& keys) {
  std::vector<StoreReader::Found> answers(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    answers[i].found = GetFrom(rows, keys[i], &answers[i].value);
  }
  return answers;
}

}  // namespace

class MemoryStore::Iterator final : public StoreIterator {
 public:
  Iterator(std::shared_ptr<const Rows> rows, const KeyRange& range)
      : rows_(std::move(rows)),
        begin_(rows_->lower_bound(range.lower)),
        end_(range.upper.empty() ? rows_->end() : rows_->lower_bound(range.upper)) {
    // An upper bound below the lower one is an empty range.
    if (!range.upper.empty() && range.upper < range.lower) end_ = begin_;
    SeekToFirst();
  }

  bool Valid() const override { return valid_; }
  void SeekToFirst() override { MoveTo(begin_); }
  void SeekToLast() override { MoveBefore(end_); }
  void Seek(std::string_view key) override {
    if (begin_ == end_) return MoveTo(end_);
    if (key <= begin_->first) return MoveTo(begin_);
    auto it = rows_->lower_bound(key);
    const bool behind = end_ != rows_->end() && key >= end_->first;
    MoveTo(behind ? end_ : it);
  }
  void SeekForPrev(std::string_view key) override {
    if (end_ != rows_->end() && key >= end_->first) return MoveBefore(end_);
    auto it = rows_->upper_bound(key);
    if (begin_ == end_ || (begin_ != rows_->end() && key < begin_->first)) {
      valid_ = false;
      return;
    }
    MoveBefore(it);
  }
  void Next() override { MoveTo(std::next(at_)); }
  void Prev() override { MoveBefore(at_); }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return at_->second; }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  void MoveTo(Rows::const_iterator it) {
    at_ = it;
    valid_ = at_ != end_;
  }
  void MoveBefore(Rows::const_iterator it) {
    valid_ = it != begin_;
    if (valid_) at_ = std::prev(it);
  }

  std::shared_ptr<const Rows> rows_;
  Rows::const_iterator begin_;
  Rows::const_iterator end_;
  Rows::const_iterator at_;
  bool valid_ = false;
};

class MemoryStore::Snapshot final : public StoreSnapshot {
 public:
  explicit Snapshot(std::shared_ptr<const Rows> rows) : rows_(std::move(rows)) {}
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    return GetFrom(*rows_, key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return MultiGetFrom(*rows_, keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return std::make_unique<Iterator>(rows_, range);
  }

 private:
  std::shared_ptr<const Rows> rows_;
};

std::shared_ptr<const MemoryStore::Rows> MemoryStore::Current() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return rows_;
}

absl::StatusOr<bool> MemoryStore::Get(std::string_view key, std::string* value) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return GetFrom(*rows_, key, value);
}

absl::StatusOr<std::vector<StoreReader::Found>> MemoryStore::MultiGet(
    const std::vector<std::string>& keys) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return MultiGetFrom(*rows_, keys);
}

std::unique_ptr<StoreIterator> MemoryStore::NewIterator(const KeyRange& range) const {
  return std::make_unique<Iterator>(Current(), range);
}

std::unique_ptr<StoreSnapshot> MemoryStore::NewSnapshot() const {
  return std::make_unique<Snapshot>(Current());
}

absl::Status MemoryStore::Write(StoreBatch batch) {
  std::lock_guard<std::mutex> lock(mutex_);
  // Always a copy while somebody else holds the rows. The count can only be
  // too high here (a reader letting go), never too low: sharing needs the lock.
  if (rows_.use_count() > 1) rows_ = std::make_shared<Rows>(*rows_);
  for (const StoreBatch::Change& change : batch.changes()) {
    switch (change.kind) {
      case StoreBatch::Kind::kPut:
        rows_->insert_or_assign(std::string(change.key), std::string(change.value));
        break;
      case StoreBatch::Kind::kDelete:
        if (auto found = rows_->find(change.key); found != rows_->end()) rows_->erase(found);
        break;
      case StoreBatch::Kind::kDeleteRange:
        if (change.key < change.value) {
          rows_->erase(rows_->lower_bound(change.key), rows_->lower_bound(change.value));
        }
        break;
    }
  }
  return absl::OkStatus();
}

}  // namespace dailyfeed
