// What happens now, for those who watch: new posts of the members somebody
// follows, and likes of and comments on their own posts.
//
// Stands between the engine and the runtime: an event reaches watchers when the
// read models show it, never before. A watch is a position in the log. Watchers
// that keep up read the newest events from memory (core/tail/log_tail.h). A
// watcher that has no room, or that begins at an earlier position, is behind:
// it is served from the log until it has caught up. One reader serves all
// watchers that are behind, so a thousand of them cost one pass over the log.
//
//   LiveFeed live(runtime, log, queries, options);
//   auto engine = Engine::Start(log, &live, zone, EngineOptions());
//   ASSIGN_OR_RETURN(auto watch, live.Watch(viewer, last_position_seen, &sink));
//   ...
//   watch->Resume();   // the sink has room again
//   watch = nullptr;   // from now on the sink is not called
//
// Who is followed is decided when an item is offered, not when it happened. An
// item is offered only while it is true: a deleted post, and a like that was
// taken back, are left out. A member's own posts, likes and comments are no
// items for that member.
//
// An event of the log that is damaged is skipped for the watchers that are
// behind; a log or a store that cannot be read now is read again a little
// later. Neither holds up the watchers that keep up.
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

struct LiveOptions {
  size_t watches_max = 1000;             // beyond: kServiceUnavailable
  size_t watches_per_member_max = 8;     // beyond: kTooManyRequest
  size_t waiting_bytes_max = 4u << 20;   // of the newest events in memory; older: from the log
  size_t slice_events = 2000;            // read at a time for the watchers that are behind
  uint64_t resume_events_max = 100'000;  // a watch that would begin further back begins now
  absl::Duration tick = absl::Milliseconds(500);
};

struct LiveStats {
  uint64_t watches = 0;
  uint64_t watches_behind = 0;  // served from the log
  uint64_t items_offered = 0;   // and taken
  uint64_t events_skipped = 0;  // damaged in the log
};

class LiveFeed;

// Ends with its destruction, which waits for a call of the sink that is under
// way. Must be gone before the live feed is.
class LiveWatch {
 public:
  ~LiveWatch();
  LiveWatch(const LiveWatch&) = delete;
  LiveWatch& operator=(const LiveWatch&) = delete;

  void Resume();
  // The watch offers what comes after this position.
  Position begins_after() const { return begins_after_; }
  // The position that was asked for is further back than
  // LiveOptions::resume_events_max: what happened between it and begins_after()
  // is not offered.
  bool has_gap() const { return has_gap_; }

 private:
  friend class LiveFeed;
  struct Watcher;
  LiveWatch(LiveFeed* feed, std::shared_ptr<Watcher> watcher, Position begins_after, bool has_gap);

  LiveFeed* const feed_;
  const std::shared_ptr<Watcher> watcher_;
  const Position begins_after_;
  const bool has_gap_;
};

class LiveFeed final : public CommitListener {
 public:
  // `runtime`, which gets every batch first, `log` and `queries` are not owned.
  // The engine must be gone before the live feed, and the live feed before them.
  LiveFeed(CommitListener* runtime, const EventSource* log, const Queries* queries,
           const LiveOptions& options);
  ~LiveFeed() override;

  void OnCommitted(CommittedBatch batch) override;

  // From behind `after`; from now on when not set, when the log has not come
  // that far, and when it is too far back (LiveWatch::has_gap). kMemberNotFound;
  // RESOURCE_EXHAUSTED (see LiveOptions). `sink` is not owned and is called
  // until the watch is destroyed.
  absl::StatusOr<std::unique_ptr<LiveWatch>> Watch(MemberId member, std::optional<Position> after,
                                                   LiveSink* sink);
  LiveStats stats() const;

 private:
  friend class LiveWatch;
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_LIVE_LIVE_FEED_H_
