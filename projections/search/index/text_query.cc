#include "projections/search/index/text_query.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "projections/search/index/find_bytes.h"
#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

bool Contains(std::string_view text, const Substring& wanted) {
  return HasBytes(text, wanted.bytes);
}

WordFit FitOf(const TextQuery& query, std::string_view text) {
  const auto all = [&](std::string Substring::*form) {
    return std::all_of(query.words.begin(), query.words.end(),
                       [&](const Substring& word) { return HasBytes(text, word.*form); });
  };
  if (!all(&Substring::starting)) return WordFit::kInside;
  return all(&Substring::whole) ? WordFit::kWhole : WordFit::kStart;
}

enum class Answer { kNo, kLoosened, kTyped };

Answer AnswerOf(const Requirement& requirement, std::string_view text,
                absl::FunctionRef<bool(Gram)> has_gram) {
  if (!requirement.typed.empty() && Contains(text, requirement.typed)) return Answer::kTyped;
  if (std::any_of(requirement.grams.begin(), requirement.grams.end(), has_gram)) {
    return Answer::kTyped;
  }
  const bool loosened =
      std::any_of(requirement.loosened_grams.begin(), requirement.loosened_grams.end(), has_gram) ||
      std::any_of(requirement.loosened.begin(), requirement.loosened.end(),
                  [&](const Substring& needle) { return Contains(text, needle); });
  return loosened ? Answer::kLoosened : Answer::kNo;
}

}  // namespace

Substring::Substring(std::u32string_view text)
    : points(text), bytes(Utf8(text)), starting(" " + bytes), whole(starting + " ") {}

bool TextQuery::HasLoosened() const {
  return std::any_of(requirements.begin(), requirements.end(), [](const Requirement& requirement) {
    return !requirement.excluded && requirement.HasLoosened();
  });
}

TextQuery KeywordQuery(const std::vector<std::u32string>& terms, std::u32string_view phrase) {
  TextQuery query = {.form = Form::kStrict};
  for (const std::u32string& term : terms) {
    query.requirements.push_back({.typed = Substring(term)});
    query.words.emplace_back(term);
  }
  if (phrase.find(U' ') != std::u32string_view::npos) query.phrase = Substring(phrase);
  return query;
}

std::optional<size_t> LevelIn(const TextQuery& query, const FormOfText& text,
                              TimestampNs created_at, absl::FunctionRef<bool(Gram)> has_gram) {
  if (created_at < query.created_from || created_at > query.created_to) return std::nullopt;
  bool typed = true;
  for (const Requirement& requirement : query.requirements) {
    const Answer answer = AnswerOf(requirement, text.bytes, has_gram);
    if ((answer == Answer::kNo) != requirement.excluded) return std::nullopt;
    if (answer == Answer::kLoosened) typed = false;
  }
  if (query.by_time) return 0;
  const bool contiguous = query.phrase.empty() || Contains(text.bytes, query.phrase);
  return LevelOf(typed, contiguous, FitOf(query, text.bytes), LengthClass(text.code_points));
}

std::optional<size_t> LevelOf(const TextQuery& query, const Document& document) {
  const std::u32string strict = StrictForm(document.text);
  const std::u32string searched = SearchedForm(document.text);
  const std::string bytes = Utf8(query.form == Form::kStrict ? strict : searched);
  absl::InlinedVector<Gram, 8> grams;
  VisitDocumentGrams(document.author, searched, LengthClass(strict.size()),
                     [&](Gram gram) { grams.push_back(gram); });
  return LevelIn(
      query, {.bytes = bytes, .code_points = strict.size()}, document.created_at,
      [&](Gram gram) { return std::find(grams.begin(), grams.end(), gram) != grams.end(); });
}

}  // namespace dailyfeed::search
