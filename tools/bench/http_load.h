// A closed-loop HTTP load: every connection sends its request, waits for the
// whole answer, sends the next. As cheap as it can be, because it shares the
// machine with the server it measures.
//
//   ASSIGN_OR_RETURN(HttpLoad load, RunHttpLoad(port, requests, {.connections = 64}));
//
// Threads: blocks the caller, uses threads of its own.
#ifndef DAILYFEED_TOOLS_BENCH_HTTP_LOAD_H_
#define DAILYFEED_TOOLS_BENCH_HTTP_LOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/bench/histogram.h"

namespace dailyfeed::bench {

struct HttpLoadOptions {
  int connections = 64;
  int threads = 1;
  absl::Duration duration = absl::Seconds(2);
};

struct HttpLoad {
  double per_second = 0;
  double bytes_per_answer = 0;
  Histogram latency;
};

// `requests` are complete requests (head and body); connections send them in
// turn. An answer that is not 200 is an error: UNAVAILABLE with its status line.
absl::StatusOr<HttpLoad> RunHttpLoad(uint16_t port, const std::vector<std::string>& requests,
                                     const HttpLoadOptions& options);

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_HTTP_LOAD_H_
