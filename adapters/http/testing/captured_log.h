// What the process logs while this lives. For tests only.
//
//   const CapturedLog captured((directory / "log.txt").string());
//   ...
//   EXPECT_NE(captured.Text().find("started"), std::string::npos);
#ifndef DAILYFEED_ADAPTERS_HTTP_TESTING_CAPTURED_LOG_H_
#define DAILYFEED_ADAPTERS_HTTP_TESTING_CAPTURED_LOG_H_

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "adapters/logging/logging.h"

namespace dailyfeed::http {

// stderr into a file, where the log goes.
class CapturedLog {
 public:
  explicit CapturedLog(std::string path) : path_(std::move(path)) {
    logging::Flush();
    saved_ = dup(STDERR_FILENO);
    const int file = open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
    dup2(file, STDERR_FILENO);
    close(file);
  }
  ~CapturedLog() {
    logging::Flush();
    dup2(saved_, STDERR_FILENO);
    close(saved_);
  }
  std::string Text() const {
    logging::Flush();
    std::ifstream file(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

 private:
  const std::string path_;
  int saved_ = -1;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TESTING_CAPTURED_LOG_H_
