// A flood of logins keeps the password workers busy and nobody else.
#include <atomic>
#include <thread>

#include "adapters/http/testing/api_test_util.h"

namespace dailyfeed::http {
namespace {

constexpr int kClients = 8;
constexpr int kReads = 40;

class FloodTest : public ApiTest {
 protected:
  FloodTest() {
    // One worker, with much to do for each login, and room for two that wait.
    options_.identity.argon2_operations = 3;
    options_.identity.argon2_memory_bytes = 32u << 20;
    api_options_.password_threads = 1;
    api_options_.password_queue_max = 2;
    // The limits of guesses are another promise.
    api_options_.failed_logins_max = 0;
    api_options_.failed_logins_per_address_max = 0;
  }
};

TEST_F(FloodTest, ReadsAreAnsweredWhileLoginsFillTheirQueue) {
  const Person kim = Join("kim");
  const PostId post = Publish(kim, "still there");
  std::atomic<bool> done = false;
  std::atomic<int> refused = 0, checked = 0;
  std::vector<std::thread> flood;
  for (int i = 0; i < kClients; ++i) {
    flood.emplace_back([&] {
      HttpClient client(server_->port());
      while (!done) {
        const auto reply = client.Request("POST", "/api/authentication/login", {},
                                          LoginBody("nobody", "Wrong1!xx"));
        ASSERT_TRUE(reply.ok()) << reply.status();
        if (reply->status == 503) {
          ExpectError(*reply, 503, "SERVICE_UNAVAILABLE");
          EXPECT_EQ(reply->Header("Retry-After"), "1");
          ++refused;
        } else {
          ExpectError(*reply, 403, "MEMBER_PASSWORD_INVALID");
          ++checked;
        }
      }
    });
  }
  // From the first refusal on the worker is busy and its queue full.
  while (refused == 0) std::this_thread::yield();
  for (int i = 0; i < kReads; ++i) {
    EXPECT_EQ(Ids(Get("/api/timeline/posts", kim)), std::vector<uint64_t>{post});
    EXPECT_EQ(Get("/api/timeline/posts/followings", kim).status, 200);
    EXPECT_EQ(Get("/api/members/profile", kim).status, 200);
  }
  // So are writes that need no password.
  Publish(kim, "and another");
  done = true;
  for (std::thread& client : flood) client.join();
  EXPECT_GT(refused, 0);
  // Whoever comes when the flood is over gets in.
  EXPECT_EQ(LogIn("kim").id, kim.id);
}

}  // namespace
}  // namespace dailyfeed::http
