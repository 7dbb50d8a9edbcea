#include "projections/search/query_plan.h"

#include <algorithm>
#include <utility>

#include "projections/search/text/code_points.h"
#include "projections/search/text/particles.h"

namespace dailyfeed::search {
namespace {

TimestampNs StartOf(const absl::CivilDay& day, absl::TimeZone zone) {
  return absl::ToUnixNanos(absl::FromCivil(day, zone));
}

std::u32string_view WithoutSpaces(std::u32string_view phrase) {
  while (phrase.starts_with(U' ')) phrase.remove_prefix(1);
  while (phrase.ends_with(U' ')) phrase.remove_suffix(1);
  return phrase;
}

class Planner {
 public:
  Planner(const PlanOptions& options, absl::FunctionRef<MemberId(std::string_view)> member_of)
      : options_(options), member_of_(member_of) {
    plan_.query.by_time = options.newest_first;
  }

  QueryPlan Run(const SearchQuery& typed) {
    for (const QueryPart& part : typed.parts) Add(part);
    const auto& all = plan_.query.requirements;
    const bool positive =
        std::any_of(all.begin(), all.end(), [](const Requirement& one) { return !one.excluded; });
    if (!positive) AddEverything();
    SetPhrase(typed);
    return std::move(plan_);
  }

 private:
  void Add(const QueryPart& part) {
    switch (part.kind) {
      case QueryPart::Kind::kWord:
      case QueryPart::Kind::kPhrase:
        return AddText(part);
      case QueryPart::Kind::kTag:
        return AddTag(part);
      case QueryPart::Kind::kMention:
        return AddMention(part);
      case QueryPart::Kind::kFrom:
        return AddAuthor(part);
      case QueryPart::Kind::kSince:
      case QueryPart::Kind::kUntil:
        return AddDay(part);
    }
  }

  // What is excluded is excluded as it was typed, and in no other form.
  void AddText(const QueryPart& part) {
    Requirement requirement = {.typed = Substring(part.text), .excluded = part.excluded};
    if (!part.excluded) {
      plan_.query.words.emplace_back(WithoutSpaces(part.text));
      for (const Needle& needle : Needles(part)) AddLoosened(needle, &requirement);
    }
    plan_.query.requirements.push_back(std::move(requirement));
  }

  // What counts for the part, and is marked in what is found.
  std::vector<Needle> Needles(const QueryPart& part) {
    const Stems stems = options_.all_particles ? Stems::kAmbiguousToo : Stems::kAlways;
    std::vector<Needle> needles = NeedlesOf(part, stems);
    plan_.needles.insert(plan_.needles.end(), needles.begin(), needles.end());
    if (part.kind == QueryPart::Kind::kWord && !options_.all_particles) {
      const std::vector<Stem> all = StemsOf(part.text);
      plan_.has_more_particles |=
          std::any_of(all.begin(), all.end(), [](const Stem& stem) { return !stem.always; });
    }
    return needles;
  }

  static void AddLoosened(const Needle& needle, Requirement* requirement) {
    const std::u32string& text = needle.text;
    if (text != requirement->typed.points) requirement->loosened.emplace_back(text);
    if (!needle.may_be_split || text.size() > kSplitSyllablesMax) return;
    for (size_t at = 1; at < text.size(); ++at) {
      requirement->loosened.emplace_back(text.substr(0, at) + U' ' + text.substr(at));
    }
  }

  void AddTag(const QueryPart& part) {
    Requirement requirement = {.grams = {TagGram(part.text)}, .excluded = part.excluded};
    if (!part.excluded) {
      for (const std::u32string& longer : WithParticles(part.text)) {
        requirement.loosened_grams.push_back(TagGram(longer));
      }
      Needles(part);
    }
    plan_.query.requirements.push_back(std::move(requirement));
  }

  void AddMention(const QueryPart& part) {
    const std::u32string handle = CodePoints(part.handle);
    if (!part.excluded) Needles(part);
    plan_.query.requirements.push_back({.grams = {MentionGram(handle)}, .excluded = part.excluded});
  }

  void AddAuthor(const QueryPart& part) {
    Requirement requirement = {.excluded = part.excluded};
    const MemberId member = member_of_(part.handle);
    if (member != 0) requirement.grams.push_back(AuthorGram(member));
    plan_.query.requirements.push_back(std::move(requirement));
  }

  // Not since a day is before it; not until a day is after it.
  void AddDay(const QueryPart& part) {
    TextQuery& query = plan_.query;
    const bool since = part.kind == QueryPart::Kind::kSince;
    if (since != part.excluded) {
      const absl::CivilDay first = since ? part.day : part.day + 1;
      query.created_from = std::max(query.created_from, StartOf(first, options_.zone));
    } else {
      const absl::CivilDay behind = since ? part.day : part.day + 1;
      query.created_to = std::min(query.created_to, StartOf(behind, options_.zone) - 1);
    }
  }

  void AddEverything() {
    Requirement everything;
    for (size_t i = 0; i < kLengthClasses; ++i) {
      everything.grams.push_back(LengthGram(static_cast<uint8_t>(i)));
    }
    plan_.query.requirements.push_back(std::move(everything));
  }

  // Words that follow each other, as one piece.
  void SetPhrase(const SearchQuery& typed) {
    std::u32string phrase;
    size_t words = 0;
    for (const QueryPart& part : typed.parts) {
      if (part.excluded) continue;
      if (part.kind != QueryPart::Kind::kWord && part.kind != QueryPart::Kind::kPhrase) continue;
      if (words++ > 0) phrase.push_back(U' ');
      phrase += WithoutSpaces(part.text);
    }
    if (words > 1) plan_.query.phrase = Substring(phrase);
  }

  const PlanOptions& options_;
  const absl::FunctionRef<MemberId(std::string_view)> member_of_;
  QueryPlan plan_;
};

}  // namespace

QueryPlan PlanQuery(const SearchQuery& typed, const PlanOptions& options,
                    absl::FunctionRef<MemberId(std::string_view handle)> member_of) {
  return Planner(options, member_of).Run(typed);
}

}  // namespace dailyfeed::search
