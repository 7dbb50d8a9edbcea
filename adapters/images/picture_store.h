// Where the files of pictures are kept, named by what is in them.
//
//   const std::string hash = ContentHash(png);
//   RETURN_IF_ERROR(store->Put(hash, png));
//   ASSIGN_OR_RETURN(const std::string again, store->Get(hash));
//
// A file is named by the SHA-256 of its bytes, so the same picture uploaded
// twice is one file, and a file never changes. Who may see a picture and who
// owns it is not the store's business, nor is which files are still needed: the
// library of pictures (picture_library.h) decides that.
//
// OpenFilePictureStore keeps them in a directory. An object store can take its
// place: it needs these five operations and nothing else.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_IMAGES_PICTURE_STORE_H_
#define DAILYFEED_ADAPTERS_IMAGES_PICTURE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

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

class PictureStore {
 public:
  virtual ~PictureStore() = default;

  // OK when the file is on the disk for good, under its name. `hash` is
  // ContentHash(bytes). UNAVAILABLE or RESOURCE_EXHAUSTED (disk full): nothing
  // is stored.
  virtual absl::Status Put(std::string_view hash, std::string_view bytes) = 0;
  // NOT_FOUND.
  virtual absl::StatusOr<std::string> Get(std::string_view hash) const = 0;
  // OK also when there is none.
  virtual absl::Status Remove(std::string_view hash) = 0;
  virtual absl::Status RemoveLeftOver(std::string_view name) = 0;
  // Every file but those being written, in no order, as long as `visit` returns true. Files that
  // are added or removed meanwhile may or may not be among them.
  virtual absl::Status List(absl::FunctionRef<bool(const StoredFile&)> visit) const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_PICTURE_STORE_H_
