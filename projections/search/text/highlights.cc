#include "projections/search/text/highlights.h"

#include <optional>
#include <utility>

#include "projections/search/text/mapped_text.h"

namespace dailyfeed::search {
namespace {

// The places of the needles from left to right. Remembers where each needle
// stands next, so every needle walks through the text once.
class Places {
 public:
  Places(std::u32string_view spaced, absl::Span<const Needle> needles)
      : spaced_(spaced), needles_(needles), next_(needles.size()) {
    for (size_t i = 0; i < needles.size(); ++i) next_[i] = FindNeedle(spaced_, needles_[i], 0);
  }

  // The first that begins at `from` or behind it; the longest of those.
  std::optional<Place> NextFrom(size_t from) {
    std::optional<Place> first;
    for (size_t i = 0; i < needles_.size(); ++i) {
      std::optional<Place>& next = next_[i];
      if (next && next->begin < from) next = FindNeedle(spaced_, needles_[i], from);
      if (!next) continue;
      if (!first || next->begin < first->begin ||
          (next->begin == first->begin && next->end > first->end)) {
        first = next;
      }
    }
    return first;
  }

 private:
  const std::u32string_view spaced_;
  const absl::Span<const Needle> needles_;
  std::vector<std::optional<Place>> next_;
};

// Without the spaces at its ends.
Place WithoutSpaces(std::u32string_view spaced, Place place) {
  while (place.begin < place.end && spaced[place.begin] == U' ') ++place.begin;
  while (place.begin < place.end && spaced[place.end - 1] == U' ') --place.end;
  return place;
}

}  // namespace

std::vector<Highlight> HighlightsOf(std::string_view content, absl::Span<const Needle> needles) {
  std::vector<Highlight> highlights;
  if (needles.empty()) return highlights;
  const MappedText text = MapText(content);
  Places places(text.spaced, needles);
  std::optional<Place> place = places.NextFrom(0);
  while (place && highlights.size() < kHighlightsMax) {
    const Place shown = WithoutSpaces(text.spaced, *place);
    const size_t last_to = highlights.empty() ? 0 : highlights.back().to;
    // A cluster of two code points may be shown already.
    if (shown.begin < shown.end && text.origins[shown.begin].from >= last_to) {
      highlights.push_back(
          {.from = text.origins[shown.begin].from, .to = text.origins[shown.end - 1].to});
      // A space at the end of this needle may begin the next one.
      place = places.NextFrom(shown.end);
    } else {
      place = places.NextFrom(place->begin + 1);
    }
  }
  return highlights;
}

std::vector<Highlight> HighlightsOf(std::string_view content, const SearchQuery& query,
                                    Stems stems) {
  std::vector<Needle> needles;
  for (const QueryPart& part : query.parts) {
    if (part.excluded) continue;
    for (Needle& needle : NeedlesOf(part, stems)) needles.push_back(std::move(needle));
  }
  return HighlightsOf(content, needles);
}

}  // namespace dailyfeed::search
