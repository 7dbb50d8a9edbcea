// The posts, queries and judgements of testdata/search, which are part of the
// program.
//
//   ASSIGN_OR_RETURN(const Judgements judgements, StoredJudgements());
//   judgements.queries[0].grades;   // {{1, 3}, {13, 3}, {35, 2}, ...}
//
// Threads: from any.
#ifndef DAILYFEED_TOOLS_SEARCH_QUALITY_JUDGEMENTS_H_
#define DAILYFEED_TOOLS_SEARCH_QUALITY_JUDGEMENTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/search_quality/metrics.h"

namespace dailyfeed::search_quality {

struct JudgedPost {
  JudgedId id = 0;
  std::string author;  // a handle
  std::string day;     // yyyy-MM-dd
  std::string text;
};

enum class QueryKind { kKeyword, kQ };
// "keyword" or "q".
std::string_view NameOf(QueryKind kind);

struct JudgedQuery {
  std::string id;  // "k01", "q35"
  QueryKind kind = QueryKind::kKeyword;
  std::string query;  // as typed
  Grades grades;
};

struct Judgements {
  std::vector<JudgedPost> posts;  // ids 1, 2, 3, ..., no day before that of the post above
  std::vector<JudgedQuery> queries;
};

// The two files, one JSON object a line. INVALID_ARGUMENT names the line that
// makes no sense. testdata/search/check.py checks more.
absl::StatusOr<Judgements> ParseJudgements(std::string_view posts, std::string_view queries);

// Those that the program was built with.
absl::StatusOr<Judgements> StoredJudgements();

}  // namespace dailyfeed::search_quality

#endif  // DAILYFEED_TOOLS_SEARCH_QUALITY_JUDGEMENTS_H_
