// kill -9 at random moments under load, through the real binary and real HTTP:
// every acknowledged command is there afterwards, a command that was cut off
// happens exactly once when it is sent again with its key, and every answer
// equals a fold of the log.
//
// The everyday run kills a few times; the slow one (--config=slow) 200 times.
#include <fmt/format.h>

#include <atomic>
#include <boost/json.hpp>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "gtest/gtest.h"
#include "tools/test_support/gateway_process.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test_support::Finished;
using test_support::GatewayProcess;
using test_support::HttpClient;
using test_support::HttpHeaders;
using test_support::HttpReply;

constexpr int kWorkers = 8;
constexpr int kSharedPosts = 5;

int FromEnvironment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

std::string Binary() {
  return std::string(std::getenv("TEST_SRCDIR")) + "/dailyfeed/tools/dailyfeed";
}

int64_t Number(const json::value& object, const char* name) {
  return object.at(name).to_number<int64_t>();
}

// One write, complete enough to be sent again.
struct Write {
  enum class Kind { kPost, kEdit, kDelete, kLike, kUnlike, kFollow, kUnfollow, kComment };
  Kind kind;
  std::string method, path, body;
  std::string key;
  int64_t target = 0;
  std::string text;
};

// One member with a client, and what must be true of them: nobody else changes
// it. `cut_off` is the write that was sent but not answered before the kill.
class Worker {
 public:
  Worker(int number, std::string token, int64_t id)
      : number_(number), token_(std::move(token)), id_(id), random_(0) {}

  void Seed(uint64_t seed) { random_.seed(seed + static_cast<uint64_t>(number_)); }
  int64_t id() const { return id_; }
  const std::set<int64_t>& liked() const { return liked_; }
  uint64_t acknowledged() const { return acknowledged_; }

  // Writes until the connection breaks or `stop`.
  void Load(uint16_t port, const std::vector<int64_t>& shared, const std::vector<int64_t>& members,
            const std::atomic<bool>& stop) {
    HttpClient client(port);
    while (!stop && !cut_off_) Send(client, Next(shared, members));
  }

  // Sends the write that was cut off again, with its key.
  void Resume(uint16_t port) {
    if (!cut_off_) return;
    HttpClient client(port);
    const Write again = *std::exchange(cut_off_, std::nullopt);
    Send(client, again);
    ASSERT_FALSE(cut_off_) << "the gateway is up, but did not answer";
  }

  void Check(uint16_t port) {
    HttpClient client(port);
    CheckPosts(client);
    CheckFollowings(client);
    for (const auto& [post, texts] : comments_) {
      if (posts_.contains(post)) CheckComments(client, post, texts);
    }
  }

  HttpHeaders Headers() const { return {{"Authorization", token_}}; }

 private:
  Write Next(const std::vector<int64_t>& shared, const std::vector<int64_t>& members) {
    const uint64_t dice = random_() % 100;
    const std::string key = fmt::format("w{}-{}", number_, ++writes_);
    if (dice < 40 || posts_.empty()) return Post(key);
    if (dice < 70) return ToggleLike(key, shared[random_() % shared.size()]);
    if (dice < 80) return ToggleFollow(key, members[random_() % members.size()]);
    auto own = std::next(posts_.begin(), static_cast<ptrdiff_t>(random_() % posts_.size()));
    if (dice < 90) return Comment(key, own->first);
    if (dice < 96) return Edit(key, own->first);
    return {Write::Kind::kDelete, "DELETE", fmt::format("/api/posts/{}", own->first), "", key,
            own->first,           ""};
  }
  Write Post(const std::string& key) {
    const std::string text = "post " + key;
    return {Write::Kind::kPost,
            "POST",
            "/api/posts",
            fmt::format(R"({{"content":"{}"}})", text),
            key,
            0,
            text};
  }
  Write Edit(const std::string& key, int64_t post) {
    const std::string text = "edited " + key;
    return {Write::Kind::kEdit,
            "PUT",
            fmt::format("/api/posts/{}", post),
            fmt::format(R"({{"content":"{}"}})", text),
            key,
            post,
            text};
  }
  Write Comment(const std::string& key, int64_t post) {
    const std::string text = "comment " + key;
    return {Write::Kind::kComment,
            "POST",
            "/api/comments",
            fmt::format(R"({{"content":"{}","postId":{}}})", text, post),
            key,
            post,
            text};
  }
  Write ToggleLike(const std::string& key, int64_t post) {
    const bool liked = liked_.contains(post);
    return {liked ? Write::Kind::kUnlike : Write::Kind::kLike,
            liked ? "DELETE" : "POST",
            fmt::format("/api/posts/{}/like", post),
            "",
            key,
            post,
            ""};
  }
  Write ToggleFollow(const std::string& key, int64_t member) {
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

  void Send(HttpClient& client, const Write& write) {
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

  void Apply(const Write& write, const json::value& data) {
    switch (write.kind) {
      case Write::Kind::kPost:
        ASSERT_TRUE(posts_.emplace(Number(data, "id"), write.text).second)
            << "two posts with one id";
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
        comments_[write.target].push_back(write.text);
        break;
    }
  }

  // Every row of a list, page after page by cursor.
  std::vector<json::value> List(HttpClient& client, const std::string& path) {
    std::vector<json::value> rows;
    std::string cursor;
    for (;;) {
      auto reply = client.Request(
          "GET", path + "?page=0&size=100" + (cursor.empty() ? "" : "&cursor=" + cursor),
          Headers());
      EXPECT_TRUE(reply.ok() && reply->status == 200) << path;
      if (!reply.ok() || reply->status != 200) return rows;
      const json::value data = json::parse(reply->body).at("data");
      for (const json::value& row : data.at("content").as_array()) rows.push_back(row);
      if (!data.at("hasNext").as_bool()) return rows;
      cursor = json::value_to<std::string>(data.at("nextCursor"));
    }
  }

  void CheckPosts(HttpClient& client) {
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

  void CheckFollowings(HttpClient& client) {
    std::set<int64_t> stored;
    for (const json::value& row : List(client, "/api/members/followings/more")) {
      EXPECT_TRUE(stored.insert(Number(row, "id")).second);
    }
    EXPECT_EQ(stored, followings_) << "worker " << number_;
  }

  void CheckComments(HttpClient& client, int64_t post, const std::vector<std::string>& texts) {
    std::vector<std::string> stored;
    for (const json::value& row :
         List(client, fmt::format("/api/timeline/posts/{}/comments", post))) {
      stored.push_back(json::value_to<std::string>(row.at("content")));
    }
    EXPECT_EQ(stored, texts);
  }

  const int number_;
  const std::string token_;
  const int64_t id_;
  std::mt19937_64 random_;
  uint64_t writes_ = 0;
  uint64_t acknowledged_ = 0;
  std::optional<Write> cut_off_;
  std::map<int64_t, std::string> posts_;
  std::set<int64_t> liked_;
  std::set<int64_t> followings_;
  std::map<int64_t, std::vector<std::string>> comments_;
};

class KillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::path(::testing::TempDir()) / "kill";
    fs::remove_all(directory_);
    fs::create_directories(directory_);
    seed_ = static_cast<uint64_t>(FromEnvironment("DAILYFEED_SEED", 1));
    SCOPED_TRACE(seed_);
    gateway_ = std::make_unique<GatewayProcess>(Binary(), data());
    ASSERT_EQ(gateway_->Start().ToString(), "OK");
    for (int i = 0; i < kWorkers; ++i) ASSERT_NO_FATAL_FAILURE(SignUp(i));
    HttpClient client(gateway_->port());
    for (int i = 0; i < kSharedPosts; ++i) {
      auto reply = client.Request("POST", "/api/posts", owner_headers_, R"({"content":"shared"})");
      ASSERT_TRUE(reply.ok() && reply->status == 200);
      shared_.push_back(Number(json::parse(reply->body).at("data"), "id"));
    }
  }

  std::string data() const { return (directory_ / "data").string(); }

  // The last to sign up owns the shared posts and is no worker.
  void SignUp(int number) {
    if (number == 0) {
      int64_t unused = 0;
      const std::string token = SignUpAndLogIn("owner", &unused);
      owner_headers_ = {{"Authorization", token}};
    }
    int64_t id = 0;
    std::string token = SignUpAndLogIn(fmt::format("worker{}", number), &id);
    members_.push_back(id);
    workers_.push_back(std::make_unique<Worker>(number, std::move(token), id));
    workers_.back()->Seed(seed_ * 1000);
  }

  std::string SignUpAndLogIn(const std::string& name, int64_t* id) {
    HttpClient client(gateway_->port());
    const std::string sign_up = fmt::format(
        R"({{"email":"{0}@example.com","password":"Secret1!","memberName":"{0}","handle":"{0}","gender":"OTHER","countryCode":"KR"}})",
        name);
    auto created = client.Request("POST", "/api/authentication/signup", {}, sign_up);
    EXPECT_TRUE(created.ok() && created->status == 200);
    auto login =
        client.Request("POST", "/api/authentication/login", {},
                       fmt::format(R"({{"email":"{}@example.com","password":"Secret1!"}})", name));
    EXPECT_TRUE(login.ok() && login->status == 200);
    if (!login.ok()) return "";
    *id = Number(json::parse(login->body).at("data"), "id");
    return std::string(login->Header("Authorization"));
  }

  void LoadAndKill(std::mt19937_64& random) {
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    for (auto& worker : workers_) {
      threads.emplace_back([&] { worker->Load(gateway_->port(), shared_, members_, stop); });
    }
    // The moment of the kill is what the test is about.
    const std::chrono::milliseconds delay(5 + random() % 400);
    std::mutex mutex;
    std::unique_lock<std::mutex> lock(mutex);
    std::condition_variable().wait_for(lock, delay, [] { return false; });
    gateway_->Kill();
    stop = true;
    for (std::thread& thread : threads) thread.join();
  }

  void CheckLikes() {
    HttpClient client(gateway_->port());
    for (int64_t post : shared_) {
      int64_t likes = 0;
      for (const auto& worker : workers_) likes += worker->liked().contains(post) ? 1 : 0;
      auto reply =
          client.Request("GET", fmt::format("/api/timeline/posts/{}", post), owner_headers_);
      ASSERT_TRUE(reply.ok() && reply->status == 200);
      EXPECT_EQ(Number(json::parse(reply->body).at("data"), "likeCount"), likes) << "post " << post;
    }
  }

  // First pages of every list, as every member sees them.
  std::vector<std::string> Answers(GatewayProcess& gateway) {
    std::vector<std::string> answers;
    HttpClient client(gateway.port());
    for (const auto& worker : workers_) {
      for (const std::string& path :
           {std::string("/api/timeline/posts/followings?size=100"),
            std::string("/api/timeline/posts?size=100"), std::string("/api/timeline/comments"),
            std::string("/api/members/followings/more?page=0"),
            std::string("/api/members/followers/more"), std::string("/api/members/profile"),
            fmt::format("/api/timeline/posts/authors/{}", worker->id())}) {
        auto reply = client.Request("GET", path, worker->Headers());
        EXPECT_TRUE(reply.ok() && reply->status == 200) << path;
        if (reply.ok()) answers.push_back(path + " " + reply->body);
      }
    }
    return answers;
  }

  // A second directory with the same log but no read models folds everything
  // anew; it must answer the same.
  void CompareWithFold() {
    const std::vector<std::string> live = Answers(*gateway_);
    absl::StatusOr<int> ended = gateway_->Terminate();
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(*ended, 0);
    const fs::path copy = directory_ / "fold";
    fs::remove_all(copy);
    fs::copy(data(), copy, fs::copy_options::recursive);
    fs::remove_all(copy / "views");
    {
      GatewayProcess folded(Binary(), copy.string());
      ASSERT_EQ(folded.Start().ToString(), "OK");
      EXPECT_EQ(Answers(folded), live);
    }
    auto verified = test_support::RunProcess({Binary(), "log", "verify", "--data-dir=" + data()});
    ASSERT_TRUE(verified.ok());
    EXPECT_EQ(verified->exit_code, 0) << verified->output;
    ASSERT_EQ(gateway_->Start().ToString(), "OK");
  }

  fs::path directory_;
  uint64_t seed_ = 1;
  std::unique_ptr<GatewayProcess> gateway_;
  HttpHeaders owner_headers_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<int64_t> members_;
  std::vector<int64_t> shared_;
};

TEST_F(KillTest, EveryAcknowledgedCommandSurvivesOnce) {
  const int kills = FromEnvironment("DAILYFEED_KILLS", 5);
  constexpr int kRoundsPerFold = 25;
  std::mt19937_64 random(seed_);
  for (int round = 1; round <= kills; ++round) {
    SCOPED_TRACE(
        fmt::format("round {}; repeat with: bazel test //tools/crash_test:kill_test "
                    "--test_env=DAILYFEED_SEED={} --test_env=DAILYFEED_KILLS={}",
                    round, seed_, kills));
    LoadAndKill(random);
    ASSERT_EQ(gateway_->Start().ToString(), "OK");
    for (auto& worker : workers_) worker->Resume(gateway_->port());
    for (auto& worker : workers_) worker->Check(gateway_->port());
    CheckLikes();
    if (round % kRoundsPerFold == 0 || round == kills) CompareWithFold();
    ASSERT_FALSE(HasFailure());
  }
  uint64_t acknowledged = 0;
  for (const auto& worker : workers_) acknowledged += worker->acknowledged();
  EXPECT_GT(acknowledged, static_cast<uint64_t>(kills)) << "the kills met no load";
  RecordProperty("acknowledged", static_cast<int>(acknowledged));
}

}  // namespace
}  // namespace dailyfeed
