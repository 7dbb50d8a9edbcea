#include "adapters/rocksdb/wal/wal_audit.h"

#include <fmt/format.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/database/crc32c.h"
#include "adapters/rocksdb/database/rocks_status.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

// RocksDB's log format: blocks of 32 KiB, in them fragments of records, each
// with checksum (4), length (2) and type (1); a fragment does not cross a
// block. A record is a write batch and begins with sequence (8), count (4).
constexpr size_t kBlockBytes = 32768;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kBatchHeaderBytes = 12;
constexpr size_t kReadBytes = 32 * kBlockBytes;
enum FragmentType : uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

// Walks one file, block by block.
class FileWalk {
 public:
  FileWalk(std::string name, WalAudit* audit) : name_(std::move(name)), audit_(audit) {}

  // Behind the last whole record before any damage.
  uint64_t sound_bytes() const { return sound_bytes_; }

  // Every block but the last is whole.
  void Block(std::string_view block) {
    size_t at = 0;
    while (at + kHeaderBytes <= block.size()) {
      const size_t taken = Fragment(block.substr(at), at);
      if (taken == 0) break;  // lost until the next block
      at += taken;
    }
    const size_t tail = block.size() - std::min(at, block.size());
    // Fewer bytes than a header: filling, unless the file ends in them.
    if (block.size() < kBlockBytes && tail > 0 && !unwritten_) Damage(at);
    offset_ += block.size();
  }

  void End() {
    if (in_record_) Damage(0);
  }

 private:
  // The bytes of the fragment; 0 when its header cannot be believed.
  size_t Fragment(std::string_view rest, size_t at) {
    const uint32_t crc = LoadLittle<uint32_t>(rest.data());
    const size_t length = LoadLittle<uint16_t>(rest.data() + 4);
    const uint8_t type = static_cast<uint8_t>(rest[6]);
    if (kHeaderBytes + length > rest.size()) return Lost(at);
    const bool unwritten = type == kZero && length == 0;
    if (unwritten && !in_record_ && rest.find_first_not_of('\0') == std::string_view::npos) {
      if (!unwritten_) unwritten_ = offset_ + at;
      return 0;
    }
    // Space that was never written is at the end and nowhere else.
    if (unwritten_) DamageAt(*unwritten_);
    if (unwritten) return Lost(at);
    const std::string_view payload = rest.substr(kHeaderBytes, length);
    if (crc != MaskCrc(Crc32c(0, rest.substr(6, 1 + length)))) {
      Damage(at);
      in_record_ = false;
      return kHeaderBytes + length;
    }
    switch (type) {
      case kFull:
      case kFirst:
        if (in_record_) Damage(at);
        start_.assign(payload.substr(0, kBatchHeaderBytes));
        in_record_ = true;
        break;
      case kMiddle:
      case kLast:
        if (!in_record_) {
          Damage(at);
        } else if (start_.size() < kBatchHeaderBytes) {
          start_.append(payload.substr(0, kBatchHeaderBytes - start_.size()));
        }
        break;
      default:
        Damage(at);
        in_record_ = false;
        return kHeaderBytes + length;
    }
    if (in_record_ && (type == kFull || type == kLast)) {
      in_record_ = false;
      Record();
      if (!damaged_) sound_bytes_ = offset_ + at + kHeaderBytes + length;
    }
    return kHeaderBytes + length;
  }

  void Record() {
    if (start_.size() < kBatchHeaderBytes) return;
    const uint64_t count = LoadLittle<uint32_t>(start_.data() + 8);
    if (count == 0) return;
    const uint64_t sequence = LoadLittle<uint64_t>(start_.data()) + count - 1;
    audit_->last_sequence = std::max(audit_->last_sequence, sequence);
    if (audit_->first_damage.empty()) {
      audit_->sound_sequence = std::max(audit_->sound_sequence, sequence);
    }
  }

  size_t Lost(size_t at) {
    Damage(at);
    in_record_ = false;
    return 0;
  }

  void Damage(size_t at) { DamageAt(offset_ + at); }
  void DamageAt(uint64_t byte) {
    damaged_ = true;
    if (!audit_->first_damage.empty()) return;
    audit_->first_damage = fmt::format("{} at byte {}", name_, byte);
  }

  const std::string name_;
  WalAudit* const audit_;
  uint64_t offset_ = 0;  // of the block in the file
  bool damaged_ = false;
  uint64_t sound_bytes_ = 0;
  std::optional<uint64_t> unwritten_;  // where zeros began that nothing follows yet
  bool in_record_ = false;
  std::string start_;  // the first bytes of the record
};

absl::Status WalkFile(rocksdb::Env* env, const std::string& full_path, FileWalk& walk) {
  const auto failed = [&](const rocksdb::Status& status) {
    return FromRocks(status, fmt::format("cannot read {}", full_path));
  };
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status status = env->NewSequentialFile(full_path, &file, rocksdb::EnvOptions());
  if (!status.ok()) return failed(status);
  const auto buffer = std::make_unique<char[]>(kReadBytes);
  // A read may return less than it was asked for before the end of the file.
  size_t filled = 0;
  for (bool at_end = false; !at_end;) {
    rocksdb::Slice read;
    status = file->Read(kReadBytes - filled, &read, buffer.get() + filled);
    if (!status.ok()) return failed(status);
    if (!read.empty() && read.data() != buffer.get() + filled) {
      std::copy_n(read.data(), read.size(), buffer.get() + filled);
    }
    at_end = read.empty();
    filled += read.size();
    std::string_view bytes(buffer.get(), filled);
    while (bytes.size() >= kBlockBytes || (at_end && !bytes.empty())) {
      const size_t size = std::min(bytes.size(), kBlockBytes);
      walk.Block(bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
    std::copy(bytes.begin(), bytes.end(), buffer.get());
    filled = bytes.size();
  }
  walk.End();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WalAudit> AuditWal(rocksdb::Env* env, const std::string& path) {
  std::vector<std::string> names;
  const rocksdb::Status listed = env->GetChildren(path, &names);
  if (!listed.ok()) return FromRocks(listed, fmt::format("cannot list {}", path));
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".log"); });
  // Numbers of at least six digits: shorter is older.
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  WalAudit audit;
  for (const std::string& name : names) {
    FileWalk walk(name, &audit);
    RETURN_IF_ERROR(WalkFile(env, path + "/" + name, walk));
  }
  return audit;
}

absl::StatusOr<uint64_t> SoundBytes(rocksdb::Env* env, const std::string& path) {
  WalAudit audit;
  FileWalk walk(path, &audit);
  RETURN_IF_ERROR(WalkFile(env, path, walk));
  return walk.sound_bytes();
}

}  // namespace dailyfeed
