#include "projections/search/index/document.h"

#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/tags.h"

namespace dailyfeed::search {

std::string DocumentText(std::string_view content) {
  const std::string spaced = Utf8(Spaced(Fold(content)));
  // Without the spaces at the ends; a text of white space is one space.
  return spaced.size() <= 2 ? std::string() : spaced.substr(1, spaced.size() - 2);
}

std::u32string StrictForm(std::string_view text) {
  std::u32string form(U" ");
  if (text.empty()) return form;
  AppendCodePoints(text, &form);
  form.push_back(U' ');
  return form;
}

std::u32string SearchedForm(std::string_view text) { return Spaced(Loosen(text)); }

void VisitDocumentGrams(MemberId author, std::u32string_view searched, uint8_t length_class,
                        absl::FunctionRef<void(Gram)> visit) {
  visit(AuthorGram(author));
  visit(LengthGram(length_class));
  VisitTags(searched, [&](std::u32string_view tag) { visit(TagGram(tag)); });
  VisitMentions(searched, [&](std::u32string_view handle) { visit(MentionGram(handle)); });
}

}  // namespace dailyfeed::search
