#include "projections/search/text/needle.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/hangul.h"
#include "projections/search/text/particles.h"

namespace dailyfeed::search {
namespace {

// Where the needle ends that begins at `at`; nullopt: it does not begin there.
// A needle that may be split has no space itself, so a space is either stepped
// over or a difference: nothing is tried twice.
std::optional<size_t> EndAt(std::u32string_view spaced, const Needle& needle, size_t at) {
  bool split = !needle.may_be_split;
  for (size_t i = 0; i < needle.text.size(); ++i, ++at) {
    if (i > 0 && !split && at < spaced.size() && spaced[at] == U' ') {
      split = true;
      ++at;
    }
    if (at == spaced.size() || spaced[at] != needle.text[i]) return std::nullopt;
  }
  return at;
}

}  // namespace

std::optional<Place> FindNeedle(std::u32string_view spaced, const Needle& needle, size_t from) {
  DAILYFEED_CHECK(!needle.text.empty());
  for (size_t at = spaced.find(needle.text.front(), from); at != std::u32string_view::npos;
       at = spaced.find(needle.text.front(), at + 1)) {
    if (const std::optional<size_t> end = EndAt(spaced, needle, at)) {
      return Place{.begin = at, .end = *end};
    }
  }
  return std::nullopt;
}

bool MayBeSplit(std::u32string_view word) {
  return word.size() >= 2 && std::all_of(word.begin(), word.end(), IsSyllable);
}

std::vector<Needle> NeedlesOf(const QueryPart& part, Stems stems) {
  switch (part.kind) {
    case QueryPart::Kind::kPhrase:
      return {{.text = part.text}};
    case QueryPart::Kind::kTag:
      return {{.text = U"#" + part.text}};
    case QueryPart::Kind::kMention:
      return {{.text = U"@" + CodePoints(part.handle)}};
    case QueryPart::Kind::kFrom:
    case QueryPart::Kind::kSince:
    case QueryPart::Kind::kUntil:
      return {};
    case QueryPart::Kind::kWord:
      break;
  }
  std::vector<Needle> needles = {{.text = part.text, .may_be_split = MayBeSplit(part.text)}};
  if (stems == Stems::kNone) return needles;
  for (Stem& stem : StemsOf(part.text)) {
    if (!stem.always && stems != Stems::kAmbiguousToo) continue;
    needles.push_back({.text = std::move(stem.text), .may_be_split = true});
  }
  return needles;
}

}  // namespace dailyfeed::search
