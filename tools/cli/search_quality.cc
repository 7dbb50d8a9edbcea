#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "core/base/status_macros.h"
#include "tools/cli/common_flags.h"
#include "tools/cli/standard_output.h"
#include "tools/cli/subcommands.h"
#include "tools/cli/work_directory.h"
#include "tools/search_quality/report.h"
#include "tools/search_quality/run.h"

namespace dailyfeed::cli {
namespace {

absl::Status Compare() {
  ASSIGN_OR_RETURN(const WorkDirectory work, WorkDirectory::Make("", "dailyfeed-search-quality"));
  ASSIGN_OR_RETURN(const std::vector<search_quality::Figures> figures,
                   search_quality::CompareSearch(work.path(), [](const std::string& text) {
                     fmt::print(stderr, "search-quality: left out: {}\n", text);
                   }));
  PrintText(absl::GetFlag(FLAGS_json) ? search_quality::JsonOf(figures)
                                      : search_quality::TextOf(figures));
  return absl::OkStatus();
}

int Run(const std::vector<std::string>&) {
  const absl::Status status = Compare();
  return status.ok() ? kExitOk : Fail("search-quality", status);
}

}  // namespace

Subcommand SearchQualitySubcommand() {
  return {
      .name = "search-quality",
      .summary = "compare what the search finds with judgements and peers",
      .synopsis = "[--json]",
      .text =
          "Publishes the judged posts in a feed of its own, asks the judged queries, and prints\n"
          "precision, recall and nDCG@10 for `keyword` and for `q`: of dailyfeed, of a scan, of\n"
          "SQLite's FTS5 and of Groonga, in one table, and whether the goals are met. A peer that\n"
          "is not installed is left out. --json adds nDCG@10 of every query.\n"
          "\n"
          "Precision and recall of `keyword` are those against a scan of every text; of `q`, "
          "those\n"
          "against the judgements. See testdata/search/README.md.\n"
          "\n"
          "  dailyfeed search-quality\n"
          "  dailyfeed search-quality --json | jq .\n",
      .flags = {"json"},
      .run = &Run,
  };
}

}  // namespace dailyfeed::cli
