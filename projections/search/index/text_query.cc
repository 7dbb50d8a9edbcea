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

bool IsHit(const TextQuery& query, std::string_view text, TimestampNs created_at,
           absl::FunctionRef<bool(Gram)> has_gram) {
  if (created_at < query.created_from || created_at > query.created_to) return false;
  return std::all_of(query.requirements.begin(), query.requirements.end(),
                     [&](const Requirement& requirement) {
                       const Answer answer = AnswerOf(requirement, text, has_gram);
                       return (answer == Answer::kNo) == requirement.excluded;
                     });
}

size_t PlaceOf(const TextQuery& query, std::string_view text,
               absl::FunctionRef<bool(Gram)> has_gram) {
  const bool loosened = std::any_of(
      query.requirements.begin(), query.requirements.end(), [&](const Requirement& requirement) {
        return !requirement.excluded && requirement.HasLoosened() &&
               AnswerOf(requirement, text, has_gram) == Answer::kLoosened;
      });
  const bool contiguous = query.phrase.empty() || Contains(text, query.phrase);
  return (loosened ? 2 : 0) + (contiguous ? 0 : 1);
}

bool FitsWords(const TextQuery& query, std::string_view text, WordFit fit) {
  if (fit == WordFit::kInside) return true;
  const auto form = fit == WordFit::kWhole ? &Substring::whole : &Substring::starting;
  return std::all_of(query.words.begin(), query.words.end(),
                     [&](const Substring& word) { return HasBytes(text, word.*form); });
}

std::optional<size_t> LevelIn(const TextQuery& query, const FormOfText& text,
                              TimestampNs created_at, absl::FunctionRef<bool(Gram)> has_gram) {
  if (!IsHit(query, text.bytes, created_at, has_gram)) return std::nullopt;
  if (query.by_time) return 0;
  WordFit fit = WordFit::kInside;
  if (FitsWords(query, text.bytes, WordFit::kStart)) {
    fit = FitsWords(query, text.bytes, WordFit::kWhole) ? WordFit::kWhole : WordFit::kStart;
  }
  return LevelOf(PlaceOf(query, text.bytes, has_gram), fit, LengthClass(text.code_points));
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
