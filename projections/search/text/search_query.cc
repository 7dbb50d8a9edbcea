#include "projections/search/text/search_query.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "core/base/text.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/query_problem.h"
#include "projections/search/text/tags.h"

namespace dailyfeed::search {
namespace {

using Kind = QueryPart::Kind;
using Problem = QueryProblem::Kind;

// What was typed, with the full-width forms of ASCII as ASCII.
std::u32string WithPlainSigns(std::string_view q) {
  std::u32string typed = CodePoints(q);
  for (char32_t& c : typed) {
    if (c >= 0xFF01 && c <= 0xFF5E) c = c - 0xFF01 + U'!';
  }
  return typed;
}

bool IsQuote(char32_t c) { return c == U'"' || c == U'“' || c == U'”'; }

bool IsAsciiLetter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }

char32_t AsciiLowerOf(char32_t c) { return c >= U'A' && c <= U'Z' ? c - U'A' + U'a' : c; }

std::u32string AsciiLowerOf(std::u32string_view text) {
  std::u32string lower(text);
  for (char32_t& c : lower) c = AsciiLowerOf(c);
  return lower;
}

std::u32string LooseOf(std::u32string_view typed) { return CodePoints(Loosen(Fold(Utf8(typed)))); }

// Every run of white space as one space.
std::u32string WithSingleSpaces(std::u32string_view text) {
  std::u32string result;
  for (const char32_t c : text) {
    if (!IsWhiteSpace(c)) {
      result.push_back(c);
    } else if (result.empty() || result.back() != U' ') {
      result.push_back(U' ');
    }
  }
  return result;
}

// A number of exactly `text.size()` ASCII digits.
bool ParseDigits(std::u32string_view text, int* number) {
  *number = 0;
  for (const char32_t c : text) {
    if (c < U'0' || c > U'9') return false;
    *number = *number * 10 + static_cast<int>(c - U'0');
  }
  return true;
}

// yyyy-MM-dd, a day that exists.
std::optional<absl::CivilDay> ParseDay(std::u32string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != 10 || text[4] != U'-' || text[7] != U'-' ||
      !ParseDigits(text.substr(0, 4), &year) || !ParseDigits(text.substr(5, 2), &month) ||
      !ParseDigits(text.substr(8, 2), &day)) {
    return std::nullopt;
  }
  const absl::CivilDay civil(year, month, day);  // moves the 30th of February on
  if (civil.month() != month || civil.day() != day) return std::nullopt;
  return civil;
}

class QueryParser {
 public:
  explicit QueryParser(std::string_view q) : typed_(WithPlainSigns(q)) {}

  absl::StatusOr<SearchQuery> Parse() {
    SearchQuery query;
    for (SkipWhiteSpace(); at_ < typed_.size(); SkipWhiteSpace()) {
      begin_ = at_;
      ++number_;
      ASSIGN_OR_RETURN(QueryPart part, ParsePart());
      if (number_ > kQueryPartsMax) return Refuse(Problem::kTooManyParts);
      query.parts.push_back(std::move(part));
    }
    const auto& parts = query.parts;
    if (std::all_of(parts.begin(), parts.end(), [](const QueryPart& p) { return p.excluded; })) {
      return ProblemStatus(Problem::kNothingPositive);
    }
    return query;
  }

 private:
  void SkipWhiteSpace() {
    while (at_ < typed_.size() && IsWhiteSpace(typed_[at_])) ++at_;
  }

  // Where the white space behind the part begins.
  size_t EndOfWord() const {
    size_t end = at_;
    while (end < typed_.size() && !IsWhiteSpace(typed_[end])) ++end;
    return end;
  }

  // Names the part from its beginning to where the parser is.
  absl::Status Refuse(Problem problem) const {
    return ProblemStatus(problem, number_,
                         std::u32string_view(typed_).substr(begin_, at_ - begin_));
  }

  absl::StatusOr<QueryPart> ParsePart() {
    const bool excluded =
        typed_[at_] == U'-' && at_ + 1 < typed_.size() && !IsWhiteSpace(typed_[at_ + 1]);
    if (excluded) ++at_;
    absl::StatusOr<QueryPart> part = IsQuote(typed_[at_]) ? ParsePhrase() : ParseWord();
    if (part.ok()) part->excluded = excluded;
    return part;
  }

  absl::StatusOr<QueryPart> ParsePhrase() {
    const size_t begin = at_ + 1;
    at_ = begin;
    while (at_ < typed_.size() && !IsQuote(typed_[at_])) ++at_;
    const std::u32string_view inside = std::u32string_view(typed_).substr(begin, at_ - begin);
    if (at_ == typed_.size()) return Refuse(Problem::kOpenQuote);
    ++at_;
    QueryPart part{.kind = Kind::kPhrase, .text = WithSingleSpaces(LooseOf(inside))};
    if (part.text.empty() || part.text == U" ") return Refuse(Problem::kEmptyPart);
    return part;
  }

  absl::StatusOr<QueryPart> ParseWord() {
    const size_t end = EndOfWord();
    const std::u32string_view word = std::u32string_view(typed_).substr(at_, end - at_);
    at_ = end;
    if (const size_t colon = EndOfName(word); colon != std::u32string_view::npos) {
      const std::u32string name = AsciiLowerOf(word.substr(0, colon));
      const std::u32string_view value = word.substr(colon + 1);
      if (name == U"from") return ParseFrom(value);
      if (name == U"since") return ParseDayPart(Kind::kSince, value);
      if (name == U"until") return ParseDayPart(Kind::kUntil, value);
      if (IsUnknownName(word.substr(0, colon), value)) return Refuse(Problem::kUnknownName);
    }
    QueryPart part{.kind = Kind::kWord, .text = LooseOf(word)};
    if (part.text.empty()) return Refuse(Problem::kEmptyPart);
    const std::u32string_view name = std::u32string_view(part.text).substr(1);
    if (part.text.front() == U'#' && IsTag(name)) {
      part = {.kind = Kind::kTag, .text = std::u32string(name)};
    } else if (part.text.front() == U'@' && IsHandle(name)) {
      part = {.kind = Kind::kMention, .handle = Utf8(name)};
    }
    return part;
  }

  // Where the `:` is that ASCII letters stand before; npos: there is none.
  static size_t EndOfName(std::u32string_view word) {
    size_t colon = 0;
    while (colon < word.size() && IsAsciiLetter(word[colon])) ++colon;
    return colon > 0 && colon < word.size() && word[colon] == U':' ? colon
                                                                   : std::u32string_view::npos;
  }

  static bool IsUnknownName(std::u32string_view name, std::u32string_view value) {
    const bool lower = AsciiLowerOf(name) == name;
    const bool of_something_else = !value.empty() && (value[0] == U'/' || value[0] == U':');
    return lower && !of_something_else;
  }

  absl::StatusOr<QueryPart> ParseFrom(std::u32string_view value) {
    if (!value.empty() && value.front() == U'@') value.remove_prefix(1);
    const std::u32string handle = AsciiLowerOf(value);
    if (!IsHandle(handle)) return Refuse(Problem::kBadHandle);
    return QueryPart{.kind = Kind::kFrom, .handle = Utf8(handle)};
  }

  absl::StatusOr<QueryPart> ParseDayPart(Kind kind, std::u32string_view value) {
    const std::optional<absl::CivilDay> day = ParseDay(value);
    if (!day) return Refuse(Problem::kBadDay);
    return QueryPart{.kind = kind, .day = *day};
  }

  const std::u32string typed_;
  size_t at_ = 0;
  size_t begin_ = 0;   // of the part, with its `-`
  size_t number_ = 0;  // of the part
};

absl::Status CheckLength(std::string_view text, size_t units_max) {
  if (IsBlank(text)) return ProblemStatus(Problem::kBlank);
  if (Utf16Length(text) > units_max) return ProblemStatus(Problem::kTooLong);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Keyword> ParseKeyword(std::string_view keyword) {
  RETURN_IF_ERROR(CheckLength(keyword, kKeywordUnitsMax));
  const std::string folded = Fold(keyword);
  std::u32string phrase = Spaced(folded);
  phrase.erase(0, 1);
  phrase.pop_back();
  return Keyword{.terms = Terms(folded), .phrase = std::move(phrase)};
}

absl::StatusOr<SearchQuery> ParseQuery(std::string_view q) {
  RETURN_IF_ERROR(CheckLength(q, kQueryUnitsMax));
  return QueryParser(q).Parse();
}

}  // namespace dailyfeed::search
