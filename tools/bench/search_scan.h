// The raw limit of a search: every folded text in memory, one behind the other, and a
// vectorised scan over all of them. Its answers are the truth that the others are
// compared with.
//
//   TextScan scan;
//   scan.Add(7, "오늘 점심");
//   ScanAnswer answer = scan.Find(keyword, 10);
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_BENCH_SEARCH_SCAN_H_
#define DAILYFEED_TOOLS_BENCH_SEARCH_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "projections/search/text/search_query.h"

namespace dailyfeed::bench {

struct ScanAnswer {
  uint64_t total = 0;
  std::vector<uint64_t> ids;  // of the first page, in order
};

class TextScan {
 public:
  // Ids rise, and the newest is the largest.
  void Add(uint64_t id, std::string_view content);
  // As the contract ranks them.
  ScanAnswer Find(const search::Keyword& keyword, size_t page_size) const;

  size_t bytes() const { return texts_.size(); }

 private:
  struct Text {
    uint64_t id;
    size_t begin;  // of the text with a space at either end
    uint32_t code_points;
  };
  std::string texts_;
  std::vector<Text> all_;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_SEARCH_SCAN_H_
