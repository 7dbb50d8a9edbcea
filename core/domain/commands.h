// The commands of the domain: what somebody wants to happen.
//
// A command says nothing about who sends it or when: the acting member, the
// time and new ids come through `Context` (decider.h). Fields of `SignUp` that
// identify a person arrive sealed; see events.proto, PersonalProfile.
//
//   Command like = LikePost{.post_id = 41};
#ifndef DAILYFEED_CORE_DOMAIN_COMMANDS_H_
#define DAILYFEED_CORE_DOMAIN_COMMANDS_H_

#include <optional>
#include <string>
#include <variant>

#include "core/domain/types.h"

namespace dailyfeed {

struct SignUp {
  std::string handle;        // as spelled
  std::string email_digest;  // keyed digest of the case-folded e-mail
  std::string subject_id;    // 16 bytes
  std::string sealed_profile;
  std::string privacy_level = "PUBLIC";
};

struct FollowMember {
  MemberId followee_id = 0;
};
struct UnfollowMember {
  MemberId followee_id = 0;
};

struct PublishPost {
  std::string title;
  std::string content;
};
// An absent title leaves the stored one unchanged.
struct EditPost {
  PostId post_id = 0;
  std::optional<std::string> title;
  std::string content;
};
struct DeletePost {
  PostId post_id = 0;
};
struct ViewPost {
  PostId post_id = 0;
};

struct LikePost {
  PostId post_id = 0;
};
struct UnlikePost {
  PostId post_id = 0;
};
struct LikeComment {
  CommentId comment_id = 0;
};
struct UnlikeComment {
  CommentId comment_id = 0;
};

struct AddComment {
  PostId post_id = 0;
  std::string content;
};
// parent_id 0 names no comment and is refused like an unknown one.
struct AddReply {
  PostId post_id = 0;
  CommentId parent_id = 0;
  std::string content;
};
struct EditComment {
  CommentId comment_id = 0;
  std::string content;
};
struct DeleteComment {
  CommentId comment_id = 0;
};

using Command = std::variant<SignUp, FollowMember, UnfollowMember, PublishPost, EditPost,
                             DeletePost, ViewPost, LikePost, UnlikePost, LikeComment, UnlikeComment,
                             AddComment, AddReply, EditComment, DeleteComment>;

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_COMMANDS_H_
