#include "adapters/rocksdb/testing/fault_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <cstdarg>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dailyfeed {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using Result = FaultDisk::Result;

IOStatus ToStatus(Result result, const std::string& path) {
  switch (result) {
    case Result::kOk:
      return IOStatus::OK();
    case Result::kNotFound:
      return IOStatus::PathNotFound(path, "No such file or directory");
    case Result::kError:
      return IOStatus::IOError(path, "injected fault: Input/output error");
    case Result::kNoSpace:
      return IOStatus::NoSpace(path, "injected fault: No space left on device");
    case Result::kLocked:
      return IOStatus::IOError("lock hold by current process", path);
  }
  return IOStatus::Aborted();
}

std::string_view AsView(const Slice& slice) { return {slice.data(), slice.size()}; }

// One open file, in each of RocksDB's roles.
struct OpenFile {
  FaultDisk* disk;
  std::string path;
  FaultDisk::Handle handle;

  IOStatus Read(uint64_t offset, size_t size, Slice* result, char* scratch) const {
    size_t got = 0;
    const Result read = disk->Read(path, handle, offset, size, scratch, &got);
    *result = Slice(scratch, read == Result::kOk ? got : 0);
    return ToStatus(read, path);
  }
};

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  explicit SequentialFile(OpenFile file) : file_(std::move(file)) {}
  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const IOStatus status = file_.Read(offset_, n, result, scratch);
    offset_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t n) override {
    offset_ += n;
    return IOStatus::OK();
  }

 private:
  OpenFile file_;
  uint64_t offset_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccessFile(OpenFile file) : file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    return file_.Read(offset, n, result, scratch);
  }

 private:
  OpenFile file_;
};

class WritableFile final : public rocksdb::FSWritableFile {
 public:
  using rocksdb::FSWritableFile::Append;
  explicit WritableFile(OpenFile file) : file_(std::move(file)), size_(file_.handle->data.size()) {}
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    const IOStatus status =
        ToStatus(file_.disk->Append(file_.path, file_.handle, AsView(data)), file_.path);
    if (status.ok()) size_ += data.size();
    return status;
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    return ToStatus(file_.disk->Truncate(file_.path, file_.handle, size), file_.path);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return ToStatus(file_.disk->Sync(file_.path, file_.handle), file_.path);
  }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  OpenFile file_;
  uint64_t size_;
};

class RandomRWFile final : public rocksdb::FSRandomRWFile {
 public:
  explicit RandomRWFile(OpenFile file) : file_(std::move(file)) {}
  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions&, IODebugContext*) override {
    return ToStatus(file_.disk->Write(file_.path, file_.handle, offset, AsView(data)), file_.path);
  }
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    return file_.Read(offset, n, result, scratch);
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return ToStatus(file_.disk->Sync(file_.path, file_.handle), file_.path);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  OpenFile file_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(FaultDisk* disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->SyncDirectory(path_), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  FaultDisk* const disk_;
  const std::string path_;
};

class FileLock final : public rocksdb::FileLock {
 public:
  explicit FileLock(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

// RocksDB's own chatter is none of the disk's operations.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
  size_t GetLogFileSize() const override { return 0; }
};

class FaultFileSystem final : public rocksdb::FileSystem {
 public:
  explicit FaultFileSystem(FaultDisk* disk) : disk_(disk) {}
  const char* Name() const override { return "dailyfeed.FaultFileSystem"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext*) override {
    return OpenAs<SequentialFile>(&FaultDisk::Open, path, file);
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext*) override {
    return OpenAs<RandomAccessFile>(&FaultDisk::Open, path, file);
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext*) override {
    return OpenAs<WritableFile>(&FaultDisk::Create, path, file);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext*) override {
    return OpenAs<WritableFile>(&FaultDisk::Open, path, file);
  }
  IOStatus NewRandomRWFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                           IODebugContext*) override {
    return OpenAs<RandomRWFile>(&FaultDisk::Open, path, file);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext*) override {
    const Result exists = disk_->Exists(path);
    if (exists == Result::kOk) *directory = std::make_unique<Directory>(disk_, path);
    return ToStatus(exists, path);
  }
  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    const Result exists = disk_->Exists(path);
    return exists == Result::kNotFound ? IOStatus::NotFound() : ToStatus(exists, path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* names,
                       IODebugContext*) override {
    const Result listed = disk_->List(path, names);
    return listed == Result::kNotFound ? IOStatus::NotFound() : ToStatus(listed, path);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->Delete(path), path);
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->MakeDirectory(path), path);
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->MakeDirectory(path), path);
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToStatus(disk_->Delete(path), path);
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, uint64_t* size,
                       IODebugContext*) override {
    return ToStatus(disk_->Size(path, size), path);
  }
  IOStatus GetFileModificationTime(const std::string& path, const IOOptions&, uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return ToStatus(disk_->Exists(path), path);
  }
  IOStatus Truncate(const std::string& path, size_t size, const IOOptions&,
                    IODebugContext*) override {
    FaultDisk::Handle handle;
    const Result opened = disk_->Open(path, &handle);
    if (opened != Result::kOk) return ToStatus(opened, path);
    return ToStatus(disk_->Truncate(path, handle, size), path);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return ToStatus(disk_->Rename(from, to), from);
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                    IODebugContext*) override {
    return ToStatus(disk_->Link(from, to), from);
  }
  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    const Result locked = disk_->Lock(path);
    if (locked == Result::kOk) *lock = new FileLock(path);
    return ToStatus(locked, path);
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<FileLock> owned(static_cast<FileLock*>(lock));
    disk_->Unlock(owned->path());
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/test";
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* logger,
                     IODebugContext*) override {
    *logger = std::make_shared<SilentLogger>();
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* absolute,
                           IODebugContext*) override {
    *absolute = path;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* directory,
                       IODebugContext*) override {
    return ToStatus(disk_->IsDirectory(path, directory), path);
  }

 private:
  using Opener = Result (FaultDisk::*)(const std::string& path, FaultDisk::Handle* file);

  template <typename T, typename Base>
  IOStatus OpenAs(Opener open, const std::string& path, std::unique_ptr<Base>* file) {
    FaultDisk::Handle handle;
    const Result opened = (disk_->*open)(path, &handle);
    if (opened == Result::kOk) *file = std::make_unique<T>(OpenFile{disk_, path, handle});
    return ToStatus(opened, path);
  }

  FaultDisk* const disk_;
};

// After a failed flush RocksDB sleeps a second before anything else. Tests do
// not have it.
class WakefulClock final : public rocksdb::SystemClockWrapper {
 public:
  using SystemClockWrapper::SystemClockWrapper;
  const char* Name() const override { return "dailyfeed.WakefulClock"; }
  void SleepForMicroseconds(int) override { std::this_thread::yield(); }
};

class WakefulEnv final : public rocksdb::EnvWrapper {
 public:
  explicit WakefulEnv(std::unique_ptr<rocksdb::Env> target) : EnvWrapper(std::move(target)) {
    file_system_ = this->target()->GetFileSystem();
    system_clock_ = std::make_shared<WakefulClock>(rocksdb::SystemClock::Default());
  }
  const char* Name() const override { return "dailyfeed.WakefulEnv"; }
};

}  // namespace

FaultEnv::FaultEnv()
    : env_(std::make_unique<WakefulEnv>(
          rocksdb::NewCompositeEnv(std::make_shared<FaultFileSystem>(&disk_)))) {}

FaultEnv::~FaultEnv() = default;

}  // namespace dailyfeed
