#include "adapters/http/server/listening.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>

#include "absl/status/statusor.h"
#include "core/base/status_macros.h"
#include "fmt/format.h"

namespace dailyfeed::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int kListenBacklog = 4096;

absl::StatusOr<asio::ip::address> AddressOf(const std::string& host) {
  error_code ec;
  const auto written = asio::ip::make_address(host, ec);
  if (!ec) return written;
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  const auto found = resolver.resolve(host, "", ec);
  if (ec || found.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is neither an IP address nor a name with one: {}", host,
                    ec ? ec.message() : "it has none"));
  }
  for (const auto& entry : found) {
    if (entry.endpoint().address().is_v4()) return entry.endpoint().address();
  }
  return found.begin()->endpoint().address();
}

}  // namespace

absl::Status Listen(const std::string& host, uint16_t port, ListeningSocket* socket) {
  ASSIGN_OR_RETURN(const asio::ip::address address, AddressOf(host));
  const asio::ip::tcp::endpoint endpoint(address, port);
  error_code ec;
  socket->open(endpoint.protocol(), ec);
  if (!ec) socket->set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) socket->bind(endpoint, ec);
  if (!ec) socket->listen(kListenBacklog, ec);
  if (!ec) return absl::OkStatus();
  if (ec == asio::error::address_in_use) {
    return absl::UnavailableError(fmt::format("address already in use: {}:{}", host, port));
  }
  return absl::UnavailableError(
      fmt::format("cannot listen on {}:{}: {}", host, port, ec.message()));
}

}  // namespace dailyfeed::http
