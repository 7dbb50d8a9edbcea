// Finding bytes in bytes, 16 places at a time.
//
//   const char* at = FindBytes(text, needle);      // nullptr: it is not there
//
// glibc's memmem looks at short needles byte by byte, and most needles are short: a
// syllable of Hangul has three bytes. The method (compare the first and the last
// byte of many places at once, then the rest) is W. Muła's "SIMD-friendly algorithms
// for substring searching".
//
// Pure. Threads: any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_INDEX_FIND_BYTES_H_
#define DAILYFEED_PROJECTIONS_SEARCH_INDEX_FIND_BYTES_H_

#include <string_view>

namespace dailyfeed::search {

// The first place of a needle that is not empty.
const char* FindBytes(std::string_view text, std::string_view needle);

inline bool HasBytes(std::string_view text, std::string_view needle) {
  return FindBytes(text, needle) != nullptr;
}

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_INDEX_FIND_BYTES_H_
