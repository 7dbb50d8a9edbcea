#include "adapters/embedded/activity_recorder.h"

#include <fmt/format.h>

#include <future>
#include <optional>

#include "core/base/status_macros.h"

namespace dailyfeed {

absl::StatusOr<PostView> ActivityRecorder::ReadPost(MemberId reader, PostId post) {
  for (;;) {
    const uint64_t epoch = pending_views_.EpochOf(post);
    ASSIGN_OR_RETURN(PostView view, queries_->Post(reader, post));
    const bool counts = reader != 0 && view.body->author_id != reader;
    const std::optional<uint64_t> count =
        counts ? pending_views_.Begin(post, view.counts.views, epoch)
               : pending_views_.Count(post, view.counts.views, epoch);
    if (!count) continue;  // other views were applied since: read again
    view.counts.views = *count;
    if (counts) {
      CountView(reader, post);
    } else if (reader != 0) {
      RecordRead(reader, {.type = v1::ACTIVITY_TYPE_POST_READ, .post_id = post});
    }
    return view;
  }
}

void ActivityRecorder::CountView(MemberId reader, PostId post) {
  submit_(
      {.command = ViewPost{.post_id = post}, .actor = reader, .priority = Priority::kBackground},
      [this, post](const absl::StatusOr<CommandResult>& result) {
        if (!result.ok()) views_dropped_.fetch_add(1, std::memory_order_relaxed);
        pending_views_.End(post, result.ok());
      });
}

absl::StatusOr<CommentView> ActivityRecorder::ReadComment(MemberId reader, CommentId comment) {
  ASSIGN_OR_RETURN(CommentView view, queries_->Comment(reader, comment));
  if (reader != 0) {
    RecordRead(reader, {.type = v1::ACTIVITY_TYPE_COMMENT_READ,
                        .post_id = view.body->post_id,
                        .comment_id = comment});
  }
  return view;
}

void ActivityRecorder::AddPendingViews(std::vector<PostView>* posts) const {
  for (PostView& view : *posts) {
    view.counts.views = pending_views_.AtLeast(view.body->id, view.counts.views);
  }
}

void ActivityRecorder::RecordRead(MemberId reader, const RecordActivity& read) {
  submit_({.command = read, .actor = reader, .priority = Priority::kBackground},
          [this](const absl::StatusOr<CommandResult>& result) {
            if (!result.ok()) activities_dropped_.fetch_add(1, std::memory_order_relaxed);
          });
}

void ActivityRecorder::RecordSession(MemberId member, v1::ActivityType type,
                                     const SessionRequest* request) {
  Submission submission = {.command = RecordActivity{.type = type}, .actor = member};
  // The repeat of a login is answered with its first tokens: it is one login.
  if (request != nullptr) {
    submission.idempotency = IdempotencyKey{.scope = fmt::format("session/{}", member),
                                            .key = request->key,
                                            .fingerprint = request->fingerprint};
  }
  std::promise<bool> recorded;
  submit_(std::move(submission), [&recorded](const absl::StatusOr<CommandResult>& result) {
    recorded.set_value(result.ok());
  });
  if (!recorded.get_future().get()) activities_dropped_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace dailyfeed
