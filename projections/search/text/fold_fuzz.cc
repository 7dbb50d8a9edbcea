// Any bytes: the fast path folds as ICU does; N and L are stable, and loosening
// does not depend on how the text was composed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/text.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"

namespace dailyfeed::search {
namespace {

void Run(std::string_view text) {
  const std::string folded = Fold(text);
  DAILYFEED_CHECK(folded == FoldByIcu(text));
  DAILYFEED_CHECK(IsValidUtf8(folded));
  DAILYFEED_CHECK(Fold(folded) == folded);
  DAILYFEED_CHECK(folded.size() <= 3 * text.size());

  const std::string loose = Loosen(folded);
  DAILYFEED_CHECK(IsLoosened(folded) == (loose != folded));
  DAILYFEED_CHECK(Loosen(loose) == loose);
  DAILYFEED_CHECK(Fold(loose) == loose);

  const std::u32string spaced = Spaced(folded);
  DAILYFEED_CHECK(spaced.front() == U' ' && spaced.back() == U' ');
  DAILYFEED_CHECK(spaced.find(U"  ") == std::u32string::npos);
  // A text holds each of its own terms.
  size_t found = 0;
  for (const std::u32string& term : Terms(folded))
    found += spaced.find(term) != std::u32string::npos;
  DAILYFEED_CHECK(found == Terms(folded).size());
}

}  // namespace
}  // namespace dailyfeed::search

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::search::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
