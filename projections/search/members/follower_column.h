// How many members follow each member, for all members in memory, as of one
// moment: what members are ordered by.
//
//   FollowerColumn column;
//   column = column.With({{{.id = 7, .followers = 3}}});
//   column.Of(7);   // 3
//   column.Of(8);   // 0
//
// Four bytes for a member, and a chunk of 16 KiB is copied for each that a change
// is in.
//
// Immutable. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_FOLLOWER_COLUMN_H_
#define DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_FOLLOWER_COLUMN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/domain/types.h"
#include "projections/search/members/chunk_map.h"

namespace dailyfeed::search {

class FollowerColumn {
 public:
  struct Change {
    MemberId id = 0;
    uint64_t followers = 0;  // from now on
  };
  // `changes` in the order of the ids.
  FollowerColumn With(std::span<const Change> changes) const;

  // 0 for a member who was never named. More than 2^32 - 1 count as so many.
  uint32_t Of(MemberId id) const;

  size_t Bytes() const;

 private:
  static constexpr uint64_t kChunkMembers = 4096;
  using Chunk = std::array<uint32_t, kChunkMembers>;

  ChunkMap<Chunk> chunks_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_FOLLOWER_COLUMN_H_
