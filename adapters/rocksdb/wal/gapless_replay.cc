#include "adapters/rocksdb/wal/gapless_replay.h"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/database/rocks_status.h"
#include "adapters/rocksdb/wal/wal_audit.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr uint32_t kDefaultFamily = 0;

}  // namespace

absl::StatusOr<std::unique_ptr<GaplessReplay>> GaplessReplay::ForOpening(rocksdb::Env* env,
                                                                         const std::string& path) {
  std::vector<std::string> names;
  const rocksdb::Status listed = env->GetChildren(path, &names);
  if (!listed.ok() && !listed.IsNotFound()) {
    return FromRocks(listed, fmt::format("cannot list {}", path));
  }
  std::vector<uint64_t> headless;
  for (const std::string& name : names) {
    absl::string_view number = name;
    uint64_t file = 0;
    if (!absl::ConsumeSuffix(&number, ".log") || !absl::SimpleAtoi(number, &file)) continue;
    ASSIGN_OR_RETURN(const uint64_t sound, SoundBytes(env, path + "/" + name));
    if (sound == 0) headless.push_back(file);
  }
  return std::make_unique<GaplessReplay>(std::move(headless));
}

GaplessReplay::GaplessReplay(std::vector<uint64_t> headless) : headless_(std::move(headless)) {}

void GaplessReplay::ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& first_needed,
                                             const std::map<std::string, uint32_t>&) {
  const auto rows = first_needed.find(kDefaultFamily);
  if (rows != first_needed.end()) first_needed_ = rows->second;
}

rocksdb::WalFilter::WalProcessingOption GaplessReplay::LogRecordFound(
    unsigned long long file, const std::string&, const rocksdb::WriteBatch& record,
    rocksdb::WriteBatch*, bool*) {
  const uint64_t sequence = LoadLittle<uint64_t>(record.Data().data());
  if (!next_sequence_.has_value()) {
    // RocksDB begins a new file only when the last one has a record.
    const auto lost = [&](uint64_t other) { return first_needed_ <= other && other <= file; };
    if (std::any_of(headless_.begin(), headless_.end(), lost)) {
      return WalProcessingOption::kStopReplay;
    }
  } else if (sequence != *next_sequence_) {
    return WalProcessingOption::kStopReplay;
  }
  next_sequence_ = sequence + record.Count();
  return WalProcessingOption::kContinueProcessing;
}

}  // namespace dailyfeed
