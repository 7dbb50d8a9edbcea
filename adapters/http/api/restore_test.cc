// A backup is restored as docs/how-to/back-up.md says: an older log and its
// pictures, with the newest secrets. Who withdrew since then stays away.
#include <fstream>
#include <sstream>

#include "adapters/http/testing/api_rows_test_util.h"
#include "adapters/rocksdb/log/rocks_event_log.h"

namespace dailyfeed::http {
namespace {

namespace fs = std::filesystem;

class RestoreTest : public ContractRowsTest {
 protected:
  RestoreTest() { options_.maintenance_interval = absl::Milliseconds(2); }

  // The server stands still while files are copied.
  void BackUp() {
    Stop();
    for (const char* part : {"log", "pictures"}) Copy("feed", "backup", part);
    Start();
  }
  void Restore() {
    Stop();
    for (const char* part : {"log", "pictures", "views"}) {
      fs::remove_all(directory_ / "feed" / part);
    }
    for (const char* part : {"log", "pictures"}) Copy("backup", "feed", part);
    Start();
  }
  void Copy(const char* from, const char* to, const char* part) {
    const fs::path source = directory_ / from / part;
    if (!fs::exists(source)) return;
    fs::create_directories(directory_ / to);
    fs::copy(source, directory_ / to / part, fs::copy_options::recursive);
  }

  // Which files of the directory have the text.
  std::vector<std::string> FilesWith(std::string_view text) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(directory_ / "feed")) {
      if (!entry.is_regular_file()) continue;
      std::stringstream bytes;
      bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      if (bytes.str().find(text) != std::string::npos) found.push_back(entry.path().string());
    }
    return found;
  }

  void ExpectGone(const Person& gone, const Person& reader) {
    ExpectError(Send("POST", "/api/authentication/login", {}, LoginBody(gone.name)), 403,
                "MEMBER_PASSWORD_INVALID");
    ExpectError(Get("/api/members", gone), 401, "INVALID_TOKEN");
    for (const std::string& path :
         {fmt::format("/api/members/{}", gone.id), fmt::format("/api/members/{}/summary", gone.id),
          fmt::format("/api/members/{}/profile", gone.id), "/api/members/profile/@" + gone.name,
          fmt::format("/api/timeline/posts/authors/{}", gone.id)}) {
      ExpectError(Get(path, reader), 404, "MEMBER_NOT_FOUND");
    }
    ExpectError(Post(fmt::format("/api/members/follow/{}", gone.id), "", reader), 404,
                "MEMBER_NOT_FOUND");
    ExpectData(Post("/api/members/query/in", fmt::format(R"({{"ids":[{}]}})", gone.id), reader),
               200, "[]");
    ExpectData(Get("/api/members/query/followings", reader), 200, "[]");
    const HttpReply profile = Get("/api/members/profile", reader);
    EXPECT_EQ(Number(profile, "followersCount"), 0u);
    EXPECT_EQ(Number(profile, "followingsCount"), 0u);
  }
};

TEST_F(RestoreTest, WhoWithdrewSinceTheBackupStaysAway) {
  const Person kim = Join("kim");
  Person gone = Join("vanishing");
  Follow(kim, gone);
  Follow(gone, kim);
  const PostId post = Publish(gone, "stays");
  BackUp();
  Withdraw(gone);
  Restore();

  ExpectGone(gone, kim);
  EXPECT_EQ(Data(Get("/api/members/profile/@kim", kim)).as_object().at("id"), kim.id);
  // Their withdrawal is finished as any other, and another start does nothing.
  while (!feed_->queries().UnfinishedWithdrawals().value().empty()) std::this_thread::yield();
  const Position head = feed_->log().Head();
  Restart();
  EXPECT_EQ(feed_->log().Head(), head);
  ExpectGone(gone, kim);
  // A view is an event, which may come a little later.
  const HttpReply shown = Get(fmt::format("/api/timeline/posts/{}", post), kim);
  EXPECT_TRUE(Data(shown).as_object().at("authorId").is_null());
  EXPECT_EQ(Data(shown).as_object().at("authorHandle").as_string(), "withdrawn-member");

  // E-mail and handle are free for somebody new.
  const Person again = Join("vanishing");
  EXPECT_NE(again.id, gone.id);
  ExpectData(Delete("/api/authentication/deactivate", again), 204, "true");
  while (!feed_->queries().UnfinishedWithdrawals().value().empty()) std::this_thread::yield();
  Stop();
  for (const char* text : {"vanishing@example.com", "Member vanishing", "vanishing!"}) {
    EXPECT_EQ(FilesWith(text), std::vector<std::string>()) << text;
  }
  const auto log = OpenRocksEventLog((directory_ / "feed" / "log").string(), {.read_only = true});
  ASSERT_TRUE(log.ok()) << log.status();
  const auto report = VerifyRocksEventLog(**log);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->fault, "");
}

// Their ids are given out again: what they logged in with is of nobody.
TEST_F(RestoreTest, WhoSignedUpSinceTheBackupIsNobodyElse) {
  const Person kim = Join("kim");
  BackUp();
  const Person lost = Join("lost");
  const Person longer_lost = Join("longer_lost");
  Restore();
  const Person lee = Join("lee");
  EXPECT_EQ(lee.id, lost.id);
  for (const Person* person : {&lost, &longer_lost}) {
    ExpectError(Get("/api/members", *person), 401, "INVALID_TOKEN");
    ExpectError(
        Send("POST", "/api/token/refresh", {{"Cookie", "refresh_token=" + person->refresh_token}}),
        401, "INVALID_TOKEN");
    ExpectError(Send("POST", "/api/authentication/login", {}, LoginBody(person->name)), 403,
                "MEMBER_PASSWORD_INVALID");
  }
  for (const Person* person : {&kim, &lee}) {
    EXPECT_EQ(Get("/api/members", *person).status, 200);
  }
}

// Secrets that are older than the log: a key that is missing was not destroyed,
// and the right secrets bring everything back.
TEST_F(RestoreTest, OlderSecretsWithdrawNobody) {
  const Person kim = Join("kim");
  Stop();
  Copy("feed", "older", "secrets");
  Start();
  const Person lee = Join("lee");
  Stop();
  fs::rename(directory_ / "feed" / "secrets", directory_ / "newest");
  Copy("older", "feed", "secrets");
  fs::remove_all(directory_ / "feed" / "views");
  Start();
  const Position head = feed_->log().Head();
  ExpectError(Get(fmt::format("/api/members/{}", lee.id), kim), 404, "MEMBER_NOT_FOUND");
  Stop();
  fs::remove_all(directory_ / "feed" / "secrets");
  fs::rename(directory_ / "newest", directory_ / "feed" / "secrets");
  fs::remove_all(directory_ / "feed" / "views");
  Start();
  ExpectUnchanged(head);
  EXPECT_EQ(Get(fmt::format("/api/members/{}", lee.id), LogIn("kim")).status, 200);
}

}  // namespace
}  // namespace dailyfeed::http
