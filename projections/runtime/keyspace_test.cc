#include "projections/runtime/keyspace.h"

#include <gtest/gtest.h>

namespace dailyfeed {
namespace {

using namespace std::string_literals;

// docs/reference/views-format.md promises these bytes.
TEST(KeyspaceTest, KeysHaveTheDocumentedBytes) {
  EXPECT_EQ(KeyspacePrefix(256), "\0\0\x01\0"s);
  EXPECT_EQ(KeyspacePrefix(0x01020304), "\x01\x02\x03\x04"s);
  EXPECT_EQ(StoreRecordKey(), "\0\0\0\0S"s);
  EXPECT_EQ(ProjectionRecordKey("posts"), "\0\0\0\0Pposts"s);
  EXPECT_EQ(CheckpointKey(257), "\0\0\0\0C\0\0\x01\x01"s);
  EXPECT_EQ(ParkedRecordKey(257, "post/4"), "\0\0\0\0K\0\0\x01\x01post/4"s);
  EXPECT_EQ(ParkedEventKey(257, "post/4", 0x0102),
            "\0\0\0\0E\0\0\x01\x01\0\0\0\x06post/4\0\0\0\0\0\0\x01\x02"s);
}

TEST(KeyspaceTest, RangesHoldTheirKeysAndNoOthers) {
  const auto holds = [](const KeyRange& range, const std::string& key) {
    return range.lower <= key && key < range.upper;
  };
  EXPECT_TRUE(holds(KeyspaceRange(256), KeyspacePrefix(256)));
  EXPECT_TRUE(holds(KeyspaceRange(256), KeyspacePrefix(256) + std::string(100, '\xff')));
  EXPECT_FALSE(holds(KeyspaceRange(256), KeyspacePrefix(257)));
  EXPECT_FALSE(holds(KeyspaceRange(256), KeyspacePrefix(255) + "\xff"));

  EXPECT_TRUE(holds(ParkedRecordRange(256), ParkedRecordKey(256, "\xff\xff")));
  EXPECT_FALSE(holds(ParkedRecordRange(256), ParkedRecordKey(257, "")));

  EXPECT_TRUE(holds(ParkedEventRange(256), ParkedEventKey(256, "a", 1)));
  EXPECT_TRUE(holds(ParkedEventRange(256, "a"), ParkedEventKey(256, "a", 1)));
  EXPECT_TRUE(holds(ParkedEventRange(256, "a"), ParkedEventKey(256, "a", uint64_t{1} << 63)));
  EXPECT_FALSE(holds(ParkedEventRange(256, "a"), ParkedEventKey(256, "ab", 1)));
  EXPECT_FALSE(holds(ParkedEventRange(256, "a"), ParkedEventKey(256, "", 1)));
}

TEST(KeyspaceTest, ParsesWhatItMade) {
  EXPECT_EQ(ParkedRecordName(ParkedRecordKey(256, "post/4")), "post/4");
  const std::string row = ParkedEventKey(256, "post/4"s + '\0', 77);
  const auto name = ParseParkedEventKey(row);
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->key, "post/4"s + '\0');
  EXPECT_EQ(name->position, 77u);
  for (size_t size = 0; size < row.size(); ++size) {
    EXPECT_FALSE(ParseParkedEventKey(std::string_view(row).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(ParseParkedEventKey(row + "x").has_value());
}

}  // namespace
}  // namespace dailyfeed
