#include "projections/search/members/member_search.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "projections/search/text/code_points.h"

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

bool IsIn(const std::vector<CodePointRange>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](const CodePointRange& range) {
    return range.first <= c && c <= range.last;
  });
}

// Whether a name of the i-th member may come of what was typed. What a name begins
// with says no for nearly all, without a look at the texts.
bool MayBeTyped(const MemberNames::Chunk& chunk, size_t i, const TypedPrefix& typed) {
  const std::array<char32_t, kNames>& heads = chunk.heads[i];
  const auto may_begin = [&](char32_t head) {
    return head != 0 && (typed.heads().empty() || IsIn(typed.heads(), head));
  };
  if (std::none_of(heads.begin(), heads.end(), may_begin)) return false;
  const std::array<std::string_view, kNames> names = SplitNames(chunk.TextAt(i));
  for (size_t name = 0; name < kNames; ++name) {
    if (may_begin(heads[name]) && typed.Matches(CodePoints(names[name]))) return true;
  }
  return false;
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
  for (const auto& slot : names.chunks()) {
    const MemberNames::Chunk& chunk = *slot.chunk;
    for (size_t i = 0; i < chunk.ids.size(); ++i) {
      if (!MayBeTyped(chunk, i, typed)) continue;
      best.push_back({.id = chunk.ids[i], .followers = followers.Of(chunk.ids[i])});
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
