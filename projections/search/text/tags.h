// The tags and mentions of a text.
//
//   VisitTags(U"오늘 #점심 c#7 ##맛집", visit);        // 점심, 맛집
//   VisitMentions(U"@kim_7에게 a@example.com", visit);  // kim_7
//
// A tag is `#` and, behind it, letters, marks, digits and `_` (Unicode's L, M,
// Nd), as many as there are and at least one. A mention is `@` and a handle:
// a-z, 0-9 and `_`, as many as there are, 3 to 50. Both begin at the start of
// the text or behind a character that is no letter, digit or `_`. A mark right
// behind the `#` belongs to the `#` (the keycap emoji #️⃣), so no tag begins.
//
// Texts are folded (fold.h), and loosened where width shall not matter. Pure
// functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_TAGS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_TAGS_H_

#include <string_view>

#include "absl/functional/function_ref.h"

namespace dailyfeed::search {

// Of a member's handle, in code points.
inline constexpr size_t kHandleMin = 3;
inline constexpr size_t kHandleMax = 50;

bool IsTagCharacter(char32_t code_point);
constexpr bool IsHandleCharacter(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9') || c == U'_';
}

// Whether `name`, without its `#`, can be a tag as a whole.
bool IsTag(std::u32string_view name);
// Whether `name`, without its `@` and in lower case, can be a handle.
bool IsHandle(std::u32string_view name);

// In the order of the text, as often as they stand there. What `visit` gets is
// a part of `text`, without `#` or `@`.
void VisitTags(std::u32string_view text, absl::FunctionRef<void(std::u32string_view)> visit);
void VisitMentions(std::u32string_view text, absl::FunctionRef<void(std::u32string_view)> visit);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_TAGS_H_
