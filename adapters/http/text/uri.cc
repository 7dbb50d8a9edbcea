#include "adapters/http/text/uri.h"

#include <algorithm>
#include <limits>

#include "core/base/hex.h"
#include "core/domain/types.h"

namespace dailyfeed::http {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = HexDigitValue(text[i + 1]);
      const int low = HexDigitValue(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    decoded.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
  }
  return decoded;
}

SplitTarget SplitRequestTarget(std::string_view target) {
  const size_t end = target.find_first_of("?#");
  if (end == std::string_view::npos) return {target, {}};
  return {target.substr(0, end), target.substr(end + 1)};
}

std::optional<std::string> QueryParameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = pair.find('=');
    const std::string_view key = pair.substr(0, equals);
    const bool plain = key.find_first_of("%+") == std::string_view::npos;
    if (plain ? key != name : PercentDecode(key, true) != name) continue;
    if (equals == std::string_view::npos) return std::string();
    return PercentDecode(pair.substr(equals + 1), true);
  }
  return std::nullopt;
}

std::optional<int64_t> ParseSaturated(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || !std::all_of(text.begin(), text.end(), IsDigit)) return std::nullopt;
  int64_t value = 0;
  for (const char c : text) {
    if (__builtin_mul_overflow(value, int64_t{10}, &value) ||
        __builtin_add_overflow(value, int64_t{c - '0'}, &value)) {
      return negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    }
  }
  return negative ? -value : value;
}

std::optional<uint64_t> ParsePathId(std::string_view text) {
  if (text.empty() || !IsDigit(text.front())) return std::nullopt;
  const std::optional<int64_t> value = ParseSaturated(text);
  if (!value || *value <= 0) return std::nullopt;
  return std::min(static_cast<uint64_t>(*value), kMaxId);
}

std::optional<std::string> PictureIdOfUrl(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t slash = url.rfind('/');
  if (slash != std::string_view::npos) url.remove_prefix(slash + 1);
  return ParseUuid(url.substr(0, url.find('.')));
}

}  // namespace dailyfeed::http
