// A query in the first line, a text behind it: the clusters of the text make
// what the index sees, and every highlight shows a needle of the query.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/check.h"
#include "core/base/text.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/highlights.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/mapped_text.h"

namespace dailyfeed::search {
namespace {

std::u32string Indexed(std::string_view text) { return Spaced(Loosen(Fold(text))); }

std::string Slice(const std::u32string& content, const Highlight& highlight) {
  std::u32string slice;
  size_t at = 0;
  for (const char32_t c : content) {
    if (at >= highlight.from && at < highlight.to) slice.push_back(c);
    at += Utf16Units(c);
  }
  return Utf8(slice);
}

void Run(std::string_view input) {
  const size_t line = std::min(input.find('\n'), input.size());
  const std::string_view content = input.substr(std::min(line + 1, input.size()));
  const std::u32string indexed = Indexed(content);
  DAILYFEED_CHECK(MapText(content).spaced == indexed);

  const auto query = ParseQuery(input.substr(0, line));
  if (!query.ok()) return;
  std::vector<Needle> needles;
  for (const QueryPart& part : query->parts) {
    const std::vector<Needle> of_part = NeedlesOf(part, Stems::kAmbiguousToo);
    if (!part.excluded) needles.insert(needles.end(), of_part.begin(), of_part.end());
  }
  const auto is_in = [&](std::u32string_view text) {
    return std::any_of(needles.begin(), needles.end(), [&](const Needle& needle) {
      return FindNeedle(text, needle, 0).has_value();
    });
  };

  const std::u32string code_points = CodePoints(content);
  const std::vector<Highlight> highlights = HighlightsOf(content, *query, Stems::kAmbiguousToo);
  DAILYFEED_CHECK(highlights.size() <= kHighlightsMax);
  DAILYFEED_CHECK(highlights.empty() != is_in(indexed));
  size_t last_to = 0;
  for (const Highlight& highlight : highlights) {
    DAILYFEED_CHECK(last_to <= highlight.from && highlight.from < highlight.to);
    last_to = highlight.to;
    DAILYFEED_CHECK(is_in(Indexed(Slice(code_points, highlight))));
  }
}

}  // namespace
}  // namespace dailyfeed::search

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::search::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
