// Files and directories of our own, and the errors of the system in words.
//
//   RETURN_IF_ERROR(MakeDirectory(path));
//   ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path + "/new", O_WRONLY | O_CREAT));
//   RETURN_IF_ERROR(WriteAll(file, "text", path + "/new"));
//   RETURN_IF_ERROR(SyncDirectory(path));   // now the name is on disk
//
// Every descriptor is closed on exec. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_FILES_FILES_H_
#define DAILYFEED_ADAPTERS_FILES_FILES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dailyfeed {

// "cannot open /a/b: Permission denied" for an errno:
//   PERMISSION_DENIED   no access, or the file system is read-only
//   NOT_FOUND           the path or a directory above it does not exist
//   INVALID_ARGUMENT    no such path can exist
//   RESOURCE_EXHAUSTED  the disk or the quota is full
//   UNAVAILABLE         everything else
absl::Status FileError(int error, std::string_view doing, const std::string& path);

// Closes the descriptor that it owns; -1 for none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() { Close(); }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void Close();

 private:
  int number_ = -1;
};

// open(2) with O_CLOEXEC. A file that it makes is readable by its owner only.
absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags);

// The whole file.
absl::StatusOr<std::string> ReadFile(const std::string& path);
// Writes every byte at the descriptor's position; `path` is for the message.
absl::Status WriteAll(const FileDescriptor& file, std::string_view bytes, const std::string& path);

// Takes the lock that ends with the descriptor. FAILED_PRECONDITION when another
// descriptor has it.
absl::Status LockFile(const FileDescriptor& file, const std::string& path);

// Makes a directory that only its owner can use. OK when the name exists.
absl::Status MakeDirectory(const std::string& path);

// The names in a directory, without "." and "..", in no order. NOT_FOUND.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& path);

// A new, renamed or removed name is on disk only when its directory is synced.
absl::Status SyncDirectory(const std::string& path);

// OK also when the file does not exist.
absl::Status RemoveFile(const std::string& path);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_FILES_FILES_H_
