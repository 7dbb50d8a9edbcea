// The symbolic errors of dailyfeed, carried as a payload of absl::Status.
//
// The canonical code of the status says what kind of failure it is; the
// symbolic code says which one, and is what a client sees as `errorCode`. The
// HTTP status of each code is decided in one place, the gateway.
//
//   return MakeError(ErrorCode::kPostNotFound);
//   if (ErrorCodeOf(status) == ErrorCode::kPostNotFound) ...
#ifndef DAILYFEED_CORE_DOMAIN_ERRORS_H_
#define DAILYFEED_CORE_DOMAIN_ERRORS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace dailyfeed {

enum class ErrorCode {
  kInvalidRequest,
  kInvalidCursor,
  kTooManyRequest,
  kInternalServerError,
  kServiceUnavailable,
  kIdempotencyKeyReused,
  kVersionConflict,  // library only: `expected version` did not match
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
  kImageNotFound,
  kPayloadTooLarge,
  kEmptyImageFile,
  kFileTooSmall,
  kInvalidImageSignature,
  kCorruptedImage,
  kThumbnailProcessFail,
  kImageProcessingFail,
  kImageReadingFail,
};
inline constexpr ErrorCode kLastErrorCode = ErrorCode::kImageReadingFail;

// The name of the catalogue: "POST_NOT_FOUND".
std::string_view ErrorCodeName(ErrorCode code);
// The reverse; nullopt for a name that is not in the catalogue.
std::optional<ErrorCode> ParseErrorCode(std::string_view name);

// One broken rule of one field, for INVALID_REQUEST. `limit` and `lower_limit`
// are read by the rules that name a length.
struct Violation {
  enum class Rule {
    kBlank,         // absent, null, empty or white space
    kTooLong,       // more than `limit` UTF-16 code units
    kLength,        // not between `lower_limit` and `limit` units
    kFormat,        // e-mail, handle, URL, date: not of the field's form
    kNotAllowed,    // not one of the values of an enum
    kNotInPast,     // a date that must lie before today
    kPasswordWeak,  // lacks a lower or upper case letter, digit or special
    kNull,          // explicit null where it is not allowed
    kTooMany,       // a list of more than `limit` entries
  };
  std::string field;  // its JSON name
  Rule rule = Rule::kBlank;
  int64_t limit = 0;
  int64_t lower_limit = 0;
};

// `detail` is for logs and for hosts that embed the library; clients of the
// gateway read the gateway's own sentence for the code.
absl::Status MakeError(ErrorCode code, std::string_view detail = {});

// The same with another canonical code than the usual one of `code`: a full
// queue is kServiceUnavailable as RESOURCE_EXHAUSTED. `canonical` is not OK.
absl::Status MakeErrorAs(absl::StatusCode canonical, ErrorCode code, std::string_view detail = {});

// `code` with every violation, in the order given. At least one; no field name
// contains a line break.
absl::Status MakeViolations(const std::vector<Violation>& violations,
                            ErrorCode code = ErrorCode::kInvalidRequest);

// The symbolic code; nullopt for OK and for statuses made elsewhere.
std::optional<ErrorCode> ErrorCodeOf(const absl::Status& status);

// The violations of MakeViolations; empty for every other status.
std::vector<Violation> ViolationsOf(const absl::Status& status);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_ERRORS_H_
