// The hits of one query in one segment, by level, found as far as they are asked
// for.
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_HITS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_HITS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/search/index/matcher.h"
#include "projections/search/index/ordinal_set.h"
#include "projections/search/index/segment_set.h"
#include "projections/search/index/text_query.h"

namespace dailyfeed::search {

class SegmentHits {
 public:
  // All must outlive this. `cache` may be nullptr.
  SegmentHits(const TextQuery& query, const SegmentPart& part, const ProjectionReader& rows,
              SegmentCache* cache);

  // Finds the hits. Once, first.
  absl::Status Find();
  const OrdinalSet& hits() const { return hits_; }
  size_t count() const { return count_; }
  // Those of one level.
  absl::StatusOr<OrdinalSet> AtLevel(size_t level);

  const Segment& segment() const { return *part_.segment; }
  SegmentReader& reader() { return reader_; }
  uint64_t work() const { return searched_.work() + strict_.work(); }

 private:
  // The documents with a needle in the query's form.
  absl::StatusOr<OrdinalSet> With(const std::u32string& needle, const OrdinalSet* candidates);
  absl::StatusOr<OrdinalSet> WithAny(const Requirement& requirement, bool typed_only);
  absl::Status KeepCreated();
  // Parts of the hits, each found once.
  absl::StatusOr<const OrdinalSet*> Typed();
  absl::StatusOr<const OrdinalSet*> Contiguous();
  absl::StatusOr<const OrdinalSet*> Fitting(WordFit fit);
  absl::StatusOr<const OrdinalSet*> OfLength(uint8_t length_class);
  absl::StatusOr<OrdinalSet> WithWords(WordFit fit, const OrdinalSet& candidates);
  absl::Status KeepWord(std::u32string_view word, OrdinalSet* documents);

  const TextQuery& query_;
  const SegmentPart& part_;
  SegmentReader reader_;
  Matcher searched_;
  Matcher strict_;
  SegmentReader::Documents differs_;  // the query asks for the strict form, and some differ
  OrdinalSet hits_;
  size_t count_ = 0;
  std::optional<OrdinalSet> typed_;
  std::optional<OrdinalSet> contiguous_;
  std::array<std::optional<OrdinalSet>, 3> fits_;
  std::array<std::optional<OrdinalSet>, kLengthClasses> lengths_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_HITS_H_
