// The domain once more, in the plainest way: sets and maps, everything looked
// up by walking, nothing shared with the deciders but the commands and the
// error codes. The property test compares the two.
#ifndef DAILYFEED_CORE_DOMAIN_NAIVE_MODEL_H_
#define DAILYFEED_CORE_DOMAIN_NAIVE_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/errors.h"

namespace dailyfeed {

// One thread.
class NaiveModel {
 public:
  explicit NaiveModel(DomainLimits limits) : limits_(limits) {}

  // Why the command is refused; nullopt when it happened. Texts must come from
  // TextFacts.
  std::optional<ErrorCode> Execute(uint64_t actor, const Command& command);

  // The decision state in the words of DescribeRow.
  std::set<std::string> Lines() const;

  uint64_t members() const { return members_.size(); }
  uint64_t posts() const { return posts_.size(); }
  uint64_t comments() const { return comments_.size(); }
  uint64_t pictures() const { return pictures_.size(); }

  // What the model knows of the texts that histories use.
  struct TextFacts {
    bool blank = false;
    bool storable = true;
    uint32_t units = 0;
  };
  static const std::map<std::string, TextFacts>& Texts();

 private:
  struct Member {
    std::string handle, email_digest, subject_id;
    bool withdrawn = false, erased = false;
  };
  struct Picture {
    uint64_t owner;
    std::string id;
    bool deleted = false;
  };
  struct Post {
    uint64_t author;
    std::string title;
    bool deleted = false;
  };
  struct Comment {
    uint64_t post, author, parent;
    bool deleted = false;
  };

  std::optional<ErrorCode> Do(uint64_t actor, const SignUp& command);
  std::optional<ErrorCode> Do(uint64_t actor, const FollowMember& command);
  std::optional<ErrorCode> Do(uint64_t actor, const UnfollowMember& command);
  std::optional<ErrorCode> Do(uint64_t actor, const PublishPost& command);
  std::optional<ErrorCode> Do(uint64_t actor, const EditPost& command);
  std::optional<ErrorCode> Do(uint64_t actor, const DeletePost& command);
  std::optional<ErrorCode> Do(uint64_t actor, const ViewPost& command);
  std::optional<ErrorCode> Do(uint64_t actor, const LikePost& command);
  std::optional<ErrorCode> Do(uint64_t actor, const UnlikePost& command);
  std::optional<ErrorCode> Do(uint64_t actor, const LikeComment& command);
  std::optional<ErrorCode> Do(uint64_t actor, const UnlikeComment& command);
  std::optional<ErrorCode> Do(uint64_t actor, const AddComment& command);
  std::optional<ErrorCode> Do(uint64_t actor, const AddReply& command);
  std::optional<ErrorCode> Do(uint64_t actor, const EditComment& command);
  std::optional<ErrorCode> Do(uint64_t actor, const DeleteComment& command);

  std::optional<ErrorCode> Do(uint64_t actor, const UpdateProfile& command);
  std::optional<ErrorCode> Do(uint64_t actor, const ChangeHandle& command);
  std::optional<ErrorCode> Do(uint64_t actor, const WithdrawMember& command);
  std::optional<ErrorCode> Do(uint64_t actor, const ReleaseFollows& command);
  std::optional<ErrorCode> Do(uint64_t actor, const CompleteWithdrawal& command);
  std::optional<ErrorCode> Do(uint64_t actor, const AddPicture& command);
  std::optional<ErrorCode> Do(uint64_t actor, const DeletePictures& command);
  std::optional<ErrorCode> Do(uint64_t actor, const RecordActivity& command);

  bool IsLive(uint64_t member) const;
  bool HandleIsTaken(const std::string& handle) const;
  std::optional<ErrorCode> CheckPostTexts(const std::string& title,
                                          const std::string& content) const;
  bool CommentTextIsFine(const std::string& content) const;
  bool PostIsLive(uint64_t id) const;
  bool CommentIsLive(uint64_t id) const;
  uint32_t Depth(uint64_t comment) const;
  uint64_t Followings(uint64_t member) const;

  const DomainLimits limits_;
  std::map<uint64_t, Member> members_;
  std::map<uint64_t, Picture> pictures_;
  std::map<uint64_t, Post> posts_;
  std::map<uint64_t, Comment> comments_;
  std::set<std::pair<uint64_t, uint64_t>> follows_;        // follower, followee
  std::set<std::pair<uint64_t, uint64_t>> post_likes_;     // post, member
  std::set<std::pair<uint64_t, uint64_t>> comment_likes_;  // comment, member
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_NAIVE_MODEL_H_
