#include "adapters/http/api/objects.h"

#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kNoImage = "no-image";
constexpr std::string_view kWithdrawnName = "(탈퇴한 회원)";
constexpr std::string_view kWithdrawnHandle = "withdrawn-member";
constexpr std::string_view kVerificationStatus = "NONE";

std::string_view OrNoImage(std::string_view url) { return url.empty() ? kNoImage : url; }

std::string_view ShownName(const MemberCard& card) {
  return IsBlank(card.display_name) ? std::string_view(card.member_name)
                                    : std::string_view(card.display_name);
}

// "5/9": from the top-level comment to this one.
std::string PathOf(const CommentBody& body) {
  std::string path;
  for (const CommentId ancestor : body.ancestors) path += std::to_string(ancestor) + "/";
  return path + std::to_string(body.id);
}

// [[from, to], ...]
void WriteHighlights(const std::vector<search::Highlight>& highlights, JsonWriter& json) {
  json.Key("highlights");
  json.BeginArray();
  for (const search::Highlight& highlight : highlights) {
    json.BeginArray();
    json.UInt(highlight.from);
    json.UInt(highlight.to);
    json.EndArray();
  }
  json.EndArray();
}

}  // namespace

void ObjectWriter::AuthorFields(const MemberCard* author, JsonWriter& json) const {
  if (author == nullptr) {
    json.NullField("authorId");
    json.Field("authorName", kWithdrawnName);
    json.Field("authorHandle", kWithdrawnHandle);
    json.Field("authorAvatarUrl", kNoImage);
    return;
  }
  json.Field("authorId", author->id);
  json.Field("authorName", ShownName(*author));
  json.Field("authorHandle", author->handle);
  json.Field("authorAvatarUrl", OrNoImage(author->avatar_url));
}

void ObjectWriter::Member(const MemberCard& card, JsonWriter& json) const {
  json.BeginObject();
  json.Field("id", card.id);
  json.Field("name", card.member_name);
  json.EndObject();
}

void ObjectWriter::Summary(const MemberCard& card, JsonWriter& json) const {
  json.BeginObject();
  json.Field("memberId", card.id);
  json.Field("id", card.id);
  json.Field("memberName", card.member_name);
  json.Field("memberHandle", card.handle);
  json.NullableField("displayName", card.display_name);
  json.Field("verificationStatus", kVerificationStatus);
  json.Field("avatarUrl", OrNoImage(card.avatar_url));
  Time("updatedAt", WallClock::Style::kLetter, card.updated_at, json);
  json.EndObject();
}

void ObjectWriter::MemberProfile(const MemberCard& card, const FollowCounts& follows,
                                 JsonWriter& json) const {
  json.BeginObject();
  json.Field("id", card.id);
  json.Field("memberId", card.id);
  json.Field("memberName", card.member_name);
  json.Field("handle", card.handle);
  json.NullableField("displayName", card.display_name);
  json.NullableField("bio", card.bio);
  json.NullableField("location", card.location);
  json.NullableField("websiteUrl", card.website_url);
  json.NullableField("birthDate", card.birth_date);
  json.NullableField("gender", card.gender);
  json.NullableField("timezone", card.timezone);
  json.NullableField("languageCode", card.language_code);
  json.NullableField("countryCode", card.country_code);
  json.Field("verificationStatus", kVerificationStatus);
  json.NullableField("privacyLevel", card.privacy_level);
  json.Field("profileCompletionScore", 0);
  json.Field("isActive", true);
  json.Field("avatarUrl", OrNoImage(card.avatar_url));
  json.Field("coverUrl", card.cover_url.empty() ? default_cover_url_ : card.cover_url);
  Time("createdAt", WallClock::Style::kLetter, card.created_at, json);
  Time("updatedAt", WallClock::Style::kLetter, card.updated_at, json);
  json.Field("followersCount", follows.followers);
  json.Field("followingsCount", follows.followings);
  json.Field("followingCount", follows.followings);
  json.EndObject();
}

void ObjectWriter::Post(const PostView& post, JsonWriter& json) const {
  FoundPost(post, std::nullopt, json);
}

void ObjectWriter::FoundPost(const PostView& post, const Highlights& highlights,
                             JsonWriter& json) const {
  const PostBody& body = *post.body;
  json.BeginObject();
  json.Field("id", body.id);
  json.Field("title", body.title);
  json.Field("content", body.content);
  AuthorFields(post.author.get(), json);
  json.Field("viewCount", post.counts.views);
  json.Field("likeCount", post.counts.likes);
  json.Field("commentCount", post.counts.comments);
  json.Field("liked", post.liked);
  Time("createdAt", WallClock::Style::kSpace, body.created_at, json);
  Time("updatedAt", WallClock::Style::kSpace, body.updated_at, json);
  if (highlights.has_value()) WriteHighlights(*highlights, json);
  json.EndObject();
}

void ObjectWriter::Comment(const CommentView& comment, JsonWriter& json) const {
  const CommentBody& body = *comment.body;
  json.BeginObject();
  json.Field("id", body.id);
  json.Field("liked", comment.liked);
  json.Field("content", body.content);
  AuthorFields(comment.author.get(), json);
  json.Field("postId", body.post_id);
  if (body.ancestors.empty()) {
    json.NullField("parentId");
  } else {
    json.Field("parentId", body.ancestors.back());
  }
  json.Field("depth", static_cast<uint64_t>(body.ancestors.size()));
  json.Field("likeCount", comment.likes);
  json.Field("replyCount", comment.replies);
  Time("createdAt", WallClock::Style::kLetterMicros, body.created_at, json);
  Time("updatedAt", WallClock::Style::kLetterMicros, body.updated_at, json);
  json.EndObject();
}

void ObjectWriter::FoundComment(const CommentView& comment, const Highlights& highlights,
                                JsonWriter& json) const {
  DAILYFEED_CHECK(comment.total_replies.has_value());
  const CommentBody& body = *comment.body;
  json.BeginObject();
  json.Field("pk", body.id);
  if (body.ancestors.empty()) {
    json.NullField("parentPk");
  } else {
    json.Field("parentPk", body.ancestors.back());
  }
  json.Field("postPk", body.post_id);
  json.Field("content", body.content);
  json.Field("author", comment.author == nullptr ? kWithdrawnName : ShownName(*comment.author));
  json.Field("path", PathOf(body));
  json.Field("depth", static_cast<uint64_t>(body.ancestors.size()));
  Time("createdAt", WallClock::Style::kLetterMicros, body.created_at, json);
  Time("updatedAt", WallClock::Style::kLetterMicros, body.updated_at, json);
  json.Field("replyCount", comment.replies);
  json.Field("totalReplies", *comment.total_replies);
  if (highlights.has_value()) WriteHighlights(*highlights, json);
  json.EndObject();
}

void ObjectWriter::Session(const SessionInfo& session, bool current, JsonWriter& json) const {
  json.BeginObject();
  json.Field("sid", session.session_id);
  Time("createdAt", WallClock::Style::kLetter, session.created_at, json);
  Time("lastUsedAt", WallClock::Style::kLetter, session.last_used_at, json);
  Time("expiresAt", WallClock::Style::kLetter, session.expires_at, json);
  json.Key("userAgent");
  json.UntrustedString(session.user_agent);
  json.Key("address");
  json.UntrustedString(session.peer_address);
  json.Field("current", current);
  json.EndObject();
}

void ObjectWriter::MemberActivity(MemberId member, std::string_view type, PostId post,
                                  CommentId comment, TimestampNs at, JsonWriter& json) const {
  json.BeginObject();
  json.Field("memberId", member);
  if (post == 0) {
    json.NullField("postId");
  } else {
    json.Field("postId", post);
  }
  if (comment == 0) {
    json.NullField("commentId");
  } else {
    json.Field("commentId", comment);
  }
  json.Field("memberActivityType", type);
  Time("createdAt", WallClock::Style::kLetterMicros, at, json);
  Time("updatedAt", WallClock::Style::kLetterMicros, at, json);
  json.EndObject();
}

void ObjectWriter::Activity(std::string_view type, const MemberCard* actor, PostId post,
                            const CommentView* comment, TimestampNs at, JsonWriter& json) const {
  json.BeginObject();
  json.Field("memberActivityType", type);
  AuthorFields(actor, json);
  json.Field("postId", post);
  json.Key("comment");
  if (comment != nullptr) {
    Comment(*comment, json);
  } else {
    json.Null();
  }
  Time("createdAt", WallClock::Style::kLetterMicros, at, json);
  json.EndObject();
}

}  // namespace dailyfeed::http
