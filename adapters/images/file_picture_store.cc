#include "adapters/images/file_picture_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "adapters/crypto/hmac_sha256.h"
#include "adapters/files/files.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr std::string_view kSuffix = ".png";
constexpr std::string_view kTemporary = "tmp";
constexpr std::string_view kOwner = "OWNER";
constexpr size_t kPrefixDigits = 2;

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

absl::Status WriteAll(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(errno, "write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return FileError(errno, "open", path);
  struct stat info;
  if (::fstat(file.number(), &info) != 0) return FileError(errno, "read", path);
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(errno, "read", path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

absl::Status Unlink(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return FileError(errno, "remove", path);
}

std::string Hex(std::string_view bytes) {
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

// The hash that a file name says; nullopt for every other name.
std::optional<std::string> HashOf(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  if (name.size() != 2 * kContentHashBytes ||
      name.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
    return std::nullopt;
  }
  return absl::HexStringToBytes(absl::string_view(name.data(), name.size()));
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// The names in a directory, without "." and ".."; none when it is not there.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (directory == nullptr) {
    if (errno == ENOENT) return names;
    return FileError(errno, "list", path);
  }
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    if (const std::string_view name = entry->d_name; name != "." && name != "..") {
      names.emplace_back(name);
    }
  }
  if (errno != 0) return FileError(errno, "list", path);
  return names;
}

class FilePictureStore final : public PictureStore {
 public:
  explicit FilePictureStore(FilePictureStoreOptions options) : options_(std::move(options)) {}
  ~FilePictureStore() override {
    if (lock_ >= 0) ::close(lock_);
  }

  absl::Status Open() {
    if (options_.directory.empty()) {
      return absl::InvalidArgumentError("the directory of pictures is empty");
    }
    RETURN_IF_ERROR(MakeDirectory(options_.directory));
    lock_ = ::open(options_.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock_ < 0) return FileError(errno, "open", options_.directory);
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return FileError(errno, "lock", options_.directory);
      return absl::FailedPreconditionError(
          fmt::format("the directory of pictures {} is in use", options_.directory));
    }
    if (::access(options_.directory.c_str(), R_OK | W_OK | X_OK) != 0) {
      return FileError(errno, "write in", options_.directory);
    }
    RETURN_IF_ERROR(MakeDirectory(TemporaryDirectory()));
    return options_.owner.empty() ? absl::OkStatus() : CheckOwner();
  }

  absl::Status Put(std::string_view hash, std::string_view bytes) override {
    const std::string directory = DirectoryOf(hash);
    const std::string path = PathOf(hash);
    RETURN_IF_ERROR(EnsureDirectory(hash));
    const absl::StatusOr<std::string> known = ReadAll(path);
    // Written before, or by somebody else just now, who may not be done with
    // syncing the directory.
    if (!known.ok() || *known != bytes) RETURN_IF_ERROR(Write(bytes, path));
    RETURN_IF_ERROR(Step("sync directory"));
    return SyncDirectory(directory);
  }

  absl::StatusOr<std::string> Get(std::string_view hash) const override {
    return ReadAll(PathOf(hash));
  }

  absl::Status Remove(std::string_view hash) override { return Unlink(PathOf(hash)); }

  absl::Status RemoveLeftOver(std::string_view name) override {
    DAILYFEED_CHECK(name.find('/') == std::string_view::npos);
    return Unlink(fmt::format("{}/{}", TemporaryDirectory(), name));
  }

  absl::Status List(absl::FunctionRef<bool(const StoredFile&)> visit) const override {
    ASSIGN_OR_RETURN(const std::vector<std::string> directories, NamesIn(options_.directory));
    for (const std::string& name : directories) {
      const std::string path = fmt::format("{}/{}", options_.directory, name);
      const bool temporary = name == kTemporary;
      if (!temporary && name.size() != kPrefixDigits) continue;
      ASSIGN_OR_RETURN(const std::vector<std::string> files, NamesIn(path));
      for (const std::string& file : files) {
        std::optional<StoredFile> found = Describe(path, file, temporary);
        if (found && !visit(*found)) return absl::OkStatus();
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status CheckOwner() {
    const std::string path = fmt::format("{}/{}", options_.directory, kOwner);
    const std::string mark = options_.owner + "\n";
    const absl::StatusOr<std::string> found = ReadAll(path);
    if (found.ok() && *found == mark) return absl::OkStatus();
    if (found.ok()) {
      return absl::FailedPreconditionError(
          fmt::format("the directory of pictures {} belongs to another feed: {} is not the mark of "
                      "this one",
                      options_.directory, path));
    }
    if (!absl::IsNotFound(found.status())) return found.status();
    if (!options_.adopt) return CheckIsEmpty();
    RETURN_IF_ERROR(Write(mark, path));
    return SyncDirectory(options_.directory);
  }

  absl::Status CheckIsEmpty() const {
    bool empty = true;
    RETURN_IF_ERROR(List([&](const StoredFile&) { return empty = false; }));
    if (empty) return absl::OkStatus();
    return absl::FailedPreconditionError(
        fmt::format("the directory of pictures {} has files but no mark of a feed, so they may "
                    "belong to another feed; the feed it belongs to marks it when it is served",
                    options_.directory));
  }

  absl::Status Step(std::string_view step) const {
    return options_.on_step ? options_.on_step(step) : absl::OkStatus();
  }

  std::string TemporaryDirectory() const {
    return fmt::format("{}/{}", options_.directory, kTemporary);
  }
  std::string DirectoryOf(std::string_view hash) const {
    return fmt::format("{}/{}", options_.directory, Hex(hash.substr(0, kPrefixDigits / 2)));
  }
  std::string PathOf(std::string_view hash) const {
    DAILYFEED_CHECK(hash.size() == kContentHashBytes);
    return fmt::format("{}/{}{}", DirectoryOf(hash), Hex(hash), kSuffix);
  }

  // A directory's own name is on the disk only when its parent is synced: once a
  // directory and process, whoever made it.
  absl::Status EnsureDirectory(std::string_view hash) {
    std::atomic<bool>& ready = ready_[static_cast<uint8_t>(hash[0])];
    if (ready.load(std::memory_order_acquire)) return absl::OkStatus();
    RETURN_IF_ERROR(MakeDirectory(DirectoryOf(hash)));
    RETURN_IF_ERROR(SyncDirectory(options_.directory));
    ready.store(true, std::memory_order_release);
    return absl::OkStatus();
  }

  absl::Status Write(std::string_view bytes, const std::string& path) {
    const std::string name = BeginWriting();
    const std::string temporary = fmt::format("{}/{}", TemporaryDirectory(), name);
    const absl::Status written = WriteAndRename(bytes, temporary, path);
    // Nothing remains of a failure; the first one is what counts.
    if (!written.ok()) static_cast<void>(Unlink(temporary));
    std::lock_guard lock(mutex_);
    writing_.erase(name);
    return written;
  }

  std::string BeginWriting() {
    std::lock_guard lock(mutex_);
    std::string name = fmt::format("{}-{}", ::getpid(), sequence_++);
    writing_.insert(name);
    return name;
  }
  bool IsBeingWritten(const std::string& name) const {
    std::lock_guard lock(mutex_);
    return writing_.contains(name);
  }

  absl::Status WriteAndRename(std::string_view bytes, const std::string& temporary,
                              const std::string& path) {
    RETURN_IF_ERROR(Step("create"));
    const FileDescriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
    if (file.number() < 0) return FileError(errno, "make", temporary);
    RETURN_IF_ERROR(Step("write"));
    RETURN_IF_ERROR(WriteAll(file.number(), bytes, temporary));
    RETURN_IF_ERROR(Step("sync"));
    if (::fdatasync(file.number()) != 0) return FileError(errno, "sync", temporary);
    RETURN_IF_ERROR(Step("rename"));
    if (::rename(temporary.c_str(), path.c_str()) != 0) return FileError(errno, "make", path);
    return absl::OkStatus();
  }

  std::optional<StoredFile> Describe(const std::string& directory, const std::string& name,
                                     bool temporary) const {
    StoredFile file = {.name = name};
    if (temporary && IsBeingWritten(name)) return std::nullopt;
    if (!temporary) {
      const std::optional<std::string> hash = HashOf(name);
      if (!hash) return std::nullopt;  // not ours
      file.hash = *hash;
    }
    struct stat info;
    if (::stat(fmt::format("{}/{}", directory, name).c_str(), &info) != 0) return std::nullopt;
    file.bytes = static_cast<uint64_t>(info.st_size);
    file.modified = absl::TimeFromTimespec(info.st_mtim);
    return file;
  }

  const FilePictureStoreOptions options_;
  int lock_ = -1;
  mutable std::mutex mutex_;
  uint64_t sequence_ = 0;
  std::set<std::string> writing_;                  // temporary names in use
  std::array<std::atomic<bool>, 256> ready_ = {};  // directories, by their prefix
};

}  // namespace

std::string ContentHash(std::string_view bytes) {
  const Sha256Digest digest = Sha256(bytes);
  return std::string(digest.data(), digest.size());
}

absl::StatusOr<std::unique_ptr<PictureStore>> OpenFilePictureStore(
    FilePictureStoreOptions options) {
  auto store = std::make_unique<FilePictureStore>(std::move(options));
  RETURN_IF_ERROR(store->Open());
  return store;
}

}  // namespace dailyfeed
