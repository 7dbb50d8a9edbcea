// What the log on RocksDB promises beyond the contract of every log: opening,
// refusing to open, staying closed to writes after a failure.
#include "adapters/rocksdb/log/rocks_event_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "adapters/rocksdb/database/bytes.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/testing/log_history.h"
#include "adapters/rocksdb/wal/watermark_file.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr char kLog[] = "/log";
constexpr char kHead[] = "/log/HEAD";
constexpr Day kDay = 20261121;
constexpr v1::StreamKind kPost = v1::STREAM_KIND_POST;

class RocksEventLogTest : public testing::Test {
 protected:
  RocksLogOptions Options(bool read_only = false) {
    RocksLogOptions options;
    options.env = env_.env();
    options.read_only = read_only;
    return options;
  }
  absl::StatusOr<std::unique_ptr<EventLog>> Open(bool read_only = false) {
    return OpenRocksEventLog(kLog, Options(read_only));
  }
  // One event a batch, all in one stream.
  static absl::Status Append(EventLog& log, int count) {
    for (int i = 0; i < count; ++i) {
      LogBatchBuilder batch(log.Head() + 1);
      batch.Add(kPost, 1, log.Head() + 1, kDay);
      const absl::Status appended = log.Append(batch.batch());
      if (!appended.ok()) return appended;
    }
    return absl::OkStatus();
  }
  void MakeLog(int events) {
    const auto log = Open();
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_TRUE(Append(**log, events).ok());
  }
  // The log as kill -9 leaves it.
  void MakeKilledLog(int events) {
    auto log = Open();
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_TRUE(Append(**log, events).ok());
    env_.disk().CrashNow(FaultDisk::Crash::kKilled, 0);
    log->reset();
    env_.disk().Restart();
  }
  std::map<std::string, std::string> AllFiles() {
    std::map<std::string, std::string> files;
    for (const std::string& path : env_.disk().FileNames()) files[path] = *env_.disk().Peek(path);
    return files;
  }
  std::string NewestWal() {
    std::string newest;
    for (const std::string& path : env_.disk().FileNames()) {
      if (path.ends_with(".log")) newest = path;
    }
    return newest;
  }
  // Up to the last byte that is not zero; the file is longer (wal_env.h).
  std::string Written(const std::string& wal) {
    std::string bytes = *env_.disk().Peek(wal);
    bytes.resize(bytes.find_last_not_of('\0') + 1);
    return bytes;
  }
  // Opening fails with `code` and all of `words`, and changes nothing.
  void ExpectRefused(absl::StatusCode code, const std::vector<std::string>& words) {
    const auto before = AllFiles();
    for (const bool read_only : {true, false}) {
      const auto log = Open(read_only);
      EXPECT_EQ(log.status().code(), code) << log.status();
      for (const std::string& word : words) {
        EXPECT_NE(log.status().message().find(word), absl::string_view::npos)
            << word << " in: " << log.status();
      }
    }
    auto after = AllFiles();
    after["/log/OWNER"] = before.at("/log/OWNER");
    EXPECT_EQ(after, before);
  }

  FaultEnv env_;
};

TEST_F(RocksEventLogTest, KeepsEverythingAcrossOpenings) {
  const LogHistory history(1, 20);
  for (size_t i = 0; i < history.size(); ++i) {
    const auto log = Open();
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_EQ(history.Compare(**log, i), "");
    ASSERT_TRUE((*log)->Append(history.batch(i)).ok());
  }
  EXPECT_EQ(history.Compare(**Open(), history.size()), "");
  EXPECT_EQ(history.Compare(**Open(/*read_only=*/true), history.size()), "");
}

TEST_F(RocksEventLogTest, AReadOnlyOpenReadsAndChangesNothing) {
  const LogHistory history(2, 20);
  auto log = Open();
  for (size_t i = 0; i < history.size(); ++i) ASSERT_TRUE((*log)->Append(history.batch(i)).ok());
  env_.disk().CrashNow(FaultDisk::Crash::kKilled, 0);
  log->reset();
  env_.disk().Restart();
  const auto before = AllFiles();
  log = Open(/*read_only=*/true);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(history.Compare(**log, history.size()), "");
  EXPECT_EQ(Append(**log, 1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ((*log)->WriteStatus().code(), absl::StatusCode::kFailedPrecondition);
  log->reset();
  auto after = AllFiles();
  after["/log/OWNER"] = before.at("/log/OWNER");
  EXPECT_EQ(after, before);
}

TEST_F(RocksEventLogTest, ThereMustBeALogToReadOnly) {
  EXPECT_EQ(Open(/*read_only=*/true).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(AllFiles().empty());
}

TEST_F(RocksEventLogTest, ASecondOpenInTheProcessIsRefused) {
  const auto log = Open();
  ASSERT_TRUE(log.ok()) << log.status();
  for (const bool read_only : {true, false}) {
    const auto second = Open(read_only);
    EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(second.status().message(),
              fmt::format("/log is in use by another dailyfeed process (pid {}); one process at a "
                          "time may open it",
                          getpid()));
  }
  EXPECT_TRUE(Append(**log, 1).ok());
}

// A second process that holds the log of a directory until Release.
class LogHolder {
 public:
  explicit LogHolder(const std::string& directory) {
    int to_child[2];
    int from_child[2];
    EXPECT_EQ(pipe2(to_child, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(from_child, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
    std::string program = "adapters/rocksdb/testing/hold_log";
    std::string argument = directory;
    char* const words[] = {program.data(), argument.data(), nullptr};
    EXPECT_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(to_child[0]);
    close(from_child[1]);
    release_ = to_child[1];
    char byte = 0;
    holds_ = read(from_child[0], &byte, 1) == 1 && byte == 'o';
    close(from_child[0]);
  }
  ~LogHolder() { Release(); }

  bool holds() const { return holds_; }
  pid_t pid() const { return pid_; }
  void Release() {
    if (release_ < 0) return;
    close(release_);
    release_ = -1;
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
  int release_ = -1;
  bool holds_ = false;
};

TEST(RocksEventLogProcessTest, ASecondProcessIsRefusedAndNamesTheFirst) {
  const std::string directory = testing::TempDir() + "/second_process";
  std::filesystem::remove_all(directory);
  LogHolder first(directory);
  ASSERT_TRUE(first.holds());
  const auto refused = OpenRocksEventLog(directory, {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  const std::string message(refused.status().message());
  EXPECT_NE(message.find(directory), std::string::npos) << message;
  EXPECT_NE(message.find("another dailyfeed process"), std::string::npos) << message;
  EXPECT_NE(message.find(fmt::format("pid {}", first.pid())), std::string::npos) << message;
  first.Release();
  const auto log = OpenRocksEventLog(directory, {});
  EXPECT_TRUE(log.ok()) << log.status();
}

TEST_F(RocksEventLogTest, AWriteAheadLogThatWasCutShortIsDataLoss) {
  MakeKilledLog(20);
  const std::string wal = NewestWal();
  const std::string whole = *env_.disk().Peek(wal);
  const std::string written = Written(wal);
  env_.disk().Poke(wal, written.substr(0, written.size() - 5));
  ExpectRefused(absl::StatusCode::kDataLoss,
                {"ends at position 19", "position 20 was acknowledged", "Nothing was changed"});
  env_.disk().Poke(wal, "");
  ExpectRefused(absl::StatusCode::kDataLoss, {"ends at position 0", "position 20"});
  env_.disk().Poke(wal, whole);
  EXPECT_EQ((*Open())->Head(), 20u);
}

// RocksDB takes zeros for space that was never written and goes on behind them,
// where a block begins with a record.
TEST_F(RocksEventLogTest, AWriteThatBecameZerosIsDataLoss) {
  constexpr size_t kBlockBytes = 32u << 10, kHeaderBytes = 7, kLengthAt = 4, kTypeAt = 6;
  MakeKilledLog(20);
  const std::string wal = NewestWal();
  const std::string whole = *env_.disk().Peek(wal);
  std::vector<std::string> records;
  for (size_t at = 0; at < kBlockBytes && whole[at + kTypeAt] != 0;) {
    const size_t bytes = kHeaderBytes + LoadLittle<uint16_t>(whole.data() + at + kLengthAt);
    records.push_back(whole.substr(at, bytes));
    at += bytes;
  }
  ASSERT_GE(records.size(), 20u);
  const size_t lost = records.size() - 5;
  std::string holed;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i == lost) {
      holed.resize(kBlockBytes, '\0');
    } else {
      holed += records[i];
    }
  }
  env_.disk().Poke(wal, holed);
  ExpectRefused(absl::StatusCode::kDataLoss,
                {"ends at position 15", "position 20 was acknowledged", ".log at byte"});
  env_.disk().Poke(wal, whole);
  EXPECT_EQ((*Open())->Head(), 20u);
}

TEST_F(RocksEventLogTest, DamageBeforeAcknowledgedWritesIsDataLossWithoutHeadToo) {
  MakeKilledLog(20);
  // As after a power loss: HEAD is older than the log.
  const std::string old_head = WatermarkFile::Encode({1, 1});
  env_.disk().Poke(kHead, old_head);
  const std::string wal = NewestWal();
  std::string damaged = Written(wal);
  damaged[damaged.size() / 2] ^= 1;
  env_.disk().Poke(wal, damaged);
  ExpectRefused(absl::StatusCode::kDataLoss,
                {"but writes behind it were acknowledged", "damaged in 0000", ".log at byte"});
}

TEST_F(RocksEventLogTest, ATornLastWriteThatNobodyAcknowledgedIsLeftOut) {
  MakeKilledLog(20);
  const std::string wal = NewestWal();
  const std::string whole = Written(wal);
  // HEAD as it was before the last append.
  std::string head = WatermarkFile::Encode({19, 0});
  for (const std::string& torn : {whole.substr(0, whole.size() - 5),
                                  whole.substr(0, whole.size() - 40) + std::string(40, '\0')}) {
    env_.disk().Poke(wal, torn);
    env_.disk().Poke(kHead, head);
    const auto log = Open(/*read_only=*/true);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ((*log)->Head(), 19u);
  }
  const auto log = Open();
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_TRUE(Append(**log, 3).ok());
  EXPECT_EQ((*log)->Head(), 22u);
}

TEST_F(RocksEventLogTest, HeadMustBeThereOnceThereAreEvents) {
  MakeLog(3);
  const std::string head = *env_.disk().Peek(kHead);
  env_.disk().Remove(kHead);
  ExpectRefused(absl::StatusCode::kDataLoss, {"HEAD is missing", "3 events"});
  FaultDisk::Handle file;
  env_.disk().Create(kHead, &file);
  ExpectRefused(absl::StatusCode::kDataLoss, {"HEAD is damaged"});
  env_.disk().Poke(kHead, head);
  EXPECT_TRUE(Open().ok());
}

TEST_F(RocksEventLogTest, OneSlotOfHeadIsEnough) {
  MakeLog(3);
  const std::string head = *env_.disk().Peek(kHead);
  for (const size_t damaged_slot : {0, 1}) {
    std::string damaged = head;
    damaged[damaged_slot * WatermarkFile::kSlotDistance + 10] ^= 1;
    env_.disk().Poke(kHead, damaged);
    const auto log = Open();
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ((*log)->Head(), 3u);
  }
}

TEST_F(RocksEventLogTest, AnotherVersionOfTheFormatIsRefused) {
  MakeLog(3);
  std::string slot = WatermarkFile::Encode({3, 100});
  slot[4] = 2;
  slot.resize(28);
  slot = WatermarkFile::WithChecksum(slot);
  env_.disk().Poke(kHead, slot);
  ExpectRefused(absl::StatusCode::kFailedPrecondition, {"version 2", "knows version 1"});
}

TEST_F(RocksEventLogTest, AMissingDatabaseIsDataLoss) {
  MakeLog(3);
  env_.disk().Remove("/log/rocksdb/CURRENT");
  ExpectRefused(absl::StatusCode::kDataLoss, {"CURRENT is missing"});
}

TEST_F(RocksEventLogTest, AnInterruptedCreationIsFinished) {
  env_.disk().Record(true);
  MakeLog(0);
  const uint64_t operations = env_.disk().operations();
  for (uint64_t n = 1; n <= operations; n += 9) {
    FaultEnv env;
    RocksLogOptions options;
    options.env = env.env();
    env.disk().CrashAt(n, FaultDisk::Crash::kPowerTorn, n);
    OpenRocksEventLog(kLog, options).status().IgnoreError();
    if (!env.disk().crashed()) continue;
    env.disk().Restart();
    const auto log = OpenRocksEventLog(kLog, options);
    ASSERT_TRUE(log.ok()) << "operation " << n << ": " << log.status();
    EXPECT_TRUE(Append(**log, 2).ok());
  }
}

TEST_F(RocksEventLogTest, AfterAFailedSyncEveryAppendIsRefusedAndReadsGoOn) {
  const auto log = Open();
  ASSERT_TRUE(Append(**log, 5).ok());
  env_.disk().ResetCount();
  env_.disk().Record(true);
  env_.disk().FailAt(2, FaultDisk::Fault::kError, /*and_after=*/false);
  const absl::Status failed = Append(**log, 1);
  ASSERT_TRUE(env_.disk().recorded()[1].starts_with("sync ")) << env_.disk().recorded()[1];
  EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorCodeOf(failed), ErrorCode::kServiceUnavailable);
  EXPECT_NE(failed.message().find("until a restart"), absl::string_view::npos) << failed;
  // The disk is well again; the log does not believe it.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Append(**log, 1), failed);
  EXPECT_EQ((*log)->WriteStatus(), failed);
  EXPECT_EQ((*log)->Head(), 5u);
  int seen = 0;
  EXPECT_TRUE((*log)->Read(1, [&](const v1::Event&) { return ++seen > 0; }).ok());
  EXPECT_EQ(seen, 5);
}

TEST_F(RocksEventLogTest, WhenHeadCannotBeWrittenTheAppendStandsAndIsTheLast) {
  const auto log = Open();
  ASSERT_TRUE(Append(**log, 5).ok());
  env_.disk().ResetCount();
  env_.disk().Record(true);
  env_.disk().FailAt(3, FaultDisk::Fault::kError, /*and_after=*/false);
  EXPECT_TRUE(Append(**log, 1).ok());
  ASSERT_EQ(env_.disk().recorded()[2], "write /log/HEAD");
  EXPECT_EQ((*log)->Head(), 6u);
  EXPECT_EQ(Append(**log, 1).code(), absl::StatusCode::kUnavailable);
}

TEST_F(RocksEventLogTest, ReservedKeysAndNamelessStreamsAreRefused) {
  const auto log = Open();
  const std::string reserved(1, '\0');
  EXPECT_EQ((*log)->Append(LogBatchBuilder(1).Row(reserved, "x").batch()).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*log)->Append(LogBatchBuilder(1).Record(reserved, 1, "x").batch()).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*log)
                ->Append(LogBatchBuilder(1).Add(v1::STREAM_KIND_UNSPECIFIED, 1, 1, kDay).batch())
                .code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*log)->Append(LogBatchBuilder(1).Add(kPost, 1, 1, 0).batch()).code(),
            absl::StatusCode::kInvalidArgument);
  std::string value;
  ASSERT_TRUE(Append(**log, 1).ok());
  EXPECT_FALSE(*(*log)->GetDecisionRow(reserved, &value));
  EXPECT_FALSE(*(*log)->GetIdempotencyRecord(reserved, 0, &value));
}

TEST_F(RocksEventLogTest, ADirectoryNeedsAName) {
  EXPECT_EQ(OpenRocksEventLog("", Options()).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace dailyfeed
