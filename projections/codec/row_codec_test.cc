#include "projections/codec/row_codec.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

const std::vector<int64_t> kTimes = {
    std::numeric_limits<int64_t>::min(), -1'000'000'007, -1, 0, 1, 1'760'000'000'000'000'000,
    std::numeric_limits<int64_t>::max()};
const std::vector<uint64_t> kIds = {
    0, 1, 127, 128, 255, 256, (uint64_t{1} << 53) - 1, std::numeric_limits<uint64_t>::max()};

TEST(KeyTest, ByteOrderIsNumberOrder) {
  for (size_t i = 1; i < kTimes.size(); ++i) {
    EXPECT_LT(Key('t').Time(kTimes[i - 1]).bytes(), Key('t').Time(kTimes[i]).bytes());
    EXPECT_GT(Key('t').TimeDescending(kTimes[i - 1]).bytes(),
              Key('t').TimeDescending(kTimes[i]).bytes());
  }
  for (size_t i = 1; i < kIds.size(); ++i) {
    EXPECT_LT(Key('t').Id(kIds[i - 1]).bytes(), Key('t').Id(kIds[i]).bytes());
    EXPECT_GT(Key('t').IdDescending(kIds[i - 1]).bytes(), Key('t').IdDescending(kIds[i]).bytes());
  }
}

TEST(KeyTest, ReadsBackWhatWasBuilt) {
  for (int64_t time : kTimes) {
    for (uint64_t id : kIds) {
      const std::string key =
          Key('x').Id(id).Time(time).TimeDescending(time).IdDescending(id).Take();
      KeyReader reader(key);
      EXPECT_EQ(reader.Id(), id);
      EXPECT_EQ(reader.Time(), time);
      EXPECT_EQ(reader.TimeDescending(), time);
      EXPECT_EQ(reader.IdDescending(), id);
      EXPECT_TRUE(reader.Finish("key").ok());
    }
  }
}

TEST(KeyTest, ShortAndLongKeysAreDataLoss) {
  const std::string key = Key('x').Id(7).Take();
  for (size_t size = 0; size < key.size(); ++size) {
    KeyReader reader(std::string_view(key).substr(0, size));
    reader.Id();
    EXPECT_EQ(reader.Finish("key").code(), absl::StatusCode::kDataLoss) << size;
  }
  const std::string longer = key + "z";
  KeyReader reader(longer);
  EXPECT_EQ(reader.Id(), 7u);
  EXPECT_EQ(reader.Finish("key").code(), absl::StatusCode::kDataLoss);
}

TEST(KeyTest, PrefixEndIsBehindEveryKeyWithThePrefix) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd(std::string("a\xff", 2)), "b");
  EXPECT_EQ(PrefixEnd(std::string("\xff\xff", 2)), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

TEST(RowTest, ReadsBackWhatWasWritten) {
  for (int64_t time : kTimes) {
    for (uint64_t id : kIds) {
      const std::string row =
          RowWriter().Varint(id).Signed(time).Text("").Text(std::string("a\0b", 3)).Take();
      RowReader reader(row);
      EXPECT_EQ(reader.Varint(), id);
      EXPECT_EQ(reader.Signed(), time);
      EXPECT_EQ(reader.Text(), "");
      EXPECT_EQ(reader.Text(), std::string("a\0b", 3));
      EXPECT_TRUE(reader.Finish("row").ok());
    }
  }
}

TEST(RowTest, EveryTruncationIsDataLoss) {
  const std::string row = RowWriter().Varint(300).Signed(-300).Text("hello").Take();
  for (size_t size = 0; size < row.size(); ++size) {
    RowReader reader(std::string_view(row).substr(0, size));
    reader.Varint();
    reader.Signed();
    reader.Text();
    EXPECT_EQ(reader.Finish("row").code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST(RowTest, DamageIsDataLoss) {
  struct Case {
    const char* name;
    std::string row;
  };
  const Case cases[] = {
      {"varint without an end", std::string(11, '\xff')},
      {"varint above 64 bits", std::string(9, '\xff') + '\x02'},
      {"trailing bytes", std::string("\x01\x01", 2)},
  };
  for (const Case& c : cases) {
    RowReader reader(c.row);
    reader.Varint();
    EXPECT_EQ(reader.Finish("row").code(), absl::StatusCode::kDataLoss) << c.name;
  }
  const std::string too_long = RowWriter().Varint(std::numeric_limits<uint64_t>::max()).Take();
  RowReader reader(too_long);
  EXPECT_EQ(reader.Text(), "");
  EXPECT_EQ(reader.Finish("row").code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace dailyfeed
