// Section 6.5 and 7.6 of the HTTP contract: ranked lists, posts by time and by
// ids, statistics, over a socket.
#include <map>

#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

using IdList = std::vector<uint64_t>;

class PostListsTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    for (const char* name : {"kim", "lee", "ann", "bob"}) people_[name] = Join(name);
  }
  // Tokens live for an hour.
  void Pass(absl::Duration time) {
    clock_.Advance(time);
    for (auto& [name, person] : people_) person = LogIn(name);
  }
  const Person& kim() { return people_["kim"]; }
  const Person& lee() { return people_["lee"]; }

  PostId PublishLater(const Person& author, std::string_view content) {
    clock_.Advance(absl::Seconds(1));
    return Publish(author, content);
  }
  void Like(PostId post, const char* name) {
    clock_.Advance(absl::Seconds(1));
    EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", post), "", people_[name]).status, 200);
  }
  void Unlike(PostId post, const char* name) {
    EXPECT_EQ(Delete(fmt::format("/api/posts/{}/like", post), people_[name]).status, 200);
  }
  void View(PostId post, const char* name) {
    EXPECT_EQ(Get(fmt::format("/api/timeline/posts/{}", post), people_[name]).status, 200);
  }
  CommentId Comment(PostId post) {
    clock_.Advance(absl::Seconds(1));
    return AddComment(lee(), post, "c");
  }
  IdList Listed(const std::string& target) {
    const HttpReply reply = Get(target, kim());
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Ids(reply);
  }
  // Views ride in a later batch; whoever waits for a write of theirs sees them.
  void LetViewsArrive() { Delete(fmt::format("/api/posts/{}", Publish(kim(), "x")), kim()); }

  IdList Walk(const std::string& list, int size) {
    const std::string mark = list.find('?') == std::string::npos ? "?" : "&";
    IdList all;
    std::string target = fmt::format("{}{}size={}", list, mark, size);
    for (int page = 0; page < 100; ++page) {
      const HttpReply reply = Get(target, kim());
      EXPECT_EQ(reply.status, 200) << reply.body;
      for (const uint64_t id : Ids(reply)) all.push_back(id);
      const std::string cursor = NextCursor(reply);
      if (cursor.empty()) return all;
      target = fmt::format("{}{}size={}&cursor={}", list, mark, size, cursor);
    }
    ADD_FAILURE() << "the list has no end";
    return all;
  }

  std::map<std::string, Person> people_;
  static constexpr char kPopular[] = "/api/timeline/posts/most-popular";
  static constexpr char kCommented[] = "/api/timeline/posts/most-commented";
  static constexpr char kActive[] = "/api/timeline/posts/recent-activities";
  static constexpr char kRange[] = "/api/timeline/posts/date-range";
};

TEST_F(PostListsTest, MostPopularIsViewsAndTwiceTheLikesThenTheNewest) {
  const PostId quiet = Publish(kim(), "quiet");
  const PostId twin = Publish(kim(), "twin, the same instant");
  const PostId liked = PublishLater(kim(), "liked");
  const PostId viewed = PublishLater(kim(), "viewed");
  EXPECT_EQ(Listed(kPopular), (IdList{viewed, liked, twin, quiet}));
  Like(liked, "lee");
  for (const char* name : {"lee", "ann", "bob"}) View(viewed, name);
  View(viewed, "kim");  // the author
  LetViewsArrive();
  EXPECT_EQ(Listed(kPopular), (IdList{viewed, liked, twin, quiet}));
  Like(liked, "ann");
  EXPECT_EQ(Listed(kPopular), (IdList{liked, viewed, twin, quiet}));
  EXPECT_EQ(Listed(std::string(kPopular) + "?page=1&size=3"), IdList{quiet});
  Unlike(liked, "ann");
  EXPECT_EQ(Walk(kPopular, 1), (IdList{viewed, liked, twin, quiet}));
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", viewed), kim()).status, 200);
  EXPECT_EQ(Walk(kPopular, 2), (IdList{liked, twin, quiet}));
}

TEST_F(PostListsTest, RowsAreWholePostsAsTheCallerSeesThem) {
  const PostId post = Publish(kim(), "hi");
  Like(post, "lee");
  const std::string row = fmt::format(
      R"({{"id":{},"title":"","content":"hi","authorId":{},"authorName":"kim!",)"
      R"("authorHandle":"kim","authorAvatarUrl":"no-image","viewCount":0,"likeCount":1,)"
      R"("commentCount":0,"liked":true,"createdAt":"2025-10-15 12:34:56",)"
      R"("updatedAt":"2025-10-15 12:34:56"}})",
      post, kim().id);
  for (const char* list : {kPopular, kActive}) {
    ExpectData(
        Get(list, lee()), 200,
        fmt::format(R"({{"content":[{}],"page":0,"size":20,"hasNext":false,"nextCursor":null}})",
                    row));
  }
  ExpectData(Get(std::string(kRange) + "?startDate=2025-10-15T12:34:56&endDate=2025-10-15T12:34:56",
                 lee()),
             200,
             fmt::format(R"({{"content":[{}],"page":0,"size":20,"totalElements":1,"totalPages":1,)"
                         R"("first":true,"last":true,"hasNext":false,"hasPrevious":false}})",
                         row));
  ExpectData(Post("/api/timeline/posts/query/list", fmt::format(R"({{"ids":[{}]}})", post), lee()),
             200, "[" + row + "]");
  const boost::json::value own = Data(Get(kPopular, kim()));
  EXPECT_FALSE(own.as_object().at("content").as_array().at(0).as_object().at("liked").as_bool());
}

TEST_F(PostListsTest, MostCommentedHoldsPostsWithLiveCommentsOnly) {
  const PostId none = Publish(kim(), "none");
  const PostId one = PublishLater(kim(), "one");
  const PostId two = PublishLater(kim(), "two");
  EXPECT_TRUE(Listed(kCommented).empty());
  const CommentId on_one = Comment(one);
  EXPECT_EQ(Listed(kCommented), IdList{one});
  const CommentId on_two = Comment(two);
  EXPECT_EQ(Listed(kCommented), (IdList{two, one})) << "ties: the newest";
  AddReply(kim(), one, on_one, "r");
  EXPECT_EQ(Walk(kCommented, 1), (IdList{one, two}));
  // The whole subtree goes.
  EXPECT_EQ(Delete(fmt::format("/api/comments/{}", on_one), lee()).status, 200);
  EXPECT_EQ(Listed(kCommented), IdList{two});
  EXPECT_EQ(Delete(fmt::format("/api/comments/{}", on_two), lee()).status, 200);
  EXPECT_TRUE(Listed(kCommented).empty());
  Comment(none);
  EXPECT_EQ(Listed(kCommented), IdList{none});
}

TEST_F(PostListsTest, RecentActivitiesMoveForwardOnly) {
  const PostId a = Publish(kim(), "a");
  const PostId b = PublishLater(kim(), "b");
  const PostId c = PublishLater(kim(), "c");
  EXPECT_EQ(Listed(kActive), (IdList{c, b, a}));
  Like(a, "lee");
  EXPECT_EQ(Listed(kActive), (IdList{a, c, b}));
  const CommentId comment = Comment(b);
  EXPECT_EQ(Listed(kActive), (IdList{b, a, c}));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Put(fmt::format("/api/posts/{}", c), R"({"content":"edited"})", kim()).status, 200);
  EXPECT_EQ(Listed(kActive), (IdList{c, b, a}));
  clock_.Advance(absl::Seconds(1));
  AddReply(kim(), b, comment, "r");
  EXPECT_EQ(Listed(kActive), (IdList{b, c, a}));
  // None of these is an activity, and nothing moves a post back.
  clock_.Advance(absl::Seconds(1));
  View(a, "lee");
  Unlike(a, "lee");
  EXPECT_EQ(Post(fmt::format("/api/comments/{}/like", comment), "", kim()).status, 200);
  EXPECT_EQ(Put(fmt::format("/api/comments/{}", comment), R"({"content":"x"})", lee()).status, 200);
  EXPECT_EQ(Delete(fmt::format("/api/comments/{}", comment), lee()).status, 200);
  LetViewsArrive();
  EXPECT_EQ(Walk(kActive, 1), (IdList{b, c, a}));
}

TEST_F(PostListsTest, WindowsAreDaysOfTheConfiguredZone) {
  // 12:34:56 in Seoul: midnight is 11:25:04 away.
  const absl::Duration to_midnight = absl::Hours(11) + absl::Minutes(25) + absl::Seconds(4);
  const PostId oldest = Publish(kim(), "31 days before the last day");
  Pass(24 * absl::Hours(1));
  const PostId day30 = Publish(kim(), "29 days before");
  Pass(22 * 24 * absl::Hours(1));
  const PostId day8 = Publish(kim(), "7 days before");
  Pass(24 * absl::Hours(1));
  const PostId day7 = Publish(kim(), "6 days before");
  Pass(5 * 24 * absl::Hours(1) + to_midnight - absl::Seconds(1));
  const PostId last_second = Publish(kim(), "the last second of yesterday");
  Pass(absl::Seconds(1));
  const PostId midnight = Publish(kim(), "midnight");
  for (const PostId post : {oldest, day30, day8, day7, last_second, midnight}) {
    AddComment(lee(), post, "c");
  }
  AddComment(lee(), day8, "one more");
  Like(day7, "lee");
  for (const char* list : {kPopular, kCommented}) {
    const bool popular = list == kPopular;
    const auto walk = [&](const char* window) {
      return Walk(std::string(list) + "?window=" + window, 2);
    };
    EXPECT_EQ(walk("today"), IdList{midnight});
    EXPECT_EQ(walk("7d"), popular ? (IdList{day7, midnight, last_second})
                                  : (IdList{midnight, last_second, day7}));
    EXPECT_EQ(walk("30d"), popular ? (IdList{day7, midnight, last_second, day8, day30})
                                   : (IdList{day8, midnight, last_second, day7, day30}));
    EXPECT_EQ(Listed(list).size(), 6u);
    EXPECT_EQ(Listed(list).back(), oldest);
    for (const char* window : {"", "1d", "TODAY", "all", "7d,30d"}) {
      ExpectError(Get(std::string(list) + "?window=" + window, kim()), 400, "INVALID_REQUEST");
    }
    // A window is a list of its own.
    const std::string cursor = NextCursor(Get(std::string(list) + "?window=30d&size=1", kim()));
    EXPECT_EQ(Get(std::string(list) + "?window=30d&cursor=" + cursor, kim()).status, 200);
    for (const char* other : {"?cursor=", "?window=7d&cursor=", "?window=today&cursor="}) {
      ExpectError(Get(list + std::string(other) + cursor, kim()), 400, "INVALID_CURSOR");
    }
    ExpectError(
        Get(std::string(popular ? kCommented : kPopular) + "?window=30d&cursor=" + cursor, kim()),
        400, "INVALID_CURSOR");
  }
}

TEST_F(PostListsTest, CursorsOfRankedListsSurviveMovesAndRestarts) {
  IdList posts;
  for (int i = 0; i < 9; ++i) posts.insert(posts.begin(), PublishLater(kim(), "p"));
  Like(posts[4], "lee");
  for (const char* list : {kPopular, kActive}) {
    const HttpReply first = Get(std::string(list) + "?size=4", kim());
    EXPECT_EQ(Ids(first), (IdList{posts[4], posts[0], posts[1], posts[2]}));
    const std::string rest = fmt::format("{}?size=100&cursor={}", list, NextCursor(first));
    PublishLater(kim(), "new");
    Restart();
    const HttpReply second = Get(rest, kim());
    EXPECT_EQ(Ids(second), (IdList{posts[3], posts[5], posts[6], posts[7], posts[8]}));
    EXPECT_EQ(Number(second, "page"), 1u);
    EXPECT_EQ(Delete(fmt::format("/api/posts/{}", Listed(kActive).front()), kim()).status, 200);
  }
}

// The old lists serve until the new ones are built (docs/decisions/0022).
TEST_F(PostListsTest, ChangedWeightsRankAnew) {
  const PostId liked = Publish(kim(), "liked");
  const PostId viewed = Publish(kim(), "viewed");
  Like(liked, "lee");
  View(viewed, "lee");
  LetViewsArrive();
  EXPECT_EQ(Listed(kPopular), (IdList{liked, viewed}));
  options_.popularity = {.view_weight = 5, .like_weight = 1};
  Restart();
  ASSERT_TRUE(feed_->runtime().WaitForBuild().ok());
  EXPECT_EQ(Listed(kPopular), (IdList{viewed, liked}));
  Like(liked, "ann");
  EXPECT_EQ(Listed(kPopular), (IdList{viewed, liked}));
  options_.popularity = {};
  Restart();
  ASSERT_TRUE(feed_->runtime().WaitForBuild().ok());
  EXPECT_EQ(Listed(kPopular), (IdList{liked, viewed}));
}

TEST_F(PostListsTest, DateRangesIncludeBothBoundsToTheSecond) {
  // Created at 12:34:56.123456, and a second and an hour later.
  const PostId a = Publish(kim(), "a");
  const PostId b = PublishLater(kim(), "b");
  Pass(absl::Minutes(59) + absl::Seconds(59));
  const PostId c = Publish(kim(), "c");
  const auto range = [&](const std::string& from, const std::string& to) {
    return Listed(fmt::format("{}?startDate={}&endDate={}", kRange, from, to));
  };
  EXPECT_EQ(range("2025-10-15T00:00", "2025-10-15T23:59:59"), (IdList{c, b, a}));
  EXPECT_EQ(range("2025-10-15T12:34:56", "2025-10-15T12:34:56"), IdList{a});
  EXPECT_EQ(range("2025-10-15T12:34:57", "2025-10-15T13:34:56"), (IdList{c, b}));
  EXPECT_EQ(range("2025-10-15T12:34:57", "2025-10-15T13:34:55"), IdList{b});
  EXPECT_EQ(range("2025-10-15T12:34:58", "2025-10-15T13:34:55"), IdList{});
  // The shown second is compared: its fraction does not count.
  EXPECT_EQ(range("2025-10-15T12:34:56.1", "2025-10-15T12:34:57"), IdList{b});
  EXPECT_EQ(range("2025-10-15T12:34:56.0", "2025-10-15T12:34:56.000001"), IdList{a});
  EXPECT_EQ(range("2025-10-15T12:34", "2025-10-15T12:35"), (IdList{b, a}));
  EXPECT_EQ(range("0001-01-01T00:00", "9999-12-31T23:59:59"), (IdList{c, b, a}));
  EXPECT_EQ(range("2025-10-15T03:34:56", "2025-10-15T03:34:57"), IdList{}) << "not UTC";
}

TEST_F(PostListsTest, DateRangesHaveExactPagesAndTotals) {
  IdList posts;
  for (int i = 0; i < 7; ++i) posts.insert(posts.begin(), PublishLater(kim(), "p"));
  const std::string all =
      fmt::format("{}?startDate=2025-10-15T00:00&endDate=2025-10-16T00:00", kRange);
  const auto page = [&](int number, int size, bool next) {
    const IdList rest(posts.begin() + std::min<int>(7, number * size),
                      posts.begin() + std::min<int>(7, (number + 1) * size));
    const HttpReply reply = Get(fmt::format("{}&page={}&size={}", all, number, size), kim());
    EXPECT_EQ(Ids(reply), rest);
    boost::json::object data = Data(reply).as_object();
    data.stable_erase("content");
    EXPECT_EQ(
        boost::json::serialize(data),
        fmt::format(R"({{"page":{},"size":{},"totalElements":7,"totalPages":{},"first":{},)"
                    R"("last":{},"hasNext":{},"hasPrevious":{}}})",
                    number, size, (7 + size - 1) / size, number == 0, !next, next, number > 0));
  };
  for (const int size : {1, 3, 7, 8}) {
    for (int number = 0; number <= 8; ++number) page(number, size, (number + 1) * size < 7);
  }
  ExpectData(
      Get(std::string(kRange) + "?startDate=2025-10-16T00:00&endDate=2025-10-15T00:00&page=2",
          kim()),
      200,
      R"({"content":[],"page":2,"size":20,"totalElements":0,"totalPages":0,)"
      R"("first":false,"last":true,"hasNext":false,"hasPrevious":true})");
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", posts[3]), kim()).status, 200);
  EXPECT_EQ(Number(Get(all, kim()), "totalElements"), 6u);
  EXPECT_EQ(Listed(all + "&page=2147483647&size=100"), IdList{});
}

TEST_F(PostListsTest, DateRangesNeedTwoTimes) {
  for (const char* query : {"", "?startDate=2025-10-15T00:00", "?endDate=2025-10-15T00:00",
                            "?startDate=&endDate=", "?startDate=2025-10-15&endDate=2025-10-16",
                            "?startDate=2025-10-15T00:00Z&endDate=x",
                            "?startDate=2025-10-15T00:00&endDate=2025-02-30T00:00",
                            "?startDate=2025-10-15+00:00&endDate=2025-10-16T00:00",
                            "?startDate=2025-10-15T00:00&endDate=2025-10-16T24:00"}) {
    ExpectError(Get(std::string(kRange) + query, kim()), 400, "INVALID_REQUEST");
  }
  for (const char* both : {"startDate=x&endDate=y", "startDate=x", "endDate=y"}) {
    const std::string body = Get(std::string(kRange) + "?" + both, kim()).body;
    EXPECT_NE(body.find("startDate"), std::string::npos) << body;
    EXPECT_NE(body.find("endDate"), std::string::npos) << body;
  }
}

TEST_F(PostListsTest, PostsByIds) {
  const PostId a = Publish(kim(), "a");
  const PostId b = PublishLater(lee(), "b");
  const PostId gone = PublishLater(kim(), "gone");
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", gone), kim()).status, 200);
  constexpr char kPath[] = "/api/timeline/posts/query/list";
  const auto ids = [&](const std::string& body) {
    const HttpReply reply = Post(kPath, body, kim());
    EXPECT_EQ(reply.status, 200) << reply.body;
    IdList found;
    const boost::json::value data = Data(reply);
    for (const auto& row : data.as_array()) {
      found.push_back(row.as_object().at("id").to_number<uint64_t>());
    }
    return found;
  };
  EXPECT_EQ(ids(fmt::format(R"({{"ids":[{},{},{}]}})", a, gone, b)), (IdList{b, a}));
  EXPECT_EQ(ids(fmt::format(R"({{"ids":["{}",{},{}]}})", a, a, b)), (IdList{b, a}));
  EXPECT_EQ(ids(R"({"ids":[999999,0,-1,9007199254740993]})"), IdList{});
  for (const char* nothing : {"{}", R"({"ids":null})", R"({"ids":[]})"}) {
    ExpectData(Post(kPath, nothing, kim()), 200, "[]");
  }
  for (const char* wrong : {"", "[]", R"({"ids":1})", R"({"ids":[null]})", R"({"ids":["x"]})",
                            R"({"ids":[1.5]})", R"({"ids":[{}]})"}) {
    ExpectError(Post(kPath, wrong, kim()), 400, "INVALID_REQUEST");
  }
  std::string many = R"({"ids":[)" + std::to_string(a);
  for (int i = 1; i < 1000; ++i) many += "," + std::to_string(a);
  EXPECT_EQ(ids(many + "]}"), IdList{a});
  ExpectError(Post(kPath, many + ",1]}", kim()), 400, "INVALID_REQUEST");
}

TEST_F(PostListsTest, Statistics) {
  const PostId post = Publish(kim(), "a");
  const std::string path = fmt::format("/api/timeline/statistics/posts/{}", post);
  ExpectData(Get(path, kim()), 200, R"({"commentCount":0,"likeCount":0})");
  const CommentId comment = Comment(post);
  AddReply(kim(), post, comment, "r");
  Like(post, "lee");
  ExpectData(Get(path, kim()), 200, R"({"commentCount":2,"likeCount":1})");
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", post), kim()).status, 200);
  ExpectData(Get(path, kim()), 200, R"({"commentCount":0,"likeCount":0})");
  ExpectData(Get("/api/timeline/statistics/posts/999999", kim()), 200,
             R"({"commentCount":0,"likeCount":0})");
  ExpectError(Get("/api/timeline/statistics/posts/x", kim()), 400, "INVALID_REQUEST");
}

TEST_F(PostListsTest, DefaultsMethodsAndTokens) {
  for (const char* list : {kPopular, kCommented, kActive}) {
    SCOPED_TRACE(list);
    ExpectData(Get(list, kim()), 200,
               R"({"content":[],"page":0,"size":20,"hasNext":false,"nextCursor":null})");
    ExpectData(Get(std::string(list) + "/?size=1000&page=3", kim()), 200,
               R"({"content":[],"page":3,"size":100,"hasNext":false,"nextCursor":null})");
    ExpectError(Get(std::string(list) + "?cursor=x", kim()), 400, "INVALID_CURSOR");
    ExpectError(Post(list, "", kim()), 405, "METHOD_NOT_ALLOWED");
    ExpectError(Send("GET", list), 401, "BEARER_TOKEN_MISSING");
  }
  for (const char* path : {kRange, "/api/timeline/statistics/posts/1"}) {
    ExpectError(Send("GET", path), 401, "BEARER_TOKEN_MISSING");
  }
  ExpectError(Send("POST", "/api/timeline/posts/query/list", {}, "{}"), 401,
              "BEARER_TOKEN_MISSING");
  ExpectError(Get("/api/timeline/posts/query/list", kim()), 405, "METHOD_NOT_ALLOWED");
}

}  // namespace
}  // namespace dailyfeed::http
