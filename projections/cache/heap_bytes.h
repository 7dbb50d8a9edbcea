// What values hold on the heap, for caches that are bounded by bytes. Measured
// against glibc's allocator: a block costs its size, 8 bytes, rounded up to 16.
#ifndef DAILYFEED_PROJECTIONS_CACHE_HEAP_BYTES_H_
#define DAILYFEED_PROJECTIONS_CACHE_HEAP_BYTES_H_

#include <cstddef>
#include <string>
#include <vector>

namespace dailyfeed {

inline constexpr size_t BlockBytes(size_t size) { return (size + 8 + 15) / 16 * 16; }

inline size_t HeapBytes(const std::string& text) {
  static const size_t kInside = std::string().capacity();
  return text.capacity() <= kInside ? 0 : BlockBytes(text.capacity() + 1);
}

template <typename T>
size_t HeapBytes(const std::vector<T>& values) {
  return values.capacity() == 0 ? 0 : BlockBytes(values.capacity() * sizeof(T));
}

// An object made with std::make_shared: the object and two counters.
template <typename T>
constexpr size_t SharedBytes() {
  return BlockBytes(sizeof(T) + 16);
}

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_CACHE_HEAP_BYTES_H_
