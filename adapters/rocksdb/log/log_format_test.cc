// The bytes of the log, row by row, against testdata/log-format/. The files
// are named on the command line; docs/reference/log-format.md explains them.
#include "adapters/rocksdb/log/log_format.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/rocksdb/database/crc32c.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/testing/fault_env.h"
#include "adapters/rocksdb/wal/watermark_file.h"
#include "core/ports/contracts/log_batch_builder.h"

namespace dailyfeed {
namespace {

std::map<std::string, std::string>& GoldenFiles() {
  static auto* const files = new std::map<std::string, std::string>();
  return *files;
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

// Three small batches: two streams, two days with one of them twice, rows that
// come and go, two idempotency records.
std::unique_ptr<EventLog> WriteLog(FaultEnv& env) {
  RocksLogOptions options;
  options.env = env.env();
  auto log = OpenRocksEventLog("/log", options).value();
  LogBatchBuilder first(1);
  first.Add(v1::STREAM_KIND_POST, 41, 1, 20261121).Add(v1::STREAM_KIND_POST_LIKES, 41, 1, 20261121);
  first.Row("a", "1").Row("b", "2").Record("member/7 k", 1000, "first");
  LogBatchBuilder second(3);
  second.Add(v1::STREAM_KIND_POST, 41, 2, 20261122).Add(v1::STREAM_KIND_POST, 41, 3, 20261121);
  second.NoRow("b").Row("c", "");
  LogBatchBuilder third(5);
  third.Record("member/7 k2", -1, "");
  for (const LogBatchBuilder* batch : {&first, &second, &third}) {
    EXPECT_TRUE(log->Append(batch->batch()).ok());
  }
  return log;
}

// "<family> <key> <value>", both in hexadecimal, a row a line.
std::string Dump(FaultEnv& env) {
  rocksdb::Options options;
  options.env = env.env();
  std::vector<std::string> names;
  EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(options, "/log/rocksdb", &names).ok());
  std::sort(names.begin(), names.end());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.push_back({name, options});
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(options, "/log/rocksdb", families, &handles, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  std::string dump;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::unique_ptr<rocksdb::Iterator> row(db->NewIterator({}, handles[i]));
    for (row->SeekToFirst(); row->Valid(); row->Next()) {
      dump += fmt::format("{} {} {}\n", names[i], Hex(row->key().ToStringView()),
                          Hex(row->value().ToStringView()));
    }
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handles[i]).ok());
  }
  return dump;
}

TEST(LogFormatTest, RowsAreTheGoldenOnes) {
  FaultEnv env;
  WriteLog(env).reset();
  EXPECT_EQ(Dump(env), GoldenFiles()["rows.v1.txt"]);
}

TEST(LogFormatTest, HeadIsTheGoldenOne) {
  EXPECT_EQ(Hex(WatermarkFile::Encode({0x0102030405060708, 0x1112131415161718})) + "\n",
            GoldenFiles()["head.v1.hex"]);
}

TEST(LogFormatTest, ChecksumIsCastagnolis) {
  // RFC 3720, B.4.
  EXPECT_EQ(Crc32c(0, std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(0, std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c(0, "123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(Crc32c(0, "1234"), "56789"), 0xe3069283u);
  EXPECT_EQ(MaskCrc(0), 0xa282ead8u);
}

}  // namespace
}  // namespace dailyfeed

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    std::ifstream stream(path, std::ios::binary);
    dailyfeed::GoldenFiles()[path.substr(path.rfind('/') + 1)] = {
        std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  return RUN_ALL_TESTS();
}
