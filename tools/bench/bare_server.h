// A bare Beast server that answers every request with one constant body: what
// HTTP costs when nothing is asked. The peer of `bench http`.
//
//   BareServer server(body, 2);
//   ... requests to server.port() ...
//
// Idiomatic Beast: one io_context and thread a core, keep-alive, the
// serializer of the library, no limits and no time-outs.
#ifndef DAILYFEED_TOOLS_BENCH_BARE_SERVER_H_
#define DAILYFEED_TOOLS_BENCH_BARE_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

namespace dailyfeed::bench {

class BareServer {
 public:
  // Listens on a free port of 127.0.0.1.
  BareServer(std::string body, int threads);
  ~BareServer();
  uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_BARE_SERVER_H_
