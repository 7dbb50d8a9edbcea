// What somebody searches for, parsed: the plain `keyword`, and `q`, the richer
// language beside it. The two are never mixed.
//
//   ParseKeyword(" 김치  Stew ")->phrase;          // U"김치 stew"
//   ParseQuery("김치 -커피 #점심")->parts.size();   // 3
//   ParseQuery("name:x").status().message();
//       // "part 1 (name:x): unknown name; ..."
//
// A keyword is strict: folded only (N), and no character has a meaning.
//
// A query is parts, apart by white space, all of which must hold:
//   word              a substring of the text
//   "a phrase"        the same; a run of white space is one space, also at the
//                     ends of the phrase, where it stands for the begin or the
//                     end of the text too: " art " finds a whole word
//   #tag              a tag of the text (tags.h)
//   @handle           a mention (tags.h)
//   from:handle       written by that member; from:@handle is the same
//   since:2026-03-01  created on that day or later
//   until:2026-03-31  created on that day or earlier
//   -part             any of these, and it must not hold
// At least one part must not be excluded; each kind of part will do.
//
// What looks like something else is a word:
//   - A quote has a meaning at the beginning of a part only (5" is a word), and
//     every quote ends a phrase. Behind it the next part begins, without a
//     space too. “ and ”, which phones write for ", are quotes.
//   - A name is ASCII letters before a `:`, at the beginning of a part. Known
//     names are known in any case. One in lower case that is not known is an
//     error, unless `/` or `:` follows (http://..., std::move). 12:30, Re:you
//     and 시간:3시 are words.
//   - `#` and `@` with something behind that is no tag and no handle: c#, #!,
//     @ab.
//   - A `-` alone.
// Full-width forms of all these signs are the same signs. The text of a part is
// loosened (loosen.h), so it is to be searched for in loosened text.
//
// No recursion, no backtracking: time is linear in the length, which is bounded.
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_SEARCH_QUERY_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_SEARCH_QUERY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace dailyfeed::search {

// Lengths are in UTF-16 code units of what was typed.
inline constexpr size_t kKeywordUnitsMax = 200;
inline constexpr size_t kQueryUnitsMax = 500;
inline constexpr size_t kQueryPartsMax = 32;

struct Keyword {
  // Each once, in the order in which they first appear. Never empty.
  std::vector<std::u32string> terms;
  // The whole keyword, without white space at its ends, each run of it inside
  // as one space: what a text holds that has the keyword contiguously.
  std::u32string phrase;
};

// INVALID_ARGUMENT, with a QueryProblem: `keyword` is blank or too long.
absl::StatusOr<Keyword> ParseKeyword(std::string_view keyword);

struct QueryPart {
  enum class Kind { kWord, kPhrase, kTag, kMention, kFrom, kSince, kUntil };
  Kind kind = Kind::kWord;
  bool excluded = false;
  // kWord, kPhrase, kTag (without `#`): loosened code points, never empty. No
  // white space in kWord and kTag; in kPhrase every run is U+0020, and there
  // is more than that.
  std::u32string text;
  // kMention, kFrom: in lower case. Nobody may have it.
  std::string handle;
  // kSince, kUntil.
  absl::CivilDay day;

  bool operator==(const QueryPart&) const = default;
};

struct SearchQuery {
  std::vector<QueryPart> parts;  // as typed, not sorted, repeats included
};

// INVALID_ARGUMENT, with a QueryProblem.
absl::StatusOr<SearchQuery> ParseQuery(std::string_view q);

// Why a keyword or a query was refused, for whoever words it in a language. The
// message of the status says the same in English.
struct QueryProblem {
  enum class Kind {
    kBlank = 1,        // the whole is empty or white space
    kTooLong,          // the whole has more units than allowed
    kTooManyParts,     // the part is the first that is too many
    kNothingPositive,  // every part is excluded
    kOpenQuote,        // the part begins with a quote that is never closed
    kEmptyPart,        // nothing to look for: "" or a variation selector
    kUnknownName,      // name:... with another name than those above
    kBadDay,           // since: or until: without a day that exists, yyyy-MM-dd
    kBadHandle,        // from: with something that can be no handle
  };
  Kind kind = Kind::kBlank;
  // From 1; 0: the whole query.
  size_t part = 0;
  // The part as typed, at most its first 40 code points.
  std::string text;
};

// nullopt for OK and for a status of another origin.
std::optional<QueryProblem> QueryProblemOf(const absl::Status& status);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_SEARCH_QUERY_H_
