#include "adapters/http/text/errors.h"

#include <gtest/gtest.h>

#include <set>

namespace dailyfeed::http {
namespace {

TEST(ApiErrorsTest, EveryEntryStandsAtItsPlaceAndIsComplete) {
  std::set<std::string_view> codes;
  for (const ApiErrorEntry& entry : ErrorCatalogue()) {
    EXPECT_EQ(&EntryOf(entry.error), &entry);
    EXPECT_TRUE(codes.insert(entry.code).second) << entry.code;
    EXPECT_GE(entry.status, 400);
    EXPECT_LT(entry.status, 600);
    EXPECT_FALSE(entry.korean.empty());
    EXPECT_FALSE(entry.english.empty());
    EXPECT_NE(entry.korean, entry.english);
  }
  EXPECT_EQ(codes.size(), static_cast<size_t>(ApiError::kImageDeletingFail) + 1);
}

// Section 3 of the contract, line by line.
TEST(ApiErrorsTest, StatusesOfTheCatalogue) {
  const struct {
    int status;
    std::vector<std::string_view> codes;
  } lines[] = {
      {400,
       {"INVALID_REQUEST",
        "INVALID_CURSOR",
        "MEMBER_ALREADY_EXISTS",
        "MEMBER_HANDLE_ALREADY_EXISTS",
        "MEMBER_IDS_LIMIT_EXCEEDS",
        "FOLLOW_SELF_NOT_ALLOWED",
        "FOLLOW_LIMIT_EXCEEDS",
        "POST_CONTENT_EMPTY",
        "POST_TITLE_TOO_LONG",
        "POST_LIKE_ALREADY_EXISTS",
        "POST_LIKE_CANCEL_ALREADY_COMMITTED",
        "COMMENT_LIKE_ALREADY_EXISTS",
        "COMMENT_LIKE_CANCEL_ALREADY_COMMITTED",
        "COMMENT_DEPTH_LIMIT_EXCEEDS",
        "PARENT_COMMENT_POST_ID_NOT_EQUALS",
        "EMPTY_IMAGE_FILE",
        "FILE_TOO_SMALL",
        "INVALID_IMAGE_SIGNATURE",
        "CORRUPTED_IMAGE",
        "THUMBNAIL_PROCESS_FAIL"}},
      {401, {"BEARER_TOKEN_MISSING", "INVALID_TOKEN", "JWT_EXPIRED", "JWT_KEY_EXPIRED"}},
      {403,
       {"CORS_ORIGIN_REJECTED", "MEMBER_FORBIDDEN", "MEMBER_PASSWORD_INVALID",
        "POST_UPDATE_FORBIDDEN", "POST_DELETE_FORBIDDEN", "COMMENT_MODIFICATION_PERMISSION_DENIED",
        "COMMENT_DELETION_PERMISSION_DENIED"}},
      {404,
       {"NOT_FOUND", "MEMBER_NOT_FOUND", "FOLLOW_RELATIONSHIP_NOT_FOUND", "POST_NOT_FOUND",
        "COMMENT_NOT_FOUND", "PARENT_COMMENT_NOT_FOUND", "IMAGE_NOT_FOUND"}},
      {405, {"METHOD_NOT_ALLOWED"}},
      {409, {"FOLLOW_RELATIONSHIP_ALREADY_EXISTS"}},
      {413, {"PAYLOAD_TOO_LARGE"}},
      {422, {"IDEMPOTENCY_KEY_REUSED"}},
      {429, {"TOO_MANY_REQUEST"}},
      {500,
       {"INTERNAL_SERVER_ERROR", "IMAGE_PROCESSING_FAIL", "IMAGE_READING_FAIL",
        "IMAGE_DELETING_FAIL"}},
      {503, {"SERVICE_UNAVAILABLE"}},
  };
  size_t named = 0;
  for (const auto& line : lines) {
    for (const std::string_view code : line.codes) {
      ++named;
      int status = 0;
      for (const ApiErrorEntry& entry : ErrorCatalogue()) {
        if (entry.code == code) status = entry.status;
      }
      EXPECT_EQ(status, line.status) << code;
    }
  }
  EXPECT_EQ(named, ErrorCatalogue().size());
}

TEST(ApiErrorsTest, EveryCodeOfTheCoreHasAnEntry) {
  for (int code = 0; code <= static_cast<int>(kLastErrorCode); ++code) {
    const auto core = static_cast<ErrorCode>(code);
    if (core == ErrorCode::kVersionConflict) continue;
    EXPECT_EQ(EntryOf(ApiErrorOf(MakeError(core))).code, ErrorCodeName(core));
  }
}

TEST(ApiErrorsTest, StatusesWithoutASymbolicCode) {
  EXPECT_EQ(ApiErrorOf(absl::ResourceExhaustedError("x")), ApiError::kServiceUnavailable);
  EXPECT_EQ(ApiErrorOf(absl::UnavailableError("x")), ApiError::kServiceUnavailable);
  EXPECT_EQ(ApiErrorOf(absl::DataLossError("x")), ApiError::kInternalServerError);
  EXPECT_EQ(ApiErrorOf(absl::InternalError("x")), ApiError::kInternalServerError);
  EXPECT_EQ(ApiErrorOf(MakeError(ErrorCode::kVersionConflict)), ApiError::kInternalServerError);
}

TEST(ApiErrorsTest, FollowingOneselfSaysOneself) {
  EXPECT_NE(EntryOf(ApiError::kFollowSelfNotAllowed).korean.find("자기"), std::string_view::npos);
}

TEST(ApiErrorsTest, ViolationsAreJoinedInOrder) {
  const std::vector<Violation> violations = {
      {.field = "email", .rule = Violation::Rule::kBlank},
      {.field = "memberName", .rule = Violation::Rule::kLength, .limit = 30, .lower_limit = 2},
      {.field = "bio", .rule = Violation::Rule::kTooLong, .limit = 500}};
  EXPECT_EQ(
      ViolationSentences(violations, Language::kKorean),
      "이메일은 비워 둘 수 없습니다, 이름은 2자 이상 30자 이하여야 합니다, 자기소개는 500자를 "
      "넘을 수 없습니다");
  EXPECT_EQ(ViolationSentences(violations, Language::kEnglish),
            "The e-mail must not be blank, The name must have 2 to 30 characters, The bio must "
            "have at most 500 characters");
  const std::vector<Violation> entries = {
      {.field = "imageUrls", .rule = Violation::Rule::kTooMany, .limit = 1000}};
  EXPECT_EQ(ViolationSentences(entries, Language::kEnglish),
            "The list of image URLs must have at most 1000 entries");
  EXPECT_EQ(ViolationSentences(entries, Language::kKorean),
            "이미지 주소 목록은 1000개를 넘을 수 없습니다");
}

}  // namespace
}  // namespace dailyfeed::http
