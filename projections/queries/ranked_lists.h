// The ranked lists of posts: by popularity, by comments, by latest activity.
//
// The first rows of each list ("head") are kept in memory, as a mirror of the
// store's rows: OnRows brings them up to date before a command is
// acknowledged, with whatever rows the write changed. So a post that is liked
// all the time moves in memory, and readers of first pages never step over the
// places where it was. Behind a head the store goes on by key.
//
//   RankedLists lists({.heads_bytes_max = 4u << 20, .head_rows_max = 1024});
//   lists.set_reader(runtime->Reader("posts"));
//   const RankedLists::List today[] = {{posts::RankedList::kPopularOfDay, 20747}};
//   ASSIGN_OR_RETURN(std::vector<ListKey> keys, lists.Read(today, after, skip, 21));
//
// A head holds every row of its list up to `bound`. It is read by the first
// who asks; what is written meanwhile is kept aside and added, so that a head
// can be read while the list moves. Lists nobody asks for have no head.
//
// Threads: Read and stats from any, the rest from the runtime's.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_RANKED_LISTS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_RANKED_LISTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "projections/posts/post_rows.h"
#include "projections/queries/answers.h"
#include "projections/runtime/observer.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class RankedLists {
 public:
  struct List {
    posts::RankedList list = posts::RankedList::kActive;
    int64_t day = 0;  // 0 for lists that are not of a day
    auto operator<=>(const List&) const = default;
  };

  RankedLists(size_t heads_bytes_max, size_t head_rows_max);
  void set_reader(std::unique_ptr<ProjectionReader> reader) { reader_ = std::move(reader); }

  // Up to `count` rows behind `after` (from the first on when not set) of the
  // lists merged into one, after leaving out `skip`.
  absl::StatusOr<std::vector<ListKey>> Read(std::span<const List> lists,
                                            const std::optional<ListKey>& after, uint64_t skip,
                                            size_t count);

  void OnRows(const WrittenRows& rows);
  // Any row may have changed.
  void Forget();

  struct Stats {
    uint64_t hits = 0;  // lists asked for whose head was there
    uint64_t misses = 0;
    uint64_t bytes = 0;
    uint64_t entries = 0;
  };
  Stats stats() const;

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

  absl::Status Open(const List& list, const std::optional<ListKey>& after, uint64_t wanted,
                    Source* source);
  // Steps to the next row; `at` is behind `ahead` when there is none.
  absl::Status Fill(Source* source) const;
  absl::Status FromStore(Source* source) const;
  // The rows that the head has. Under mutex_.
  static void Take(const Head& head, const std::optional<ListKey>& after, uint64_t wanted,
                   Source* source);
  absl::Status Load(const List& list);
  // Both under mutex_.
  Head* HeadOf(const List& list);
  void Apply(std::span<const Change> changes, Head* head);

  const size_t heads_max_;
  const size_t head_rows_max_;
  std::unique_ptr<ProjectionReader> reader_;

  mutable std::mutex mutex_;
  std::map<List, Head> heads_;
  uint64_t clock_ = 0;  // of uses and loads
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_RANKED_LISTS_H_
