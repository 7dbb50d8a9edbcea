#include "core/domain/naive_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <variant>
#include <vector>

namespace dailyfeed {
namespace {

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string Hex(const std::string& bytes) {
  std::string hex;
  for (const unsigned char c : bytes) hex += fmt::format("{:02x}", c);
  return hex;
}

bool HandleIsFine(const std::string& handle) {
  return handle.size() >= 3 && handle.size() <= 50 &&
         std::all_of(handle.begin(), handle.end(),
                     [](unsigned char c) { return c < 128 && (std::isalnum(c) || c == '_'); });
}

}  // namespace

const std::map<std::string, NaiveModel::TextFacts>& NaiveModel::Texts() {
  static const auto* const texts = new std::map<std::string, TextFacts>{
      {"", {.blank = true}},
      {" \xE3\x80\x80", {.blank = true, .units = 2}},
      {"a", {.units = 1}},
      {"가나", {.units = 2}},
      {"😀", {.units = 2}},
      {"😀b", {.units = 3}},
      {"abcd", {.units = 4}},
      {"😀😀", {.units = 4}},
      {"가나다라마", {.units = 5}},
      {"😀😀😀", {.units = 6}},
      {"\xED\xA0\x80", {.storable = false, .units = 1}},
      {std::string("a\0", 2), {.storable = false, .units = 2}},
  };
  return *texts;
}

std::optional<ErrorCode> NaiveModel::Execute(uint64_t actor, const Command& command) {
  const bool by_anybody = std::holds_alternative<SignUp>(command);
  const bool by_the_withdrawn = std::holds_alternative<ReleaseFollows>(command) ||
                                std::holds_alternative<CompleteWithdrawal>(command);
  if (!by_anybody && !by_the_withdrawn && !IsLive(actor)) {
    return ErrorCode::kMemberNotFound;
  }
  return std::visit([&](const auto& c) { return Do(actor, c); }, command);
}

bool NaiveModel::IsLive(uint64_t member) const {
  return members_.contains(member) && !members_.at(member).withdrawn;
}

bool NaiveModel::HandleIsTaken(const std::string& handle) const {
  return std::any_of(members_.begin(), members_.end(), [&](const auto& entry) {
    return !entry.second.withdrawn && Lower(entry.second.handle) == Lower(handle);
  });
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t, const SignUp& command) {
  if (!HandleIsFine(command.handle)) return ErrorCode::kInvalidRequest;
  for (const auto& [id, member] : members_) {
    if (!member.withdrawn && member.email_digest == command.email_digest) {
      return ErrorCode::kMemberAlreadyExists;
    }
  }
  if (HandleIsTaken(command.handle)) return ErrorCode::kMemberHandleAlreadyExists;
  members_[members_.size() + 1] = {command.handle, command.email_digest, command.subject_id};
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t, const UpdateProfile& command) {
  const std::set<std::string> levels = {"PUBLIC", "FRIENDS", "PRIVATE"};
  if (command.privacy_level.has_value() && !levels.contains(*command.privacy_level)) {
    return ErrorCode::kInvalidRequest;
  }
  if (command.sealed_changes.empty()) return ErrorCode::kInvalidRequest;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const ChangeHandle& command) {
  if (!HandleIsFine(command.handle)) return ErrorCode::kInvalidRequest;
  std::string& own = members_.at(actor).handle;
  const bool is_own = Lower(own) == Lower(command.handle);
  if (own == command.handle || (!is_own && HandleIsTaken(command.handle))) {
    return ErrorCode::kMemberHandleAlreadyExists;
  }
  own = command.handle;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const WithdrawMember&) {
  members_.at(actor).withdrawn = true;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const ReleaseFollows& command) {
  if (command.follower_ids.size() + command.followee_ids.size() > 1000) {
    return ErrorCode::kInvalidRequest;
  }
  if (!members_.contains(actor) || IsLive(actor) || members_.at(actor).erased) {
    return ErrorCode::kMemberForbidden;
  }
  size_t released = 0;
  for (const uint64_t follower : command.follower_ids)
    released += follows_.erase({follower, actor});
  for (const uint64_t followee : command.followee_ids)
    released += follows_.erase({actor, followee});
  if (released == 0) return ErrorCode::kFollowRelationshipNotFound;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const CompleteWithdrawal&) {
  if (!members_.contains(actor) || IsLive(actor) || members_.at(actor).erased) {
    return ErrorCode::kMemberForbidden;
  }
  members_.at(actor).erased = true;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const AddPicture& command) {
  if (command.picture_id.size() != 16 || command.content_hash.size() != 32 ||
      command.thumbnail_hash.size() != 32 || command.width == 0 || command.height == 0 ||
      command.bytes == 0 || command.thumbnail_bytes == 0) {
    return ErrorCode::kInvalidRequest;
  }
  for (const auto& [number, picture] : pictures_) {
    if (picture.id == command.picture_id) return ErrorCode::kInvalidRequest;
  }
  pictures_[pictures_.size() + 1] = {actor, command.picture_id};
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const DeletePictures& command) {
  if (command.picture_ids.size() > 1000) return ErrorCode::kInvalidRequest;
  bool any = false;
  for (auto& [number, picture] : pictures_) {
    const auto& ids = command.picture_ids;
    const bool named = std::find(ids.begin(), ids.end(), picture.id) != ids.end();
    if (!named || picture.deleted || picture.owner != actor) continue;
    picture.deleted = true;
    any = true;
  }
  if (!any) return ErrorCode::kImageNotFound;
  return std::nullopt;
}

uint64_t NaiveModel::Followings(uint64_t member) const {
  return static_cast<uint64_t>(std::count_if(follows_.begin(), follows_.end(),
                                             [&](const auto& f) { return f.first == member; }));
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const FollowMember& command) {
  if (command.followee_id == actor) return ErrorCode::kFollowSelfNotAllowed;
  if (!IsLive(command.followee_id)) return ErrorCode::kMemberNotFound;
  if (follows_.contains({actor, command.followee_id})) {
    return ErrorCode::kFollowRelationshipAlreadyExists;
  }
  if (Followings(actor) >= limits_.followings_max) return ErrorCode::kFollowLimitExceeds;
  follows_.emplace(actor, command.followee_id);
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const UnfollowMember& command) {
  if (!IsLive(command.followee_id)) return ErrorCode::kMemberNotFound;
  if (follows_.erase({actor, command.followee_id}) == 0) {
    return ErrorCode::kFollowRelationshipNotFound;
  }
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::CheckPostTexts(const std::string& title,
                                                    const std::string& content) const {
  const TextFacts title_facts = Texts().at(title);
  const TextFacts content_facts = Texts().at(content);
  if (content_facts.blank) return ErrorCode::kPostContentEmpty;
  if (title_facts.units > limits_.post_title_max) return ErrorCode::kPostTitleTooLong;
  if (!title_facts.storable || !content_facts.storable ||
      content_facts.units > limits_.post_content_max) {
    return ErrorCode::kInvalidRequest;
  }
  return std::nullopt;
}

bool NaiveModel::CommentTextIsFine(const std::string& content) const {
  const TextFacts facts = Texts().at(content);
  return !facts.blank && facts.storable && facts.units <= limits_.comment_content_max;
}

bool NaiveModel::PostIsLive(uint64_t id) const {
  return posts_.contains(id) && !posts_.at(id).deleted;
}

bool NaiveModel::CommentIsLive(uint64_t id) const {
  if (!comments_.contains(id)) return false;
  const Comment& comment = comments_.at(id);
  if (comment.deleted || !PostIsLive(comment.post)) return false;
  return comment.parent == 0 || CommentIsLive(comment.parent);
}

uint32_t NaiveModel::Depth(uint64_t comment) const {
  const uint64_t parent = comments_.at(comment).parent;
  return parent == 0 ? 0 : 1 + Depth(parent);
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const PublishPost& command) {
  if (const auto wrong = CheckPostTexts(command.title, command.content)) return wrong;
  posts_[posts_.size() + 1] = {actor, command.title};
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const EditPost& command) {
  if (const auto wrong = CheckPostTexts(command.title.value_or(""), command.content)) return wrong;
  if (!PostIsLive(command.post_id)) return ErrorCode::kPostNotFound;
  Post& post = posts_.at(command.post_id);
  if (post.author != actor) return ErrorCode::kPostUpdateForbidden;
  if (command.title.has_value()) post.title = *command.title;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const DeletePost& command) {
  if (!PostIsLive(command.post_id)) return ErrorCode::kPostNotFound;
  Post& post = posts_.at(command.post_id);
  if (post.author != actor) return ErrorCode::kPostDeleteForbidden;
  post.deleted = true;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const ViewPost& command) {
  if (!PostIsLive(command.post_id)) return ErrorCode::kPostNotFound;
  if (posts_.at(command.post_id).author == actor) return ErrorCode::kInvalidRequest;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t, const RecordActivity& command) {
  const int type = command.type;
  const bool of_post = type >= 1 && type <= 6;
  const bool of_comment = type >= 7 && type <= 12;
  const bool of_session = type == 16 || type == 17;
  if (!of_post && !of_comment && !of_session) return ErrorCode::kInvalidRequest;
  if ((of_post || of_comment) != (command.post_id != 0)) return ErrorCode::kInvalidRequest;
  if (of_comment != (command.comment_id != 0)) return ErrorCode::kInvalidRequest;
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const LikePost& command) {
  if (!PostIsLive(command.post_id)) return ErrorCode::kPostNotFound;
  if (!post_likes_.emplace(command.post_id, actor).second) {
    return ErrorCode::kPostLikeAlreadyExists;
  }
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const UnlikePost& command) {
  if (!PostIsLive(command.post_id)) return ErrorCode::kPostNotFound;
  if (post_likes_.erase({command.post_id, actor}) == 0) {
    return ErrorCode::kPostLikeCancelAlreadyCommitted;
  }
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const LikeComment& command) {
  if (!CommentIsLive(command.comment_id)) return ErrorCode::kCommentNotFound;
  if (!comment_likes_.emplace(command.comment_id, actor).second) {
    return ErrorCode::kCommentLikeAlreadyExists;
  }
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const UnlikeComment& command) {
  if (!CommentIsLive(command.comment_id)) return ErrorCode::kCommentNotFound;
  if (comment_likes_.erase({command.comment_id, actor}) == 0) {
    return ErrorCode::kCommentLikeCancelAlreadyCommitted;
  }
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const AddComment& command) {
  if (!CommentTextIsFine(command.content)) return ErrorCode::kInvalidRequest;
  if (!PostIsLive(command.post_id)) return ErrorCode::kPostNotFound;
  comments_[comments_.size() + 1] = {command.post_id, actor, 0};
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const AddReply& command) {
  if (!CommentTextIsFine(command.content)) return ErrorCode::kInvalidRequest;
  if (!PostIsLive(command.post_id)) return ErrorCode::kPostNotFound;
  if (!CommentIsLive(command.parent_id)) return ErrorCode::kParentCommentNotFound;
  if (Depth(command.parent_id) >= limits_.comment_depth_max) {
    return ErrorCode::kCommentDepthLimitExceeds;
  }
  if (comments_.at(command.parent_id).post != command.post_id) {
    return ErrorCode::kParentCommentPostIdNotEquals;
  }
  comments_[comments_.size() + 1] = {command.post_id, actor, command.parent_id};
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const EditComment& command) {
  if (!CommentTextIsFine(command.content)) return ErrorCode::kInvalidRequest;
  if (!CommentIsLive(command.comment_id)) return ErrorCode::kCommentNotFound;
  if (comments_.at(command.comment_id).author != actor) {
    return ErrorCode::kCommentModificationPermissionDenied;
  }
  return std::nullopt;
}

std::optional<ErrorCode> NaiveModel::Do(uint64_t actor, const DeleteComment& command) {
  if (!CommentIsLive(command.comment_id)) return ErrorCode::kCommentNotFound;
  Comment& comment = comments_.at(command.comment_id);
  if (comment.author != actor) return ErrorCode::kCommentDeletionPermissionDenied;
  comment.deleted = true;
  return std::nullopt;
}

std::set<std::string> NaiveModel::Lines() const {
  std::set<std::string> lines;
  const auto add = [&](std::string line) { lines.insert(std::move(line)); };
  for (const auto& [id, member] : members_) {
    if (member.erased) {
      add(fmt::format("member {}: erased", id));
    } else if (member.withdrawn) {
      add(fmt::format("member {}: withdrawn, subject {}", id, Hex(member.subject_id)));
    } else {
      add(fmt::format("member {}: live, handle \"{}\", e-mail digest {}, subject {}", id,
                      member.handle, Hex(member.email_digest), Hex(member.subject_id)));
      add(fmt::format("handle \"{}\": member {}", Lower(member.handle), id));
      add(fmt::format("e-mail digest {}: member {}", Hex(member.email_digest), id));
    }
    const uint64_t followings = Followings(id);
    if (followings != 0) add(fmt::format("followings count of member {}: {}", id, followings));
  }
  for (const auto& [follower, followee] : follows_) {
    add(fmt::format("follow of {} by member {}: present", followee, follower));
  }
  for (const auto& [id, post] : posts_) {
    add(post.deleted
            ? fmt::format("post {}: deleted, author {}", id, post.author)
            : fmt::format("post {}: live, author {}, title \"{}\"", id, post.author, post.title));
  }
  for (const auto& [post, member] : post_likes_) {
    add(fmt::format("post-like {} by member {}: present", post, member));
  }
  for (const auto& [id, comment] : comments_) {
    std::vector<uint64_t> ancestors;
    for (uint64_t up = comment.parent; up != 0; up = comments_.at(up).parent) {
      ancestors.insert(ancestors.begin(), up);
    }
    add(fmt::format("comment {}: {}, post {}, author {}, ancestors [{}]", id,
                    comment.deleted ? "deleted" : "live", comment.post, comment.author,
                    fmt::join(ancestors, ", ")));
  }
  for (const auto& [comment, member] : comment_likes_) {
    add(fmt::format("comment-like {} by member {}: present", comment, member));
  }
  for (const auto& [number, picture] : pictures_) {
    add(fmt::format("picture {}: {}, number {}, owner {}", Hex(picture.id),
                    picture.deleted ? "deleted" : "live", number, picture.owner));
  }
  const auto last = [&](const char* kind, uint64_t id) {
    if (id != 0) add(fmt::format("last {} id: {}", kind, id));
  };
  last("member", members_.size());
  last("post", posts_.size());
  last("comment", comments_.size());
  last("picture", pictures_.size());
  return lines;
}

}  // namespace dailyfeed
