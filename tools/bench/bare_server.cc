#include "tools/bench/bare_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <thread>
#include <utility>
#include <vector>

namespace dailyfeed::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const std::string& body) : stream_(std::move(socket)), body_(body) {}

  void Read() {
    request_ = {};
    beast::http::async_read(stream_, buffer_, request_,
                            [self = shared_from_this()](beast::error_code error, size_t) {
                              if (!error) self->Write();
                            });
  }

 private:
  void Write() {
    response_ = {beast::http::status::ok, request_.version()};
    response_.set(beast::http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = body_;
    response_.prepare_payload();
    beast::http::async_write(stream_, response_,
                             [self = shared_from_this()](beast::error_code error, size_t) {
                               if (!error) self->Read();
                             });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::empty_body> request_;
  beast::http::response<beast::http::string_body> response_;
  const std::string& body_;
};

}  // namespace

struct BareServer::State {
  std::string body;
  std::vector<std::unique_ptr<asio::io_context>> contexts;
  std::vector<std::thread> threads;
  std::unique_ptr<tcp::acceptor> acceptor;
  size_t next = 0;

  // Connections go to the contexts in turn.
  void Accept() {
    asio::io_context& context = *contexts[next++ % contexts.size()];
    acceptor->async_accept(context, [this](beast::error_code error, tcp::socket socket) {
      if (error) return;
      socket.set_option(tcp::no_delay(true));
      auto executor = socket.get_executor();
      auto session = std::make_shared<Session>(std::move(socket), body);
      asio::post(executor, [session] { session->Read(); });
      Accept();
    });
  }
};

BareServer::BareServer(std::string body, int threads) : state_(std::make_unique<State>()) {
  state_->body = std::move(body);
  for (int i = 0; i < threads; ++i) {
    state_->contexts.push_back(std::make_unique<asio::io_context>(1));
  }
  state_->acceptor = std::make_unique<tcp::acceptor>(
      *state_->contexts[0], tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  state_->Accept();
  for (auto& context : state_->contexts) {
    state_->threads.emplace_back([&context] {
      const auto keep_running = asio::make_work_guard(*context);
      context->run();
    });
  }
}

BareServer::~BareServer() {
  for (auto& context : state_->contexts) context->stop();
  for (std::thread& thread : state_->threads) thread.join();
}

uint16_t BareServer::port() const { return state_->acceptor->local_endpoint().port(); }

}  // namespace dailyfeed::bench
