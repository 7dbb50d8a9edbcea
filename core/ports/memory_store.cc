#include "core/ports/memory_store.h"

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

// Keeps a version of the rows as it is.
class MemoryStore::Pin {
 public:
  // With the store's mutex held.
  explicit Pin(std::shared_ptr<Version> version) : version_(std::move(version)) {
    version_->readers.fetch_add(1, std::memory_order_relaxed);
  }
  ~Pin() { version_->readers.fetch_sub(1, std::memory_order_release); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

  const Rows& rows() const { return version_->rows; }

 private:
  const std::shared_ptr<Version> version_;
};

class MemoryStore::Iterator final : public StoreIterator {
 public:
  Iterator(std::shared_ptr<const Pin> pin, const KeyRange& range)
      : pin_(std::move(pin)),
        rows_(&pin_->rows()),
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

  const std::shared_ptr<const Pin> pin_;
  const Rows* const rows_;
  Rows::const_iterator begin_;
  Rows::const_iterator end_;
  Rows::const_iterator at_;
  bool valid_ = false;
};

class MemoryStore::Snapshot final : public StoreSnapshot {
 public:
  explicit Snapshot(std::shared_ptr<const Pin> pin) : pin_(std::move(pin)) {}
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    return GetFrom(pin_->rows(), key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    return MultiGetFrom(pin_->rows(), keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return std::make_unique<Iterator>(pin_, range);
  }

 private:
  const std::shared_ptr<const Pin> pin_;
};

std::shared_ptr<const MemoryStore::Pin> MemoryStore::Current() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return std::make_shared<const Pin>(version_);
}

absl::StatusOr<bool> MemoryStore::Get(std::string_view key, std::string* value) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return GetFrom(version_->rows, key, value);
}

absl::StatusOr<std::vector<StoreReader::Found>> MemoryStore::MultiGet(
    const std::vector<std::string>& keys) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return MultiGetFrom(version_->rows, keys);
}

std::unique_ptr<StoreIterator> MemoryStore::NewIterator(const KeyRange& range) const {
  return std::make_unique<Iterator>(Current(), range);
}

std::unique_ptr<StoreSnapshot> MemoryStore::NewSnapshot() const {
  return std::make_unique<Snapshot>(Current());
}

absl::Status MemoryStore::Write(StoreBatch batch) {
  std::lock_guard<std::mutex> lock(mutex_);
  // Always a copy while somebody looks at the rows: the count only grows with
  // the mutex held.
  if (version_->readers.load(std::memory_order_acquire) > 0) {
    auto copy = std::make_shared<Version>();
    copy->rows = version_->rows;
    version_ = std::move(copy);
  }
  Rows& rows = version_->rows;
  for (const StoreBatch::Change& change : batch.changes()) {
    switch (change.kind) {
      case StoreBatch::Kind::kPut:
        rows.insert_or_assign(std::string(change.key), std::string(change.value));
        break;
      case StoreBatch::Kind::kDelete:
        if (auto found = rows.find(change.key); found != rows.end()) rows.erase(found);
        break;
      case StoreBatch::Kind::kDeleteRange:
        if (change.key < change.value) {
          rows.erase(rows.lower_bound(change.key), rows.lower_bound(change.value));
        }
        break;
    }
  }
  return absl::OkStatus();
}

}  // namespace dailyfeed
