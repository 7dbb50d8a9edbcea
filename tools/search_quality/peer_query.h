// A judged query as a peer is asked it: the words as they were typed, because
// what words look alike is for each engine to know.
//
//   PeerQueryOf({.kind = QueryKind::kQ, .query = "from:kim \"a b\" -c"});
//       // required {"a b"}, excluded {"c"}, author "kim"
//
// Only what the judged queries need: no error is found here. The engine's own
// parser is projections/search/text/search_query.h; a test compares the two.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_TOOLS_SEARCH_QUALITY_PEER_QUERY_H_
#define DAILYFEED_TOOLS_SEARCH_QUALITY_PEER_QUERY_H_

#include <string>
#include <vector>

#include "tools/search_quality/judgements.h"

namespace dailyfeed::search_quality {

struct PeerQuery {
  std::vector<std::string> required;  // each must be in the text; a phrase has spaces
  std::vector<std::string> excluded;  // none may be in the text
  // Of a keyword with several terms, the whole: a text that has it comes first.
  std::string whole;
  std::string author;  // empty: any
  std::string since;   // yyyy-MM-dd; empty: any day
  std::string until;
};

PeerQuery PeerQueryOf(const JudgedQuery& query);

}  // namespace dailyfeed::search_quality

#endif  // DAILYFEED_TOOLS_SEARCH_QUALITY_PEER_QUERY_H_
