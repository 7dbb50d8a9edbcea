// Ends RocksDB's replay of its write-ahead log at the first write that is
// missing, so that what an opened database holds is a prefix of its writes.
//
// RocksDB stops at a record that is damaged. It does not notice records that
// are gone without a trace: when a memtable is full it goes on in a new file
// without syncing the old one, and a loss of power may take the end of the old
// file, at the border of a record, and leave the new one. Replaying that would
// make rows that never were together: a checkpoint without its rows.
//
// A record begins with the sequence number of its first change and with the
// number of changes, so the next record's sequence number is known. The first
// record of all is the right one when its file begins with it and no file
// before has lost everything.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_WAL_GAPLESS_REPLAY_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_WAL_GAPLESS_REPLAY_H_

#include <rocksdb/wal_filter.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
}

namespace dailyfeed {

class GaplessReplay final : public rocksdb::WalFilter {
 public:
  // For one opening of the database in `path`, whose write-ahead log files it
  // reads; the directory need not exist. It must live as long as the database.
  static absl::StatusOr<std::unique_ptr<GaplessReplay>> ForOpening(rocksdb::Env* env,
                                                                   const std::string& path);

  // `headless`: the numbers of the write-ahead log files that do not begin with
  // a whole record. None: only the order of the records is looked at, as for a
  // database whose default family is never written.
  explicit GaplessReplay(std::vector<uint64_t> headless = {});

  const char* Name() const override { return "dailyfeed.GaplessReplay"; }
  void ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& first_needed,
                                const std::map<std::string, uint32_t>& names) override;
  WalProcessingOption LogRecordFound(unsigned long long file, const std::string& name,
                                     const rocksdb::WriteBatch& record,
                                     rocksdb::WriteBatch* changed, bool* is_changed) override;

 private:
  const std::vector<uint64_t> headless_;
  uint64_t first_needed_ = 0;  // the oldest file with rows of the default family in no table
  std::optional<uint64_t> next_sequence_;  // of the record to come
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_WAL_GAPLESS_REPLAY_H_
