#include "adapters/http/guard/addresses.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>

namespace dailyfeed::http {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr size_t kPortDigitsMax = 5;
constexpr int kPortMax = 65535;
constexpr size_t kNetworkBytes = 8;  // of an IPv6 address: 64 bits

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= kPortDigitsMax &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "[v6]", "[v6]:port" and "v4:port" without what is not the address; nullopt
// when brackets or port are wrong. More than one colon is an IPv6 address.
std::optional<std::string_view> WithoutPort(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !IsPort(rest.substr(1)))) return std::nullopt;
    const std::string_view inside = text.substr(1, end - 1);
    if (inside.find(':') == std::string_view::npos) return std::nullopt;
    return inside;
  }
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon != text.rfind(':')) return text;
  if (!IsPort(text.substr(colon + 1))) return std::nullopt;
  return text.substr(0, colon);
}

std::string Format(int family, const void* address) {
  char buffer[INET6_ADDRSTRLEN];
  return inet_ntop(family, address, buffer, sizeof(buffer));
}

// inet_pton wants an end of the text, and would stop at one within it.
bool Parse(int family, std::string_view text, void* address) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return false;
  return inet_pton(family, std::string(text).c_str(), address) == 1;
}

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

bool IsOriginPort(std::string_view text) {
  if (text.empty() || text.size() > kPortDigitsMax || text[0] == '0') return false;
  if (!std::all_of(text.begin(), text.end(), IsDigit)) return false;
  return std::stoi(std::string(text)) <= kPortMax;
}

}  // namespace

std::optional<std::string> CanonicalAddress(std::string_view text) {
  const std::optional<std::string_view> bare = WithoutPort(Trim(text));
  if (!bare) return std::nullopt;
  in_addr v4{};
  if (Parse(AF_INET, *bare, &v4)) return Format(AF_INET, &v4);
  in6_addr v6{};
  if (!Parse(AF_INET6, bare->substr(0, bare->find('%')), &v6)) return std::nullopt;
  if (!IN6_IS_ADDR_V4MAPPED(&v6)) return Format(AF_INET6, &v6);
  std::memcpy(&v4, v6.s6_addr + sizeof(v6) - sizeof(v4), sizeof(v4));
  return Format(AF_INET, &v4);
}

std::vector<std::string> CanonicalAddresses(const std::vector<std::string>& texts) {
  std::vector<std::string> addresses;
  for (const std::string& text : texts) addresses.push_back(CanonicalAddress(text).value_or(text));
  return addresses;
}

std::optional<std::string> PlainAddress(std::string_view text) {
  in6_addr address;  // has room for either
  for (const int family : {AF_INET, AF_INET6}) {
    if (Parse(family, text, &address)) return Format(family, &address);
  }
  return std::nullopt;
}

ClientAddress FindClient(std::string_view peer, std::string_view forwarded_for,
                         const std::vector<std::string>& proxies) {
  const auto is_proxy = [&](const std::string& address) {
    return std::find(proxies.begin(), proxies.end(), address) != proxies.end();
  };
  ClientAddress client{.address = CanonicalAddress(peer).value_or(std::string(peer))};
  bool trusted = is_proxy(client.address);
  client.names_are_ignored = !trusted && !forwarded_for.empty();
  while (trusted && !forwarded_for.empty()) {
    const size_t comma = forwarded_for.rfind(',');
    const bool last = comma == std::string_view::npos;
    std::optional<std::string> named =
        CanonicalAddress(last ? forwarded_for : forwarded_for.substr(comma + 1));
    if (!named) break;
    client.address = *std::move(named);
    trusted = is_proxy(client.address);
    forwarded_for = last ? std::string_view() : forwarded_for.substr(0, comma);
  }
  client.is_one_client = !trusted && !IsPrivateAddress(client.address);
  return client;
}

bool IsPrivateAddress(std::string_view address) {
  struct Network {
    uint32_t first;
    int bits;
  };
  constexpr Network kNetworks[] = {{0x7f000000, 8},  {0x0a000000, 8},  {0xac100000, 12},
                                   {0xc0a80000, 16}, {0xa9fe0000, 16}, {0x64400000, 10}};
  const std::string canonical = CanonicalAddress(address).value_or(std::string(address));
  in_addr v4{};
  if (Parse(AF_INET, canonical, &v4)) {
    const uint32_t number = ntohl(v4.s_addr);
    return std::any_of(std::begin(kNetworks), std::end(kNetworks),
                       [number](const Network& network) {
                         return (number ^ network.first) >> (32 - network.bits) == 0;
                       });
  }
  in6_addr v6{};
  return Parse(AF_INET6, canonical, &v6) &&
         (IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) ||
          (v6.s6_addr[0] & 0xfe) == 0xfc);
}

std::string AddressGroup(std::string_view address) {
  const std::string canonical = CanonicalAddress(address).value_or(std::string(address));
  in6_addr v6{};
  if (!Parse(AF_INET6, canonical, &v6)) return canonical;
  std::memset(v6.s6_addr + kNetworkBytes, 0, sizeof(v6) - kNetworkBytes);
  return fmt::format("{}/64", Format(AF_INET6, &v6));
}

bool IsOrigin(std::string_view text) {
  constexpr std::string_view kBehindScheme = "://";
  const size_t colon = text.find(kBehindScheme);
  if (colon == std::string_view::npos || !IsScheme(text.substr(0, colon))) return false;
  std::string_view host = text.substr(colon + kBehindScheme.size());
  const size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  if (const size_t port = host.find(':', bracket); port != std::string_view::npos) {
    if (!IsOriginPort(host.substr(port + 1))) return false;
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
