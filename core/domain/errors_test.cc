#include "core/domain/errors.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/cord.h"
#include "core/base/check.h"

namespace dailyfeed {
namespace {

TEST(ErrorsTest, EveryCodeGoesThroughAStatusAndBack) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(kLastErrorCode); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    const absl::Status status = MakeError(code);
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(ErrorCodeOf(status), code);
    EXPECT_EQ(ParseErrorCode(ErrorCodeName(code)), code);
    EXPECT_TRUE(names.emplace(ErrorCodeName(code)).second) << ErrorCodeName(code);
  }
}

TEST(ErrorsTest, NamesAndCanonicalCodes) {
  struct Case {
    ErrorCode code;
    absl::StatusCode canonical;
    const char* name;
  };
  const Case cases[] = {
      {ErrorCode::kInvalidRequest, absl::StatusCode::kInvalidArgument, "INVALID_REQUEST"},
      {ErrorCode::kServiceUnavailable, absl::StatusCode::kUnavailable, "SERVICE_UNAVAILABLE"},
      {ErrorCode::kVersionConflict, absl::StatusCode::kFailedPrecondition, "VERSION_CONFLICT"},
      {ErrorCode::kMemberAlreadyExists, absl::StatusCode::kAlreadyExists, "MEMBER_ALREADY_EXISTS"},
      {ErrorCode::kMemberForbidden, absl::StatusCode::kPermissionDenied, "MEMBER_FORBIDDEN"},
      {ErrorCode::kTooManyRequest, absl::StatusCode::kResourceExhausted, "TOO_MANY_REQUEST"},
      {ErrorCode::kPostNotFound, absl::StatusCode::kNotFound, "POST_NOT_FOUND"},
      {ErrorCode::kParentCommentNotFound, absl::StatusCode::kNotFound, "PARENT_COMMENT_NOT_FOUND"},
      {ErrorCode::kImageNotFound, absl::StatusCode::kNotFound, "IMAGE_NOT_FOUND"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(MakeError(c.code).code(), c.canonical) << c.name;
    EXPECT_EQ(ErrorCodeName(c.code), c.name);
  }
}

TEST(ErrorsTest, TheDetailIsInTheMessage) {
  EXPECT_EQ(MakeError(ErrorCode::kPostNotFound).message(), "POST_NOT_FOUND");
  EXPECT_EQ(MakeError(ErrorCode::kPostNotFound, "post 41").message(), "POST_NOT_FOUND: post 41");
}

TEST(ErrorsTest, ACanonicalCodeCanBeChosen) {
  const absl::Status status =
      MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable, "full");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kServiceUnavailable);
}

TEST(ErrorsTest, StatusesMadeElsewhereHaveNoCode) {
  EXPECT_EQ(ErrorCodeOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(ErrorCodeOf(absl::DataLossError("torn")), std::nullopt);
  EXPECT_EQ(ParseErrorCode("POST_NOT_FOUN"), std::nullopt);
  EXPECT_EQ(ParseErrorCode(""), std::nullopt);
  EXPECT_TRUE(ViolationsOf(absl::OkStatus()).empty());
  EXPECT_TRUE(ViolationsOf(absl::DataLossError("torn")).empty());
  EXPECT_TRUE(ViolationsOf(MakeError(ErrorCode::kPostNotFound)).empty());
}

TEST(ErrorsTest, ViolationsKeepTheirOrderAndLimits) {
  const std::vector<Violation> violations = {
      {.field = "email", .rule = Violation::Rule::kFormat},
      {.field = "memberName", .rule = Violation::Rule::kLength, .limit = 30, .lower_limit = 2},
      {.field = "bio", .rule = Violation::Rule::kTooLong, .limit = 500},
      {.field = "a b", .rule = Violation::Rule::kNull, .limit = -1},
  };
  const absl::Status status = MakeViolations(violations);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kInvalidRequest);
  const std::vector<Violation> read = ViolationsOf(status);
  ASSERT_EQ(read.size(), violations.size());
  for (size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].field, violations[i].field);
    EXPECT_EQ(read[i].rule, violations[i].rule);
    EXPECT_EQ(read[i].limit, violations[i].limit);
    EXPECT_EQ(read[i].lower_limit, violations[i].lower_limit);
  }
  EXPECT_EQ(status.message(),
            "INVALID_REQUEST: email is malformed, memberName has a length that is not allowed "
            "(2 to 30), bio is too long (at most 500), a b must not be null");
}

TEST(ErrorsTest, AForeignPayloadGivesNoViolations) {
  for (const char* payload : {"INVALID_REQUEST\n1", "INVALID_REQUEST\n99 0 0 x",
                              "INVALID_REQUEST\n-1 0 0 x", "INVALID_REQUEST\n0 x 0 x", ""}) {
    absl::Status status = absl::InvalidArgumentError("x");
    status.SetPayload("type.dailyfeed/error", absl::Cord(payload));
    EXPECT_TRUE(ViolationsOf(status).empty()) << payload;
  }
}

TEST(CheckDeathTest, AFalseConditionNamesItselfAndAborts) {
  const int two = 2;
  DAILYFEED_CHECK(two == 2);
  EXPECT_DEATH(DAILYFEED_CHECK(two == 3), "errors_test.cc:.*check failed: two == 3");
}

}  // namespace
}  // namespace dailyfeed
