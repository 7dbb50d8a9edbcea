#include "projections/search/index/row_digest.h"

#include <bit>
#include <cstring>

#include "projections/search/index/bytes.h"

namespace dailyfeed::search {
namespace {

constexpr uint64_t kFactor = 0x9e3779b97f4a7c15u;  // 2^64 / the golden ratio, odd

uint64_t Fold(uint64_t digest, uint64_t word) {
  digest = (digest ^ word) * kFactor;
  return digest ^ (digest >> 32);
}

// The length first, so that zeros at the end count.
uint64_t FoldBytes(uint64_t digest, std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  digest = Fold(digest, bytes.size());
  uint64_t word = 0;
  while (bytes.size() >= sizeof(word)) {
    std::memcpy(&word, bytes.data(), sizeof(word));
    digest = Fold(digest, word);
    bytes.remove_prefix(sizeof(word));
  }
  word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  return Fold(digest, word);
}

}  // namespace

uint32_t RowDigest(std::string_view key, std::string_view content) {
  const uint64_t digest = FoldBytes(FoldBytes(kFactor, key), content);
  return static_cast<uint32_t>(digest ^ (digest >> 32));
}

std::string Sealed(std::string_view key, std::string_view content) {
  std::string row(content);
  AppendFixed32(RowDigest(key, content), &row);
  return row;
}

std::optional<std::string_view> Unsealed(std::string_view key, std::string_view row) {
  if (row.size() < sizeof(uint32_t)) return std::nullopt;
  const std::string_view content = row.substr(0, row.size() - sizeof(uint32_t));
  ByteReader digest(row.substr(content.size()));
  if (digest.Fixed32() != RowDigest(key, content)) return std::nullopt;
  return content;
}

}  // namespace dailyfeed::search
