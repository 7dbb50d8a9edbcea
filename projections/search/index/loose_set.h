// The documents that are too new to be in a segment. Every query scans them.
//
//   LooseSet loose;
//   loose.Put(std::make_shared<const LooseDocument>(document));
//   LooseView view = loose.View();          // of this moment
//   view.VisitHits(query, [&](const LooseDocument& document) {...});
//
// Texts stand one behind the other in blocks, so that a scan runs through them at the
// speed of memory. Changes come from one thread; views are made by it and read by
// any. A view shares the blocks: making one costs a reference. What was removed stays
// in memory until half of what is there was removed.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_LOOSE_SET_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_LOOSE_SET_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "projections/search/index/document.h"
#include "projections/search/index/text_query.h"

namespace dailyfeed::search {

// A document with what a scan needs.
struct LooseDocument {
  uint64_t id = 0;
  TimestampNs created_at = 0;
  size_t code_points = 0;     // of the strict form
  std::string_view searched;  // in the block of texts
  std::string strict;         // empty: as the searched form
  std::vector<Gram> grams;

  std::string_view form(Form which) const {
    return which == Form::kStrict && !strict.empty() ? strict : searched;
  }
  bool HasGram(Gram gram) const {
    return std::find(grams.begin(), grams.end(), gram) != grams.end();
  }
};

class LooseView {
 public:
  // Nothing.
  LooseView() = default;

  // The hits of the moment the view was made. They are there as long as the view.
  void VisitHits(const TextQuery& query, absl::FunctionRef<void(const LooseDocument&)> visit) const;

 private:
  friend class LooseSet;
  struct Entry;
  struct Block;
  struct Blocks;

  std::shared_ptr<const Blocks> blocks_;
  size_t count_ = 0;       // of the blocks
  size_t last_count_ = 0;  // of the entries of the last one
  size_t last_bytes_ = 0;  // of its texts
  uint64_t change_ = 0;    // the newest change that is in the view
};

class LooseSet {
 public:
  LooseSet();
  ~LooseSet();

  // Adds a document, or takes the place of the one with its id.
  void Put(const Document& document);
  // Without effect when there is none.
  void Remove(uint64_t id);
  void Clear();

  LooseView View() const;
  size_t documents() const { return places_.size(); }
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  void Append(LooseDocument document);
  void Compact();

  std::shared_ptr<LooseView::Blocks> blocks_;
  size_t entries_ = 0;  // those removed included
  uint64_t change_ = 0;
  absl::flat_hash_map<uint64_t, LooseView::Entry*> places_;  // of the newest entry of an id
  size_t memory_bytes_ = 0;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_LOOSE_SET_H_
