// IP addresses as settings, proxies and limits know them, and whose request one
// is: the peer of the connection, or the client that trusted proxies name in
// X-Forwarded-For.
//
//   const std::vector<std::string> proxies = CanonicalAddresses({"10.0.0.2"});
//   FindClient("10.0.0.2", "6.6.6.6, 192.0.2.7:5123", proxies).address   // "192.0.2.7"
//
// Pure functions; they take any bytes. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUARD_ADDRESSES_H_
#define DAILYFEED_ADAPTERS_HTTP_GUARD_ADDRESSES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dailyfeed::http {

// An IP address in the one spelling that every spelling of it has in common:
// "192.0.2.7" (also for "::ffff:192.0.2.7"), "2001:db8::1". A port, brackets, a
// zone and blanks around it are left out. nullopt: it is none.
std::optional<std::string> CanonicalAddress(std::string_view text);

// An IP address and nothing else, in one spelling: "0:0::1" gives "::1".
// nullopt for what has a port or brackets, and for networks like 10.0.0.0/8.
std::optional<std::string> PlainAddress(std::string_view text);

// Each of them as CanonicalAddress spells it; what is no address stays as it is.
std::vector<std::string> CanonicalAddresses(const std::vector<std::string>& texts);

struct ClientAddress {
  std::string address;
  // A limit may count it. False for a trusted proxy that names nobody, and for a
  // loopback or private address: either may be a proxy that stands for all of
  // its clients.
  bool is_one_client = false;
  // X-Forwarded-For came from a peer that is not trusted, and was not read.
  bool names_are_ignored = false;
};

// The first address, from the peer outwards, that is not one of `proxies`
// (CanonicalAddresses). `forwarded_for`: all lines of the header joined with
// commas, in order. Each proxy adds to the right, so an untrusted client can
// forge everything left of its own address. Where a name is missing or is no
// address the search ends, at the proxy that gave it.
ClientAddress FindClient(std::string_view peer, std::string_view forwarded_for,
                         const std::vector<std::string>& proxies);

// Loopback, link-local, private (RFC 1918, fc00::/7) or shared by a carrier's
// customers (100.64.0.0/10).
bool IsPrivateAddress(std::string_view address);

// What limits count an address as: "192.0.2.7", "2001:db8:0:1::/64" (the
// first 64 bits are what one customer has). A text that is no address stands
// for itself.
std::string AddressGroup(std::string_view address);

// Whether a browser could send it as Origin: scheme://host or scheme://host:port
// in small letters, with nothing behind it.
bool IsOrigin(std::string_view text);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_GUARD_ADDRESSES_H_
