// Section 1.7 of the HTTP contract: pages and cursors, on every list.
#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

class PagingTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    kim_ = Join("kim");
    lee_ = Join("lee");
    Follow(lee_, kim_);
  }
  void PublishMany(int count) {
    for (int i = 0; i < count; ++i) {
      // Some at the same instant: then the id decides.
      if (i % 3 == 0) clock_.Advance(absl::Seconds(1));
      posts_.insert(posts_.begin(), Publish(kim_, fmt::format("post {}", i)));
    }
  }
  void ExpectPage(const HttpReply& reply, uint64_t page, uint64_t size) {
    EXPECT_EQ(Number(reply, "page"), page);
    EXPECT_EQ(Number(reply, "size"), size);
  }
  // Follows a list by cursor to its end.
  std::vector<uint64_t> Walk(const std::string& list, const Person& caller, int size) {
    std::vector<uint64_t> all;
    std::string target = fmt::format("{}?size={}", list, size);
    for (uint64_t page = 0; page < 1000; ++page) {
      const HttpReply reply = Get(target, caller);
      EXPECT_EQ(reply.status, 200) << reply.body;
      EXPECT_EQ(Number(reply, "page"), page);
      for (const uint64_t id : Ids(reply)) all.push_back(id);
      const std::string cursor = NextCursor(reply);
      EXPECT_EQ(Data(reply).as_object().at("hasNext").as_bool(), !cursor.empty());
      if (cursor.empty()) return all;
      EXPECT_LE(cursor.size(), 512u);
      EXPECT_EQ(cursor.find_first_not_of(
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                std::string::npos);
      target = fmt::format("{}?size={}&cursor={}", list, size, cursor);
    }
    ADD_FAILURE() << "the list has no end";
    return all;
  }

  Person kim_, lee_;
  std::vector<PostId> posts_;  // newest first
};

TEST_F(PagingTest, ParametersAreReadByTheRules) {
  const struct {
    const char* query;
    uint64_t page, size;
  } rows[] = {
      {"", 0, 20},
      {"?page=3&size=7", 3, 7},
      {"?page=x&size=y", 0, 20},
      {"?page=&size=", 0, 20},
      {"?page", 0, 20},
      {"?page=-1&size=-1", 0, 20},
      {"?page=1.5&size=2.5", 0, 20},
      {"?page=%31&size=%39", 1, 9},
      {"?size=0", 0, 20},
      {"?size=100", 0, 100},
      {"?size=101", 0, 100},
      {"?size=99999999999999999999999", 0, 100},
      {"?page=2147483647", 2147483647, 20},
      {"?page=2147483648", 2147483647, 20},
      {"?page=99999999999999999999999", 2147483647, 20},
      {"?page=-99999999999999999999999", 0, 20},
      {"?sort=id,desc&unknown=%zz&page=2", 2, 20},
      {"?page=1&page=2", 1, 20},
  };
  for (const auto& row : rows) {
    const HttpReply reply = Get(std::string("/api/timeline/posts/followings") + row.query, lee_);
    ASSERT_EQ(reply.status, 200) << row.query;
    ExpectPage(reply, row.page, row.size);
  }
}

TEST_F(PagingTest, DefaultsOfEveryList) {
  const PostId post = Publish(kim_, "x");
  const CommentId comment = AddComment(kim_, post, "y");
  const struct {
    std::string list;
    uint64_t page, size;
  } rows[] = {
      {"/api/timeline/posts/followings", 0, 20},
      {"/api/timeline/posts", 0, 10},
      {fmt::format("/api/timeline/posts/authors/{}", kim_.id), 0, 10},
      {fmt::format("/api/timeline/posts/{}/comments", post), 0, 100},
      {fmt::format("/api/timeline/comments/{}/replies", comment), 0, 10},
      {"/api/timeline/comments", 0, 20},
      {fmt::format("/api/timeline/members/{}/comments", kim_.id), 0, 10},
      {"/api/members/followers/more", 0, 10},
      {"/api/members/followings/more", 1, 10},
      {fmt::format("/api/members/{}/followers/more", kim_.id), 0, 10},
      {fmt::format("/api/members/{}/followings/more", kim_.id), 0, 10},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.list);
    const HttpReply reply = Get(row.list, kim_);
    ASSERT_EQ(reply.status, 200);
    ExpectPage(reply, row.page, row.size);
    ExpectError(Get(row.list + "?cursor=nonsense", kim_), 400, "INVALID_CURSOR");
    // Without a cursor in it the page counts.
    EXPECT_EQ(Get(row.list + "?cursor=&page=1&size=2", kim_).body,
              Get(row.list + "?page=1&size=2", kim_).body);
  }
}

TEST_F(PagingTest, ALowerCapIsTheDefaultToo) {
  api_options_.page_size_max = 15;
  Restart();
  const PostId post = Publish(kim_, "x");
  ExpectPage(Get("/api/timeline/posts/followings", kim_), 0, 15);
  ExpectPage(Get(fmt::format("/api/timeline/posts/{}/comments", post), kim_), 0, 15);
  ExpectPage(Get("/api/timeline/posts", kim_), 0, 10);
}

TEST_F(PagingTest, TheExactEmptyPage) {
  ExpectData(Get("/api/timeline/posts/followings", lee_), 200,
             R"({"content":[],"page":0,"size":20,"hasNext":false,"nextCursor":null})");
  Publish(kim_, "x");
  ExpectData(Get("/api/timeline/posts/followings?page=1&size=1", lee_), 200,
             R"({"content":[],"page":1,"size":1,"hasNext":false,"nextCursor":null})");
}

TEST_F(PagingTest, PagesAndChainsHoldEveryRowOnceInOrder) {
  PublishMany(23);
  const struct {
    std::string list;
    const Person* caller;
  } rows[] = {{"/api/timeline/posts/followings", &lee_},
              {"/api/timeline/posts", &kim_},
              {fmt::format("/api/timeline/posts/authors/{}", kim_.id), &lee_}};
  for (const auto& row : rows) {
    for (const int size : {1, 5, 23, 24}) {
      EXPECT_EQ(Walk(row.list, *row.caller, size), posts_) << row.list << size;
      std::vector<uint64_t> by_page;
      for (int page = 0; page <= 23 / size; ++page) {
        const HttpReply reply =
            Get(fmt::format("{}?page={}&size={}", row.list, page, size), *row.caller);
        for (const uint64_t id : Ids(reply)) by_page.push_back(id);
        EXPECT_EQ(Data(reply).as_object().at("hasNext").as_bool(), (page + 1) * size < 23);
      }
      EXPECT_EQ(by_page, posts_) << row.list << size;
    }
  }
}

TEST_F(PagingTest, AChainGoesOnAfterAnyPageWithAnySizeAndCountsOn) {
  PublishMany(12);
  const std::string list = "/api/timeline/posts/followings";
  const HttpReply second = Get(list + "?page=1&size=3", lee_);
  const HttpReply third =
      Get(fmt::format("{}?size=2&page=77&cursor={}", list, NextCursor(second)), lee_);
  ExpectPage(third, 2, 2);
  EXPECT_EQ(Ids(third), (std::vector<uint64_t>{posts_[6], posts_[7]}));
  const HttpReply fourth = Get(fmt::format("{}?cursor={}", list, NextCursor(third)), lee_);
  ExpectPage(fourth, 3, 20);
  EXPECT_EQ(Ids(fourth), (std::vector<uint64_t>{posts_.begin() + 8, posts_.end()}));
}

TEST_F(PagingTest, WritesElsewhereNeverMakeAChainRepeatOrSkip) {
  PublishMany(10);
  const std::string list = "/api/timeline/posts/followings";
  const HttpReply first = Get(list + "?size=4", lee_);
  const std::vector<PostId> before = posts_;
  PublishMany(3);
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", before[3]), kim_).status, 200);
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", before[1]), kim_).status, 200);
  const HttpReply rest = Get(fmt::format("{}?cursor={}", list, NextCursor(first)), lee_);
  EXPECT_EQ(Ids(rest), (std::vector<uint64_t>{before.begin() + 4, before.end()}));
}

TEST_F(PagingTest, ACursorBelongsToOneListIdAndCaller) {
  PublishMany(3);
  const std::string author = fmt::format("/api/timeline/posts/authors/{}", kim_.id);
  const std::string cursor = NextCursor(Get(author + "?size=1", lee_));
  ASSERT_FALSE(cursor.empty());
  EXPECT_EQ(Get(author + "?cursor=" + cursor, lee_).status, 200);
  EXPECT_EQ(Get(author + "/?cursor=" + cursor, lee_).status, 200);
  ExpectError(Get(author + "?cursor=" + cursor, kim_), 400, "INVALID_CURSOR");
  for (const std::string& foreign :
       {fmt::format("/api/timeline/posts/authors/{}", lee_.id),
        std::string("/api/timeline/posts/followings"), std::string("/api/timeline/comments"),
        fmt::format("/api/timeline/members/{}/comments", kim_.id)}) {
    ExpectError(Get(foreign + "?cursor=" + cursor, lee_), 400, "INVALID_CURSOR");
  }
  ExpectError(Get(author + "?cursor=" + cursor + "A", lee_), 400, "INVALID_CURSOR",
              "커서를 사용할 수 없습니다.");
  ExpectError(Get(author + "?cursor=" + std::string(4000, 'A'), lee_), 400, "INVALID_CURSOR");
}

TEST_F(PagingTest, CursorsSurviveARestart) {
  PublishMany(3);
  const std::string list = "/api/timeline/posts/followings";
  const std::string cursor = NextCursor(Get(list + "?size=1", lee_));
  Restart();
  EXPECT_EQ(Ids(Get(list + "?cursor=" + cursor, lee_)),
            (std::vector<uint64_t>{posts_[1], posts_[2]}));
}

TEST_F(PagingTest, CommentListsAreWalkedToo) {
  const PostId post = Publish(kim_, "x");
  std::vector<CommentId> comments, replies;
  for (int i = 0; i < 7; ++i) comments.push_back(AddComment(lee_, post, "c"));
  for (int i = 0; i < 5; ++i) replies.push_back(AddReply(lee_, post, comments[0], "r"));
  EXPECT_EQ(Walk(fmt::format("/api/timeline/posts/{}/comments", post), kim_, 3), comments);
  EXPECT_EQ(Walk(fmt::format("/api/timeline/comments/{}/replies", comments[0]), kim_, 2), replies);
  std::vector<CommentId> all(replies.rbegin(), replies.rend());
  all.insert(all.end(), comments.rbegin(), comments.rend());
  EXPECT_EQ(Walk("/api/timeline/comments", lee_, 5), all);
  EXPECT_EQ(Walk(fmt::format("/api/timeline/members/{}/comments", lee_.id), kim_, 5), all);
}

TEST_F(PagingTest, InnerCursorsOfBothListsContinueOnTheOneListEndpoints) {
  std::vector<uint64_t> people;
  for (int i = 0; i < 5; ++i) {
    const Person person = Join(fmt::format("fan{}", i));
    clock_.Advance(absl::Seconds(1));
    Follow(person, kim_);
    Follow(kim_, person);
    people.insert(people.begin(), person.id);
  }
  for (const std::string& base :
       {std::string("/api/members"), fmt::format("/api/members/{}", kim_.id)}) {
    SCOPED_TRACE(base);
    const HttpReply both = Get(base + "/followers-followings?size=2", kim_);
    ASSERT_EQ(both.status, 200);
    const boost::json::value data = Data(both);
    const auto inner = [&](const char* list) {
      return std::string(data.as_object().at(list).as_object().at("nextCursor").as_string());
    };
    EXPECT_EQ(Ids(Get(base + "/followers/more?size=2&cursor=" + inner("followers"), kim_)),
              (std::vector<uint64_t>{people[2], people[3]}));
    EXPECT_EQ(Ids(Get(base + "/followings/more?size=2&cursor=" + inner("followings"), kim_)),
              (std::vector<uint64_t>{people[2], people[3]}));
    ExpectError(Get(base + "/followings/more?cursor=" + inner("followers"), kim_), 400,
                "INVALID_CURSOR");
    // Ignored here: this list takes none.
    EXPECT_EQ(Get(base + "/followers-followings?cursor=x", kim_).status, 200);
  }
}

}  // namespace
}  // namespace dailyfeed::http
