// Where a server listens.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_LISTENING_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_LISTENING_H_

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace dailyfeed::http {

using ListeningSocket = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                           boost::asio::io_context::executor_type>;

// Binds and listens. `host` is an IP address or a name; of the addresses of a
// name the first IPv4 one counts, or the first. INVALID_ARGUMENT: it is
// neither. UNAVAILABLE "address already in use: 127.0.0.1:8080" and the like.
absl::Status Listen(const std::string& host, uint16_t port, ListeningSocket* socket);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_LISTENING_H_
