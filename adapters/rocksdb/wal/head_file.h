// HEAD: the position that was acknowledged last, beside the log that should
// reach it. docs/reference/log-format.md has its bytes.
//
// It is written after the write-ahead log was synced and is not synced itself:
// after kill -9 it is exact, after a power loss it may be older than the log,
// and it is never newer. A log that ends before it has lost something.
//
//   ASSIGN_OR_RETURN(auto head, HeadFile::Open(env, "/var/lib/feed/log/HEAD"));
//   RETURN_IF_ERROR(head->Write({.position = 41, .sequence = 200}));
//
// GUARD (manifest_guard.h) has the same bytes; its two numbers are those of the
// MANIFEST and its size.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_WAL_HEAD_FILE_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_WAL_HEAD_FILE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/types.h"

namespace rocksdb {
class Env;
class RandomRWFile;
}  // namespace rocksdb

namespace dailyfeed {

inline constexpr uint32_t kLogFormatVersion = 1;

struct HeadRecord {
  Position position = 0;  // of the last event; 0: none
  uint64_t sequence = 0;  // of RocksDB, after the last acknowledged batch
  friend auto operator<=>(const HeadRecord&, const HeadRecord&) = default;
};

class HeadFile {
 public:
  static constexpr size_t kSlotBytes = 32;
  // Apart by a sector, so that a torn write damages one slot at most.
  static constexpr size_t kSlotDistance = 512;

  // One slot, `kSlotBytes` long.
  static std::string Encode(const HeadRecord& record);
  // `slot` without its last four bytes, with the checksum that belongs there.
  static std::string WithChecksum(std::string slot);

  // The newer valid slot. NOT_FOUND: no such file. DATA_LOSS: no valid slot.
  // FAILED_PRECONDITION: written in another version of the format.
  static absl::StatusOr<HeadRecord> Read(rocksdb::Env* env, const std::string& path);

  // Writes a new file with `record` in both slots, whole or not at all; the
  // caller syncs the directory.
  static absl::Status Create(rocksdb::Env* env, const std::string& path, const HeadRecord& record);

  // For writing. The file must exist.
  static absl::StatusOr<std::unique_ptr<HeadFile>> Open(rocksdb::Env* env, const std::string& path);
  ~HeadFile();

  // Into the slots in turn. Not synced.
  absl::Status Write(const HeadRecord& record);

 private:
  explicit HeadFile(std::unique_ptr<rocksdb::RandomRWFile> file);

  std::unique_ptr<rocksdb::RandomRWFile> file_;
  int next_slot_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_WAL_HEAD_FILE_H_
