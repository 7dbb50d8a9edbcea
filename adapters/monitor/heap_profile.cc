#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "adapters/monitor/cpu_profile.h"

// jemalloc's, when the program is linked with it.
extern "C" int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value,
                       size_t new_size) __attribute__((weak));

namespace dailyfeed::monitor {

absl::StatusOr<std::string> CollectHeapProfile() {
  if (mallctl == nullptr) {
    return absl::UnimplementedError(
        "this program is not linked with jemalloc, which makes heap profiles");
  }
  bool enabled = false;
  size_t size = sizeof(enabled);
  if (mallctl("opt.prof", &enabled, &size, nullptr, 0) != 0 || !enabled) {
    return absl::UnimplementedError(
        "heap profiling is off; start with MALLOC_CONF=prof:true,prof_active:true");
  }
  const char* directory = std::getenv("TMPDIR");
  std::string path = std::string(directory != nullptr ? directory : P_tmpdir) + "/heap-XXXXXX";
  const int file = ::mkstemp(path.data());
  if (file < 0) return absl::UnavailableError("no file for the profile can be made in " + path);
  ::close(file);
  const char* name = path.c_str();
  const int failed = mallctl("prof.dump", nullptr, nullptr, &name, sizeof(name));
  std::ostringstream profile;
  profile << std::ifstream(path).rdbuf();
  ::unlink(path.c_str());
  if (failed != 0) return absl::UnavailableError("jemalloc could not write the profile");
  return profile.str();
}

}  // namespace dailyfeed::monitor
