#include "adapters/images/store/picture_store.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "adapters/crypto/hmac_sha256.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr std::string_view kSuffix = ".png";
constexpr std::string_view kTemporary = "tmp";
constexpr std::string_view kOwner = "OWNER";
constexpr size_t kPrefixDigits = 2;

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

// Nothing when the file does not exist.
std::optional<uint64_t> SizeOf(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return static_cast<uint64_t>(info.st_size);
}

}  // namespace

std::string ContentHash(std::string_view bytes) {
  const Sha256Digest digest = Sha256(bytes);
  return std::string(digest.data(), digest.size());
}

absl::StatusOr<std::unique_ptr<PictureStore>> PictureStore::Open(PictureStoreOptions options) {
  std::unique_ptr<PictureStore> store(new PictureStore(std::move(options)));
  RETURN_IF_ERROR(store->OpenDirectory());
  return store;
}

absl::Status PictureStore::OpenDirectory() {
  const std::string& path = options_.directory;
  if (path.empty()) return absl::InvalidArgumentError("the directory of pictures is empty");
  RETURN_IF_ERROR(MakeDirectory(path));
  ASSIGN_OR_RETURN(lock_, OpenFile(path, O_RDONLY | O_DIRECTORY));
  RETURN_IF_ERROR(LockFile(lock_, fmt::format("the directory of pictures {}", path)));
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) return FileError(errno, "write in", path);
  RETURN_IF_ERROR(MakeDirectory(TemporaryDirectory()));
  return options_.owner.empty() ? absl::OkStatus() : CheckOwner();
}

absl::Status PictureStore::Put(std::string_view hash, std::string_view bytes) {
  const std::string path = PathOf(hash);
  RETURN_IF_ERROR(EnsureDirectory(hash));
  const absl::StatusOr<std::string> known = ReadFile(path);
  // Another thread may have renamed the file just now and not synced the
  // directory yet: so that sync is never skipped.
  if (!known.ok() || *known != bytes) RETURN_IF_ERROR(Write(bytes, path, &DirectoryFor(hash)));
  RETURN_IF_ERROR(Step("sync directory"));
  return SyncDirectory(DirectoryOf(hash));
}

absl::StatusOr<std::string> PictureStore::Get(std::string_view hash) const {
  return ReadFile(PathOf(hash));
}

absl::Status PictureStore::Remove(std::string_view hash) {
  const std::string path = PathOf(hash);
  Directory& directory = DirectoryFor(hash);
  std::lock_guard lock(directory.mutex);
  const std::optional<uint64_t> size = SizeOf(path);
  RETURN_IF_ERROR(RemoveFile(path));
  if (directory.counted && size) {
    files_.fetch_sub(1, std::memory_order_relaxed);
    bytes_.fetch_sub(*size, std::memory_order_relaxed);
  }
  return absl::OkStatus();
}

absl::Status PictureStore::RemoveLeftOver(std::string_view name) {
  DAILYFEED_CHECK(name.find('/') == std::string_view::npos);
  return RemoveFile(fmt::format("{}/{}", TemporaryDirectory(), name));
}

absl::Status PictureStore::List(absl::FunctionRef<bool(const StoredFile&)> visit) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(options_.directory));
  bool more = true;
  for (const std::string& name : names) {
    if (name != kTemporary && name.size() != kPrefixDigits) continue;
    RETURN_IF_ERROR(
        ListDirectory(name, [&](const StoredFile& file) { return more = visit(file); }));
    if (!more) break;
  }
  return absl::OkStatus();
}

absl::Status PictureStore::ListDirectory(const std::string& name,
                                         absl::FunctionRef<bool(const StoredFile&)> visit) const {
  const std::string path = fmt::format("{}/{}", options_.directory, name);
  const absl::StatusOr<std::vector<std::string>> files = NamesIn(path);
  if (absl::IsNotFound(files.status())) return absl::OkStatus();  // no picture made it yet
  RETURN_IF_ERROR(files.status());
  for (const std::string& file : *files) {
    const std::optional<StoredFile> found = Describe(path, file, name == kTemporary);
    if (found && !visit(*found)) break;
  }
  return absl::OkStatus();
}

absl::Status PictureStore::Count(absl::Duration budget) {
  const absl::Time end = absl::Now() + budget;
  size_t number = directories_counted_;
  for (bool more = true; more && number < kDirectories; ++number, more = absl::Now() < end) {
    Directory& directory = directories_[number];
    std::lock_guard lock(directory.mutex);
    uint64_t files = 0;
    uint64_t bytes = 0;
    const std::string name = fmt::format("{:02x}", number);
    RETURN_IF_ERROR(ListDirectory(name, [&](const StoredFile& file) {
      ++files;
      bytes += file.bytes;
      return true;
    }));
    directory.counted = true;
    files_.fetch_add(files, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    directories_counted_.store(number + 1, std::memory_order_release);
  }
  return absl::OkStatus();
}

PictureUsage PictureStore::Usage() const {
  PictureUsage usage;
  usage.counted = directories_counted_.load(std::memory_order_acquire) == kDirectories;
  usage.files = files_.load(std::memory_order_relaxed);
  usage.bytes = bytes_.load(std::memory_order_relaxed);
  return usage;
}

absl::Status PictureStore::CheckOwner() {
  const std::string path = fmt::format("{}/{}", options_.directory, kOwner);
  const std::string mark = options_.owner + "\n";
  const absl::StatusOr<std::string> found = ReadFile(path);
  if (found.ok() && *found == mark) return absl::OkStatus();
  if (found.ok()) {
    return absl::FailedPreconditionError(fmt::format(
        "the directory of pictures {} belongs to another feed: {} is not the mark of this one",
        options_.directory, path));
  }
  if (!absl::IsNotFound(found.status())) return found.status();
  if (!options_.adopt) return CheckIsEmpty();
  RETURN_IF_ERROR(Write(mark, path, nullptr));
  return SyncDirectory(options_.directory);
}

absl::Status PictureStore::CheckIsEmpty() const {
  bool empty = true;
  RETURN_IF_ERROR(List([&](const StoredFile&) { return empty = false; }));
  if (empty) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("the directory of pictures {} has files but no mark of a feed, so they may "
                  "belong to another feed; the feed it belongs to marks it when it is served",
                  options_.directory));
}

absl::Status PictureStore::Step(std::string_view step) const {
  return options_.on_step ? options_.on_step(step) : absl::OkStatus();
}

std::string PictureStore::TemporaryDirectory() const {
  return fmt::format("{}/{}", options_.directory, kTemporary);
}

std::string PictureStore::DirectoryOf(std::string_view hash) const {
  return fmt::format("{}/{}", options_.directory, Hex(hash.substr(0, kPrefixDigits / 2)));
}

std::string PictureStore::PathOf(std::string_view hash) const {
  DAILYFEED_CHECK(hash.size() == kContentHashBytes);
  return fmt::format("{}/{}{}", DirectoryOf(hash), Hex(hash), kSuffix);
}

// Syncs the parent once a directory and process, because an earlier process may
// have died between making the directory and syncing.
absl::Status PictureStore::EnsureDirectory(std::string_view hash) {
  std::atomic<bool>& ready = DirectoryFor(hash).ready;
  if (ready.load(std::memory_order_acquire)) return absl::OkStatus();
  RETURN_IF_ERROR(MakeDirectory(DirectoryOf(hash)));
  RETURN_IF_ERROR(SyncDirectory(options_.directory));
  ready.store(true, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status PictureStore::Write(std::string_view bytes, const std::string& path,
                                 Directory* directory) {
  const std::string name = BeginWriting();
  const std::string temporary = fmt::format("{}/{}", TemporaryDirectory(), name);
  absl::Status written = WriteTemporary(bytes, temporary);
  if (written.ok()) written = Rename(temporary, path, directory);
  // Nothing remains of a failure; the caller learns of the first one.
  if (!written.ok()) RemoveFile(temporary).IgnoreError();
  std::lock_guard lock(mutex_);
  writing_.erase(name);
  return written;
}

std::string PictureStore::BeginWriting() {
  std::lock_guard lock(mutex_);
  std::string name = fmt::format("{}-{}", ::getpid(), sequence_++);
  writing_.insert(name);
  return name;
}

bool PictureStore::IsBeingWritten(const std::string& name) const {
  std::lock_guard lock(mutex_);
  return writing_.contains(name);
}

absl::Status PictureStore::WriteTemporary(std::string_view bytes, const std::string& temporary) {
  RETURN_IF_ERROR(Step("create"));
  // A process of the same number may have died here: its file goes. Then the
  // name must be new, so that nothing is written through a link that somebody
  // with access to the directory has put there.
  RETURN_IF_ERROR(RemoveFile(temporary));
  ASSIGN_OR_RETURN(const FileDescriptor file,
                   OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW));
  RETURN_IF_ERROR(Step("write"));
  RETURN_IF_ERROR(WriteAll(file, bytes, temporary));
  RETURN_IF_ERROR(Step("sync"));
  if (::fdatasync(file.number()) != 0) return FileError(errno, "sync", temporary);
  return absl::OkStatus();
}

absl::Status PictureStore::Rename(const std::string& from, const std::string& to,
                                  Directory* directory) {
  RETURN_IF_ERROR(Step("rename"));
  std::unique_lock<std::mutex> lock;
  if (directory != nullptr) lock = std::unique_lock(directory->mutex);
  const std::optional<uint64_t> before = SizeOf(to);
  const std::optional<uint64_t> after = SizeOf(from);
  if (::rename(from.c_str(), to.c_str()) != 0) return FileError(errno, "make", to);
  if (directory != nullptr && directory->counted) {
    files_.fetch_add(before ? 0 : 1, std::memory_order_relaxed);
    bytes_.fetch_add(after.value_or(0) - before.value_or(0), std::memory_order_relaxed);
  }
  return absl::OkStatus();
}

std::optional<StoredFile> PictureStore::Describe(const std::string& directory,
                                                 const std::string& name, bool temporary) const {
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

}  // namespace dailyfeed
