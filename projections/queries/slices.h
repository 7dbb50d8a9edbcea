// The one way a page is made: keys first, one more than asked for, then rows.
//
// A list may name a row that cannot be shown (a member whose key is gone). It is
// left out and the page filled up from the list, so that a page is shorter than
// asked for only at the end, and `next` is always the key of the last row
// shown: a chain never repeats or skips a row.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_SLICES_H_
#define DAILYFEED_PROJECTIONS_QUERIES_SLICES_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

// Up to `count` keys of a list whose rows are keys only, after the first `skip`;
// without the keys that `is_left_out` names.
template <typename IsLeftOut>
absl::StatusOr<std::vector<ListKey>> ReadListKeys(
    const ProjectionReader& reader, const KeyRange& range, uint64_t skip, size_t count,
    absl::FunctionRef<absl::StatusOr<ListKey>(std::string_view)> decode, IsLeftOut is_left_out) {
  std::vector<ListKey> keys;
  const auto rows = reader.NewIterator(range);
  for (; rows->Valid() && keys.size() < count; rows->Next()) {
    ASSIGN_OR_RETURN(const ListKey key, decode(rows->key()));
    if (is_left_out(key)) continue;
    if (skip > 0) {
      --skip;
    } else {
      keys.push_back(key);
    }
  }
  RETURN_IF_ERROR(rows->status());
  return keys;
}
inline absl::StatusOr<std::vector<ListKey>> ReadListKeys(
    const ProjectionReader& reader, const KeyRange& range, uint64_t skip, size_t count,
    absl::FunctionRef<absl::StatusOr<ListKey>(std::string_view)> decode) {
  return ReadListKeys(reader, range, skip, count, decode, [](const ListKey&) { return false; });
}

// How many rows stand before a page by number. kInvalidRequest for a size that is
// refused.
inline absl::StatusOr<uint64_t> SkippedRows(uint64_t page, uint32_t size) {
  if (size == 0 || size > kPageSizeMax) {
    return MakeError(ErrorCode::kInvalidRequest, "size of a page");
  }
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  return page > kMost / size ? kMost : page * size;
}

// A page by number steps over so many rows without counting its list first.
inline constexpr uint64_t kStepsUnasked = 256;

// Whether a page by number begins behind the end of its list: it is empty then
// and costs nothing, whatever the number. total() -> StatusOr<uint64_t>: how many
// rows the list has, or more; called for far pages only.
template <typename Total>
absl::StatusOr<bool> IsBehindEnd(const PageRequest& request, Total&& total) {
  if (request.after.has_value() || request.size == 0 || request.size > kPageSizeMax) return false;
  if (request.page <= kStepsUnasked / request.size) return false;
  ASSIGN_OR_RETURN(const uint64_t rows, total());
  return request.page > rows / request.size || request.page * request.size >= rows;
}

// keys(after, skip, count) -> StatusOr<vector<ListKey>>: up to `count` keys of
//     the list behind `after`, after leaving out `skip`.
// load(keys) -> StatusOr<vector<Row>>: a row per key.
// is_there(row): false for a row that cannot be shown.
template <typename Row, typename Keys, typename Load, typename IsThere>
absl::StatusOr<Slice<Row>> MakeSlice(const PageRequest& request, Keys&& keys, Load&& load,
                                     IsThere&& is_there) {
  if (request.size == 0 || request.size > kPageSizeMax) {
    return MakeError(ErrorCode::kInvalidRequest, "size of a page");
  }
  Slice<Row> slice;
  std::optional<ListKey> after = request.after;
  uint64_t skip = 0;
  if (!after.has_value()) {
    if (request.page > std::numeric_limits<uint64_t>::max() / request.size) return slice;
    skip = request.page * request.size;
  }
  std::optional<ListKey> last;
  while (true) {
    const size_t wanted = request.size - slice.rows.size();
    ASSIGN_OR_RETURN(std::vector<ListKey> found, keys(after, skip, wanted + 1));
    const bool more = found.size() > wanted;
    if (more) found.pop_back();
    if (found.empty()) return slice;
    ASSIGN_OR_RETURN(std::vector<Row> rows, load(std::span<const ListKey>(found)));
    slice.rows.reserve(slice.rows.size() + rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!is_there(rows[i])) continue;
      last = found[i];
      slice.rows.push_back(std::move(rows[i]));
    }
    if (!more) return slice;
    if (slice.rows.size() == request.size) {
      slice.has_next = true;
      slice.next = last;
      return slice;
    }
    after = found.back();
    skip = 0;
  }
}

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_SLICES_H_
