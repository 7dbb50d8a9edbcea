// Section 6.8 of the HTTP contract, and which reads, logins and logouts the log
// records as activities.
#include <thread>

#include "adapters/http/testing/api_rows_test_util.h"
#include "core/domain/activity/activity.h"

namespace dailyfeed::http {
namespace {

constexpr char kPosts[] = "/api/member-activities/posts";
constexpr char kPostLikes[] = "/api/member-activities/posts/likes";
constexpr char kComments[] = "/api/member-activities/comments";
constexpr char kCommentLikes[] = "/api/member-activities/comments/likes";

class ActivitiesTest : public ContractRowsTest {
 protected:
  void SetUp() override {
    ContractRowsTest::SetUp();
    kim_ = Join("kim");
    lee_ = Join("lee");
    post_ = Publish(kim_, "hello");
    comment_ = AddComment(lee_, post_, "hi");
  }

  // "LIKE_POST member post comment" of each, from behind `after` on.
  std::vector<std::string> Recorded(Position after) {
    std::vector<std::string> all;
    EXPECT_TRUE(feed_->log()
                    .Read(after + 1,
                          [&](const v1::Event& event) {
                            if (!event.payload().has_activity_recorded()) return true;
                            const auto& activity = event.payload().activity_recorded();
                            all.push_back(fmt::format(
                                "{} {} {} {}", ActivityTypeName(activity.type()),
                                activity.member_id(), activity.post_id(), activity.comment_id()));
                            EXPECT_EQ(event.actor(), activity.member_id());
                            return true;
                          })
                    .ok());
    return all;
  }
  // Nobody waits for the record of a read.
  void WaitForHead(Position head) {
    while (feed_->log().Head() < head) std::this_thread::yield();
  }
  std::string PostBody(std::string_view type) const {
    return fmt::format(R"({{"postId":{},"activityType":"{}"}})", post_, type);
  }
  std::string CommentBody(std::string_view type) const {
    return fmt::format(R"({{"postId":{},"commentId":{},"activityType":"{}"}})", post_, comment_,
                       type);
  }

  Person kim_, lee_;
  PostId post_ = 0;
  CommentId comment_ = 0;
};

TEST_F(ActivitiesTest, AnswersOfWrites) {
  const struct {
    const char* path;
    bool of_comment;
    const char* type;
  } rows[] = {
      {kPosts, false, "POST_CREATE"},        {kPosts, false, "POST_UPDATE"},
      {kPosts, false, "POST_DELETE"},        {kPosts, false, "POST_READ"},
      {kPostLikes, false, "LIKE_POST"},      {kPostLikes, false, "LIKE_POST_CANCEL"},
      {kComments, true, "COMMENT_CREATE"},   {kComments, true, "COMMENT_UPDATE"},
      {kComments, true, "COMMENT_DELETE"},   {kComments, true, "COMMENT_READ"},
      {kCommentLikes, true, "LIKE_COMMENT"}, {kCommentLikes, true, "LIKE_COMMENT_CANCEL"},
  };
  for (const auto& row : rows) {
    for (const char* slash : {"", "/"}) {
      const std::string target = std::string(row.path) + slash;
      SCOPED_TRACE(target + " " + row.type);
      const Position head = feed_->log().Head();
      const std::string body = row.of_comment ? CommentBody(row.type) : PostBody(row.type);
      ExpectError(Send("POST", target, {}, body), 401, "BEARER_TOKEN_MISSING");
      ExpectData(Post(target, body, kim_), 201,
                 fmt::format(
                     R"({{"memberId":{},"postId":{},"commentId":{},)"
                     R"("memberActivityType":"{}","createdAt":"2025-10-15T12:34:56.123456",)"
                     R"("updatedAt":"2025-10-15T12:34:56.123456"}})",
                     kim_.id, post_, row.of_comment ? std::to_string(comment_) : "null", row.type));
      EXPECT_EQ(Recorded(head),
                std::vector<std::string>{fmt::format("{} {} {} {}", row.type, kim_.id, post_,
                                                     row.of_comment ? comment_ : 0)});
    }
  }
  // Nothing else has changed: no like, no view, and the post is still there.
  const PostView post = feed_->queries().Post(kim_.id, post_).value();
  EXPECT_EQ(post.counts.likes, 0u);
  EXPECT_EQ(post.counts.views, 0u);
  EXPECT_FALSE(feed_->queries().Comment(kim_.id, comment_).value().liked);
}

TEST_F(ActivitiesTest, ErrorsOfWrites) {
  std::vector<ErrorRow> rows;
  const auto refuse = [&](const char* path, std::string body, int status, const char* code) {
    rows.push_back({"POST", path, std::move(body), &kim_, status, code});
  };
  for (const char* path : {kPosts, kPostLikes, kComments, kCommentLikes}) {
    for (const char* type : {"", "POST_LOVE", "MEMBER_LOGIN", "MEMBER_FOLLOW", "post_read"}) {
      refuse(path, CommentBody(type), 400, "INVALID_REQUEST");
    }
    refuse(path, "", 400, "INVALID_REQUEST");
    refuse(path, "{}", 400, "INVALID_REQUEST");
    refuse(path, "[]", 400, "INVALID_REQUEST");
  }
  // A type of another column.
  refuse(kPosts, PostBody("LIKE_POST"), 400, "INVALID_REQUEST");
  refuse(kPosts, PostBody("COMMENT_READ"), 400, "INVALID_REQUEST");
  refuse(kPostLikes, PostBody("POST_READ"), 400, "INVALID_REQUEST");
  refuse(kComments, CommentBody("LIKE_COMMENT"), 400, "INVALID_REQUEST");
  refuse(kCommentLikes, CommentBody("COMMENT_READ"), 400, "INVALID_REQUEST");
  // Ids that are missing, or none.
  refuse(kPosts, R"({"activityType":"POST_READ"})", 400, "INVALID_REQUEST");
  refuse(kPosts, R"({"postId":null,"activityType":"POST_READ"})", 400, "INVALID_REQUEST");
  refuse(kPosts, R"({"postId":0,"activityType":"POST_READ"})", 400, "INVALID_REQUEST");
  refuse(kPosts, R"({"postId":-1,"activityType":"POST_READ"})", 400, "INVALID_REQUEST");
  refuse(kPosts, R"({"postId":9007199254740992,"activityType":"POST_READ"})", 400,
         "INVALID_REQUEST");
  refuse(kPosts, R"({"postId":{},"activityType":"POST_READ"})", 400, "INVALID_REQUEST");
  refuse(kComments, PostBody("COMMENT_READ"), 400, "INVALID_REQUEST");
  // Somebody else.
  refuse(kPosts, fmt::format(R"({{"memberId":{},"postId":1,"activityType":"POST_READ"}})", lee_.id),
         403, "MEMBER_FORBIDDEN");
  ExpectErrors(rows);
}

TEST_F(ActivitiesTest, TheCallerMayNameThemselves) {
  const Position head = feed_->log().Head();
  const HttpReply reply = Post(
      kPosts, fmt::format(R"({{"memberId":{},"postId":7,"activityType":"POST_READ"}})", kim_.id),
      kim_);
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(Recorded(head), std::vector<std::string>{fmt::format("POST_READ {} 7 0", kim_.id)});
}

TEST_F(ActivitiesTest, ARepeatUnderAnIdempotencyKeyIsOneActivity) {
  const Position head = feed_->log().Head();
  const HttpHeaders headers = As(kim_, {{"Idempotency-Key", "once"}});
  const HttpReply first = Send("POST", kPosts, headers, PostBody("POST_READ"));
  const HttpReply second = Send("POST", kPosts, headers, PostBody("POST_READ"));
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(Recorded(head).size(), 1u);
}

TEST_F(ActivitiesTest, ReadsOfCommentsAndOfOnesOwnPostAreRecorded) {
  const Position head = feed_->log().Head();
  const std::string post = fmt::format("/api/timeline/posts/{}", post_);
  const std::string comment = fmt::format("/api/timeline/comments/{}", comment_);
  EXPECT_EQ(Get(post, kim_).status, 200);
  WaitForHead(head + 1);
  EXPECT_EQ(Get(comment, lee_).status, 200);
  WaitForHead(head + 2);
  EXPECT_EQ(Get(comment, kim_).status, 200);
  WaitForHead(head + 3);
  // Another member's read is a view, HEAD and lists are no reads.
  EXPECT_EQ(Get(post, lee_).status, 200);
  WaitForHead(head + 4);
  EXPECT_EQ(Send("HEAD", post, As(kim_)).status, 200);
  EXPECT_EQ(Send("HEAD", comment, As(kim_)).status, 200);
  EXPECT_EQ(Get(post + "/comments", kim_).status, 200);
  EXPECT_EQ(Get(comment + "1", kim_).status, 404);
  Restart();
  EXPECT_EQ(feed_->log().Head(), head + 4);
  const std::vector<std::string> expected = {
      fmt::format("POST_READ {} {} 0", kim_.id, post_),
      fmt::format("COMMENT_READ {} {} {}", lee_.id, post_, comment_),
      fmt::format("COMMENT_READ {} {} {}", kim_.id, post_, comment_)};
  EXPECT_EQ(Recorded(head), expected);
  EXPECT_EQ(feed_->queries().Post(kim_.id, post_).value().counts.views, 1u);
}

TEST_F(ActivitiesTest, LoginsAndLogoutsAreRecorded) {
  const Position head = feed_->log().Head();
  const Person kim = LogIn("kim");
  EXPECT_EQ(Send("POST", "/api/authentication/login", {}, LoginBody("kim", "Wrong1!x")).status,
            403);
  EXPECT_EQ(Send("POST", "/api/authentication/logout", As(kim)).status, 200);
  EXPECT_EQ(Send("POST", "/api/authentication/logout-all", As(kim_)).status, 200);
  const std::vector<std::string> expected = {fmt::format("MEMBER_LOGIN {} 0 0", kim.id),
                                             fmt::format("MEMBER_LOGOUT {} 0 0", kim.id),
                                             fmt::format("MEMBER_LOGOUT {} 0 0", kim.id)};
  EXPECT_EQ(Recorded(head), expected);
}

TEST_F(ActivitiesTest, TheRepeatOfALoginIsOneLogin) {
  const Position head = feed_->log().Head();
  const HttpHeaders headers = {{"Idempotency-Key", "login-1"}};
  const HttpReply first = Send("POST", "/api/authentication/login", headers, LoginBody("kim"));
  const HttpReply second = Send("POST", "/api/authentication/login", headers, LoginBody("kim"));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(Recorded(head).size(), 1u);
}

// --- Reading them.

class ReadActivitiesTest : public ActivitiesTest {
 protected:
  // "LIKE_POST member post comment" of each row of a list.
  std::vector<std::string> Rows(const std::string& target, const Person& person) {
    std::vector<std::string> rows;
    std::string next = target;
    const char* const more = target.find('?') == std::string::npos ? "?cursor=" : "&cursor=";
    while (!next.empty()) {
      const HttpReply reply = Get(next, person);
      EXPECT_EQ(reply.status, 200) << reply.body;
      const boost::json::value body = boost::json::parse(reply.body);
      const auto& data = body.at("data").as_object();
      for (const boost::json::value& row : data.at("content").as_array()) {
        EXPECT_EQ(row.at("createdAt"), row.at("updatedAt"));
        const auto id = [&](const char* field) {
          return row.at(field).is_null() ? 0 : row.at(field).to_number<int64_t>();
        };
        rows.push_back(fmt::format("{} {} {} {}",
                                   std::string(row.at("memberActivityType").as_string()),
                                   id("memberId"), id("postId"), id("commentId")));
      }
      next.clear();
      if (data.at("hasNext").as_bool()) {
        next = target + more + std::string(data.at("nextCursor").as_string());
      }
    }
    return rows;
  }
  std::string Row(const char* type, const Person& person, PostId post = 0, CommentId comment = 0) {
    return fmt::format("{} {} {} {}", type, person.id, post, comment);
  }
  void Later() { clock_.Advance(absl::Seconds(1)); }

  static constexpr char kMine[] = "/api/member-activities";
  static constexpr char kFollowings[] = "/api/member-activities/followings";
  using Texts = std::vector<std::string>;
};

TEST_F(ReadActivitiesTest, MineAreTheNewestFirstByTypeAndByDay) {
  Later();
  EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", post_), "", kim_).status, 200);
  Later();
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}/like", post_), kim_).status, 200);
  clock_.Advance(absl::Hours(24));
  kim_ = LogIn("kim");  // tokens live for an hour
  Later();
  EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", post_), "", kim_).status, 200);
  const Texts today = {Row("LIKE_POST", kim_, post_), Row("MEMBER_LOGIN", kim_)};
  const Texts yesterday = {Row("LIKE_POST_CANCEL", kim_, post_), Row("LIKE_POST", kim_, post_),
                           Row("POST_CREATE", kim_, post_), Row("MEMBER_SIGNUP", kim_)};
  Texts all = today;
  all.insert(all.end(), yesterday.begin(), yesterday.end());
  // A sign-up logs in, too.
  const Texts mine = Rows(std::string(kMine) + "?size=2", kim_);
  Texts without_login = mine;
  std::erase(without_login, Row("MEMBER_LOGIN", kim_));
  std::erase(all, Row("MEMBER_LOGIN", kim_));
  EXPECT_EQ(without_login, all);
  EXPECT_EQ(mine.front(), today.front());
  EXPECT_EQ(Rows(std::string(kMine) + "/?type=LIKE_POST&size=1", kim_),
            (Texts{Row("LIKE_POST", kim_, post_), Row("LIKE_POST", kim_, post_)}));
  EXPECT_EQ(Rows(std::string(kMine) + "?day=20251016", kim_), today);
  Texts of_day = Rows(std::string(kMine) + "?size=1&day=20251015", kim_);
  std::erase(of_day, Row("MEMBER_LOGIN", kim_));
  EXPECT_EQ(of_day, yesterday);
  EXPECT_EQ(Rows(std::string(kMine) + "?day=20251016&type=LIKE_POST", kim_),
            Texts{Row("LIKE_POST", kim_, post_)});
  EXPECT_EQ(Rows(std::string(kMine) + "?day=20251017", kim_), Texts());
}

TEST_F(ReadActivitiesTest, WhatCannotBeAskedFor) {
  std::vector<ErrorRow> rows;
  for (const char* query : {"type=", "type=POST_LOVE", "type=post_read", "day=", "day=20250230",
                            "day=2025-10-15", "day=202510150", "day=today"}) {
    rows.push_back({"GET", std::string(kMine) + "?" + query, "", &kim_, 400, "INVALID_REQUEST"});
  }
  // The cursor of one list is foreign to the others.
  const HttpReply first = Get(std::string(kMine) + "?size=1", kim_);
  const std::string cursor = NextCursor(first);
  ASSERT_FALSE(cursor.empty());
  for (const char* query : {"type=POST_CREATE&", "day=20251015&"}) {
    rows.push_back({"GET", fmt::format("{}?{}cursor={}", kMine, query, cursor), "", &kim_, 400,
                    "INVALID_CURSOR"});
  }
  rows.push_back(
      {"GET", fmt::format("{}?cursor={}", kFollowings, cursor), "", &kim_, 400, "INVALID_CURSOR"});
  ExpectErrors(rows);
}

TEST_F(ReadActivitiesTest, TheBannerShowsWhatTheFollowedDidAndNotWhatTheyRead) {
  EXPECT_EQ(Rows(kFollowings, kim_), Texts());
  Later();
  EXPECT_EQ(Post(fmt::format("/api/members/follow/{}", lee_.id), "", kim_).status, 200);
  Later();
  EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", post_), "", lee_).status, 200);
  Later();
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}/like", post_), lee_).status, 200);
  EXPECT_EQ(Get(fmt::format("/api/timeline/posts/{}", post_), lee_).status, 200);
  const PostId post = Publish(lee_, "mine");
  EXPECT_EQ(Rows(std::string(kFollowings) + "?size=1", kim_),
            (Texts{Row("POST_CREATE", lee_, post), Row("LIKE_POST", lee_, post_),
                   Row("COMMENT_CREATE", lee_, post_, comment_)}));
  EXPECT_EQ(Rows(kFollowings, lee_), Texts());
  // What they did is gone with them.
  Withdraw(lee_);
  EXPECT_EQ(Rows(kFollowings, kim_), Texts());
}

}  // namespace
}  // namespace dailyfeed::http
