#include "core/ports/memory_store.h"

#include <algorithm>

namespace dailyfeed {

// Keeps the versions of one moment: that of the last write.
class MemoryStore::Moment {
 public:
  explicit Moment(const MemoryStore* store) : store_(store) {
    std::lock_guard<std::mutex> lock(store_->mutex_);
    at_ = store_->moments_.insert(store_->writes_);
  }
  // The same moment once more.
  Moment(const Moment& other) : store_(other.store_) {
    std::lock_guard<std::mutex> lock(store_->mutex_);
    at_ = store_->moments_.insert(*other.at_);
  }
  Moment& operator=(const Moment&) = delete;
  ~Moment() {
    std::lock_guard<std::mutex> lock(store_->mutex_);
    store_->moments_.erase(at_);
  }

  const MemoryStore& store() const { return *store_; }
  uint64_t write() const { return *at_; }

 private:
  const MemoryStore* const store_;
  std::multiset<uint64_t>::iterator at_;
};

// A row that is seen stays in the map as long as the moment is kept, so its
// place may be held from one move to the next.
class MemoryStore::Iterator final : public StoreIterator {
 public:
  Iterator(const Moment& moment, KeyRange range) : moment_(moment), range_(std::move(range)) {
    SeekToFirst();
  }

  bool Valid() const override { return valid_; }
  void SeekToFirst() override {
    std::lock_guard<std::mutex> lock(mutex());
    Forward(rows().lower_bound(range_.lower));
  }
  void SeekToLast() override {
    std::lock_guard<std::mutex> lock(mutex());
    Backward(End());
  }
  void Seek(std::string_view key) override {
    std::lock_guard<std::mutex> lock(mutex());
    Forward(rows().lower_bound(std::max<std::string_view>(key, range_.lower)));
  }
  void SeekForPrev(std::string_view key) override {
    std::lock_guard<std::mutex> lock(mutex());
    Backward(range_.upper.empty() || key < range_.upper ? rows().upper_bound(key) : End());
  }
  void Next() override {
    std::lock_guard<std::mutex> lock(mutex());
    Forward(std::next(at_));
  }
  void Prev() override {
    std::lock_guard<std::mutex> lock(mutex());
    Backward(at_);
  }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return value_; }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  std::mutex& mutex() const { return moment_.store().mutex_; }
  const Rows& rows() const { return moment_.store().rows_; }
  Rows::const_iterator End() const {
    return range_.upper.empty() ? rows().end() : rows().lower_bound(range_.upper);
  }
  bool Take(Rows::const_iterator it) {
    const std::string* value = ValueAt(it->second, moment_.write());
    if (value == nullptr) return false;
    at_ = it;
    value_ = *value;
    valid_ = true;
    return true;
  }
  // To the first row that was there, from `it` on.
  void Forward(Rows::const_iterator it) {
    for (; it != rows().end() && (range_.upper.empty() || it->first < range_.upper); ++it) {
      if (Take(it)) return;
    }
    valid_ = false;
  }
  // To the last row that was there, before `it`.
  void Backward(Rows::const_iterator it) {
    while (it != rows().begin() && (--it)->first >= range_.lower) {
      if (Take(it)) return;
    }
    valid_ = false;
  }

  const Moment moment_;
  const KeyRange range_;
  Rows::const_iterator at_;
  std::string value_;
  bool valid_ = false;
};

class MemoryStore::Snapshot final : public StoreSnapshot {
 public:
  explicit Snapshot(const MemoryStore* store) : moment_(store) {}
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    std::lock_guard<std::mutex> lock(moment_.store().mutex_);
    return moment_.store().GetAt(moment_.write(), key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    std::lock_guard<std::mutex> lock(moment_.store().mutex_);
    return moment_.store().MultiGetAt(moment_.write(), keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    return std::make_unique<Iterator>(moment_, range);
  }

 private:
  const Moment moment_;
};

const std::string* MemoryStore::ValueAt(const std::vector<Version>& versions, uint64_t write) {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (version->write <= write) return version->value.has_value() ? &*version->value : nullptr;
  }
  return nullptr;
}

bool MemoryStore::GetAt(uint64_t write, std::string_view key, std::string* value) const {
  const auto found = rows_.find(key);
  const std::string* const there = found == rows_.end() ? nullptr : ValueAt(found->second, write);
  if (there == nullptr) return false;
  *value = *there;
  return true;
}

std::vector<StoreReader::Found> MemoryStore::MultiGetAt(
    uint64_t write, const std::vector<std::string>& keys) const {
  std::vector<Found> answers(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    answers[i].found = GetAt(write, keys[i], &answers[i].value);
  }
  return answers;
}

absl::StatusOr<bool> MemoryStore::Get(std::string_view key, std::string* value) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return GetAt(writes_, key, value);
}

absl::StatusOr<std::vector<StoreReader::Found>> MemoryStore::MultiGet(
    const std::vector<std::string>& keys) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return MultiGetAt(writes_, keys);
}

std::unique_ptr<StoreIterator> MemoryStore::NewIterator(const KeyRange& range) const {
  return std::make_unique<Iterator>(Moment(this), range);
}

std::unique_ptr<StoreSnapshot> MemoryStore::NewSnapshot() const {
  return std::make_unique<Snapshot>(this);
}

absl::Status MemoryStore::Write(StoreBatch batch) {
  std::lock_guard<std::mutex> lock(mutex_);
  ++writes_;
  for (const StoreBatch::Change& change : batch.changes()) {
    switch (change.kind) {
      case StoreBatch::Kind::kPut:
        Change(change.key, std::string(change.value));
        break;
      case StoreBatch::Kind::kDelete:
        Change(change.key, std::nullopt);
        break;
      case StoreBatch::Kind::kDeleteRange:
        if (change.key >= change.value) break;
        for (auto it = rows_.lower_bound(change.key); it != rows_.end() && it->first < change.value;
             ++it) {
          Change(it->first, std::nullopt);
        }
        break;
    }
  }
  Forget();
  return absl::OkStatus();
}

void MemoryStore::Change(std::string_view key, std::optional<std::string> value) {
  auto found = rows_.find(key);
  if (found == rows_.end()) {
    if (!value.has_value()) return;
    found = rows_.emplace(std::string(key), std::vector<Version>()).first;
  }
  std::vector<Version>& versions = found->second;
  if (!versions.empty() && versions.back().write == writes_) {
    versions.back().value = std::move(value);
  } else {
    if (moments_.empty()) versions.clear();
    versions.push_back({writes_, std::move(value)});
  }
  if (versions.size() > 1 || !versions.back().value.has_value()) {
    former_.emplace_back(writes_, found->first);
  }
}

void MemoryStore::Forget() {
  const uint64_t oldest = moments_.empty() ? writes_ : *moments_.begin();
  for (; !former_.empty() && former_.front().first <= oldest; former_.pop_front()) {
    const auto row = rows_.find(former_.front().second);
    if (row == rows_.end()) continue;
    std::vector<Version>& versions = row->second;
    const auto newer =
        std::find_if(versions.begin(), versions.end(),
                     [oldest](const Version& version) { return version.write > oldest; });
    if (newer - versions.begin() > 1) versions.erase(versions.begin(), newer - 1);
    if (versions.size() == 1 && !versions.front().value.has_value()) rows_.erase(row);
  }
}

}  // namespace dailyfeed
