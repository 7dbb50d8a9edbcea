// The posting lists of a segment's frequent triples: three wide code points whose
// two pairs are both frequent there (gram.h).
//
//   FrequentTripleLists triples;
//   triples.AddPair(Pair(U'습', U'니'));   // every frequent pair of the segment
//   triples.AddPair(Pair(U'니', U'다'));
//   triples.AddDocument(0, document);      // every document, ordinals rise
//   for (const auto& [gram, ordinals] : triples.lists()) Keep(gram, ordinals);
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_FREQUENT_TRIPLES_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_FREQUENT_TRIPLES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "projections/search/index/document.h"
#include "projections/search/index/gram.h"

namespace dailyfeed::search {

// A gram of three wide code points: the only triples that are not in every segment.
bool IsWideTriple(Gram gram);

class FrequentTripleLists {
 public:
  void AddPair(Gram pair) { pairs_.insert(pair); }
  void AddDocument(uint32_t ordinal, const Document& document);

  // By gram; the ordinals ascend.
  const absl::btree_map<Gram, std::vector<uint32_t>>& lists() const { return lists_; }

 private:
  void AddForm(uint32_t ordinal, std::u32string_view text, Form form);

  absl::flat_hash_set<Gram> pairs_;
  absl::btree_map<Gram, std::vector<uint32_t>> lists_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_FREQUENT_TRIPLES_H_
