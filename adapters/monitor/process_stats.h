// What the kernel knows of this process and its files. Internal to the monitor.
#ifndef DAILYFEED_ADAPTERS_MONITOR_PROCESS_STATS_H_
#define DAILYFEED_ADAPTERS_MONITOR_PROCESS_STATS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace dailyfeed::monitor {

struct ProcessStats {
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t open_files = 0;
  uint64_t open_files_max = 0;
  uint64_t threads = 0;
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // since 1970
};

// What /proc does not tell stays 0.
ProcessStats ReadProcessStats();

struct ThreadStats {
  int id = 0;
  std::string name;
  char state = '?';  // R running, S sleeping, D waiting for the disk
  double cpu_seconds = 0;
};

// In order of id.
std::vector<ThreadStats> ReadThreadStats();

}  // namespace dailyfeed::monitor

#endif  // DAILYFEED_ADAPTERS_MONITOR_PROCESS_STATS_H_
