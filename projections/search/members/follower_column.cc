#include "projections/search/members/follower_column.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

namespace dailyfeed::search {

FollowerColumn FollowerColumn::With(std::span<const Change> changes) const {
  std::vector<ChunkMap<Chunk>::Slot> changed;
  for (size_t i = 0; i < changes.size();) {
    const uint64_t number = changes[i].id / kChunkMembers;
    const Chunk* old = chunks_.Find(number);
    auto chunk = old == nullptr ? std::make_shared<Chunk>() : std::make_shared<Chunk>(*old);
    for (; i < changes.size() && changes[i].id / kChunkMembers == number; ++i) {
      (*chunk)[changes[i].id % kChunkMembers] = static_cast<uint32_t>(
          std::min<uint64_t>(changes[i].followers, std::numeric_limits<uint32_t>::max()));
    }
    changed.push_back({number, std::move(chunk)});
  }
  FollowerColumn column;
  column.chunks_ = chunks_.With(changed);
  return column;
}

uint32_t FollowerColumn::Of(MemberId id) const {
  const Chunk* chunk = chunks_.Find(id / kChunkMembers);
  return chunk == nullptr ? 0 : (*chunk)[id % kChunkMembers];
}

size_t FollowerColumn::Bytes() const {
  return chunks_.Bytes() + chunks_.slots().size() * sizeof(Chunk);
}

}  // namespace dailyfeed::search
