// A merged segment is byte for byte the one that is built from the same documents.
#include "projections/search/index/segment_merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/ports/memory_store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/reader.h"
#include "projections/search/index/segment_builder.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

constexpr Keyspace kKeyspace = 256;
constexpr Position kMoment = 77;

using Rows = std::map<std::string, std::string>;

class SegmentMergeTest : public ::testing::Test {
 protected:
  // A source with the documents, which count where `counts` says so.
  struct Source {
    std::unique_ptr<Segment> segment;
    std::vector<Document> documents;
    std::vector<bool> counts;
  };

  Document RandomDocument(std::mt19937_64& random, uint64_t id) {
    static const std::vector<std::string> words = {"커피", "김치찌개를", "습니다",   "coffee",
                                                   "a",    "to be",      "ㅋㅋㅋㅋ", "#점심",
                                                   "@kim", "ＡＢ"};
    std::string content;
    for (uint64_t n = 1 + random() % 12; n > 0; --n) {
      content += words[random() % (random() % 2 == 0 ? 3 : words.size())] + " ";
    }
    return {.id = id,
            .created_at = static_cast<TimestampNs>(random() % 1000),
            .author = 1 + random() % 3,
            .text = DocumentText(content)};
  }

  Source MakeSource(std::vector<Document> documents, bool listed, std::mt19937_64& random,
                    uint64_t part_void) {
    SegmentBuilder builder(listed ? SegmentBuilder::Kind::kListed : SegmentBuilder::Kind::kRange);
    std::vector<uint64_t> ids;
    Source source;
    for (const Document& document : documents) {
      builder.Add(document);
      ids.push_back(document.id);
      source.counts.push_back(part_void == 0 || random() % part_void != 0);
    }
    StoreBatch batch;
    const auto info = builder.Write(
        IndexTag::kPosts, next_++, 5, [&](std::string_view key, std::string_view value) {
          batch.Put(KeyspacePrefix(kKeyspace) + std::string(key), value);
          return absl::OkStatus();
        });
    EXPECT_TRUE(info.ok()) << info.status();
    EXPECT_TRUE(store_.Write(std::move(batch)).ok());
    source.segment =
        std::make_unique<Segment>(IndexTag::kPosts, *info, listed ? ids : std::vector<uint64_t>());
    source.documents = std::move(documents);
    return source;
  }

  // Merges, builds, and compares.
  void ExpectSameRows(const std::vector<Source>& sources, bool listed) {
    std::map<uint64_t, Document> left;
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    for (const Source& source : sources) {
      first = std::min(first, source.segment->info().first);
      last = std::max(last, source.segment->info().last);
      for (size_t i = 0; i < source.documents.size(); ++i) {
        if (source.counts[i]) left[source.documents[i].id] = source.documents[i];
      }
    }
    SegmentInfo target = {
        .number = 999, .listed = listed, .first = first, .last = last, .position = kMoment};
    std::vector<uint64_t> ids;
    for (const auto& [id, document] : left) ids.push_back(id);
    if (listed && !ids.empty()) {
      target.first = ids.front();
      target.last = ids.back();
      target.documents = ids.size();
    }
    std::vector<MergeSource> merged_sources;
    for (const Source& source : sources) {
      MergeSource merged = {
          .segment = source.segment.get(),
          .targets = std::vector<uint32_t>(source.segment->info().ordinals(), kLeftOut)};
      for (size_t i = 0; i < source.documents.size(); ++i) {
        if (!source.counts[i]) continue;
        const uint64_t id = source.documents[i].id;
        const auto place = std::lower_bound(ids.begin(), ids.end(), id) - ids.begin();
        merged.targets[*source.segment->OrdinalOf(id)] =
            static_cast<uint32_t>(listed ? place : static_cast<ptrdiff_t>(id - target.first));
      }
      merged_sources.push_back(std::move(merged));
    }
    Rows merged_rows;
    const auto merged = MergeSegments(
        IndexTag::kPosts, target, merged_sources, *rows_, [] { return false; },
        [&](std::string_view key, std::string_view value) {
          merged_rows[std::string(key)] = value;
          return absl::OkStatus();
        });
    ASSERT_TRUE(merged.ok()) << merged.status();
    ASSERT_EQ(merged->has_value(), !left.empty());
    if (left.empty()) return;
    SegmentBuilder builder(listed ? SegmentBuilder::Kind::kListed : SegmentBuilder::Kind::kRange);
    if (!listed) builder.SetRange(first, last);
    for (auto& [id, document] : left) builder.Add(document);
    Rows built_rows;
    const auto built = builder.Write(IndexTag::kPosts, 999, kMoment,
                                     [&](std::string_view key, std::string_view value) {
                                       built_rows[std::string(key)] = value;
                                       return absl::OkStatus();
                                     });
    ASSERT_TRUE(built.ok()) << built.status();
    EXPECT_EQ(**merged, *built);
    EXPECT_EQ(merged_rows, built_rows);
  }

  MemoryStore store_;
  const std::unique_ptr<ProjectionReader> rows_ = NewKeyspaceReader(&store_, kKeyspace);
  uint64_t next_ = 1;
};

TEST_F(SegmentMergeTest, RangesBehindEachOtherAndTheListsThatStandInThem) {
  for (const uint64_t seed : Seeds({1, 2, 3, 4, 5, 6})) {
    SCOPED_TRACE(RepeatWith("//projections/search/index:segment_merge_test", seed));
    std::mt19937_64 random(seed);
    std::vector<Source> sources;
    uint64_t id = 10;
    std::vector<uint64_t> renewed;
    for (uint64_t ranges = 1 + random() % 4; ranges > 0; --ranges) {
      std::vector<Document> documents;
      for (uint64_t n = 1 + random() % 400; n > 0; --n) {
        id += 1 + (random() % 9 == 0 ? random() % 5 : 0);
        documents.push_back(RandomDocument(random, id));
      }
      sources.push_back(MakeSource(std::move(documents), false, random, 1 + random() % 9));
      for (size_t i = 0; i < sources.back().documents.size(); ++i) {
        if (!sources.back().counts[i] && random() % 2 == 0) {
          renewed.push_back(sources.back().documents[i].id);
        }
      }
    }
    if (!renewed.empty()) {
      std::vector<Document> documents;
      for (const uint64_t one : renewed) documents.push_back(RandomDocument(random, one));
      sources.push_back(MakeSource(std::move(documents), true, random, 0));
    }
    ExpectSameRows(sources, /*listed=*/false);
  }
}

TEST_F(SegmentMergeTest, ListsBecomeOneList) {
  for (const uint64_t seed : Seeds({1, 2, 3})) {
    SCOPED_TRACE(RepeatWith("//projections/search/index:segment_merge_test", seed));
    std::mt19937_64 random(seed);
    std::vector<std::vector<Document>> lists(3);
    for (uint64_t id = 1; id < 600; ++id) {
      if (random() % 3 != 0) lists[random() % 3].push_back(RandomDocument(random, id));
    }
    std::vector<Source> sources;
    for (std::vector<Document>& documents : lists) {
      sources.push_back(MakeSource(std::move(documents), true, random, 5));
    }
    ExpectSameRows(sources, /*listed=*/true);
  }
}

TEST_F(SegmentMergeTest, NothingIsWrittenWhenNothingCounts) {
  std::mt19937_64 random(1);
  std::vector<Source> sources;
  sources.push_back(MakeSource({RandomDocument(random, 1), RandomDocument(random, 4)}, false,
                               random, /*part_void=*/1));
  ExpectSameRows(sources, /*listed=*/false);
}

TEST_F(SegmentMergeTest, EndsWhenItIsCancelled) {
  std::mt19937_64 random(1);
  std::vector<Document> documents;
  for (uint64_t id = 1; id < 2000; ++id) documents.push_back(RandomDocument(random, id));
  const Source source = MakeSource(std::move(documents), false, random, 0);
  std::vector<uint32_t> targets(source.segment->info().ordinals());
  for (uint32_t i = 0; i < targets.size(); ++i) targets[i] = i;
  const std::vector<MergeSource> sources = {{source.segment.get(), targets}};
  const auto merged = MergeSegments(
      IndexTag::kPosts, source.segment->info(), sources, *rows_, [] { return true; },
      [](std::string_view, std::string_view) { return absl::OkStatus(); });
  EXPECT_TRUE(absl::IsCancelled(merged.status())) << merged.status();
}

}  // namespace
}  // namespace dailyfeed::search
