#include "adapters/http/credentials.h"

#include <fmt/format.h>

#include <algorithm>

namespace dailyfeed::http {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

// Takes the part before `separator` off the front of `rest`, trimmed.
std::string_view TakePart(std::string_view* rest, char separator) {
  const size_t end = std::min(rest->find(separator), rest->size());
  const std::string_view part = Trim(rest->substr(0, end));
  rest->remove_prefix(std::min(end + 1, rest->size()));
  return part;
}

// A weight of RFC 9110, section 12.4.2, in thousandths; 0 when malformed.
int Weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  int weight = (text[0] - '0') * 1000;
  if (text.size() == 1) return weight;
  if (text[1] != '.') return 0;
  int unit = 100;
  for (char c : text.substr(2)) {
    if (c < '0' || c > '9') return 0;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return std::min(weight, 1000);
}

bool IsLanguage(std::string_view range, std::string_view language) {
  return EqualsIgnoreCase(range.substr(0, language.size()), language) &&
         (range.size() == language.size() || range[language.size()] == '-');
}

}  // namespace

std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer";
  std::string_view rest = Trim(authorization);
  bool bearer = false;
  while (rest.size() >= kScheme.size() &&
         EqualsIgnoreCase(rest.substr(0, kScheme.size()), kScheme) &&
         (rest.size() == kScheme.size() || rest[kScheme.size()] == ' ')) {
    bearer = true;
    rest = Trim(rest.substr(kScheme.size()));
  }
  return bearer ? rest : std::string_view();
}

std::optional<std::string_view> FindCookie(const HttpRequest& request, std::string_view name) {
  for (const auto& [header, value] : request.headers) {
    if (!EqualsIgnoreCase(header, "cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::string_view pair = TakePart(&rest, ';');
      const size_t equals = pair.find('=');
      if (equals == std::string_view::npos || Trim(pair.substr(0, equals)) != name) continue;
      std::string_view found = Trim(pair.substr(equals + 1));
      if (found.size() >= 2 && found.front() == '"' && found.back() == '"') {
        found = found.substr(1, found.size() - 2);
      }
      return found;
    }
  }
  return std::nullopt;
}

Language PreferredLanguage(std::string_view accept_language) {
  int english = 0, korean = 0;
  bool english_first = false;
  while (!accept_language.empty()) {
    std::string_view item = TakePart(&accept_language, ',');
    const std::string_view range = TakePart(&item, ';');
    int weight = 1000;
    while (!item.empty()) {
      const std::string_view parameter = TakePart(&item, ';');
      if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
        weight = Weight(Trim(parameter.substr(2)));
      }
    }
    if (IsLanguage(range, "en")) {
      if (korean == 0 && weight > 0) english_first = true;
      english = std::max(english, weight);
    } else if (IsLanguage(range, "ko")) {
      korean = std::max(korean, weight);
    }
  }
  if (english > korean) return Language::kEnglish;
  return english > 0 && english == korean && english_first ? Language::kEnglish : Language::kKorean;
}

std::string ClientAddress(const HttpRequest& request,
                          const std::vector<std::string>& trusted_proxies) {
  const auto trusted = [&](std::string_view address) {
    return std::find(trusted_proxies.begin(), trusted_proxies.end(), address) !=
           trusted_proxies.end();
  };
  std::string_view address = request.peer_address;
  std::string_view forwarded = request.Header("X-Forwarded-For");
  // From the nearest hop outwards, as long as those who say so are trusted.
  while (trusted(address) && !forwarded.empty()) {
    const size_t comma = forwarded.rfind(',');
    const std::string_view last =
        Trim(comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1));
    forwarded = comma == std::string_view::npos ? std::string_view() : forwarded.substr(0, comma);
    if (last.empty()) break;
    address = last;
  }
  return std::string(address);
}

std::string RefreshCookie(std::string_view value, int64_t max_age_seconds, bool secure) {
  return fmt::format("refresh_token={}; Path=/; Max-Age={}; HttpOnly; {}", value, max_age_seconds,
                     secure ? "Secure; SameSite=Strict" : "SameSite=Lax");
}

}  // namespace dailyfeed::http
