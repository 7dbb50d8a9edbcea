// /api/search by words, over a socket: the parameters, their errors, what rows look
// like, and that the very next request sees what was written.
#include "adapters/http/testing/api_rows_test_util.h"

namespace dailyfeed::http {
namespace {

class TextSearchTest : public ContractRowsTest {
 protected:
  static std::string Encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return encoded;
  }
  HttpReply Search(const char* what, const char* parameter, std::string_view words,
                   const Person& person, std::string_view more = {}) {
    return Get(fmt::format("/api/search/{}?{}={}{}", what, parameter, Encoded(words), more),
               person);
  }
  // The ids of the rows, in their order; their number is the total.
  std::vector<uint64_t> Found(const char* what, const char* parameter, std::string_view words,
                              const Person& person, std::string_view more = {}) {
    const HttpReply reply = Search(what, parameter, words, person, more);
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<uint64_t> ids;
    if (reply.status != 200) return ids;
    const boost::json::value data = Data(reply);
    for (const boost::json::value& row : data.at("content").as_array()) {
      const boost::json::object& object = row.as_object();
      ids.push_back(object.at(object.contains("pk") ? "pk" : "id").to_number<uint64_t>());
    }
    EXPECT_EQ(data.at("totalElements").to_number<uint64_t>(), ids.size()) << reply.body;
    return ids;
  }
  static std::string Page(std::string_view rows, int total) {
    return fmt::format(R"({{"content":[{}],"page":0,"size":10,"totalElements":{},"totalPages":{},)"
                       R"("first":true,"last":true,"hasNext":false,"hasPrevious":false}})",
                       rows, total, total > 0 ? 1 : 0);
  }
  using Ids = std::vector<uint64_t>;
  static Ids RowIds(const HttpReply& reply) { return ApiTest::Ids(reply); }

  static constexpr char kLunch[] = "오늘 점심은 김치찌개와 커피를 먹었다 #점심";
  static constexpr const char* kInLunch[] = {"김치", "찌개",   "치찌", "커피",
                                             "다",   "었다 #", "#점심"};
};

TEST_F(TextSearchTest, TheNextRequestFindsAPost) {
  const Person kim = Join("kim");
  const PostId post = Publish(kim, kLunch);
  for (const char* keyword : kInLunch) {
    EXPECT_EQ(Found("posts", "keyword", keyword, kim), Ids{post}) << keyword;
  }
  for (const char* q : {"김치찌개까지", "#점심", "\"김치찌개와 커피\""}) {
    EXPECT_EQ(Found("posts", "q", q, kim), Ids{post}) << q;
  }
  EXPECT_EQ(Found("posts", "q", "김치 -커피", kim), Ids());
  const std::string path = fmt::format("/api/posts/{}", post);
  EXPECT_EQ(Put(path, R"({"content":"저녁은 국수"})", kim).status, 200);
  for (const char* keyword : kInLunch) {
    if (std::string_view(keyword) == "다") continue;
    EXPECT_EQ(Found("posts", "keyword", keyword, kim), Ids()) << keyword;
  }
  EXPECT_EQ(Found("posts", "keyword", "저녁", kim), Ids{post});
  EXPECT_EQ(Put(path, fmt::format(R"({{"content":"{}"}})", kLunch), kim).status, 200);
  for (const char* keyword : kInLunch) {
    EXPECT_EQ(Found("posts", "keyword", keyword, kim), Ids{post}) << keyword;
  }
  EXPECT_EQ(Delete(path, kim).status, 200);
  for (const char* keyword : kInLunch) {
    EXPECT_EQ(Found("posts", "keyword", keyword, kim), Ids()) << keyword;
  }
}

TEST_F(TextSearchTest, TheNextRequestFindsAComment) {
  const Person kim = Join("kim");
  const PostId post = Publish(kim, "x");
  const CommentId top = AddComment(kim, post, "top");
  const CommentId reply = AddReply(kim, post, top, kLunch);
  for (const char* what : {"comments", "comments/advanced"}) {
    for (const char* keyword : kInLunch) {
      EXPECT_EQ(Found(what, "keyword", keyword, kim), Ids{reply}) << what << " " << keyword;
    }
    EXPECT_EQ(Found(what, "q", "김치찌개까지", kim), Ids{reply});
    EXPECT_EQ(Found(what, "q", "김치 -커피", kim), Ids());
  }
  EXPECT_EQ(Found("posts", "keyword", "김치", kim), Ids());
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", post), kim).status, 200);
  EXPECT_EQ(Found("comments", "keyword", "김치", kim), Ids());
  EXPECT_EQ(Found("comments", "keyword", "top", kim), Ids());
}

TEST_F(TextSearchTest, RowsByteForByte) {
  const Person kim = Join("kim"), lee = Join("lee");
  const PostId post = Publish(kim, "a 😀 Kimchi kimchi");
  const CommentId comment = AddComment(lee, post, "KIMCHI");
  EXPECT_EQ(Post(fmt::format("/api/posts/{}/like", post), "", lee).status, 200);
  const std::string post_row = fmt::format(
      R"({{"id":{},"title":"","content":"a 😀 Kimchi kimchi","authorId":{},"authorName":"kim!",)"
      R"("authorHandle":"kim","authorAvatarUrl":"no-image","viewCount":0,"likeCount":1,)"
      R"("commentCount":1,"liked":true,"createdAt":"2025-10-15 12:34:56",)"
      R"("updatedAt":"2025-10-15 12:34:56")",
      post, kim.id);
  const std::string comment_row = fmt::format(
      R"({{"pk":{},"parentPk":null,"postPk":{},"content":"KIMCHI","author":"lee!","path":"{}",)"
      R"("depth":0,"createdAt":"2025-10-15T12:34:56.123456",)"
      R"("updatedAt":"2025-10-15T12:34:56.123456","replyCount":0,"totalReplies":0)",
      comment, post, comment);
  ExpectData(Search("posts", "keyword", "kimchi", lee), 200, Page(post_row + "}", 1));
  ExpectData(Search("posts", "q", "kimchi", lee), 200,
             Page(post_row + R"(,"highlights":[[5,11],[12,18]]})", 1));
  ExpectData(Search("posts", "q", "from:kim", lee), 200,
             Page(post_row + R"(,"highlights":[]})", 1));
  ExpectData(Search("comments", "keyword", "kimchi", lee), 200, Page(comment_row + "}", 1));
  ExpectData(Search("comments", "q", "kimchi", lee), 200,
             Page(comment_row + R"(,"highlights":[[0,6]]})", 1));
  // Spaces arrive as `+`, and a trailing slash may be there.
  ExpectData(Get("/api/search/posts/?keyword=Kimchi+kimchi", lee), 200, Page(post_row + "}", 1));
  ExpectData(Search("posts", "keyword", "nothing", lee), 200, Page("", 0));
}

TEST_F(TextSearchTest, PagesAndOrder) {
  const Person kim = Join("kim");
  Ids newest_first;
  for (int i = 0; i < 25; ++i) {
    newest_first.insert(newest_first.begin(), Publish(kim, fmt::format("word {}", i)));
    clock_.Advance(absl::Seconds(1));
  }
  const PostId better = Publish(kim, "word");
  clock_.Advance(absl::Seconds(1));
  const PostId newest = Publish(kim, "a word that stands in many others");
  const auto ids = [&](std::string_view more) {
    return RowIds(Search("posts", "q", "word", kim, more));
  };
  EXPECT_EQ(ids("&order=newest&size=2"), (Ids{newest, better}));
  EXPECT_EQ(ids("&order=newest&size=100").size(), 27u);
  const Ids all = ids("&size=100");
  ASSERT_EQ(all.size(), 27u);
  Ids pages;
  for (int page = 0; page < 4; ++page) {
    for (const uint64_t id : ids(fmt::format("&size=7&page={}&order=relevance", page))) {
      pages.push_back(id);
    }
  }
  EXPECT_EQ(pages, all);
  EXPECT_TRUE(ids("&page=2147483647&size=100").empty());
}

TEST_F(TextSearchTest, BadWordsAreRefused) {
  const Person kim = Join("kim");
  const std::string units(200, 'x');
  for (const char* what : {"posts", "comments", "comments/advanced"}) {
    SCOPED_TRACE(what);
    const std::string path = fmt::format("/api/search/{}", what);
    ExpectErrors({{"GET", path, "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?keyword=", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?keyword=%E3%80%80+", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?q=+", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?keyword=a&q=b", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?keyword=%FF", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?q=a&order=oldest", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?keyword=" + units + "x", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?q=-a", "", &kim, 400, "INVALID_REQUEST"},
                  {"POST", path + "?keyword=a", "{}", &kim, 405, "METHOD_NOT_ALLOWED"}});
    EXPECT_EQ(Get(path + "?keyword=" + units, kim).status, 200);
    EXPECT_EQ(Get(path + "?keyword=a&q=", kim).status, 200) << "a blank one is none";
    ExpectError(Send("GET", path + "?keyword=a"), 401, "BEARER_TOKEN_MISSING");
  }
}

TEST_F(TextSearchTest, TheMessageNamesWhatIsWrong) {
  const Person kim = Join("kim");
  const struct {
    const char* query;
    const char* korean;
    const char* english;
  } rows[] = {
      {"", "검색어는 비워 둘 수 없습니다", "The keyword must not be blank"},
      {"?keyword=a&q=b", "keyword와 q 가운데 하나만 쓸 수 있습니다",
       "Either keyword or q may be given, not both"},
      {"?q=ok+%22open", "2번째 조건(\"open): 따옴표가 닫히지 않았습니다",
       "Part 2 (\"open) has a quote that is not closed"},
      {"?q=name:x",
       "1번째 조건(name:x): 알 수 없는 조건입니다. from:, since:, until: 을 쓸 수 있습니다",
       "Part 1 (name:x) has a name that is not known; from:, since: and until: are"},
      {"?q=a+since:2026-02-30",
       "2번째 조건(since:2026-02-30): 2026-03-01 같은 실제 날짜여야 합니다",
       "Part 2 (since:2026-02-30) needs a day that exists, as 2026-03-01"},
      {"?q=-a", "검색어에는 제외할 말 말고도 찾을 말이 있어야 합니다",
       "The query must say something to look for, not only what to leave out"},
      {"?q=a&order=x", "정렬 순서는 허용된 값이어야 합니다",
       "The order is not one of the allowed values"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.query);
    const std::string path = fmt::format("/api/search/posts{}", row.query);
    ExpectError(Get(path, kim), 400, "INVALID_REQUEST", row.korean);
    ExpectError(Send("GET", path, As(kim, {{"Accept-Language", "en"}})), 400, "INVALID_REQUEST",
                row.english);
  }
}

TEST_F(TextSearchTest, AFullQueueAnswersTryLaterAndFeedsGoOn) {
  const Person kim = Join("kim");
  api_options_.search_queue_max = 0;
  Restart();
  for (const char* path : {"/api/search/posts?keyword=a", "/api/search/comments?q=a",
                           "/api/search/members?q=a", "/api/search/suggest?q=a"}) {
    const HttpReply reply = Get(path, kim);
    ExpectError(reply, 503, "SERVICE_UNAVAILABLE");
    EXPECT_EQ(reply.Header("Retry-After"), "1");
  }
  // What cannot be understood needs no thread.
  ExpectError(Get("/api/search/posts?keyword=", kim), 400, "INVALID_REQUEST");
  EXPECT_EQ(Get("/api/timeline/posts", kim).status, 200);
}

TEST_F(TextSearchTest, MembersAreFoundByAnyName) {
  const Person kim = Join("kim"), kimchi = Join("kimchi"), lee = Join("lee"), gone = Join("gone");
  EXPECT_EQ(
      Put("/api/members/profile", R"({"memberName":"김 민지","displayName":"Kim Lover"})", lee)
          .status,
      200);
  const auto found = [&](std::string_view q) {
    const HttpReply reply = Search("members", "q", q, kim);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return RowIds(reply);
  };
  EXPECT_EQ(found("kim"), (Ids{kim.id, kimchi.id, lee.id}));
  Follow(kim, lee);
  EXPECT_EQ(found("kim"), (Ids{kim.id, lee.id, kimchi.id})) << "more followers first";
  EXPECT_EQ(found("@KIM"), (Ids{kim.id, lee.id, kimchi.id}));
  EXPECT_EQ(found("김민지"), Ids{lee.id});
  EXPECT_EQ(found("lover kim"), Ids{lee.id});
  EXPECT_EQ(found("member lee"), Ids()) << "a former name";
  EXPECT_EQ(found("gone"), Ids{gone.id});
  EXPECT_EQ(Delete("/api/authentication/deactivate", gone).status, 200);
  EXPECT_EQ(found("gone"), Ids());
  EXPECT_EQ(Put("/api/members/profile/handle", R"({"newHandle":"choi"})", kim).status, 200);
  EXPECT_EQ(found("choi"), Ids{kim.id});
  Restart();
  EXPECT_EQ(found("choi"), Ids{kim.id});
  EXPECT_EQ(found("gone"), Ids());
  ExpectData(Search("members", "q", "김민지", kim), 200,
             Page(fmt::format(R"({{"memberId":{0},"id":{0},"memberName":"김 민지",)"
                              R"("memberHandle":"lee","displayName":"Kim Lover",)"
                              R"("verificationStatus":"NONE","avatarUrl":"no-image",)"
                              R"("updatedAt":"2025-10-15T12:34:56"}})",
                              lee.id),
                  1));
}

TEST_F(TextSearchTest, SuggestionsComeOfWhatIsTyped) {
  const Person kim = Join("kim"), lee = Join("lee");
  EXPECT_EQ(Put("/api/members/profile", R"({"memberName":"김치 장인"})", lee).status, 200);
  const PostId kimchi = Publish(kim, "오늘은 #김치찌개 와 #김밥");
  Publish(kim, "또 #김치찌개");
  const auto suggested = [&](std::string_view q) {
    std::string names;
    const boost::json::value data = Data(Search("suggest", "q", q, kim));
    for (const boost::json::value& member : data.at("members").as_array()) {
      names += "@" + std::string(member.at("memberHandle").as_string()) + " ";
    }
    for (const boost::json::value& tag : data.at("tags").as_array()) {
      names += fmt::format("#{} {} ", std::string(tag.at("tag").as_string()),
                           tag.at("postCount").to_number<int>());
    }
    return names;
  };
  EXPECT_EQ(suggested("기"), "@lee #김치찌개 2 #김밥 1 ");
  EXPECT_EQ(suggested("김ㅊ"), "@lee #김치찌개 2 ");
  EXPECT_EQ(suggested("ㄱㅊ"), "@lee #김치찌개 2 ");
  EXPECT_EQ(suggested("#김"), "#김치찌개 2 #김밥 1 ");
  EXPECT_EQ(suggested("@김"), "@lee ");
  EXPECT_EQ(suggested("K"), "@kim ");
  EXPECT_EQ(suggested("zzz"), "");
  EXPECT_EQ(Delete(fmt::format("/api/posts/{}", kimchi), kim).status, 200);
  EXPECT_EQ(suggested("#"), "#김치찌개 1 ");
  Restart();
  EXPECT_EQ(suggested("#"), "#김치찌개 1 ");
  EXPECT_EQ(Delete("/api/authentication/deactivate", lee).status, 200);
  EXPECT_EQ(suggested("김"), "#김치찌개 1 ");
}

TEST_F(TextSearchTest, MembersAndSuggestionsNeedWords) {
  const Person kim = Join("kim");
  for (const char* what : {"members", "suggest"}) {
    const std::string path = fmt::format("/api/search/{}", what);
    ExpectErrors({{"GET", path, "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?q=+", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?q=%EF%B8%8F", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?q=%FF", "", &kim, 400, "INVALID_REQUEST"},
                  {"GET", path + "?q=" + std::string(201, 'x'), "", &kim, 400, "INVALID_REQUEST"}});
    ExpectError(Get(path, kim), 400, "INVALID_REQUEST", "검색어는 비워 둘 수 없습니다");
    ExpectError(Send("GET", path + "?q=a"), 401, "BEARER_TOKEN_MISSING");
  }
}

}  // namespace
}  // namespace dailyfeed::http
