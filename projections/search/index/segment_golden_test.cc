// The bytes of a segment, row by row, against testdata/search-format/. The file is
// named on the command line; docs/reference/search-format.md explains it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/ports/memory_store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/reader.h"
#include "projections/search/index/search.h"
#include "projections/search/index/segment_builder.h"

namespace dailyfeed::search {
namespace {

constexpr Keyspace kKeyspace = 256;
constexpr uint64_t kSegment = 7;
constexpr std::string_view kManifest = "m";  // for its key in the file

std::string& GoldenFile() {
  static auto* const file = new std::string();
  return *file;
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// Two languages, a tag, a mention, a strict form of its own, an id without a
// document; and one word so often that its lists have rows of their own.
std::string WriteSegment() {
  SegmentBuilder builder(SegmentBuilder::Kind::kRange);
  const std::vector<std::string> contents = {"오늘 점심은 김치찌개와 커피 #점심",
                                             "to be or not to be", "@kim ＡＢＣ coffee",
                                             "ㅋㅋㅋㅋ 😀"};
  uint64_t id = 41;
  for (const std::string& content : contents) {
    builder.Add({.id = id,
                 .created_at = static_cast<TimestampNs>(1'000'000'000 * id),
                 .author = 3 + id % 2,
                 .text = DocumentText(content)});
    id += id == 42 ? 2 : 1;
  }
  for (; id < 900; ++id) {
    builder.Add({.id = id,
                 .created_at = static_cast<TimestampNs>(1'000'000'000 * id),
                 .author = 5,
                 .text = "가나다 abc"});
  }
  std::string rows;
  const auto info = builder.Write(IndexTag::kPosts, kSegment, /*position=*/1234,
                                  [&](std::string_view key, std::string_view value) {
                                    rows += fmt::format("{} {}\n", Hex(key), Hex(value));
                                    return absl::OkStatus();
                                  });
  EXPECT_TRUE(info.ok()) << info.status();
  return rows + fmt::format("{} {}\n", Hex(kManifest), Hex(EncodeSegmentInfo(*info)));
}

TEST(SegmentGoldenTest, TheBytesAreThoseOfVersionOne) {
  const std::string written = WriteSegment();
  EXPECT_TRUE(written == GoldenFile())
      << "the format has changed: a new version, and a new file with:\n"
      << written;
}

TEST(SegmentGoldenTest, VersionOneIsRead) {
  MemoryStore store;
  StoreBatch batch;
  SegmentInfo info;
  std::istringstream lines(GoldenFile());
  std::string key;
  std::string value;
  while (lines >> key >> value) {
    if (Bytes(key) == kManifest) {
      info = DecodeSegmentInfo(kSegment, Bytes(value)).value();
    } else {
      batch.Put(KeyspacePrefix(kKeyspace) + Bytes(key), Bytes(value));
    }
  }
  ASSERT_TRUE(store.Write(std::move(batch)).ok());
  const auto rows = NewKeyspaceReader(&store, kKeyspace);
  auto view = std::make_shared<SegmentView>();
  view->ranges.push_back({.segment = std::make_shared<const Segment>(IndexTag::kPosts, info,
                                                                     std::vector<uint64_t>())});
  const auto total = [&](std::u32string_view word) {
    const TextQuery query = KeywordQuery({std::u32string(word)}, word);
    return Search(query, {.segments = view}, *rows, {}).value().total;
  };
  EXPECT_EQ(total(U"치찌"), 1u);
  EXPECT_EQ(total(U"#점심"), 1u);
  EXPECT_EQ(total(U"or not"), 1u);
  EXPECT_EQ(total(U"가나다"), 854u);
  EXPECT_EQ(total(U"abc"), 854u) << "a keyword does not look through full width";
  EXPECT_EQ(total(U"없다"), 0u);
}

}  // namespace
}  // namespace dailyfeed::search

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 2) {
    std::ifstream file(argv[1]);
    dailyfeed::search::GoldenFile().assign(std::istreambuf_iterator<char>(file), {});
  }
  return RUN_ALL_TESTS();
}
