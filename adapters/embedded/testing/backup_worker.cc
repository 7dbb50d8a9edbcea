// Makes or restores a backup and kills itself, for backup_test.
//
//   backup_worker backup FEED TO SECRETS STEP    while posts are published
//   backup_worker restore FROM SECRETS FEED STEP
//
// Before step number STEP it ends as by kill -9. When there are fewer steps it
// ends with exit code 0.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "adapters/embedded/dailyfeed.h"

namespace dailyfeed {
namespace {

std::function<void(std::string_view)> KillBefore(int step) {
  return [left = std::make_shared<int>(step)](std::string_view) {
    if ((*left)-- == 0) ::kill(::getpid(), SIGKILL);
  };
}

int Done(const absl::Status& status) {
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

int BackUp(const std::string& directory, const BackupOptions& backup) {
  Options options;
  options.data_directory = directory;
  options.time_zone = "UTC";
  options.identity.argon2_operations = 1;
  options.identity.argon2_memory_bytes = 8192;
  const auto feed = Dailyfeed::Open(options);
  if (!feed.ok()) return Done(feed.status());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) (*feed)->Execute(1, PublishPost{.title = "t", .content = "c"}).IgnoreError();
  });
  const absl::Status status = (*feed)->Backup(backup).status();
  stop = true;
  writer.join();
  return Done(status);
}

}  // namespace
}  // namespace dailyfeed

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const auto kill = dailyfeed::KillBefore(std::atoi(argv[5]));
  if (std::string_view(argv[1]) == "backup") {
    return dailyfeed::BackUp(argv[2], {.to = argv[3], .secrets_to = argv[4], .on_step = kill});
  }
  return dailyfeed::Done(
      dailyfeed::Restore(
          {.from = argv[2], .secrets_from = argv[3], .data_directory = argv[4], .on_step = kill})
          .status());
}
