// The post aggregate: published, edited, deleted, viewed.
#ifndef DAILYFEED_CORE_DOMAIN_POST_POST_H_
#define DAILYFEED_CORE_DOMAIN_POST_POST_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/errors.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

struct PostState {
  bool published = false;
  bool deleted = false;
  MemberId author_id = 0;
  std::string title;

  bool live() const { return published && !deleted; }
};

// What is wrong with the texts of a post, in the order title, content: each at
// most once. A content that is blank or too long, a title that is too long, a
// text that is not UTF-8 or holds U+0000.
std::vector<Violation> PostTextViolations(std::string_view title, std::string_view content,
                                          const DomainLimits& limits);

// Of the texts, with all their violations: kPostContentEmpty, else
// kPostTitleTooLong, else INVALID_REQUEST.
absl::StatusOr<Events> Decide(const PostState& state, const PublishPost& command,
                              const Context& context);
// The texts as above, then kPostNotFound, then kPostUpdateForbidden. An edit
// that changes nothing is an edit.
absl::StatusOr<Events> Decide(const PostState& state, const EditPost& command,
                              const Context& context);
// kPostNotFound, then kPostDeleteForbidden.
absl::StatusOr<Events> Decide(const PostState& state, const DeletePost& command,
                              const Context& context);
// kPostNotFound. A view by the author does not count, so it is no command:
// INVALID_REQUEST.
absl::StatusOr<Events> Decide(const PostState& state, const ViewPost& command,
                              const Context& context);

absl::StatusOr<PostState> Evolve(PostState state, const v1::PostPublished& event);
absl::StatusOr<PostState> Evolve(PostState state, const v1::PostEdited& event);
absl::StatusOr<PostState> Evolve(PostState state, const v1::PostDeleted& event);
absl::StatusOr<PostState> Evolve(PostState state, const v1::PostViewed& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_POST_POST_H_
