#include "adapters/rocksdb/wal/watermark_file.h"

#include <fmt/format.h>
#include <rocksdb/env.h>

#include <optional>
#include <utility>

#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/database/crc32c.h"
#include "adapters/rocksdb/database/rocks_status.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr std::string_view kMagic = "DFHD";
constexpr size_t kVersionAt = 4;
constexpr size_t kNumberAt = 8;
constexpr size_t kExtentAt = 16;
constexpr size_t kCrcAt = 28;
constexpr int kSlots = 2;

uint32_t SlotCrc(std::string_view slot) { return MaskCrc(Crc32c(0, slot.substr(0, kCrcAt))); }

struct Slot {
  uint32_t version;
  Watermark mark;
};

std::optional<Slot> Decode(std::string_view file, int index) {
  const size_t offset = static_cast<size_t>(index) * WatermarkFile::kSlotDistance;
  if (file.size() < offset + WatermarkFile::kSlotBytes) return std::nullopt;
  const std::string_view slot = file.substr(offset, WatermarkFile::kSlotBytes);
  if (!slot.starts_with(kMagic)) return std::nullopt;
  if (LoadLittle<uint32_t>(slot.data() + kCrcAt) != SlotCrc(slot)) return std::nullopt;
  return Slot{LoadLittle<uint32_t>(slot.data() + kVersionAt),
              {LoadLittle<uint64_t>(slot.data() + kNumberAt),
               LoadLittle<uint64_t>(slot.data() + kExtentAt)}};
}

}  // namespace

std::string WatermarkFile::Encode(const Watermark& mark) {
  std::string slot(kMagic);
  AppendLittle<uint32_t>(kLogFormatVersion, &slot);
  AppendLittle<uint64_t>(mark.number, &slot);
  AppendLittle<uint64_t>(mark.extent, &slot);
  AppendLittle<uint32_t>(0, &slot);
  return WithChecksum(std::move(slot));
}

std::string WatermarkFile::WithChecksum(std::string slot) {
  DAILYFEED_CHECK(slot.size() == kCrcAt);
  AppendLittle<uint32_t>(SlotCrc(slot), &slot);
  return slot;
}

absl::StatusOr<Watermark> WatermarkFile::Read(rocksdb::Env* env, const std::string& path) {
  const rocksdb::Status exists = env->FileExists(path);
  if (exists.IsNotFound()) return absl::NotFoundError(fmt::format("{} is missing", path));
  if (!exists.ok()) return FromRocks(exists, fmt::format("cannot look for {}", path));
  std::string file;
  const rocksdb::Status read = rocksdb::ReadFileToString(env, path, &file);
  if (!read.ok()) return FromRocks(read, fmt::format("cannot read {}", path));
  std::optional<Slot> newest;
  for (int index = 0; index < kSlots; ++index) {
    const std::optional<Slot> slot = Decode(file, index);
    if (!slot) continue;
    if (!newest || slot->mark > newest->mark) newest = slot;
  }
  if (!newest) {
    return absl::DataLossError(fmt::format("{} is damaged: it holds no valid watermark", path));
  }
  if (newest->version != kLogFormatVersion) {
    return absl::FailedPreconditionError(
        fmt::format("{} was written in version {} of the log format; this program knows version {}",
                    path, newest->version, kLogFormatVersion));
  }
  return newest->mark;
}

absl::Status WatermarkFile::Create(rocksdb::Env* env, const std::string& path,
                                   const Watermark& mark) {
  std::string file = Encode(mark);
  file.resize(kSlotDistance, '\0');
  file += Encode(mark);
  // A power loss must not leave the name without the bytes.
  const std::string fresh = path + ".new";
  rocksdb::Status written = rocksdb::WriteStringToFile(env, file, fresh, /*should_sync=*/true);
  if (written.ok()) written = env->RenameFile(fresh, path);
  return FromRocksWrite(written, fmt::format("writing {}", path));
}

absl::StatusOr<std::unique_ptr<WatermarkFile>> WatermarkFile::Open(rocksdb::Env* env,
                                                                   const std::string& path) {
  std::unique_ptr<rocksdb::RandomRWFile> file;
  const rocksdb::Status opened = env->NewRandomRWFile(path, &file, rocksdb::EnvOptions());
  if (!opened.ok()) return FromRocks(opened, fmt::format("cannot open {}", path));
  return std::unique_ptr<WatermarkFile>(new WatermarkFile(std::move(file)));
}

WatermarkFile::WatermarkFile(std::unique_ptr<rocksdb::RandomRWFile> file)
    : file_(std::move(file)) {}
WatermarkFile::~WatermarkFile() = default;

absl::Status WatermarkFile::Write(const Watermark& mark) {
  const rocksdb::Status written =
      file_->Write(static_cast<uint64_t>(next_slot_) * kSlotDistance, Encode(mark));
  next_slot_ = (next_slot_ + 1) % kSlots;
  return FromRocksWrite(written, "writing a watermark");
}

}  // namespace dailyfeed
