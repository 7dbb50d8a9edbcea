// The hits of one query in one segment, by level, found as far as they are asked
// for.
//
// A keyword asks for the strict form of a text. For most documents that is the
// searched form, which has the grams; the few others have grams of their strict
// form as well. So a segment is asked twice, once for each kind of document, and
// every document counts once.
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_HITS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_HITS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/search/index/matcher.h"
#include "projections/search/index/ordinal_set.h"
#include "projections/search/index/segment_set.h"
#include "projections/search/index/text_query.h"

namespace dailyfeed::search {

// The hits by the grams of one form.
class FormHits {
 public:
  // All must outlive this.
  FormHits(const TextQuery& query, const SegmentPart& part, SegmentReader* reader, Form form)
      : query_(query), part_(part), reader_(*reader), matcher_(reader, form), form_(form) {}

  // Finds the hits, of documents that are not among `left_out`, or are among
  // `only`; nullptr: of all. Once, first.
  absl::Status Find(const OrdinalSet* only, const OrdinalSet* left_out);
  size_t count() const { return hits_.Count(); }
  // Those of one level.
  absl::StatusOr<OrdinalSet> AtLevel(size_t level);
  uint64_t work() const { return matcher_.work(); }

 private:
  absl::Status FindNeedles();
  // The documents with a needle, of the candidates unless they are nullptr.
  absl::StatusOr<OrdinalSet> With(const std::u32string& needle, const OrdinalSet* candidates);
  absl::StatusOr<OrdinalSet> WithAny(const Requirement& requirement, bool typed_only);
  absl::Status KeepCreated();
  absl::Status KeepBetween();
  // Parts of the hits, each found once.
  absl::StatusOr<const OrdinalSet*> Typed();
  absl::StatusOr<const OrdinalSet*> Contiguous();
  absl::StatusOr<const OrdinalSet*> Fitting(WordFit fit);
  absl::StatusOr<OrdinalSet> WithWords(WordFit fit, const OrdinalSet& candidates);

  const TextQuery& query_;
  const SegmentPart& part_;
  SegmentReader& reader_;
  Matcher matcher_;
  const Form form_;
  bool begun_ = false;  // hits_ has those of a requirement
  OrdinalSet hits_;
  std::optional<OrdinalSet> typed_;
  std::optional<OrdinalSet> contiguous_;
  std::array<std::optional<OrdinalSet>, 3> fits_;
};

class SegmentHits {
 public:
  // All must outlive this. `cache` may be nullptr.
  SegmentHits(const TextQuery& query, const SegmentPart& part, const ProjectionReader& rows,
              SegmentCache* cache);

  // Finds the hits. Once, first.
  absl::Status Find();
  size_t count() const { return searched_.count() + strict_.count(); }
  // Those of one level.
  absl::StatusOr<OrdinalSet> AtLevel(size_t level);

  const Segment& segment() const { return *part_.segment; }
  SegmentReader& reader() { return reader_; }
  uint64_t work() const { return searched_.work() + strict_.work(); }

 private:
  const TextQuery& query_;
  const SegmentPart& part_;
  SegmentReader reader_;
  FormHits searched_;
  FormHits strict_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_HITS_H_
