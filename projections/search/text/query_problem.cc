#include "projections/search/text/query_problem.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

constexpr char kPayload[] = "dailyfeed/query-problem";
constexpr size_t kShownMax = 40;

std::string Sentence(QueryProblem::Kind kind) {
  switch (kind) {
    case QueryProblem::Kind::kBlank:
      return "nothing to search for";
    case QueryProblem::Kind::kTooLong:
      return absl::StrCat("too long: a keyword has at most ", kKeywordUnitsMax,
                          " characters, a query ", kQueryUnitsMax);
    case QueryProblem::Kind::kTooManyParts:
      return absl::StrCat("a query has at most ", kQueryPartsMax, " parts");
    case QueryProblem::Kind::kNothingPositive:
      return "every part is excluded; at least one must say what to find";
    case QueryProblem::Kind::kOpenQuote:
      return "the quote is not closed";
    case QueryProblem::Kind::kEmptyPart:
      return "nothing to look for";
    case QueryProblem::Kind::kUnknownName:
      return "unknown name; from:, since: and until: are known, and quotes search for the text "
             "itself";
    case QueryProblem::Kind::kBadDay:
      return "not a day; write yyyy-MM-dd";
    case QueryProblem::Kind::kBadHandle:
      return "not a handle";
  }
  return "refused";
}

// The payload: kind, part and text, apart by line feeds. The text is last and
// may have line feeds itself.
std::string Encode(const QueryProblem& problem) {
  return absl::StrCat(static_cast<int>(problem.kind), "\n", problem.part, "\n", problem.text);
}

// Takes a number and the line feed behind it.
template <typename Number>
bool TakeNumber(std::string_view* rest, Number* number) {
  const char* const end = rest->data() + rest->size();
  const auto [behind, error] = std::from_chars(rest->data(), end, *number);
  if (error != std::errc() || behind == end || *behind != '\n') return false;
  rest->remove_prefix(static_cast<size_t>(behind - rest->data()) + 1);
  return true;
}

}  // namespace

absl::Status ProblemStatus(QueryProblem::Kind kind, size_t part, std::u32string_view typed) {
  const QueryProblem problem{
      .kind = kind, .part = part, .text = Utf8(typed.substr(0, std::min(typed.size(), kShownMax)))};
  const std::string where = part == 0 ? "" : absl::StrCat("part ", part, " (", problem.text, "): ");
  absl::Status status = absl::InvalidArgumentError(absl::StrCat(where, Sentence(kind)));
  status.SetPayload(kPayload, absl::Cord(Encode(problem)));
  return status;
}

std::optional<QueryProblem> QueryProblemOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  if (!payload) return std::nullopt;
  const std::string bytes(*payload);
  std::string_view rest = bytes;
  int kind = 0;
  QueryProblem problem;
  if (!TakeNumber(&rest, &kind) || !TakeNumber(&rest, &problem.part)) return std::nullopt;
  problem.kind = static_cast<QueryProblem::Kind>(kind);
  problem.text = std::string(rest);
  return problem;
}

}  // namespace dailyfeed::search
