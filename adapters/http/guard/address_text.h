// Addresses as somebody writes them in settings.
//
// Threads: pure functions.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUARD_ADDRESS_TEXT_H_
#define DAILYFEED_ADAPTERS_HTTP_GUARD_ADDRESS_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed::http {

// An IP address and nothing else, in one spelling: "0:0::1" gives "::1".
// nullopt for what has a port or brackets, and for networks like 10.0.0.0/8.
std::optional<std::string> PlainAddress(std::string_view text);

// Whether a browser could send it as Origin: scheme://host or scheme://host:port
// in small letters, with nothing behind it.
bool IsOrigin(std::string_view text);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_GUARD_ADDRESS_TEXT_H_
