// The objects of the contract (section 5) as JSON, every property in the order
// of the contract. The same function writes an object on every endpoint.
//
//   ObjectWriter objects(zone, default_cover_url);
//   objects.Post(view, json);
//
// Immutable; from any thread.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_OBJECTS_H_
#define DAILYFEED_ADAPTERS_HTTP_API_OBJECTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "adapters/http/text/json_writer.h"
#include "adapters/http/text/wall_clock.h"
#include "adapters/identity/identity.h"
#include "projections/queries/answers.h"
#include "projections/search/text/highlights.h"

namespace dailyfeed::http {

class ObjectWriter {
 public:
  ObjectWriter(absl::TimeZone zone, std::string default_cover_url)
      : clock_(zone), default_cover_url_(std::move(default_cover_url)) {}

  const WallClock& clock() const { return clock_; }

  void Member(const MemberCard& card, JsonWriter& json) const;
  void Summary(const MemberCard& card, JsonWriter& json) const;
  void MemberProfile(const MemberCard& card, const FollowCounts& follows, JsonWriter& json) const;
  void Post(const PostView& post, JsonWriter& json) const;
  // What a search found, with the places to show when it names any.
  using Highlights = std::optional<std::vector<search::Highlight>>;
  void FoundPost(const PostView& post, const Highlights& highlights, JsonWriter& json) const;
  void Comment(const CommentView& comment, JsonWriter& json) const;
  // With total_replies.
  void CommentSearchResult(const CommentView& comment, JsonWriter& json) const {
    FoundComment(comment, std::nullopt, json);
  }
  void FoundComment(const CommentView& comment, const Highlights& highlights,
                    JsonWriter& json) const;
  // `current`: the one that asks.
  void Session(const SessionInfo& session, bool current, JsonWriter& json) const;
  // An activity as it was recorded; `comment` 0: none.
  void MemberActivity(MemberId member, std::string_view type, PostId post, CommentId comment,
                      TimestampNs at, JsonWriter& json) const;
  // What somebody did to a post of the viewer's: `actor` nullptr when they
  // withdrew, `comment` nullptr when it is none.
  void Activity(std::string_view type, const MemberCard* actor, PostId post,
                const CommentView* comment, TimestampNs at, JsonWriter& json) const;

 private:
  // nullptr: withdrawn.
  void AuthorFields(const MemberCard* author, JsonWriter& json) const;
  template <size_t N>
  void Time(const char (&name)[N], WallClock::Style style, TimestampNs time,
            JsonWriter& json) const {
    char text[WallClock::kTextBytesMax];
    json.Field(name, clock_.Format(style, time, text));
  }

  WallClock clock_;
  std::string default_cover_url_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_OBJECTS_H_
