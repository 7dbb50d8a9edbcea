#include "dailyfeed/feed.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/crypto/hmac_sha256.h"
#include "adapters/embedded/health.h"
#include "adapters/library/inside.h"
#include "core/base/hex.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

// A share of `total` for each cache, in the proportions of a server's defaults.
void ShareCacheBytes(size_t total, Options* options) {
  CacheOptions& caches = options->caches;
  size_t* const parts[] = {&caches.post_bytes_max,
                           &caches.member_bytes_max,
                           &caches.author_heads_bytes_max,
                           &caches.followings_bytes_max,
                           &caches.likes_bytes_max,
                           &caches.rankings_bytes_max,
                           &caches.home_feeds_bytes_max,
                           &options->log.block_cache_bytes,
                           &options->views.block_cache_bytes,
                           &options->secrets.block_cache_bytes};
  double sum = 0;
  for (const size_t* part : parts) sum += static_cast<double>(*part);
  for (size_t* part : parts) {
    *part = static_cast<size_t>(static_cast<double>(total) * (static_cast<double>(*part) / sum));
  }
}

// Tells a repeat from another command under the same key: which verb, and the digest of
// what it was given.
template <typename... Parts>
std::string FingerprintOf(std::string_view verb, const Parts&... parts) {
  std::string given;
  ((given += fmt::format("{}", parts), given += '\0'), ...);
  const Sha256Digest digest = Sha256(given);
  return fmt::format("{}/{}", verb, Hex({digest.data(), digest.size()}));
}

// A title that is absent is not the same as one that is empty.
std::string TitleOf(const PostText& text) { return text.title ? "=" + *text.title : ""; }

Submission SubmissionOf(Member actor, Command command, const WriteOptions& write,
                        std::string fingerprint) {
  Submission submission{.command = std::move(command), .actor = actor.id};
  if (!write.idempotency_key.empty()) {
    submission.idempotency = IdempotencyKey{.scope = fmt::format("library/{}", actor.id),
                                            .key = write.idempotency_key,
                                            .fingerprint = std::move(fingerprint)};
  }
  if (write.occurred_at) submission.occurred_at = absl::ToUnixNanos(*write.occurred_at);
  return submission;
}

// The promise lives in the completion: a future that was dropped is no concern of it.
Feed::Done Send(Dailyfeed& feed, Submission submission) {
  std::promise<absl::Status> promise;
  Feed::Done done = promise.get_future();
  feed.Submit(std::move(submission),
              [promise = std::move(promise)](absl::StatusOr<CommandResult> result) mutable {
                promise.set_value(result.status());
              });
  return done;
}

template <typename Id>
Feed::Answer<Id> SendForId(Dailyfeed& feed, Submission submission) {
  std::promise<absl::StatusOr<Id>> promise;
  Feed::Answer<Id> answer = promise.get_future();
  feed.Submit(std::move(submission),
              [promise = std::move(promise)](absl::StatusOr<CommandResult> result) mutable {
                if (result.ok()) {
                  promise.set_value(Id{result->subject_id});
                } else {
                  promise.set_value(result.status());
                }
              });
  return answer;
}

Feed::Done Ready(absl::Status status) {
  std::promise<absl::Status> promise;
  promise.set_value(std::move(status));
  return promise.get_future();
}

}  // namespace

std::string_view ErrorName(const absl::Status& status) {
  const std::optional<ErrorCode> code = ErrorCodeOf(status);
  return code ? ErrorCodeName(*code) : std::string_view();
}

std::vector<std::string> InvalidFields(const absl::Status& status) {
  std::vector<std::string> fields;
  for (Violation& violation : ViolationsOf(status)) fields.push_back(std::move(violation.field));
  return fields;
}

absl::StatusOr<std::unique_ptr<Feed>> Feed::Open(const FeedOptions& options) {
  Options inside;
  inside.data_directory = options.directory;
  inside.time_zone = options.time_zone;
  ShareCacheBytes(options.cache_bytes_max, &inside);
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, Dailyfeed::Open(inside));
  return std::unique_ptr<Feed>(new Feed(std::make_unique<Inside>(std::move(feed))));
}

Feed::Feed(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Feed::~Feed() = default;

absl::StatusOr<Member> Feed::SignUp(const NewMember& member) {
  ASSIGN_OR_RETURN(const MemberId id, inside_->feed->SignUp({.email = member.email,
                                                             .password = member.password,
                                                             .member_name = member.name,
                                                             .handle = member.handle,
                                                             .display_name = member.display_name,
                                                             .bio = member.bio,
                                                             .location = member.location,
                                                             .website_url = member.website_url,
                                                             .birth_date = member.birth_date}));
  return Member{id};
}

absl::StatusOr<Member> Feed::CheckPassword(std::string_view email, std::string_view password) {
  ASSIGN_OR_RETURN(const MemberId id, inside_->feed->CheckPassword(email, password));
  return Member{id};
}

absl::Status Feed::ChangePassword(Member member, std::string_view current,
                                  std::string_view password) {
  return inside_->feed->ChangePassword(member.id, current, password);
}

absl::Status Feed::EditProfile(Member member, const ProfileEdit& edit) {
  return inside_->feed->UpdateProfile(member.id, {.member_name = edit.name,
                                                  .display_name = edit.display_name,
                                                  .bio = edit.bio,
                                                  .location = edit.location,
                                                  .website_url = edit.website_url,
                                                  .avatar_url = edit.avatar_url});
}

Feed::Done Feed::ChangeHandle(Member member, std::string handle, const WriteOptions& write) {
  std::string fingerprint = FingerprintOf("handle", handle);
  return Send(*inside_->feed,
              SubmissionOf(member, dailyfeed::ChangeHandle{.handle = std::move(handle)}, write,
                           std::move(fingerprint)));
}

Feed::Done Feed::Withdraw(Member member, const WriteOptions& write) {
  return Send(*inside_->feed,
              SubmissionOf(member, WithdrawMember{}, write, FingerprintOf("withdraw")));
}

Feed::Done Feed::Follow(Member follower, Member followee, const WriteOptions& write) {
  return Send(*inside_->feed, SubmissionOf(follower, FollowMember{.followee_id = followee.id},
                                           write, FingerprintOf("follow", followee.id)));
}

Feed::Done Feed::Unfollow(Member follower, Member followee, const WriteOptions& write) {
  return Send(*inside_->feed, SubmissionOf(follower, UnfollowMember{.followee_id = followee.id},
                                           write, FingerprintOf("unfollow", followee.id)));
}

Feed::Answer<Post> Feed::Publish(Member author, PostText text, const WriteOptions& write) {
  std::string fingerprint = FingerprintOf("publish", TitleOf(text), text.content);
  return SendForId<dailyfeed::Post>(
      *inside_->feed, SubmissionOf(author,
                                   PublishPost{.title = std::move(text.title).value_or(""),
                                               .content = std::move(text.content)},
                                   write, std::move(fingerprint)));
}

Feed::Done Feed::Edit(Member author, Post post, PostText text, const WriteOptions& write) {
  std::string fingerprint = FingerprintOf("edit post", post.id, TitleOf(text), text.content);
  return Send(*inside_->feed, SubmissionOf(author,
                                           EditPost{.post_id = post.id,
                                                    .title = std::move(text.title),
                                                    .content = std::move(text.content)},
                                           write, std::move(fingerprint)));
}

Feed::Done Feed::Delete(Member author, Post post, const WriteOptions& write) {
  return Send(*inside_->feed, SubmissionOf(author, DeletePost{.post_id = post.id}, write,
                                           FingerprintOf("delete post", post.id)));
}

Feed::Done Feed::Like(Member member, Post post, const WriteOptions& write) {
  return Send(*inside_->feed, SubmissionOf(member, LikePost{.post_id = post.id}, write,
                                           FingerprintOf("like post", post.id)));
}

Feed::Done Feed::Unlike(Member member, Post post, const WriteOptions& write) {
  return Send(*inside_->feed, SubmissionOf(member, UnlikePost{.post_id = post.id}, write,
                                           FingerprintOf("unlike post", post.id)));
}

Feed::Answer<Comment> Feed::AddComment(Member author, Post post, std::string content,
                                       const WriteOptions& write) {
  std::string fingerprint = FingerprintOf("comment", post.id, content);
  return SendForId<Comment>(
      *inside_->feed,
      SubmissionOf(author, dailyfeed::AddComment{.post_id = post.id, .content = std::move(content)},
                   write, std::move(fingerprint)));
}

Feed::Answer<Comment> Feed::Reply(Member author, Post post, Comment parent, std::string content,
                                  const WriteOptions& write) {
  std::string fingerprint = FingerprintOf("reply", post.id, parent.id, content);
  return SendForId<Comment>(*inside_->feed, SubmissionOf(author,
                                                         AddReply{.post_id = post.id,
                                                                  .parent_id = parent.id,
                                                                  .content = std::move(content)},
                                                         write, std::move(fingerprint)));
}

Feed::Done Feed::Edit(Member author, Comment comment, std::string content,
                      const WriteOptions& write) {
  std::string fingerprint = FingerprintOf("edit comment", comment.id, content);
  return Send(
      *inside_->feed,
      SubmissionOf(author, EditComment{.comment_id = comment.id, .content = std::move(content)},
                   write, std::move(fingerprint)));
}

Feed::Done Feed::Delete(Member author, Comment comment, const WriteOptions& write) {
  return Send(*inside_->feed, SubmissionOf(author, DeleteComment{.comment_id = comment.id}, write,
                                           FingerprintOf("delete comment", comment.id)));
}

Feed::Done Feed::Like(Member member, Comment comment, const WriteOptions& write) {
  return Send(*inside_->feed, SubmissionOf(member, LikeComment{.comment_id = comment.id}, write,
                                           FingerprintOf("like comment", comment.id)));
}

Feed::Done Feed::Unlike(Member member, Comment comment, const WriteOptions& write) {
  return Send(*inside_->feed, SubmissionOf(member, UnlikeComment{.comment_id = comment.id}, write,
                                           FingerprintOf("unlike comment", comment.id)));
}

absl::StatusOr<Picture> Feed::AddPicture(Member owner, std::string_view file) {
  ASSIGN_OR_RETURN(dailyfeed::AddPicture command, inside_->feed->PreparePicture(file));
  Picture picture{.uuid = FormatUuid(command.picture_id)};
  RETURN_IF_ERROR(inside_->feed->Execute(owner.id, std::move(command)).status());
  return picture;
}

Feed::Done Feed::DeletePicture(Member owner, const Picture& picture, const WriteOptions& write) {
  std::optional<std::string> id = ParseUuid(picture.uuid);
  if (!id) return Ready(absl::OkStatus());  // nobody's picture
  return Send(*inside_->feed, SubmissionOf(owner, DeletePictures{.picture_ids = {*id}}, write,
                                           FingerprintOf("delete picture", picture.uuid)));
}

absl::Status Feed::ReadLog(uint64_t position,
                           const std::function<bool(const LoggedEvent& event)>& visit) const {
  std::string bytes;
  return inside_->feed->log().Read(position + 1, [&](const v1::Event& event) {
    bytes.clear();
    event.AppendToString(&bytes);
    return visit({.position = event.position(),
                  .occurred_at = absl::FromUnixNanos(event.occurred_at_ns()),
                  .bytes = bytes});
  });
}

absl::Status Feed::WriteStatus() const {
  const FeedState state = StateOf(*inside_->feed);
  for (const absl::Status& part :
       {state.log, state.runtime, state.engine, state.secrets, state.disk}) {
    RETURN_IF_ERROR(part);
  }
  return absl::OkStatus();
}

absl::Status Feed::Backup(const std::string& directory) {
  return inside_->feed->Backup({.to = directory}).status();
}

}  // namespace dailyfeed
