// The paging rules of section 1.7 of the HTTP contract.
#ifndef DAILYFEED_ADAPTERS_HTTP_PAGING_H_
#define DAILYFEED_ADAPTERS_HTTP_PAGING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/cursor.h"
#include "adapters/http/json_writer.h"
#include "adapters/http/uri.h"
#include "projections/queries/views.h"

namespace dailyfeed::http {

struct PageDefaults {
  uint64_t page = 0;
  uint32_t size = 10;
};

// `page` and `size` as a client wrote them: not a number is the default, too
// large is the cap, a negative page is 0.
PageRequest ParsePage(const Query& query, const PageDefaults& defaults, uint32_t size_max);

// The same with `cursor`, which wins over `page`. nullopt: INVALID_CURSOR.
std::optional<PageRequest> ParseScroll(const Query& query, const PageDefaults& defaults,
                                       uint32_t size_max, const CursorCodec& cursors,
                                       std::string_view list, MemberId caller);

// A ScrollPage: `row` writes one row. `list` and `caller` are what its cursor
// belongs to.
template <typename Row, typename WriteRow>
void WriteScroll(const Slice<Row>& slice, const PageRequest& request, const CursorCodec& cursors,
                 std::string_view list, MemberId caller, JsonWriter& json, WriteRow&& row) {
  json.BeginObject();
  json.Key("content");
  json.BeginArray();
  for (const Row& each : slice.rows) row(each, json);
  json.EndArray();
  json.Field("page", request.page);
  json.Field("size", request.size);
  json.Field("hasNext", slice.has_next);
  json.Key("nextCursor");
  if (slice.has_next) {
    json.String(cursors.Encode({.page = request.page + 1, .after = *slice.next}, list, caller));
  } else {
    json.Null();
  }
  json.EndObject();
}

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_PAGING_H_
