// A directory of a benchmark's own, gone with the object.
#ifndef DAILYFEED_TOOLS_BENCH_SCRATCH_H_
#define DAILYFEED_TOOLS_BENCH_SCRATCH_H_

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace dailyfeed::bench {

class Scratch {
 public:
  // Below `parent`; the name holds the process id, so that runs side by side
  // do not meet.
  Scratch(const std::string& parent, const std::string& name)
      : path_(absl::StrCat(parent, "/dailyfeed-bench-", name, "-", getpid())) {
    std::filesystem::remove_all(path_, error_);
    std::filesystem::create_directories(path_, error_);
  }
  ~Scratch() { std::filesystem::remove_all(path_, error_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  std::error_code error_;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_SCRATCH_H_
