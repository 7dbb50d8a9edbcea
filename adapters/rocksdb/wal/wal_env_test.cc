#include "adapters/rocksdb/wal/wal_env.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "adapters/rocksdb/testing/fault_env.h"

namespace dailyfeed {
namespace {

constexpr size_t kBlock = 32u << 10;
constexpr char kWal[] = "/db/000007.log";

class WalEnvTest : public testing::Test {
 protected:
  WalEnvTest() { EXPECT_TRUE(fault_.env()->CreateDirIfMissing("/db").ok()); }

  // RocksDB asks an Env for its file system and opens files there.
  static std::unique_ptr<rocksdb::Env> AsRocksDb(WalEnv& env) {
    return rocksdb::NewCompositeEnv(env.GetFileSystem());
  }
  static std::unique_ptr<rocksdb::WritableFile> Create(WalEnv& env, const std::string& path) {
    std::unique_ptr<rocksdb::WritableFile> file;
    EXPECT_TRUE(AsRocksDb(env)->NewWritableFile(path, &file, rocksdb::EnvOptions()).ok());
    return file;
  }
  uint64_t SizeOf(const std::string& path) { return fault_.disk().Peek(path)->size(); }

  FaultEnv fault_;
};

TEST_F(WalEnvTest, AWriteAheadLogIsLongerThanWhatIsWrittenUntilItIsClosed) {
  WalEnv env(fault_.env(), "/db", kBlock + 1);
  const auto file = Create(env, kWal);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_EQ(SizeOf(kWal), 2 * kBlock);
  EXPECT_EQ(fault_.disk().Peek(kWal)->substr(0, 5), std::string("abc\0\0", 5));
  EXPECT_EQ(env.WalBytes(), 2 * kBlock);
  ASSERT_TRUE(file->Append(std::string(2 * kBlock, 'x')).ok());
  EXPECT_EQ(SizeOf(kWal), 4 * kBlock);
  ASSERT_TRUE(file->Close().ok());
  EXPECT_EQ(SizeOf(kWal), 2 * kBlock + 3);
  EXPECT_EQ(env.WalBytes(), 2 * kBlock + 3);
}

TEST_F(WalEnvTest, OnlyWriteAheadLogsOfItsDirectoryCount) {
  WalEnv env(fault_.env(), "/db/", /*ahead_bytes=*/0);
  ASSERT_TRUE(fault_.env()->CreateDirIfMissing("/copy").ok());
  for (const char* path : {kWal, "/db/000009.sst", "/copy/000007.log"}) {
    const auto file = Create(env, path);
    ASSERT_TRUE(file->Append("abc").ok());
    ASSERT_TRUE(file->Close().ok());
    EXPECT_EQ(SizeOf(path), 3u);
  }
  EXPECT_EQ(env.WalBytes(), 3u);
  ASSERT_TRUE(AsRocksDb(env)->DeleteFile(kWal).ok());
  EXPECT_EQ(env.WalBytes(), 0u);
  // What a recovery finds.
  ASSERT_TRUE(rocksdb::WriteStringToFile(fault_.env(), "abcd", "/db/000011.log").ok());
  EXPECT_EQ(env.WalBytes(), 0u);
  std::string read;
  ASSERT_TRUE(rocksdb::ReadFileToString(AsRocksDb(env).get(), "/db/000011.log", &read).ok());
  EXPECT_EQ(env.WalBytes(), 4u);
}

TEST_F(WalEnvTest, ZerosThatDoNotFitAreDoneWithout) {
  WalEnv env(fault_.env(), "/db", kBlock);
  fault_.disk().SetCapacity(100);
  const auto file = Create(env, kWal);
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_EQ(SizeOf(kWal), 3u);
  ASSERT_TRUE(file->Append("def").ok());
  EXPECT_EQ(*fault_.disk().Peek(kWal), "abcdef");
}

TEST_F(WalEnvTest, OneThreadWritesWhileOthersSyncAndAskForTheSize) {
  WalEnv env(fault_.env(), "/db", kBlock);
  const auto file = Create(env, kWal);
  ASSERT_TRUE(file->IsSyncThreadSafe());
  std::atomic<bool> done{false};
  std::thread other([&] {
    uint64_t last = 0;
    while (!done) {
      EXPECT_TRUE(file->Sync().ok());
      const uint64_t bytes = env.WalBytes();
      EXPECT_GE(bytes, last);
      last = bytes;
    }
  });
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(file->Append(std::string(1000, 'x')).ok());
  done = true;
  other.join();
  EXPECT_GE(env.WalBytes(), 300'000u);
}

}  // namespace
}  // namespace dailyfeed
