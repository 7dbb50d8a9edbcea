#include "adapters/http/api/router.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

using Outcome = RouteMatch::Outcome;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const char* patterns[] = {"/",
                              "/api/members",
                              "/api/members/{id}",
                              "/api/members/{id}/summary",
                              "/api/members/profile",
                              "/api/members/profile/{id}",
                              "/api/members/profile/@{handle}",
                              "/api/members/follow/{id}"};
    for (size_t i = 0; i < std::size(patterns); ++i) router_.Add("GET", patterns[i], i);
    router_.Add("PUT", "/api/members/profile", 100);
    router_.Add("POST", "/api/members/follow/{memberId}", 101);
    router_.Add("DELETE", "/api/members/follow/{id}", 102);
  }

  void ExpectFound(std::string_view path, size_t route, std::string_view parameter = {}) {
    const RouteMatch match = router_.Find("GET", path);
    EXPECT_EQ(match.outcome, Outcome::kFound) << path;
    EXPECT_EQ(match.route, route) << path;
    EXPECT_EQ(match.parameter_count, parameter.empty() ? 0u : 1u) << path;
    EXPECT_EQ(match.Parameter(0), parameter) << path;
  }
  void ExpectUnknown(std::string_view path) {
    const RouteMatch match = router_.Find("GET", path);
    EXPECT_EQ(match.outcome, Outcome::kUnknownPath) << path;
    EXPECT_EQ(match.allow, "") << path;
  }

  Router router_;
};

TEST_F(RouterTest, LiteralsWinOverVariables) {
  ExpectFound("/", 0);
  ExpectFound("/api/members", 1);
  ExpectFound("/api/members/7", 2, "7");
  ExpectFound("/api/members/profile", 4);
  ExpectFound("/api/members/profile/7", 5, "7");
  ExpectFound("/api/members/profile/@kim", 6, "kim");
  ExpectFound("/api/members/profile/@@kim", 6, "@kim");
  ExpectFound("/api/members/profile/@", 5, "@");
}

TEST_F(RouterTest, ComesBackFromALiteralThatLeadsNowhere) {
  ExpectFound("/api/members/follow", 2, "follow");
  ExpectFound("/api/members/follow/summary", 7, "summary");
  ExpectFound("/api/members/7/summary", 3, "7");
}

TEST_F(RouterTest, OneTrailingSlashIsIgnored) {
  ExpectFound("/api/members/", 1);
  ExpectFound("/api/members/7/summary/", 3, "7");
  ExpectUnknown("/api/members//");
  ExpectUnknown("/api//members");
  ExpectUnknown("//api/members");
  ExpectFound("//", 0);
  ExpectUnknown("");
  ExpectUnknown("api/members");
  ExpectUnknown("*");
}

TEST_F(RouterTest, SegmentsAreDecoded) {
  ExpectFound("/api/members/%37", 2, "7");
  ExpectFound("/api/m%65mbers", 1);
  ExpectFound("/api/members/profile/%40kim+%EA%B0%80", 6, "kim+가");
  ExpectFound("/api/members/a%2Fb", 2, "a/b");
}

TEST_F(RouterTest, UnknownPaths) {
  ExpectUnknown("/api");
  ExpectUnknown("/api/memberz");
  ExpectUnknown("/API/members");
  ExpectUnknown("/api/members/7/summary/x");
  ExpectUnknown("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p");
}

TEST_F(RouterTest, MethodsOfAPath) {
  EXPECT_EQ(router_.Find("HEAD", "/api/members/7").outcome, Outcome::kFound);
  EXPECT_EQ(router_.Find("PUT", "/api/members/profile").route, 100u);
  const RouteMatch other = router_.Find("PATCH", "/api/members/follow/3");
  EXPECT_EQ(other.outcome, Outcome::kOtherMethod);
  EXPECT_EQ(other.allow, "GET, HEAD, POST, DELETE, OPTIONS");
  EXPECT_EQ(router_.Find("get", "/api/members").outcome, Outcome::kOtherMethod);
  EXPECT_EQ(router_.Find("DELETE", "/api/members/profile").outcome, Outcome::kOtherMethod);
}

}  // namespace
}  // namespace dailyfeed::http
