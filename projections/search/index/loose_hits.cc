#include "projections/search/index/loose_hits.h"

namespace dailyfeed::search {

LooseHits::LooseHits(const TextQuery& query, const LooseView& view) : query_(query) {
  view.VisitHits(query, [this](const LooseDocument& document) {
    left_[query_.by_time ? 0 : LengthClass(document.code_points)].push_back({&document});
    ++count_;
  });
}

bool LooseHits::IsAt(Hit* hit, size_t place, WordFit fit) const {
  const std::string_view text = hit->document->form(query_.form);
  if (hit->place == kUnknown) {
    hit->place = static_cast<uint8_t>(
        PlaceOf(query_, text, [&](Gram gram) { return hit->document->HasGram(gram); }));
  }
  return hit->place == place && FitsWords(query_, text, fit);
}

// What fits better was taken before, so it is enough to fit.
void LooseHits::Take(size_t level, absl::FunctionRef<void(const LooseDocument&)> visit) {
  const size_t place = level / kLengthClasses / 3;
  const auto fit = static_cast<WordFit>(level / kLengthClasses % 3);
  std::erase_if(left_[level % kLengthClasses], [&](Hit& hit) {
    if (!query_.by_time && !IsAt(&hit, place, fit)) return false;
    visit(*hit.document);
    return true;
  });
}

}  // namespace dailyfeed::search
