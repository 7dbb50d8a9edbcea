// Numbers in the bytes of a segment: varints (LEB128) and fixed little-endian ones.
//
// The row codec (codec/row_codec.h) has the same varints; this reader is inlined,
// because a query decodes millions of them. Total: behind the end every number is
// 0 and failed() is true.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_BYTES_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dailyfeed::search {

inline void AppendVarint(uint64_t value, std::string* bytes) {
  while (value >= 0x80) {
    bytes->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes->push_back(static_cast<char>(value));
}

inline void AppendFixed32(uint32_t value, std::string* bytes) {
  for (int shift = 0; shift < 32; shift += 8) bytes->push_back(static_cast<char>(value >> shift));
}

inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t FromZigZag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  uint64_t Varint() {
    // Most are small.
    if (next_ != end_ && static_cast<uint8_t>(*next_) < 0x80) {
      return static_cast<uint8_t>(*next_++);
    }
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && next_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*next_++);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }
  uint32_t Fixed32() {
    if (end_ - next_ < 4) return static_cast<uint32_t>(Fail());
    uint32_t value = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      value |= static_cast<uint32_t>(static_cast<uint8_t>(*next_++)) << shift;
    }
    return value;
  }
  std::string_view Bytes(uint64_t size) {
    if (size > static_cast<uint64_t>(end_ - next_)) {
      Fail();
      return {};
    }
    const std::string_view bytes(next_, size);
    next_ += size;
    return bytes;
  }

  bool AtEnd() const { return next_ == end_; }
  bool failed() const { return failed_; }
  size_t remaining() const { return static_cast<size_t>(end_ - next_); }

 private:
  uint64_t Fail() {
    next_ = end_;
    failed_ = true;
    return 0;
  }

  const char* next_;
  const char* end_;
  bool failed_ = false;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_BYTES_H_
