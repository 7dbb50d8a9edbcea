// The rows of the timelines projection; live posts only.
//
//   'a' author created-desc post-desc  -> (empty): the posts of an author
//   'p' post                           -> varint author, zigzag created
#ifndef DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_ROWS_H_
#define DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_ROWS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/queries/views.h"

namespace dailyfeed::timelines {

std::string AuthorPrefix(MemberId author);
std::string AuthorKey(MemberId author, TimestampNs created_at, PostId post);
// The creation time and the post of an author key.
absl::StatusOr<ListKey> DecodeAuthorKey(std::string_view key);

struct Placed {
  MemberId author = 0;
  TimestampNs created_at = 0;
};
std::string PostKey(PostId post);
std::string EncodePlaced(const Placed& placed);
absl::StatusOr<Placed> DecodePlaced(std::string_view row);

}  // namespace dailyfeed::timelines

#endif  // DAILYFEED_PROJECTIONS_TIMELINES_TIMELINE_ROWS_H_
