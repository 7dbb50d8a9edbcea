// Chunks by number that never change: a change makes another map, which shares
// the chunks that stayed. So a reader holds the map of one moment and waits for
// nobody, and a writer copies what it changes and little more.
//
//   ChunkMap<Names> before;
//   ChunkMap<Names> after = before.With({{7, std::make_shared<const Names>(...)}});
//   before.Find(7);   // nullptr
//
// Numbers may lie anywhere; room is taken by the chunks that are there. A change
// copies a pointer for each of them.
//
// Immutable. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_CHUNK_MAP_H_
#define DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_CHUNK_MAP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace dailyfeed::search {

template <typename Chunk>
class ChunkMap {
 public:
  struct Slot {
    uint64_t number = 0;
    std::shared_ptr<const Chunk> chunk;  // in a map never nullptr
  };

  // `changed` in the order of the numbers, each once; nullptr: the chunk goes.
  ChunkMap With(std::span<const Slot> changed) const {
    ChunkMap map;
    map.slots_.reserve(slots_.size());
    auto old = slots_.begin();
    for (const Slot& slot : changed) {
      for (; old != slots_.end() && old->number < slot.number; ++old) map.slots_.push_back(*old);
      if (old != slots_.end() && old->number == slot.number) ++old;
      if (slot.chunk != nullptr) map.slots_.push_back(slot);
    }
    map.slots_.insert(map.slots_.end(), old, slots_.end());
    if (map.slots_.size() < map.slots_.capacity() / 2) map.slots_.shrink_to_fit();
    return map;
  }

  // nullptr: there is none. Valid as long as a map that has it.
  const Chunk* Find(uint64_t number) const {
    const auto found =
        std::lower_bound(slots_.begin(), slots_.end(), number,
                         [](const Slot& slot, uint64_t of) { return slot.number < of; });
    return found == slots_.end() || found->number != number ? nullptr : found->chunk.get();
  }

  std::span<const Slot> slots() const { return slots_; }
  // Without the chunks themselves.
  size_t Bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  std::vector<Slot> slots_;  // in the order of the numbers
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_CHUNK_MAP_H_
