#include "adapters/rocksdb/wal/wal_env.h"

#include <rocksdb/file_system.h>

#include <filesystem>
#include <iterator>
#include <mutex>
#include <set>
#include <utility>

namespace dailyfeed {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr size_t kWalBlockBytes = 32u << 10;  // of RocksDB's log format

class WalFile final : public rocksdb::FSWritableFile {
 public:
  using rocksdb::FSWritableFile::Append;

  WalFile(rocksdb::FileSystem* files, std::string path,
          std::unique_ptr<rocksdb::FSRandomRWFile> file, uint64_t ahead_bytes)
      : files_(files), path_(std::move(path)), file_(std::move(file)), ahead_bytes_(ahead_bytes) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const uint64_t end = end_ + data.size();
    if (end > zeros_end_) Extend(end, options, debug);
    IOStatus status = file_->Write(end_, data, options, debug);
    if (status.ok()) end_ = end;
    return status;
  }

  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = file_->Close(options, debug);
    if (status.ok() && end_ < zeros_end_) status = files_->Truncate(path_, end_, options, debug);
    return status;
  }

  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return file_->Flush(options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return file_->Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return file_->Fsync(options, debug);
  }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return end_; }

 private:
  // Zeros behind `end`; what is about to be written needs none. They only save
  // time: when they cannot be written, what is left of them is taken away, and
  // the next try is a step later.
  void Extend(uint64_t end, const IOOptions& options, IODebugContext* debug) {
    zeros_end_ = (end / ahead_bytes_ + 1) * ahead_bytes_;
    const std::string zeros(zeros_end_ - end, '\0');
    if (file_->Write(end, zeros, options, debug).ok()) return;
    files_->Truncate(path_, end_, options, debug).PermitUncheckedError();
  }

  rocksdb::FileSystem* const files_;
  const std::string path_;
  const std::unique_ptr<rocksdb::FSRandomRWFile> file_;
  const uint64_t ahead_bytes_;
  uint64_t end_ = 0;
  uint64_t zeros_end_ = 0;
};

}  // namespace

class WalEnv::Files final : public rocksdb::FileSystemWrapper {
 public:
  Files(const std::shared_ptr<rocksdb::FileSystem>& target, const std::string& database_path,
        uint64_t ahead_bytes)
      : FileSystemWrapper(target),
        // Without a slash at its end.
        directory_((std::filesystem::path(database_path) / "").lexically_normal().parent_path()),
        ahead_bytes_(ahead_bytes) {}
  const char* Name() const override { return "dailyfeed.WalFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(path, options, file, debug);
    if (!status.ok() || !IsWal(path)) return status;
    Remember(path);
    if (ahead_bytes_ == 0) return status;
    status = (*file)->Close(options.io_options, debug);
    file->reset();
    if (!status.ok()) return status;
    std::unique_ptr<rocksdb::FSRandomRWFile> opened;
    status = target()->NewRandomRWFile(path, options, &opened, debug);
    if (status.ok())
      *file = std::make_unique<WalFile>(target(), path, std::move(opened), ahead_bytes_);
    return status;
  }

  // A recovery reads the files that are there already.
  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext* debug) override {
    IOStatus status = target()->NewSequentialFile(path, options, file, debug);
    if (status.ok() && IsWal(path)) Remember(path);
    return status;
  }

  uint64_t Bytes() {
    std::lock_guard<std::mutex> lock(mutex_);
    uint64_t bytes = 0;
    for (auto path = paths_.begin(); path != paths_.end();) {
      uint64_t size = 0;
      const IOStatus status = target()->GetFileSize(*path, IOOptions(), &size, nullptr);
      bytes += size;
      path = status.ok() ? std::next(path) : paths_.erase(path);  // deleted meanwhile
    }
    return bytes;
  }

 private:
  bool IsWal(const std::string& path) const {
    if (!path.ends_with(".log")) return false;
    // A copy of the database is written through this environment too.
    return std::filesystem::path(path).parent_path().lexically_normal() == directory_;
  }
  void Remember(const std::string& path) {
    std::lock_guard<std::mutex> lock(mutex_);
    paths_.insert(path);
  }

  const std::filesystem::path directory_;
  const uint64_t ahead_bytes_;
  std::mutex mutex_;
  std::set<std::string> paths_;
};

// Zeros that end inside a block could leave less than a record's header there,
// which RocksDB takes for a torn one: so whole blocks.
WalEnv::WalEnv(rocksdb::Env* base, const std::string& database_path, size_t ahead_bytes)
    : EnvWrapper(base),
      files_(std::make_shared<Files>(
          base->GetFileSystem(), database_path,
          (ahead_bytes + kWalBlockBytes - 1) / kWalBlockBytes * kWalBlockBytes)) {
  file_system_ = files_;
  system_clock_ = base->GetSystemClock();
}

uint64_t WalEnv::WalBytes() const { return files_->Bytes(); }

}  // namespace dailyfeed
