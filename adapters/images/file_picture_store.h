// The PictureStore in a directory of the file system.
//
//   pictures/3f/3f9a...c2.png   a file, by the SHA-256 of its bytes in hexadecimal
//   pictures/tmp/...            files that are being written
//   pictures/OWNER              whose files they are
//
// A file is written under a temporary name, synced, renamed, and its directory
// synced: under its own name it is always whole and on the disk.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FILE_PICTURE_STORE_H_
#define DAILYFEED_ADAPTERS_IMAGES_FILE_PICTURE_STORE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "adapters/images/picture_store.h"

namespace dailyfeed {

struct FilePictureStoreOptions {
  std::string directory;
  // The mark of whoever the files belong to, one line of text; empty: no mark is
  // looked at. Whoever takes the files of somebody else for their own finds that
  // nobody needs them, and removes them.
  std::string owner;
  // Whether a directory without a mark becomes the owner's. If not, it is opened
  // only when it has no files, and stays without.
  bool adopt = true;
  // Called before each step of Put with its name ("create", "write", "sync",
  // "rename", "sync directory"): where tests cut the power. May be empty.
  absl::AnyInvocable<absl::Status(std::string_view step) const> on_step;
};

// Makes the directory (not its parents), readable by the owner only, and takes
// a lock: two stores in one directory would collect each other's files.
//   INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED  as of the data directory
//   FAILED_PRECONDITION                             another store has it open, or it belongs
//                                                   to another owner, or to nobody known
absl::StatusOr<std::unique_ptr<PictureStore>> OpenFilePictureStore(FilePictureStoreOptions options);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FILE_PICTURE_STORE_H_
