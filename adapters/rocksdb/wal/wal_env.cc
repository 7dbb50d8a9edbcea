#include "adapters/rocksdb/wal/wal_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <string>
#include <string_view>
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

class WalFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  WalFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target, uint64_t ahead_bytes)
      : FileSystemWrapper(target), ahead_bytes_(ahead_bytes) {}
  const char* Name() const override { return "dailyfeed.WalFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(path, options, file, debug);
    if (!status.ok() || !std::string_view(path).ends_with(".log")) return status;
    status = (*file)->Close(options.io_options, debug);
    file->reset();
    if (!status.ok()) return status;
    std::unique_ptr<rocksdb::FSRandomRWFile> opened;
    status = target()->NewRandomRWFile(path, options, &opened, debug);
    if (status.ok())
      *file = std::make_unique<WalFile>(target(), path, std::move(opened), ahead_bytes_);
    return status;
  }

 private:
  const uint64_t ahead_bytes_;
};

class WalEnv final : public rocksdb::EnvWrapper {
 public:
  WalEnv(rocksdb::Env* base, uint64_t ahead_bytes) : EnvWrapper(base) {
    file_system_ = std::make_shared<WalFileSystem>(base->GetFileSystem(), ahead_bytes);
    system_clock_ = base->GetSystemClock();
  }
  const char* Name() const override { return "dailyfeed.WalEnv"; }
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewWalEnv(rocksdb::Env* base, size_t ahead_bytes) {
  // Zeros that end inside a block could leave less than a record's header there,
  // which RocksDB takes for a torn one.
  const size_t blocks = (ahead_bytes + kWalBlockBytes - 1) / kWalBlockBytes;
  return std::make_unique<WalEnv>(base, blocks * kWalBlockBytes);
}

}  // namespace dailyfeed
