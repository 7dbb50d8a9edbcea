#include "projections/search/index/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/search/index/loose_hits.h"
#include "projections/search/index/segment_hits.h"

namespace dailyfeed::search {
namespace {

// A hit in the order of pages: the newest first.
struct Hit {
  TimestampNs created_at = 0;
  uint64_t id = 0;
  bool operator==(const Hit&) const = default;
};

bool Newer(const Hit& a, const Hit& b) {
  return a.created_at != b.created_at ? a.created_at > b.created_at : a.id > b.id;
}

// The part of the window that is still to be filled.
class Window {
 public:
  Window(const SearchWindow& window, std::vector<uint64_t>* ids)
      : skip_(window.skip), take_(window.take), ids_(ids) {}

  bool full() const { return ids_->size() >= take_; }
  // True: all of `count` hits lie before the window, which has moved on.
  bool Skip(uint64_t count) {
    if (skip_ < count) return false;
    skip_ -= count;
    return true;
  }
  void Add(uint64_t id) {
    if (skip_ > 0) {
      --skip_;
    } else if (!full()) {
      ids_->push_back(id);
    }
  }

 private:
  uint64_t skip_;
  const size_t take_;
  std::vector<uint64_t>* const ids_;
};

class Searcher {
 public:
  Searcher(const TextQuery& query, const IndexView& index, const ProjectionReader& rows,
           const SearchLimits& limits)
      : query_(query), index_(index), rows_(rows), limits_(limits), loose_(query, index.loose) {}

  absl::StatusOr<SearchPage> Run(const SearchWindow& window) {
    RETURN_IF_ERROR(FindAll());
    Window left(window, &page_.ids);
    if (!left.Skip(page_.total)) {
      for (size_t level = 0; level < kLevels && !left.full(); ++level) {
        RETURN_IF_ERROR(FindScattered(level));
        if (index_.segments->ordered) {
          RETURN_IF_ERROR(TakeOrdered(level, &left));
        } else {
          RETURN_IF_ERROR(TakeUnordered(level, &left));
        }
        RETURN_IF_ERROR(CheckWork());
      }
    }
    page_.work = Work();
    return std::move(page_);
  }

 private:
  absl::Status FindAll() {
    RETURN_IF_ERROR(FindIn(index_.segments->ranges, &ranges_));
    RETURN_IF_ERROR(FindIn(index_.segments->lists, &lists_));
    page_.total += loose_.count();
    return absl::OkStatus();
  }

  absl::Status FindIn(const std::vector<SegmentPart>& parts,
                      std::vector<std::unique_ptr<SegmentHits>>* found) {
    for (const SegmentPart& part : parts) {
      ASSIGN_OR_RETURN(std::unique_ptr<SegmentHits> hits, Find(part));
      if (hits->count() > 0) {
        found->push_back(std::move(hits));
      } else {
        done_work_ += hits->work();
      }
      RETURN_IF_ERROR(CheckWork());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<SegmentHits>> Find(const SegmentPart& part) {
    auto hits = std::make_unique<SegmentHits>(query_, part, rows_, limits_.cache);
    RETURN_IF_ERROR(hits->Find());
    page_.total += hits->count();
    return hits;
  }

  // A list holds few documents: they are named one by one, like loose ones.
  absl::Status FindScattered(size_t level) {
    scattered_.clear();
    for (const auto& list : lists_) {
      ASSIGN_OR_RETURN(const OrdinalSet documents, list->AtLevel(level));
      if (!documents.Empty()) RETURN_IF_ERROR(Append(*list, documents, &scattered_));
    }
    loose_.Take(level, [this](const LooseDocument& document) {
      scattered_.push_back({document.created_at, document.id});
    });
    std::sort(scattered_.begin(), scattered_.end(), Newer);
    return absl::OkStatus();
  }

  static absl::Status Append(SegmentHits& hits, const OrdinalSet& documents, std::vector<Hit>* to) {
    return hits.reader().VisitCreated(documents, [&](uint32_t ordinal, TimestampNs created) {
      to->push_back({created, hits.segment().IdOf(ordinal)});
    });
  }

  // Ranges follow each other in the order of pages, the newest last.
  absl::Status TakeOrdered(size_t level, Window* window) {
    const std::vector<Hit>& scattered = scattered_;
    auto next = scattered.begin();
    for (auto at = ranges_.rbegin(); at != ranges_.rend() && !window->full(); ++at) {
      SegmentHits& range = **at;
      ASSIGN_OR_RETURN(const OrdinalSet documents, range.AtLevel(level));
      const SegmentInfo& info = range.segment().info();
      // Those that do not come behind the whole range.
      const Hit oldest = {info.created_min, info.first};
      const auto behind = std::partition_point(next, scattered.end(),
                                               [&](const Hit& hit) { return !Newer(oldest, hit); });
      const auto between = static_cast<uint64_t>(behind - next);
      if (window->Skip(documents.Count() + between)) {
        next = behind;
        continue;
      }
      if (between == 0) {
        documents.VisitDescending([&](uint32_t ordinal) {
          window->Add(range.segment().IdOf(ordinal));
          return !window->full();
        });
      } else {
        RETURN_IF_ERROR(TakeBetween(range, documents, {next, behind}, window));
      }
      next = behind;
    }
    for (; next != scattered.end() && !window->full(); ++next) window->Add(next->id);
    return absl::OkStatus();
  }

  // Scattered hits stand between those of a range. Only where the window lies are
  // creation times looked at.
  static absl::Status TakeBetween(SegmentHits& range, const OrdinalSet& documents,
                                  std::span<const Hit> scattered, Window* window) {
    ASSIGN_OR_RETURN(const std::vector<Segment::FirstCreated>* const rows,
                     range.reader().CreatedIndex());
    auto next = scattered.begin();
    for (size_t i = rows->size(); i-- > 0 && !window->full();) {
      const Segment::FirstCreated& first = (*rows)[i];
      const Hit oldest = {first.created_at, range.segment().IdOf(first.ordinal)};
      const auto behind = std::partition_point(next, scattered.end(),
                                               [&](const Hit& hit) { return !Newer(oldest, hit); });
      const auto from = static_cast<uint32_t>(first.ordinal / kCreatedPerRow * kCreatedPerRow);
      const OrdinalSet in_row = documents.Slice(
          from, static_cast<uint32_t>(std::min<size_t>(from + kCreatedPerRow, documents.size())));
      if (!window->Skip(in_row.Count() + static_cast<uint64_t>(behind - next))) {
        std::vector<Hit> merged(next, behind);
        if (merged.empty()) {
          in_row.VisitDescending([&](uint32_t ordinal) {
            window->Add(range.segment().IdOf(ordinal));
            return !window->full();
          });
        } else {
          RETURN_IF_ERROR(Append(range, in_row, &merged));
          AddSorted(&merged, window);
        }
      }
      next = behind;
    }
    for (; next != scattered.end() && !window->full(); ++next) window->Add(next->id);
    return absl::OkStatus();
  }

  // Some were created at another time than their neighbours: every hit of the level
  // is named and sorted.
  absl::Status TakeUnordered(size_t level, Window* window) {
    std::vector<Hit> all = scattered_;
    for (const auto& range : ranges_) {
      ASSIGN_OR_RETURN(const OrdinalSet documents, range->AtLevel(level));
      if (!documents.Empty()) RETURN_IF_ERROR(Append(*range, documents, &all));
    }
    if (!window->Skip(all.size())) AddSorted(&all, window);
    return absl::OkStatus();
  }

  static void AddSorted(std::vector<Hit>* hits, Window* window) {
    std::sort(hits->begin(), hits->end(), Newer);
    for (const Hit& hit : *hits) window->Add(hit.id);
  }

  uint64_t Work() const {
    uint64_t work = done_work_;
    for (const auto& range : ranges_) work += range->work();
    for (const auto& list : lists_) work += list->work();
    return work;
  }

  absl::Status CheckWork() const {
    if (Work() <= limits_.work_max) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        fmt::format("the search is too expensive (more than {} steps)", limits_.work_max));
  }

  const TextQuery& query_;
  const IndexView& index_;
  const ProjectionReader& rows_;
  const SearchLimits& limits_;
  // Those with hits, ascending.
  std::vector<std::unique_ptr<SegmentHits>> ranges_;
  std::vector<std::unique_ptr<SegmentHits>> lists_;
  LooseHits loose_;
  std::vector<Hit> scattered_;  // of lists and loose ones, at this level
  SearchPage page_;
  uint64_t done_work_ = 0;
};

}  // namespace

absl::StatusOr<SearchPage> Search(const TextQuery& query, const IndexView& index,
                                  const ProjectionReader& rows, const SearchWindow& window,
                                  const SearchLimits& limits) {
  return Searcher(query, index, rows, limits).Run(window);
}

}  // namespace dailyfeed::search
