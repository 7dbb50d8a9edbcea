#include "projections/search/index/loose_set.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/check.h"
#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

constexpr size_t kEntriesPerBlock = 256;
constexpr size_t kBlocksMax = 4096;  // back pressure comes long before
constexpr size_t kCompactMin = 1024;
constexpr uint64_t kNever = UINT64_MAX;

}  // namespace

LooseDocument::LooseDocument(const Document& document)
    : id(document.id), created_at(document.created_at), author(document.author) {
  const std::u32string strict_form = StrictForm(document.text);
  const std::u32string searched_form = SearchedForm(document.text);
  code_points = strict_form.size();
  searched = Utf8(searched_form);
  if (strict_form != searched_form) strict = Utf8(strict_form);
  VisitDocumentGrams(author, searched_form, LengthClass(code_points),
                     [&](Gram gram) { grams.push_back(gram); });
}

size_t LooseDocument::memory_bytes() const {
  return sizeof(*this) + searched.capacity() + strict.capacity() + grams.capacity() * sizeof(Gram);
}

// Appended to by the set while views read what is in front of their count. Blocks
// never move.
struct LooseView::Entries {
  struct Entry {
    std::shared_ptr<const LooseDocument> document;
    // The change from which on it is not there.
    std::atomic<uint64_t> removed{kNever};
  };
  using Block = std::array<Entry, kEntriesPerBlock>;
  std::array<std::unique_ptr<Block>, kBlocksMax> blocks;

  Entry& at(size_t place) const {
    return (*blocks[place / kEntriesPerBlock])[place % kEntriesPerBlock];
  }
};

void LooseView::Visit(absl::FunctionRef<void(const LooseDocument&)> visit) const {
  for (size_t place = 0; place < count_; ++place) {
    const Entries::Entry& entry = entries_->at(place);
    if (entry.removed.load(std::memory_order_acquire) > change_) visit(*entry.document);
  }
}

void LooseView::VisitHits(const TextQuery& query,
                          absl::FunctionRef<void(const LooseDocument&, size_t level)> visit) const {
  Visit([&](const LooseDocument& document) {
    const auto has_gram = [&](Gram gram) {
      return std::find(document.grams.begin(), document.grams.end(), gram) != document.grams.end();
    };
    const std::optional<size_t> level =
        LevelIn(query, {.bytes = document.form(query.form), .code_points = document.code_points},
                document.created_at, has_gram);
    if (level.has_value()) visit(document, *level);
  });
}

LooseSet::LooseSet() { Clear(); }

LooseSet::~LooseSet() = default;

void LooseSet::Clear() {
  entries_ = std::make_shared<LooseView::Entries>();
  count_ = 0;
  places_.clear();
  memory_bytes_ = 0;
}

void LooseSet::Append(std::shared_ptr<const LooseDocument> document) {
  DAILYFEED_CHECK(count_ < kEntriesPerBlock * kBlocksMax);
  std::unique_ptr<LooseView::Entries::Block>& block = entries_->blocks[count_ / kEntriesPerBlock];
  if (block == nullptr) block = std::make_unique<LooseView::Entries::Block>();
  places_[document->id] = count_;
  memory_bytes_ += document->memory_bytes();
  (*block)[count_ % kEntriesPerBlock].document = std::move(document);
  ++count_;
}

void LooseSet::Put(const Document& document) {
  Remove(document.id);
  ++change_;
  Append(std::make_shared<const LooseDocument>(document));
}

void LooseSet::Remove(uint64_t id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return;
  entries_->at(found->second).removed.store(++change_, std::memory_order_release);
  places_.erase(found);
  if (count_ >= kCompactMin && places_.size() * 2 < count_) Compact();
}

// Views keep the entries that they have.
void LooseSet::Compact() {
  const LooseView all = View();
  Clear();
  for (size_t place = 0; place < all.count_; ++place) {
    const LooseView::Entries::Entry& entry = all.entries_->at(place);
    if (entry.removed.load(std::memory_order_relaxed) == kNever) Append(entry.document);
  }
}

LooseView LooseSet::View() const {
  LooseView view;
  view.entries_ = entries_;
  view.count_ = count_;
  view.change_ = change_;
  return view;
}

}  // namespace dailyfeed::search
