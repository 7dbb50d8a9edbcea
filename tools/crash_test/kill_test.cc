// kill -9 at random moments under load, through the real binary and real HTTP:
// every acknowledged command is there afterwards, a command that was cut off
// happens exactly once when it is sent again with its key, and what is answered
// after the restart equals a fold of the log that was left behind.
//
// After each kill other members ask, about other posts and in pages of other
// lengths; after the last one all of them, to the end of every list.
//
// The everyday run kills a few times; the slow one (--config=slow) 200 times.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tools/crash_test/kill_answers.h"
#include "tools/crash_test/kill_worker.h"
#include "tools/test_support/gateway_process.h"
#include "tools/test_support/http_client.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test_support::GatewayProcess;
using test_support::HttpClient;
using test_support::HttpHeaders;
using test_support::HttpReply;

constexpr int kWorkers = 8;
constexpr int kSharedPosts = 5;
constexpr size_t kReadersOfARound = 3;
constexpr size_t kPagesOfARound = 4;
constexpr size_t kPostsOfARound = 25;
constexpr size_t kSearches = 33;  // three requests each, with those of frequent words
// After the last kill, by all members.
constexpr size_t kPagesAtTheEnd = std::numeric_limits<size_t>::max();
constexpr size_t kPostsAtTheEnd = 2000;

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

class KillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::path(::testing::TempDir()) / "kill";
    fs::remove_all(directory_);
    fs::create_directories(directory_);
    seed_ = static_cast<uint64_t>(FromEnvironment("DAILYFEED_SEED", 1));
    SCOPED_TRACE(seed_);
    // Small segments, so that many are sealed and merged when the kills come.
    const std::string settings = (directory_ / "settings").string();
    std::ofstream(settings) << "search.loose_documents_max = 40\n";
    gateway_ = std::make_unique<GatewayProcess>(Binary(), data(),
                                                std::vector<std::string>{"--config=" + settings});
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

  // The first to sign up owns the shared posts and is no worker.
  void SignUp(int number) {
    if (number == 0) {
      const std::string token = SignUpAndLogIn("owner", &owner_);
      owner_headers_ = {{"Authorization", token}};
    }
    int64_t id = 0;
    std::string token = SignUpAndLogIn(fmt::format("worker{}", number), &id);
    members_.push_back(id);
    workers_.push_back(std::make_unique<Worker>(number, std::move(token), id,
                                                seed_ * 1000 + static_cast<uint64_t>(number)));
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

  // Everything but the read models, of a gateway that does not run: what folds
  // the log anew.
  std::string CopyWithoutViews() {
    const fs::path copy = directory_ / "fold";
    fs::remove_all(copy);
    fs::create_directories(copy);
    for (const fs::directory_entry& entry : fs::directory_iterator(data())) {
      if (entry.path().filename() == "views" || entry.is_socket()) continue;
      fs::copy(entry.path(), copy / entry.path().filename(), fs::copy_options::recursive);
    }
    return copy.string();
  }

  std::vector<Reader> Readers(std::mt19937_64& random, size_t count) const {
    std::vector<const Worker*> asked;
    for (const auto& worker : workers_) asked.push_back(worker.get());
    std::shuffle(asked.begin(), asked.end(), random);
    asked.resize(std::min(count, asked.size()));
    std::vector<Reader> readers = {{owner_, owner_headers_}};
    for (const Worker* worker : asked) readers.push_back({worker->id(), worker->Headers()});
    return readers;
  }

  // The gateway that was killed, started again, beside one that folds the log it
  // left behind from the first event: they must answer the same.
  void RestartBesideAFold(std::mt19937_64& random, bool whole) {
    const std::string copy = CopyWithoutViews();
    ASSERT_EQ(gateway_->Start().ToString(), "OK");
    {
      GatewayProcess folded(Binary(), copy);
      ASSERT_EQ(folded.Start().ToString(), "OK");
      const std::vector<Reader> readers = Readers(random, whole ? kWorkers : kReadersOfARound);
      const Sample sample = {.seed = random(),
                             .pages_max = whole ? kPagesAtTheEnd : kPagesOfARound,
                             .posts_max = whole ? kPostsAtTheEnd : kPostsOfARound,
                             .searches = kSearches};
      const Answers live = AnswersOf(gateway_->port(), readers, sample);
      ASSERT_EQ(FirstDifference(live, AnswersOf(folded.port(), readers, sample)), "");
      compared_ += live.size();
    }
    Verify(copy);
  }

  void Verify(const std::string& directory) {
    auto verified =
        test_support::RunProcess({Binary(), "log", "verify", "--data-dir=" + directory});
    ASSERT_TRUE(verified.ok());
    EXPECT_EQ(verified->exit_code, 0) << verified->output;
  }

  void CheckEveryWorker() {
    for (auto& worker : workers_) worker->Resume(gateway_->port());
    for (auto& worker : workers_) worker->Check(gateway_->port());
    CheckLikes();
  }

  fs::path directory_;
  uint64_t seed_ = 1;
  std::unique_ptr<GatewayProcess> gateway_;
  int64_t owner_ = 0;
  HttpHeaders owner_headers_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<int64_t> members_;
  std::vector<int64_t> shared_;
  size_t compared_ = 0;  // answers
};

TEST_F(KillTest, EveryAcknowledgedCommandSurvivesOnce) {
  const int kills = FromEnvironment("DAILYFEED_KILLS", 5);
  std::mt19937_64 random(seed_);
  for (int round = 1; round <= kills; ++round) {
    SCOPED_TRACE(
        fmt::format("round {}; repeat with: bazel test //tools/crash_test:kill_test "
                    "--test_env=DAILYFEED_SEED={} --test_env=DAILYFEED_KILLS={}",
                    round, seed_, kills));
    LoadAndKill(random);
    ASSERT_NO_FATAL_FAILURE(RestartBesideAFold(random, round == kills));
    CheckEveryWorker();
    ASSERT_FALSE(HasFailure());
  }
  absl::StatusOr<int> ended = gateway_->Terminate();
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(*ended, 0);
  Verify(data());
  uint64_t acknowledged = 0;
  for (const auto& worker : workers_) acknowledged += worker->acknowledged();
  EXPECT_GT(acknowledged, static_cast<uint64_t>(kills)) << "the kills met no load";
  RecordProperty("acknowledged", static_cast<int>(acknowledged));
  RecordProperty("compared", static_cast<int>(compared_));
}

}  // namespace
}  // namespace dailyfeed
