#include "projections/search/members/loose_name.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"

namespace dailyfeed::search {
namespace {

// Handles, and most names in Latin letters: of these only the case is folded.
bool IsPlain(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string WithSingleSpaces(std::string_view text) {
  std::string single;
  single.reserve(text.size());
  bool gap = false;
  while (!text.empty()) {
    std::string_view rest = text;
    const bool is_space = IsWhiteSpace(NextCodePoint(&rest));
    const std::string_view character = text.substr(0, text.size() - rest.size());
    if (!is_space) {
      if (gap && !single.empty()) single += ' ';
      single += character;
    }
    gap = is_space;
    text = rest;
  }
  return single;
}

}  // namespace

std::string LooseName(std::string_view name) {
  if (IsPlain(name)) return AsciiLower(name);
  std::string folded = Fold(name);
  if (IsLoosened(folded)) folded = Loosen(folded);
  return WithSingleSpaces(folded);
}

}  // namespace dailyfeed::search
