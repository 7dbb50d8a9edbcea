// What may be set about the index. docs/reference/configuration.md names the
// settings.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_SEARCH_OPTIONS_H_
#define DAILYFEED_PROJECTIONS_SEARCH_SEARCH_OPTIONS_H_

#include <cstddef>
#include <cstdint>

namespace dailyfeed {

struct SearchOptions {
  // Loose documents of an index are sealed when there are so many, or so many bytes
  // of them. At four times as many events wait until a seal is done.
  uint64_t loose_documents_max = 2048;
  uint64_t loose_bytes_max = 1u << 20;
  // Texts of one segment, in bytes.
  uint64_t segment_text_bytes_max = 64u << 20;
  // Rows of segments kept in memory.
  size_t cache_bytes_max = 128u << 20;
  // Steps of one query: posting lists read and documents compared.
  uint64_t query_work_max = 20'000'000;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_SEARCH_SEARCH_OPTIONS_H_
