#include "adapters/http/text/http_text.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/domain/types.h"

namespace dailyfeed::http {
namespace {

TEST(HttpTextTest, PercentDecoding) {
  EXPECT_EQ(PercentDecode("%EA%b0%80+x", true), "가 x");
  EXPECT_EQ(PercentDecode("%40kim+1", false), "@kim+1");
  EXPECT_EQ(PercentDecode("100%", false), "100%");
  EXPECT_EQ(PercentDecode("%4", false), "%4");
  EXPECT_EQ(PercentDecode("%zz%41", false), "%zzA");
  EXPECT_EQ(PercentDecode("%2B", true), "+");
  EXPECT_EQ(PercentDecode("%00", true), std::string(1, '\0'));
}

TEST(HttpTextTest, QueryParameters) {
  EXPECT_EQ(QueryParameter("page=1&size=2", "size"), "2");
  EXPECT_EQ(QueryParameter("page=1&page=2", "page"), "1");
  EXPECT_EQ(QueryParameter("page", "page"), "");
  EXPECT_EQ(QueryParameter("page=", "page"), "");
  EXPECT_EQ(QueryParameter("p%61ge=7", "page"), "7");
  EXPECT_EQ(QueryParameter("keyword=a+b%20c", "keyword"), "a b c");
  EXPECT_EQ(QueryParameter("keyword=a=b", "keyword"), "a=b");
  EXPECT_EQ(QueryParameter("&&x=1&", "x"), "1");
  EXPECT_EQ(QueryParameter("xpage=1", "page"), std::nullopt);
  EXPECT_EQ(QueryParameter("", "page"), std::nullopt);
}

TEST(HttpTextTest, NumbersOfQueries) {
  EXPECT_EQ(ParseSaturated("0"), 0);
  EXPECT_EQ(ParseSaturated("-5"), -5);
  EXPECT_EQ(ParseSaturated("007"), 7);
  EXPECT_EQ(ParseSaturated("99999999999999999999"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseSaturated("-99999999999999999999"), std::numeric_limits<int64_t>::min());
  for (const char* text : {"", "-", "x", "1.5", "1e3", " 1", "+1", "--1", "0x1"}) {
    EXPECT_EQ(ParseSaturated(text), std::nullopt) << text;
  }
}

TEST(HttpTextTest, IdsOfPaths) {
  EXPECT_EQ(ParsePathId("41"), 41u);
  EXPECT_EQ(ParsePathId("9007199254740991"), kMaxId);
  EXPECT_EQ(ParsePathId("9007199254740992"), kMaxId);
  EXPECT_EQ(ParsePathId("99999999999999999999999"), kMaxId);
  for (const char* text : {"", "0", "-1", "+1", "1e3", "1.0", "0x1", "abc", "1 ", "١"}) {
    EXPECT_EQ(ParsePathId(text), std::nullopt) << text;
  }
}

TEST(HttpTextTest, Cookies) {
  EXPECT_EQ(Cookie("a=1; refresh_token=x=y; b=2", "refresh_token"), "x=y");
  EXPECT_EQ(Cookie("refresh_token=", "refresh_token"), "");
  EXPECT_EQ(Cookie("refresh_token=1;refresh_token=2", "refresh_token"), "1");
  EXPECT_EQ(Cookie("refresh_token", "refresh_token"), std::nullopt);
  EXPECT_EQ(Cookie("xrefresh_token=1", "refresh_token"), std::nullopt);
  EXPECT_EQ(Cookie("Refresh_Token=1", "refresh_token"), std::nullopt);
  EXPECT_EQ(Cookie("", "refresh_token"), std::nullopt);
}

TEST(HttpTextTest, KoreanUnlessEnglishIsPreferred) {
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

TEST(HttpTextTest, BearerTokens) {
  EXPECT_EQ(BearerToken("Bearer x.y.z"), "x.y.z");
  EXPECT_EQ(BearerToken("bEARER   x"), "x");
  EXPECT_EQ(BearerToken("Bearer Bearer bearer x"), "x");
  EXPECT_EQ(BearerToken("Bearer Bearerx"), "Bearerx");
  for (const char* header :
       {"", " ", "Bearer", "Bearer ", "Bearer Bearer", "Basic eA==", "x.y.z", "Bearerx.y.z"}) {
    EXPECT_EQ(BearerToken(header), std::nullopt) << header;
  }
}

TEST(HttpTextTest, IdempotencyKeys) {
  EXPECT_TRUE(IsIdempotencyKey("a"));
  EXPECT_TRUE(IsIdempotencyKey(std::string(128, '~')));
  EXPECT_FALSE(IsIdempotencyKey(""));
  EXPECT_FALSE(IsIdempotencyKey(std::string(129, 'a')));
  EXPECT_FALSE(IsIdempotencyKey("a b"));
  EXPECT_FALSE(IsIdempotencyKey("가"));
  EXPECT_FALSE(IsIdempotencyKey("\x7f"));
}

}  // namespace
}  // namespace dailyfeed::http
