// One client of GET /api/timeline/stream: server-sent events (HTML standard,
// section 9.2) made from what its member's watch offers.
//
//   event: ready      data: {"position": P}: the stream begins behind P; with
//                     "gap": true when the client asked to begin further back
//                     than LiveOptions::resume_events_max
//   event: post       data: a Post of somebody the member follows
//   event: activity   data: somebody liked or commented on the member's post
//
// Every event has its position in the log as `id`. While nothing happens an id
// alone is sent now and then, so that whoever resumes need not begin far back.
//
// Holds at most ApiOptions::stream_bytes_max and one event for a slow client;
// what comes later stays in the log until there is room. Ends when the access
// token it was opened with is no longer accepted: that is asked before anything
// is handed to the client, and while nothing happens once every LiveOptions::tick.
//
// Threads: BodyStream on an I/O thread, LiveSink on the live feed's.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_EVENT_STREAM_H_
#define DAILYFEED_ADAPTERS_HTTP_API_EVENT_STREAM_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapters/http/api/call.h"
#include "adapters/http/server/handler.h"
#include "projections/live/live_feed.h"

namespace dailyfeed::http {

class EventStream final : public BodyStream, private LiveSink {
 public:
  EventStream(ApiServices* services, MemberId viewer, std::string access_token);

  // Once, first. See LiveFeed::Watch.
  absl::Status Watch(std::optional<Position> after);

  void Begin(absl::AnyInvocable<void() const> wake) override;
  bool Take(std::string* bytes) override;

 private:
  bool Offer(const LiveItem& item) override;
  void Tick(Position caught_up_to) override;

  // Whether the access token is still accepted.
  bool Accepted() const;
  // Empty: there is nothing to show of it any more.
  std::string EventOf(const LiveItem& item) const;
  std::string PostEvent(const LiveItem& item) const;
  std::string ActivityEvent(const LiveItem& item) const;
  // Under mutex_.
  void Append(std::string_view text);

  ApiServices* const services_;
  const MemberId viewer_;
  const std::string access_token_;

  std::mutex mutex_;
  absl::AnyInvocable<void() const> wake_;
  std::string waiting_;
  bool full_ = false;
  bool over_ = false;
  absl::Time last_sent_;

  std::unique_ptr<LiveWatch> watch_;  // last: it calls the rest
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_EVENT_STREAM_H_
