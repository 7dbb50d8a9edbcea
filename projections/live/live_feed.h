// What happens now, for those who watch: new posts of the members somebody
// follows, and likes of and comments on their own posts.
//
// Stands between the engine and the runtime: an event is passed on to watchers
// when the read models show it, never before. A watch is a place in the log.
// Watchers that keep up are told of each event as it is published; one that has
// no room, or that begins at an earlier position, is served from the log until
// it has caught up. Nothing is kept for a slow watcher but its place, so it
// costs no memory and loses nothing.
//
//   auto live = LiveFeed::Create(runtime, log, queries, options);
//   auto engine = Engine::Start(log, live.get(), ...);
//   ASSIGN_OR_RETURN(auto watch, live->Watch(viewer, last_position_seen, &sink));
//   ...
//   watch->Resume();   // the sink has room again
//   watch = nullptr;   // from now on the sink is not called
//
// Who is followed is decided when an item is offered, not when it happened.
// One's own posts, likes and comments are no items, and neither is anything
// about a post that was deleted meanwhile.
//
// Threads: everything from any thread; sinks are called on a thread of its own.
#ifndef DAILYFEED_PROJECTIONS_LIVE_LIVE_FEED_H_
#define DAILYFEED_PROJECTIONS_LIVE_LIVE_FEED_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/domain/types.h"
#include "core/ports/commit_listener.h"
#include "core/ports/event_source.h"
#include "projections/queries/queries.h"

namespace dailyfeed {

struct LiveItem {
  enum class Kind {
    kPost,     // `actor`, whom the watcher follows, published `post`
    kLike,     // `actor` liked the watcher's `post`
    kComment,  // `actor` added `comment` to the watcher's `post`, at any depth
  };
  Kind kind = Kind::kPost;
  Position position = 0;
  TimestampNs occurred_at = 0;
  MemberId actor = 0;
  PostId post = 0;
  CommentId comment = 0;
};

// Must not block, and must not destroy its watch from within a call.
class LiveSink {
 public:
  virtual ~LiveSink() = default;
  // False: no room. The same item is offered again after LiveWatch::Resume.
  virtual bool Offer(const LiveItem& item) = 0;
  // About once every LiveOptions::tick. `caught_up_to`: everything up to there
  // was offered and taken; 0 while the watch is behind.
  virtual void Tick(Position caught_up_to) = 0;
};

class LiveWatch {
 public:
  virtual ~LiveWatch() = default;
  virtual void Resume() = 0;
  // The watch offers what comes after this position.
  virtual Position begins_after() const = 0;
};

struct LiveOptions {
  size_t watches_max = 1000;           // beyond: kServiceUnavailable
  size_t watches_per_member_max = 8;   // beyond: kTooManyRequest
  size_t events_waiting_max = 65'536;  // published, not yet offered; then from the log
  size_t slice_events = 2000;          // read from the log for one watch at a time
  absl::Duration tick = absl::Milliseconds(500);
};

struct LiveStats {
  uint64_t watches = 0;
  uint64_t watches_behind = 0;  // served from the log
  uint64_t items_offered = 0;   // and taken
};

class LiveFeed : public CommitListener {
 public:
  // `runtime`, which gets every batch first, `log` and `queries` are not owned.
  // The engine must be gone before the live feed, and the live feed before them.
  static std::unique_ptr<LiveFeed> Create(CommitListener* runtime, const EventSource* log,
                                          const Queries* queries, LiveOptions options);

  // From behind `after`; from now on when not set or when the log has not come
  // that far. kMemberNotFound; RESOURCE_EXHAUSTED (see LiveOptions). `sink` is
  // not owned and is called until the watch is destroyed, which waits for a
  // call that is under way.
  virtual absl::StatusOr<std::unique_ptr<LiveWatch>> Watch(MemberId member,
                                                           std::optional<Position> after,
                                                           LiveSink* sink) = 0;
  virtual LiveStats stats() const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_LIVE_LIVE_FEED_H_
