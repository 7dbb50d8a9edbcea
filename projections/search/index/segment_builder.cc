#include "projections/search/index/segment_builder.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/search/index/bitmap.h"
#include "projections/search/index/bytes.h"

namespace dailyfeed::search {
namespace {

constexpr uint32_t kMore = 1;  // another position of the same document follows

}  // namespace

// Turns posting lists, in ascending order of their grams, into rows.
class SegmentBuilder::Writer {
 public:
  Writer(IndexTag tag, uint64_t number, size_t ordinals, Put put)
      : tag_(tag), number_(number), ordinals_(ordinals), put_(put) {}

  absl::Status PutRow(SegmentRow row, uint32_t number, uint32_t part, std::string_view value) {
    const std::string key = SegmentKey(tag_, number_, row, number, part);
    bytes_ += key.size() + value.size();
    return put_(key, value);
  }

  absl::Status AddList(Gram gram, const List& list) {
    if (page_.empty()) {
      AppendVarint(gram, &first_grams_);
    } else if (page_.size() >= kPageBytes) {
      RETURN_IF_ERROR(EndPage());
      AppendVarint(gram, &first_grams_);
    }
    Split(gram, list);
    const bool long_ordinals = ordinals_bytes_.size() > kInlineBytesMax;
    const bool long_positions = positions_bytes_.size() > kInlineBytesMax;
    AppendVarint(gram - last_gram_, &page_);
    last_gram_ = gram;
    AppendVarint(
        (uint64_t{list.documents} << 2) | (long_ordinals ? 2 : 0) | (long_positions ? 1 : 0),
        &page_);
    RETURN_IF_ERROR(long_ordinals ? PutOrdinals() : AppendInline(ordinals_bytes_));
    if (!HasPositions(gram)) return absl::OkStatus();
    return long_positions ? PutPositions() : AppendInline(positions_bytes_);
  }

  // The last page, and the index of all.
  absl::Status Finish() {
    RETURN_IF_ERROR(EndPage());
    return PutRow(SegmentRow::kPageIndex, 0, 0, first_grams_);
  }

  uint64_t pages() const { return pages_; }
  uint64_t bytes() const { return bytes_; }

 private:
  absl::Status EndPage() {
    RETURN_IF_ERROR(PutRow(SegmentRow::kPage, static_cast<uint32_t>(pages_), 0, page_));
    ++pages_;
    page_.clear();
    last_gram_ = 0;
    return absl::OkStatus();
  }

  absl::Status AppendInline(std::string_view bytes) {
    AppendVarint(bytes.size(), &page_);
    page_.append(bytes);
    return absl::OkStatus();
  }

  // Takes ordinals and positions of a list apart, and notes where each document's
  // positions begin.
  void Split(Gram gram, const List& list) {
    ordinals_bytes_.clear();
    positions_bytes_.clear();
    starts_.clear();
    numbers_.clear();
    const bool has_positions = HasPositions(gram);
    ByteReader reader(list.bytes);
    uint32_t ordinal = 0;
    for (uint32_t i = 0; i < list.documents; ++i) {
      const uint64_t distance = reader.Varint();
      AppendVarint(distance, &ordinals_bytes_);
      ordinal += static_cast<uint32_t>(distance);
      numbers_.push_back(ordinal);
      if (!has_positions) continue;
      starts_.push_back(static_cast<uint32_t>(positions_bytes_.size()));
      uint64_t position = 0;
      do {
        position = reader.Varint();
        AppendVarint(position, &positions_bytes_);
      } while ((position & kMore) != 0);
    }
    DAILYFEED_CHECK(!reader.failed());
  }

  // As a bitmap where that is smaller.
  absl::Status PutOrdinals() {
    AppendVarint(ordinal_rows_, &page_);
    std::string row;
    const size_t bitmap_bytes = (ordinals_ + 63) / 64 * 8;
    if (ordinals_bytes_.size() < bitmap_bytes) {
      row.push_back(0);
      row.append(ordinals_bytes_);
    } else {
      Bitmap bitmap(ordinals_);
      for (const uint32_t number : numbers_) bitmap.Set(number);
      row.push_back(1);
      for (const uint64_t word : bitmap.words()) {
        AppendFixed32(static_cast<uint32_t>(word), &row);
        AppendFixed32(static_cast<uint32_t>(word >> 32), &row);
      }
    }
    return PutRow(SegmentRow::kOrdinals, ordinal_rows_++, 0, row);
  }

  // Rows of runs; the offsets of the runs come first.
  absl::Status PutPositions() {
    AppendVarint(position_rows_, &page_);
    std::string row;
    for (size_t from = 0, part = 0; from < starts_.size(); from += kPositionsPerRow, ++part) {
      const size_t behind = std::min(starts_.size(), from + kPositionsPerRow);
      const size_t end = behind == starts_.size() ? positions_bytes_.size() : starts_[behind];
      row.clear();
      for (size_t run = from; run < behind; run += kPositionsPerRun) {
        AppendFixed32(starts_[run] - starts_[from], &row);
      }
      row.append(positions_bytes_, starts_[from], end - starts_[from]);
      RETURN_IF_ERROR(
          PutRow(SegmentRow::kPositions, position_rows_, static_cast<uint32_t>(part), row));
    }
    ++position_rows_;
    return absl::OkStatus();
  }

  const IndexTag tag_;
  const uint64_t number_;
  const size_t ordinals_;
  const Put put_;
  std::string page_;
  Gram last_gram_ = 0;
  std::string first_grams_;
  uint64_t pages_ = 0;
  uint64_t bytes_ = 0;
  uint32_t ordinal_rows_ = 0;
  uint32_t position_rows_ = 0;
  // Of the list at hand.
  std::string ordinals_bytes_;
  std::string positions_bytes_;
  std::vector<uint32_t> starts_;
  std::vector<uint32_t> numbers_;
};

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
  const std::u32string strict = StrictForm(document.text);
  if (strict != searched) {
    VisitGrams(strict, Form::kStrict, add);
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
  if (again) list.bytes[list.last_start] = static_cast<char>(list.bytes[list.last_start] | kMore);
  list.last_start = static_cast<uint32_t>(list.bytes.size());
  AppendVarint(uint64_t{position - list.last_position} << 1, &list.bytes);
  list.last_position = position;
}

void SegmentBuilder::AddFrequentTriples() {
  absl::flat_hash_set<Gram> frequent;
  for (const auto& [gram, list] : lists_) {
    if (HasPositions(gram) && (gram & kTripleBit) == 0 &&
        IsFrequent(list.documents, documents_.size())) {
      frequent.insert(gram);
    }
  }
  if (frequent.empty()) return;
  for (size_t i = 0; i < documents_.size(); ++i) {
    const uint32_t ordinal = OrdinalOf(i);
    const auto add = [&](std::u32string_view text, Form form) {
      VisitWideTriples(text, [&](char32_t a, char32_t b, char32_t c) {
        if (frequent.contains(Pair(a, b, form)) && frequent.contains(Pair(b, c, form))) {
          AddGram(Triple(a, b, c, form), ordinal, 0);
        }
      });
    };
    const std::u32string searched = SearchedForm(documents_[i].text);
    const std::u32string strict = StrictForm(documents_[i].text);
    add(searched, Form::kSearched);
    if (strict != searched) add(strict, Form::kStrict);
  }
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
                      .documents = documents_.size(),
                      .text_bytes = text_bytes_,
                      .created_min = documents_.front().created_at,
                      .created_max = documents_.front().created_at};
  Writer writer(tag, number, info.ordinals(), put);
  std::vector<Gram> grams;
  grams.reserve(lists_.size());
  for (const auto& [gram, list] : lists_) grams.push_back(gram);
  std::sort(grams.begin(), grams.end());
  for (const Gram gram : grams) RETURN_IF_ERROR(writer.AddList(gram, lists_.find(gram)->second));
  RETURN_IF_ERROR(writer.Finish());

  // Documents are grouped by ordinal, so that the row of an ordinal is known.
  std::string texts;
  std::string created;
  TimestampNs last_created = 0;
  for (size_t i = 0; i < documents_.size(); ++i) {
    const Document& document = documents_[i];
    const uint32_t ordinal = OrdinalOf(i);
    AppendVarint(ordinal % kTextsPerRow, &texts);
    AppendVarint(ZigZag(document.created_at), &texts);
    AppendVarint(document.author, &texts);
    AppendVarint(document.text.size(), &texts);
    texts.append(document.text);
    AppendVarint(ordinal % kCreatedPerRow, &created);
    AppendVarint(ZigZag(document.created_at - last_created), &created);
    info.ordered = info.ordered && (i == 0 || document.created_at >= documents_[i - 1].created_at);
    info.created_min = std::min(info.created_min, document.created_at);
    info.created_max = std::max(info.created_max, document.created_at);
    last_created = document.created_at;
    const bool is_last = i + 1 == documents_.size();
    const uint32_t next = is_last ? 0 : OrdinalOf(i + 1);
    if (is_last || next / kTextsPerRow != ordinal / kTextsPerRow) {
      RETURN_IF_ERROR(writer.PutRow(SegmentRow::kTexts,
                                    static_cast<uint32_t>(ordinal / kTextsPerRow), 0, texts));
      texts.clear();
    }
    if (is_last || next / kCreatedPerRow != ordinal / kCreatedPerRow) {
      RETURN_IF_ERROR(writer.PutRow(SegmentRow::kCreated,
                                    static_cast<uint32_t>(ordinal / kCreatedPerRow), 0, created));
      created.clear();
      last_created = 0;
    }
  }
  info.pages = writer.pages();
  info.bytes = writer.bytes();
  return info;
}

}  // namespace dailyfeed::search
