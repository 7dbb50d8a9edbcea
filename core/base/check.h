// Assertions that stay on in production.
//
//   DAILYFEED_CHECK(batch.events.size() <= options.batch_commands_max);
//
// A false condition is a bug of ours, never bad input: it prints where and
// what, and aborts, so that nothing is written by a program that is wrong
// about its own state. Threads: from any.
#ifndef DAILYFEED_CORE_BASE_CHECK_H_
#define DAILYFEED_CORE_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace dailyfeed {

[[noreturn]] inline void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace dailyfeed

#define DAILYFEED_CHECK(condition)                      \
  (__builtin_expect(static_cast<bool>(condition), true) \
       ? static_cast<void>(0)                           \
       : ::dailyfeed::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // DAILYFEED_CORE_BASE_CHECK_H_
