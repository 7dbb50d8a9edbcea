#include "projections/runtime/reader.h"

#include <cstring>
#include <string>
#include <utility>

namespace dailyfeed {
namespace {

void WritePrefix(Keyspace keyspace, char* out) {
  out[0] = static_cast<char>(keyspace >> 24);
  out[1] = static_cast<char>(keyspace >> 16);
  out[2] = static_cast<char>(keyspace >> 8);
  out[3] = static_cast<char>(keyspace);
}

// A relative key with its keyspace in front, on the stack when it is short.
class FullKey {
 public:
  FullKey(Keyspace keyspace, std::string_view key) : size_(kKeyspaceBytes + key.size()) {
    char* bytes = inline_;
    if (size_ > sizeof(inline_)) {
      heap_.resize(size_);
      bytes = heap_.data();
    }
    WritePrefix(keyspace, bytes);
    if (!key.empty()) std::memcpy(bytes + kKeyspaceBytes, key.data(), key.size());
    view_ = std::string_view(bytes, size_);
  }
  FullKey(const FullKey&) = delete;
  FullKey& operator=(const FullKey&) = delete;

  std::string_view view() const { return view_; }

 private:
  size_t size_;
  char inline_[96];
  std::string heap_;
  std::string_view view_;
};

class PrefixIterator final : public StoreIterator {
 public:
  PrefixIterator(std::unique_ptr<StoreIterator> rows, Keyspace keyspace)
      : rows_(std::move(rows)), keyspace_(keyspace) {}

  bool Valid() const override { return rows_->Valid(); }
  void SeekToFirst() override { rows_->SeekToFirst(); }
  void SeekToLast() override { rows_->SeekToLast(); }
  void Seek(std::string_view key) override { rows_->Seek(FullKey(keyspace_, key).view()); }
  void SeekForPrev(std::string_view key) override {
    rows_->SeekForPrev(FullKey(keyspace_, key).view());
  }
  void Next() override { rows_->Next(); }
  void Prev() override { rows_->Prev(); }
  std::string_view key() const override { return rows_->key().substr(kKeyspaceBytes); }
  std::string_view value() const override { return rows_->value(); }
  absl::Status status() const override { return rows_->status(); }

 private:
  std::unique_ptr<StoreIterator> rows_;
  const Keyspace keyspace_;
};

absl::Status NotStarted() {
  return absl::UnavailableError("the projection has no live generation yet");
}

class NoRowsIterator final : public StoreIterator {
 public:
  explicit NoRowsIterator(absl::Status status) : status_(std::move(status)) {}
  bool Valid() const override { return false; }
  void SeekToFirst() override {}
  void SeekToLast() override {}
  void Seek(std::string_view) override {}
  void SeekForPrev(std::string_view) override {}
  void Next() override {}
  void Prev() override {}
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
  absl::Status status() const override { return status_; }

 private:
  const absl::Status status_;
};

std::vector<std::string> WithPrefix(Keyspace keyspace, const std::vector<std::string>& keys) {
  std::vector<std::string> full(keys.size());
  char prefix[kKeyspaceBytes];
  WritePrefix(keyspace, prefix);
  for (size_t i = 0; i < keys.size(); ++i) {
    full[i].reserve(kKeyspaceBytes + keys[i].size());
    full[i].append(prefix, kKeyspaceBytes).append(keys[i]);
  }
  return full;
}

std::unique_ptr<StoreIterator> IteratorOver(const StoreReader& store, Keyspace keyspace,
                                            const KeyRange& range) {
  KeyRange full = {std::string(FullKey(keyspace, range.lower).view()),
                   range.upper.empty() ? KeyspaceRange(keyspace).upper
                                       : std::string(FullKey(keyspace, range.upper).view())};
  return std::make_unique<PrefixIterator>(store.NewIterator(full), keyspace);
}

class LiveReader final : public ProjectionReader {
 public:
  LiveReader(const StoreReader* store, const std::atomic<Keyspace>* live)
      : store_(store), live_(live) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    while (true) {
      const Keyspace keyspace = Live();
      if (keyspace == 0) return NotStarted();
      absl::StatusOr<bool> found = store_->Get(FullKey(keyspace, key).view(), value);
      // A row that was found is of the generation that was live when the call
      // began. One that was not may have been dropped behind our back.
      if (!found.ok() || *found || Live() == keyspace) return found;
    }
  }

  absl::StatusOr<std::vector<StoreReader::Found>> MultiGet(
      const std::vector<std::string>& keys) const override {
    while (true) {
      const Keyspace keyspace = Live();
      if (keyspace == 0) return NotStarted();
      auto found = store_->MultiGet(WithPrefix(keyspace, keys));
      if (!found.ok() || Live() == keyspace) return found;
    }
  }

  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    while (true) {
      const Keyspace keyspace = Live();
      if (keyspace == 0) return NoRows(NotStarted());
      auto rows = IteratorOver(*store_, keyspace, range);
      // An iterator sees the store as of one moment: now is good for its life.
      if (Live() == keyspace) return rows;
    }
  }

 private:
  Keyspace Live() const { return live_->load(std::memory_order_acquire); }

  const StoreReader* const store_;
  const std::atomic<Keyspace>* const live_;
};

}  // namespace

std::unique_ptr<StoreIterator> NoRows(absl::Status status) {
  return std::make_unique<NoRowsIterator>(std::move(status));
}

std::unique_ptr<ProjectionReader> NewLiveReader(const StoreReader* store,
                                                const std::atomic<Keyspace>* live) {
  return std::make_unique<LiveReader>(store, live);
}

std::unique_ptr<ProjectionReader> NewKeyspaceReader(const StoreReader* store, Keyspace keyspace) {
  return std::make_unique<KeyspaceReader>(store, keyspace);
}

absl::StatusOr<bool> KeyspaceReader::Get(std::string_view key, std::string* value) const {
  return store_->Get(FullKey(keyspace_, key).view(), value);
}

absl::StatusOr<std::vector<StoreReader::Found>> KeyspaceReader::MultiGet(
    const std::vector<std::string>& keys) const {
  return store_->MultiGet(WithPrefix(keyspace_, keys));
}

std::unique_ptr<StoreIterator> KeyspaceReader::NewIterator(const KeyRange& range) const {
  return IteratorOver(*store_, keyspace_, range);
}

}  // namespace dailyfeed
