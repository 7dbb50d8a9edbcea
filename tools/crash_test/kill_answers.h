// What a gateway answers, to be compared with what another one answers about
// the same log.
//
//   const Answers here = AnswersOf(gateway.port(), readers, sample);
//   const Answers there = AnswersOf(folded.port(), readers, sample);
//   EXPECT_EQ(FirstDifference(here, there), "");
//
// Two gateways that agree are asked the same questions in the same order, also
// those that count views.
#ifndef DAILYFEED_TOOLS_CRASH_TEST_KILL_ANSWERS_H_
#define DAILYFEED_TOOLS_CRASH_TEST_KILL_ANSWERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/test_support/http_client.h"

namespace dailyfeed {

struct Reader {
  int64_t id = 0;
  test_support::HttpHeaders headers;
};

// What is asked, beyond the lists that every reader has.
struct Sample {
  uint64_t seed = 0;     // which posts and comments, and how long pages are
  size_t pages_max = 0;  // of each list, by cursor
  size_t posts_max = 0;  // of each reader, with their comments and replies
  size_t searches = 0;   // of rare parts of words
};

// "path answer", in the order asked.
using Answers = std::vector<std::string>;

// Every list of every reader page by page, their profiles, searches, then details of
// posts and comments that the lists had. A failed request is a test failure.
Answers AnswersOf(uint16_t port, const std::vector<Reader>& readers, const Sample& sample);

// Empty when they are the same.
std::string FirstDifference(const Answers& one, const Answers& other);

}  // namespace dailyfeed

#endif  // DAILYFEED_TOOLS_CRASH_TEST_KILL_ANSWERS_H_
