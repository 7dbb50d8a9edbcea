#include "adapters/rocksdb/testing/fault_disk.h"

#include <algorithm>
#include <random>
#include <utility>

#include "core/base/check.h"

namespace dailyfeed {
namespace {

constexpr size_t kSectorBytes = 512;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos || slash == 0) return "/";
  return path.substr(0, slash);
}

// Paths of RocksDB may hold a slash twice or at their end.
std::string Clean(const std::string& path) {
  std::string clean;
  for (const char c : path) {
    if (c == '/' && clean.ends_with('/')) continue;
    clean += c;
  }
  if (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  return clean;
}

// What a file may hold after a power loss: any mix of the sectors that were
// safe and those that were on their way.
std::string Torn(const FaultDisk::File& file, std::mt19937_64& random) {
  switch (random() % 3) {
    case 0:
      return file.synced;
    case 1:  // in order, up to somewhere
      if (!file.rewritten) {
        const size_t unsynced = file.data.size() - file.synced.size();
        return file.data.substr(0, file.synced.size() + random() % (unsynced + 1));
      }
      [[fallthrough]];
    default:
      break;
  }
  const size_t low = std::min(file.synced.size(), file.data.size());
  const size_t high = std::max(file.synced.size(), file.data.size());
  std::string torn = file.synced;
  torn.resize(low + random() % (high - low + 1), '\0');
  for (size_t at = 0; at < torn.size(); at += kSectorBytes) {
    if (random() % 2 == 0 || at >= file.data.size()) continue;
    const size_t size = std::min({kSectorBytes, torn.size() - at, file.data.size() - at});
    torn.replace(at, size, file.data, at, size);
  }
  return torn;
}

}  // namespace

FaultDisk::FaultDisk() {
  auto root = std::make_shared<File>();
  root->directory = true;
  names_["/"] = root;
  safe_names_ = names_;
}

uint64_t FaultDisk::operations() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return operations_;
}

void FaultDisk::Record(bool on) {
  std::lock_guard<std::mutex> lock(mutex_);
  recording_ = on;
}

std::vector<std::string> FaultDisk::recorded() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return recorded_;
}

void FaultDisk::ResetCount() {
  std::lock_guard<std::mutex> lock(mutex_);
  operations_ = 0;
  recorded_.clear();
}

void FaultDisk::FailAt(uint64_t number, Fault fault, bool and_after) {
  std::lock_guard<std::mutex> lock(mutex_);
  fail_at_ = number;
  fault_ = fault;
  fail_after_ = and_after;
  failures_ = 0;
}

uint64_t FaultDisk::failures() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return failures_;
}

void FaultDisk::ClearFaults() {
  std::lock_guard<std::mutex> lock(mutex_);
  fail_at_ = 0;
}

void FaultDisk::SetCapacity(std::optional<uint64_t> bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  capacity_ = bytes;
}

uint64_t FaultDisk::used() const {
  std::lock_guard<std::mutex> lock(mutex_);
  uint64_t used = 0;
  for (const auto& [path, file] : names_) used += file->data.size();
  return used;
}

void FaultDisk::CrashNow(Crash crash, uint64_t seed) {
  std::lock_guard<std::mutex> lock(mutex_);
  CrashLocked(crash, seed);
}

void FaultDisk::CrashAt(uint64_t number, Crash crash, uint64_t seed) {
  std::lock_guard<std::mutex> lock(mutex_);
  crash_at_ = number;
  crash_ = crash;
  crash_seed_ = seed;
}

bool FaultDisk::crashed() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return !powered_;
}

void FaultDisk::CrashLocked(Crash crash, uint64_t seed) {
  DAILYFEED_CHECK(powered_);
  powered_ = false;
  ++epoch_;
  locks_.clear();
  fail_at_ = 0;
  crash_at_ = 0;
  if (crash == Crash::kKilled) {
    KeepEverything();
  } else {
    KeepWhatIsSafe(crash, seed);
  }
}

// The page cache outlives the process: handles die, bytes do not.
void FaultDisk::KeepEverything() {
  std::map<const File*, Handle> copies;
  const auto renew = [&](Handle& file) {
    if (file == nullptr) return;
    Handle& copy = copies[file.get()];
    if (copy == nullptr) copy = std::make_shared<File>(*file);
    copy->epoch = epoch_;
    file = copy;
  };
  for (auto& [path, file] : names_) renew(file);
  for (auto& [path, file] : safe_names_) renew(file);
  for (NameChange& change : unsafe_changes_) renew(change.file);
}

void FaultDisk::KeepWhatIsSafe(Crash crash, uint64_t seed) {
  std::mt19937_64 random(seed);
  Names survivors = safe_names_;
  if (crash == Crash::kPowerTorn) {
    const size_t kept = random() % (unsafe_changes_.size() + 1);
    for (size_t i = 0; i < kept; ++i) Apply(unsafe_changes_[i], &survivors);
  }
  names_.clear();
  for (const auto& [path, file] : survivors) {
    auto survivor = std::make_shared<File>();
    survivor->directory = file->directory;
    survivor->data = crash == Crash::kPowerTorn ? Torn(*file, random) : file->synced;
    survivor->synced = survivor->data;
    survivor->epoch = epoch_;
    names_[path] = survivor;
  }
  DropOrphans();
  safe_names_ = names_;
  unsafe_changes_.clear();
}

void FaultDisk::DropOrphans() {
  // In the order of paths a directory comes before what lies in it.
  for (auto it = names_.begin(); it != names_.end();) {
    const bool orphan = it->first != "/" && !names_.contains(ParentOf(it->first));
    it = orphan ? names_.erase(it) : std::next(it);
  }
}

void FaultDisk::Restart() {
  std::lock_guard<std::mutex> lock(mutex_);
  powered_ = true;
}

std::vector<std::string> FaultDisk::FileNames() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, file] : names_) {
    if (!file->directory) paths.push_back(path);
  }
  return paths;
}

std::optional<std::string> FaultDisk::Peek(const std::string& path) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = names_.find(Clean(path));
  if (found == names_.end()) return std::nullopt;
  return found->second->data;
}

void FaultDisk::Poke(const std::string& path, std::string bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = names_.find(Clean(path));
  DAILYFEED_CHECK(found != names_.end());
  found->second->data = bytes;
  found->second->synced = std::move(bytes);
  found->second->rewritten = false;
}

void FaultDisk::Remove(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  names_.erase(Clean(path));
  safe_names_.erase(Clean(path));
}

FaultDisk::Result FaultDisk::Begin(const char* operation, const std::string& path) {
  ++operations_;
  if (recording_) recorded_.push_back(std::string(operation) + " " + path);
  if (!powered_) return Result::kError;
  const bool told =
      fail_at_ != 0 && (operations_ == fail_at_ || (fail_after_ && operations_ > fail_at_));
  if (!told) return Result::kOk;
  ++failures_;
  return fault_ == Fault::kNoSpace ? Result::kNoSpace : Result::kError;
}

bool FaultDisk::Dead(const Handle& file) const { return file->epoch != epoch_; }

void FaultDisk::Apply(const NameChange& change, Names* names) {
  if (!change.removed.empty()) {
    names->erase(change.removed);
    if (!change.added.empty() && change.file->directory) {
      const std::string inside = change.removed + "/";
      for (auto it = names->lower_bound(inside);
           it != names->end() && it->first.starts_with(inside);) {
        (*names)[change.added + it->first.substr(change.removed.size())] = it->second;
        it = names->erase(it);
      }
    }
  }
  if (!change.added.empty()) (*names)[change.added] = change.file;
}

void FaultDisk::Change(NameChange change) {
  Apply(change, &names_);
  unsafe_changes_.push_back(std::move(change));
}

FaultDisk::Result FaultDisk::Create(const std::string& raw, Handle* file) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("create", path); begun != Result::kOk) return begun;
  if (!names_.contains(ParentOf(path))) return Result::kNotFound;
  *file = std::make_shared<File>();
  (*file)->epoch = epoch_;
  Change({"", path, *file});
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Open(const std::string& raw, Handle* file) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("open", path); begun != Result::kOk) return begun;
  const auto found = names_.find(path);
  if (found == names_.end()) return Result::kNotFound;
  *file = found->second;
  (*file)->epoch = epoch_;
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Read(const std::string& path, const Handle& file, uint64_t offset,
                                  size_t size, char* out, size_t* got) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (const Result begun = Begin("read", path); begun != Result::kOk) return begun;
  if (Dead(file)) return Result::kError;
  const size_t start = std::min<size_t>(offset, file->data.size());
  *got = std::min(size, file->data.size() - start);
  std::copy_n(file->data.data() + start, *got, out);
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Append(const std::string& path, const Handle& file,
                                    std::string_view bytes) {
  uint64_t end = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    end = file->data.size();
  }
  return Write(path, file, end, bytes);
}

FaultDisk::Result FaultDisk::Write(const std::string& path, const Handle& file, uint64_t offset,
                                   std::string_view bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  Result result = Begin("write", path);
  if (!powered_ || Dead(file)) return Result::kError;
  const bool crashes = CrashesNow();
  if (result != Result::kOk || crashes) bytes = bytes.substr(0, bytes.size() / 2);
  if (capacity_ && offset + bytes.size() > file->data.size()) {
    uint64_t used = 0;
    for (const auto& [name, other] : names_) used += other->data.size();
    const uint64_t left = *capacity_ > used ? *capacity_ - used : 0;
    const uint64_t end = std::min(offset + bytes.size(), file->data.size() + left);
    if (end < offset + bytes.size()) {
      bytes = bytes.substr(0, end > offset ? end - offset : 0);
      if (result == Result::kOk) result = Result::kNoSpace;
    }
  }
  if (offset < file->synced.size()) file->rewritten = true;
  if (file->data.size() < offset + bytes.size()) file->data.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), file->data.begin() + static_cast<ptrdiff_t>(offset));
  if (crashes) CrashLocked(crash_, crash_seed_);
  return crashes ? Result::kError : result;
}

FaultDisk::Result FaultDisk::Truncate(const std::string& path, const Handle& file, uint64_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (const Result begun = Begin("truncate", path); begun != Result::kOk) return begun;
  if (Dead(file)) return Result::kError;
  if (size == file->data.size()) return Result::kOk;
  file->data.resize(size);
  file->rewritten = true;
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Sync(const std::string& path, const Handle& file) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (const Result begun = Begin("sync", path); begun != Result::kOk) return begun;
  if (Dead(file)) return Result::kError;
  if (file->rewritten) {
    file->synced = file->data;
  } else {
    file->synced.append(file->data, file->synced.size());
  }
  file->rewritten = false;
  return Result::kOk;
}

FaultDisk::Result FaultDisk::SyncDirectory(const std::string& raw) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("sync directory", path); begun != Result::kOk) return begun;
  std::vector<NameChange> left;
  for (NameChange& change : unsafe_changes_) {
    const std::string& name = change.added.empty() ? change.removed : change.added;
    if (ParentOf(name) == path) {
      Apply(change, &safe_names_);
    } else {
      left.push_back(std::move(change));
    }
  }
  unsafe_changes_ = std::move(left);
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Exists(const std::string& raw) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("look for", path); begun != Result::kOk) return begun;
  return names_.contains(path) ? Result::kOk : Result::kNotFound;
}

FaultDisk::Result FaultDisk::IsDirectory(const std::string& raw, bool* directory) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("look at", path); begun != Result::kOk) return begun;
  const auto found = names_.find(path);
  if (found == names_.end()) return Result::kNotFound;
  *directory = found->second->directory;
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Size(const std::string& raw, uint64_t* size) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("measure", path); begun != Result::kOk) return begun;
  const auto found = names_.find(path);
  if (found == names_.end()) return Result::kNotFound;
  *size = found->second->data.size();
  return Result::kOk;
}

FaultDisk::Result FaultDisk::List(const std::string& raw, std::vector<std::string>* names) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("list", path); begun != Result::kOk) return begun;
  const auto found = names_.find(path);
  if (found == names_.end() || !found->second->directory) return Result::kNotFound;
  names->clear();
  for (const auto& [name, file] : names_) {
    if (name != "/" && ParentOf(name) == path) {
      names->push_back(name.substr(name.find_last_of('/') + 1));
    }
  }
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Delete(const std::string& raw) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("delete", path); begun != Result::kOk) return begun;
  if (!names_.contains(path)) return Result::kNotFound;
  Change({path, "", nullptr});
  return Result::kOk;
}

FaultDisk::Result FaultDisk::MakeDirectory(const std::string& raw) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("make directory", path); begun != Result::kOk) return begun;
  if (!names_.contains(ParentOf(path))) return Result::kNotFound;
  if (names_.contains(path)) return Result::kOk;
  auto directory = std::make_shared<File>();
  directory->directory = true;
  Change({"", path, directory});
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Rename(const std::string& raw_from, const std::string& raw_to) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string from = Clean(raw_from);
  const std::string to = Clean(raw_to);
  if (const Result begun = Begin("rename", from); begun != Result::kOk) return begun;
  const auto found = names_.find(from);
  if (found == names_.end()) return Result::kNotFound;
  if (found->second->directory) {
    // What is not safe yet inside becomes safe under its new name.
    const auto rename = [&](std::string& path) {
      if (path.starts_with(from + "/")) path = to + path.substr(from.size());
    };
    for (NameChange& change : unsafe_changes_) {
      rename(change.removed);
      rename(change.added);
    }
  }
  Change({from, to, found->second});
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Link(const std::string& raw_from, const std::string& raw_to) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string from = Clean(raw_from);
  const std::string to = Clean(raw_to);
  if (const Result begun = Begin("link", from); begun != Result::kOk) return begun;
  const auto found = names_.find(from);
  if (found == names_.end() || !names_.contains(ParentOf(to))) return Result::kNotFound;
  DAILYFEED_CHECK(!found->second->directory && !names_.contains(to));
  Change({"", to, found->second});
  return Result::kOk;
}

FaultDisk::Result FaultDisk::Lock(const std::string& raw) {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::string path = Clean(raw);
  if (const Result begun = Begin("lock", path); begun != Result::kOk) return begun;
  if (!names_.contains(ParentOf(path))) return Result::kNotFound;
  if (!names_.contains(path)) {
    auto file = std::make_shared<File>();
    file->epoch = epoch_;
    Change({"", path, file});
  }
  return locks_.insert(path).second ? Result::kOk : Result::kLocked;
}

void FaultDisk::Unlock(const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  locks_.erase(Clean(path));
}

}  // namespace dailyfeed
