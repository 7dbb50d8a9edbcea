// What surrounds a decision: who acts, when, under which limits; and what
// comes out of it.
#ifndef DAILYFEED_CORE_DOMAIN_CONTEXT_H_
#define DAILYFEED_CORE_DOMAIN_CONTEXT_H_

#include <cstdint>
#include <vector>

#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

// Every limit the domain enforces; lengths in UTF-16 code units.
struct DomainLimits {
  uint32_t post_title_max = 100;
  uint32_t post_content_max = 5000;
  uint32_t comment_content_max = 1000;
  uint32_t comment_depth_max = 2;
  uint32_t followings_max = 1000;
};

struct Context {
  MemberId actor = 0;  // 0 only for commands anyone may send: SignUp
  TimestampNs now = 0;
  DomainLimits limits;
  // The id of what a command creates (member, post, comment or picture). DecideCommand
  // fills it from the counters in the rows; its callers leave it 0.
  uint64_t new_id = 0;
};

// An event before the log has given it a place.
struct NewEvent {
  v1::StreamKind stream_kind = v1::STREAM_KIND_UNSPECIFIED;
  uint64_t stream_id = 0;
  v1::Payload payload;
};

// In the order in which they happened.
using Events = std::vector<NewEvent>;

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_CONTEXT_H_
