// A small disk in memory that behaves as badly as a real one may: it forgets
// what was not synced when the power goes, fails any operation it is told to,
// and gets full.
//
// The model is the strict reading of POSIX: bytes of a file are safe after a
// sync of the file; its name is safe after a sync of the directory it lies in.
// Everything else may or may not survive, in parts, and in any order within a
// file; names appear and vanish in the order of the operations.
//
// fault_env.h puts it under RocksDB.
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_TESTING_FAULT_DISK_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_TESTING_FAULT_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dailyfeed {

class FaultDisk {
 public:
  enum class Result {
    kOk,
    kNotFound,
    kError,    // told to, or the power is out
    kNoSpace,  // told to, or full
    kLocked,
  };

  // What an operation that fails answers.
  enum class Fault { kError, kNoSpace };

  enum class Crash {
    kKilled,     // kill -9: what was written stays, synced or not
    kPowerLost,  // only what was synced stays
    kPowerTorn,  // besides, any part of what was not synced
  };

  // The bytes of a file, whatever its names.
  struct File {
    std::string data;
    std::string synced;
    bool rewritten = false;  // `synced` is not simply the beginning of `data`
    bool directory = false;
    uint64_t epoch = 0;  // of the power; older handles are dead
  };
  using Handle = std::shared_ptr<File>;

  FaultDisk();

  // --- faults ---

  // Operations so far, since the disk was made or ResetCount was called.
  uint64_t operations() const;
  // "write /log/HEAD", one for each, if recording was asked for.
  void Record(bool on);
  std::vector<std::string> recorded() const;
  void ResetCount();

  // The operation with this number (from 1) fails; with `and_after`, so do all
  // behind it. A write that fails leaves half of its bytes.
  void FailAt(uint64_t number, Fault fault, bool and_after);
  // How often an operation was made to fail.
  uint64_t failures() const;
  void ClearFaults();

  // Bytes in all files; what goes beyond is kNoSpace. nullopt: no limit.
  void SetCapacity(std::optional<uint64_t> bytes);
  uint64_t used() const;

  // The power goes, or the process: from here to Restart every operation
  // fails, then the disk holds what survived. Locks are gone, faults cleared.
  void CrashNow(Crash crash, uint64_t seed);
  void Restart();
  // The same in the middle of the operation with this number (from 1, see
  // ResetCount): a write is half done then. 0: never.
  void CrashAt(uint64_t number, Crash crash, uint64_t seed);
  bool crashed() const;

  // --- behind the scenes, neither counted nor failed ---

  std::vector<std::string> FileNames() const;
  std::optional<std::string> Peek(const std::string& path) const;
  // Changes a file and what is synced of it: rot. The file must exist.
  void Poke(const std::string& path, std::string bytes);
  void Remove(const std::string& path);

  // --- operations, named for the record ---

  Result Create(const std::string& path, Handle* file);
  Result Open(const std::string& path, Handle* file);
  Result Read(const std::string& path, const Handle& file, uint64_t offset, size_t size, char* out,
              size_t* got);
  Result Append(const std::string& path, const Handle& file, std::string_view bytes);
  Result Write(const std::string& path, const Handle& file, uint64_t offset,
               std::string_view bytes);
  Result Truncate(const std::string& path, const Handle& file, uint64_t size);
  Result Sync(const std::string& path, const Handle& file);
  Result SyncDirectory(const std::string& path);
  Result Exists(const std::string& path);
  Result IsDirectory(const std::string& path, bool* directory);
  Result Size(const std::string& path, uint64_t* size);
  Result List(const std::string& path, std::vector<std::string>* names);
  Result Delete(const std::string& path);
  Result MakeDirectory(const std::string& path);
  Result Rename(const std::string& from, const std::string& to);
  Result Link(const std::string& from, const std::string& to);  // a second name of a file
  Result Lock(const std::string& path);
  void Unlock(const std::string& path);

 private:
  using Names = std::map<std::string, Handle>;
  // A change of names that no directory sync has made safe yet.
  struct NameChange {
    std::string removed;  // empty: none
    std::string added;    // empty: none
    Handle file;          // of `added`
  };

  Result Begin(const char* operation, const std::string& path);
  bool CrashesNow() const { return powered_ && crash_at_ != 0 && operations_ == crash_at_; }
  void CrashLocked(Crash crash, uint64_t seed);
  void KeepEverything();
  void KeepWhatIsSafe(Crash crash, uint64_t seed);
  bool Dead(const Handle& file) const;
  void Change(NameChange change);
  static void Apply(const NameChange& change, Names* names);
  void DropOrphans();

  mutable std::mutex mutex_;
  Names names_;
  Names safe_names_;
  std::vector<NameChange> unsafe_changes_;
  std::set<std::string> locks_;
  bool powered_ = true;
  uint64_t epoch_ = 0;
  uint64_t operations_ = 0;
  uint64_t fail_at_ = 0;  // 0: never
  bool fail_after_ = false;
  Fault fault_ = Fault::kError;
  uint64_t failures_ = 0;
  uint64_t crash_at_ = 0;  // 0: never
  Crash crash_ = Crash::kKilled;
  uint64_t crash_seed_ = 0;
  bool recording_ = false;
  std::vector<std::string> recorded_;
  std::optional<uint64_t> capacity_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_TESTING_FAULT_DISK_H_
