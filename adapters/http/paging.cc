#include "adapters/http/paging.h"

#include <algorithm>

namespace dailyfeed::http {
namespace {

constexpr int64_t kPageMax = (int64_t{1} << 31) - 1;

// A decimal integer, cut at +-kPageMax; nullopt when it is no number.
std::optional<int64_t> ParseInteger(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int64_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = std::min(number * 10 + (c - '0'), kPageMax);
  }
  return negative ? -number : number;
}

std::optional<int64_t> FindInteger(const Query& query, std::string_view name) {
  const std::optional<std::string_view> text = query.Find(name);
  return text ? ParseInteger(*text) : std::nullopt;
}

}  // namespace

PageRequest ParsePage(const Query& query, const PageDefaults& defaults, uint32_t size_max) {
  PageRequest request{.page = defaults.page, .size = defaults.size};
  if (const auto page = FindInteger(query, "page")) {
    request.page = static_cast<uint64_t>(std::max<int64_t>(*page, 0));
  }
  if (const auto size = FindInteger(query, "size"); size && *size >= 1) {
    request.size = static_cast<uint32_t>(std::min<int64_t>(*size, size_max));
  }
  return request;
}

std::optional<PageRequest> ParseScroll(const Query& query, const PageDefaults& defaults,
                                       uint32_t size_max, const CursorCodec& cursors,
                                       std::string_view list, MemberId caller) {
  PageRequest request = ParsePage(query, defaults, size_max);
  const std::optional<std::string_view> text = query.Find("cursor");
  if (!text) return request;
  const std::optional<Cursor> cursor = cursors.Decode(*text, list, caller);
  if (!cursor) return std::nullopt;
  request.page = cursor->page;
  request.after = cursor->after;
  return request;
}

}  // namespace dailyfeed::http
