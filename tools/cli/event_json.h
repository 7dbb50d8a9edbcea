// An event as one line of JSON, for people and for other tools.
//
//   {"position":7,"type":"PostPublished","stream":"post/3","version":1,
//    "day":20261121,"occurredAt":"2026-11-21T04:00:00.123456+00:00",...,
//    "data":{"postId":3,"authorId":1,"title":"","content":"hi"}}
//
// Personal data stay sealed: such a field is shown as {"sealed": <bytes>}. Once
// the person has withdrawn nobody can open it, and it is shown as {"erased": <bytes>};
// so are the handle and the digest of the e-mail, which the log keeps.
#ifndef DAILYFEED_TOOLS_CLI_EVENT_JSON_H_
#define DAILYFEED_TOOLS_CLI_EVENT_JSON_H_

#include <string>
#include <vector>

#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed::cli {

enum class SealedFields { kSealed, kErased };
// `sealed_fields`: whether the person whose fields the event holds is there.
std::string EventToJson(const v1::Event& event, Day day,
                        SealedFields sealed_fields = SealedFields::kSealed);

// The names of every event type, in the order of the events.proto.
std::vector<std::string> EventTypeNames();

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_EVENT_JSON_H_
