// Sections 6.2 and 6.3 of the HTTP contract, row by row: what every endpoint of
// members and follows answers, each of its errors, and every rule of every
// field of a profile. What changes show elsewhere stands in api_members_test.cc.
#include "adapters/http/testing/api_rows_test_util.h"

namespace dailyfeed::http {
namespace {

constexpr char kProfile[] = "/api/members/profile";
constexpr char kHandle[] = "/api/members/profile/handle";
constexpr char kDeactivate[] = "/api/authentication/deactivate";
constexpr char kQueryIn[] = "/api/members/query/in";

class MemberRowsTest : public ContractRowsTest {
 protected:
  void SetUp() override {
    options_.engine.limits.followings_max = 2;
    ContractRowsTest::SetUp();
    kim_ = Join("kim");
    lee_ = Join("lee");
    ann_ = Join("ann");
    Follow(lee_, kim_);
    clock_.Advance(absl::Seconds(1));
    Follow(ann_, kim_);
    Follow(kim_, lee_);
    gone_ = JoinAndWithdraw("gone");
  }

  static std::string HandleBody(std::string_view handle) {
    return fmt::format(R"({{"newHandle":"{}"}})", handle);
  }
  static std::string FollowPath(uint64_t member) {
    return fmt::format("/api/members/follow/{}", member);
  }
  // As Summary is shown, in a moment without changes of the profile.
  static std::string Summary(const Person& person) {
    return fmt::format(
        R"({{"memberId":{0},"id":{0},"memberName":"Member {1}","memberHandle":"{1}",)"
        R"("displayName":"{1}!","verificationStatus":"NONE","avatarUrl":"no-image",)"
        R"("updatedAt":"2025-10-15T12:34:56"}})",
        person.id, person.name);
  }
  static std::string Member(const Person& person) {
    return fmt::format(R"({{"id":{},"name":"Member {}"}})", person.id, person.name);
  }
  std::string Profile(const Person& person, int followers, int followings) {
    return fmt::format(
        R"({{"id":{0},"memberId":{0},"memberName":"Member {1}","handle":"{1}",)"
        R"("displayName":"{1}!","bio":null,"location":null,"websiteUrl":null,"birthDate":null,)"
        R"("gender":"OTHER","timezone":"UTC","languageCode":"en","countryCode":"KR",)"
        R"("verificationStatus":"NONE","privacyLevel":"PUBLIC","profileCompletionScore":0,)"
        R"("isActive":true,"avatarUrl":"no-image","coverUrl":"{2}",)"
        R"("createdAt":"2025-10-15T12:34:56","updatedAt":"2025-10-15T12:34:56",)"
        R"("followersCount":{3},"followingsCount":{4},"followingCount":{4}}})",
        person.id, person.name, api_options_.default_cover_url, followers, followings);
  }
  static std::string Scroll(const std::string& rows, int page = 0) {
    return fmt::format(
        R"({{"content":[{}],"page":{},"size":10,"hasNext":false,"nextCursor":null}})", rows, page);
  }
  static std::string Page(const std::string& rows, int total) {
    return fmt::format(
        R"({{"content":[{}],"page":0,"size":10,"totalElements":{},"totalPages":{},"first":true,)"
        R"("last":true,"hasNext":false,"hasPrevious":false}})",
        rows, total, total == 0 ? 0 : 1);
  }
  // The ids of a list of summaries that is the data itself.
  static std::vector<uint64_t> IdsOfArray(const HttpReply& reply) {
    std::vector<uint64_t> ids;
    const boost::json::value data = Data(reply);
    if (!data.is_array()) {
      ADD_FAILURE() << reply.body;
      return ids;
    }
    for (const boost::json::value& row : data.get_array()) {
      ids.push_back(row.get_object().at("memberId").to_number<uint64_t>());
    }
    return ids;
  }
  using Ids = std::vector<uint64_t>;

  Person kim_, lee_, ann_, gone_;
};

// Every read, byte for byte, with and without one slash at the end.
TEST_F(MemberRowsTest, AnswersOfReads) {
  const std::string members = "/api/members";
  const std::string followers = Scroll(Summary(ann_) + "," + Summary(lee_));
  const std::string followings = Scroll(Summary(lee_));
  const std::string both =
      fmt::format(R"({{"followers":{},"followings":{}}})", followers, followings);
  const struct {
    std::string path;
    std::string data;
  } rows[] = {
      {members, Member(kim_)},
      {members + "/profile", Profile(kim_, 2, 1)},
      {members + "/profile/@LEE", Profile(lee_, 1, 1)},
      {members + "/profile/@@%6Cee", Profile(lee_, 1, 1)},
      {fmt::format("{}/profile/{}", members, ann_.id), Profile(ann_, 0, 1)},
      {fmt::format("{}/{}/profile", members, ann_.id), Profile(ann_, 0, 1)},
      {members + "/summary", Summary(kim_)},
      {fmt::format("{}/{}/summary", members, lee_.id), Summary(lee_)},
      {fmt::format("{}/{}", members, lee_.id), Member(lee_)},
      {members + "/followers-followings", both},
      {members + "/followers/more", followers},
      // The first page that this endpoint is asked for is the second.
      {members + "/followings/more", Scroll("", 1)},
      {fmt::format("{}/{}/followers-followings", members, kim_.id), both},
      {fmt::format("{}/{}/followers/more", members, kim_.id), followers},
      {fmt::format("{}/{}/followings/more", members, kim_.id), followings},
      {members + "/query/followings", "[" + Summary(lee_) + "]"},
      {members + "/follow/recommend/newbie", Page(Summary(ann_), 1)},
      {members + "/follow/recommend/newbie/more", Scroll("", 1)},
  };
  for (const auto& row : rows) {
    for (const char* slash : {"", "/"}) {
      const std::string target = row.path + slash;
      SCOPED_TRACE(target);
      ExpectData(Get(target, kim_), 200, row.data);
      ExpectError(Send("GET", target), 401, "BEARER_TOKEN_MISSING");
      const HttpReply head = Send("HEAD", target, As(kim_));
      EXPECT_EQ(head.status, 200);
      EXPECT_EQ(head.body, "");
    }
  }
  ExpectData(Get(members + "/followings/more?page=0", kim_), 200, followings);
  ExpectData(Get(members + "/follow/recommend/newbie/more?page=0", kim_), 200,
             Scroll(Summary(ann_)));
}

TEST_F(MemberRowsTest, AnswersOfWrites) {
  for (const char* slash : {"", "/"}) {
    const HttpReply updated = Put(std::string(kProfile) + slash, R"({"bio":"new"})", kim_);
    EXPECT_EQ(updated.status, 200);
    EXPECT_EQ(updated.body, Get(kProfile, kim_).body);
    EXPECT_EQ(Data(updated).as_object().at("bio"), "new");
    const std::string handle = *slash == 0 ? "kim_2" : "kim_3";
    ExpectData(Put(std::string(kHandle) + slash, HandleBody(handle), kim_), 200,
               '"' + handle + '"');
    for (const auto& [method, status] : {std::pair{"POST", 201}, {"DELETE", 204}}) {
      const std::string target = FollowPath(ann_.id) + slash;
      ExpectError(Send(method, target), 401, "BEARER_TOKEN_MISSING");
      ExpectData(Send(method, target, As(lee_)), status, "true");
    }
  }
}

TEST_F(MemberRowsTest, ErrorsOfReads) {
  std::vector<ErrorRow> rows;
  const std::string members = "/api/members";
  for (const uint64_t id : {kUnknown, gone_.id}) {
    for (const char* path :
         {"/{}", "/profile/{}", "/{}/profile", "/{}/summary", "/{}/followers-followings",
          "/{}/followers/more", "/{}/followings/more"}) {
      rows.push_back({"GET", members + fmt::format(fmt::runtime(path), id), "", &kim_, 404,
                      "MEMBER_NOT_FOUND"});
    }
  }
  for (const char* handle : {"gone", "nobody", "withdrawn-member", "%20", "@"}) {
    rows.push_back({"GET", fmt::format("{}/profile/@{}", members, handle), "", &kim_, 404,
                    "MEMBER_NOT_FOUND"});
  }
  for (const char* id : {"0", "-1", "x", "1.5"}) {
    for (const char* path : {"/{}/summary", "/{}", "/profile/{}", "/{}/followers/more"}) {
      rows.push_back({"GET", members + fmt::format(fmt::runtime(path), id), "", &kim_, 400,
                      "INVALID_REQUEST"});
    }
  }
  for (const char* path :
       {"/followers/more", "/followings/more", "/follow/recommend/newbie/more"}) {
    rows.push_back({"GET", members + path + "?cursor=x", "", &kim_, 400, "INVALID_CURSOR"});
  }
  ExpectErrors(rows);
}

// Oneself, nobody, followed already, too many: in this order.
TEST_F(MemberRowsTest, ErrorsOfFollowing) {
  const Person choi = Join("choi");
  Follow(kim_, ann_);  // the second of two
  ExpectErrors({
      {"POST", FollowPath(kim_.id), "", &kim_, 400, "FOLLOW_SELF_NOT_ALLOWED"},
      {"POST", FollowPath(kUnknown), "", &kim_, 404, "MEMBER_NOT_FOUND"},
      {"POST", FollowPath(gone_.id), "", &kim_, 404, "MEMBER_NOT_FOUND"},
      {"POST", FollowPath(lee_.id), "", &kim_, 409, "FOLLOW_RELATIONSHIP_ALREADY_EXISTS"},
      {"POST", FollowPath(choi.id), "", &kim_, 400, "FOLLOW_LIMIT_EXCEEDS"},
      {"POST", FollowPath(choi.id) + "/", "", &kim_, 400, "FOLLOW_LIMIT_EXCEEDS"},
      {"POST", "/api/members/follow/x", "", &kim_, 400, "INVALID_REQUEST"},
      {"POST", "/api/members/follow/0", "", &kim_, 400, "INVALID_REQUEST"},
      {"DELETE", FollowPath(kUnknown), "", &kim_, 404, "MEMBER_NOT_FOUND"},
      {"DELETE", FollowPath(gone_.id), "", &kim_, 404, "MEMBER_NOT_FOUND"},
      {"DELETE", FollowPath(choi.id), "", &kim_, 404, "FOLLOW_RELATIONSHIP_NOT_FOUND"},
      {"DELETE", FollowPath(kim_.id), "", &kim_, 404, "FOLLOW_RELATIONSHIP_NOT_FOUND"},
      {"DELETE", "/api/members/follow/x", "", &kim_, 400, "INVALID_REQUEST"},
      {"GET", FollowPath(lee_.id), "", &kim_, 405, "METHOD_NOT_ALLOWED"},
  });
  ExpectError(Post(FollowPath(kim_.id), "", kim_), 400, "FOLLOW_SELF_NOT_ALLOWED",
              "자기 자신은 팔로우할 수 없습니다.");
  // Whoever withdraws is no following any more: there is room, and no way back.
  Withdraw(ann_);
  ExpectErrors({
      {"POST", FollowPath(ann_.id), "", &kim_, 404, "MEMBER_NOT_FOUND"},
      {"DELETE", FollowPath(ann_.id), "", &kim_, 404, "MEMBER_NOT_FOUND"},
  });
  ExpectData(Post(FollowPath(choi.id), "", kim_), 201, "true");
  // Unfollowing makes room, too.
  ExpectData(Delete(FollowPath(lee_.id), kim_), 204, "true");
  ExpectData(Post(FollowPath(lee_.id), "", kim_), 201, "true");
}

// The longest text that each field of PUT /profile takes, and one unit beyond.
TEST_F(MemberRowsTest, BoundariesOfAProfile) {
  const std::string pair = "😀";  // two units
  const auto pairs = [&](size_t n) {
    std::string text;
    for (size_t i = 0; i < n; ++i) text += pair;
    return text;
  };
  const auto url = [](size_t units) { return "https://x/" + std::string(units - 10, 'u'); };
  const struct {
    const char* field;
    std::vector<std::string> accepted;
    std::vector<std::string> refused;
  } rows[] = {
      {"memberName", {"x", pairs(50)}, {"", " ", pairs(50) + "x"}},
      {"displayName", {pairs(50), ""}, {pairs(50) + "x"}},
      {"bio", {pairs(500), ""}, {pairs(500) + "x"}},
      {"location", {std::string(100, 'x'), ""}, {std::string(101, 'x')}},
      {"websiteUrl", {url(500), "http://x", ""}, {url(501), "ftp://x", "/relative", "x"}},
      {"avatarUrl",
       {std::string(500, 'x'), "/api/proxy/images/view/1", ""},
       {std::string(501, 'x')}},
      {"birthDate", {"2025-10-14", ""}, {"2025-10-15", "2025-10-16", "x", "2025-02-29"}},
      {"gender", {"MALE", "FEMALE", "OTHER", "PREFER_NOT_TO_SAY"}, {"male", ""}},
      {"countryCode", {"KR", "US", "JP", "CN", "GB", "DE", "FR", "CA", "AU", "IN"}, {"XX", "kr"}},
      {"privacyLevel", {"PUBLIC", "FRIENDS", "PRIVATE"}, {"SECRET", "public"}},
      {"languageCode", {"x", std::string(10, 'x')}, {std::string(11, 'x')}},
  };
  for (const auto& row : rows) {
    for (const bool accepted : {false, true}) {
      for (const std::string& value : accepted ? row.accepted : row.refused) {
        SCOPED_TRACE(fmt::format("{} {} units: {}", row.field, value.size(), value.substr(0, 40)));
        const boost::json::object body = {{row.field, value}};
        const Position head = feed_->log().Head();
        const HttpReply reply = Put(kProfile, boost::json::serialize(body), kim_);
        if (accepted) {
          EXPECT_EQ(reply.status, 200) << reply.body;
        } else {
          ExpectError(reply, 400, "INVALID_REQUEST");
          ExpectUnchanged(head);
        }
      }
    }
  }
  for (const char* body :
       {R"({"previousAvatarUrl":null})", R"({"previousAvatarUrl":[]})",
        R"({"previousAvatarUrl":["no-image","x"]})", R"({"memberName":null,"gender":null})"}) {
    EXPECT_EQ(Put(kProfile, body, kim_).status, 200) << body;
  }
}

TEST_F(MemberRowsTest, AProfileUpdateThatBreaksARuleChangesNothing) {
  const auto quoted = [](size_t n) { return '"' + std::string(n, 'x') + '"'; };
  const std::string url = "\"http://x/" + std::string(492, 'x') + '"';
  const struct {
    const char* field;
    std::string value;
    const char* message;
  } rows[] = {
      {"memberName", R"("")", "이름은 비워 둘 수 없습니다"},
      {"memberName", R"(" \t")", "이름은 비워 둘 수 없습니다"},
      {"memberName", quoted(101), "이름은 100자를 넘을 수 없습니다"},
      {"memberName", "7", "이름은 올바른 형식이어야 합니다"},
      {"displayName", quoted(101), "표시 이름은 100자를 넘을 수 없습니다"},
      {"bio", quoted(1001), "자기소개는 1000자를 넘을 수 없습니다"},
      {"location", quoted(101), "위치는 100자를 넘을 수 없습니다"},
      {"websiteUrl", url, "웹사이트 주소는 500자를 넘을 수 없습니다"},
      {"websiteUrl", R"("x.example")", "웹사이트 주소는 올바른 형식이어야 합니다"},
      {"avatarUrl", quoted(501), "프로필 이미지 주소는 500자를 넘을 수 없습니다"},
      {"previousAvatarUrl", R"("x")", ""},
      {"previousAvatarUrl", "[1]", ""},
      {"birthDate", R"("2025-10-15")", "생년월일은 오늘보다 이전이어야 합니다"},
      {"birthDate", R"("1990-13-01")", "생년월일은 올바른 형식이어야 합니다"},
      {"gender", R"("female")", "성별은 허용된 값이어야 합니다"},
      {"gender", R"("")", "성별은 비워 둘 수 없습니다"},
      {"countryCode", R"("XX")", "국가 코드는 허용된 값이어야 합니다"},
      {"privacyLevel", R"("SECRET")", "공개 범위는 허용된 값이어야 합니다"},
      {"languageCode", quoted(11), "언어 코드는 10자를 넘을 수 없습니다"},
  };
  const HttpReply before = Get(kProfile, kim_);
  const Position head = feed_->log().Head();
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.field) + " " + row.value.substr(0, 40));
    ExpectError(
        Put(kProfile, fmt::format(R"({{"bio":"changed","{}":{}}})", row.field, row.value), kim_),
        400, "INVALID_REQUEST", row.message);
  }
  for (const char* body : {"", "[]", "{", "null"}) {
    ExpectError(Put(kProfile, body, kim_), 400, "INVALID_REQUEST");
  }
  ExpectError(Put(kProfile, R"({"gender":"x","memberName":"","displayName":3})", kim_), 400,
              "INVALID_REQUEST",
              "이름은 비워 둘 수 없습니다, 표시 이름은 올바른 형식이어야 합니다, 성별은 허용된 "
              "값이어야 합니다");
  ExpectUnchanged(head);
  EXPECT_EQ(Get(kProfile, kim_).body, before.body);
}

// --- PUT /profile/handle and POST /query/in ------------------------------------

TEST_F(MemberRowsTest, HandlesThatAreRefused) {
  const struct {
    std::string body;
    const char* code;
    const char* message;
  } rows[] = {
      {"{}", "INVALID_REQUEST", "새 핸들은 비워 둘 수 없습니다"},
      {R"({"newHandle":null})", "INVALID_REQUEST", "새 핸들은 비워 둘 수 없습니다"},
      {HandleBody("ab"), "INVALID_REQUEST", "새 핸들은 3자 이상 50자 이하여야 합니다"},
      {HandleBody(std::string(51, 'a')), "INVALID_REQUEST",
       "새 핸들은 3자 이상 50자 이하여야 합니다"},
      {HandleBody("withdrawn-member"), "INVALID_REQUEST", "새 핸들은 올바른 형식이어야 합니다"},
      {R"({"newHandle":7})", "INVALID_REQUEST", "새 핸들은 올바른 형식이어야 합니다"},
      {"x", "INVALID_REQUEST", ""},
      {HandleBody("lee"), "MEMBER_HANDLE_ALREADY_EXISTS", ""},
      {HandleBody("LEE"), "MEMBER_HANDLE_ALREADY_EXISTS", ""},
      {HandleBody("kim"), "MEMBER_HANDLE_ALREADY_EXISTS", ""},
  };
  const Position head = feed_->log().Head();
  for (const auto& row : rows) {
    SCOPED_TRACE(row.body);
    ExpectError(Put(kHandle, row.body, kim_), 400, row.code, row.message);
  }
  ExpectUnchanged(head);
}

// The longest and the shortest handle; one's own in another case.
TEST_F(MemberRowsTest, HandlesThatAreTaken) {
  for (const std::string& handle : {std::string("abc"), std::string(50, 'a'), std::string("A_1"),
                                    std::string("a_1"), std::string("A_1")}) {
    ExpectData(Put(kHandle, HandleBody(handle), kim_), 200, '"' + handle + '"');
  }
  // That of somebody who withdrew is free.
  ExpectData(Put(kHandle, HandleBody("gone"), kim_), 200, R"("gone")");
}

TEST_F(MemberRowsTest, MembersByTheirIds) {
  const auto in = [&](const std::string& body) { return Post(kQueryIn, body, kim_); };
  EXPECT_EQ(IdsOfArray(in(R"({"ids":[3,1,2]})")), (Ids{3, 1, 2}));
  EXPECT_EQ(IdsOfArray(in(R"({"ids":["3",3,99,1,"1",0,-4,9007199254740993]})")), (Ids{3, 1}));
  for (const char* body : {"{}", R"({"ids":null})", R"({"ids":[]})"}) {
    ExpectData(in(body), 200, "[]");
  }
  for (const char* body :
       {"", R"({"ids":7})", R"({"ids":["x"]})", R"({"ids":[1.5]})", R"({"ids":[null]})"}) {
    ExpectError(in(body), 400, "INVALID_REQUEST");
  }
  const HttpReply summary = Get("/api/members/2/summary", kim_);
  EXPECT_EQ(boost::json::serialize(Data(in(R"({"ids":[2]})")).as_array()[0]),
            boost::json::serialize(Data(summary)));
  std::string ids = "1";
  for (int i = 0; i < 999; ++i) ids += ",1";
  EXPECT_EQ(IdsOfArray(in("{\"ids\":[" + ids + "]}")), Ids{1});
  ExpectError(in("{\"ids\":[" + ids + ",1]}"), 400, "MEMBER_IDS_LIMIT_EXCEEDS");
  EXPECT_EQ(Send("DELETE", kDeactivate, As(ann_)).status, 200);
  EXPECT_EQ(IdsOfArray(in(R"({"ids":[3,1]})")), Ids{1});
}

}  // namespace
}  // namespace dailyfeed::http
