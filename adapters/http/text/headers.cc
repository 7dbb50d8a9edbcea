#include "adapters/http/text/headers.h"

#include <algorithm>
#include <limits>

#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

constexpr size_t kIdempotencyKeyBytesMax = 128;
constexpr std::string_view kBearer = "bearer";
constexpr std::string_view kBytesUnit = "bytes=";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlankByte(char c) { return c == ' ' || c == '\t'; }

// Takes the text up to `separator` off `rest`.
std::string_view TakeUntil(std::string_view* rest, char separator) {
  const size_t end = rest->find(separator);
  const std::string_view part = rest->substr(0, end);
  rest->remove_prefix(end == std::string_view::npos ? rest->size() : end + 1);
  return part;
}

// Weight of a language range in thousandths; 0 for nonsense.
int Weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = TrimBlanks(TakeUntil(&parameters, ';'));
    if (parameter.size() < 3 || AsciiLower(parameter[0]) != 'q' || parameter[1] != '=') continue;
    std::string_view digits = parameter.substr(2);
    if (digits.front() != '0' && digits.front() != '1') return 0;
    int weight = (digits.front() - '0') * 1000;
    digits.remove_prefix(1);
    if (!digits.empty() && digits.front() == '.') digits.remove_prefix(1);
    for (int unit = 100; unit > 0 && !digits.empty() && IsDigit(digits.front()); unit /= 10) {
      weight += (digits.front() - '0') * unit;
      digits.remove_prefix(1);
    }
    return std::min(weight, 1000);
  }
  return 1000;
}

bool IsLanguage(std::string_view range, std::string_view language) {
  return range.size() >= language.size() &&
         EqualsIgnoringCase(range.substr(0, language.size()), language) &&
         (range.size() == language.size() || range[language.size()] == '-');
}

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

std::optional<std::string_view> Cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::string_view pair = TrimBlanks(TakeUntil(&header, ';'));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || TrimBlanks(pair.substr(0, equals)) != name) continue;
    return TrimBlanks(pair.substr(equals + 1));
  }
  return std::nullopt;
}

Language PreferredLanguage(std::string_view accept_language) {
  int english = -1, korean = -1, any = -1;  // weights; -1: not named
  int place = 0, english_place = 0, korean_place = 0, any_place = 0;
  while (!accept_language.empty()) {
    std::string_view parameters = TakeUntil(&accept_language, ',');
    const std::string_view range = TrimBlanks(TakeUntil(&parameters, ';'));
    ++place;
    int* weight = nullptr;
    int* at = nullptr;
    if (IsLanguage(range, "en")) {
      weight = &english;
      at = &english_place;
    } else if (IsLanguage(range, "ko")) {
      weight = &korean;
      at = &korean_place;
    } else if (range == "*") {
      weight = &any;
      at = &any_place;
    } else {
      continue;
    }
    const int given = Weight(parameters);
    if (given <= *weight) continue;
    *weight = given;
    *at = place;
  }
  if (english <= 0) return Language::kKorean;
  if (korean < 0) {  // "*" stands for every language that is not named
    korean = any;
    korean_place = any_place;
  }
  if (english != korean) return english > korean ? Language::kEnglish : Language::kKorean;
  return english_place < korean_place ? Language::kEnglish : Language::kKorean;
}

std::optional<std::string_view> BearerToken(std::string_view authorization) {
  std::string_view rest = TrimBlanks(authorization);
  bool bearer = false;
  while (rest.size() >= kBearer.size() &&
         EqualsIgnoringCase(rest.substr(0, kBearer.size()), kBearer) &&
         (rest.size() == kBearer.size() || IsBlankByte(rest[kBearer.size()]))) {
    bearer = true;
    rest = TrimBlanks(rest.substr(kBearer.size()));
  }
  if (!bearer || rest.empty()) return std::nullopt;
  return rest;
}

bool IsIdempotencyKey(std::string_view text) {
  return !text.empty() && text.size() <= kIdempotencyKeyBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

ByteRange ParseByteRange(std::string_view header, uint64_t size) {
  if (!EqualsIgnoringCase(header.substr(0, kBytesUnit.size()), kBytesUnit)) return {};
  const std::string_view range = header.substr(kBytesUnit.size());
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
