#include "adapters/http/api/answers.h"

#include <vector>

#include "adapters/http/api/call.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {

absl::Status AnswerTrue(Call&, const CommandResult&, JsonWriter& data) {
  data.Bool(true);
  return absl::OkStatus();
}

absl::Status AnswerPost(Call& call, const CommandResult& result, JsonWriter& data) {
  ASSIGN_OR_RETURN(PostView post, call.feed().queries().Post(call.member(), result.subject_id));
  std::vector<PostView> posts = {std::move(post)};
  call.feed().AddPendingViews(&posts);
  call.objects().Post(posts.front(), data);
  return absl::OkStatus();
}

absl::Status AnswerComment(Call& call, const CommandResult& result, JsonWriter& data) {
  ASSIGN_OR_RETURN(const CommentView comment,
                   call.feed().queries().Comment(call.member(), result.subject_id));
  call.objects().Comment(comment, data);
  return absl::OkStatus();
}

}  // namespace dailyfeed::http
