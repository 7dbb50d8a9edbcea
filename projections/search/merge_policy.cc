// SegmentsToMerge (search_upkeep.h).
#include <algorithm>
#include <vector>

#include "projections/search/search_upkeep.h"

namespace dailyfeed::search {
namespace {

// Ranges are of one tier when they are up to so many times a full seal, or four
// times as many, and so on. So many of a tier and below, the newest ones, are merged.
constexpr uint64_t kSealsOfFirstTier = 2;
constexpr size_t kRangesOfTierMax = 4;
constexpr size_t kListsMax = 8;
constexpr uint64_t kListedPart = 8;

uint64_t Span(const SegmentInfo& first, const SegmentInfo& last) {
  return last.last - first.first + 1;
}

std::vector<uint64_t> NumbersOf(std::span<const SegmentInfo> segments) {
  std::vector<uint64_t> numbers;
  for (const SegmentInfo& segment : segments) numbers.push_back(segment.number);
  return numbers;
}

// The first ranges that fit into one segment together.
size_t GroupSize(std::span<const SegmentInfo> ranges, const SearchOptions& options) {
  uint64_t bytes = 0;
  size_t size = 0;
  for (const SegmentInfo& range : ranges) {
    bytes += range.text_bytes;
    const bool fits = Span(ranges.front(), range) <= kSegmentOrdinalsMax &&
                      bytes <= options.segment_text_bytes_max;
    if (!fits) break;
    ++size;
  }
  return std::max<size_t>(size, 1);
}

std::vector<uint64_t> RangesToMerge(std::span<const SegmentInfo> ranges,
                                    const SearchOptions& options) {
  while (!ranges.empty()) {
    const size_t size = GroupSize(ranges, options);
    const std::span<const SegmentInfo> group = ranges.first(size);
    ranges = ranges.subspan(size);
    // The next range does not fit any more, so the group is complete.
    if (!ranges.empty() && size > 1) return NumbersOf(group);
    if (!ranges.empty()) continue;
    uint64_t documents = kSealsOfFirstTier * options.loose_documents_max;
    size_t newest = 0;
    while (newest < size) {
      newest = 0;
      while (newest < size && group[size - 1 - newest].documents <= documents) ++newest;
      if (newest >= kRangesOfTierMax) return NumbersOf(group.last(newest));
      documents *= kRangesOfTierMax;
    }
  }
  return {};
}

// The smallest lists, as many as fit into one.
std::vector<uint64_t> ListsToMerge(std::vector<SegmentInfo> lists, uint64_t in_ranges) {
  uint64_t listed = 0;
  for (const SegmentInfo& list : lists) listed += list.documents;
  if (lists.size() <= kListsMax && (lists.size() < 2 || listed * kListedPart < in_ranges)) {
    return {};
  }
  std::sort(lists.begin(), lists.end(), [](const SegmentInfo& a, const SegmentInfo& b) {
    return a.documents != b.documents ? a.documents < b.documents : a.number < b.number;
  });
  uint64_t documents = 0;
  size_t size = 0;
  while (size < lists.size() && documents + lists[size].documents <= kSegmentOrdinalsMax) {
    documents += lists[size++].documents;
  }
  if (size < 2) return {};
  return NumbersOf(std::span<const SegmentInfo>(lists).first(size));
}

// When an eighth of all documents stands in lists: the ranges that are older than
// every list, one after the other, take in what the lists have of them. Then nothing
// counts in the lists any more, and merging them drops them.
std::vector<uint64_t> RangeToRenew(std::span<const SegmentInfo> ranges,
                                   std::span<const SegmentInfo> lists) {
  if (lists.empty()) return {};
  uint64_t listed = 0;
  uint64_t all = 0;
  Position oldest_list = UINT64_MAX;
  for (const SegmentInfo& list : lists) {
    listed += list.documents;
    oldest_list = std::min(oldest_list, list.position);
  }
  for (const SegmentInfo& range : ranges) all += range.documents;
  if (listed * kListedPart < all) return {};
  for (const SegmentInfo& range : ranges) {
    if (range.position < oldest_list) return {range.number};
  }
  return {};
}

}  // namespace

std::vector<uint64_t> SegmentsToMerge(std::span<const SegmentInfo> segments,
                                      const SearchOptions& options) {
  std::vector<SegmentInfo> ranges;
  std::vector<SegmentInfo> lists;
  for (const SegmentInfo& segment : segments) {
    (segment.listed ? lists : ranges).push_back(segment);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const SegmentInfo& a, const SegmentInfo& b) { return a.first < b.first; });
  std::vector<uint64_t> numbers = RangesToMerge(ranges, options);
  if (numbers.empty()) numbers = RangeToRenew(ranges, lists);
  if (numbers.empty()) {
    uint64_t in_ranges = 0;
    for (const SegmentInfo& range : ranges) in_ranges += range.documents;
    numbers = ListsToMerge(std::move(lists), in_ranges);
  }
  return numbers;
}

}  // namespace dailyfeed::search
