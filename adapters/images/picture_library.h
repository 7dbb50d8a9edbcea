// The pictures of one dailyfeed: what an upload goes through before the log
// hears of it, and what happens to files that nobody needs any more.
//
//   ASSIGN_OR_RETURN(AddPicture command, library.Prepare(file));   // slow
//   ... the command is sent ...
//   library.Finish(command.picture_id, /*certain=*/true);
//
// Files are named by their content, so one may belong to several pictures, and
// to uploads that are on their way. The library removes a file only when no live
// picture uses it (the read models say so) and no upload has prepared it. An
// upload that died in between leaves a file that a later Sweep removes.
//
// Threads: everything from any thread. Only Finish and Release are quick and
// may be called where nothing may block.
#ifndef DAILYFEED_ADAPTERS_IMAGES_PICTURE_LIBRARY_H_
#define DAILYFEED_ADAPTERS_IMAGES_PICTURE_LIBRARY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/images/picture_processor.h"
#include "adapters/images/store/picture_store.h"
#include "core/domain/commands.h"
#include "core/ports/environment.h"

namespace dailyfeed {

struct PictureSweepOptions {
  // Files younger than this stay: their upload may be on its way.
  absl::Duration grace = absl::Hours(1);
  bool dry_run = false;  // count, remove nothing
};

struct PictureSweep {
  uint64_t files = 0;  // looked at
  uint64_t bytes = 0;
  uint64_t orphans = 0;  // removed: of no live picture
  uint64_t orphan_bytes = 0;
  uint64_t left_overs = 0;  // removed: of writes that never ended
  uint64_t young = 0;       // of no live picture, but within the grace
};

struct PictureStats {
  uint64_t prepared = 0;       // uploads that were stored
  uint64_t refused = 0;        // files that are no pictures
  uint64_t failures = 0;       // of storage or processing
  uint64_t files_removed = 0;  // by deletions, withdrawals and sweeps
};

class PictureLibrary {
 public:
  struct Parts {
    std::unique_ptr<PictureStore> store;
    PictureProcessorOptions processor;
    IdSource* ids = nullptr;  // not owned
    // Whether a live picture uses the stored bytes with this hash.
    std::function<absl::StatusOr<bool>(std::string_view hash)> is_used;
  };
  explicit PictureLibrary(Parts parts);

  // Checks, fits, stores and syncs; the errors of PictureProcessor. The files
  // stay until Finish is told, once, that the command was answered. `certain`:
  // the read models know whether the log has the picture. Else nobody knows
  // before the log is opened again, and the files stay until then.
  absl::StatusOr<AddPicture> Prepare(std::string_view file);
  void Finish(const std::string& picture_id, bool certain);

  // kImageReadingFail.
  absl::StatusOr<std::string> Read(std::string_view hash) const;

  // These may not be used any more: Settle looks, and removes.
  void Release(std::vector<std::string> hashes);
  // Does what Finish and Release left to do, and counts files for Usage for a
  // bounded time. From time to time, by one thread, and last.
  absl::Status Settle();

  // Removes what is not used, now.
  absl::Status Erase(const std::vector<std::string>& hashes);
  // Looks at every file there is. Only while the read models are complete.
  absl::StatusOr<PictureSweep> Sweep(const PictureSweepOptions& options);

  absl::Status WarmUp() const { return processor_.WarmUp(); }
  // Prepare is refused from now on, also where it is running. See PictureProcessor.
  void Stop() const { processor_.Stop(); }
  PictureStats stats() const;
  // What the files take, from counters. Settle counts what was there before
  // this process, a part at a time; afterwards the numbers are exact.
  PictureUsage Usage() const { return store_->Usage(); }

 private:
  using Hashes = std::vector<std::string>;

  absl::Status Store(const ProcessedPicture& picture, const AddPicture& command);
  void Pin(const Hashes& hashes);
  void Unpin(const Hashes& hashes);
  bool IsPinned(const std::string& hash) const { return pins_.contains(hash); }
  // True when it was, or with `dry_run` would have been, removed.
  absl::StatusOr<bool> RemoveIfUnused(const std::string& hash, bool dry_run);

  const std::unique_ptr<PictureStore> store_;
  const PictureProcessor processor_;
  IdSource* const ids_;
  const std::function<absl::StatusOr<bool>(std::string_view hash)> is_used_;

  // Held from the question whether a file is used to its removal, so that no
  // upload can find it in between.
  std::mutex files_mutex_;
  std::unordered_map<std::string, int> pins_;         // hash: uploads on their way
  std::unordered_map<std::string, Hashes> prepared_;  // picture id: its files
  std::mutex notes_mutex_;                            // never held for long
  std::vector<std::string> finished_;                 // picture ids
  Hashes released_;

  std::atomic<uint64_t> prepared_count_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  std::atomic<uint64_t> failures_ = 0;
  std::atomic<uint64_t> removed_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_PICTURE_LIBRARY_H_
