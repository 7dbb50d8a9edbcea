#include "tools/search_quality/engine.h"

#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed::search_quality {
namespace {

constexpr size_t kAllHits = 1u << 30;

}  // namespace

absl::StatusOr<std::vector<JudgedId>> Peer::Ask(const JudgedQuery& query) {
  ASSIGN_OR_RETURN(FirstHits hits, AskFirst(query, kAllHits));
  return std::move(hits.ids);
}

}  // namespace dailyfeed::search_quality
