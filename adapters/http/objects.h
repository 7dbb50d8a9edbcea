// The objects of section 5 of the HTTP contract, and the envelopes around
// them, as JSON: names, order and formats to the byte.
//
//   ObjectWriter objects(zone, default_cover_url);
//   JsonWriter json;
//   BeginSuccess(200, json);
//   objects.Post(view, json);
//   EndSuccess(json);
//
// Immutable. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_OBJECTS_H_
#define DAILYFEED_ADAPTERS_HTTP_OBJECTS_H_

#include <string>

#include "absl/time/time.h"
#include "adapters/http/json_writer.h"
#include "adapters/http/wall_clock.h"
#include "projections/queries/views.h"

namespace dailyfeed::http {

class ObjectWriter {
 public:
  ObjectWriter(absl::TimeZone zone, std::string default_cover_url)
      : clock_(zone), default_cover_url_(std::move(default_cover_url)) {}

  void Member(const MemberCard& member, JsonWriter& json) const;
  void Summary(const MemberCard& member, JsonWriter& json) const;
  void Profile(const MemberCard& member, const FollowCounts& follows, JsonWriter& json) const;
  void Post(const PostView& post, JsonWriter& json) const;
  void Comment(const CommentView& comment, JsonWriter& json) const;

 private:
  // nullptr: the author has withdrawn.
  static void Author(const MemberCard* author, JsonWriter& json);

  template <size_t N>
  void Time(const char (&name)[N], WallClock::Style style, TimestampNs time,
            JsonWriter& json) const {
    char text[WallClock::kTextBytesMax];
    json.Field(name, clock_.Format(style, time, text));
  }

  WallClock clock_;
  std::string default_cover_url_;
};

// {"status":<status>,"result":"SUCCESS","data": ... }
inline void BeginSuccess(int status, JsonWriter& json) {
  json.BeginObject();
  json.Field("status", status);
  json.Field("result", "SUCCESS");
  json.Key("data");
}
inline void EndSuccess(JsonWriter& json) { json.EndObject(); }

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_OBJECTS_H_
