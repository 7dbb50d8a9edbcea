#include "adapters/images/picture_library.h"

#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

// Of one Settle. 10,000 files take about as long when the disk must be read.
constexpr absl::Duration kCountingTime = absl::Milliseconds(50);

void Keep(absl::Status* first, const absl::Status& status) {
  if (first->ok()) *first = status;
}

}  // namespace

PictureLibrary::PictureLibrary(Parts parts)
    : store_(std::move(parts.store)),
      processor_(parts.processor),
      ids_(parts.ids),
      is_used_(std::move(parts.is_used)) {
  DAILYFEED_CHECK(store_ != nullptr && ids_ != nullptr && is_used_ != nullptr);
}

absl::StatusOr<AddPicture> PictureLibrary::Prepare(std::string_view file) {
  const absl::StatusOr<ProcessedPicture> picture = processor_.Process(file);
  if (!picture.ok()) {
    const std::optional<ErrorCode> error = ErrorCodeOf(picture.status());
    const bool ours =
        error == ErrorCode::kImageProcessingFail || error == ErrorCode::kServiceUnavailable;
    (ours ? failures_ : refused_).fetch_add(1, std::memory_order_relaxed);
    return picture.status();
  }
  AddPicture command = {.picture_id = ids_->NewUuid(),
                        .content_hash = ContentHash(picture->picture.png),
                        .thumbnail_hash = ContentHash(picture->thumbnail.png),
                        .width = picture->picture.width,
                        .height = picture->picture.height,
                        .bytes = picture->picture.png.size(),
                        .thumbnail_bytes = picture->thumbnail.png.size()};
  const Hashes hashes = {command.content_hash, command.thumbnail_hash};
  // Before the store is asked whether it has them: from here on they stay.
  Pin(hashes);
  if (const absl::Status stored = Store(*picture, command); !stored.ok()) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    Unpin(hashes);
    Release(hashes);
    return MakeError(ErrorCode::kImageProcessingFail, std::string(stored.message()));
  }
  std::lock_guard lock(files_mutex_);
  prepared_.emplace(command.picture_id, hashes);
  prepared_count_.fetch_add(1, std::memory_order_relaxed);
  return command;
}

absl::Status PictureLibrary::Store(const ProcessedPicture& picture, const AddPicture& command) {
  RETURN_IF_ERROR(store_->Put(command.content_hash, picture.picture.png));
  return store_->Put(command.thumbnail_hash, picture.thumbnail.png);
}

void PictureLibrary::Finish(const std::string& picture_id, bool certain) {
  if (!certain) return;
  std::lock_guard lock(notes_mutex_);
  finished_.push_back(picture_id);
}

absl::StatusOr<std::string> PictureLibrary::Read(std::string_view hash) const {
  absl::StatusOr<std::string> bytes = store_->Get(hash);
  if (bytes.ok()) return bytes;
  return MakeError(ErrorCode::kImageReadingFail, std::string(bytes.status().message()));
}

void PictureLibrary::Release(Hashes hashes) {
  std::lock_guard lock(notes_mutex_);
  for (std::string& hash : hashes) released_.push_back(std::move(hash));
}

absl::Status PictureLibrary::Settle() {
  std::vector<std::string> finished;
  Hashes released;
  {
    std::lock_guard lock(notes_mutex_);
    finished.swap(finished_);
    released.swap(released_);
  }
  for (const std::string& picture_id : finished) {
    Hashes hashes;
    {
      std::lock_guard lock(files_mutex_);
      const auto prepared = prepared_.find(picture_id);
      if (prepared == prepared_.end()) continue;  // somebody else's command
      hashes = std::move(prepared->second);
      prepared_.erase(prepared);
    }
    Unpin(hashes);
    // Refused, or added and deleted again while its files were kept for it.
    for (std::string& hash : hashes) released.push_back(std::move(hash));
  }
  absl::Status settled = Erase(released);
  Keep(&settled, store_->Count(kCountingTime));
  return settled;
}

absl::Status PictureLibrary::Erase(const Hashes& hashes) {
  absl::Status first_failure;
  for (const std::string& hash : hashes) {
    Keep(&first_failure, RemoveIfUnused(hash, /*dry_run=*/false).status());
  }
  return first_failure;
}

absl::StatusOr<PictureSweep> PictureLibrary::Sweep(const PictureSweepOptions& options) {
  // The files' own clock, which is the machine's.
  const absl::Time youngest = absl::Now() - options.grace;
  PictureSweep sweep;
  absl::Status first_failure;
  const auto look_at = [&](const StoredFile& file) -> absl::Status {
    ++sweep.files;
    sweep.bytes += file.bytes;
    const bool young = file.modified > youngest;
    if (file.hash.empty()) {
      if (young) return absl::OkStatus();
      ++sweep.left_overs;
      return options.dry_run ? absl::OkStatus() : store_->RemoveLeftOver(file.name);
    }
    ASSIGN_OR_RETURN(const bool unused, RemoveIfUnused(file.hash, young || options.dry_run));
    if (!unused) return absl::OkStatus();
    sweep.young += young ? 1 : 0;
    sweep.orphans += young ? 0 : 1;
    sweep.orphan_bytes += young ? 0 : file.bytes;
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(store_->List([&](const StoredFile& file) {
    Keep(&first_failure, look_at(file));
    return true;
  }));
  RETURN_IF_ERROR(first_failure);
  return sweep;
}

void PictureLibrary::Pin(const Hashes& hashes) {
  std::lock_guard lock(files_mutex_);
  for (const std::string& hash : hashes) ++pins_[hash];
}

void PictureLibrary::Unpin(const Hashes& hashes) {
  std::lock_guard lock(files_mutex_);
  for (const std::string& hash : hashes) {
    const auto pin = pins_.find(hash);
    DAILYFEED_CHECK(pin != pins_.end());
    if (--pin->second == 0) pins_.erase(pin);
  }
}

absl::StatusOr<bool> PictureLibrary::RemoveIfUnused(const std::string& hash, bool dry_run) {
  std::lock_guard lock(files_mutex_);
  if (IsPinned(hash)) return false;
  ASSIGN_OR_RETURN(const bool used, is_used_(hash));
  if (used) return false;
  if (dry_run) return true;
  RETURN_IF_ERROR(store_->Remove(hash));
  removed_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

PictureStats PictureLibrary::stats() const {
  PictureStats stats;
  stats.prepared = prepared_count_.load(std::memory_order_relaxed);
  stats.refused = refused_.load(std::memory_order_relaxed);
  stats.failures = failures_.load(std::memory_order_relaxed);
  stats.files_removed = removed_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace dailyfeed
