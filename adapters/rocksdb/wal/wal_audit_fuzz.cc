// The reader of RocksDB's write-ahead log against any bytes, and against whole
// records as RocksDB would write them, one byte of which may be wrong. The first
// byte of an input says which.
#include <rocksdb/env.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/database/crc32c.h"
#include "adapters/rocksdb/wal/wal_audit.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

constexpr char kDirectory[] = "/wal";
constexpr char kFile[] = "/wal/000007.log";
constexpr size_t kBlockBytes = 32768;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kBatchHeaderBytes = 12;

WalAudit Audit(std::string_view bytes, uint64_t* sound_bytes) {
  static rocksdb::Env* const env = rocksdb::NewMemEnv(rocksdb::Env::Default());
  DAILYFEED_CHECK(env->CreateDirIfMissing(kDirectory).ok());
  DAILYFEED_CHECK(
      rocksdb::WriteStringToFile(env, rocksdb::Slice(bytes.data(), bytes.size()), kFile).ok());
  const auto audit = AuditWal(env, kDirectory);
  const auto sound = SoundBytes(env, kFile);
  DAILYFEED_CHECK(audit.ok() && sound.ok());
  DAILYFEED_CHECK(*sound <= bytes.size());
  DAILYFEED_CHECK(audit->sound_sequence <= audit->last_sequence);
  DAILYFEED_CHECK(!audit->first_damage.empty() || audit->sound_sequence == audit->last_sequence);
  *sound_bytes = *sound;
  return *audit;
}

// What is sound stays so without what lies behind it.
WalAudit Check(std::string_view bytes) {
  uint64_t sound = 0;
  const WalAudit audit = Audit(bytes, &sound);
  uint64_t again = 0;
  const WalAudit prefix = Audit(bytes.substr(0, sound), &again);
  DAILYFEED_CHECK(again == sound);
  DAILYFEED_CHECK(prefix.first_damage.empty());
  DAILYFEED_CHECK(prefix.last_sequence == audit.sound_sequence);
  return audit;
}

// One record, in fragments that cross no block.
void AppendRecord(std::string_view record, std::string* file) {
  bool first = true;
  do {
    const size_t left = kBlockBytes - file->size() % kBlockBytes;
    if (left < kHeaderBytes) {
      file->append(left, '\0');
      continue;
    }
    const size_t length = std::min(record.size(), left - kHeaderBytes);
    const bool last = length == record.size();
    constexpr char kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4;
    std::string covered(1, first ? (last ? kFull : kFirst) : (last ? kLast : kMiddle));
    covered += record.substr(0, length);
    AppendLittle<uint32_t>(MaskCrc(Crc32c(0, covered)), file);
    AppendLittle<uint16_t>(static_cast<uint16_t>(length), file);
    *file += covered;
    record.remove_prefix(length);
    first = false;
    if (last) return;
  } while (true);
}

// Records out of 15 bytes each: the length of the record (2), what fills it (1)
// and the batch header it begins with (12). With an even filling the record is a
// short one, so that most inputs are quick.
std::string WriteRecords(std::string_view recipe, uint64_t* last_sequence) {
  std::string file;
  for (; recipe.size() >= 3 + kBatchHeaderBytes; recipe.remove_prefix(3 + kBatchHeaderBytes)) {
    std::string record(recipe.substr(3, kBatchHeaderBytes));
    const size_t length = LoadLittle<uint16_t>(recipe.data());
    record.resize(recipe[2] % 2 == 0 ? length % 256 : length, recipe[2]);
    AppendRecord(record, &file);
    if (record.size() < kBatchHeaderBytes) continue;
    const uint64_t count = LoadLittle<uint32_t>(record.data() + 8);
    if (count == 0) continue;
    *last_sequence = std::max(*last_sequence, LoadLittle<uint64_t>(record.data()) + count - 1);
  }
  return file;
}

void Run(std::string_view input) {
  if (input.empty()) return;
  const uint8_t mode = static_cast<uint8_t>(input.front()) % 3;
  input.remove_prefix(1);
  if (mode == 0) {
    Check(input);
    return;
  }
  uint64_t place = 0;
  if (mode == 2) {
    if (input.size() < sizeof(uint32_t)) return;
    place = LoadLittle<uint32_t>(input.data());
    input.remove_prefix(sizeof(uint32_t));
  }
  uint64_t last_sequence = 0;
  std::string file = WriteRecords(input, &last_sequence);
  if (mode == 2 && !file.empty()) {
    file[place % file.size()] ^= 1;
    DAILYFEED_CHECK(Check(file).last_sequence <= last_sequence);
    return;
  }
  const WalAudit audit = Check(file);
  DAILYFEED_CHECK(audit.first_damage.empty());
  DAILYFEED_CHECK(audit.last_sequence == last_sequence);
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
