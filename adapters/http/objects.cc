#include "adapters/http/objects.h"

#include <string_view>

#include "core/domain/text.h"

namespace dailyfeed::http {
namespace {

// Section 5: what is shown instead of an author who withdrew. Nobody can
// register a handle with '-'.
constexpr std::string_view kWithdrawnName = "(탈퇴한 회원)";
constexpr std::string_view kWithdrawnHandle = "withdrawn-member";
constexpr std::string_view kNoImage = "no-image";
constexpr std::string_view kVerificationStatus = "NONE";

std::string_view AvatarOf(const MemberCard& member) {
  return member.avatar_url.empty() ? kNoImage : std::string_view(member.avatar_url);
}

}  // namespace

void ObjectWriter::Member(const MemberCard& member, JsonWriter& json) const {
  json.BeginObject();
  json.Field("id", member.id);
  json.Field("name", member.member_name);
  json.EndObject();
}

void ObjectWriter::Summary(const MemberCard& member, JsonWriter& json) const {
  json.BeginObject();
  json.Field("memberId", member.id);
  json.Field("id", member.id);
  json.Field("memberName", member.member_name);
  json.Field("memberHandle", member.handle);
  json.NullableField("displayName", member.display_name);
  json.Field("verificationStatus", kVerificationStatus);
  json.Field("avatarUrl", AvatarOf(member));
  Time("updatedAt", WallClock::Style::kLetter, member.updated_at, json);
  json.EndObject();
}

void ObjectWriter::Profile(const MemberCard& member, const FollowCounts& follows,
                           JsonWriter& json) const {
  json.BeginObject();
  json.Field("id", member.id);
  json.Field("memberId", member.id);
  json.Field("memberName", member.member_name);
  json.Field("handle", member.handle);
  json.NullableField("displayName", member.display_name);
  json.NullableField("bio", member.bio);
  json.NullableField("location", member.location);
  json.NullableField("websiteUrl", member.website_url);
  json.NullableField("birthDate", member.birth_date);
  json.NullableField("gender", member.gender);
  json.NullableField("timezone", member.timezone);
  json.NullableField("languageCode", member.language_code);
  json.NullableField("countryCode", member.country_code);
  json.Field("verificationStatus", kVerificationStatus);
  json.Field("privacyLevel", member.privacy_level);
  json.Field("profileCompletionScore", 0);
  json.Field("isActive", true);
  json.Field("avatarUrl", AvatarOf(member));
  json.Field("coverUrl", member.cover_url.empty() ? std::string_view(default_cover_url_)
                                                  : std::string_view(member.cover_url));
  Time("createdAt", WallClock::Style::kLetter, member.created_at, json);
  Time("updatedAt", WallClock::Style::kLetter, member.updated_at, json);
  json.Field("followersCount", follows.followers);
  json.Field("followingsCount", follows.followings);
  json.Field("followingCount", follows.followings);
  json.EndObject();
}

void ObjectWriter::Author(const MemberCard* author, JsonWriter& json) {
  if (author == nullptr) {
    json.NullField("authorId");
    json.Field("authorName", kWithdrawnName);
    json.Field("authorHandle", kWithdrawnHandle);
    json.Field("authorAvatarUrl", kNoImage);
    return;
  }
  json.Field("authorId", author->id);
  json.Field("authorName",
             IsBlank(author->display_name) ? author->member_name : author->display_name);
  json.Field("authorHandle", author->handle);
  json.Field("authorAvatarUrl", AvatarOf(*author));
}

void ObjectWriter::Post(const PostView& post, JsonWriter& json) const {
  json.BeginObject();
  json.Field("id", post.body->id);
  json.Field("title", post.body->title);
  json.Field("content", post.body->content);
  Author(post.author.get(), json);
  json.Field("viewCount", post.counts.views);
  json.Field("likeCount", post.counts.likes);
  json.Field("commentCount", post.counts.comments);
  json.Field("liked", post.liked);
  Time("createdAt", WallClock::Style::kSpace, post.body->created_at, json);
  Time("updatedAt", WallClock::Style::kSpace, post.body->updated_at, json);
  json.EndObject();
}

void ObjectWriter::Comment(const CommentView& comment, JsonWriter& json) const {
  const CommentBody& body = *comment.body;
  json.BeginObject();
  json.Field("id", body.id);
  json.Field("liked", comment.liked);
  json.Field("content", body.content);
  Author(comment.author.get(), json);
  json.Field("postId", body.post_id);
  json.Key("parentId");
  if (body.ancestors.empty()) {
    json.Null();
  } else {
    json.UInt(body.ancestors.back());
  }
  json.Field("depth", static_cast<uint64_t>(body.ancestors.size()));
  json.Field("likeCount", comment.likes);
  json.Field("replyCount", comment.replies);
  Time("createdAt", WallClock::Style::kLetterMicros, body.created_at, json);
  Time("updatedAt", WallClock::Style::kLetterMicros, body.updated_at, json);
  json.EndObject();
}

}  // namespace dailyfeed::http
