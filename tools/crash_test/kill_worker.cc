#include "tools/crash_test/kill_worker.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "gtest/gtest.h"

namespace dailyfeed {
namespace {

namespace json = boost::json;
using test_support::HttpClient;
using test_support::HttpHeaders;
using test_support::HttpReply;

int64_t Number(const json::value& object, const char* name) {
  return object.at(name).to_number<int64_t>();
}

}  // namespace

void Worker::Load(uint16_t port, const std::vector<int64_t>& shared,
                  const std::vector<int64_t>& members, const std::atomic<bool>& stop) {
  HttpClient client(port);
  while (!stop && !cut_off_) Send(client, Next(shared, members));
}

void Worker::Resume(uint16_t port) {
  if (!cut_off_) return;
  HttpClient client(port);
  const Write again = *std::exchange(cut_off_, std::nullopt);
  Send(client, again);
  ASSERT_FALSE(cut_off_) << "the gateway is up, but did not answer";
}

void Worker::Check(uint16_t port) {
  HttpClient client(port);
  CheckPosts(client);
  CheckFollowings(client);
  for (const auto& [post, comments] : comments_) CheckComments(client, post, comments);
}

Worker::Write Worker::Next(const std::vector<int64_t>& shared,
                           const std::vector<int64_t>& members) {
  const uint64_t dice = random_() % 100;
  const std::string key = fmt::format("w{}-{}", number_, ++writes_);
  if (dice < 40 || posts_.empty()) return Post(key);
  if (dice < 66) return ToggleLike(key, shared[random_() % shared.size()]);
  if (dice < 76) return ToggleFollow(key, members[random_() % members.size()]);
  auto own = std::next(posts_.begin(), static_cast<ptrdiff_t>(random_() % posts_.size()));
  if (dice < 85) return AddComment(key, own->first);
  if (dice < 90 && !comments_.empty()) {
    auto commented =
        std::next(comments_.begin(), static_cast<ptrdiff_t>(random_() % comments_.size()));
    // The first comment of a post is never a reply.
    return Reply(key, commented->first, commented->second.front().id);
  }
  if (dice < 96) return Edit(key, own->first);
  return {Write::Kind::kDelete, "DELETE", fmt::format("/api/posts/{}", own->first), "", key,
          own->first,           ""};
}

Worker::Write Worker::Post(const std::string& key) const {
  const std::string text = "post " + key;
  return {Write::Kind::kPost,
          "POST",
          "/api/posts",
          fmt::format(R"({{"content":"{}"}})", text),
          key,
          0,
          text};
}

Worker::Write Worker::Edit(const std::string& key, int64_t post) const {
  const std::string text = "edited " + key;
  return {Write::Kind::kEdit,
          "PUT",
          fmt::format("/api/posts/{}", post),
          fmt::format(R"({{"content":"{}"}})", text),
          key,
          post,
          text};
}

Worker::Write Worker::AddComment(const std::string& key, int64_t post) const {
  const std::string text = "comment " + key;
  return {Write::Kind::kComment,
          "POST",
          "/api/comments",
          fmt::format(R"({{"content":"{}","postId":{}}})", text, post),
          key,
          post,
          text};
}

Worker::Write Worker::Reply(const std::string& key, int64_t post, int64_t parent) const {
  const std::string text = "reply " + key;
  return {Write::Kind::kReply,
          "POST",
          "/api/comments/replies",
          fmt::format(R"({{"content":"{}","postId":{},"parentId":{}}})", text, post, parent),
          key,
          post,
          text};
}

Worker::Write Worker::ToggleLike(const std::string& key, int64_t post) const {
  const bool liked = liked_.contains(post);
  return {liked ? Write::Kind::kUnlike : Write::Kind::kLike,
          liked ? "DELETE" : "POST",
          fmt::format("/api/posts/{}/like", post),
          "",
          key,
          post,
          ""};
}

Worker::Write Worker::ToggleFollow(const std::string& key, int64_t member) const {
  if (member == id_) return Post(key);
  const bool following = followings_.contains(member);
  return {following ? Write::Kind::kUnfollow : Write::Kind::kFollow,
          following ? "DELETE" : "POST",
          fmt::format("/api/members/follow/{}", member),
          "",
          key,
          member,
          ""};
}

void Worker::Send(HttpClient& client, const Write& write) {
  HttpHeaders headers = Headers();
  headers.emplace_back("Idempotency-Key", write.key);
  absl::StatusOr<HttpReply> reply = client.Request(write.method, write.path, headers, write.body);
  if (!reply.ok()) {
    cut_off_ = write;
    return;
  }
  ASSERT_EQ(reply->status, 200) << write.method << " " << write.path << ": " << reply->body;
  ++acknowledged_;
  Apply(write, json::parse(reply->body).at("data"));
}

void Worker::Apply(const Write& write, const json::value& data) {
  switch (write.kind) {
    case Write::Kind::kPost:
      ASSERT_TRUE(posts_.emplace(Number(data, "id"), write.text).second) << "two posts with one id";
      break;
    case Write::Kind::kEdit:
      posts_[write.target] = write.text;
      break;
    case Write::Kind::kDelete:
      posts_.erase(write.target);
      comments_.erase(write.target);
      break;
    case Write::Kind::kLike:
      liked_.insert(write.target);
      break;
    case Write::Kind::kUnlike:
      liked_.erase(write.target);
      break;
    case Write::Kind::kFollow:
      followings_.insert(write.target);
      break;
    case Write::Kind::kUnfollow:
      followings_.erase(write.target);
      break;
    case Write::Kind::kComment:
      comments_[write.target].push_back({Number(data, "id"), 0, write.text});
      break;
    case Write::Kind::kReply: {
      Comments& comments = comments_[write.target];
      comments.push_back({Number(data, "id"), comments.front().id, write.text});
      break;
    }
  }
}

std::vector<json::value> Worker::List(HttpClient& client, const std::string& path) {
  std::vector<json::value> rows;
  std::string cursor;
  for (;;) {
    auto reply = client.Request(
        "GET", path + "?page=0&size=100" + (cursor.empty() ? "" : "&cursor=" + cursor), Headers());
    EXPECT_TRUE(reply.ok() && reply->status == 200) << path;
    if (!reply.ok() || reply->status != 200) return rows;
    const json::value data = json::parse(reply->body).at("data");
    for (const json::value& row : data.at("content").as_array()) rows.push_back(row);
    if (!data.at("hasNext").as_bool()) return rows;
    cursor = json::value_to<std::string>(data.at("nextCursor"));
  }
}

std::vector<std::string> Worker::Texts(HttpClient& client, const std::string& path) {
  std::vector<std::string> texts;
  for (const json::value& row : List(client, path)) {
    texts.push_back(json::value_to<std::string>(row.at("content")));
  }
  return texts;
}

void Worker::CheckPosts(HttpClient& client) {
  std::map<int64_t, std::string> stored;
  for (const json::value& row : List(client, "/api/timeline/posts")) {
    EXPECT_TRUE(
        stored.emplace(Number(row, "id"), json::value_to<std::string>(row.at("content"))).second);
    const auto known = comments_.find(Number(row, "id"));
    EXPECT_EQ(Number(row, "commentCount"),
              known == comments_.end() ? 0 : static_cast<int64_t>(known->second.size()));
  }
  EXPECT_EQ(stored, posts_) << "worker " << number_;
}

void Worker::CheckFollowings(HttpClient& client) {
  std::set<int64_t> stored;
  for (const json::value& row : List(client, "/api/members/followings/more")) {
    EXPECT_TRUE(stored.insert(Number(row, "id")).second);
  }
  EXPECT_EQ(stored, followings_) << "worker " << number_;
}

void Worker::CheckComments(HttpClient& client, int64_t post, const Comments& comments) {
  std::vector<std::string> top, replies;
  for (const Comment& comment : comments) {
    (comment.parent == 0 ? top : replies).push_back(comment.text);
  }
  EXPECT_EQ(Texts(client, fmt::format("/api/timeline/posts/{}/comments", post)), top);
  if (replies.empty()) return;
  EXPECT_EQ(Texts(client, fmt::format("/api/timeline/comments/{}/replies", comments.front().id)),
            replies);
}

}  // namespace dailyfeed
