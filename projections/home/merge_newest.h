// The newest posts of many authors, merged on read.
//
// Posting, following and deleting change only the author's own list, so they
// cost the same whatever the number of followers and show at once. A first
// page looks at the newest post of each author and goes deeper only into the
// few authors that have rows on it; what all authors wrote before does not
// matter. See docs/decisions/0007-merge-on-read.md.
#ifndef DAILYFEED_PROJECTIONS_HOME_MERGE_NEWEST_H_
#define DAILYFEED_PROJECTIONS_HOME_MERGE_NEWEST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "projections/codec/list_key.h"
#include "projections/home/newest_heads.h"

namespace dailyfeed {

using Bounds = std::span<const std::shared_ptr<AuthorBound>>;

// Up to `count` posts behind `after` (from the newest on when not set), newest
// first, after leaving out the first `skip`; as `view` shows them. Cost: authors +
// (skip + count) * log(authors); a store iterator for each author whose head did
// not reach. `bounds`, unless empty, are those of the authors, in their order: an
// author with nothing new enough costs next to nothing then. `authors_of`, unless
// null, gets the author of each post behind what it has.
absl::StatusOr<std::vector<ListKey>> MergeNewest(const ReadView& view, NewestHeads& heads,
                                                 std::span<const MemberId> authors,
                                                 const std::optional<ListKey>& after, uint64_t skip,
                                                 size_t count, Bounds bounds = {},
                                                 std::vector<MemberId>* authors_of = nullptr);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_MERGE_NEWEST_H_
