// /api/search, as far as it concerns follows: followers of many, over a socket.
#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

constexpr char kCounts[] = "/api/search/follow/following/query/count/in";

class SearchTest : public ApiTest {
 protected:
  static std::string Body(std::string_view ids) {
    return fmt::format(R"({{"toMemberIds":{}}})", ids);
  }
  HttpReply Counts(std::string_view ids, const Person& person) {
    return Post(kCounts, Body(ids), person);
  }
};

TEST_F(SearchTest, FollowersOfManyInTheOrderOfTheRequest) {
  const Person kim = Join("kim"), lee = Join("lee"), choi = Join("choi"), gone = Join("gone");
  Follow(lee, kim);
  Follow(choi, kim);
  Follow(gone, kim);
  Follow(kim, choi);
  Follow(kim, gone);
  const std::string ids = fmt::format("[{},{},{},{}]", choi.id, kim.id, lee.id, gone.id);
  const auto rows = [&](int of_kim, bool with_gone) {
    return fmt::format(
        R"([{{"toMemberId":{},"followingCount":1}},{{"toMemberId":{},"followingCount":{}}}{}])",
        choi.id, kim.id, of_kim,
        with_gone ? fmt::format(R"(,{{"toMemberId":{},"followingCount":1}})", gone.id) : "");
  };
  const Position head = feed_->log().Head();
  ExpectData(Counts(ids, lee), 200, rows(3, true));
  ExpectUnchanged(head);
  EXPECT_EQ(Delete("/api/authentication/deactivate", gone).status, 200);
  ExpectData(Counts(ids, lee), 200, rows(2, false));
  // Each once, also as texts; nobody's ids are left out.
  ExpectData(Counts(fmt::format(R"([{0},"{0}",999999,0,-4,{0},9007199254740993])", kim.id), kim),
             200, fmt::format(R"([{{"toMemberId":{},"followingCount":2}}])", kim.id));
}

TEST_F(SearchTest, NothingAskedForIsNothing) {
  const Person kim = Join("kim");
  for (const char* path : {kCounts, "/api/search/follow/following/query/count/in/"}) {
    for (const std::string& body : {std::string("{}"), Body("null"), Body("[]"), Body("[1]")}) {
      ExpectData(Post(path, body, kim), 200, "[]");
    }
  }
}

TEST_F(SearchTest, BadRequestsAreRefused) {
  const Person kim = Join("kim"), lee = Join("lee");
  Follow(lee, kim);
  std::string thousand = "[1";
  for (int i = 1; i < 1000; ++i) thousand += ",1";
  EXPECT_EQ(Counts(thousand + "]", kim).status, 200);
  for (const std::string& ids : {thousand + ",1]", std::string("1"), std::string("[\"x\"]"),
                                 std::string("[1.5]"), std::string("[null]"), std::string("{}")}) {
    ExpectError(Counts(ids, kim), 400, "INVALID_REQUEST");
  }
  for (const char* body : {"", "[]", "{"}) {
    ExpectError(Post(kCounts, body, kim), 400, "INVALID_REQUEST");
  }
  ExpectError(Send("POST", kCounts, {}, Body("[1]")), 401, "BEARER_TOKEN_MISSING");
  ExpectError(Get(kCounts, kim), 405, "METHOD_NOT_ALLOWED");
}

// Another body under a key that was used is fine: nothing is remembered.
TEST_F(SearchTest, AnIdempotencyKeyMeansNothing) {
  const Person kim = Join("kim"), lee = Join("lee");
  Follow(lee, kim);
  for (const char* ids : {"[1]", "[2]", "[1,2]"}) {
    EXPECT_EQ(Send("POST", kCounts, As(kim, {{"Idempotency-Key", "same"}}), Body(ids)).status, 200);
  }
}

}  // namespace
}  // namespace dailyfeed::http
