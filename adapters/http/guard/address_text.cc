#include "adapters/http/guard/address_text.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace dailyfeed::http {
namespace {

constexpr int kPortMax = 65535;
constexpr size_t kPortDigitsMax = 5;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSmallLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || IsDigit(c); }

bool AllOf(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return IsSmallLetterOrDigit(c) || others.find(c) != std::string_view::npos;
  });
}

bool IsScheme(std::string_view text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' && AllOf(text, "+-.");
}

bool IsPort(std::string_view text) {
  if (text.empty() || text.size() > kPortDigitsMax || text[0] == '0') return false;
  if (!std::all_of(text.begin(), text.end(), IsDigit)) return false;
  return std::stoi(std::string(text)) <= kPortMax;
}

}  // namespace

std::optional<std::string> PlainAddress(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  for (const int family : {AF_INET, AF_INET6}) {
    in6_addr address;  // has room for either
    if (::inet_pton(family, terminated.c_str(), &address) != 1) continue;
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    if (::inet_ntop(family, &address, canonical.data(), canonical.size()) == nullptr) continue;
    return std::string(canonical.data());
  }
  return std::nullopt;
}

bool IsOrigin(std::string_view text) {
  constexpr std::string_view kBehindScheme = "://";
  const size_t colon = text.find(kBehindScheme);
  if (colon == std::string_view::npos || !IsScheme(text.substr(0, colon))) return false;
  std::string_view host = text.substr(colon + kBehindScheme.size());
  const size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  if (const size_t port = host.find(':', bracket); port != std::string_view::npos) {
    if (!IsPort(host.substr(port + 1))) return false;
    host = host.substr(0, port);
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return false;
    const std::string_view address = host.substr(1, host.size() - 2);
    return PlainAddress(address) == address && address.find(':') != std::string_view::npos;
  }
  return !host.empty() && AllOf(host, ".-_");
}

}  // namespace dailyfeed::http
