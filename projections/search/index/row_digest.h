// A digest behind each row of a segment and its manifest, so that a damaged row is an
// error and never a wrong answer, whoever damaged it. RocksDB has checksums of its
// blocks; this one also holds for a row that stands under another row's key.
//
//   std::string row = Sealed(key, content);
//   std::optional<std::string_view> content = Unsealed(key, row);   // nullopt: damaged
//
// 32 bits: multiply and fold, eight bytes a step, the key first. Made for damage and
// not for malice. Threads: any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_ROW_DIGEST_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_ROW_DIGEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed::search {

uint32_t RowDigest(std::string_view key, std::string_view content);

std::string Sealed(std::string_view key, std::string_view content);
// A part of `row`.
std::optional<std::string_view> Unsealed(std::string_view key, std::string_view row);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_ROW_DIGEST_H_
