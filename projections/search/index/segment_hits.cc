#include "projections/search/index/segment_hits.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed::search {

// ---- One form.

absl::StatusOr<OrdinalSet> FormHits::With(const std::u32string& needle,
                                          const OrdinalSet* candidates) {
  return candidates == nullptr ? matcher_.Match(needle) : matcher_.MatchWithin(needle, *candidates);
}

absl::StatusOr<OrdinalSet> FormHits::WithAny(const Requirement& requirement, bool typed_only) {
  const OrdinalSet* const candidates = begun_ ? &hits_ : nullptr;
  OrdinalSet any(hits_.size());
  if (!requirement.typed.empty()) {
    ASSIGN_OR_RETURN(any, With(requirement.typed.points, candidates));
  }
  const auto add = [&](const std::vector<Gram>& grams) -> absl::Status {
    for (const Gram gram : grams) {
      ASSIGN_OR_RETURN(const SegmentReader::Documents documents, matcher_.With(gram));
      any.Or(*documents);
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(add(requirement.grams));
  if (!typed_only) {
    RETURN_IF_ERROR(add(requirement.loosened_grams));
    for (const Substring& needle : requirement.loosened) {
      ASSIGN_OR_RETURN(const OrdinalSet documents, With(needle.points, candidates));
      any.Or(documents);
    }
  }
  return any;
}

// The rarest first, and each of the others among those that are left.
absl::Status FormHits::FindNeedles() {
  std::vector<std::pair<uint32_t, const std::u32string*>> needles;
  for (const Requirement& requirement : query_.requirements) {
    if (!requirement.IsNeedle()) continue;
    const std::u32string& needle = requirement.typed.points;
    ASSIGN_OR_RETURN(const uint32_t most, matcher_.MostWith(needle));
    if (most == 0) {
      begun_ = true;
      return absl::OkStatus();
    }
    needles.emplace_back(most, &needle);
  }
  std::sort(needles.begin(), needles.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [most, needle] : needles) {
    ASSIGN_OR_RETURN(hits_, With(*needle, begun_ ? &hits_ : nullptr));
    begun_ = true;
    if (hits_.Empty()) break;
  }
  return absl::OkStatus();
}

absl::Status FormHits::Find(const OrdinalSet* only, const OrdinalSet* left_out) {
  hits_ = OrdinalSet(reader_.segment().info().ordinals());
  RETURN_IF_ERROR(FindNeedles());
  for (const bool excluded : {false, true}) {
    for (const Requirement& requirement : query_.requirements) {
      if (begun_ && hits_.Empty()) return absl::OkStatus();
      if (requirement.excluded != excluded || requirement.IsNeedle()) continue;
      ASSIGN_OR_RETURN(OrdinalSet with, WithAny(requirement, /*typed_only=*/false));
      if (excluded) {
        hits_.AndNot(with);
      } else if (begun_) {
        hits_.And(with);
      } else {
        hits_ = std::move(with);
        begun_ = true;
      }
    }
  }
  if (only != nullptr) hits_.And(*only);
  if (left_out != nullptr) hits_.AndNot(*left_out);
  if (part_.void_documents != nullptr) hits_.AndNot(*part_.void_documents);
  return KeepCreated();
}

absl::Status FormHits::KeepCreated() {
  const SegmentInfo& info = reader_.segment().info();
  if (info.created_min >= query_.created_from && info.created_max <= query_.created_to) {
    return absl::OkStatus();
  }
  if (info.ordered) return KeepBetween();
  std::vector<uint32_t> kept;
  RETURN_IF_ERROR(reader_.VisitCreated(hits_, [&](uint32_t ordinal, TimestampNs created) {
    if (created >= query_.created_from && created <= query_.created_to) kept.push_back(ordinal);
  }));
  hits_ = OrdinalSet::FromSorted(hits_.size(), std::move(kept));
  return absl::OkStatus();
}

// They are neighbours.
absl::Status FormHits::KeepBetween() {
  ASSIGN_OR_RETURN(const uint32_t first, reader_.FirstCreatedFrom(query_.created_from));
  auto behind = static_cast<uint32_t>(hits_.size());
  if (query_.created_to < std::numeric_limits<TimestampNs>::max()) {
    ASSIGN_OR_RETURN(behind, reader_.FirstCreatedFrom(query_.created_to + 1));
  }
  hits_.KeepBetween(first, behind);
  return absl::OkStatus();
}

absl::StatusOr<const OrdinalSet*> FormHits::Typed() {
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

absl::StatusOr<const OrdinalSet*> FormHits::Contiguous() {
  if (!contiguous_.has_value()) {
    ASSIGN_OR_RETURN(contiguous_, With(query_.phrase.points, &hits_));
  }
  return &*contiguous_;
}

absl::StatusOr<OrdinalSet> FormHits::WithWords(WordFit fit, const OrdinalSet& candidates) {
  OrdinalSet left = candidates;
  for (const Substring& word : query_.words) {
    if (left.Empty()) break;
    const std::u32string& points = word.points;
    const bool has_gram = points.size() >= 2 && points.find(U' ') == points.npos;
    if (fit == WordFit::kWhole && has_gram) {
      ASSIGN_OR_RETURN(const SegmentReader::Documents with, matcher_.With(WordGram(points, form_)));
      left.And(*with);
      continue;
    }
    std::u32string spaced = U" " + points;
    if (fit == WordFit::kWhole) spaced.push_back(U' ');
    ASSIGN_OR_RETURN(left, With(spaced, &left));
  }
  return left;
}

absl::StatusOr<const OrdinalSet*> FormHits::Fitting(WordFit fit) {
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

absl::StatusOr<OrdinalSet> FormHits::AtLevel(size_t level) {
  const OrdinalSet none(hits_.size());
  if (hits_.Empty()) return none;
  if (query_.by_time) return level == 0 ? hits_ : none;
  const size_t place = level / kLengthClasses / 3;
  if (place >= 2 && !query_.HasLoosened()) return none;
  if (place % 2 == 1 && query_.phrase.empty()) return none;
  ASSIGN_OR_RETURN(const OrdinalSet* const fitting,
                   Fitting(static_cast<WordFit>(level / kLengthClasses % 3)));
  if (fitting->Empty()) return none;
  OrdinalSet at = *fitting;
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
  }
  if (!query_.phrase.empty()) {
    ASSIGN_OR_RETURN(const OrdinalSet* const contiguous, Contiguous());
    keep(*contiguous, place % 2 == 0);
  }
  if (at.Empty()) return none;
  ASSIGN_OR_RETURN(const SegmentReader::Documents length,
                   matcher_.With(LengthGram(static_cast<uint8_t>(level % kLengthClasses))));
  at.And(*length);
  return at;
}

// ---- Both.

SegmentHits::SegmentHits(const TextQuery& query, const SegmentPart& part,
                         const ProjectionReader& rows, SegmentCache* cache)
    : query_(query),
      part_(part),
      reader_(*part.segment, rows, cache),
      searched_(query, part, &reader_, Form::kSearched),
      strict_(query, part, &reader_, Form::kStrict) {}

absl::Status SegmentHits::Find() {
  const SegmentInfo& info = segment().info();
  if (info.created_max < query_.created_from || info.created_min > query_.created_to) {
    return absl::OkStatus();
  }
  SegmentReader::Documents differs;
  if (query_.form == Form::kStrict) {
    ASSIGN_OR_RETURN(const PostingList* const list, reader_.Find(kDiffersGram));
    if (list != nullptr) {
      ASSIGN_OR_RETURN(differs, reader_.Ordinals(*list));
    }
  }
  RETURN_IF_ERROR(searched_.Find(/*only=*/nullptr, /*left_out=*/differs.get()));
  if (differs == nullptr) return absl::OkStatus();
  return strict_.Find(/*only=*/differs.get(), /*left_out=*/nullptr);
}

absl::StatusOr<OrdinalSet> SegmentHits::AtLevel(size_t level) {
  ASSIGN_OR_RETURN(OrdinalSet at, searched_.AtLevel(level));
  if (strict_.count() == 0) return at;
  ASSIGN_OR_RETURN(const OrdinalSet strict, strict_.AtLevel(level));
  at.Or(strict);
  return at;
}

}  // namespace dailyfeed::search
