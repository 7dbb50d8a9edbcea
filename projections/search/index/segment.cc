#include "projections/search/index/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/search/index/bytes.h"

namespace dailyfeed::search {
namespace {

constexpr size_t kWordsPerRank = 8;
constexpr uint64_t kMore = 1;
// A query looks at some lists several times: 64 KiB for a segment at most.
constexpr uint32_t kKeptOrdinalsMin = 128;
constexpr size_t kKeptBitmapsMax = 8;

uint32_t NextSerial() {
  static std::atomic<uint32_t> serials{0};
  return ++serials;
}

// Kinds of rows that are kept in a cache; -1: not this one.
int CachedKind(SegmentRow row) {
  switch (row) {
    case SegmentRow::kPage:
      return 0;
    case SegmentRow::kOrdinals:
      return 1;
    case SegmentRow::kPositions:
      return 2;
    case SegmentRow::kPageIndex:
    case SegmentRow::kTexts:
    case SegmentRow::kCreated:
      break;
  }
  return -1;
}

// Numbers of rows are below 2^23: a segment has less than 2^20 lists. A list has at
// most 128 parts of positions.
constexpr int kPartBits = 7;
constexpr int kKindBits = 2;

uint64_t CacheKey(uint32_t serial, int kind, uint32_t number, uint32_t part) {
  const uint64_t in_segment = (uint64_t{number} << kPartBits | part) << kKindBits;
  return uint64_t{serial} << 32 | in_segment | static_cast<uint64_t>(kind);
}

}  // namespace

// ---- The segment.

Segment::Segment(IndexTag tag, const SegmentInfo& info, std::vector<uint64_t> ids)
    : tag_(tag), info_(info), ids_(std::move(ids)), serial_(NextSerial()) {}

Segment::~Segment() = default;

std::optional<uint32_t> Segment::OrdinalOf(uint64_t id) const {
  if (id < info_.first || id > info_.last) return std::nullopt;
  if (!info_.listed) return static_cast<uint32_t>(id - info_.first);
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id) return std::nullopt;
  return static_cast<uint32_t>(found - ids_.begin());
}

size_t Segment::memory_bytes() const {
  const std::vector<Gram>* const pages = read_.load(std::memory_order_acquire);
  return sizeof(*this) + ids_.capacity() * sizeof(uint64_t) +
         (pages == nullptr ? 0 : pages->capacity() * sizeof(Gram));
}

absl::StatusOr<const std::vector<Gram>*> Segment::PageIndex(const ProjectionReader& rows) const {
  if (const auto* read = read_.load(std::memory_order_acquire)) return read;
  SegmentReader reader(*this, rows);
  ASSIGN_OR_RETURN(const SegmentReader::Row row, reader.ReadRow(SegmentRow::kPageIndex, 0));
  std::vector<Gram> grams;
  ByteReader bytes(row->bytes);
  while (!bytes.AtEnd()) grams.push_back(bytes.Varint());
  const bool sound =
      !bytes.failed() && grams.size() == info_.pages && std::is_sorted(grams.begin(), grams.end());
  if (!sound) return reader.Damaged("the index of its pages");
  std::lock_guard<std::mutex> lock(mutex_);
  if (read_.load(std::memory_order_relaxed) == nullptr) {
    page_index_ = std::move(grams);
    read_.store(&page_index_, std::memory_order_release);
  }
  return &page_index_;
}

// ---- Rows.

SegmentReader::SegmentReader(const Segment& segment, const ProjectionReader& rows,
                             SegmentCache* cache)
    : segment_(segment), rows_(rows), cache_(cache) {}

absl::Status SegmentReader::Damaged(std::string_view what) const {
  return absl::DataLossError(
      fmt::format("search segment {} of {} is damaged: {}", segment_.info().number,
                  segment_.tag() == IndexTag::kPosts ? "posts" : "comments", what));
}

absl::StatusOr<SegmentReader::Row> SegmentReader::ReadRow(SegmentRow row, uint32_t number,
                                                          uint32_t part) {
  const int kind = cache_ == nullptr ? -1 : CachedKind(row);
  const uint64_t key = CacheKey(segment_.serial(), kind, number, part);
  if (kind >= 0) {
    if (Row cached = cache_->Find(key)) return cached;
  }
  ASSIGN_OR_RETURN(std::string bytes, FetchRow(row, number, part));
  SegmentRowData data;
  if (row == SegmentRow::kPage) {
    ASSIGN_OR_RETURN(data, IndexPage(std::move(bytes)));
  } else {
    data.bytes = std::move(bytes);
  }
  if (kind >= 0) return cache_->Put(key, std::move(data));
  return std::make_shared<const SegmentRowData>(std::move(data));
}

absl::StatusOr<std::string> SegmentReader::FetchRow(SegmentRow row, uint32_t number,
                                                    uint32_t part) const {
  std::string value;
  ASSIGN_OR_RETURN(
      const bool found,
      rows_.Get(SegmentKey(segment_.tag(), segment_.info().number, row, number, part), &value));
  if (!found) {
    return Damaged(fmt::format("row {} {} is missing", static_cast<char>(row), number));
  }
  return value;
}

// Where the lists of a page begin, so that one is found by halving.
absl::StatusOr<SegmentRowData> SegmentReader::IndexPage(std::string page) const {
  SegmentRowData data;
  ByteReader bytes(page);
  Gram at = 0;
  while (!bytes.AtEnd()) {
    const uint64_t distance = bytes.Varint();
    at += distance;
    if (distance == 0 && !data.lists.empty()) return Damaged("a page of grams");
    data.lists.push_back(
        {.gram = at, .offset = static_cast<uint32_t>(page.size() - bytes.remaining())});
    RETURN_IF_ERROR(Parse(at, bytes.Varint(), &bytes).status());
  }
  if (bytes.failed()) return Damaged("a page of grams");
  data.lists.shrink_to_fit();
  data.bytes = std::move(page);
  return data;
}

absl::StatusOr<PostingList> SegmentReader::Parse(Gram gram, uint64_t head, ByteReader* page) const {
  PostingList list;
  list.gram = gram;
  const uint64_t documents = head >> 2;
  if (documents == 0 || documents > segment_.info().documents) {
    return Damaged("a list of too many documents");
  }
  list.documents = static_cast<uint32_t>(documents);
  if ((head & 2) != 0) {
    list.ordinals_row = static_cast<uint32_t>(page->Varint());
  } else {
    list.ordinals = page->Bytes(page->Varint());
  }
  if (!HasPositions(gram)) return list;
  if ((head & 1) != 0) {
    list.positions_row = static_cast<uint32_t>(page->Varint());
  } else {
    list.positions = page->Bytes(page->Varint());
  }
  return list;
}

absl::StatusOr<const PostingList*> SegmentReader::Find(Gram gram) {
  const auto known = lists_.find(gram);
  if (known != lists_.end()) return known->second.get();
  std::unique_ptr<const PostingList>& kept = lists_[gram];
  ASSIGN_OR_RETURN(const std::vector<Gram>* const index, segment_.PageIndex(rows_));
  const auto behind = std::upper_bound(index->begin(), index->end(), gram);
  if (behind == index->begin()) return nullptr;
  const auto number = static_cast<uint32_t>(behind - index->begin() - 1);
  Row& page = pages_[number];
  if (page == nullptr) {
    ASSIGN_OR_RETURN(page, ReadRow(SegmentRow::kPage, number));
  }
  const auto list = std::lower_bound(
      page->lists.begin(), page->lists.end(), gram,
      [](const SegmentRowData::List& one, Gram wanted) { return one.gram < wanted; });
  if (list == page->lists.end() || list->gram != gram) return nullptr;
  ByteReader bytes(std::string_view(page->bytes).substr(list->offset));
  ASSIGN_OR_RETURN(PostingList found, Parse(gram, bytes.Varint(), &bytes));
  kept = std::make_unique<const PostingList>(std::move(found));
  return kept.get();
}

absl::Status SegmentReader::VisitLists(absl::FunctionRef<absl::Status(const PostingList&)> visit) {
  ASSIGN_OR_RETURN(const std::vector<Gram>* const index, segment_.PageIndex(rows_));
  for (uint32_t number = 0; number < index->size(); ++number) {
    ASSIGN_OR_RETURN(const Row page, ReadRow(SegmentRow::kPage, number));
    if (page->lists.empty() || page->lists.front().gram != (*index)[number]) {
      return Damaged("a page of grams");
    }
    for (const SegmentRowData::List& one : page->lists) {
      ByteReader bytes(std::string_view(page->bytes).substr(one.offset));
      ASSIGN_OR_RETURN(const PostingList list, Parse(one.gram, bytes.Varint(), &bytes));
      RETURN_IF_ERROR(visit(list));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Bitmap> SegmentReader::Ordinals(const PostingList& list) {
  if (list.documents < kKeptOrdinalsMin) return ReadOrdinals(list);
  const auto kept = ordinals_.find(list.gram);
  if (kept != ordinals_.end()) return kept->second;
  ASSIGN_OR_RETURN(Bitmap read, ReadOrdinals(list));
  if (ordinals_.size() < kKeptBitmapsMax) ordinals_[list.gram] = read;
  return read;
}

absl::StatusOr<Bitmap> SegmentReader::ReadOrdinals(const PostingList& list) {
  const size_t size = segment_.info().ordinals();
  Bitmap bitmap(size);
  Row row;
  std::string_view distances = list.ordinals;
  if (list.ordinals_row.has_value()) {
    ASSIGN_OR_RETURN(row, ReadRow(SegmentRow::kOrdinals, *list.ordinals_row));
    if (row->bytes.empty()) return Damaged("an empty list");
    distances = std::string_view(row->bytes).substr(1);
    if (row->bytes.front() == 1) {
      ByteReader bytes(distances);
      for (uint64_t& word : bitmap.words()) {
        const uint64_t low = bytes.Fixed32();
        word = low | static_cast<uint64_t>(bytes.Fixed32()) << 32;
      }
      bitmap.CutTail();
      if (bytes.failed() || !bytes.AtEnd() || bitmap.Count() != list.documents) {
        return Damaged("the bitmap of a list");
      }
      return bitmap;
    }
  }
  ByteReader bytes(distances);
  uint64_t ordinal = 0;
  for (uint32_t i = 0; i < list.documents; ++i) {
    const uint64_t distance = bytes.Varint();
    ordinal += distance;
    if (ordinal >= size || (i > 0 && distance == 0)) return Damaged("the ordinals of a list");
    bitmap.Set(static_cast<uint32_t>(ordinal));
  }
  if (bytes.failed() || !bytes.AtEnd()) return Damaged("the ordinals of a list");
  return bitmap;
}

absl::Status SegmentReader::ParseTexts(
    uint32_t number, std::string_view row,
    absl::FunctionRef<bool(uint32_t ordinal, Document)> visit) const {
  ByteReader bytes(row);
  while (!bytes.AtEnd()) {
    const uint64_t place = bytes.Varint();
    const uint64_t ordinal = uint64_t{number} * kTextsPerRow + place;
    Document document;
    document.created_at = FromZigZag(bytes.Varint());
    document.author = bytes.Varint();
    document.text = bytes.Bytes(bytes.Varint());
    if (bytes.failed() || place >= kTextsPerRow || ordinal >= segment_.info().ordinals()) {
      return Damaged("a row of texts");
    }
    document.id = segment_.IdOf(static_cast<uint32_t>(ordinal));
    if (!visit(static_cast<uint32_t>(ordinal), std::move(document))) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<Document> SegmentReader::DocumentAt(uint32_t ordinal) {
  const auto number = static_cast<uint32_t>(ordinal / kTextsPerRow);
  if (!texts_.has_value() || texts_->first != number) {
    ASSIGN_OR_RETURN(std::string row, FetchRow(SegmentRow::kTexts, number, 0));
    texts_.emplace(number, std::move(row));
  }
  std::optional<Document> found;
  RETURN_IF_ERROR(ParseTexts(number, texts_->second, [&](uint32_t at, Document document) {
    if (at == ordinal) found = std::move(document);
    return at < ordinal;
  }));
  if (!found.has_value()) return absl::NotFoundError("no such document in the segment");
  return *std::move(found);
}

absl::Status SegmentReader::VisitDocuments(
    absl::FunctionRef<bool(uint32_t ordinal, Document)> visit) {
  const size_t row_count = (segment_.info().ordinals() + kTextsPerRow - 1) / kTextsPerRow;
  for (uint32_t number = 0; number < row_count; ++number) {
    // A row without any document is not there.
    std::string row;
    ASSIGN_OR_RETURN(const bool found, rows_.Get(SegmentKey(segment_.tag(), segment_.info().number,
                                                            SegmentRow::kTexts, number),
                                                 &row));
    if (!found) continue;
    bool more = true;
    RETURN_IF_ERROR(ParseTexts(number, row, [&](uint32_t ordinal, Document document) {
      more = visit(ordinal, std::move(document));
      return more;
    }));
    if (!more) break;
  }
  return absl::OkStatus();
}

absl::Status SegmentReader::VisitCreated(
    const Bitmap& wanted, absl::FunctionRef<void(uint32_t ordinal, TimestampNs)> visit) {
  constexpr size_t kWords = kCreatedPerRow / 64;
  for (size_t word = 0; word < wanted.words().size(); word += kWords) {
    const size_t behind = std::min(word + kWords, wanted.words().size());
    const auto begin = wanted.words().begin();
    const bool none =
        std::all_of(begin + static_cast<ptrdiff_t>(word), begin + static_cast<ptrdiff_t>(behind),
                    [](uint64_t bits) { return bits == 0; });
    if (none) continue;
    const auto number = static_cast<uint32_t>(word / kWords);
    ASSIGN_OR_RETURN(const std::string row, FetchRow(SegmentRow::kCreated, number, 0));
    ByteReader bytes(row);
    TimestampNs created = 0;
    while (!bytes.AtEnd()) {
      const uint64_t ordinal = uint64_t{number} * kCreatedPerRow + bytes.Varint();
      created += FromZigZag(bytes.Varint());
      if (bytes.failed() || ordinal >= wanted.size()) return Damaged("a row of creation times");
      if (wanted.Has(static_cast<uint32_t>(ordinal))) {
        visit(static_cast<uint32_t>(ordinal), created);
      }
    }
  }
  return absl::OkStatus();
}

// ---- Positions.

PositionReader::PositionReader(SegmentReader* reader, const PostingList& list,
                               const Bitmap& documents)
    : reader_(reader), list_(list), documents_(documents), rest_(list.positions) {
  uint32_t rank = 0;
  const std::vector<uint64_t>& words = documents.words();
  for (size_t i = 0; i < words.size(); ++i) {
    if (i % kWordsPerRank == 0) ranks_.push_back(rank);
    rank += static_cast<uint32_t>(std::popcount(words[i]));
  }
}

uint32_t PositionReader::RankOf(uint32_t ordinal) const {
  const size_t word = ordinal / 64;
  uint32_t rank = ranks_[word / kWordsPerRank];
  for (size_t i = word / kWordsPerRank * kWordsPerRank; i < word; ++i) {
    rank += static_cast<uint32_t>(std::popcount(documents_.words()[i]));
  }
  const uint64_t below = (uint64_t{1} << (ordinal % 64)) - 1;
  return rank + static_cast<uint32_t>(std::popcount(documents_.words()[word] & below));
}

// Brings `rest_` to the run that has `rank`.
absl::Status PositionReader::GoTo(uint32_t rank) {
  if (!list_.positions_row.has_value()) return absl::OkStatus();
  const auto part = static_cast<uint32_t>(rank / kPositionsPerRow);
  const uint32_t run_first = rank / kPositionsPerRun * kPositionsPerRun;
  if (part_ == part && next_rank_ >= run_first) return absl::OkStatus();
  if (part_ != part) {
    ASSIGN_OR_RETURN(row_, reader_->ReadRow(SegmentRow::kPositions, *list_.positions_row, part));
    part_ = part;
  }
  const size_t in_row =
      std::min<size_t>(kPositionsPerRow, list_.documents - part * kPositionsPerRow);
  const size_t runs = (in_row + kPositionsPerRun - 1) / kPositionsPerRun;
  const size_t run = (rank % kPositionsPerRow) / kPositionsPerRun;
  ByteReader offsets(row_->bytes);
  uint32_t offset = 0;
  for (size_t i = 0; i <= run; ++i) offset = offsets.Fixed32();
  const size_t start = runs * sizeof(uint32_t) + offset;
  if (offsets.failed() || start >= row_->bytes.size())
    return reader_->Damaged("a row of positions");
  rest_ = std::string_view(row_->bytes).substr(start);
  next_rank_ = run_first;
  return absl::OkStatus();
}

absl::StatusOr<std::span<const uint32_t>> PositionReader::At(uint32_t ordinal) {
  const uint32_t rank = RankOf(ordinal);
  RETURN_IF_ERROR(GoTo(rank));
  ByteReader bytes(rest_);
  for (; next_rank_ < rank; ++next_rank_) {
    while ((bytes.Varint() & kMore) != 0) {
    }
  }
  positions_.clear();
  uint32_t position = 0;
  uint64_t step = 0;
  do {
    step = bytes.Varint();
    position += static_cast<uint32_t>(step >> 1);
    positions_.push_back(position);
  } while ((step & kMore) != 0);
  if (bytes.failed()) return reader_->Damaged("the positions of a list");
  ++next_rank_;
  rest_ = rest_.substr(rest_.size() - bytes.remaining());
  return std::span<const uint32_t>(positions_);
}

}  // namespace dailyfeed::search
