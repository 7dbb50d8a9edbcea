#include "core/domain/errors.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/cord.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

constexpr char kPayloadUrl[] = "type.dailyfeed/error";

struct CatalogueEntry {
  ErrorCode code;
  absl::StatusCode canonical;
  std::string_view name;
};

// In the order of ErrorCode.
constexpr std::array kCatalogue = {
    CatalogueEntry{ErrorCode::kInvalidRequest, absl::StatusCode::kInvalidArgument,
                   "INVALID_REQUEST"},
    CatalogueEntry{ErrorCode::kInvalidCursor, absl::StatusCode::kInvalidArgument, "INVALID_CURSOR"},
    CatalogueEntry{ErrorCode::kTooManyRequest, absl::StatusCode::kResourceExhausted,
                   "TOO_MANY_REQUEST"},
    CatalogueEntry{ErrorCode::kInternalServerError, absl::StatusCode::kInternal,
                   "INTERNAL_SERVER_ERROR"},
    CatalogueEntry{ErrorCode::kServiceUnavailable, absl::StatusCode::kUnavailable,
                   "SERVICE_UNAVAILABLE"},
    CatalogueEntry{ErrorCode::kIdempotencyKeyReused, absl::StatusCode::kFailedPrecondition,
                   "IDEMPOTENCY_KEY_REUSED"},
    CatalogueEntry{ErrorCode::kVersionConflict, absl::StatusCode::kFailedPrecondition,
                   "VERSION_CONFLICT"},
    CatalogueEntry{ErrorCode::kMemberAlreadyExists, absl::StatusCode::kAlreadyExists,
                   "MEMBER_ALREADY_EXISTS"},
    CatalogueEntry{ErrorCode::kMemberHandleAlreadyExists, absl::StatusCode::kAlreadyExists,
                   "MEMBER_HANDLE_ALREADY_EXISTS"},
    CatalogueEntry{ErrorCode::kMemberIdsLimitExceeds, absl::StatusCode::kInvalidArgument,
                   "MEMBER_IDS_LIMIT_EXCEEDS"},
    CatalogueEntry{ErrorCode::kMemberForbidden, absl::StatusCode::kPermissionDenied,
                   "MEMBER_FORBIDDEN"},
    CatalogueEntry{ErrorCode::kMemberPasswordInvalid, absl::StatusCode::kPermissionDenied,
                   "MEMBER_PASSWORD_INVALID"},
    CatalogueEntry{ErrorCode::kMemberNotFound, absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"},
    CatalogueEntry{ErrorCode::kFollowSelfNotAllowed, absl::StatusCode::kInvalidArgument,
                   "FOLLOW_SELF_NOT_ALLOWED"},
    CatalogueEntry{ErrorCode::kFollowLimitExceeds, absl::StatusCode::kFailedPrecondition,
                   "FOLLOW_LIMIT_EXCEEDS"},
    CatalogueEntry{ErrorCode::kFollowRelationshipNotFound, absl::StatusCode::kNotFound,
                   "FOLLOW_RELATIONSHIP_NOT_FOUND"},
    CatalogueEntry{ErrorCode::kFollowRelationshipAlreadyExists, absl::StatusCode::kAlreadyExists,
                   "FOLLOW_RELATIONSHIP_ALREADY_EXISTS"},
    CatalogueEntry{ErrorCode::kPostContentEmpty, absl::StatusCode::kInvalidArgument,
                   "POST_CONTENT_EMPTY"},
    CatalogueEntry{ErrorCode::kPostTitleTooLong, absl::StatusCode::kInvalidArgument,
                   "POST_TITLE_TOO_LONG"},
    CatalogueEntry{ErrorCode::kPostLikeAlreadyExists, absl::StatusCode::kAlreadyExists,
                   "POST_LIKE_ALREADY_EXISTS"},
    CatalogueEntry{ErrorCode::kPostLikeCancelAlreadyCommitted,
                   absl::StatusCode::kFailedPrecondition, "POST_LIKE_CANCEL_ALREADY_COMMITTED"},
    CatalogueEntry{ErrorCode::kPostUpdateForbidden, absl::StatusCode::kPermissionDenied,
                   "POST_UPDATE_FORBIDDEN"},
    CatalogueEntry{ErrorCode::kPostDeleteForbidden, absl::StatusCode::kPermissionDenied,
                   "POST_DELETE_FORBIDDEN"},
    CatalogueEntry{ErrorCode::kPostNotFound, absl::StatusCode::kNotFound, "POST_NOT_FOUND"},
    CatalogueEntry{ErrorCode::kCommentLikeAlreadyExists, absl::StatusCode::kAlreadyExists,
                   "COMMENT_LIKE_ALREADY_EXISTS"},
    CatalogueEntry{ErrorCode::kCommentLikeCancelAlreadyCommitted,
                   absl::StatusCode::kFailedPrecondition, "COMMENT_LIKE_CANCEL_ALREADY_COMMITTED"},
    CatalogueEntry{ErrorCode::kCommentDepthLimitExceeds, absl::StatusCode::kFailedPrecondition,
                   "COMMENT_DEPTH_LIMIT_EXCEEDS"},
    CatalogueEntry{ErrorCode::kParentCommentPostIdNotEquals, absl::StatusCode::kInvalidArgument,
                   "PARENT_COMMENT_POST_ID_NOT_EQUALS"},
    CatalogueEntry{ErrorCode::kCommentModificationPermissionDenied,
                   absl::StatusCode::kPermissionDenied, "COMMENT_MODIFICATION_PERMISSION_DENIED"},
    CatalogueEntry{ErrorCode::kCommentDeletionPermissionDenied, absl::StatusCode::kPermissionDenied,
                   "COMMENT_DELETION_PERMISSION_DENIED"},
    CatalogueEntry{ErrorCode::kCommentNotFound, absl::StatusCode::kNotFound, "COMMENT_NOT_FOUND"},
    CatalogueEntry{ErrorCode::kParentCommentNotFound, absl::StatusCode::kNotFound,
                   "PARENT_COMMENT_NOT_FOUND"},
    CatalogueEntry{ErrorCode::kImageNotFound, absl::StatusCode::kNotFound, "IMAGE_NOT_FOUND"},
    CatalogueEntry{ErrorCode::kPayloadTooLarge, absl::StatusCode::kInvalidArgument,
                   "PAYLOAD_TOO_LARGE"},
    CatalogueEntry{ErrorCode::kEmptyImageFile, absl::StatusCode::kInvalidArgument,
                   "EMPTY_IMAGE_FILE"},
    CatalogueEntry{ErrorCode::kFileTooSmall, absl::StatusCode::kInvalidArgument, "FILE_TOO_SMALL"},
    CatalogueEntry{ErrorCode::kInvalidImageSignature, absl::StatusCode::kInvalidArgument,
                   "INVALID_IMAGE_SIGNATURE"},
    CatalogueEntry{ErrorCode::kCorruptedImage, absl::StatusCode::kInvalidArgument,
                   "CORRUPTED_IMAGE"},
    CatalogueEntry{ErrorCode::kThumbnailProcessFail, absl::StatusCode::kInvalidArgument,
                   "THUMBNAIL_PROCESS_FAIL"},
    CatalogueEntry{ErrorCode::kImageProcessingFail, absl::StatusCode::kInternal,
                   "IMAGE_PROCESSING_FAIL"},
    CatalogueEntry{ErrorCode::kImageReadingFail, absl::StatusCode::kInternal, "IMAGE_READING_FAIL"},
};

constexpr bool CatalogueIsInOrder() {
  for (size_t i = 0; i < kCatalogue.size(); ++i) {
    if (kCatalogue[i].code != static_cast<ErrorCode>(i)) return false;
  }
  return kCatalogue.back().code == kLastErrorCode;
}
static_assert(CatalogueIsInOrder(), "an entry a code, in the order of ErrorCode");

const CatalogueEntry& EntryOf(ErrorCode code) {
  const auto index = static_cast<size_t>(code);
  DAILYFEED_CHECK(index < kCatalogue.size());
  return kCatalogue[index];
}

std::string_view RuleText(Violation::Rule rule) {
  switch (rule) {
    case Violation::Rule::kBlank:
      return "must not be blank";
    case Violation::Rule::kTooLong:
      return "is too long";
    case Violation::Rule::kLength:
      return "has a length that is not allowed";
    case Violation::Rule::kFormat:
      return "is malformed";
    case Violation::Rule::kNotAllowed:
      return "is not an allowed value";
    case Violation::Rule::kNotInPast:
      return "must lie before today";
    case Violation::Rule::kPasswordWeak:
      return "needs a lower and an upper case letter, a digit and a special character";
    case Violation::Rule::kNull:
      return "must not be null";
    case Violation::Rule::kTooMany:
      return "has too many entries";
  }
  DAILYFEED_CHECK(false);
}

std::string Describe(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    if (!text.empty()) text += ", ";
    fmt::format_to(std::back_inserter(text), "{} {}", violation.field, RuleText(violation.rule));
    if (violation.rule == Violation::Rule::kTooLong ||
        violation.rule == Violation::Rule::kTooMany) {
      fmt::format_to(std::back_inserter(text), " (at most {})", violation.limit);
    } else if (violation.rule == Violation::Rule::kLength) {
      fmt::format_to(std::back_inserter(text), " ({} to {})", violation.lower_limit,
                     violation.limit);
    }
  }
  return text;
}

// The payload: the name of the code, then a line for each violation,
// "<rule> <limit> <lower limit> <field>".
absl::Status MakeStatus(absl::StatusCode canonical, ErrorCode code, std::string_view detail,
                        const std::vector<Violation>& violations) {
  DAILYFEED_CHECK(canonical != absl::StatusCode::kOk);
  const std::string_view name = EntryOf(code).name;
  const std::string message =
      detail.empty() ? std::string(name) : fmt::format("{}: {}", name, detail);
  std::string payload(name);
  for (const Violation& violation : violations) {
    DAILYFEED_CHECK(violation.field.find('\n') == std::string::npos);
    fmt::format_to(std::back_inserter(payload), "\n{} {} {} {}", static_cast<int>(violation.rule),
                   violation.limit, violation.lower_limit, violation.field);
  }
  absl::Status status(canonical, message);
  status.SetPayload(kPayloadUrl, absl::Cord(std::move(payload)));
  return status;
}

// Takes everything before `separator`, or all when there is none.
std::string_view TakeUntil(char separator, std::string_view* rest) {
  const size_t end = rest->find(separator);
  const std::string_view head = rest->substr(0, end);
  rest->remove_prefix(end == std::string_view::npos ? rest->size() : end + 1);
  return head;
}

bool TakeNumber(std::string_view* rest, int64_t* number) {
  const std::string_view digits = TakeUntil(' ', rest);
  const char* const end = digits.data() + digits.size();
  const auto [parsed_end, error] = std::from_chars(digits.data(), end, *number);
  return error == std::errc() && parsed_end == end;
}

std::optional<std::string> PayloadOf(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  return std::string(*payload);
}

}  // namespace

std::string_view ErrorCodeName(ErrorCode code) { return EntryOf(code).name; }

std::optional<ErrorCode> ParseErrorCode(std::string_view name) {
  for (const CatalogueEntry& entry : kCatalogue) {
    if (entry.name == name) return entry.code;
  }
  return std::nullopt;
}

absl::Status MakeError(ErrorCode code, std::string_view detail) {
  return MakeStatus(EntryOf(code).canonical, code, detail, {});
}

absl::Status MakeErrorAs(absl::StatusCode canonical, ErrorCode code, std::string_view detail) {
  return MakeStatus(canonical, code, detail, {});
}

absl::Status MakeViolations(const std::vector<Violation>& violations, ErrorCode code) {
  DAILYFEED_CHECK(!violations.empty());
  const CatalogueEntry& entry = EntryOf(code);
  return MakeStatus(entry.canonical, entry.code, Describe(violations), violations);
}

std::optional<ErrorCode> ErrorCodeOf(const absl::Status& status) {
  const std::optional<std::string> payload = PayloadOf(status);
  if (!payload.has_value()) return std::nullopt;
  std::string_view rest = *payload;
  return ParseErrorCode(TakeUntil('\n', &rest));
}

std::vector<Violation> ViolationsOf(const absl::Status& status) {
  const std::optional<std::string> payload = PayloadOf(status);
  if (!payload.has_value()) return {};
  std::string_view rest = *payload;
  TakeUntil('\n', &rest);
  std::vector<Violation> violations;
  while (!rest.empty()) {
    std::string_view line = TakeUntil('\n', &rest);
    int64_t rule = 0;
    Violation violation;
    if (!TakeNumber(&line, &rule) || rule < 0 ||
        rule > static_cast<int64_t>(Violation::Rule::kTooMany) ||
        !TakeNumber(&line, &violation.limit) || !TakeNumber(&line, &violation.lower_limit)) {
      return {};
    }
    violation.rule = static_cast<Violation::Rule>(rule);
    violation.field = std::string(line);
    violations.push_back(std::move(violation));
  }
  return violations;
}

}  // namespace dailyfeed
