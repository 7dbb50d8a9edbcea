// What somebody types to find a member, and which names it finds.
//
//   ASSIGN_OR_RETURN(const MemberQuery query, ParseMemberQuery("@Kim min"));
//   query.Matches("kim_7\nkim minji\n\n");   // true
//   query.RankOf("kim_7\nkim minji\n\n");    // kBeginning: "kim min" begins a name
//
// A name is found when each term, cut at white space, is a part of one of the
// member's names. Both sides are loose (loose_name.h). A term of Hangul syllables
// is also found with a space at one place inside: 김민지 finds 김 민지. One particle
// at its end is looked through (search/text/particles.h): 김민지에게 finds 김민지. An
// `@` in front of a term is passed over.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_QUERY_H_
#define DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_QUERY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace dailyfeed::search {

// In UTF-16 code units of what was typed.
inline constexpr size_t kMemberQueryUnitsMax = 200;
inline constexpr size_t kMemberQueryTermsMax = 32;

// Part of a name. Never empty, without white space.
class NameTerm {
 public:
  static constexpr size_t kNotThere = std::string_view::npos;

  explicit NameTerm(std::string text);

  const std::string& text() const { return text_; }
  // Where the term stands first in `text`, from `from` on; kNotThere.
  size_t FindIn(std::string_view text, size_t from = 0) const;
  // How many bytes it takes at the front of `text`; kNotThere.
  size_t LengthAtFrontOf(std::string_view text) const;

 private:
  std::string text_;
  size_t head_bytes_ = 0;       // of the first code point
  bool may_be_spaced_ = false;  // syllables only, more than one
};

// The order of ranks is the order of an answer.
enum class NameRank : unsigned char { kHandle, kBeginning, kPart, kWithoutParticles };

class MemberQuery {
 public:
  enum class Particles { kCertain, kAll };

  // `words` are at least one.
  MemberQuery(std::vector<std::string> words, Particles particles);

  // `text`: the names of a member (member_names.h).
  bool Matches(std::string_view text) const;
  // Of a member who matches: the query is the whole handle, or a name begins with
  // its words in their order, or neither; or not all words are there as typed.
  NameRank RankOf(std::string_view text) const;

  // What to ask when nobody is found: the same, with every particle looked through.
  // nullopt: there is nothing more to look through.
  std::optional<MemberQuery> Looser() const;

  // Without particles, each once; the first is the longest: what a scan looks for.
  const std::vector<NameTerm>& terms() const { return terms_; }

 private:
  bool HasAllAsTyped(std::string_view text) const;
  bool BeginsName(std::string_view name) const;

  std::vector<std::string> typed_;
  std::vector<NameTerm> words_;  // of typed_
  std::vector<NameTerm> terms_;
  bool has_particles_ = false;  // that terms_ are without
  bool may_be_looser_ = false;
};

// INVALID_ARGUMENT (kInvalidRequest), with a violation of the field `q`: blank, too
// long, or too many terms.
absl::StatusOr<MemberQuery> ParseMemberQuery(std::string_view q);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_QUERY_H_
