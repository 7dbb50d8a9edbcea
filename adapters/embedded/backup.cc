#include "adapters/embedded/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "adapters/embedded/data_directory.h"
#include "adapters/files/files.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarker = "BACKUP";
constexpr std::string_view kFormat = "dailyfeed backup 1";
constexpr std::string_view kIncomplete = ".incomplete";
constexpr std::string_view kSecrets = "secrets";
constexpr size_t kCopyBytes = 256u << 10;

// What both directions need beside the files: when to stop, and where tests do.
struct Steps {
  std::function<bool()> wanted;
  std::function<void(std::string_view step)> on_step;

  absl::Status Next(std::string_view step) const {
    if (on_step) on_step(step);
    if (!wanted || wanted()) return absl::OkStatus();
    return absl::CancelledError("nobody waits for the copy any more");
  }
};

absl::Status Sync(const FileDescriptor& file, const std::string& path) {
  return ::fsync(file.number()) == 0 ? absl::OkStatus() : FileError(errno, "sync", path);
}

absl::Status CopyBytes(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(const FileDescriptor source, OpenFile(from, O_RDONLY));
  ASSIGN_OR_RETURN(const FileDescriptor target, OpenFile(to, O_WRONLY | O_CREAT | O_EXCL));
  std::vector<char> bytes(kCopyBytes);
  for (;;) {
    const ssize_t got = ::read(source.number(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(errno, "read", from);
    if (got == 0) return Sync(target, to);
    RETURN_IF_ERROR(WriteAll(target, {bytes.data(), static_cast<size_t>(got)}, to));
  }
}

// Tables of RocksDB and pictures are never changed once they have their name.
bool NeverChanges(const fs::path& file) {
  return file.extension() == ".sst" || file.extension() == ".png";
}

absl::Status CopyFile(const fs::path& from, const std::string& to) {
  if (NeverChanges(from) && ::link(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return CopyBytes(from.string(), to);
}

// Copies every file of `from` into `to`, which does not exist. Files that vanish
// meanwhile are left out. The names in `skipped` are left out at the top.
absl::Status CopyTree(const std::string& from, const std::string& to, const Steps& steps,
                      std::initializer_list<std::string_view> skipped) {
  RETURN_IF_ERROR(MakeDirectory(to));
  std::error_code error;
  for (fs::directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (std::find(skipped.begin(), skipped.end(), name) != skipped.end()) continue;
    std::error_code vanished;
    const std::string target = to + "/" + name;
    if (it->is_directory(vanished)) {
      RETURN_IF_ERROR(CopyTree(it->path().string(), target, steps, {}));
    } else if (it->is_regular_file(vanished)) {
      RETURN_IF_ERROR(steps.Next(target));
      const absl::Status copied = CopyFile(it->path(), target);
      if (!copied.ok() && !(absl::IsNotFound(copied) && !fs::exists(it->path(), vanished))) {
        return copied;
      }
    }
  }
  if (error) return FileError(error.value(), "read", from);
  return SyncDirectory(to);
}

absl::StatusOr<BackupPart> Count(std::string_view name, const std::string& directory) {
  BackupPart part{.name = std::string(name)};
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_regular_file(error)) continue;
    ++part.files;
    part.bytes += it->file_size(error);
  }
  if (error) return FileError(error.value(), "read", directory);
  return part;
}

bool IsEmptyOrMissing(const std::string& directory) {
  std::error_code error;
  return !fs::exists(directory, error) || fs::is_empty(directory, error);
}

absl::Status WriteMarker(const std::string& directory, const BackupReport& report) {
  std::string text = fmt::format("{}\nhead {}\n", kFormat, report.head);
  for (const BackupPart& part : report.parts) {
    text += fmt::format("{} {} {}\n", part.name, part.files, part.bytes);
  }
  const std::string path = fmt::format("{}/{}", directory, kMarker);
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path, O_WRONLY | O_CREAT | O_EXCL));
  RETURN_IF_ERROR(WriteAll(file, text, path));
  RETURN_IF_ERROR(Sync(file, path));
  return SyncDirectory(directory);
}

absl::StatusOr<BackupReport> ReadMarker(const std::string& directory) {
  const std::string path = fmt::format("{}/{}", directory, kMarker);
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        fmt::format("{} is no backup of dailyfeed: it has no {} in it", directory, kMarker));
  }
  RETURN_IF_ERROR(text.status());
  const absl::Status damaged = absl::DataLossError(path + " is damaged, or of a later version");
  BackupReport report;
  const std::vector<std::string> lines = absl::StrSplit(*text, '\n');
  if (lines.size() < 3 || lines[0] != kFormat || !lines.back().empty()) return damaged;
  for (size_t i = 1; i + 1 < lines.size(); ++i) {
    const std::vector<std::string> words = absl::StrSplit(lines[i], ' ');
    BackupPart part{.name = words[0]};
    if (words[0] == "head" && words.size() == 2 && absl::SimpleAtoi(words[1], &report.head)) {
      continue;
    }
    if (words.size() != 3 || !absl::SimpleAtoi(words[1], &part.files) ||
        !absl::SimpleAtoi(words[2], &part.bytes)) {
      return damaged;
    }
    report.parts.push_back(std::move(part));
  }
  return report;
}

const BackupPart* FindPart(const BackupReport& report, std::string_view name) {
  const auto found = std::find_if(report.parts.begin(), report.parts.end(),
                                  [name](const BackupPart& part) { return part.name == name; });
  return found == report.parts.end() ? nullptr : &*found;
}

// The part of the backup in `directory`, when all of it is there.
absl::StatusOr<BackupPart> WholePart(const std::string& directory, const BackupReport& report,
                                     std::string_view name) {
  const BackupPart* const part = FindPart(report, name);
  if (part == nullptr) {
    return absl::NotFoundError(fmt::format("the backup in {} has no {}/", directory, name));
  }
  ASSIGN_OR_RETURN(const BackupPart found, Count(name, fmt::format("{}/{}", directory, name)));
  if (found.files != part->files || found.bytes != part->bytes) {
    return absl::DataLossError(fmt::format(
        "the backup in {} is not whole: {}/ has {} files of {} bytes, it was made with {} of {}",
        directory, name, found.files, found.bytes, part->files, part->bytes));
  }
  return found;
}

// A directory that gets its name when it is complete.
class Staging {
 public:
  // `replace`: a backup of that name gives way.
  static absl::StatusOr<std::unique_ptr<Staging>> Make(std::string final_path, bool replace) {
    while (final_path.size() > 1 && final_path.back() == '/') final_path.pop_back();
    if (!IsEmptyOrMissing(final_path)) {
      if (!replace) {
        return absl::FailedPreconditionError(
            fmt::format("{} is not empty; a backup goes into a directory of its own", final_path));
      }
      RETURN_IF_ERROR(ReadMarker(final_path).status());
    }
    const std::string path = final_path + std::string(kIncomplete);
    RETURN_IF_ERROR(MakeDirectory(path));
    ASSIGN_OR_RETURN(FileDescriptor lock, OpenFile(path, O_RDONLY | O_DIRECTORY));
    const absl::Status locked = LockFile(lock, path);
    if (absl::IsFailedPrecondition(locked)) {
      return absl::FailedPreconditionError(
          fmt::format("another backup is being written to {}", final_path));
    }
    RETURN_IF_ERROR(locked);
    // What an interrupted backup left.
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path, error)) fs::remove_all(entry, error);
    if (error) return FileError(error.value(), "empty", path);
    return std::unique_ptr<Staging>(new Staging(std::move(final_path), path, std::move(lock)));
  }
  ~Staging() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }

  const std::string& path() const { return path_; }

  absl::Status Commit() {
    const bool exists = !IsEmptyOrMissing(final_path_);
    const int renamed = ::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, final_path_.c_str(),
                                    exists ? RENAME_EXCHANGE : 0);
    if (renamed != 0) return FileError(errno, "rename a backup to", final_path_);
    // After an exchange the former backup has the name of the incomplete one.
    if (!exists) path_.clear();
    const fs::path parent = fs::path(final_path_).parent_path();
    return SyncDirectory(parent.empty() ? "." : parent.string());
  }

 private:
  Staging(std::string final_path, std::string path, FileDescriptor lock)
      : final_path_(std::move(final_path)), path_(std::move(path)), lock_(std::move(lock)) {}

  const std::string final_path_;
  std::string path_;  // empty once it has its name
  const FileDescriptor lock_;
};

absl::Status AddPart(std::string_view name, const std::string& staging, BackupReport* report) {
  ASSIGN_OR_RETURN(BackupPart part, Count(name, fmt::format("{}/{}", staging, name)));
  report->parts.push_back(std::move(part));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BackupReport> WriteBackup(const BackupSources& sources,
                                         const BackupOptions& options) {
  const Steps steps{options.wanted, options.on_step};
  const bool apart = !options.secrets_to.empty();
  ASSIGN_OR_RETURN(const auto staging, Staging::Make(options.to, /*replace=*/false));
  std::unique_ptr<Staging> secrets_staging;
  if (apart) {
    ASSIGN_OR_RETURN(secrets_staging, Staging::Make(options.secrets_to, /*replace=*/true));
  }
  const std::string& secrets_path = apart ? secrets_staging->path() : staging->path();

  BackupReport report{.head = sources.head};
  RETURN_IF_ERROR(steps.Next("log"));
  // Made here, because RocksDB makes directories that everybody may read.
  RETURN_IF_ERROR(MakeDirectory(staging->path() + "/log"));
  RETURN_IF_ERROR(sources.copy_log(staging->path() + "/log"));
  RETURN_IF_ERROR(AddPart("log", staging->path(), &report));
  RETURN_IF_ERROR(steps.Next("pictures"));
  RETURN_IF_ERROR(
      CopyTree(sources.pictures, staging->path() + "/pictures", steps, {"tmp", "LOCK"}));
  RETURN_IF_ERROR(AddPart("pictures", staging->path(), &report));
  RETURN_IF_ERROR(steps.Next("secrets"));
  RETURN_IF_ERROR(MakeDirectory(secrets_path + "/secrets"));
  RETURN_IF_ERROR(sources.copy_secrets(secrets_path + "/secrets"));
  BackupReport secrets{.head = sources.head};
  RETURN_IF_ERROR(AddPart(kSecrets, secrets_path, apart ? &secrets : &report));
  RETURN_IF_ERROR(steps.Next("marker"));
  RETURN_IF_ERROR(WriteMarker(staging->path(), report));
  if (apart) {
    // First: a backup without its secrets could not be restored.
    RETURN_IF_ERROR(WriteMarker(secrets_path, secrets));
    RETURN_IF_ERROR(steps.Next("rename secrets"));
    RETURN_IF_ERROR(secrets_staging->Commit());
    report.parts.push_back(secrets.parts.front());
  }
  RETURN_IF_ERROR(steps.Next("rename"));
  RETURN_IF_ERROR(staging->Commit());
  return report;
}

absl::StatusOr<BackupReport> Restore(const RestoreOptions& options) {
  const Steps steps{{}, options.on_step};
  const std::string& secrets_from =
      options.secrets_from.empty() ? options.from : options.secrets_from;
  ASSIGN_OR_RETURN(const BackupReport backup, ReadMarker(options.from));
  ASSIGN_OR_RETURN(const BackupReport secrets, ReadMarker(secrets_from));
  if (secrets.head < backup.head) {
    return absl::FailedPreconditionError(
        fmt::format("the secrets in {} are older than the log in {}: members who signed up in "
                    "between would lose their profile",
                    secrets_from, options.from));
  }
  BackupReport report{.head = backup.head};
  for (const std::string_view name : {"log", "pictures"}) {
    ASSIGN_OR_RETURN(BackupPart part, WholePart(options.from, backup, name));
    report.parts.push_back(std::move(part));
  }
  ASSIGN_OR_RETURN(BackupPart part, WholePart(secrets_from, secrets, kSecrets));
  report.parts.push_back(std::move(part));

  ASSIGN_OR_RETURN(const auto restoring, RestoringDirectory::Begin(options.data_directory));
  for (const BackupPart& each : report.parts) {
    const std::string& from = each.name == kSecrets ? secrets_from : options.from;
    RETURN_IF_ERROR(CopyTree(fmt::format("{}/{}", from, each.name),
                             fmt::format("{}/{}", options.data_directory, each.name), steps, {}));
  }
  RETURN_IF_ERROR(steps.Next("end"));
  RETURN_IF_ERROR(restoring->End());
  return report;
}

}  // namespace dailyfeed
