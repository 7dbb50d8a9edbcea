// What is looked for, and how well a text answers it.
//
// Relevance is made of the text and the query alone, so that no other post, like,
// deletion, merge or rebuild reorders a page. In this order:
//
//   typed        every word stands in the form in which it was typed, and not only
//                in a loosened one (`q` only)
//   contiguous   the whole query stands in the text in one piece, each run of white
//                space one space
//   words        every word stands somewhere as a whole word; or every one at the
//                beginning of a word; or some only inside
//   length       up to 32 code points, 96, 320, more
//
// Then the newest first: creation time, then id. A level (LevelOf) counts these
// four together, from 0, the best.
//
// Threads: a plain value.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_TEXT_QUERY_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_TEXT_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/types.h"
#include "projections/search/index/document.h"
#include "projections/search/index/gram.h"

namespace dailyfeed::search {

// What a text is to contain, as code points for the index and as bytes for texts.
struct Substring {
  Substring() = default;
  explicit Substring(std::u32string_view text);
  bool empty() const { return points.empty(); }

  std::u32string points;
  std::string bytes;
  // At the beginning of a word, and as a whole word.
  std::string starting;
  std::string whole;
};

// One part of a query. A document has it when it has one of these.
struct Requirement {
  Substring typed;  // empty: only the grams count
  std::vector<Gram> grams;
  // Count too, and come behind what was typed.
  std::vector<Substring> loosened;
  std::vector<Gram> loosened_grams;
  bool excluded = false;  // the document must not have it

  bool HasLoosened() const { return !loosened.empty() || !loosened_grams.empty(); }
  // A document has it exactly when it contains what was typed.
  bool IsNeedle() const { return !excluded && !typed.empty() && grams.empty() && !HasLoosened(); }
};

struct TextQuery {
  Form form = Form::kSearched;
  std::vector<Requirement> requirements;  // at least one that is not excluded
  // For relevance: the words, and the query in one piece if it has several.
  std::vector<Substring> words;
  Substring phrase;
  // Every document that fits is at level 0: newest first.
  bool by_time = false;
  TimestampNs created_from = std::numeric_limits<TimestampNs>::min();
  TimestampNs created_to = std::numeric_limits<TimestampNs>::max();  // included

  bool HasLoosened() const;
};

// The keyword of these terms (text/search_query.h): each must occur.
TextQuery KeywordQuery(const std::vector<std::u32string>& terms, std::u32string_view phrase);

inline constexpr size_t kLevels = size_t{2} * 2 * 3 * kLengthClasses;
enum class WordFit : uint8_t { kWhole, kStart, kInside };
constexpr size_t LevelOf(size_t place, WordFit fit, uint8_t length_class) {
  return (place * 3 + static_cast<size_t>(fit)) * kLengthClasses + length_class;
}
constexpr size_t LevelOf(bool typed, bool contiguous, WordFit fit, uint8_t length_class) {
  return LevelOf((typed ? size_t{0} : 2) + (contiguous ? 0 : 1), fit, length_class);
}

// A document's text in one of its forms, as bytes with the spaces at the ends.
struct FormOfText {
  std::string_view bytes;
  size_t code_points = 0;  // of the strict form
};

// The level of a document, nullopt when it is no hit. `text` is of the query's form.
// `has_gram` says whether the document has one of the grams of a requirement.
std::optional<size_t> LevelIn(const TextQuery& query, const FormOfText& text,
                              TimestampNs created_at, absl::FunctionRef<bool(Gram)> has_gram);
// The same in parts, for what looks at levels only when a page comes to them.
bool IsHit(const TextQuery& query, std::string_view text, TimestampNs created_at,
           absl::FunctionRef<bool(Gram)> has_gram);
// Of a hit: typed and contiguous, from 0 to 3.
size_t PlaceOf(const TextQuery& query, std::string_view text,
               absl::FunctionRef<bool(Gram)> has_gram);
// Whether every word stands in the text so, or better.
bool FitsWords(const TextQuery& query, std::string_view text, WordFit fit);
// The same of a whole document; makes its forms.
std::optional<size_t> LevelOf(const TextQuery& query, const Document& document);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_TEXT_QUERY_H_
