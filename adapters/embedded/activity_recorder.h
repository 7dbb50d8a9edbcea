// Reads of posts and comments, and what is recorded of them; also of logins and
// logouts. Internal to the library.
//
//   ActivityRecorder recorder(queries, submit);
//   ASSIGN_OR_RETURN(PostView post, recorder.ReadPost(reader, post_id));
//
// Nobody waits for the record of a read: it rides in a later batch of the log.
// What the engine refuses is counted and not recorded.
//
// Threads: everything from any.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_ACTIVITY_RECORDER_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_ACTIVITY_RECORDER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/embedded/pending_views.h"
#include "adapters/identity/identity.h"
#include "core/engine/engine.h"
#include "projections/queries/queries.h"

namespace dailyfeed {

class ActivityRecorder {
 public:
  using Submit = std::function<void(Submission submission, Completion done)>;

  // `queries` is not owned. `submit` is Engine::Submit, after whatever the
  // library checks of a caller's command.
  ActivityRecorder(Queries* queries, Submit submit)
      : queries_(queries), submit_(std::move(submit)) {}

  // See Dailyfeed.
  absl::StatusOr<PostView> ReadPost(MemberId reader, PostId post);
  absl::StatusOr<CommentView> ReadComment(MemberId reader, CommentId comment);
  void AddPendingViews(std::vector<PostView>* posts) const;

  // A login or a logout. Returns when the log has it, or the engine refused it; not
  // from a Completion. A repeat under the key of `request` (null: none) is one.
  void RecordSession(MemberId member, v1::ActivityType type, const SessionRequest* request);

  uint64_t views_dropped() const { return views_dropped_.load(std::memory_order_relaxed); }
  uint64_t activities_dropped() const {
    return activities_dropped_.load(std::memory_order_relaxed);
  }

 private:
  void CountView(MemberId reader, PostId post);
  void RecordRead(MemberId reader, const RecordActivity& read);

  Queries* const queries_;
  const Submit submit_;
  PendingViews pending_views_;
  std::atomic<uint64_t> views_dropped_ = 0;
  std::atomic<uint64_t> activities_dropped_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_ACTIVITY_RECORDER_H_
