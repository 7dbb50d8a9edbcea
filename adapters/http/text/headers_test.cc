#include "adapters/http/text/headers.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/domain/types.h"

namespace dailyfeed::http {
namespace {

TEST(HeadersTest, Cookies) {
  EXPECT_EQ(Cookie("a=1; refresh_token=x=y; b=2", "refresh_token"), "x=y");
  EXPECT_EQ(Cookie("refresh_token=", "refresh_token"), "");
  EXPECT_EQ(Cookie("refresh_token=1;refresh_token=2", "refresh_token"), "1");
  EXPECT_EQ(Cookie("refresh_token", "refresh_token"), std::nullopt);
  EXPECT_EQ(Cookie("xrefresh_token=1", "refresh_token"), std::nullopt);
  EXPECT_EQ(Cookie("Refresh_Token=1", "refresh_token"), std::nullopt);
  EXPECT_EQ(Cookie("", "refresh_token"), std::nullopt);
}

TEST(HeadersTest, KoreanUnlessEnglishIsPreferred) {
  for (const char* header :
       {"", "*", "ko", "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "fr", "en;q=0", "en;q=0.5,ko",
        "ko,en", "*,en", "en;q=0.4,*;q=0.5", "english", "en;q=x", ",,;;", "ko-KR;q=1.0,en;q=1.0"}) {
    EXPECT_EQ(PreferredLanguage(header), Language::kKorean) << header;
  }
  for (const char* header :
       {"en", "EN-us", "en-US,en;q=0.9", "en,ko", "fr,en;q=0.1", "ko;q=0.3,en", "en;q=0.6,*;q=0.5",
        "ko;q=0,en;q=0.001", "en , *", "*;q=0.1, en;q=0.2", "en-US,en;q=0.9,ko;q=0.8"}) {
    EXPECT_EQ(PreferredLanguage(header), Language::kEnglish) << header;
  }
}

TEST(HeadersTest, BearerTokens) {
  EXPECT_EQ(BearerToken("Bearer x.y.z"), "x.y.z");
  EXPECT_EQ(BearerToken("bEARER   x"), "x");
  EXPECT_EQ(BearerToken("Bearer Bearer bearer x"), "x");
  EXPECT_EQ(BearerToken("Bearer Bearerx"), "Bearerx");
  for (const char* header :
       {"", " ", "Bearer", "Bearer ", "Bearer Bearer", "Basic eA==", "x.y.z", "Bearerx.y.z"}) {
    EXPECT_EQ(BearerToken(header), std::nullopt) << header;
  }
}

TEST(HeadersTest, IdempotencyKeys) {
  EXPECT_TRUE(IsIdempotencyKey("a"));
  EXPECT_TRUE(IsIdempotencyKey(std::string(128, '~')));
  EXPECT_FALSE(IsIdempotencyKey(""));
  EXPECT_FALSE(IsIdempotencyKey(std::string(129, 'a')));
  EXPECT_FALSE(IsIdempotencyKey("a b"));
  EXPECT_FALSE(IsIdempotencyKey("가"));
  EXPECT_FALSE(IsIdempotencyKey("\x7f"));
}

std::string Range(std::string_view header, uint64_t size = 100) {
  const ByteRange range = ParseByteRange(header, size);
  if (range.kind == ByteRange::Kind::kWhole) return "whole";
  if (range.kind == ByteRange::Kind::kUnsatisfiable) return "none";
  return std::to_string(range.first) + "+" + std::to_string(range.length);
}

TEST(ByteRangeTest, OneRange) {
  EXPECT_EQ(Range("bytes=0-0"), "0+1");
  EXPECT_EQ(Range("Bytes=10-19"), "10+10");
  EXPECT_EQ(Range("bytes=90-"), "90+10");
  EXPECT_EQ(Range("bytes=90-1000"), "90+10");
  EXPECT_EQ(Range("bytes=0-99"), "0+100");
  EXPECT_EQ(Range("bytes=-1"), "99+1");
  EXPECT_EQ(Range("bytes=-500"), "0+100");
  EXPECT_EQ(Range("bytes=0-99999999999999999999999"), "0+100");
}

TEST(ByteRangeTest, BehindTheEnd) {
  EXPECT_EQ(Range("bytes=100-"), "none");
  EXPECT_EQ(Range("bytes=100-200"), "none");
  EXPECT_EQ(Range("bytes=-0"), "none");
  EXPECT_EQ(Range("bytes=99999999999999999999999-"), "none");
}

TEST(ByteRangeTest, WhatIsPassedOver) {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=9-5", "bytes=a-b",
                             "bytes=0-1,5-6", "bytes=0x1-2", "items=0-1", "bytes= 0-1", "0-1"}) {
    EXPECT_EQ(Range(header), "whole") << header;
  }
}

}  // namespace
}  // namespace dailyfeed::http
