#include "projections/search/index/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/search/index/bytes.h"
#include "projections/search/index/row_digest.h"
#include "projections/search/index/segment_writer.h"

namespace dailyfeed::search {
namespace {

constexpr size_t kWordsPerRank = 8;
// A list of a page is found by halving and then by passing over some: an entry for
// each of them would be as large as the page.
constexpr size_t kListsPerPlace = 8;

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
    case SegmentRow::kCreated:
      return 3;
    case SegmentRow::kPageIndex:
    case SegmentRow::kTexts:
    case SegmentRow::kCreatedIndex:
      break;
  }
  return -1;
}

// Numbers of rows are below 2^23: a segment of some 200 MB has 2^16 pages. A list has
// at most 128 parts of positions.
constexpr int kPartBits = 7;
constexpr int kKindBits = 2;

uint64_t CacheKey(uint32_t serial, int kind, uint32_t number, uint32_t part) {
  const uint64_t in_segment = (uint64_t{number} << kPartBits | part) << kKindBits;
  return uint64_t{serial} << 32 | in_segment | static_cast<uint64_t>(kind);
}

// Runs of positions in one row of a list.
size_t RunsOf(const PostingList& list, uint32_t part) {
  const size_t in_row =
      std::min<size_t>(kPositionsPerRow, list.documents - part * kPositionsPerRow);
  return (in_row + kPositionsPerRun - 1) / kPositionsPerRun;
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

template <typename Value>
const std::vector<Value>* Segment::ReadOnce<Value>::Keep(std::vector<Value> values) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (read_.load(std::memory_order_relaxed) == nullptr) {
    values_ = std::move(values);
    read_.store(&values_, std::memory_order_release);
  }
  return &values_;
}

size_t Segment::memory_bytes() const {
  const std::vector<Gram>* const pages = page_index_.get();
  const std::vector<FirstCreated>* const created = created_index_.get();
  return sizeof(*this) + ids_.capacity() * sizeof(uint64_t) +
         (pages == nullptr ? 0 : pages->capacity() * sizeof(Gram)) +
         (created == nullptr ? 0 : created->capacity() * sizeof(FirstCreated));
}

absl::StatusOr<const std::vector<Gram>*> Segment::PageIndex(const ProjectionReader& rows) const {
  if (const auto* read = page_index_.get()) return read;
  SegmentReader reader(*this, rows);
  ASSIGN_OR_RETURN(const SegmentReader::Row row, reader.ReadRow(SegmentRow::kPageIndex, 0));
  std::vector<Gram> grams;
  ByteReader bytes(row->bytes);
  while (!bytes.AtEnd()) grams.push_back(bytes.Varint());
  const bool sound =
      !bytes.failed() && grams.size() == info_.pages && std::is_sorted(grams.begin(), grams.end());
  if (!sound) return reader.Damaged("the index of its pages");
  return page_index_.Keep(std::move(grams));
}

absl::StatusOr<const std::vector<Segment::FirstCreated>*> Segment::CreatedIndex(
    const ProjectionReader& rows) const {
  if (const auto* read = created_index_.get()) return read;
  SegmentReader reader(*this, rows);
  ASSIGN_OR_RETURN(const SegmentReader::Row row, reader.ReadRow(SegmentRow::kCreatedIndex, 0));
  std::vector<FirstCreated> firsts;
  ByteReader bytes(row->bytes);
  bool sound = true;
  while (!bytes.AtEnd()) {
    const uint64_t ordinal = bytes.Varint();
    sound = sound && ordinal < info_.ordinals() &&
            (firsts.empty() || ordinal / kCreatedPerRow > firsts.back().ordinal / kCreatedPerRow);
    firsts.push_back(
        {.ordinal = static_cast<uint32_t>(ordinal), .created_at = FromZigZag(bytes.Varint())});
  }
  if (!sound || bytes.failed()) return reader.Damaged("the index of its creation times");
  return created_index_.Keep(std::move(firsts));
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
  } else if (row == SegmentRow::kOrdinals) {
    ASSIGN_OR_RETURN(data.ordinals, ParseOrdinals(bytes));
  } else if (row == SegmentRow::kCreated) {
    ASSIGN_OR_RETURN(data.created, ParseCreated(number, bytes));
  } else {
    data.bytes = std::move(bytes);
  }
  if (kind >= 0) return cache_->Put(key, std::move(data));
  return std::make_shared<const SegmentRowData>(std::move(data));
}

absl::StatusOr<std::string> SegmentReader::FetchRow(SegmentRow row, uint32_t number,
                                                    uint32_t part) const {
  ASSIGN_OR_RETURN(std::optional<std::string> content, FindRow(row, number, part));
  if (!content.has_value()) {
    return Damaged(fmt::format("row {} {} is missing", static_cast<char>(row), number));
  }
  return *std::move(content);
}

absl::StatusOr<std::optional<std::string>> SegmentReader::FindRow(SegmentRow row, uint32_t number,
                                                                  uint32_t part) const {
  const std::string key = SegmentKey(segment_.tag(), segment_.info().number, row, number, part);
  std::string bytes;
  ASSIGN_OR_RETURN(const bool found, rows_.Get(key, &bytes));
  if (!found) return std::nullopt;
  const std::optional<std::string_view> content = Unsealed(key, bytes);
  if (!content.has_value()) {
    return Damaged(fmt::format("the digest of row {} {}", static_cast<char>(row), number));
  }
  bytes.resize(content->size());
  return bytes;
}

// Checks the lists of a page, and notes where every so many of them begin.
absl::StatusOr<SegmentRowData> SegmentReader::IndexPage(std::string page) const {
  SegmentRowData data;
  ByteReader bytes(page);
  Gram at = 0;
  for (size_t count = 0; !bytes.AtEnd(); ++count) {
    const auto offset = static_cast<uint32_t>(page.size() - bytes.remaining());
    const uint64_t distance = bytes.Varint();
    if (distance == 0 && count > 0) return Damaged("a page of grams");
    if (count % kListsPerPlace == 0) data.places.push_back({.before = at, .offset = offset});
    at += distance;
    RETURN_IF_ERROR(Parse(at, bytes.Varint(), &bytes).status());
  }
  if (bytes.failed()) return Damaged("a page of grams");
  data.places.shrink_to_fit();
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

absl::StatusOr<PostingList> SegmentReader::NextList(Gram before, ByteReader* page) const {
  const Gram gram = before + page->Varint();
  return Parse(gram, page->Varint(), page);
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
  if (page->places.empty()) return nullptr;
  const auto place =
      std::partition_point(std::next(page->places.begin()), page->places.end(),
                           [&](const SegmentRowData::Place& one) { return one.before < gram; });
  ByteReader bytes(std::string_view(page->bytes).substr(std::prev(place)->offset));
  Gram at = std::prev(place)->before;
  while (!bytes.AtEnd()) {
    ASSIGN_OR_RETURN(PostingList list, NextList(at, &bytes));
    at = list.gram;
    if (at < gram) continue;
    if (at > gram) return nullptr;
    kept = std::make_unique<const PostingList>(std::move(list));
    return kept.get();
  }
  return nullptr;
}

absl::Status SegmentReader::VisitLists(absl::FunctionRef<absl::Status(const PostingList&)> visit) {
  ListCursor lists(this);
  RETURN_IF_ERROR(lists.Next());
  while (lists.list() != nullptr) {
    RETURN_IF_ERROR(visit(*lists.list()));
    RETURN_IF_ERROR(lists.Next());
  }
  return absl::OkStatus();
}

absl::Status ListCursor::Next() {
  const bool begins = rest_.empty();
  if (begins) {
    list_.reset();
    ASSIGN_OR_RETURN(const std::vector<Gram>* const index, reader_->PageIndex());
    if (next_page_ == index->size()) return absl::OkStatus();
    ASSIGN_OR_RETURN(page_, reader_->ReadRow(SegmentRow::kPage, next_page_));
    rest_ = page_->bytes;
    first_ = (*index)[next_page_++];
  }
  ByteReader bytes(rest_);
  ASSIGN_OR_RETURN(list_, reader_->NextList(begins ? 0 : list_->gram, &bytes));
  rest_ = rest_.substr(rest_.size() - bytes.remaining());
  if (begins && list_->gram != first_) return reader_->Damaged("a page of grams");
  return absl::OkStatus();
}

// ---- Ordinals.

absl::StatusOr<SegmentReader::Documents> SegmentReader::Ordinals(const PostingList& list) {
  Documents documents;
  if (list.ordinals_row.has_value()) {
    ASSIGN_OR_RETURN(const Row row, ReadRow(SegmentRow::kOrdinals, *list.ordinals_row));
    documents = Documents(row, &row->ordinals);
  } else {
    ASSIGN_OR_RETURN(std::vector<uint32_t> ordinals, ParseDistances(list.ordinals));
    documents = std::make_shared<const OrdinalSet>(
        OrdinalSet::FromSorted(segment_.info().ordinals(), std::move(ordinals)));
  }
  if (documents->Count() != list.documents) return Damaged("the ordinals of a list");
  return documents;
}

absl::StatusOr<std::vector<uint32_t>> SegmentReader::ParseDistances(
    std::string_view distances) const {
  std::vector<uint32_t> ordinals;
  ordinals.reserve(distances.size());
  ByteReader bytes(distances);
  uint64_t ordinal = 0;
  while (!bytes.AtEnd()) {
    const uint64_t distance = bytes.Varint();
    ordinal += distance;
    const bool sound = ordinal < segment_.info().ordinals() && (distance > 0 || ordinals.empty());
    if (!sound) return Damaged("the ordinals of a list");
    ordinals.push_back(static_cast<uint32_t>(ordinal));
  }
  if (bytes.failed()) return Damaged("the ordinals of a list");
  return ordinals;
}

absl::StatusOr<OrdinalSet> SegmentReader::ParseOrdinals(std::string_view row) const {
  const size_t size = segment_.info().ordinals();
  if (row.empty()) return Damaged("an empty list");
  const std::string_view content = row.substr(1);
  if (row.front() == 0) {
    ASSIGN_OR_RETURN(std::vector<uint32_t> ordinals, ParseDistances(content));
    return OrdinalSet::FromSorted(size, std::move(ordinals));
  }
  Bitmap bits(size);
  if (row.front() != 1 || content.size() != bits.words().size() * sizeof(uint64_t)) {
    return Damaged("the bitmap of a list");
  }
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(bits.words().data(), content.data(), content.size());
  bits.CutTail();
  return OrdinalSet::FromBits(std::move(bits));
}

absl::Status SegmentReader::ReadAll(const PostingList& list, std::vector<uint32_t>* ordinals,
                                    std::string* positions) {
  if (list.ordinals_row.has_value()) {
    ASSIGN_OR_RETURN(const Documents documents, Ordinals(list));
    ordinals->clear();
    documents->VisitAscending([&](uint32_t ordinal) { ordinals->push_back(ordinal); });
  } else {
    ASSIGN_OR_RETURN(*ordinals, ParseDistances(list.ordinals));
  }
  if (ordinals->size() != list.documents) return Damaged("the ordinals of a list");
  positions->assign(list.positions);
  if (!list.positions_row.has_value()) return absl::OkStatus();
  for (uint32_t part = 0; part * kPositionsPerRow < list.documents; ++part) {
    ASSIGN_OR_RETURN(const Row row, ReadRow(SegmentRow::kPositions, *list.positions_row, part));
    const size_t runs = RunsOf(list, part);
    if (row->bytes.size() < runs * sizeof(uint32_t)) return Damaged("a row of positions");
    positions->append(row->bytes, runs * sizeof(uint32_t));
  }
  return absl::OkStatus();
}

absl::Status SegmentReader::ParseTexts(
    uint32_t number, std::string_view row,
    absl::FunctionRef<bool(uint32_t ordinal, Document)> visit) const {
  ByteReader bytes(row);
  for (uint64_t behind = 0; !bytes.AtEnd();) {
    const uint64_t place = bytes.Varint();
    const uint64_t ordinal = uint64_t{number} * kTextsPerRow + place;
    Document document;
    document.created_at = FromZigZag(bytes.Varint());
    document.author = bytes.Varint();
    document.text = bytes.Bytes(bytes.Varint());
    const bool sound = !bytes.failed() && place >= behind && place < kTextsPerRow &&
                       ordinal < segment_.info().ordinals();
    if (!sound) return Damaged("a row of texts");
    behind = place + 1;
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

size_t SegmentReader::text_rows() const {
  return (segment_.info().ordinals() + kTextsPerRow - 1) / kTextsPerRow;
}

absl::Status SegmentReader::VisitTexts(size_t row,
                                       absl::FunctionRef<bool(uint32_t ordinal, Document)> visit) {
  const auto number = static_cast<uint32_t>(row);
  ASSIGN_OR_RETURN(const std::optional<std::string> texts, FindRow(SegmentRow::kTexts, number, 0));
  if (!texts.has_value()) return absl::OkStatus();
  return ParseTexts(number, *texts, visit);
}

absl::Status SegmentReader::VisitDocuments(
    absl::FunctionRef<bool(uint32_t ordinal, Document)> visit) {
  bool more = true;
  for (size_t row = 0; row < text_rows() && more; ++row) {
    RETURN_IF_ERROR(VisitTexts(row, [&](uint32_t ordinal, Document document) {
      more = visit(ordinal, std::move(document));
      return more;
    }));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TimestampNs>> SegmentReader::ParseCreated(uint32_t number,
                                                                     std::string_view row) const {
  std::vector<TimestampNs> times(kCreatedPerRow, kNoTime);
  ByteReader bytes(row);
  TimestampNs created = 0;
  while (!bytes.AtEnd()) {
    const uint64_t place = bytes.Varint();
    created += FromZigZag(bytes.Varint());
    if (bytes.failed() || place >= kCreatedPerRow ||
        uint64_t{number} * kCreatedPerRow + place >= segment_.info().ordinals() ||
        created == kNoTime) {
      return Damaged("a row of creation times");
    }
    times[place] = created;
  }
  return times;
}

absl::Status SegmentReader::VisitCreatedRow(
    uint32_t number, absl::FunctionRef<void(uint32_t ordinal, TimestampNs)> visit) {
  ASSIGN_OR_RETURN(const Row row, ReadRow(SegmentRow::kCreated, number));
  for (size_t place = 0; place < row->created.size(); ++place) {
    if (row->created[place] == kNoTime) continue;
    visit(static_cast<uint32_t>(number * kCreatedPerRow + place), row->created[place]);
  }
  return absl::OkStatus();
}

absl::Status SegmentReader::VisitCreated(
    const OrdinalSet& wanted, absl::FunctionRef<void(uint32_t ordinal, TimestampNs)> visit) {
  Row row;
  std::optional<uint32_t> number;
  absl::Status status;
  wanted.VisitAscending([&](uint32_t ordinal) {
    if (!status.ok()) return;
    const auto of = static_cast<uint32_t>(ordinal / kCreatedPerRow);
    if (number != of) {
      absl::StatusOr<Row> read = ReadRow(SegmentRow::kCreated, of);
      status = read.status();
      if (!status.ok()) return;
      row = *std::move(read);
      number = of;
    }
    const TimestampNs created = row->created[ordinal % kCreatedPerRow];
    if (created == kNoTime) {
      status = Damaged("a row of creation times");
    } else {
      visit(ordinal, created);
    }
  });
  return status;
}

absl::StatusOr<uint32_t> SegmentReader::FirstCreatedFrom(TimestampNs bound) {
  ASSIGN_OR_RETURN(const std::vector<Segment::FirstCreated>* const rows, CreatedIndex());
  // The first one stands in the row before the first row that begins with one.
  const auto behind = std::partition_point(
      rows->begin(), rows->end(),
      [&](const Segment::FirstCreated& first) { return first.created_at < bound; });
  const auto end = static_cast<uint32_t>(segment_.info().ordinals());
  uint32_t found = behind == rows->end() ? end : behind->ordinal;
  if (behind == rows->begin()) return found;
  const auto number = static_cast<uint32_t>(std::prev(behind)->ordinal / kCreatedPerRow);
  ASSIGN_OR_RETURN(const Row row, ReadRow(SegmentRow::kCreated, number));
  for (size_t place = kCreatedPerRow; place-- > 0;) {
    if (row->created[place] == kNoTime) continue;
    if (row->created[place] < bound) break;
    found = static_cast<uint32_t>(number * kCreatedPerRow + place);
  }
  return found;
}

// ---- Positions.

PositionReader::PositionReader(SegmentReader* reader, const PostingList& list,
                               const OrdinalSet& documents)
    : reader_(reader), list_(list), documents_(documents), rest_(list.positions) {
  if (documents.bits() == nullptr) return;
  uint32_t rank = 0;
  const std::vector<uint64_t>& words = documents.bits()->words();
  ranks_.reserve(words.size() / kWordsPerRank + 1);
  for (size_t i = 0; i < words.size(); ++i) {
    if (i % kWordsPerRank == 0) ranks_.push_back(rank);
    rank += static_cast<uint32_t>(std::popcount(words[i]));
  }
}

uint32_t PositionReader::RankOf(uint32_t ordinal) {
  if (documents_.bits() == nullptr) {
    const std::vector<uint32_t>& list = documents_.list();
    const auto at =
        std::lower_bound(list.begin() + static_cast<ptrdiff_t>(last_in_list_), list.end(), ordinal);
    last_in_list_ = static_cast<size_t>(at - list.begin());
    return static_cast<uint32_t>(last_in_list_);
  }
  const std::vector<uint64_t>& words = documents_.bits()->words();
  const size_t word = ordinal / 64;
  uint32_t rank = ranks_[word / kWordsPerRank];
  for (size_t i = word / kWordsPerRank * kWordsPerRank; i < word; ++i) {
    rank += static_cast<uint32_t>(std::popcount(words[i]));
  }
  const uint64_t below = (uint64_t{1} << (ordinal % 64)) - 1;
  return rank + static_cast<uint32_t>(std::popcount(words[word] & below));
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
  const size_t runs = RunsOf(list_, part);
  const size_t run = (rank % kPositionsPerRow) / kPositionsPerRun;
  if (row_->bytes.size() < runs * sizeof(uint32_t)) return reader_->Damaged("a row of positions");
  const uint32_t offset =
      ByteReader(std::string_view(row_->bytes).substr(run * sizeof(uint32_t))).Fixed32();
  const size_t start = runs * sizeof(uint32_t) + offset;
  if (start >= row_->bytes.size()) return reader_->Damaged("a row of positions");
  rest_ = std::string_view(row_->bytes).substr(start);
  next_rank_ = run_first;
  return absl::OkStatus();
}

absl::StatusOr<std::span<const uint32_t>> PositionReader::At(uint32_t ordinal) {
  const uint32_t rank = RankOf(ordinal);
  RETURN_IF_ERROR(GoTo(rank));
  ByteReader bytes(rest_);
  for (; next_rank_ < rank; ++next_rank_) {
    while ((bytes.Varint() & kMorePositions) != 0) {
    }
  }
  positions_.clear();
  uint32_t position = 0;
  uint64_t step = 0;
  do {
    step = bytes.Varint();
    position += static_cast<uint32_t>(step >> 1);
    positions_.push_back(position);
  } while ((step & kMorePositions) != 0);
  if (bytes.failed()) return reader_->Damaged("the positions of a list");
  ++next_rank_;
  rest_ = rest_.substr(rest_.size() - bytes.remaining());
  return std::span<const uint32_t>(positions_);
}

}  // namespace dailyfeed::search
