// How many pages far down a list are read at a time.
//
// A page by number steps over every row before it. The contract wants that (its
// offsets are exact), and any client can ask for it, so pages that step over many
// rows may not take all processors.
//
//   ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, deep_pages.Enter(skip));
//   ... step over `skip` rows ...
//
// Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_DEEP_PAGES_H_
#define DAILYFEED_PROJECTIONS_QUERIES_DEEP_PAGES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "core/domain/errors.h"
#include "projections/queries/answers.h"

namespace dailyfeed {

class DeepPages {
 public:
  // A page that steps over more rows is deep. About 5 ms.
  static constexpr uint64_t kRows = 10'000;

  explicit DeepPages(size_t max) : max_(max) {}

  struct Leave {
    void operator()(DeepPages* of) const { of->reading_.fetch_sub(1, std::memory_order_relaxed); }
  };
  // The page may be read until this is destroyed.
  using Ticket = std::unique_ptr<DeepPages, Leave>;

  // RESOURCE_EXHAUSTED (kServiceUnavailable) while `max` deep pages are read. Null
  // for a page that is not deep.
  absl::StatusOr<Ticket> Enter(uint64_t skipped_rows) {
    if (skipped_rows <= kRows) return Ticket();
    Ticket ticket(this);
    if (reading_.fetch_add(1, std::memory_order_relaxed) < max_) return ticket;
    return MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable,
                       "others read pages as far down a list");
  }
  absl::StatusOr<Ticket> Enter(const PageRequest& request) {
    if (request.after.has_value() || request.size == 0) return Ticket();
    return Enter(request.page > kRows / request.size ? kRows + 1 : 0);
  }

 private:
  const size_t max_;
  std::atomic<size_t> reading_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_DEEP_PAGES_H_
