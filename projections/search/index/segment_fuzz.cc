// Any bytes, with the right digest, as a row of a segment or as its manifest: refused
// as damage, or answered, and nothing else. The first byte chooses the row.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/check.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/reader.h"
#include "projections/search/index/row_digest.h"
#include "projections/search/index/search.h"
#include "projections/search/index/segment_builder.h"
#include "projections/search/index/segment_merge.h"

namespace dailyfeed::search {
namespace {

constexpr Keyspace kKeyspace = 256;

// A segment in which some lists have rows of their own.
struct Fixture {
  Fixture() {
    SegmentBuilder builder(SegmentBuilder::Kind::kRange);
    for (uint64_t id = 1; id <= 700; ++id) {
      const std::string content = id % 3 == 0 ? "김치찌개를 먹었습니다 #점심" : "to be or not";
      builder.Add({.id = id,
                   .created_at = static_cast<TimestampNs>(id),
                   .author = 1 + id % 5,
                   .text = DocumentText(content)});
    }
    StoreBatch batch;
    const auto written =
        builder.Write(IndexTag::kPosts, 7, 5, [&](std::string_view key, std::string_view value) {
          batch.Put(KeyspacePrefix(kKeyspace) + std::string(key), value);
          keys.emplace_back(key);
          return absl::OkStatus();
        });
    DAILYFEED_CHECK(written.ok());
    info = *written;
    DAILYFEED_CHECK(store.Write(std::move(batch)).ok());
  }

  void Put(const std::string& key, std::string_view value) {
    StoreBatch batch;
    batch.Put(KeyspacePrefix(kKeyspace) + key, value);
    DAILYFEED_CHECK(store.Write(std::move(batch)).ok());
  }

  MemoryStore store;
  const std::unique_ptr<ProjectionReader> rows = NewKeyspaceReader(&store, kKeyspace);
  std::vector<std::string> keys;
  SegmentInfo info;
};

void ExpectDamageAtMost(const absl::Status& status) {
  DAILYFEED_CHECK(status.ok() || absl::IsDataLoss(status));
}

void Ask(const SegmentInfo& info, const ProjectionReader& rows) {
  auto view = std::make_shared<SegmentView>();
  view->ranges.push_back({.segment = std::make_shared<const Segment>(IndexTag::kPosts, info,
                                                                     std::vector<uint64_t>())});
  for (const bool ordered : {true, false}) {
    view->ordered = ordered;
    for (const std::u32string_view word : {U"김", U"김치", U"습니다", U"to be", U"not"}) {
      const TextQuery query = KeywordQuery({std::u32string(word)}, word);
      ExpectDamageAtMost(Search(query, {.segments = view}, rows, {.skip = 3, .take = 5}).status());
    }
  }
  MergeSource source = {.segment = view->ranges[0].segment.get(), .targets = {}};
  for (uint32_t i = 0; i < info.ordinals(); ++i) source.targets.push_back(i);
  const std::vector<MergeSource> sources = {std::move(source)};
  ExpectDamageAtMost(MergeSegments(
                         IndexTag::kPosts, info, sources, rows, [] { return false; },
                         [](std::string_view, std::string_view) { return absl::OkStatus(); })
                         .status());
}

void Run(std::string_view input) {
  static Fixture fixture;
  if (input.empty()) return;
  const size_t choice = static_cast<uint8_t>(input.front());
  input.remove_prefix(1);
  ExpectDamageAtMost(DecodeSegmentInfo(7, input).status());
  ExpectDamageAtMost(DecodeIds(fixture.info, input).status());
  const std::string& key = fixture.keys[choice % fixture.keys.size()];
  std::string before;
  DAILYFEED_CHECK(fixture.rows->Get(key, &before).value());
  fixture.Put(key, Sealed(key, input));
  Ask(fixture.info, *fixture.rows);
  fixture.Put(key, before);
}

}  // namespace
}  // namespace dailyfeed::search

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::search::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
