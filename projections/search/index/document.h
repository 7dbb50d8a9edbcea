// A post or a comment, as the index sees it.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_DOCUMENT_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_DOCUMENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "core/domain/types.h"
#include "projections/search/index/gram.h"

namespace dailyfeed::search {

struct Document {
  uint64_t id = 0;
  TimestampNs created_at = 0;
  MemberId author = 0;
  // Its text, folded, each run of white space one space, none at the ends.
  std::string text;
  bool operator==(const Document&) const = default;
};

// `content` as a document's text.
std::string DocumentText(std::string_view content);

// The two forms of such a text, each with one space at either end. A keyword is
// looked for in the strict form: the text as it is. The richer language looks in
// the searched form: loosened (text/loosen.h). They are equal but for a few texts.
std::u32string StrictForm(std::string_view text);
std::u32string SearchedForm(std::string_view text);

// The grams that name a document of that author with that searched form: author,
// length class, tags, mentions. One may come twice.
void VisitDocumentGrams(MemberId author, std::u32string_view searched, uint8_t length_class,
                        absl::FunctionRef<void(Gram)> visit);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_DOCUMENT_H_
