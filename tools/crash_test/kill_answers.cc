#include "tools/crash_test/kill_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <random>
#include <set>
#include <utility>

#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

namespace json = boost::json;
using test_support::HttpClient;

class Questions {
 public:
  Questions(uint16_t port, const Sample& sample)
      : client_(port), sample_(sample), random_(sample.seed) {}

  // Before Details: what those count moves the ranked lists.
  void Lists(const Reader& reader) {
    for (const char* path :
         {"/api/members", "/api/members/profile", "/api/members/summary",
          "/api/members/followers-followings", "/api/members/query/followings"}) {
      Ask(reader, path);
    }
    for (const char* path :
         {"/api/timeline/posts/followings", "/api/timeline/posts", "/api/timeline/comments",
          "/api/timeline/posts/most-popular", "/api/timeline/posts/most-commented",
          "/api/timeline/posts/recent-activities", "/api/members/followings/more",
          "/api/members/followers/more", "/api/members/follow/recommend/newbie/more"}) {
      Walk(reader, path);
    }
    const std::string author = fmt::format("/api/timeline/posts/authors/{}", reader.id);
    for (const json::value& row : Walk(reader, author)) posts_.insert(IdOf(row));
    Walk(reader, fmt::format("/api/timeline/members/{}/comments", reader.id));
  }

  // Words that every worker writes, and parts of words that few texts have.
  void Searches(const Reader& reader) {
    for (const char* keyword : {"post", "edited", "ost%20w", "comment", "reply", "t", "-", "1"}) {
      Search(reader, keyword);
    }
    for (size_t i = 0; i < sample_.searches; ++i) {
      Search(reader, fmt::format("{}-{}", random_() % 10, random_() % 100));
    }
  }

  void Details(const Reader& reader) {
    for (const int64_t post : SomePosts()) {
      Ask(reader, fmt::format("/api/timeline/posts/{}", post));
      Ask(reader, fmt::format("/api/timeline/statistics/posts/{}", post));
      for (const json::value& row :
           Walk(reader, fmt::format("/api/timeline/posts/{}/comments", post))) {
        Ask(reader, fmt::format("/api/timeline/comments/{}", IdOf(row)));
        Walk(reader, fmt::format("/api/timeline/comments/{}/replies", IdOf(row)));
      }
    }
  }

  Answers Take() { return std::move(answers_); }

 private:
  static int64_t IdOf(const json::value& row) { return row.at("id").to_number<int64_t>(); }

  // The data of the answer; null when there is none.
  json::value Ask(const Reader& reader, const std::string& path) {
    auto reply = client_.Request("GET", path, reader.headers);
    EXPECT_TRUE(reply.ok()) << path << ": " << reply.status();
    if (!reply.ok()) return nullptr;
    EXPECT_EQ(reply->status, 200) << path << ": " << reply->body;
    answers_.push_back(path + " " + reply->body);
    return reply->status == 200 ? json::parse(reply->body).at("data") : nullptr;
  }

  std::vector<json::value> Walk(const Reader& reader, const std::string& path) {
    constexpr int kSizes[] = {3, 10, 50, 100};
    const int size = kSizes[random_() % std::size(kSizes)];
    std::vector<json::value> rows;
    std::string cursor;
    for (size_t page = 0; page < sample_.pages_max; ++page) {
      const json::value data = Ask(reader, fmt::format("{}?page=0&size={}{}", path, size, cursor));
      if (!data.is_object()) break;
      for (const json::value& row : data.at("content").as_array()) rows.push_back(row);
      if (!data.at("hasNext").as_bool()) break;
      cursor = "&cursor=" + json::value_to<std::string>(data.at("nextCursor"));
    }
    return rows;
  }

  void Search(const Reader& reader, const std::string& keyword) {
    const uint64_t page = random_() % 3;
    for (const char* of : {"posts", "comments"}) {
      Ask(reader, fmt::format("/api/search/{}?keyword={}&page={}&size=7", of, keyword, page));
    }
    Ask(reader, fmt::format("/api/search/posts?q={}&order=newest", keyword));
  }

  std::vector<int64_t> SomePosts() {
    std::vector<int64_t> some;
    std::sample(posts_.begin(), posts_.end(), std::back_inserter(some), sample_.posts_max, random_);
    return some;
  }

  HttpClient client_;
  const Sample sample_;
  std::mt19937_64 random_;
  std::set<int64_t> posts_;
  Answers answers_;
};

}  // namespace

Answers AnswersOf(uint16_t port, const std::vector<Reader>& readers, const Sample& sample) {
  Questions questions(port, sample);
  for (const Reader& reader : readers) questions.Lists(reader);
  questions.Searches(readers.front());
  for (const Reader& reader : readers) questions.Details(reader);
  return questions.Take();
}

std::string FirstDifference(const Answers& one, const Answers& other) {
  const auto [left, right] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  if (left == one.end() && right == other.end()) return "";
  return fmt::format("{}\nbut\n{}", left == one.end() ? "nothing more" : *left,
                     right == other.end() ? "nothing more" : *right);
}

}  // namespace dailyfeed
