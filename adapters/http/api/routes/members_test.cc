// Sections 6.2, 6.3 and 7.1 of the HTTP contract: profiles, handles,
// withdrawal, members by their ids, whom one might follow.
#include <algorithm>
#include <thread>

#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

constexpr char kProfile[] = "/api/members/profile";
constexpr char kHandle[] = "/api/members/profile/handle";
constexpr char kDeactivate[] = "/api/authentication/deactivate";
constexpr char kNewbie[] = "/api/members/follow/recommend/newbie";
constexpr char kNewbieMore[] = "/api/members/follow/recommend/newbie/more";
constexpr char kDeletedCookie[] =
    "refresh_token=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict";

class MembersTest : public ApiTest {
 protected:
  std::string Text(const HttpReply& reply, std::string_view field) {
    const boost::json::value data = Data(reply);
    if (!data.is_object() || !data.get_object().contains(field)) return "absent";
    const boost::json::value& value = data.get_object().at(field);
    return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
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
  static std::string HandleBody(std::string_view handle) {
    return fmt::format(R"({{"newHandle":"{}"}})", handle);
  }
  using Ids = std::vector<uint64_t>;
};

// --- PUT /profile --------------------------------------------------------------

TEST_F(MembersTest, AProfileUpdateShowsAtOnceOnEveryEndpoint) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  const PostId post = Publish(kim, "hi");
  clock_.Advance(absl::Minutes(1));
  // As the browser sends it: JSON under text/plain.
  const HttpReply reply =
      Send("PUT", kProfile, As(kim, {{"Content-Type", "text/plain;charset=UTF-8"}}),
           R"({"memberName":"김","displayName":"새 이름","bio":"b","location":"서울",)"
           R"("websiteUrl":"https://x.example/","birthDate":"1990-01-02","gender":"FEMALE",)"
           R"("countryCode":"US","languageCode":"ko","privacyLevel":"PRIVATE",)"
           R"("avatarUrl":"/api/proxy/images/view/3b241101-e2bb-4255-8caf-4136c566a962"})");
  ExpectData(reply, 200,
             R"({"id":1,"memberId":1,"memberName":"김","handle":"kim","displayName":"새 이름",)"
             R"("bio":"b","location":"서울","websiteUrl":"https://x.example/",)"
             R"("birthDate":"1990-01-02","gender":"FEMALE","timezone":"UTC","languageCode":"ko",)"
             R"("countryCode":"US","verificationStatus":"NONE","privacyLevel":"PRIVATE",)"
             R"("profileCompletionScore":0,"isActive":true,)"
             R"("avatarUrl":"/api/proxy/images/view/3b241101-e2bb-4255-8caf-4136c566a962",)"
             R"("coverUrl":"https://cdn-icons-png.flaticon.com/512/10302/10302971.png",)"
             R"("createdAt":"2025-10-15T12:34:56","updatedAt":"2025-10-15T12:35:56",)"
             R"("followersCount":0,"followingsCount":0,"followingCount":0})");
  EXPECT_EQ(Get("/api/members/profile/@kim", lee).body, reply.body);
  EXPECT_EQ(Get("/api/members/1/profile", lee).body, reply.body);
  EXPECT_EQ(Text(Get("/api/members/1", lee), "name"), "김");
  EXPECT_EQ(Text(Get("/api/members/1/summary", lee), "displayName"), "새 이름");
  EXPECT_EQ(Text(Get("/api/members/1/summary", lee), "updatedAt"), "2025-10-15T12:35:56");
  const HttpReply shown = Get(fmt::format("/api/timeline/posts/{}", post), lee);
  EXPECT_EQ(Text(shown, "authorName"), "새 이름");
  EXPECT_EQ(Text(shown, "authorAvatarUrl"),
            "/api/proxy/images/view/3b241101-e2bb-4255-8caf-4136c566a962");
  EXPECT_EQ(Text(shown, "updatedAt"), "2025-10-15 12:34:56");  // the post was not edited
  Restart();
  EXPECT_EQ(Get(kProfile, kim).body, reply.body);
}

TEST_F(MembersTest, WhatIsAbsentOrNullStaysAndAnEmptyTextClears) {
  const Person kim = Join("kim");
  ASSERT_EQ(Put(kProfile,
                R"({"displayName":"d","bio":"b","location":"l","websiteUrl":"http://x",)"
                R"("birthDate":"1990-01-02","avatarUrl":"a"})",
                kim)
                .status,
            200);
  const struct {
    const char* body;
    const char* field;
    const char* shown;
  } rows[] = {
      {R"({"displayName":null})", "displayName", "d"},
      {R"({"unknown":1})", "displayName", "d"},
      {"{}", "bio", "b"},
      {R"({"birthDate":""})", "birthDate", "1990-01-02"},
      {R"({"avatarUrl":null})", "avatarUrl", "a"},
      {R"({"memberName":null})", "memberName", "Member kim"},
      {R"({"displayName":""})", "displayName", "null"},
      {R"({"bio":""})", "bio", "null"},
      {R"({"location":""})", "location", "null"},
      {R"({"websiteUrl":""})", "websiteUrl", "null"},
      {R"({"avatarUrl":""})", "avatarUrl", "no-image"},
      {R"({"avatarUrl":"b"})", "avatarUrl", "b"},
      {R"({"avatarUrl":"  "})", "avatarUrl", "no-image"},
      {R"({"previousAvatarUrl":null})", "gender", "OTHER"},
      {R"({"previousAvatarUrl":["x","/api/images/view/none",""]})", "gender", "OTHER"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.body);
    const HttpReply reply = Put(kProfile, row.body, kim);
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(Text(reply, row.field), row.shown);
    EXPECT_EQ(Text(Get(kProfile, kim), row.field), row.shown);
  }
}

// --- PUT /profile/handle ---------------------------------------------------------

TEST_F(MembersTest, ANewHandleTakesEffectEverywhereAndTheOldOneIsFree) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  const PostId post = Publish(kim, "hi");
  clock_.Advance(absl::Minutes(1));
  const HttpReply reply = Put(kHandle, HandleBody("Kim_2"), kim);
  ExpectData(reply, 200, R"("Kim_2")");
  EXPECT_EQ(Text(Get("/api/members/profile/@kim_2", lee), "handle"), "Kim_2");
  EXPECT_EQ(Text(Get(kProfile, kim), "updatedAt"), "2025-10-15T12:35:56");
  ExpectError(Get("/api/members/profile/@kim", lee), 404, "MEMBER_NOT_FOUND");
  EXPECT_EQ(Text(Get(fmt::format("/api/timeline/posts/{}", post), lee), "authorHandle"), "Kim_2");
  EXPECT_EQ(Put(kHandle, HandleBody("KIM"), lee).status, 200);
  EXPECT_EQ(Text(Get("/api/members/profile/@kim", kim), "id"), std::to_string(lee.id));
}

TEST_F(MembersTest, OfSimultaneousChangesToOneHandleOneSucceeds) {
  std::vector<Person> people;
  for (int i = 0; i < 6; ++i) people.push_back(Join(fmt::format("kim{}", i)));
  std::vector<int> statuses(people.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < people.size(); ++i) {
    threads.emplace_back([&, i] {
      HttpClient client(server_->port());
      const auto reply = client.Request("PUT", kHandle, As(people[i]), HandleBody("wanted"));
      statuses[i] = reply.ok() ? reply->status : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 200), 1);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 400), 5);
}

// --- Deactivation ------------------------------------------------------------------

TEST_F(MembersTest, AWithdrawnMemberIsGoneAndWhatTheyWroteStays) {
  const Person kim = Join("kim");
  const Person phone = LogIn("kim");
  const Person lee = Join("lee");
  Follow(kim, lee);
  Follow(lee, kim);
  const PostId post = Publish(kim, "mine");
  const PostId other = Publish(lee, "hers");
  const CommentId comment = AddComment(kim, other, "said");
  EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", other), "", kim).status, 200);

  const HttpReply reply = Send("DELETE", kDeactivate, As(kim));
  ExpectData(reply, 204, "true");
  EXPECT_EQ(reply.HeaderValues("Set-Cookie"), std::vector<std::string>{kDeletedCookie});

  for (const Person& person : {kim, phone}) {
    const HttpReply dead = Get("/api/members", person);
    ExpectError(dead, 401, "INVALID_TOKEN");
    EXPECT_EQ(dead.HeaderValues("X-Relogin-Required"), std::vector<std::string>{"true"});
    ExpectError(
        Send("POST", "/api/token/refresh", {{"Cookie", "refresh_token=" + person.refresh_token}}),
        401, "INVALID_TOKEN");
  }
  ExpectError(Send("POST", "/api/authentication/login", {}, LoginBody("kim")), 403,
              "MEMBER_PASSWORD_INVALID");
  for (const std::string& path :
       {std::string("/api/members/1"), std::string("/api/members/1/summary"),
        std::string("/api/members/1/profile"), std::string("/api/members/profile/@kim"),
        std::string("/api/members/1/followers/more")}) {
    ExpectError(Get(path, lee), 404, "MEMBER_NOT_FOUND");
  }
  ExpectError(Post("/api/members/follow/1", "", lee), 404, "MEMBER_NOT_FOUND");
  // Both directions of the relations, and their counts.
  EXPECT_EQ(Text(Get(kProfile, lee), "followersCount"), "0");
  EXPECT_EQ(Text(Get(kProfile, lee), "followingsCount"), "0");
  EXPECT_EQ(ApiTest::Ids(Get("/api/members/followers/more", lee)), Ids{});
  EXPECT_EQ(IdsOfArray(Get("/api/members/query/followings", lee)), Ids{});
  // What they wrote stays, counts, and shows the placeholder.
  const HttpReply shown = Get(fmt::format("/api/timeline/posts/{}", post), lee);
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(Text(shown, "authorId"), "null");
  EXPECT_EQ(Text(shown, "authorName"), "(탈퇴한 회원)");
  EXPECT_EQ(Text(shown, "authorHandle"), "withdrawn-member");
  EXPECT_EQ(Text(shown, "authorAvatarUrl"), "no-image");
  EXPECT_EQ(Text(Get(fmt::format("/api/timeline/comments/{}", comment), lee), "authorName"),
            "(탈퇴한 회원)");
  EXPECT_EQ(Text(Get(fmt::format("/api/timeline/posts/{}", other), lee), "likeCount"), "1");
  EXPECT_EQ(Text(Get(fmt::format("/api/timeline/posts/{}", other), lee), "commentCount"), "1");
  EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", post), "", lee).status, 200);
  AddComment(lee, post, "still here");
  // E-mail and handle are free for somebody who is somebody else.
  const Person again = Join("kim");
  EXPECT_NE(again.id, kim.id);
  EXPECT_EQ(Text(Get(fmt::format("/api/timeline/posts/{}", post), again), "authorId"), "null");
}

TEST_F(MembersTest, ALoginNeverSlipsPastAWithdrawal) {
  api_options_.password_threads = 4;
  api_options_.failed_logins_max = 0;
  Restart();
  const Person first = Join("kim");
  std::vector<std::string> tokens(3);
  std::vector<std::thread> threads;
  std::atomic<bool> withdrawn = false;
  for (std::string& token : tokens) {
    threads.emplace_back([&] {
      HttpClient client(server_->port());
      while (!withdrawn) {
        const auto reply =
            client.Request("POST", "/api/authentication/login", {}, LoginBody("kim"));
        if (reply.ok() && reply->status == 200) token = std::string(reply->Header("Authorization"));
      }
    });
  }
  EXPECT_EQ(Send("DELETE", kDeactivate, As(first)).status, 200);
  withdrawn = true;
  for (std::thread& thread : threads) thread.join();
  for (const std::string& token : tokens) {
    if (token.empty()) continue;
    ExpectError(Send("GET", "/api/members", {{"Authorization", token}}), 401, "INVALID_TOKEN");
  }
}

// One of them withdraws the member; the others come with a token of a withdrawn
// member, however far the check of it had come.
TEST_F(MembersTest, OfSimultaneousWithdrawalsOneSucceedsAndTheOthersAreLoggedOut) {
  for (int round = 0; round < 4; ++round) {
    const Person kim = Join(fmt::format("kim{}", round));
    std::vector<HttpReply> replies(6);
    std::vector<std::thread> threads;
    for (HttpReply& reply : replies) {
      threads.emplace_back([&] {
        HttpClient client(server_->port());
        absl::StatusOr<HttpReply> answer = client.Request("DELETE", kDeactivate, As(kim));
        if (answer.ok()) reply = *std::move(answer);
      });
    }
    for (std::thread& thread : threads) thread.join();
    int withdrawn = 0;
    for (const HttpReply& reply : replies) {
      if (reply.status == 200) {
        ++withdrawn;
        continue;
      }
      ExpectError(reply, 401, "INVALID_TOKEN");
      EXPECT_EQ(reply.HeaderValues("X-Relogin-Required"), std::vector<std::string>{"true"});
    }
    EXPECT_EQ(withdrawn, 1);
  }
}

// The same for a command of any other kind, and for a question about oneself.
TEST_F(MembersTest, WhatAMemberDoesWhileWithdrawingIsDoneOrLoggedOut) {
  const Person kim = Join("kim");
  const std::pair<const char*, const char*> requests[] = {
      {"POST", "/api/posts"}, {"PUT", kProfile}, {"GET", kProfile}, {"GET", "/api/members"}};
  std::vector<std::vector<HttpReply>> replies(std::size(requests));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < replies.size(); ++i) {
    threads.emplace_back([&, i] {
      HttpClient client(server_->port());
      do {
        const auto reply = client.Request(requests[i].first, requests[i].second, As(kim),
                                          R"({"content":"x","bio":"y"})");
        ASSERT_TRUE(reply.ok());
        replies[i].push_back(*reply);
      } while (replies[i].back().status == 200);
    });
  }
  EXPECT_EQ(Send("DELETE", kDeactivate, As(kim)).status, 200);
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<HttpReply>& of_request : replies) {
    ExpectError(of_request.back(), 401, "INVALID_TOKEN");
    EXPECT_EQ(of_request.back().HeaderValues("X-Relogin-Required"),
              std::vector<std::string>{"true"});
  }
}

// --- Many members at once ------------------------------------------------------------

TEST_F(MembersTest, EveryoneTheCallerFollows) {
  const Person kim = Join("kim");
  ExpectData(Get("/api/members/query/followings", kim), 200, "[]");
  std::vector<uint64_t> expected;
  for (int i = 0; i < 15; ++i) {
    const Person other = Join(fmt::format("p{:02}", i));
    clock_.Advance(absl::Seconds(1));
    Follow(kim, other);
    expected.insert(expected.begin(), other.id);
  }
  EXPECT_EQ(IdsOfArray(Get("/api/members/query/followings", kim)), expected);
}

TEST_F(MembersTest, RecommendedAreTheNewestWhomTheCallerDoesNotFollow) {
  std::vector<Person> people;
  for (int i = 0; i < 8; ++i) {
    people.push_back(Join(fmt::format("p{:02}", i)));
    clock_.Advance(absl::Seconds(1));
  }
  const Person& kim = people[3];  // id 4
  const auto ids = [&](const char* query) {
    return ApiTest::Ids(Get(std::string(kNewbie) + query, kim));
  };
  EXPECT_EQ(ids(""), (Ids{8, 7, 6, 5, 3, 2, 1}));
  Follow(kim, people[6]);
  EXPECT_EQ(Send("DELETE", kDeactivate, As(people[4])).status, 200);
  EXPECT_EQ(ids(""), (Ids{8, 6, 3, 2, 1}));
  EXPECT_EQ(ids("?page=1&size=2"), (Ids{3, 2}));
  const HttpReply page = Get(std::string(kNewbie) + "?page=1&size=2", kim);
  boost::json::object data = Data(page).as_object();
  data.erase("content");
  EXPECT_EQ(boost::json::serialize(data).find("\"totalElements\":5") != std::string::npos, true);
  EXPECT_EQ(data.at("totalPages").to_number<int>(), 3);
  EXPECT_EQ(data.at("first"), false);
  EXPECT_EQ(data.at("last"), false);
  EXPECT_EQ(data.at("hasNext"), true);
  EXPECT_EQ(data.at("hasPrevious"), true);
  ExpectData(Get(std::string(kNewbie) + "?page=9", kim), 200,
             R"({"content":[],"page":9,"size":10,"totalElements":5,"totalPages":1,)"
             R"("first":false,"last":true,"hasNext":false,"hasPrevious":true})");
  // The scrolling one begins with the second page, and goes on by cursor.
  EXPECT_EQ(ApiTest::Ids(Get(std::string(kNewbieMore) + "", kim)), Ids{});
  EXPECT_EQ(ApiTest::Ids(Get(std::string(kNewbieMore) + "?size=2", kim)), (Ids{3, 2}));
  const HttpReply first = Get(std::string(kNewbieMore) + "?page=0&size=3", kim);
  EXPECT_EQ(ApiTest::Ids(first), (Ids{8, 6, 3}));
  EXPECT_EQ(
      ApiTest::Ids(Get(std::string(kNewbieMore) + "?size=3&cursor=" + NextCursor(first), kim)),
      (Ids{2, 1}));
}

}  // namespace
}  // namespace dailyfeed::http
