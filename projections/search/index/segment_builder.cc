#include "projections/search/index/segment_builder.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/search/index/bytes.h"
#include "projections/search/index/frequent_triples.h"
#include "projections/search/index/segment_writer.h"

namespace dailyfeed::search {
void SegmentBuilder::SetRange(uint64_t first, uint64_t last) {
  DAILYFEED_CHECK(kind_ == Kind::kRange && documents_.empty());
  DAILYFEED_CHECK(first <= last && last - first < kSegmentOrdinalsMax);
  first_ = first;
  last_ = last;
  range_given_ = true;
}

uint32_t SegmentBuilder::OrdinalOf(size_t index) const {
  return static_cast<uint32_t>(kind_ == Kind::kRange ? documents_[index].id - first_ : index);
}

void SegmentBuilder::Add(Document document) {
  if (documents_.empty() && !range_given_) first_ = document.id;
  DAILYFEED_CHECK(documents_.empty() || document.id > documents_.back().id);
  DAILYFEED_CHECK(document.id >= first_);
  last_ = std::max(last_, document.id);
  text_bytes_ += document.text.size();
  documents_.push_back(std::move(document));
  const uint32_t ordinal = OrdinalOf(documents_.size() - 1);
  DAILYFEED_CHECK(ordinal < kSegmentOrdinalsMax);
  Index(ordinal, documents_.back());
}

void SegmentBuilder::Index(uint32_t ordinal, const Document& document) {
  const std::u32string searched = SearchedForm(document.text);
  const auto add = [&](Gram gram, uint32_t position) { AddGram(gram, ordinal, position); };
  VisitGrams(searched, Form::kSearched, add);
  VisitWords(searched, [&](std::u32string_view word) { add(WordGram(word, Form::kSearched), 0); });
  const std::u32string strict = StrictForm(document.text);
  if (strict != searched) {
    VisitGrams(strict, Form::kStrict, add);
    VisitWords(strict, [&](std::u32string_view word) { add(WordGram(word, Form::kStrict), 0); });
    add(kDiffersGram, 0);
  }
  VisitDocumentGrams(document.author, searched, LengthClass(strict.size()),
                     [&](Gram gram) { add(gram, 0); });
}

void SegmentBuilder::AddGram(Gram gram, uint32_t ordinal, uint32_t position) {
  List& list = lists_[gram];
  const bool again = list.documents > 0 && list.last_ordinal == ordinal;
  if (!again) {
    AppendVarint(ordinal - list.last_ordinal, &list.bytes);
    list.last_ordinal = ordinal;
    list.last_position = 0;
    ++list.documents;
  }
  if (!HasPositions(gram)) return;
  if (again)
    list.bytes[list.last_start] = static_cast<char>(list.bytes[list.last_start] | kMorePositions);
  list.last_start = static_cast<uint32_t>(list.bytes.size());
  AppendVarint(uint64_t{position - list.last_position} << 1, &list.bytes);
  list.last_position = position;
}

void SegmentBuilder::AddFrequentTriples() {
  FrequentTripleLists triples;
  for (const auto& [gram, list] : lists_) {
    const bool frequent = HasPositions(gram) && (gram & kTripleBit) == 0 &&
                          IsFrequent(list.documents, documents_.size());
    if (frequent) triples.AddPair(gram);
  }
  for (size_t i = 0; i < documents_.size(); ++i) triples.AddDocument(OrdinalOf(i), documents_[i]);
  for (const auto& [gram, ordinals] : triples.lists()) {
    for (const uint32_t ordinal : ordinals) AddGram(gram, ordinal, 0);
  }
}

// Takes ordinals and positions of a list apart.
void SegmentBuilder::Split(Gram gram, const List& list, Postings* postings) {
  postings->Clear();
  const bool has_positions = HasPositions(gram);
  ByteReader reader(list.bytes);
  uint32_t ordinal = 0;
  for (uint32_t i = 0; i < list.documents; ++i) {
    ordinal += static_cast<uint32_t>(reader.Varint());
    postings->ordinals.push_back(ordinal);
    if (!has_positions) continue;
    postings->starts.push_back(static_cast<uint32_t>(postings->positions.size()));
    uint64_t position = 0;
    do {
      position = reader.Varint();
      AppendVarint(position, &postings->positions);
    } while ((position & kMorePositions) != 0);
  }
  DAILYFEED_CHECK(!reader.failed());
}

absl::StatusOr<SegmentInfo> SegmentBuilder::Write(IndexTag tag, uint64_t number, Position position,
                                                  Put put) {
  DAILYFEED_CHECK(!documents_.empty());
  AddFrequentTriples();
  SegmentInfo info = {.number = number,
                      .listed = kind_ == Kind::kListed,
                      .first = first_,
                      .last = last_,
                      .position = position,
                      .documents = documents_.size()};
  SegmentWriter writer(tag, number, info.ordinals(), put);
  std::vector<Gram> grams;
  grams.reserve(lists_.size());
  for (const auto& [gram, list] : lists_) grams.push_back(gram);
  std::sort(grams.begin(), grams.end());
  Postings postings;
  for (const Gram gram : grams) {
    Split(gram, lists_.find(gram)->second, &postings);
    RETURN_IF_ERROR(writer.AddList(gram, postings));
  }
  for (size_t i = 0; i < documents_.size(); ++i) {
    RETURN_IF_ERROR(writer.AddDocument(OrdinalOf(i), documents_[i]));
  }
  RETURN_IF_ERROR(writer.Finish(&info));
  return info;
}

}  // namespace dailyfeed::search
