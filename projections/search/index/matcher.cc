#include "projections/search/index/matcher.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/search/index/gram.h"

namespace dailyfeed::search {
namespace {

// With so few candidates comparing their positions is cheaper than one more list.
constexpr size_t kFewCandidates = 16;

// Whether `p` + distance is among the positions, for every gram behind the first.
bool StandAt(uint32_t first, const std::vector<PlacedGram>& cover,
             const std::vector<std::span<const uint32_t>>& positions) {
  for (size_t i = 1; i < cover.size(); ++i) {
    const uint32_t wanted = first - cover.front().offset + cover[i].offset;
    if (!std::binary_search(positions[i].begin(), positions[i].end(), wanted)) return false;
  }
  return true;
}

}  // namespace

struct Matcher::Lists {
  std::vector<const PostingList*> with_positions;  // the rarest first
  std::vector<const PostingList*> without;         // triples, which say more than pairs
  bool exact = false;                              // the intersection needs no positions
};

absl::StatusOr<Bitmap> Matcher::With(Gram gram) {
  ++work_;
  ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(gram));
  if (list == nullptr) return Bitmap(reader_->segment().info().ordinals());
  return reader_->Ordinals(*list);
}

absl::StatusOr<Bitmap> Matcher::Match(std::u32string_view needle) {
  if (needle.size() == 1) return With(One(needle[0], form_));
  if (needle.size() == 2) return With(Pair(needle[0], needle[1], form_));
  return Intersect(needle, nullptr);
}

absl::StatusOr<Bitmap> Matcher::MatchWithin(std::u32string_view needle, const Bitmap& candidates) {
  if (candidates.Empty()) return candidates;
  if (needle.size() >= 3) return Intersect(needle, &candidates);
  ASSIGN_OR_RETURN(Bitmap hits, Match(needle));
  hits.And(candidates);
  return hits;
}

absl::StatusOr<bool> Matcher::FindLists(std::u32string_view needle, Lists* lists) {
  if (needle.size() == 3 && IsTriple(needle[0], needle[1], needle[2])) {
    ASSIGN_OR_RETURN(const PostingList* const list,
                     reader_->Find(Triple(needle[0], needle[1], needle[2], form_)));
    if (list == nullptr) return false;
    lists->without.push_back(list);
    lists->exact = true;
    return true;
  }
  std::vector<Gram> grams;
  VisitGrams(needle, form_, [&](Gram gram, uint32_t) {
    if (HasPositions(gram) || (gram & kTripleBit) != 0) grams.push_back(gram);
  });
  std::sort(grams.begin(), grams.end());
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  for (const Gram gram : grams) {
    ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(gram));
    if (list == nullptr) return false;
    (HasPositions(gram) ? lists->with_positions : lists->without).push_back(list);
  }
  std::sort(lists->with_positions.begin(), lists->with_positions.end(),
            [](const PostingList* a, const PostingList* b) { return a->documents < b->documents; });
  return FindFrequent(needle, lists);
}

absl::StatusOr<bool> Matcher::FindFrequent(std::u32string_view needle, Lists* lists) {
  const uint64_t documents = reader_->segment().info().documents;
  for (const FrequentTriple& triple : FrequentTriples(needle, form_)) {
    ASSIGN_OR_RETURN(const PostingList* const first, reader_->Find(triple.first_pair));
    ASSIGN_OR_RETURN(const PostingList* const second, reader_->Find(triple.second_pair));
    if (!IsFrequent(first->documents, documents) || !IsFrequent(second->documents, documents)) {
      continue;
    }
    ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(triple.triple));
    if (list == nullptr) return false;
    lists->without.push_back(list);
    if (needle.size() == 3) lists->exact = true;
  }
  if (lists->exact) lists->with_positions.clear();
  return true;
}

absl::StatusOr<Bitmap> Matcher::Intersect(std::u32string_view needle, const Bitmap* candidates) {
  const size_t size = reader_->segment().info().ordinals();
  Lists lists;
  ASSIGN_OR_RETURN(const bool possible, FindLists(needle, &lists));
  if (!possible) return Bitmap(size);
  std::vector<const PostingList*> wanted = std::move(lists.without);
  wanted.insert(wanted.end(), lists.with_positions.begin(), lists.with_positions.end());
  Bitmap hits = candidates == nullptr ? Bitmap() : *candidates;
  bool begun = candidates != nullptr;
  for (const PostingList* list : wanted) {
    ++work_;
    ASSIGN_OR_RETURN(Bitmap documents, reader_->Ordinals(*list));
    if (begun) documents.And(hits);
    hits = std::move(documents);
    begun = true;
    const size_t left = hits.Count();
    if (left == 0) return hits;
    if (!lists.exact && left <= kFewCandidates) break;
  }
  if (!lists.exact) RETURN_IF_ERROR(KeepAdjacent(Cover(needle, form_), &hits));
  return hits;
}

absl::Status Matcher::KeepAdjacent(const std::vector<PlacedGram>& cover, Bitmap* candidates) {
  std::vector<Bitmap> documents(cover.size());
  std::vector<std::unique_ptr<PositionReader>> readers;
  for (size_t i = 0; i < cover.size(); ++i) {
    ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(cover[i].gram));
    ASSIGN_OR_RETURN(documents[i], reader_->Ordinals(*list));
    // Not every list was among those that were intersected.
    candidates->And(documents[i]);
    readers.push_back(std::make_unique<PositionReader>(reader_, *list, documents[i]));
  }
  std::vector<std::span<const uint32_t>> positions(cover.size());
  Bitmap kept(candidates->size());
  absl::Status status;
  candidates->VisitAscending([&](uint32_t ordinal) {
    ++work_;
    for (size_t i = 0; i < cover.size() && status.ok(); ++i) {
      auto at = readers[i]->At(ordinal);
      status = at.status();
      if (status.ok()) positions[i] = *at;
    }
    if (!status.ok()) return;
    const bool stands = std::any_of(positions[0].begin(), positions[0].end(), [&](uint32_t first) {
      return StandAt(first, cover, positions);
    });
    if (stands) kept.Set(ordinal);
  });
  RETURN_IF_ERROR(status);
  *candidates = std::move(kept);
  return absl::OkStatus();
}

}  // namespace dailyfeed::search
