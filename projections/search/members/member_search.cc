#include "projections/search/members/member_search.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/check.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/hangul.h"

namespace dailyfeed::search {
namespace {

struct Hit {
  MemberId id = 0;
  uint32_t followers = 0;
  NameRank rank = NameRank::kPart;
};

bool Before(const Hit& a, const Hit& b) {
  if (a.rank != b.rank) return a.rank < b.rank;
  if (a.followers != b.followers) return a.followers > b.followers;
  return a.id < b.id;
}

// The longest term is looked for in all texts of the chunk at once, whatever else
// the query has in the texts that have it.
void FindInChunk(const MemberNames::Chunk& chunk, const FollowerColumn& followers,
                 const MemberQuery& query, std::vector<Hit>* hits) {
  const NameTerm& term = query.terms().front();
  const bool is_all = query.terms().size() == 1;
  size_t member = 0;
  for (size_t at = 0; (at = term.FindIn(chunk.texts, at)) != NameTerm::kNotThere;) {
    member =
        static_cast<size_t>(std::upper_bound(chunk.ends.begin() + static_cast<ptrdiff_t>(member),
                                             chunk.ends.end(), at) -
                            chunk.ends.begin());
    const std::string_view text = chunk.TextAt(member);
    const MemberId id = chunk.ids[member];
    if (is_all || query.Matches(text)) {
      hits->push_back({.id = id, .followers = followers.Of(id), .rank = query.RankOf(text)});
    }
    at = chunk.ends[member];
  }
}

// The first code points of what may come of what was typed: one range or two.
class Heads {
 public:
  explicit Heads(const TypedPrefix& typed) {
    const std::vector<CodePointRange>& ranges = typed.heads();
    DAILYFEED_CHECK(ranges.size() <= ranges_.size());
    // 0 is the head of an empty name.
    ranges_.fill(ranges.empty() ? CodePointRange{1, 0x10FFFF} : ranges.back());
    if (!ranges.empty()) ranges_[0] = ranges.front();
  }
  bool Has(char32_t c) const {
    return (ranges_[0].first <= c && c <= ranges_[0].last) ||
           (ranges_[1].first <= c && c <= ranges_[1].last);
  }

 private:
  std::array<CodePointRange, 2> ranges_;
};

// Whether a name in `text` may come of what was typed.
bool MayBeTyped(std::string_view text, const TypedPrefix& typed) {
  const std::array<std::string_view, kNames> names = SplitNames(text);
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return !name.empty() && typed.Matches(CodePoints(name));
  });
}

}  // namespace

FoundMembers FindMembers(const MemberNames& names, const FollowerColumn& followers,
                         const MemberQuery& query, uint64_t skip, size_t count) {
  std::vector<Hit> hits;
  for (const auto& slot : names.chunks()) FindInChunk(*slot.chunk, followers, query, &hits);
  FoundMembers found;
  found.total = hits.size();
  if (skip >= hits.size() || count == 0) return found;
  const auto first = hits.begin() + static_cast<ptrdiff_t>(skip);
  const auto behind = first + static_cast<ptrdiff_t>(std::min<uint64_t>(count, hits.size() - skip));
  // The page comes to its place, then into its order; the rest stays as it is.
  std::nth_element(hits.begin(), first, hits.end(), Before);
  std::partial_sort(first, behind, hits.end(), Before);
  for (auto hit = first; hit != behind; ++hit) found.ids.push_back(hit->id);
  return found;
}

std::vector<MemberId> SuggestMembers(const MemberNames& names, const FollowerColumn& followers,
                                     const TypedPrefix& typed, size_t max) {
  std::vector<Hit> best;  // a heap whose front is the last of them
  if (max == 0) return {};
  const Heads heads(typed);
  for (const auto& slot : names.chunks()) {
    const MemberNames::Chunk& chunk = *slot.chunk;
    for (size_t i = 0; i < chunk.ids.size(); ++i) {
      // Says no for nearly all, without a look at the texts.
      const auto& first = chunk.heads[i];
      if (std::none_of(first.begin(), first.end(), [&](char32_t c) { return heads.Has(c); })) {
        continue;
      }
      const Hit hit = {.id = chunk.ids[i], .followers = followers.Of(chunk.ids[i])};
      // Most have fewer followers than those that were found.
      if (best.size() == max && !Before(hit, best.front())) continue;
      if (!MayBeTyped(chunk.TextAt(i), typed)) continue;
      best.push_back(hit);
      std::push_heap(best.begin(), best.end(), Before);
      if (best.size() <= max) continue;
      std::pop_heap(best.begin(), best.end(), Before);
      best.pop_back();
    }
  }
  std::sort(best.begin(), best.end(), Before);
  std::vector<MemberId> ids;
  for (const Hit& hit : best) ids.push_back(hit.id);
  return ids;
}

}  // namespace dailyfeed::search
