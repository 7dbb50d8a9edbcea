// /api/search without words, over a socket: counts of many, and all comments of a
// post. Section 6.6 of the HTTP contract row by row.
#include "adapters/http/testing/api_rows_test_util.h"

namespace dailyfeed::http {
namespace {

class SearchTest : public ContractRowsTest {
 protected:
  struct CountQuery {
    const char* path;
    const char* ids;    // of the body
    const char* id;     // of a row
    const char* count;  // of a row
  };
  static constexpr CountQuery kPostLikes = {"/api/search/posts/like/query/count/in", "postPks",
                                            "postPk", "likeCount"};
  static constexpr CountQuery kPostComments = {"/api/search/posts/comments/query/count/in",
                                               "postPks", "postPk", "commentCount"};
  static constexpr CountQuery kCommentLikes = {"/api/search/comments/like/query/count/in",
                                               "commentIds", "commentPk", "likeCount"};
  static constexpr CountQuery kFollowers = {"/api/search/follow/following/query/count/in",
                                            "toMemberIds", "toMemberId", "followingCount"};
  static constexpr CountQuery kCountQueries[] = {kPostLikes, kPostComments, kCommentLikes,
                                                 kFollowers};

  static std::string Body(const CountQuery& query, std::string_view ids) {
    return fmt::format(R"({{"{}":{}}})", query.ids, ids);
  }
  HttpReply Counts(const CountQuery& query, std::string_view ids, const Person& person) {
    return Post(query.path, Body(query, ids), person);
  }
  void ExpectCounts(const CountQuery& query, const std::vector<uint64_t>& ids,
                    const std::vector<std::pair<uint64_t, uint64_t>>& counts,
                    const Person& person) {
    SCOPED_TRACE(query.path);
    const Position head = feed_->log().Head();
    std::string rows;
    for (const auto& [id, count] : counts) {
      if (!rows.empty()) rows += ',';
      rows += fmt::format(R"({{"{}":{},"{}":{}}})", query.id, id, query.count, count);
    }
    ExpectData(Counts(query, fmt::format("[{}]", fmt::join(ids, ",")), person), 200,
               fmt::format("[{}]", rows));
    ExpectUnchanged(head);
  }

  void Like(const char* what, uint64_t id, const Person& person) {
    EXPECT_EQ(Post(fmt::format("/api/{}/{}/like", what, id), "", person).status, 200);
  }
  HttpReply Thread(PostId post, const Person& person, std::string_view query = {}) {
    return Get(fmt::format("/api/search/comments/posts/{}{}", post, query), person);
  }
  static std::vector<uint64_t> Pks(const HttpReply& reply) {
    std::vector<uint64_t> ids;
    const boost::json::value data = Data(reply);
    for (const boost::json::value& row : data.at("content").as_array()) {
      ids.push_back(row.at("pk").to_number<uint64_t>());
    }
    return ids;
  }
};

TEST_F(SearchTest, FollowersOfMany) {
  const Person kim = Join("kim"), lee = Join("lee"), choi = Join("choi"), gone = Join("gone");
  Follow(lee, kim);
  Follow(choi, kim);
  Follow(gone, kim);
  Follow(kim, choi);
  Follow(kim, gone);
  const std::vector<uint64_t> ids = {choi.id, kim.id, lee.id, gone.id};
  ExpectCounts(kFollowers, ids, {{choi.id, 1}, {kim.id, 3}, {gone.id, 1}}, lee);
  EXPECT_EQ(Delete("/api/authentication/deactivate", gone).status, 200);
  ExpectCounts(kFollowers, ids, {{choi.id, 1}, {kim.id, 2}}, lee);
}

TEST_F(SearchTest, LikesAndCommentsOfManyPosts) {
  const Person kim = Join("kim"), lee = Join("lee"), gone = Join("gone");
  const PostId quiet = Publish(kim, "quiet"), loud = Publish(kim, "loud"), dead = Publish(kim, "x");
  for (const Person* person : {&kim, &lee, &gone}) Like("posts", loud, *person);
  Like("posts", dead, lee);
  const CommentId top = AddComment(lee, loud, "top");
  const CommentId reply = AddReply(kim, loud, top, "reply");
  AddReply(gone, loud, reply, "deep");
  AddComment(lee, loud, "another");
  AddComment(lee, dead, "on a post that goes");
  const std::vector<uint64_t> ids = {dead, quiet, loud, loud, kUnknown, loud};
  ExpectCounts(kPostLikes, ids, {{dead, 1}, {loud, 3}}, lee);
  ExpectCounts(kPostComments, ids, {{dead, 1}, {loud, 4}}, lee);
  Withdraw(gone);
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", dead), kim).status, 200);
  ExpectCounts(kPostLikes, ids, {{loud, 3}}, lee);
  EXPECT_EQ(Delete(fmt::format("/api/comments/{}", reply), kim).status, 200);
  ExpectCounts(kPostComments, ids, {{loud, 2}}, lee);
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}/like", loud), kim).status, 200);
  ExpectCounts(kPostLikes, {loud, quiet}, {{loud, 2}}, kim);
}

TEST_F(SearchTest, LikesOfManyComments) {
  const Person kim = Join("kim"), lee = Join("lee");
  const PostId post = Publish(kim, "post");
  const CommentId top = AddComment(lee, post, "top"), quiet = AddComment(lee, post, "quiet");
  const CommentId reply = AddReply(lee, post, top, "reply");
  Like("comments", top, kim);
  Like("comments", reply, kim);
  Like("comments", reply, lee);
  const std::vector<uint64_t> ids = {reply, quiet, top, kUnknown, reply};
  ExpectCounts(kCommentLikes, ids, {{reply, 2}, {top, 1}}, kim);
  EXPECT_EQ(Delete(fmt::format("/api/comments/{}/like", top), kim).status, 200);
  ExpectCounts(kCommentLikes, ids, {{reply, 2}}, kim);
  // The reply goes with its parent.
  EXPECT_EQ(Delete(fmt::format("/api/comments/{}", top), lee).status, 200);
  ExpectCounts(kCommentLikes, ids, {}, kim);
}

// Ids as texts, too; what is no id is nobody's.
TEST_F(SearchTest, EachIdIsAnsweredOnce) {
  const Person kim = Join("kim"), lee = Join("lee");
  Follow(lee, kim);
  ExpectData(Counts(kFollowers,
                    fmt::format(R"([{0},"{0}",999999,0,-4,{0},9007199254740993])", kim.id), kim),
             200, fmt::format(R"([{{"toMemberId":{},"followingCount":1}}])", kim.id));
}

TEST_F(SearchTest, NothingAskedForIsNothing) {
  const Person kim = Join("kim");
  for (const CountQuery& query : kCountQueries) {
    for (const std::string& path : {std::string(query.path), std::string(query.path) + "/"}) {
      for (const std::string& body :
           {std::string("{}"), Body(query, "null"), Body(query, "[]"), Body(query, "[77]")}) {
        ExpectData(Post(path, body, kim), 200, "[]");
      }
    }
  }
}

TEST_F(SearchTest, BadRequestsAreRefused) {
  const Person kim = Join("kim");
  std::string thousand = "[1";
  for (int i = 1; i < 1000; ++i) thousand += ",1";
  for (const CountQuery& query : kCountQueries) {
    SCOPED_TRACE(query.path);
    EXPECT_EQ(Counts(query, thousand + "]", kim).status, 200);
    for (const std::string& ids :
         {thousand + ",1]", std::string("1"), std::string("[\"x\"]"), std::string("[1.5]"),
          std::string("[null]"), std::string("{}")}) {
      ExpectError(Counts(query, ids, kim), 400, "INVALID_REQUEST");
    }
    for (const char* body : {"", "[]", "{"}) {
      ExpectError(Post(query.path, body, kim), 400, "INVALID_REQUEST");
    }
    ExpectError(Send("POST", query.path, {}, Body(query, "[1]")), 401, "BEARER_TOKEN_MISSING");
    ExpectError(Get(query.path, kim), 405, "METHOD_NOT_ALLOWED");
  }
}

// Another body under a key that was used is fine: nothing is remembered.
TEST_F(SearchTest, AnIdempotencyKeyMeansNothing) {
  const Person kim = Join("kim");
  for (const CountQuery& query : kCountQueries) {
    for (const char* ids : {"[1]", "[2]", "[1,2]"}) {
      const HttpHeaders headers = As(kim, {{"Idempotency-Key", "same"}});
      EXPECT_EQ(Send("POST", query.path, headers, Body(query, ids)).status, 200);
    }
  }
}

TEST_F(SearchTest, TheThreadOfAPostByteForByte) {
  const Person kim = Join("kim"), gone = Join("gone");
  const PostId post = Publish(kim, "post");
  const CommentId top = AddComment(kim, post, "댓글 \\\"1\\\"");
  clock_.Advance(absl::Seconds(1));
  const CommentId reply = AddReply(gone, post, top, "대댓글");
  const CommentId deepest = AddReply(kim, post, reply, "끝");
  clock_.Advance(absl::Microseconds(876'544));  // to a second without a fraction
  EXPECT_EQ(Put(fmt::format("/api/comments/{}", top), R"({"content":"고침"})", kim).status, 200);
  Withdraw(gone);
  const std::string rows = fmt::format(
      R"({{"pk":{2},"parentPk":{1},"postPk":{3},"content":"끝","author":"kim!","path":"{0}/{1}/{2}",)"
      R"("depth":2,"createdAt":"2025-10-15T12:34:57.123456",)"
      R"("updatedAt":"2025-10-15T12:34:57.123456","replyCount":0,"totalReplies":0}},)"
      R"({{"pk":{1},"parentPk":{0},"postPk":{3},"content":"대댓글","author":"{4}",)"
      R"("path":"{0}/{1}","depth":1,"createdAt":"2025-10-15T12:34:57.123456",)"
      R"("updatedAt":"2025-10-15T12:34:57.123456","replyCount":1,"totalReplies":1}},)"
      R"({{"pk":{0},"parentPk":null,"postPk":{3},"content":"고침","author":"kim!","path":"{0}",)"
      R"("depth":0,"createdAt":"2025-10-15T12:34:56.123456","updatedAt":"2025-10-15T12:34:58",)"
      R"("replyCount":1,"totalReplies":2}})",
      top, reply, deepest, post, "(탈퇴한 회원)");
  ExpectData(Thread(post, kim), 200,
             fmt::format(R"({{"content":[{}],"page":0,"size":10,"totalElements":3,"totalPages":1,)"
                         R"("first":true,"last":true,"hasNext":false,"hasPrevious":false}})",
                         rows));
}

TEST_F(SearchTest, PagesOfAThread) {
  const Person kim = Join("kim"), lee = Join("lee");
  const PostId post = Publish(kim, "post");
  std::vector<uint64_t> newest_first;
  CommentId top = 0;
  for (int i = 0; i < 25; ++i) {
    const CommentId comment =
        i % 5 == 0 ? top = AddComment(lee, post, "top") : AddReply(kim, post, top, "reply");
    newest_first.insert(newest_first.begin(), comment);
  }
  const auto slice = [&](size_t begin, size_t end) {
    return std::vector<uint64_t>(newest_first.begin() + begin, newest_first.begin() + end);
  };
  EXPECT_EQ(Pks(Thread(post, lee)), slice(0, 10));
  EXPECT_EQ(Pks(Thread(post, lee, "?page=2")), slice(20, 25));
  EXPECT_EQ(Pks(Thread(post, lee, "?page=1&size=7&sort=createdAt,asc")), slice(7, 14));
  EXPECT_EQ(Pks(Thread(post, lee, "?size=1000")), slice(0, 25));
  const HttpReply behind = Thread(post, lee, "?page=2147483647&size=100");
  EXPECT_EQ(Data(behind).at("totalElements").to_number<int>(), 25);
  EXPECT_EQ(Data(behind).at("content").as_array().size(), 0u);
  EXPECT_TRUE(Data(behind).at("last").as_bool());
  // The last top-level comment goes with its four replies.
  EXPECT_EQ(Delete(fmt::format("/api/comments/{}", top), lee).status, 200);
  EXPECT_EQ(Pks(Thread(post, kim)), slice(5, 15));
  EXPECT_EQ(Data(Thread(post, kim)).at("totalElements").to_number<int>(), 20);
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", post), kim).status, 200);
  const std::string empty = R"({"content":[],"page":0,"size":10,"totalElements":0,"totalPages":0,)"
                            R"("first":true,"last":true,"hasNext":false,"hasPrevious":false})";
  ExpectData(Thread(post, kim), 200, empty);
  ExpectData(Thread(kUnknown, kim), 200, empty);
  ExpectData(Get(fmt::format("/api/search/comments/posts/{}/", post), kim), 200, empty);
}

TEST_F(SearchTest, ErrorsOfThreads) {
  const Person kim = Join("kim");
  const std::string path = "/api/search/comments/posts/";
  ExpectErrors({{"GET", path + "x", "", &kim, 400, "INVALID_REQUEST"},
                {"GET", path + "0", "", &kim, 400, "INVALID_REQUEST"},
                {"GET", path + "-1", "", &kim, 400, "INVALID_REQUEST"},
                {"POST", path + "1", "{}", &kim, 405, "METHOD_NOT_ALLOWED"},
                {"GET", path, "", &kim, 404, "NOT_FOUND"}});
  ExpectError(Send("GET", path + "1"), 401, "BEARER_TOKEN_MISSING");
}

}  // namespace
}  // namespace dailyfeed::http
