#include "adapters/http/text/byte_range.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "adapters/http/text/http_text.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kUnit = "bytes=";

// nullopt unless it is digits; too large a number is the largest.
std::optional<uint64_t> Digits(std::string_view text) {
  if (text.empty()) return std::nullopt;
  uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (__builtin_mul_overflow(number, uint64_t{10}, &number) ||
        __builtin_add_overflow(number, digit, &number)) {
      number = std::numeric_limits<uint64_t>::max();
    }
  }
  return number;
}

}  // namespace

ByteRange ParseByteRange(std::string_view header, uint64_t size) {
  if (!EqualsIgnoringCase(header.substr(0, kUnit.size()), kUnit)) return {};
  const std::string_view range = header.substr(kUnit.size());
  const size_t dash = range.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view first_text = range.substr(0, dash), last_text = range.substr(dash + 1);
  const std::optional<uint64_t> first = Digits(first_text), last = Digits(last_text);
  if (first_text.empty()) {  // the last so many
    if (!last) return {};
    if (*last == 0) return {.kind = ByteRange::Kind::kUnsatisfiable};
    const uint64_t length = std::min(*last, size);
    return {.kind = ByteRange::Kind::kPart, .first = size - length, .length = length};
  }
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return {};
  if (*first >= size) return {.kind = ByteRange::Kind::kUnsatisfiable};
  const uint64_t end = last && *last < size ? *last + 1 : size;
  return {.kind = ByteRange::Kind::kPart, .first = *first, .length = end - *first};
}

}  // namespace dailyfeed::http
