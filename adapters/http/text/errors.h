// The error catalogue of the HTTP contract (section 3): one table from the
// symbolic code to the HTTP status and the sentence a person reads, in Korean
// and English.
//
//   const ApiErrorEntry& entry = EntryOf(ApiError::kPostNotFound);   // 404, "POST_NOT_FOUND"
//   ApiError error = ApiErrorOf(status);                             // from the core
//
// Pure functions over constant tables. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_ERRORS_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_ERRORS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "adapters/http/text/headers.h"
#include "core/domain/errors.h"

namespace dailyfeed::http {

enum class ApiError {
  kInvalidRequest,
  kInvalidCursor,
  kCorsOriginRejected,
  kNotFound,
  kMethodNotAllowed,
  kPayloadTooLarge,
  kIdempotencyKeyReused,
  kTooManyRequest,
  kInternalServerError,
  kServiceUnavailable,
  kMemberAlreadyExists,
  kMemberHandleAlreadyExists,
  kMemberIdsLimitExceeds,
  kMemberForbidden,
  kMemberPasswordInvalid,
  kMemberNotFound,
  kFollowSelfNotAllowed,
  kFollowLimitExceeds,
  kFollowRelationshipNotFound,
  kFollowRelationshipAlreadyExists,
  kBearerTokenMissing,
  kInvalidToken,
  kJwtExpired,
  kJwtKeyExpired,
  kPostContentEmpty,
  kPostTitleTooLong,
  kPostLikeAlreadyExists,
  kPostLikeCancelAlreadyCommitted,
  kPostUpdateForbidden,
  kPostDeleteForbidden,
  kPostNotFound,
  kCommentLikeAlreadyExists,
  kCommentLikeCancelAlreadyCommitted,
  kCommentDepthLimitExceeds,
  kParentCommentPostIdNotEquals,
  kCommentModificationPermissionDenied,
  kCommentDeletionPermissionDenied,
  kCommentNotFound,
  kParentCommentNotFound,
  kEmptyImageFile,
  kFileTooSmall,
  kInvalidImageSignature,
  kCorruptedImage,
  kThumbnailProcessFail,
  kImageNotFound,
  kImageProcessingFail,
  kImageReadingFail,
  kImageDeletingFail,
};

struct ApiErrorEntry {
  ApiError error;
  std::string_view code;  // "POST_NOT_FOUND"
  int status;             // HTTP
  std::string_view korean;
  std::string_view english;

  std::string_view Sentence(Language language) const {
    return language == Language::kEnglish ? english : korean;
  }
};

const ApiErrorEntry& EntryOf(ApiError error);
// All of them, in the order of the enum.
const std::vector<ApiErrorEntry>& ErrorCatalogue();

// What a request is refused with by an HTTP status that says what is wrong, be
// it one of the catalogue or not (408, 416, 431, ...): the entry has this status
// and a sentence that says the same.
ApiErrorEntry RefusalOf(int http_status);

// The entry a status is answered with. Statuses without a symbolic code:
// RESOURCE_EXHAUSTED and UNAVAILABLE are kServiceUnavailable, all others
// kInternalServerError. Not for OK.
ApiError ApiErrorOf(const absl::Status& status);

// One sentence a violation, joined with ", " in the order given. At least one.
std::string ViolationSentences(const std::vector<Violation>& violations, Language language);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_ERRORS_H_
