#include "projections/search/index/frequent_triples.h"

#include <string>

#include "projections/search/text/code_points.h"

namespace dailyfeed::search {

bool IsWideTriple(Gram gram) {
  if ((gram & kTripleBit) == 0) return false;
  const Gram points = gram & (kStrictTripleBit - 1);
  const auto at = [](Gram point) { return IsWide(static_cast<char32_t>(point % kCodePoints)); };
  return at(points) && at(points / kCodePoints) && at(points / kCodePoints / kCodePoints);
}

void FrequentTripleLists::AddDocument(uint32_t ordinal, const Document& document) {
  if (pairs_.empty()) return;
  const std::u32string searched = SearchedForm(document.text);
  AddForm(ordinal, searched, Form::kSearched);
  const std::u32string strict = StrictForm(document.text);
  if (strict != searched) AddForm(ordinal, strict, Form::kStrict);
}

void FrequentTripleLists::AddForm(uint32_t ordinal, std::u32string_view text, Form form) {
  VisitWideTriples(text, [&](char32_t a, char32_t b, char32_t c) {
    if (!pairs_.contains(Pair(a, b, form)) || !pairs_.contains(Pair(b, c, form))) return;
    std::vector<uint32_t>& list = lists_[Triple(a, b, c, form)];
    if (list.empty() || list.back() != ordinal) list.push_back(ordinal);
  });
}

}  // namespace dailyfeed::search
