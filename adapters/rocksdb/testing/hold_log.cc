// hold_log DIRECTORY: opens the log there, writes "o" to stdout ("x" when it is
// refused) and ends without closing it, as kill -9 would, at the end of stdin.
#include <unistd.h>

#include "adapters/rocksdb/log/rocks_event_log.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto log = dailyfeed::OpenRocksEventLog(argv[1], {});
  char byte = log.ok() ? 'o' : 'x';
  if (write(STDOUT_FILENO, &byte, 1) != 1) _exit(1);
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  _exit(0);
}
