#include "tools/bench/search_scan.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/search/index/find_bytes.h"
#include "projections/search/index/text_query.h"
#include "projections/search/query_plan.h"

namespace dailyfeed::bench {
namespace {

constexpr size_t kDocumentsPerPart = 500'000;

// The first hits of a page, in order: the level, and the id from the other end.
class Best {
 public:
  explicit Best(size_t page_size) : page_size_(page_size) {}
  void Add(size_t level, uint64_t id) {
    ++answer_.total;
    best_.emplace_back(level, ~id);
    std::push_heap(best_.begin(), best_.end());
    if (best_.size() > page_size_) {
      std::pop_heap(best_.begin(), best_.end());
      best_.pop_back();
    }
  }
  ScanAnswer Answer() && {
    std::sort_heap(best_.begin(), best_.end());
    for (const auto& [level, id] : best_) answer_.ids.push_back(~id);
    return std::move(answer_);
  }

 private:
  const size_t page_size_;
  std::vector<std::pair<size_t, uint64_t>> best_;
  ScanAnswer answer_;
};

const char* FindBytes(const char* from, const char* end, std::string_view needle) {
  const char* const found = search::FindBytes({from, static_cast<size_t>(end - from)}, needle);
  return found == nullptr ? end : found;
}

}  // namespace

void TextScan::Add(uint64_t id, std::string_view content) {
  const std::string text = search::DocumentText(content);
  all_.push_back({.id = id,
                  .begin = texts_.size(),
                  .code_points = static_cast<uint32_t>(search::StrictForm(text).size())});
  texts_ += ' ';
  texts_ += text;
  texts_ += ' ';
}

ScanAnswer TextScan::Find(const search::Keyword& keyword, size_t page_size) const {
  const search::TextQuery query = search::KeywordQuery(keyword.terms, keyword.phrase);
  // The longest term is the rarest, most often.
  const std::string* longest = nullptr;
  for (const search::Requirement& requirement : query.requirements) {
    const std::string& bytes = requirement.typed.bytes;
    if (longest == nullptr || bytes.size() > longest->size()) longest = &bytes;
  }
  Best best(page_size);
  const char* const end = texts_.data() + texts_.size();
  size_t index = 0;
  for (const char* at = texts_.data(); (at = FindBytes(at, end, *longest)) != end;) {
    const auto offset = static_cast<size_t>(at - texts_.data());
    // The texts that follow are mostly near.
    size_t step = 1;
    while (index + step < all_.size() && all_[index + step].begin <= offset) step *= 2;
    const auto behind =
        std::upper_bound(all_.begin() + static_cast<ptrdiff_t>(index),
                         all_.begin() + static_cast<ptrdiff_t>(std::min(index + step, all_.size())),
                         offset, [](size_t place, const Text& text) { return place < text.begin; });
    index = static_cast<size_t>(behind - all_.begin()) - 1;
    const size_t next = index + 1 < all_.size() ? all_[index + 1].begin : texts_.size();
    const std::string_view text =
        std::string_view(texts_).substr(all_[index].begin, next - all_[index].begin);
    const auto level =
        search::LevelIn(query, {.bytes = text, .code_points = all_[index].code_points}, 0,
                        [](search::Gram) { return false; });
    if (level.has_value()) best.Add(*level, all_[index].id);
    at = texts_.data() + next;
  }
  return std::move(best).Answer();
}

void DocumentScan::Add(const search::Document& document) {
  if (documents_++ % kDocumentsPerPart == 0) {
    parts_.push_back(std::make_unique<search::LooseSet>());
  }
  parts_.back()->Put(document);
}

absl::StatusOr<ScanAnswer> DocumentScan::Find(std::string_view q, size_t page_size,
                                              absl::TimeZone zone, MemberOf member_of) const {
  ASSIGN_OR_RETURN(const search::SearchQuery typed, search::ParseQuery(q));
  search::PlanOptions options = {.zone = zone};
  const search::QueryPlan plan = search::PlanQuery(typed, options, member_of);
  ScanAnswer answer = Find(plan.query, page_size);
  if (answer.total > 0 || !plan.has_more_particles) return answer;
  options.all_particles = true;
  return Find(search::PlanQuery(typed, options, member_of).query, page_size);
}

ScanAnswer DocumentScan::Find(const search::TextQuery& query, size_t page_size) const {
  Best best(page_size);
  for (const auto& part : parts_) {
    const search::LooseView view = part->View();
    view.VisitHits(query, [&](const search::LooseDocument& document) {
      const auto level = search::LevelIn(
          query, {.bytes = document.form(query.form), .code_points = document.code_points},
          document.created_at, [&](search::Gram gram) { return document.HasGram(gram); });
      best.Add(*level, document.id);
    });
  }
  return std::move(best).Answer();
}

}  // namespace dailyfeed::bench
