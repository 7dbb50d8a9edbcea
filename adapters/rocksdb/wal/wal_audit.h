// Reads RocksDB's write-ahead log before RocksDB does, and changes nothing.
//
// RocksDB ends recovery at the first damaged record and then deletes what lies
// behind it. That is right for a record that was being written when the plug
// was pulled: it is the last one. Whole records behind a damaged one mean that
// acknowledged writes were damaged, and this is what tells the two apart.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_WAL_WAL_AUDIT_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_WAL_WAL_AUDIT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
}

namespace dailyfeed {

struct WalAudit {
  // RocksDB's sequence number after the last whole record before the first
  // damage, and after the last whole record anywhere. 0: no record.
  uint64_t sound_sequence = 0;
  uint64_t last_sequence = 0;
  // "000012.log at byte 4711"; empty when there is no damage and no torn end.
  std::string first_damage;
};

// Every write-ahead log file in `path`, in order. UNAVAILABLE when one cannot
// be read.
absl::StatusOr<WalAudit> AuditWal(rocksdb::Env* env, const std::string& path);

// How many bytes from its beginning a file in the same format, such as a
// MANIFEST, has without damage and in whole records.
absl::StatusOr<uint64_t> SoundBytes(rocksdb::Env* env, const std::string& path);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_WAL_WAL_AUDIT_H_
