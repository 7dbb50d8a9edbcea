#include "adapters/http/text/picture_url.h"

#include "core/base/check.h"

namespace dailyfeed::http {
namespace {

constexpr size_t kUuidLength = 36;
constexpr size_t kUuidBytes = 16;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> ParseUuid(std::string_view text) {
  if (text.size() != kUuidLength) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < kUuidLength; ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int high = HexValue(text[i]);
    const int low = HexValue(text[++i]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string FormatUuid(std::string_view id) {
  DAILYFEED_CHECK(id.size() == kUuidBytes);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : id) {
    const size_t at = text.size();
    if (at == 8 || at == 13 || at == 18 || at == 23) text.push_back('-');
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::optional<std::string> PictureIdOfUrl(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t slash = url.rfind('/');
  if (slash != std::string_view::npos) url.remove_prefix(slash + 1);
  return ParseUuid(url.substr(0, url.find('.')));
}

}  // namespace dailyfeed::http
