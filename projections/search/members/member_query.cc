#include "projections/search/members/member_query.h"

#include <string.h>

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/text.h"
#include "core/domain/errors.h"
#include "projections/search/members/loose_name.h"
#include "projections/search/members/member_names.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/hangul.h"
#include "projections/search/text/particles.h"

namespace dailyfeed::search {
namespace {

constexpr char kHandleMark = '@';

absl::Status Refuse(Violation::Rule rule, size_t limit = 0) {
  return MakeViolations({{.field = "q", .rule = rule, .limit = static_cast<int64_t>(limit)}});
}

// The words of a loose name.
std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.size() > 1 && word.front() == kHandleMark) word.remove_prefix(1);
    words.emplace_back(word);
  }
  return words;
}

// A word without the particle at its end. What has the word has its stems, which
// are beginnings of it, so the shortest stem finds all that any of them finds.
struct Stripped {
  std::string text;
  bool may_be_shorter = false;  // when every particle is looked through
};
Stripped WithoutParticle(const std::string& word, MemberQuery::Particles particles) {
  std::u32string shortest = CodePoints(word);
  size_t shortest_of_all = shortest.size();
  for (const Stem& stem : StemsOf(CodePoints(word))) {
    shortest_of_all = std::min(shortest_of_all, stem.text.size());
    if (!stem.always && particles == MemberQuery::Particles::kCertain) continue;
    if (stem.text.size() < shortest.size()) shortest = stem.text;
  }
  return {.text = Utf8(shortest), .may_be_shorter = shortest_of_all < shortest.size()};
}

}  // namespace

NameTerm::NameTerm(std::string text) : text_(std::move(text)) {
  DAILYFEED_CHECK(!text_.empty());
  std::string_view rest = text_;
  bool all_syllables = IsSyllable(NextCodePoint(&rest));
  head_bytes_ = text_.size() - rest.size();
  may_be_spaced_ = all_syllables && !rest.empty();
  while (may_be_spaced_ && !rest.empty()) may_be_spaced_ = IsSyllable(NextCodePoint(&rest));
}

size_t NameTerm::FindIn(std::string_view text, size_t from) const {
  // Of a term that may be spaced only the first syllable is looked for.
  const size_t needle_bytes = may_be_spaced_ ? head_bytes_ : text_.size();
  while (from < text.size()) {
    const void* found = memmem(text.data() + from, text.size() - from, text_.data(), needle_bytes);
    if (found == nullptr) return kNotThere;
    const auto at = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    if (!may_be_spaced_ || LengthAtFrontOf(text.substr(at)) != kNotThere) return at;
    from = at + head_bytes_;
  }
  return kNotThere;
}

size_t NameTerm::LengthAtFrontOf(std::string_view text) const {
  if (text.starts_with(text_)) return text_.size();
  if (!may_be_spaced_) return kNotThere;
  // One space inside, which is no part of a syllable's bytes.
  size_t at = 0;
  bool spaced = false;
  for (size_t i = 0; i < text_.size(); ++i, ++at) {
    if (at < text.size() && text[at] == ' ' && i > 0 && !spaced) {
      spaced = true;
      ++at;
    }
    if (at >= text.size() || text[at] != text_[i]) return kNotThere;
  }
  return at;
}

MemberQuery::MemberQuery(std::vector<std::string> words, Particles particles)
    : typed_(std::move(words)) {
  DAILYFEED_CHECK(!typed_.empty());
  for (const std::string& word : typed_) {
    words_.emplace_back(word);
    const Stripped stripped = WithoutParticle(word, particles);
    has_particles_ |= stripped.text != word;
    may_be_looser_ |= stripped.may_be_shorter;
    const bool is_new = std::none_of(terms_.begin(), terms_.end(), [&](const NameTerm& term) {
      return term.text() == stripped.text;
    });
    if (is_new) terms_.emplace_back(stripped.text);
  }
  std::stable_sort(terms_.begin(), terms_.end(), [](const NameTerm& a, const NameTerm& b) {
    return a.text().size() > b.text().size();
  });
}

std::optional<MemberQuery> MemberQuery::Looser() const {
  if (!may_be_looser_) return std::nullopt;
  return MemberQuery(typed_, Particles::kAll);
}

bool MemberQuery::Matches(std::string_view text) const {
  return std::all_of(terms_.begin(), terms_.end(), [text](const NameTerm& term) {
    return term.FindIn(text) != NameTerm::kNotThere;
  });
}

bool MemberQuery::BeginsName(std::string_view name) const {
  for (size_t i = 0; i < words_.size(); ++i) {
    if (i > 0) {
      if (!name.starts_with(' ')) return false;
      name.remove_prefix(1);
    }
    const size_t length = words_[i].LengthAtFrontOf(name);
    if (length == NameTerm::kNotThere) return false;
    name.remove_prefix(length);
  }
  return true;
}

bool MemberQuery::HasAllAsTyped(std::string_view text) const {
  return std::all_of(words_.begin(), words_.end(), [text](const NameTerm& word) {
    return word.FindIn(text) != NameTerm::kNotThere;
  });
}

NameRank MemberQuery::RankOf(std::string_view text) const {
  if (has_particles_ && !HasAllAsTyped(text)) return NameRank::kWithoutParticles;
  const auto names = SplitNames(text);
  if (words_.size() == 1 && words_[0].text() == names[0]) return NameRank::kHandle;
  const bool begins = std::any_of(names.begin(), names.end(),
                                  [this](std::string_view name) { return BeginsName(name); });
  return begins ? NameRank::kBeginning : NameRank::kPart;
}

absl::StatusOr<MemberQuery> ParseMemberQuery(std::string_view q) {
  if (Utf16Length(q) > kMemberQueryUnitsMax) {
    return Refuse(Violation::Rule::kTooLong, kMemberQueryUnitsMax);
  }
  std::vector<std::string> words = WordsOf(LooseName(q));
  // Also when nothing is left of it, as of a variation selector alone.
  if (words.empty()) return Refuse(Violation::Rule::kBlank);
  MemberQuery query(std::move(words), MemberQuery::Particles::kCertain);
  if (query.terms().size() > kMemberQueryTermsMax) {
    return Refuse(Violation::Rule::kTooMany, kMemberQueryTermsMax);
  }
  return query;
}

}  // namespace dailyfeed::search
