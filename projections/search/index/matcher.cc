#include "projections/search/index/matcher.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/search/index/gram.h"

namespace dailyfeed::search {
namespace {

// With so few candidates comparing their positions is cheaper than one more list.
constexpr size_t kFewCandidates = 64;

// Of a needle of one or two.
Gram ExactGram(std::u32string_view needle, Form form) {
  return needle.size() == 1 ? One(needle[0], form) : Pair(needle[0], needle[1], form);
}

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

absl::StatusOr<SegmentReader::Documents> Matcher::With(Gram gram) {
  ++work_;
  ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(gram));
  if (list == nullptr) {
    return std::make_shared<const OrdinalSet>(reader_->segment().info().ordinals());
  }
  return reader_->Ordinals(*list);
}

absl::StatusOr<OrdinalSet> Matcher::Match(std::u32string_view needle) {
  if (needle.size() >= 3) return Intersect(needle, nullptr);
  ASSIGN_OR_RETURN(const SegmentReader::Documents documents, With(ExactGram(needle, form_)));
  return *documents;
}

absl::StatusOr<OrdinalSet> Matcher::MatchWithin(std::u32string_view needle,
                                                const OrdinalSet& candidates) {
  if (candidates.Empty()) return candidates;
  if (needle.size() >= 3) return Intersect(needle, &candidates);
  ASSIGN_OR_RETURN(const SegmentReader::Documents documents, With(ExactGram(needle, form_)));
  OrdinalSet hits = candidates;
  hits.And(*documents);
  return hits;
}

absl::StatusOr<uint32_t> Matcher::MostWith(std::u32string_view needle) {
  uint32_t most = UINT32_MAX;
  const auto look = [&](Gram gram) -> absl::Status {
    ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(gram));
    most = std::min(most, list == nullptr ? 0 : list->documents);
    return absl::OkStatus();
  };
  if (needle.size() < 3) {
    RETURN_IF_ERROR(look(ExactGram(needle, form_)));
    return most;
  }
  for (const PlacedGram& placed : Cover(needle, form_)) {
    RETURN_IF_ERROR(look(placed.gram));
    if (most == 0) break;
  }
  return most;
}

absl::StatusOr<bool> Matcher::Keep(Gram gram, std::optional<OrdinalSet>* hits) {
  ++work_;
  ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(gram));
  if (list == nullptr) {
    *hits = OrdinalSet(reader_->segment().info().ordinals());
    return false;
  }
  ASSIGN_OR_RETURN(const SegmentReader::Documents documents, reader_->Ordinals(*list));
  if (hits->has_value()) {
    (*hits)->And(*documents);
  } else {
    *hits = *documents;
  }
  return !(*hits)->Empty();
}

// The grams that decide about a needle come first, the rarest before the others. Only
// while many documents are left is it worth reading the lists of its other grams.
absl::StatusOr<OrdinalSet> Matcher::Intersect(std::u32string_view needle,
                                              const OrdinalSet* candidates) {
  std::optional<OrdinalSet> hits;
  if (candidates != nullptr) hits = *candidates;
  if (IsTriple(needle[0], needle[1], needle[2])) {
    ASSIGN_OR_RETURN(const bool left, Keep(Triple(needle[0], needle[1], needle[2], form_), &hits));
    if (!left || needle.size() == 3) return *std::move(hits);
  }
  if (hits.has_value()) {
    ASSIGN_OR_RETURN(const bool left, KeepBorders(needle, &hits));
    if (!left) return *std::move(hits);
  }
  const std::vector<PlacedGram> cover = Cover(needle, form_);
  std::vector<const PostingList*> lists;
  for (const PlacedGram& placed : cover) {
    ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(placed.gram));
    if (list == nullptr) return OrdinalSet(reader_->segment().info().ordinals());
    lists.push_back(list);
  }
  std::sort(lists.begin(), lists.end(),
            [](const PostingList* a, const PostingList* b) { return a->documents < b->documents; });
  for (const PostingList* list : lists) {
    ASSIGN_OR_RETURN(const bool left, Keep(list->gram, &hits));
    if (!left) return *std::move(hits);
  }
  ASSIGN_OR_RETURN(const bool exact, KeepFiltered(needle, &hits));
  if (!exact) RETURN_IF_ERROR(KeepAdjacent(cover, &*hits));
  return *std::move(hits);
}

// Candidates mostly have the words of a phrase, but not side by side.
absl::StatusOr<bool> Matcher::KeepBorders(std::u32string_view phrase,
                                          std::optional<OrdinalSet>* hits) {
  for (size_t i = 1; i + 1 < phrase.size(); ++i) {
    if (phrase[i] != U' ') continue;
    ASSIGN_OR_RETURN(const bool left,
                     Keep(Triple(phrase[i - 1], phrase[i], phrase[i + 1], form_), hits));
    if (!left) return false;
  }
  return true;
}

// With lists that say more than those of the cover, while many are left. True: no
// positions need to be compared.
absl::StatusOr<bool> Matcher::KeepFiltered(std::u32string_view needle,
                                           std::optional<OrdinalSet>* hits) {
  const uint64_t documents = reader_->segment().info().documents;
  for (const FrequentTriple& triple : FrequentTriples(needle, form_)) {
    if ((*hits)->Count() <= kFewCandidates) return false;
    ASSIGN_OR_RETURN(const PostingList* const first, reader_->Find(triple.first_pair));
    ASSIGN_OR_RETURN(const PostingList* const second, reader_->Find(triple.second_pair));
    if (first == nullptr || second == nullptr) {
      *hits = OrdinalSet(reader_->segment().info().ordinals());
      return true;
    }
    if (!IsFrequent(first->documents, documents) || !IsFrequent(second->documents, documents)) {
      continue;
    }
    ASSIGN_OR_RETURN(const bool left, Keep(triple.triple, hits));
    if (!left || needle.size() == 3) return true;
  }
  std::vector<Gram> grams;
  VisitGrams(needle, form_, [&](Gram gram, uint32_t) {
    if ((gram & kTripleBit) != 0) grams.push_back(gram);
  });
  for (const Gram gram : grams) {
    if ((*hits)->Count() <= kFewCandidates) return false;
    ASSIGN_OR_RETURN(const bool left, Keep(gram, hits));
    if (!left) return true;
  }
  return false;
}

absl::Status Matcher::KeepAdjacent(const std::vector<PlacedGram>& cover, OrdinalSet* candidates) {
  std::vector<SegmentReader::Documents> documents(cover.size());
  std::vector<std::unique_ptr<PositionReader>> readers;
  for (size_t i = 0; i < cover.size(); ++i) {
    ASSIGN_OR_RETURN(const PostingList* const list, reader_->Find(cover[i].gram));
    ASSIGN_OR_RETURN(documents[i], reader_->Ordinals(*list));
    readers.push_back(std::make_unique<PositionReader>(reader_, *list, *documents[i]));
  }
  std::vector<std::span<const uint32_t>> positions(cover.size());
  std::vector<uint32_t> kept;
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
    if (stands) kept.push_back(ordinal);
  });
  RETURN_IF_ERROR(status);
  *candidates = OrdinalSet::FromSorted(candidates->size(), std::move(kept));
  return absl::OkStatus();
}

}  // namespace dailyfeed::search
