// The whole comparison: our engine and every peer, over the stored judgements.
//
//   ASSIGN_OR_RETURN(const std::vector<Figures> figures,
//                    CompareSearch(work.path(), [](const std::string& text) { ... }));
//   PrintText(TextOf(figures));
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_SEARCH_QUALITY_RUN_H_
#define DAILYFEED_TOOLS_SEARCH_QUALITY_RUN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/search_quality/report.h"

namespace dailyfeed::search_quality {

// `directory` exists and is empty; the caller removes what is in it. A peer that
// is not installed is left out, and `note` gets a sentence about it.
absl::StatusOr<std::vector<Figures>> CompareSearch(
    const std::string& directory, const std::function<void(const std::string&)>& note);

}  // namespace dailyfeed::search_quality

#endif  // DAILYFEED_TOOLS_SEARCH_QUALITY_RUN_H_
