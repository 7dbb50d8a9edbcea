#include "adapters/http/text/http_text.h"

#include <algorithm>
#include <limits>

#include "core/domain/types.h"

namespace dailyfeed::http {
namespace {

constexpr size_t kIdempotencyKeyBytesMax = 128;
constexpr std::string_view kBearer = "bearer";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlankByte(char c) { return c == ' ' || c == '\t'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = Lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlankByte(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlankByte(text.back())) text.remove_suffix(1);
  return text;
}

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
    const std::string_view parameter = Trim(TakeUntil(&parameters, ';'));
    if (parameter.size() < 3 || Lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
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

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
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
    const std::string_view pair = TakeUntil(&query, '&');
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

std::optional<std::string_view> Cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::string_view pair = Trim(TakeUntil(&header, ';'));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || Trim(pair.substr(0, equals)) != name) continue;
    return Trim(pair.substr(equals + 1));
  }
  return std::nullopt;
}

Language PreferredLanguage(std::string_view accept_language) {
  int english = -1, korean = -1, any = -1;  // weights; -1: not named
  int place = 0, english_place = 0, korean_place = 0, any_place = 0;
  while (!accept_language.empty()) {
    std::string_view parameters = TakeUntil(&accept_language, ',');
    const std::string_view range = Trim(TakeUntil(&parameters, ';'));
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
  std::string_view rest = Trim(authorization);
  bool bearer = false;
  while (rest.size() >= kBearer.size() &&
         EqualsIgnoringCase(rest.substr(0, kBearer.size()), kBearer) &&
         (rest.size() == kBearer.size() || IsBlankByte(rest[kBearer.size()]))) {
    bearer = true;
    rest = Trim(rest.substr(kBearer.size()));
  }
  if (!bearer || rest.empty()) return std::nullopt;
  return rest;
}

bool IsIdempotencyKey(std::string_view text) {
  return !text.empty() && text.size() <= kIdempotencyKeyBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace dailyfeed::http
