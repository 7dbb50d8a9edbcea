// The files of pictures in one directory, named by their content.
//
//   ASSIGN_OR_RETURN(const auto store, PictureStore::Open({.directory = "pictures"}));
//   const std::string hash = ContentHash(png);
//   RETURN_IF_ERROR(store->Put(hash, png));
//   ASSIGN_OR_RETURN(const std::string again, store->Get(hash));
//
//   pictures/3f/3f9a...c2.png   a file, by the SHA-256 of its bytes in hexadecimal
//   pictures/tmp/...            files that are being written
//   pictures/OWNER              the mark of the feed they belong to
//
// The same picture uploaded twice is one file, and a file never changes. A file
// is written under a temporary name, synced, renamed, and its directory synced:
// under its own name it is always whole and on the disk. The library of pictures
// (picture_library.h) decides which files are still needed.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_IMAGES_STORE_PICTURE_STORE_H_
#define DAILYFEED_ADAPTERS_IMAGES_STORE_PICTURE_STORE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/files/files.h"

namespace dailyfeed {

inline constexpr size_t kContentHashBytes = 32;

// SHA-256.
std::string ContentHash(std::string_view bytes);

struct StoredFile {
  std::string hash;  // 32 bytes; empty: a left-over of a write that never ended
  std::string name;  // for messages, and for RemoveLeftOver
  uint64_t bytes = 0;
  absl::Time modified;
};

// The files under their own names. `counted` turns true when every file has been
// counted since the store was opened; from then on the numbers are exact.
struct PictureUsage {
  uint64_t files = 0;
  uint64_t bytes = 0;
  bool counted = false;
};

struct PictureStoreOptions {
  std::string directory;
  // The mark of the feed that the files belong to, one line of text; empty: no
  // mark is looked at. To another feed the files look like orphans, and its
  // sweep would remove them.
  std::string owner;
  // Whether a directory without a mark becomes the owner's. If not, it is opened
  // only when it has no files, and stays without a mark.
  bool adopt = true;
  // Called before each step of Put with its name ("create", "write", "sync",
  // "rename", "sync directory"): where tests cut the power. May be empty.
  absl::AnyInvocable<absl::Status(std::string_view step) const> on_step;
};

class PictureStore {
 public:
  // Makes the directory (not its parents), readable by its owner only, and takes
  // a lock: two stores in one directory would collect each other's files.
  //   INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED  as of the data directory
  //   FAILED_PRECONDITION                             another store has it open, or the mark is
  //                                                   another owner's, or files have no mark
  static absl::StatusOr<std::unique_ptr<PictureStore>> Open(PictureStoreOptions options);

  // OK when the file is on the disk for good, under its name. `hash` is
  // ContentHash(bytes). UNAVAILABLE or RESOURCE_EXHAUSTED (disk full): nothing
  // is stored.
  absl::Status Put(std::string_view hash, std::string_view bytes);
  // NOT_FOUND.
  absl::StatusOr<std::string> Get(std::string_view hash) const;
  // OK also when the file does not exist.
  absl::Status Remove(std::string_view hash);
  absl::Status RemoveLeftOver(std::string_view name);
  // Every file except those being written, in no order, as long as `visit`
  // returns true. Files added or removed meanwhile may or may not be visited.
  absl::Status List(absl::FunctionRef<bool(const StoredFile&)> visit) const;

  // Counts the files that are not counted yet, one directory of 256 after the
  // other, at least one, until `budget` is spent; the next call goes on. One
  // thread at a time.
  absl::Status Count(absl::Duration budget);
  PictureUsage Usage() const;

 private:
  static constexpr size_t kDirectories = 256;

  // One of the 256 directories. The mutex makes counting it, and adding or
  // removing a name in it, one step.
  struct Directory {
    std::mutex mutex;
    bool counted = false;             // guarded by mutex
    std::atomic<bool> ready = false;  // its own name is on the disk
  };

  explicit PictureStore(PictureStoreOptions options) : options_(std::move(options)) {}
  absl::Status OpenDirectory();
  absl::Status CheckOwner();
  absl::Status CheckIsEmpty() const;
  absl::Status Step(std::string_view step) const;
  std::string TemporaryDirectory() const;
  std::string DirectoryOf(std::string_view hash) const;
  std::string PathOf(std::string_view hash) const;
  Directory& DirectoryFor(std::string_view hash) {
    return directories_[static_cast<uint8_t>(hash[0])];
  }
  absl::Status EnsureDirectory(std::string_view hash);
  absl::Status ListDirectory(const std::string& name,
                             absl::FunctionRef<bool(const StoredFile&)> visit) const;
  // `directory`: counts the new name; null for files that are not counted.
  absl::Status Write(std::string_view bytes, const std::string& path, Directory* directory);
  absl::Status WriteTemporary(std::string_view bytes, const std::string& temporary);
  absl::Status Rename(const std::string& from, const std::string& to, Directory* directory);
  std::string BeginWriting();
  bool IsBeingWritten(const std::string& name) const;
  std::optional<StoredFile> Describe(const std::string& directory, const std::string& name,
                                     bool temporary) const;

  const PictureStoreOptions options_;
  FileDescriptor lock_;
  mutable std::mutex mutex_;
  uint64_t sequence_ = 0;          // guarded by mutex_
  std::set<std::string> writing_;  // temporary names in use; guarded by mutex_
  std::array<Directory, kDirectories> directories_;
  std::atomic<size_t> directories_counted_ = 0;
  std::atomic<uint64_t> files_ = 0;  // in the counted directories
  std::atomic<uint64_t> bytes_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_STORE_PICTURE_STORE_H_
