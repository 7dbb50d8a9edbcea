// A file with a watermark: two numbers that only grow and say how far something
// reached that was on disk. docs/reference/log-format.md has its bytes.
//
// HEAD of the event log marks the position of the last acknowledged event, and
// RocksDB's sequence number behind it. GUARD (manifest_guard.h) marks the number
// of the MANIFEST, and its size in bytes.
//
// What a watermark names is synced before the watermark is written, and the
// watermark itself is not synced: after kill -9 it is exact, after a power loss
// it may be old, and it is never too new. Files that end before it have lost
// something.
//
//   ASSIGN_OR_RETURN(auto head, WatermarkFile::Open(env, "/var/lib/feed/log/HEAD"));
//   RETURN_IF_ERROR(head->Write({.number = 41, .extent = 200}));
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_WAL_WATERMARK_FILE_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_WAL_WATERMARK_FILE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
class RandomRWFile;
}  // namespace rocksdb

namespace dailyfeed {

inline constexpr uint32_t kLogFormatVersion = 1;

struct Watermark {
  uint64_t number = 0;  // decides which of two is higher
  uint64_t extent = 0;  // decides between equal numbers
  friend auto operator<=>(const Watermark&, const Watermark&) = default;
};

class WatermarkFile {
 public:
  static constexpr size_t kSlotBytes = 32;
  // Apart by a sector, so that a torn write damages one slot at most.
  static constexpr size_t kSlotDistance = 512;

  // One slot, `kSlotBytes` long.
  static std::string Encode(const Watermark& mark);
  // `slot` without its last four bytes, with the checksum that belongs there.
  static std::string WithChecksum(std::string slot);

  // The newer valid slot. NOT_FOUND: no such file. DATA_LOSS: no valid slot.
  // FAILED_PRECONDITION: written in another version of the format.
  static absl::StatusOr<Watermark> Read(rocksdb::Env* env, const std::string& path);

  // Writes a new file with `mark` in both slots, whole or not at all; the
  // caller syncs the directory.
  static absl::Status Create(rocksdb::Env* env, const std::string& path, const Watermark& mark);

  // For writing. The file must exist.
  static absl::StatusOr<std::unique_ptr<WatermarkFile>> Open(rocksdb::Env* env,
                                                             const std::string& path);
  ~WatermarkFile();

  // Into the slots in turn. Not synced.
  absl::Status Write(const Watermark& mark);

 private:
  explicit WatermarkFile(std::unique_ptr<rocksdb::RandomRWFile> file);

  std::unique_ptr<rocksdb::RandomRWFile> file_;
  int next_slot_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_WAL_WATERMARK_FILE_H_
