#include "adapters/http/api/routes/search_problems.h"

#include <fmt/format.h>

namespace dailyfeed::http {
namespace {

using Kind = search::QueryProblem::Kind;

std::string OfTheWhole(Kind kind, bool english) {
  switch (kind) {
    case Kind::kBlank:
      return english ? "The query must not be blank" : "검색어는 비워 둘 수 없습니다";
    case Kind::kTooLong:
      return english
                 ? fmt::format("The query must have at most {} characters", search::kQueryUnitsMax)
                 : fmt::format("검색어는 {}자를 넘을 수 없습니다", search::kQueryUnitsMax);
    case Kind::kNothingPositive:
      return english ? "The query must say something to look for, not only what to leave out"
                     : "검색어에는 제외할 말 말고도 찾을 말이 있어야 합니다";
    default:
      break;
  }
  return english ? "The query cannot be understood" : "검색어를 이해할 수 없습니다";
}

// What is said behind the number of the part and the part.
std::string OfThePart(Kind kind, bool english) {
  switch (kind) {
    case Kind::kTooManyParts:
      return english
                 ? fmt::format("is more than the {} parts a query may have", search::kQueryPartsMax)
                 : fmt::format("검색어 조건은 {}개를 넘을 수 없습니다", search::kQueryPartsMax);
    case Kind::kOpenQuote:
      return english ? "has a quote that is not closed" : "따옴표가 닫히지 않았습니다";
    case Kind::kEmptyPart:
      return english ? "has nothing to look for" : "찾을 말이 없습니다";
    case Kind::kUnknownName:
      return english ? "has a name that is not known; from:, since: and until: are"
                     : "알 수 없는 조건입니다. from:, since:, until: 을 쓸 수 있습니다";
    case Kind::kBadDay:
      return english ? "needs a day that exists, as 2026-03-01"
                     : "2026-03-01 같은 실제 날짜여야 합니다";
    case Kind::kBadHandle:
      return english ? "needs a handle" : "올바른 핸들이어야 합니다";
    default:
      break;
  }
  return english ? "cannot be understood" : "이해할 수 없습니다";
}

}  // namespace

std::string ProblemSentence(const search::QueryProblem& problem, Language language) {
  const bool english = language == Language::kEnglish;
  if (problem.part == 0) return OfTheWhole(problem.kind, english);
  const std::string what = OfThePart(problem.kind, english);
  return english ? fmt::format("Part {} ({}) {}", problem.part, problem.text, what)
                 : fmt::format("{}번째 조건({}): {}", problem.part, problem.text, what);
}

}  // namespace dailyfeed::http
