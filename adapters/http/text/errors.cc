#include "adapters/http/text/errors.h"

#include <fmt/format.h>

#include <optional>

#include "core/base/check.h"

namespace dailyfeed::http {
namespace {

using E = ApiError;

std::vector<ApiErrorEntry> MakeCatalogue() {
  return {
      {E::kInvalidRequest, "INVALID_REQUEST", 400, "요청이 올바르지 않습니다.",
       "The request is not valid."},
      {E::kInvalidCursor, "INVALID_CURSOR", 400, "커서를 사용할 수 없습니다.",
       "The cursor cannot be used."},
      {E::kCorsOriginRejected, "CORS_ORIGIN_REJECTED", 403, "허용되지 않은 출처의 요청입니다.",
       "Requests from this origin are not allowed."},
      {E::kNotFound, "NOT_FOUND", 404, "존재하지 않는 경로입니다.", "There is no such path."},
      {E::kMethodNotAllowed, "METHOD_NOT_ALLOWED", 405, "이 경로에서 지원하지 않는 메서드입니다.",
       "This path does not support the method."},
      {E::kPayloadTooLarge, "PAYLOAD_TOO_LARGE", 413, "요청 본문이 너무 큽니다.",
       "The request body is too large."},
      {E::kIdempotencyKeyReused, "IDEMPOTENCY_KEY_REUSED", 422,
       "이미 다른 요청에 사용된 멱등성 키입니다.",
       "The idempotency key was used for another request."},
      {E::kTooManyRequest, "TOO_MANY_REQUEST", 429,
       "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
       "There were too many requests. Please try again later."},
      {E::kInternalServerError, "INTERNAL_SERVER_ERROR", 500, "서버에서 오류가 발생했습니다.",
       "Something went wrong on the server."},
      {E::kServiceUnavailable, "SERVICE_UNAVAILABLE", 503,
       "지금은 요청을 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.",
       "The request cannot be served right now. Please try again soon."},
      {E::kMemberAlreadyExists, "MEMBER_ALREADY_EXISTS", 400, "이미 가입된 이메일입니다.",
       "This e-mail is already registered."},
      {E::kMemberHandleAlreadyExists, "MEMBER_HANDLE_ALREADY_EXISTS", 400,
       "이미 사용 중인 핸들입니다.", "This handle is already taken."},
      {E::kMemberIdsLimitExceeds, "MEMBER_IDS_LIMIT_EXCEEDS", 400,
       "한 번에 조회할 수 있는 회원 수를 넘었습니다.", "Too many members were asked for at once."},
      {E::kMemberForbidden, "MEMBER_FORBIDDEN", 403, "이 회원을 대신할 권한이 없습니다.",
       "You may not act for this member."},
      {E::kMemberPasswordInvalid, "MEMBER_PASSWORD_INVALID", 403,
       "이메일 또는 비밀번호가 올바르지 않습니다.", "The e-mail or the password is wrong."},
      {E::kMemberNotFound, "MEMBER_NOT_FOUND", 404, "회원을 찾을 수 없습니다.",
       "The member was not found."},
      {E::kFollowSelfNotAllowed, "FOLLOW_SELF_NOT_ALLOWED", 400,
       "자기 자신은 팔로우할 수 없습니다.", "You cannot follow yourself."},
      {E::kFollowLimitExceeds, "FOLLOW_LIMIT_EXCEEDS", 400,
       "팔로우할 수 있는 회원 수를 넘었습니다.", "You already follow as many members as allowed."},
      {E::kFollowRelationshipNotFound, "FOLLOW_RELATIONSHIP_NOT_FOUND", 404,
       "팔로우하고 있지 않은 회원입니다.", "You do not follow this member."},
      {E::kFollowRelationshipAlreadyExists, "FOLLOW_RELATIONSHIP_ALREADY_EXISTS", 409,
       "이미 팔로우하고 있는 회원입니다.", "You already follow this member."},
      {E::kBearerTokenMissing, "BEARER_TOKEN_MISSING", 401, "로그인이 필요합니다.",
       "Please log in."},
      {E::kInvalidToken, "INVALID_TOKEN", 401,
       "인증 정보가 유효하지 않습니다. 다시 로그인해 주세요.",
       "The session is not valid. Please log in again."},
      {E::kJwtExpired, "JWT_EXPIRED", 401, "로그인이 만료되었습니다.", "The session has expired."},
      {E::kJwtKeyExpired, "JWT_KEY_EXPIRED", 401, "인증 키가 만료되었습니다.",
       "The signing key of the session has expired."},
      {E::kPostContentEmpty, "POST_CONTENT_EMPTY", 400, "게시글 내용을 입력해 주세요.",
       "The post needs some content."},
      {E::kPostTitleTooLong, "POST_TITLE_TOO_LONG", 400, "게시글 제목이 너무 깁니다.",
       "The title of the post is too long."},
      {E::kPostLikeAlreadyExists, "POST_LIKE_ALREADY_EXISTS", 400,
       "이미 좋아요를 누른 게시글입니다.", "You already like this post."},
      {E::kPostLikeCancelAlreadyCommitted, "POST_LIKE_CANCEL_ALREADY_COMMITTED", 400,
       "좋아요를 누르지 않은 게시글입니다.", "You do not like this post."},
      {E::kPostUpdateForbidden, "POST_UPDATE_FORBIDDEN", 403,
       "작성자만 게시글을 수정할 수 있습니다.", "Only the author may edit the post."},
      {E::kPostDeleteForbidden, "POST_DELETE_FORBIDDEN", 403,
       "작성자만 게시글을 삭제할 수 있습니다.", "Only the author may delete the post."},
      {E::kPostNotFound, "POST_NOT_FOUND", 404, "게시글을 찾을 수 없습니다.",
       "The post was not found."},
      {E::kCommentLikeAlreadyExists, "COMMENT_LIKE_ALREADY_EXISTS", 400,
       "이미 좋아요를 누른 댓글입니다.", "You already like this comment."},
      {E::kCommentLikeCancelAlreadyCommitted, "COMMENT_LIKE_CANCEL_ALREADY_COMMITTED", 400,
       "좋아요를 누르지 않은 댓글입니다.", "You do not like this comment."},
      {E::kCommentDepthLimitExceeds, "COMMENT_DEPTH_LIMIT_EXCEEDS", 400,
       "더 이상 답글을 달 수 없는 댓글입니다.", "Replies cannot be nested any deeper."},
      {E::kParentCommentPostIdNotEquals, "PARENT_COMMENT_POST_ID_NOT_EQUALS", 400,
       "다른 게시글의 댓글에는 답글을 달 수 없습니다.",
       "The parent comment belongs to another post."},
      {E::kCommentModificationPermissionDenied, "COMMENT_MODIFICATION_PERMISSION_DENIED", 403,
       "작성자만 댓글을 수정할 수 있습니다.", "Only the author may edit the comment."},
      {E::kCommentDeletionPermissionDenied, "COMMENT_DELETION_PERMISSION_DENIED", 403,
       "작성자만 댓글을 삭제할 수 있습니다.", "Only the author may delete the comment."},
      {E::kCommentNotFound, "COMMENT_NOT_FOUND", 404, "댓글을 찾을 수 없습니다.",
       "The comment was not found."},
      {E::kParentCommentNotFound, "PARENT_COMMENT_NOT_FOUND", 404, "상위 댓글을 찾을 수 없습니다.",
       "The parent comment was not found."},
      {E::kEmptyImageFile, "EMPTY_IMAGE_FILE", 400, "빈 이미지 파일입니다.",
       "The image file is empty."},
      {E::kFileTooSmall, "FILE_TOO_SMALL", 400, "이미지 파일이 너무 작습니다.",
       "The image file is too small."},
      {E::kInvalidImageSignature, "INVALID_IMAGE_SIGNATURE", 400,
       "지원하지 않는 이미지 형식입니다.", "The image format is not supported."},
      {E::kCorruptedImage, "CORRUPTED_IMAGE", 400, "손상된 이미지입니다.", "The image is damaged."},
      {E::kThumbnailProcessFail, "THUMBNAIL_PROCESS_FAIL", 400, "이미지 크기를 처리할 수 없습니다.",
       "The dimensions of the image cannot be processed."},
      {E::kImageNotFound, "IMAGE_NOT_FOUND", 404, "이미지를 찾을 수 없습니다.",
       "The image was not found."},
      {E::kImageProcessingFail, "IMAGE_PROCESSING_FAIL", 500, "이미지를 처리하지 못했습니다.",
       "The image could not be processed."},
      {E::kImageReadingFail, "IMAGE_READING_FAIL", 500, "이미지를 읽지 못했습니다.",
       "The image could not be read."},
      {E::kImageDeletingFail, "IMAGE_DELETING_FAIL", 500, "이미지를 삭제하지 못했습니다.",
       "The image could not be deleted."},
  };
}

// Refusals whose status tells more than the error they are sent with.
std::vector<ApiErrorEntry> MakeRefusals() {
  constexpr std::string_view kCode = "INVALID_REQUEST";
  return {
      {E::kInvalidRequest, kCode, 400, "HTTP 요청의 형식이 올바르지 않습니다.",
       "The request is not well-formed HTTP."},
      {E::kInvalidRequest, kCode, 408, "요청이 제한 시간 안에 도착하지 않았습니다.",
       "The request did not arrive in time."},
      {E::kInvalidRequest, kCode, 416, "요청한 범위가 파일의 끝을 넘었습니다.",
       "The requested range begins behind the end of the file."},
      {E::kInvalidRequest, kCode, 417, "지원하지 않는 Expect 헤더입니다.",
       "The Expect header is not supported."},
      {E::kInvalidRequest, kCode, 431, "요청 헤더가 너무 크거나 너무 많습니다.",
       "The request headers are too large or too many."},
  };
}

ApiError ErrorOfRefusal(int http_status) {
  switch (http_status) {
    case 413:
      return E::kPayloadTooLarge;
    case 429:
      return E::kTooManyRequest;
    case 503:
      return E::kServiceUnavailable;
    default:
      return http_status < 500 ? E::kInvalidRequest : E::kInternalServerError;
  }
}

// How sentences call a field. The Korean name carries its topic particle.
struct FieldName {
  std::string_view field, korean, english;
};

constexpr FieldName kFieldNames[] = {
    {"email", "이메일은", "The e-mail"},
    {"password", "비밀번호는", "The password"},
    {"currentPassword", "현재 비밀번호는", "The current password"},
    {"newPassword", "새 비밀번호는", "The new password"},
    {"memberName", "이름은", "The name"},
    {"handle", "핸들은", "The handle"},
    {"newHandle", "새 핸들은", "The new handle"},
    {"displayName", "표시 이름은", "The display name"},
    {"bio", "자기소개는", "The bio"},
    {"location", "위치는", "The location"},
    {"websiteUrl", "웹사이트 주소는", "The website URL"},
    {"birthDate", "생년월일은", "The birth date"},
    {"gender", "성별은", "The gender"},
    {"timezone", "시간대는", "The time zone"},
    {"languageCode", "언어 코드는", "The language code"},
    {"countryCode", "국가 코드는", "The country code"},
    {"verificationStatus", "인증 상태는", "The verification status"},
    {"privacyLevel", "공개 범위는", "The privacy level"},
    {"isActive", "활성 상태는", "The active flag"},
    {"avatarUrl", "프로필 이미지 주소는", "The avatar URL"},
    {"previousAvatarUrl", "이전 프로필 이미지 주소는", "The previous avatar URL"},
    {"coverUrl", "커버 이미지 주소는", "The cover URL"},
    {"imageUrls", "이미지 주소 목록은", "The list of image URLs"},
    {"title", "제목은", "The title"},
    {"content", "내용은", "The content"},
    {"postId", "게시글 번호는", "The post id"},
    {"parentId", "상위 댓글 번호는", "The parent comment id"},
    {"commentId", "댓글 번호는", "The comment id"},
    {"memberId", "회원 번호는", "The member id"},
    {"authorId", "작성자 번호는", "The author id"},
    {"id", "번호는", "The id"},
    {"keyword", "검색어는", "The keyword"},
    {"q", "검색어는", "The query"},
    {"order", "정렬 순서는", "The order"},
};

std::string NameOf(std::string_view field, Language language) {
  for (const FieldName& name : kFieldNames) {
    if (name.field != field) continue;
    return std::string(language == Language::kEnglish ? name.english : name.korean);
  }
  return language == Language::kEnglish ? std::string(field) : fmt::format("{} 값은", field);
}

std::string Sentence(const Violation& violation, Language language) {
  const std::string name = NameOf(violation.field, language);
  const bool english = language == Language::kEnglish;
  switch (violation.rule) {
    case Violation::Rule::kBlank:
      return name + (english ? " must not be blank" : " 비워 둘 수 없습니다");
    case Violation::Rule::kTooLong:
      return english ? fmt::format("{} must have at most {} characters", name, violation.limit)
                     : fmt::format("{} {}자를 넘을 수 없습니다", name, violation.limit);
    case Violation::Rule::kLength:
      return english ? fmt::format("{} must have {} to {} characters", name, violation.lower_limit,
                                   violation.limit)
                     : fmt::format("{} {}자 이상 {}자 이하여야 합니다", name, violation.lower_limit,
                                   violation.limit);
    case Violation::Rule::kFormat:
      return name + (english ? " is not in the right form" : " 올바른 형식이어야 합니다");
    case Violation::Rule::kNotAllowed:
      return name + (english ? " is not one of the allowed values" : " 허용된 값이어야 합니다");
    case Violation::Rule::kNotInPast:
      return name + (english ? " must lie before today" : " 오늘보다 이전이어야 합니다");
    case Violation::Rule::kPasswordWeak:
      return name + (english ? " must consist of ASCII letters, digits and @ $ ! % * ? & # only, "
                               "with at least one lower-case letter, upper-case letter, digit and "
                               "one of those characters"
                             : " 영문, 숫자, 특수문자(@ $ ! % * ? & #)만 사용하고 소문자, 대문자, "
                               "숫자, 특수문자를 각각 하나 이상 포함해야 합니다");
    case Violation::Rule::kNull:
      return name + (english ? " must not be null" : " null일 수 없습니다");
    case Violation::Rule::kTooMany:
      return english ? fmt::format("{} must have at most {} entries", name, violation.limit)
                     : fmt::format("{} {}개를 넘을 수 없습니다", name, violation.limit);
  }
  DAILYFEED_CHECK(false);
}

}  // namespace

const std::vector<ApiErrorEntry>& ErrorCatalogue() {
  static const std::vector<ApiErrorEntry>& catalogue =
      *new std::vector<ApiErrorEntry>(MakeCatalogue());
  return catalogue;
}

const ApiErrorEntry& EntryOf(ApiError error) {
  const ApiErrorEntry& entry = ErrorCatalogue()[static_cast<size_t>(error)];
  DAILYFEED_CHECK(entry.error == error);
  return entry;
}

ApiErrorEntry RefusalOf(int http_status) {
  static const std::vector<ApiErrorEntry>& refusals =
      *new std::vector<ApiErrorEntry>(MakeRefusals());
  for (const ApiErrorEntry& refusal : refusals) {
    if (refusal.status == http_status) return refusal;
  }
  ApiErrorEntry entry = EntryOf(ErrorOfRefusal(http_status));
  entry.status = http_status;
  return entry;
}

ApiError ApiErrorOf(const absl::Status& status) {
  DAILYFEED_CHECK(!status.ok());
  if (const std::optional<ErrorCode> code = ErrorCodeOf(status)) {
    const std::string_view name = ErrorCodeName(*code);
    for (const ApiErrorEntry& entry : ErrorCatalogue()) {
      if (entry.code == name) return entry.error;
    }
    return ApiError::kInternalServerError;  // VERSION_CONFLICT: only for hosts of the library
  }
  if (absl::IsResourceExhausted(status) || absl::IsUnavailable(status)) {
    return ApiError::kServiceUnavailable;
  }
  return ApiError::kInternalServerError;
}

std::string ViolationSentences(const std::vector<Violation>& violations, Language language) {
  DAILYFEED_CHECK(!violations.empty());
  std::string joined;
  for (const Violation& violation : violations) {
    if (!joined.empty()) joined += ", ";
    joined += Sentence(violation, language);
  }
  return joined;
}

}  // namespace dailyfeed::http
