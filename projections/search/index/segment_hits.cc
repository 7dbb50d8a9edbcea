#include "projections/search/index/segment_hits.h"

#include <string>
#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed::search {

SegmentHits::SegmentHits(const TextQuery& query, const SegmentPart& part,
                         const ProjectionReader& rows, SegmentCache* cache)
    : query_(query),
      part_(part),
      reader_(*part.segment, rows, cache),
      searched_(&reader_, Form::kSearched),
      strict_(&reader_, Form::kStrict) {}

absl::StatusOr<OrdinalSet> SegmentHits::With(const std::u32string& needle,
                                             const OrdinalSet* candidates) {
  const auto find = [&](Matcher& matcher) {
    return candidates == nullptr ? matcher.Match(needle) : matcher.MatchWithin(needle, *candidates);
  };
  ASSIGN_OR_RETURN(OrdinalSet documents, find(searched_));
  if (differs_ == nullptr) return documents;
  // Those with a strict form of their own have grams of it.
  documents.AndNot(*differs_);
  ASSIGN_OR_RETURN(const OrdinalSet strict, find(strict_));
  documents.Or(strict);
  return documents;
}

absl::StatusOr<OrdinalSet> SegmentHits::WithAny(const Requirement& requirement, bool typed_only) {
  OrdinalSet any(segment().info().ordinals());
  if (!requirement.typed.empty()) {
    ASSIGN_OR_RETURN(any, With(requirement.typed.points, nullptr));
  }
  for (const Gram gram : requirement.grams) {
    ASSIGN_OR_RETURN(const OrdinalSet documents, searched_.With(gram));
    any.Or(documents);
  }
  if (typed_only) return any;
  for (const Gram gram : requirement.loosened_grams) {
    ASSIGN_OR_RETURN(const OrdinalSet documents, searched_.With(gram));
    any.Or(documents);
  }
  for (const Substring& needle : requirement.loosened) {
    ASSIGN_OR_RETURN(const OrdinalSet documents, With(needle.points, nullptr));
    any.Or(documents);
  }
  return any;
}

absl::Status SegmentHits::Find() {
  hits_ = OrdinalSet(segment().info().ordinals());
  const SegmentInfo& info = segment().info();
  if (info.created_max < query_.created_from || info.created_min > query_.created_to) {
    return absl::OkStatus();
  }
  if (query_.form == Form::kStrict) {
    ASSIGN_OR_RETURN(const PostingList* const differs, reader_.Find(kDiffersGram));
    if (differs != nullptr) {
      ASSIGN_OR_RETURN(differs_, reader_.Ordinals(*differs));
    }
  }
  bool begun = false;
  for (const bool excluded : {false, true}) {
    for (const Requirement& requirement : query_.requirements) {
      if (requirement.excluded != excluded) continue;
      ASSIGN_OR_RETURN(OrdinalSet with, WithAny(requirement, /*typed_only=*/false));
      if (excluded) {
        hits_.AndNot(with);
      } else {
        if (begun) with.And(hits_);
        hits_ = std::move(with);
        begun = true;
      }
      if (hits_.Empty()) return absl::OkStatus();
    }
  }
  if (part_.void_documents != nullptr) hits_.AndNot(*part_.void_documents);
  RETURN_IF_ERROR(KeepCreated());
  count_ = hits_.Count();
  return absl::OkStatus();
}

absl::Status SegmentHits::KeepCreated() {
  const SegmentInfo& info = segment().info();
  if (info.created_min >= query_.created_from && info.created_max <= query_.created_to) {
    return absl::OkStatus();
  }
  std::vector<uint32_t> kept;
  RETURN_IF_ERROR(reader_.VisitCreated(hits_, [&](uint32_t ordinal, TimestampNs created) {
    if (created >= query_.created_from && created <= query_.created_to) kept.push_back(ordinal);
  }));
  hits_ = OrdinalSet::FromSorted(hits_.size(), std::move(kept));
  return absl::OkStatus();
}

absl::StatusOr<const OrdinalSet*> SegmentHits::Typed() {
  if (!typed_.has_value()) {
    OrdinalSet typed = hits_;
    for (const Requirement& requirement : query_.requirements) {
      if (requirement.excluded || !requirement.HasLoosened()) continue;
      ASSIGN_OR_RETURN(const OrdinalSet with, WithAny(requirement, /*typed_only=*/true));
      typed.And(with);
    }
    typed_ = std::move(typed);
  }
  return &*typed_;
}

absl::StatusOr<const OrdinalSet*> SegmentHits::Contiguous() {
  if (!contiguous_.has_value()) {
    ASSIGN_OR_RETURN(contiguous_, With(query_.phrase.points, &hits_));
  }
  return &*contiguous_;
}

absl::StatusOr<OrdinalSet> SegmentHits::WithWords(WordFit fit, const OrdinalSet& candidates) {
  OrdinalSet left = candidates;
  for (const Substring& word : query_.words) {
    if (left.Empty()) break;
    const std::u32string& points = word.points;
    const bool has_gram = points.size() >= 2 && points.find(U' ') == points.npos;
    if (fit == WordFit::kWhole && has_gram) {
      RETURN_IF_ERROR(KeepWord(points, &left));
      continue;
    }
    std::u32string spaced = U" " + points;
    if (fit == WordFit::kWhole) spaced.push_back(U' ');
    ASSIGN_OR_RETURN(OrdinalSet with, With(spaced, &left));
    left = std::move(with);
  }
  return left;
}

// Those that have it as a whole word.
absl::Status SegmentHits::KeepWord(std::u32string_view word, OrdinalSet* documents) {
  ASSIGN_OR_RETURN(OrdinalSet with, searched_.With(WordGram(word, Form::kSearched)));
  if (differs_ != nullptr) {
    with.AndNot(*differs_);
    ASSIGN_OR_RETURN(const OrdinalSet strict, strict_.With(WordGram(word, Form::kStrict)));
    with.Or(strict);
  }
  documents->And(with);
  return absl::OkStatus();
}

absl::StatusOr<const OrdinalSet*> SegmentHits::Fitting(WordFit fit) {
  std::optional<OrdinalSet>& whole = fits_[0];
  std::optional<OrdinalSet>& start = fits_[1];
  std::optional<OrdinalSet>& inside = fits_[2];
  if (!whole.has_value()) {
    ASSIGN_OR_RETURN(whole, WithWords(WordFit::kWhole, hits_));
  }
  // Whole words are the cheapest to find, and often the page is full then.
  if (fit != WordFit::kWhole && !start.has_value()) {
    inside = hits_;
    inside->AndNot(*whole);
    ASSIGN_OR_RETURN(start, WithWords(WordFit::kStart, *inside));
    inside->AndNot(*start);
  }
  return &*fits_[static_cast<size_t>(fit)];
}

absl::StatusOr<const OrdinalSet*> SegmentHits::OfLength(uint8_t length_class) {
  std::optional<OrdinalSet>& documents = lengths_[length_class];
  if (!documents.has_value()) {
    ASSIGN_OR_RETURN(documents, searched_.With(LengthGram(length_class)));
  }
  return &*documents;
}

absl::StatusOr<OrdinalSet> SegmentHits::AtLevel(size_t level) {
  if (count_ == 0) return OrdinalSet(hits_.size());
  if (query_.by_time) return level == 0 ? hits_ : OrdinalSet(hits_.size());
  const size_t place = level / kLengthClasses / 3;
  OrdinalSet at(hits_.size());
  {
    ASSIGN_OR_RETURN(const OrdinalSet* const fitting,
                     Fitting(static_cast<WordFit>(level / kLengthClasses % 3)));
    if (fitting->Empty()) return at;
    at = *fitting;
  }
  const auto keep = [&](const OrdinalSet& part, bool inside) {
    if (inside) {
      at.And(part);
    } else {
      at.AndNot(part);
    }
  };
  if (query_.HasLoosened()) {
    ASSIGN_OR_RETURN(const OrdinalSet* const typed, Typed());
    keep(*typed, place < 2);
  } else if (place >= 2) {
    return OrdinalSet(hits_.size());
  }
  if (!query_.phrase.empty()) {
    ASSIGN_OR_RETURN(const OrdinalSet* const contiguous, Contiguous());
    keep(*contiguous, place % 2 == 0);
  } else if (place % 2 == 1) {
    return OrdinalSet(hits_.size());
  }
  ASSIGN_OR_RETURN(const OrdinalSet* const length,
                   OfLength(static_cast<uint8_t>(level % kLengthClasses)));
  at.And(*length);
  return at;
}

}  // namespace dailyfeed::search
