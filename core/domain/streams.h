// Which stream an event belongs to, and the names of streams and events.
//
//   StreamName(v1::STREAM_KIND_POST_LIKES, 41);   // "post-likes/41"
#ifndef DAILYFEED_CORE_DOMAIN_STREAMS_H_
#define DAILYFEED_CORE_DOMAIN_STREAMS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/domain/context.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {

struct StreamRef {
  v1::StreamKind kind = v1::STREAM_KIND_UNSPECIFIED;
  uint64_t id = 0;
  friend bool operator==(const StreamRef&, const StreamRef&) = default;
};

// The stream of a payload; kind unspecified when the payload is unset.
StreamRef StreamOf(const v1::Payload& payload);

// The entity an event creates or concerns: the new member, post, comment id or
// picture number, else the id the command named (the followee for follows). 0 when unset.
uint64_t SubjectOf(const v1::Payload& payload);
uint64_t SubjectOf(const NewEvent& event);

// "post/41" <-> (STREAM_KIND_POST, 41). Ids are decimal without leading zeros,
// from 1. A kind without a name gives "unknown/<id>", which does not parse.
std::string StreamName(v1::StreamKind kind, uint64_t id);
bool ParseStreamName(std::string_view name, v1::StreamKind* kind, uint64_t* id);

// "PostPublished", the name of the payload's message; "Unknown" when unset.
std::string_view EventTypeName(const v1::Payload& payload);

// The event in its stream.
NewEvent MakeEvent(v1::Payload payload);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_STREAMS_H_
