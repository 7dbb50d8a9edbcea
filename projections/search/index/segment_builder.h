// Builds one segment in memory and writes its rows.
//
//   SegmentBuilder builder(SegmentBuilder::Kind::kRange);
//   for (Document& document : documents) builder.Add(std::move(document));
//   ASSIGN_OR_RETURN(const SegmentInfo info, builder.Write(IndexTag::kPosts, 7, position, put));
//
// Memory: about two times the texts and the posting lists, some 1 KB a document.
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_BUILDER_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "projections/search/index/document.h"
#include "projections/search/index/gram.h"
#include "projections/search/index/segment_rows.h"

namespace dailyfeed::search {

struct Postings;

class SegmentBuilder {
 public:
  enum class Kind { kRange, kListed };
  explicit SegmentBuilder(Kind kind) : kind_(kind) {}

  // The ids rise. A range holds at most kSegmentOrdinalsMax ids from its first to
  // its last, a list as many documents.
  void Add(Document document);
  // A range stands for the ids from `first` to `last`, also those without a
  // document. Before the first Add.
  void SetRange(uint64_t first, uint64_t last);

  size_t documents() const { return documents_.size(); }
  size_t text_bytes() const { return text_bytes_; }

  // Writes every row but the manifest, whose content is returned. Once, with at
  // least one document. An error of `put` ends it.
  using Put = absl::FunctionRef<absl::Status(std::string_view key, std::string_view value)>;
  absl::StatusOr<SegmentInfo> Write(IndexTag tag, uint64_t number, Position position, Put put);

 private:
  // A posting list while it grows.
  struct List {
    uint32_t documents = 0;
    uint32_t last_ordinal = 0;
    uint32_t last_position = 0;
    uint32_t last_start = 0;  // where in `bytes` the newest position stands
    // For each document: varint distance to the ordinal before, then its
    // positions, see AppendPosition.
    std::string bytes;
  };

  void Index(uint32_t ordinal, const Document& document);
  void AddGram(Gram gram, uint32_t ordinal, uint32_t position);
  void AddFrequentTriples();
  static void Split(Gram gram, const List& list, Postings* postings);
  uint32_t OrdinalOf(size_t index) const;

  const Kind kind_;
  uint64_t first_ = 0;
  uint64_t last_ = 0;
  bool range_given_ = false;
  std::vector<Document> documents_;
  size_t text_bytes_ = 0;
  absl::flat_hash_map<Gram, List> lists_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_BUILDER_H_
