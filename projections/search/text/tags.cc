#include "projections/search/text/tags.h"

#include <algorithm>
#include <cstddef>

#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

// Behind it neither a tag nor a mention begins.
bool EndsAWord(char32_t c) { return c == U'_' || IsLetter(c) || IsDigit(c); }

// Calls visit(name) for every longest run of characters behind a `sign` that
// stands where one may begin. Linear: no character is looked at more than
// twice.
template <typename IsCharacter, typename Visit>
void VisitNames(std::u32string_view text, char32_t sign, IsCharacter is_character, Visit visit) {
  for (size_t at = text.find(sign); at != std::u32string_view::npos; at = text.find(sign, at)) {
    const bool begins = at == 0 || !EndsAWord(text[at - 1]);
    const size_t begin = ++at;
    if (!begins) continue;
    while (at < text.size() && is_character(text[at])) ++at;
    visit(text.substr(begin, at - begin));
  }
}

}  // namespace

bool IsTagCharacter(char32_t c) { return c == U'_' || IsLetter(c) || IsDigit(c) || IsMark(c); }

bool IsTag(std::u32string_view name) {
  return !name.empty() && !IsMark(name.front()) &&
         std::all_of(name.begin(), name.end(), IsTagCharacter);
}

bool IsHandle(std::u32string_view name) {
  return name.size() >= kHandleMin && name.size() <= kHandleMax &&
         std::all_of(name.begin(), name.end(), IsHandleCharacter);
}

void VisitTags(std::u32string_view text, absl::FunctionRef<void(std::u32string_view)> visit) {
  VisitNames(text, U'#', IsTagCharacter, [&](std::u32string_view name) {
    if (IsTag(name)) visit(name);
  });
}

void VisitMentions(std::u32string_view text, absl::FunctionRef<void(std::u32string_view)> visit) {
  VisitNames(text, U'@', IsHandleCharacter, [&](std::u32string_view name) {
    if (IsHandle(name)) visit(name);
  });
}

}  // namespace dailyfeed::search
