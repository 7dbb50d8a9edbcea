// The Range header of a request, of which one range of bytes is honoured
// (RFC 9110, 14).
//
//   const ByteRange range = ParseByteRange("bytes=0-99", size);
//
// Pure. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_BYTE_RANGE_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_BYTE_RANGE_H_

#include <cstdint>
#include <string_view>

namespace dailyfeed::http {

struct ByteRange {
  enum class Kind {
    kWhole,          // no range, or one that is passed over: several, malformed
    kPart,           // `length` bytes from `first` on, at least 1
    kUnsatisfiable,  // begins behind the end
  };
  Kind kind = Kind::kWhole;
  uint64_t first = 0;
  uint64_t length = 0;
};

// `size` is that of the whole, at least 1.
ByteRange ParseByteRange(std::string_view header, uint64_t size);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_BYTE_RANGE_H_
