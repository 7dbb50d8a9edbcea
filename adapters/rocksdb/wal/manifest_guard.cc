#include "adapters/rocksdb/wal/manifest_guard.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <charconv>
#include <utility>
#include <vector>

#include "adapters/rocksdb/database/rocks_files.h"
#include "adapters/rocksdb/database/rocks_status.h"
#include "adapters/rocksdb/wal/wal_audit.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr std::string_view kManifestPrefix = "MANIFEST-";

std::string GuardPath(const std::string& directory) { return directory + "/GUARD"; }

// "MANIFEST-000005" -> 5; 0 when it is nothing of the kind.
uint64_t ManifestNumber(std::string_view name) {
  if (!name.starts_with(kManifestPrefix)) return 0;
  name.remove_prefix(kManifestPrefix.size());
  uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  return parsed.ptr == name.data() + name.size() ? number : 0;
}

// The name of the MANIFEST that the database uses.
absl::StatusOr<std::string> CurrentManifest(rocksdb::Env* env, const std::string& database_path) {
  const std::string current_path = database_path + "/CURRENT";
  std::string name;
  const rocksdb::Status read = rocksdb::ReadFileToString(env, current_path, &name);
  if (!read.ok()) return FromRocks(read, fmt::format("cannot read {}", current_path));
  while (name.ends_with('\n')) name.pop_back();
  if (ManifestNumber(name) != 0) return name;
  return absl::DataLossError(
      fmt::format("{} is damaged: it names no MANIFEST. Nothing was changed", current_path));
}

}  // namespace

absl::Status ManifestGuard::WriteFor(rocksdb::Env* env, const std::string& directory,
                                     const std::string& database_path) {
  ASSIGN_OR_RETURN(const std::string name, CurrentManifest(env, database_path));
  const std::string path = database_path + "/" + name;
  uint64_t size = 0;
  RETURN_IF_ERROR(FromRocks(env->GetFileSize(path, &size), fmt::format("cannot look at {}", path)));
  return WatermarkFile::Create(env, GuardPath(directory), {ManifestNumber(name), size});
}

absl::Status ManifestGuard::Check(rocksdb::Env* env, const std::string& directory,
                                  const std::string& database_path) {
  ASSIGN_OR_RETURN(const Watermark noted, WatermarkFile::Read(env, GuardPath(directory)));
  ASSIGN_OR_RETURN(const std::string name, CurrentManifest(env, database_path));
  const uint64_t number = ManifestNumber(name);
  if (number > noted.number) return absl::OkStatus();  // a newer one, made at an opening
  if (number < noted.number) {
    return absl::DataLossError(fmt::format(
        "{}/CURRENT names {}, which was replaced by MANIFEST-{:06}. Nothing was changed",
        database_path, name, noted.number));
  }
  ASSIGN_OR_RETURN(const uint64_t sound, SoundBytes(env, database_path + "/" + name));
  if (sound >= noted.extent) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{}/{} is damaged: it is sound up to byte {} of {}. Nothing was changed",
                  database_path, name, sound, noted.extent));
}

ManifestGuard::ManifestGuard(rocksdb::Env* env, const std::string& directory,
                             std::shared_ptr<FailStop> fail_stop)
    : env_(env), directory_(directory), fail_stop_(std::move(fail_stop)) {}

absl::Status ManifestGuard::Start(rocksdb::DB* db) {
  std::lock_guard<std::mutex> lock(mutex_);
  ASSIGN_OR_RETURN(const bool exists, FileExists(env_, GuardPath(directory_)));
  if (!exists) {
    RETURN_IF_ERROR(WatermarkFile::Create(env_, GuardPath(directory_), {}));
    RETURN_IF_ERROR(SyncDirectory(env_, directory_));
  }
  ASSIGN_OR_RETURN(file_, WatermarkFile::Open(env_, GuardPath(directory_)));
  return Note(db);
}

void ManifestGuard::Follow(rocksdb::DB* db) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (file_ == nullptr) return;
  if (absl::Status noted = Note(db); !noted.ok()) fail_stop_->Trip(std::move(noted)).IgnoreError();
}

absl::Status ManifestGuard::Note(rocksdb::DB* db) {
  std::vector<std::string> files;
  uint64_t size = 0;
  const rocksdb::Status listed = db->GetLiveFiles(files, &size, /*flush_memtable=*/false);
  if (!listed.ok()) return FromRocksWrite(listed, "noting the size of the MANIFEST");
  for (const std::string& file : files) {
    const std::string_view name = std::string_view(file).substr(file.starts_with('/') ? 1 : 0);
    const uint64_t number = ManifestNumber(name);
    if (number != 0) return file_->Write({number, size});
  }
  return absl::OkStatus();
}

}  // namespace dailyfeed
