// The posts that bench search searches, in a server and beside it: what knows the
// right answer of every query.
//
//   SearchData data(feed, options, reporter);
//   RETURN_IF_ERROR(data.Load());
//   ASSIGN_OR_RETURN(ScanAnswer truth, data.Truth(QueryClass::kTag, "#점심", 10));
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_BENCH_SEARCH_DATA_H_
#define DAILYFEED_TOOLS_BENCH_SEARCH_DATA_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/embedded/dailyfeed.h"
#include "projections/queries/text_search.h"
#include "tools/bench/bench.h"
#include "tools/bench/dataset.h"
#include "tools/bench/search_corpus.h"
#include "tools/bench/search_scan.h"
#include "tools/search_quality/judgements.h"

namespace dailyfeed::bench {

// Of every query.
inline constexpr uint32_t kSearchPageSize = 10;

class SearchData {
 public:
  // `feed` is empty. Not owned.
  SearchData(Dailyfeed* feed, const BenchOptions& options, BenchReporter& reporter);

  // Members who follow each other, and posts: one in fifty edited, one in fifty
  // deleted. Reports how fast, and how much was written to disk.
  absl::Status Load();

  Dailyfeed& feed() { return *feed_; }
  const BenchOptions& options() const { return options_; }
  BenchReporter& reporter() { return reporter_; }
  SearchCorpus& corpus() { return corpus_; }
  const std::vector<MemberId>& members() const { return members_.members(); }
  // Live ones, as an engine of others gets them.
  const std::vector<search_quality::JudgedPost>& posts() const { return posts_; }

  SearchRequest RequestOf(QueryClass kind, const std::string& text) const;
  // By reading every text.
  absl::StatusOr<ScanAnswer> Truth(QueryClass kind, const std::string& text,
                                   size_t page_size) const;
  // Which queries took longest, the slowest first.
  std::vector<std::string> slow_keywords;

 private:
  uint64_t count() const;
  TimestampNs CreatedAt(uint64_t index) const;
  absl::Status Publish();
  absl::Status Change();
  void Note();

  Dailyfeed* const feed_;
  const BenchOptions& options_;
  BenchReporter& reporter_;
  const absl::TimeZone zone_;
  const absl::Time first_;
  Dataset members_;
  SearchCorpus corpus_;
  std::vector<std::string> texts_;  // empty: deleted
  std::vector<PostId> ids_;
  std::vector<search_quality::JudgedPost> posts_;
  TextScan texts_scan_;
  DocumentScan documents_scan_;
};

// What this process has made the kernel write to disk so far.
uint64_t WrittenBytes();

// Each of these reports its figures.
absl::Status MeasureQueries(SearchData& data);
absl::Status MeasurePeers(SearchData& data);
absl::Status MeasureSearchOverHttp(SearchData& data);
// Changes the posts, so it comes last.
absl::Status MeasureSearchBesideWrites(SearchData& data);

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_SEARCH_DATA_H_
