#include "adapters/http/text/uri.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/domain/types.h"

namespace dailyfeed::http {
namespace {

TEST(UriTest, PercentDecoding) {
  EXPECT_EQ(PercentDecode("%EA%b0%80+x", true), "가 x");
  EXPECT_EQ(PercentDecode("%40kim+1", false), "@kim+1");
  EXPECT_EQ(PercentDecode("100%", false), "100%");
  EXPECT_EQ(PercentDecode("%4", false), "%4");
  EXPECT_EQ(PercentDecode("%zz%41", false), "%zzA");
  EXPECT_EQ(PercentDecode("%2B", true), "+");
  EXPECT_EQ(PercentDecode("%00", true), std::string(1, '\0'));
}

TEST(UriTest, QueryParameters) {
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

TEST(UriTest, NumbersOfQueries) {
  EXPECT_EQ(ParseSaturated("0"), 0);
  EXPECT_EQ(ParseSaturated("-5"), -5);
  EXPECT_EQ(ParseSaturated("007"), 7);
  EXPECT_EQ(ParseSaturated("99999999999999999999"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseSaturated("-99999999999999999999"), std::numeric_limits<int64_t>::min());
  for (const char* text : {"", "-", "x", "1.5", "1e3", " 1", "+1", "--1", "0x1"}) {
    EXPECT_EQ(ParseSaturated(text), std::nullopt) << text;
  }
}

TEST(UriTest, IdsOfPaths) {
  EXPECT_EQ(ParsePathId("41"), 41u);
  EXPECT_EQ(ParsePathId("9007199254740991"), kMaxId);
  EXPECT_EQ(ParsePathId("9007199254740992"), kMaxId);
  EXPECT_EQ(ParsePathId("99999999999999999999999"), kMaxId);
  for (const char* text : {"", "0", "-1", "+1", "1e3", "1.0", "0x1", "abc", "1 ", "١"}) {
    EXPECT_EQ(ParsePathId(text), std::nullopt) << text;
  }
}

TEST(UriTest, PictureIdsAreTheLastSegmentWithoutQueryAndExtension) {
  const std::string id("\x3b\x24\x11\x01\xe2\xbb\x42\x55\x8c\xaf\x41\x36\xc5\x66\xa9\x62");
  const std::string text = "3b241101-e2bb-4255-8caf-4136c566a962";
  for (const std::string& url :
       {text, "/" + text, "/api/proxy/images/view/" + text, "https://x.example/a/" + text + ".png",
        text + "?thumbnail=true", text + ".tar.gz#x",
        std::string("3B241101-E2BB-4255-8CAF-4136C566A962"), "a?/b/" + text}) {
    const bool query_first = url.starts_with("a?");
    EXPECT_EQ(PictureIdOfUrl(url), query_first ? std::nullopt : std::optional(id)) << url;
  }
  for (const std::string& url :
       {std::string(), std::string("no-image"), std::string("/"), text + "/", text + "0",
        text.substr(1), std::string("3b241101e2bb42558caf4136c566a962"),
        std::string("3b241101-e2bb-4255-8caf-4136c566a96g"),
        std::string("3b24110--e2bb-4255-8caf-4136c566a962"), std::string(36, '-')}) {
    EXPECT_EQ(PictureIdOfUrl(url), std::nullopt) << url;
  }
}

}  // namespace
}  // namespace dailyfeed::http
