#include "core/base/hex.h"

#include "core/base/check.h"

namespace dailyfeed {
namespace {

constexpr size_t kUuidLength = 36;
constexpr size_t kUuidBytes = 16;

bool IsUuidHyphen(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

}  // namespace

int HexDigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::string FormatUuid(std::string_view id) {
  DAILYFEED_CHECK(id.size() == kUuidBytes);
  std::string text = Hex(id);
  for (const size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

std::optional<std::string> ParseUuid(std::string_view text) {
  if (text.size() != kUuidLength) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < kUuidLength; ++i) {
    if (IsUuidHyphen(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int high = HexDigitValue(text[i]);
    const int low = HexDigitValue(text[++i]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

}  // namespace dailyfeed
