// The commands of the domain: what somebody wants to happen.
//
// A command says nothing about who sends it or when: the acting member, the
// time and new ids come through `Context` (decider.h). Fields of `SignUp` and
// `UpdateProfile` that identify a person arrive sealed; see events.proto,
// PersonalProfile.
//
//   Command like = LikePost{.post_id = 41};
#ifndef DAILYFEED_CORE_DOMAIN_COMMANDS_H_
#define DAILYFEED_CORE_DOMAIN_COMMANDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

struct SignUp {
  std::string handle;        // as spelled
  std::string email_digest;  // keyed digest of the case-folded e-mail
  std::string subject_id;    // 16 bytes
  std::string sealed_profile;
  std::string privacy_level = "PUBLIC";
};

// An absent privacy level stays as it is.
struct UpdateProfile {
  std::string sealed_changes;  // v1::PersonalProfileChanges, sealed
  std::optional<std::string> privacy_level;
};
struct ChangeHandle {
  std::string handle;  // as spelled
};
// The actor withdraws for good.
struct WithdrawMember {};

// What follows a withdrawal, sent by the system and by nobody else. The actor
// is the withdrawn member: their events say on whose behalf they happened.
//
// Ends the relations of the named followers to the actor and of the actor to
// the named followees; those that do not exist are passed over.
struct ReleaseFollows {
  std::vector<MemberId> follower_ids;
  std::vector<MemberId> followee_ids;
};
inline constexpr size_t kReleasedFollowsMax = 1000;  // ids in one ReleaseFollows
// Nothing about the actor is left anywhere.
struct CompleteWithdrawal {};

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

// The files are on the disk already. Hashes are SHA-256 of the stored bytes.
struct AddPicture {
  std::string picture_id;      // 16 bytes, a UUID nobody has used
  std::string content_hash;    // 32 bytes
  std::string thumbnail_hash;  // 32 bytes
  uint32_t width = 0;          // pixels, at least 1, like height
  uint32_t height = 0;
  uint64_t bytes = 0;
  uint64_t thumbnail_bytes = 0;
};
// Those that are not the actor's own live pictures are passed over.
struct DeletePictures {
  std::vector<std::string> picture_ids;
};
inline constexpr size_t kDeletedPicturesMax = 1000;  // ids in one DeletePictures

// An activity that changes nothing else: see activity/activity.h. Ids that the
// type does not name are 0.
struct RecordActivity {
  v1::ActivityType type = v1::ACTIVITY_TYPE_UNSPECIFIED;
  PostId post_id = 0;
  CommentId comment_id = 0;
};

using Command =
    std::variant<SignUp, FollowMember, UnfollowMember, PublishPost, EditPost, DeletePost, ViewPost,
                 LikePost, UnlikePost, LikeComment, UnlikeComment, AddComment, AddReply,
                 EditComment, DeleteComment, UpdateProfile, ChangeHandle, WithdrawMember,
                 ReleaseFollows, CompleteWithdrawal, AddPicture, DeletePictures, RecordActivity>;

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_COMMANDS_H_
