// Where a list continues: everything after the row with this sort key.
//
//   std::sort(posts.begin(), posts.end(), Before);   // as the list shows them
//   ListKey next = posts.back();                     // the next page begins behind it
//
// A plain value. The gateway turns it into an opaque, signed cursor.
#ifndef DAILYFEED_PROJECTIONS_CODEC_LIST_KEY_H_
#define DAILYFEED_PROJECTIONS_CODEC_LIST_KEY_H_

#include <cstdint>

namespace dailyfeed {

// `order` is the sort value of the row: the creation time in lists by time,
// ascending ones too. Ranked lists put `then`, the creation time, between
// `order` and `id`; in the other lists `then` is 0.
struct ListKey {
  int64_t order = 0;
  uint64_t id = 0;
  int64_t then = 0;
  bool operator==(const ListKey&) const = default;
};

// The order of every descending list: `order`, then `then`, then `id`, the
// largest first.
inline bool Before(const ListKey& a, const ListKey& b) {
  if (a.order != b.order) return a.order > b.order;
  return a.then != b.then ? a.then > b.then : a.id > b.id;
}

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_CODEC_LIST_KEY_H_
