// The ranked lists of posts: by popularity, by comments, by latest activity.
//
// The first rows of each list ("head") are kept in memory, as a mirror of the
// store's rows: OnRows brings them up to date before a view shows the change, with
// whatever rows the write changed. So a post that is liked all the time moves in
// memory, and readers of first pages never step over the rows it had before.
// Behind a head the store goes on by key. A reader whose view is older than the
// last change of a head reads the store.
//
//   RankedLists lists(runtime, posts, {.heads_bytes_max = 4u << 20, .head_rows_max = 1024});
//   const RankedLists::List today[] = {{posts::RankedList::kPopularOfDay, 20747}};
//   ASSIGN_OR_RETURN(std::vector<ListKey> keys, lists.Read(view, today, after, skip, 21));
//
// A head holds every row of its list up to `bound`. The first reader that asks
// for a list reads its head from a view that is pinned after the head has begun
// to note changes; the noted changes are added. Lists that are not asked for have
// no head.
//
// Threads: Read and counts from any, the rest from the runtime's.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_RANKED_LISTS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_RANKED_LISTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "projections/cache/cache.h"
#include "projections/posts/post_rows.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

class RankedLists final : public ProjectionObserver {
 public:
  struct Options {
    size_t heads_bytes_max = 0;
    size_t head_rows_max = 0;
  };
  struct List {
    posts::RankedList list = posts::RankedList::kActive;
    int64_t day = 0;  // 0 for lists that are not of a day
    auto operator<=>(const List&) const = default;
  };

  // `posts`: the posts projection, which this observes.
  RankedLists(Runtime* runtime, ProjectionId posts, const Options& options);

  // Up to `count` rows behind `after` (from the first on when not set) of the
  // lists merged into one, after leaving out `skip`.
  absl::StatusOr<std::vector<ListKey>> Read(const ReadView& view, std::span<const List> lists,
                                            const std::optional<ListKey>& after, uint64_t skip,
                                            size_t count);
  // A hit is a list that was asked for and whose head was there.
  CacheCounts counts() const;

  void OnEvent(const v1::Event& event) override { event_ = event.position(); }
  void OnRows(const WrittenRows& rows) override;
  void OnReset(uint64_t epoch) override;

 private:
  struct Change {
    ListKey key;
    bool there = false;  // false: the row is gone
  };
  struct Head {
    std::vector<ListKey> rows;
    bool complete = false;  // these are all rows of the list
    ListKey bound;          // else: all up to here, included
    bool loaded = false;
    bool loading = false;
    uint64_t load = 0;           // which one is going on
    std::vector<Change> missed;  // while it goes on
    Position changed = 0;        // the head is that of views from here on
    uint64_t used = 0;
  };
  // The next rows of one list: from its head, then from the store.
  struct Source {
    List list;
    std::vector<ListKey> ahead;
    size_t at = 0;
    bool complete = false;          // nothing behind `ahead`
    std::optional<ListKey> behind;  // where the store goes on
    std::unique_ptr<StoreIterator> rest;
    const ListKey& front() const { return ahead[at]; }
  };

  absl::Status Open(const ReadView& view, const List& list, const std::optional<ListKey>& after,
                    uint64_t wanted, Source* source);
  // Steps to the next row; `at` is behind `ahead` when there is none.
  absl::Status Fill(const ReadView& view, Source* source) const;
  absl::Status FromStore(const ReadView& view, Source* source) const;
  // The rows that the head has. Under mutex_.
  static void Take(const Head& head, const std::optional<ListKey>& after, uint64_t wanted,
                   Source* source);
  absl::Status Load(const List& list);
  // Both under mutex_.
  Head* HeadOf(const List& list);
  // The event at `position` made the changes.
  void Apply(std::span<const Change> changes, Position position, Head* head);

  Runtime* const runtime_;
  const ProjectionId posts_;
  const size_t heads_max_;
  const size_t head_rows_max_;

  Position event_ = 0;  // the last one; of the runtime's thread

  mutable std::mutex mutex_;
  Heard heard_;  // of rows
  std::map<List, Head> heads_;
  uint64_t clock_ = 0;  // of uses and loads
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_RANKED_LISTS_H_
