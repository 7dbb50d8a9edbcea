#include "projections/queries/text_searcher.h"

#include <limits>
#include <memory>
#include <utility>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/search/text/search_query.h"

namespace dailyfeed {

TextSearcher::TextSearcher(Runtime* runtime, const SearchOptions& options, absl::TimeZone zone,
                           MemberCards* members)
    : options_(options),
      zone_(zone),
      members_(members),
      projection_(options),
      cache_(options.cache_bytes_max),
      id_(runtime->Register(&projection_)) {
  runtime->Observe(id_, &memory_);
}

absl::StatusOr<TextSearcher::Hits> TextSearcher::Find(const ReadView& at, search::IndexTag index,
                                                      const SearchRequest& request) const {
  if (request.size == 0 || request.size > kPageSizeMax) {
    return MakeError(ErrorCode::kInvalidRequest, "size of a page");
  }
  if (request.language == SearchLanguage::kQuery) return FindQuery(at, index, request);
  ASSIGN_OR_RETURN(const search::Keyword keyword, search::ParseKeyword(request.text));
  return Run(at, index, search::KeywordQuery(keyword.terms, keyword.phrase), request);
}

absl::StatusOr<TextSearcher::Hits> TextSearcher::FindQuery(const ReadView& at,
                                                           search::IndexTag index,
                                                           const SearchRequest& request) const {
  ASSIGN_OR_RETURN(const search::SearchQuery typed, search::ParseQuery(request.text));
  search::PlanOptions options = {.zone = zone_, .newest_first = request.newest_first};
  ASSIGN_OR_RETURN(search::QueryPlan plan, Plan(at, typed, options));
  ASSIGN_OR_RETURN(Hits hits, Run(at, index, plan.query, request));
  if (hits.total == 0 && plan.has_more_particles) {
    options.all_particles = true;
    ASSIGN_OR_RETURN(plan, Plan(at, typed, options));
    ASSIGN_OR_RETURN(hits, Run(at, index, plan.query, request));
  }
  hits.needles = std::move(plan.needles);
  return hits;
}

absl::StatusOr<search::QueryPlan> TextSearcher::Plan(const ReadView& at,
                                                     const search::SearchQuery& typed,
                                                     const search::PlanOptions& options) const {
  absl::Status failed;
  search::QueryPlan plan = PlanQuery(typed, options, [&](std::string_view handle) -> MemberId {
    const auto card = members_->LoadByHandle(at, handle);
    if (!card.ok()) failed = card.status();
    return card.ok() && *card != nullptr ? (*card)->id : 0;
  });
  RETURN_IF_ERROR(failed);
  return plan;
}

absl::StatusOr<TextSearcher::Hits> TextSearcher::Run(const ReadView& at, search::IndexTag index,
                                                     const search::TextQuery& query,
                                                     const SearchRequest& request) const {
  ++searches_;
  const search::SearchMoment* const moment = search::SearchMemory::Of(at, id_);
  if (moment == nullptr) return absl::UnavailableError("search is not ready");
  if (!moment->health.ok()) ++failed_;
  RETURN_IF_ERROR(moment->health);
  // A window behind the end, for a page number that no list has.
  const uint64_t last = std::numeric_limits<uint64_t>::max();
  const uint64_t skip = request.page > last / request.size ? last : request.page * request.size;
  absl::StatusOr<search::SearchPage> page =
      Search(query, moment->index(index), at.rows(id_), {.skip = skip, .take = request.size},
             {.work_max = options_.query_work_max, .cache = &cache_});
  if (absl::IsResourceExhausted(page.status())) {
    ++refused_;
    return MakeError(ErrorCode::kServiceUnavailable, std::string(page.status().message()));
  }
  if (!page.ok()) ++failed_;
  RETURN_IF_ERROR(page.status());
  Hits hits = {.total = page->total};
  hits.keys.reserve(page->ids.size());
  for (const uint64_t id : page->ids) hits.keys.push_back({.order = 0, .id = id});
  return hits;
}

SearchStats TextSearcher::stats() const {
  const search::SearchMemory::Stats memory = memory_.stats();
  return {.loose_documents = memory.loose_documents,
          .segments = memory.segments,
          .void_documents = memory.void_documents,
          .memory_bytes = memory.memory_bytes + cache_.bytes(),
          .searches = searches_,
          .searches_refused = refused_,
          .searches_failed = failed_};
}

}  // namespace dailyfeed
