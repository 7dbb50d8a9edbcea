#include "projections/search/index/loose_set.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "core/base/check.h"
#include "projections/search/index/find_bytes.h"
#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

constexpr size_t kEntriesPerBlock = 256;
constexpr size_t kBlockBytes = 64u << 10;  // a longer text has a block of its own
constexpr size_t kBlocksMax = 8192;        // back pressure comes long before
constexpr size_t kCompactMin = 1024;
constexpr uint64_t kNever = UINT64_MAX;
constexpr size_t kDocumentBytes = 160;  // an entry, and its place in the map

// What every hit contains, for finding candidates fast: the longest needle that
// nothing else may stand for. Empty: there is none.
std::string_view ProbeOf(const TextQuery& query) {
  std::string_view probe;
  for (const Requirement& requirement : query.requirements) {
    const bool must_stand =
        !requirement.excluded && requirement.grams.empty() && !requirement.HasLoosened();
    if (must_stand && requirement.typed.bytes.size() > probe.size()) {
      probe = requirement.typed.bytes;
    }
  }
  return probe;
}

// Then a document that contains the probe is a hit.
bool IsOneNeedle(const TextQuery& query) {
  return query.requirements.size() == 1 && query.requirements.front().IsNeedle() &&
         query.created_from == std::numeric_limits<TimestampNs>::min() &&
         query.created_to == std::numeric_limits<TimestampNs>::max();
}

}  // namespace

struct LooseView::Entry {
  LooseDocument document;
  // The change from which on it is not there.
  std::atomic<uint64_t> removed{kNever};
};

// Appended to by the set while views read what is in front of their counts.
struct LooseView::Block {
  explicit Block(size_t capacity) : texts(std::make_unique<char[]>(capacity)), capacity(capacity) {}

  std::array<Entry, kEntriesPerBlock> entries;
  const std::unique_ptr<char[]> texts;
  const size_t capacity;
  size_t count = 0;
  size_t bytes = 0;
};

struct LooseView::Blocks {
  std::array<std::unique_ptr<Block>, kBlocksMax> all;
  size_t count = 0;
};

void LooseView::VisitHits(const TextQuery& query,
                          absl::FunctionRef<void(const LooseDocument&)> visit) const {
  const std::string_view probe = ProbeOf(query);
  const bool probe_decides = IsOneNeedle(query);
  // `probed`: the probe was found in the form that counts.
  const auto look = [&](const Entry& entry, bool probed) {
    if (entry.removed.load(std::memory_order_acquire) <= change_) return;
    const LooseDocument& document = entry.document;
    if ((probed && probe_decides) || IsHit(query, document.form(query.form), document.created_at,
                                           [&](Gram gram) { return document.HasGram(gram); })) {
      visit(document);
    }
  };
  for (size_t i = 0; i < count_; ++i) {
    const Block& block = *blocks_->all[i];
    const bool last = i + 1 == count_;
    const size_t count = last ? last_count_ : block.count;
    const auto begin = block.entries.begin();
    const auto end = begin + static_cast<ptrdiff_t>(count);
    if (probe.empty()) {
      for (auto entry = begin; entry != end; ++entry) look(*entry, false);
      continue;
    }
    // A strict form of its own does not stand in the block.
    if (query.form == Form::kStrict) {
      for (auto entry = begin; entry != end; ++entry) {
        if (!entry->document.strict.empty()) look(*entry, false);
      }
    }
    const std::string_view texts(block.texts.get(), last ? last_bytes_ : block.bytes);
    const char* const behind = texts.data() + texts.size();
    auto entry = begin;
    for (const char* at = texts.data(); at != behind;) {
      const char* const found = FindBytes({at, static_cast<size_t>(behind - at)}, probe);
      if (found == nullptr) break;
      entry = std::upper_bound(entry, end, found, [](const char* place, const Entry& one) {
        return place < one.document.searched.data();
      });
      const Entry& with = *std::prev(entry);
      const bool looked = query.form == Form::kStrict && !with.document.strict.empty();
      if (!looked) look(with, true);
      at = with.document.searched.data() + with.document.searched.size();
    }
  }
}

LooseSet::LooseSet() { Clear(); }

LooseSet::~LooseSet() = default;

void LooseSet::Clear() {
  blocks_ = std::make_shared<LooseView::Blocks>();
  entries_ = 0;
  places_.clear();
  memory_bytes_ = sizeof(LooseView::Blocks);
}

// `document.searched` is copied into the block.
void LooseSet::Append(LooseDocument document) {
  LooseView::Blocks& blocks = *blocks_;
  const size_t bytes = document.searched.size();
  LooseView::Block* block = blocks.count == 0 ? nullptr : blocks.all[blocks.count - 1].get();
  if (block == nullptr || block->count == kEntriesPerBlock ||
      block->bytes + bytes > block->capacity) {
    DAILYFEED_CHECK(blocks.count < kBlocksMax);
    auto added = std::make_unique<LooseView::Block>(std::max(kBlockBytes, bytes));
    memory_bytes_ += added->capacity;
    block = added.get();
    blocks.all[blocks.count++] = std::move(added);
  }
  char* const text = block->texts.get() + block->bytes;
  std::memcpy(text, document.searched.data(), bytes);
  document.searched = {text, bytes};
  LooseView::Entry& entry = block->entries[block->count];
  places_[document.id] = &entry;
  memory_bytes_ +=
      kDocumentBytes + document.strict.capacity() + document.grams.capacity() * sizeof(Gram);
  entry.document = std::move(document);
  block->bytes += bytes;
  ++block->count;
  ++entries_;
}

void LooseSet::Put(const Document& document) {
  Remove(document.id);
  ++change_;
  LooseDocument loose = {.id = document.id, .created_at = document.created_at};
  const std::u32string strict_form = StrictForm(document.text);
  const std::u32string searched_form = SearchedForm(document.text);
  const std::string searched = Utf8(searched_form);
  loose.code_points = strict_form.size();
  loose.searched = searched;
  if (strict_form != searched_form) loose.strict = Utf8(strict_form);
  VisitDocumentGrams(document.author, searched_form, LengthClass(loose.code_points),
                     [&](Gram gram) { loose.grams.push_back(gram); });
  Append(std::move(loose));
}

void LooseSet::Remove(uint64_t id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return;
  found->second->removed.store(++change_, std::memory_order_release);
  places_.erase(found);
  if (entries_ >= kCompactMin && places_.size() * 2 < entries_) Compact();
}

// Views keep the blocks that they have.
void LooseSet::Compact() {
  const std::shared_ptr<LooseView::Blocks> former = blocks_;
  Clear();
  for (size_t i = 0; i < former->count; ++i) {
    const LooseView::Block& block = *former->all[i];
    for (size_t place = 0; place < block.count; ++place) {
      const LooseView::Entry& entry = block.entries[place];
      if (entry.removed.load(std::memory_order_relaxed) == kNever) Append(entry.document);
    }
  }
}

LooseView LooseSet::View() const {
  LooseView view;
  view.blocks_ = blocks_;
  view.count_ = blocks_->count;
  if (view.count_ > 0) {
    view.last_count_ = blocks_->all[view.count_ - 1]->count;
    view.last_bytes_ = blocks_->all[view.count_ - 1]->bytes;
  }
  view.change_ = change_;
  return view;
}

}  // namespace dailyfeed::search
