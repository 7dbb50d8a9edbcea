// The segments of one index, and which of their documents still count.
//
// A document counts in the segment with the highest position that stands for it,
// unless it was edited or deleted after that position: then it is void there.
//
//   SegmentSet segments(IndexTag::kPosts);
//   segments.Add(info, ids);           // a manifest row
//   segments.Void(41, position);       // document 41 changed at `position`
//   SegmentView view = segments.View();
//
// Threads: changes from one thread; views are made by it and read by any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_SET_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_SET_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/container/btree_map.h"
#include "projections/search/index/bitmap.h"
#include "projections/search/index/segment.h"

namespace dailyfeed::search {

// A segment of a view.
struct SegmentPart {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const Bitmap> void_documents;  // nullptr: none
  size_t void_count = 0;
};

struct SegmentView {
  std::vector<SegmentPart> ranges;  // ascending; no two stand for the same id
  std::vector<SegmentPart> lists;
  // Creation times never fall from one range to the next, nor inside of one.
  bool ordered = true;
};

class SegmentSet {
 public:
  explicit SegmentSet(IndexTag tag) : tag_(tag) {}

  // False: a range that stands for ids of another range. Nothing is changed then.
  // Former ranges are removed before the one that takes their place is added.
  bool Add(const SegmentInfo& info, std::vector<uint64_t> ids);
  void Remove(uint64_t number);
  // The newest change of a document that no segment has. Positions rise.
  void Void(uint64_t id, Position position);
  // Every segment that stands for the document has a higher position.
  void Forget(uint64_t id) { changed_.erase(id); }

  std::shared_ptr<const SegmentView> View() const;
  size_t memory_bytes() const;
  uint64_t void_documents() const;
  size_t size() const { return parts_.size(); }

 private:
  struct Part {
    std::shared_ptr<const Segment> segment;
    // Copied before it is changed while a view has it.
    std::shared_ptr<Bitmap> void_documents;
    size_t void_count = 0;
  };

  void VoidIn(Part& part, uint32_t ordinal);
  // Voids the documents that both stand for in the one with the lower position.
  void Compare(Part& listed, Part& other);

  IndexTag tag_;
  std::map<uint64_t, Part> parts_;               // by number
  absl::btree_map<uint64_t, Position> changed_;  // by id
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_SEGMENT_SET_H_
