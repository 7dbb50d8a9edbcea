// Rows of decision state in memory, close together: `log verify` folds tens of
// millions of them. A row costs its bytes and about twenty more.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROW_ARENA_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROW_ARENA_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "core/domain/decider.h"

namespace dailyfeed {

class RowArena final : public DecisionRows {
 public:
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) override {
    const auto found = Find(key);
    if (!found) return false;
    value->assign(*found);
    return true;
  }

  // Stays valid until the row is changed.
  std::optional<std::string_view> Find(std::string_view key) const {
    const auto found = rows_.find(key);
    if (found == rows_.end()) return std::nullopt;
    return ValueOf(*found);
  }

  void Put(std::string_view key, std::string_view value) override {
    const auto found = rows_.find(key);
    if (found != rows_.end()) {
      if (ValueOf(*found).size() == value.size()) {
        std::copy(value.begin(), value.end(), *found + kHeaderBytes + key.size());
        return;
      }
      rows_.erase(found);
    }
    rows_.insert(Store(key, value));
  }

  void Delete(std::string_view key) override {
    const auto found = rows_.find(key);
    if (found != rows_.end()) rows_.erase(found);
  }

  size_t size() const { return rows_.size(); }

  // nullopt when there is no row.
  std::optional<std::string> SmallestKey() const {
    std::optional<std::string_view> smallest;
    for (const char* row : rows_) {
      if (!smallest || KeyOf(row) < *smallest) smallest = KeyOf(row);
    }
    if (!smallest) return std::nullopt;
    return std::string(*smallest);
  }

 private:
  // A row: size of the key, size of the value, both as they lie in memory,
  // then the bytes of both.
  static constexpr size_t kHeaderBytes = 2 * sizeof(uint32_t);
  static constexpr size_t kChunkBytes = 1u << 20;

  static uint32_t SizeAt(const char* at) {
    uint32_t size;
    std::memcpy(&size, at, sizeof(size));
    return size;
  }
  static std::string_view KeyOf(const char* row) { return {row + kHeaderBytes, SizeAt(row)}; }
  static std::string_view ValueOf(const char* row) {
    return {row + kHeaderBytes + SizeAt(row), SizeAt(row + sizeof(uint32_t))};
  }

  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const { return absl::HashOf(key); }
    size_t operator()(const char* row) const { return absl::HashOf(KeyOf(row)); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const char* a, const char* b) const { return KeyOf(a) == KeyOf(b); }
    bool operator()(const char* a, std::string_view b) const { return KeyOf(a) == b; }
    bool operator()(std::string_view a, const char* b) const { return a == KeyOf(b); }
  };

  char* Store(std::string_view key, std::string_view value) {
    const size_t size = kHeaderBytes + key.size() + value.size();
    if (size > left_) {
      left_ = std::max(kChunkBytes, size);
      chunks_.push_back(std::make_unique<char[]>(left_));
      next_ = chunks_.back().get();
    }
    char* const row = next_;
    next_ += size;
    left_ -= size;
    const uint32_t sizes[] = {static_cast<uint32_t>(key.size()),
                              static_cast<uint32_t>(value.size())};
    std::memcpy(row, sizes, kHeaderBytes);
    std::copy(key.begin(), key.end(), row + kHeaderBytes);
    std::copy(value.begin(), value.end(), row + kHeaderBytes + key.size());
    return row;
  }

  absl::flat_hash_set<char*, Hash, Equal> rows_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_LOG_ROW_ARENA_H_
