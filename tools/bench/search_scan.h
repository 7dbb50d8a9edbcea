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
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "projections/search/index/loose_set.h"
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

// The truth about the language q: the scan of what is too new for the index, over
// every document. Where a part of a query may stand in several forms it compares
// document by document, so it is the raw limit of phrases and tags only in name.
//
//   DocumentScan scan;
//   scan.Add({.id = 7, .author = 1, .text = search::DocumentText("오늘 점심")});
//   ASSIGN_OR_RETURN(ScanAnswer answer, scan.Find("점심 from:kim", 10, zone, member_of));
//
// Threads: one.
class DocumentScan {
 public:
  using MemberOf = absl::FunctionRef<MemberId(std::string_view handle)>;

  // Ids rise, and the newest is the largest.
  void Add(const search::Document& document);
  absl::StatusOr<ScanAnswer> Find(std::string_view q, size_t page_size, absl::TimeZone zone,
                                  MemberOf member_of) const;

 private:
  ScanAnswer Find(const search::TextQuery& query, size_t page_size) const;

  std::vector<std::unique_ptr<search::LooseSet>> parts_;  // a set has a bound
  size_t documents_ = 0;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_SEARCH_SCAN_H_
