#include "projections/verify/row_sum.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace dailyfeed {
namespace {

// Odd, with bits all over: 2^64 by the golden ratio, and by the root of 3.
constexpr uint64_t kLowFactor = 0x9e3779b97f4a7c15u;
constexpr uint64_t kHighFactor = 0xbb67ae8584caa73bu;

void Fold(uint64_t word, RowHash* hash) {
  hash->low = (hash->low ^ word) * kLowFactor;
  hash->low ^= hash->low >> 32;
  hash->high = (hash->high ^ word) * kHighFactor;
  hash->high ^= hash->high >> 29;
}

// The length first, so that zeros at the end count, and where a key ends.
void FoldBytes(std::string_view bytes, RowHash* hash) {
  static_assert(std::endian::native == std::endian::little);
  Fold(bytes.size(), hash);
  uint64_t word = 0;
  while (bytes.size() >= sizeof(word)) {
    std::memcpy(&word, bytes.data(), sizeof(word));
    Fold(word, hash);
    bytes.remove_prefix(sizeof(word));
  }
  if (bytes.empty()) return;
  word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  Fold(word, hash);
}

}  // namespace

RowHash HashOfRow(std::string_view key, std::string_view content) {
  RowHash hash = {.low = kHighFactor, .high = kLowFactor};
  FoldBytes(key, &hash);
  FoldBytes(content, &hash);
  // Sums of rows: the last word must reach every bit.
  Fold(kLowFactor, &hash);
  return hash;
}

std::string RowSum::Hex() const { return fmt::format("{:016x}{:016x}", high, low); }

}  // namespace dailyfeed
