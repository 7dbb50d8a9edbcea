// Whose request it is, by address: the peer of the connection, or who trusted
// proxies say stands behind it in X-Forwarded-For.
//
//   const std::vector<std::string> proxies = CanonicalAddresses({"10.0.0.2"});
//   FindClient("10.0.0.2", "6.6.6.6, 192.0.2.7:5123", proxies).address   // "192.0.2.7"
//
// Pure functions; they take any bytes. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUARD_CLIENT_ADDRESS_H_
#define DAILYFEED_ADAPTERS_HTTP_GUARD_CLIENT_ADDRESS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dailyfeed::http {

// An IP address in the one spelling that every spelling of it has in common:
// "192.0.2.7" (also for "::ffff:192.0.2.7"), "2001:db8::1". A port, brackets, a
// zone and blanks around it are left out. nullopt: it is none.
std::optional<std::string> CanonicalAddress(std::string_view text);

// Each of them in that spelling; what is no address stays as it is.
std::vector<std::string> CanonicalAddresses(const std::vector<std::string>& texts);

struct ClientAddress {
  std::string address;
  // It is a proxy's, which names nobody and stands for all who come through it.
  bool is_proxy = false;
};

// The first address, from the peer outwards, that is not one of `proxies`
// (CanonicalAddresses). `forwarded_for`: all lines of the header joined with
// commas, in order; each proxy adds to the right, so everything left of who is
// not trusted may be forged. Where a name is missing or is no address the way
// ends, at the proxy that gave it.
ClientAddress FindClient(std::string_view peer, std::string_view forwarded_for,
                         const std::vector<std::string>& proxies);

// What an address is counted as by limits: "192.0.2.7", "2001:db8:0:1::/64" (the
// first 64 bits are what one customer has). A text that is no address stands
// for itself.
std::string AddressGroup(std::string_view address);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_GUARD_CLIENT_ADDRESS_H_
