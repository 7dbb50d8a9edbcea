// Backups of a feed that is written to, restored and held against a fold of the
// log; killed at every step; with withdrawals and sign-ups in between.
#include "adapters/embedded/backup.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "adapters/embedded/dailyfeed.h"
#include "adapters/embedded/testing/history_commands.h"
#include "adapters/images/test_pictures.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

constexpr char kPassword[] = "Secret1!x";

class BackupTest : public ::testing::Test {
 protected:
  BackupTest()
      : base_(fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(base_);
    fs::create_directories(base_);
    options_.time_zone = "UTC";
    options_.identity.argon2_operations = 1;
    options_.identity.argon2_memory_bytes = 8192;
    options_.maintenance_interval = absl::Milliseconds(2);
  }

  std::string Path(const std::string& name) const { return (base_ / name).string(); }

  std::unique_ptr<Dailyfeed> Open(const std::string& name) {
    Options options = options_;
    options.data_directory = Path(name);
    auto feed = Dailyfeed::Open(options);
    EXPECT_TRUE(feed.ok()) << feed.status();
    return feed.ok() ? *std::move(feed) : nullptr;
  }
  static MemberId SignUp(Dailyfeed& feed, const std::string& handle) {
    const auto member = feed.SignUp({.email = handle + "@example.com",
                                     .password = kPassword,
                                     .member_name = "Name of " + handle,
                                     .handle = handle,
                                     .gender = "OTHER",
                                     .country_code = "KR"});
    EXPECT_TRUE(member.ok()) << member.status();
    return member.value_or(0);
  }
  static std::string Upload(Dailyfeed& feed, MemberId member, uint32_t seed) {
    auto picture = feed.PreparePicture(EncodePng(Noise(30, 20, seed)));
    EXPECT_TRUE(picture.ok()) << picture.status();
    std::string id = picture->picture_id;
    EXPECT_TRUE(feed.Execute(member, *std::move(picture)).ok());
    return id;
  }
  absl::StatusOr<BackupReport> RestoreTo(const std::string& name, const std::string& from,
                                         const std::string& secrets = "") {
    return Restore({.from = Path(from),
                    .secrets_from = secrets.empty() ? "" : Path(secrets),
                    .data_directory = Path(name)});
  }
  static std::string SealedBytes(const EventLog& log, Position to) {
    std::string bytes;
    EXPECT_TRUE(log.Read(1,
                         [&](const v1::Event& event) {
                           if (event.position() > to) return false;
                           bytes += event.SerializeAsString();
                           return true;
                         })
                    .ok());
    return bytes;
  }
  // Everything that its owner alone may read.
  void ExpectPrivate(const std::string& name) {
    struct stat info;
    ASSERT_EQ(::stat(Path(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0700u) << name;
  }

  // The worker with these arguments; whether it was killed.
  bool RunWorker(const std::vector<std::string>& arguments) {
    const std::string program = std::string(std::getenv("TEST_SRCDIR")) +
                                "/dailyfeed/adapters/embedded/testing/backup_worker";
    const pid_t child = ::fork();
    if (child == 0) {
      std::vector<char*> argv = {const_cast<char*>(program.c_str())};
      for (const std::string& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
      argv.push_back(nullptr);
      ::execv(program.c_str(), argv.data());
      ::_exit(127);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) return true;
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return false;
  }

  const fs::path base_;
  Options options_;
};

TEST_F(BackupTest, ACopyOfAFeedThatIsWrittenToEqualsAFoldOfItsLog) {
  StandingClock clock;
  options_.engine.clock = &clock;
  const auto feed = Open("feed");
  testing::HistoryProfile profile = kEverything;
  profile.withdraw = 0;  // each step is then one event
  std::mutex mutex;
  std::vector<FeedModel> models;  // by the head of the log
  std::atomic<size_t> written = 0;
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    FeedModel model;
    testing::RandomHistory history(&model, 5, profile);
    {
      std::lock_guard lock(mutex);
      models.push_back(model);
    }
    while (!stop) {
      const v1::Event event = history.Next();
      Request request = RequestFor(*feed, event.payload());
      {
        // Before it is sent: a copy may have the event before the answer is here.
        std::lock_guard lock(mutex);
        models.push_back(model);
      }
      ASSERT_TRUE(Send(*feed, event, *std::move(request.command)).ok());
      ++written;
      written.notify_all();
    }
  });
  size_t enough = profile.members + 20;
  for (int round = 0; round < 3; ++round) {
    for (size_t now = written; now < enough; now = written) written.wait(now);
    enough = written + 40;
    const std::string name = fmt::format("backup{}", round);
    const auto backup = feed->Backup({.to = Path(name)});
    ASSERT_TRUE(backup.ok()) << backup.status();
    const auto restored = RestoreTo("restored" + name, name);
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_EQ(restored->head, backup->head);
    const auto copy = Open("restored" + name);
    ASSERT_NE(copy, nullptr);
    const Position head = copy->log().Head();
    EXPECT_GE(head, backup->head);
    FeedModel model;
    {
      std::lock_guard lock(mutex);
      ASSERT_LT(head, models.size());
      model = models[head];
    }
    CompareAll(model, copy->queries());
    EXPECT_TRUE(SealedBytes(copy->log(), head) == SealedBytes(feed->log(), head));
  }
  stop = true;
  writer.join();
}

TEST_F(BackupTest, WhatHappensBetweenLogAndSecretsIsMadeUpFor) {
  const auto feed = Open("feed");
  const MemberId kim = SignUp(*feed, "kim");
  const MemberId gone = SignUp(*feed, "gone");
  ASSERT_TRUE(feed->Execute(kim, FollowMember{.followee_id = gone}).ok());
  MemberId late = 0;
  BackupOptions options = {.to = Path("backup")};
  options.on_step = [&](std::string_view step) {
    if (step != "pictures") return;
    ASSERT_TRUE(feed->Execute(gone, WithdrawMember{}).ok());
    late = SignUp(*feed, "late");
  };
  const auto backup = feed->Backup(options);
  ASSERT_TRUE(backup.ok()) << backup.status();
  ASSERT_NE(late, 0u);
  ASSERT_TRUE(RestoreTo("restored", "backup").ok());
  const auto restored = Open("restored");
  ASSERT_NE(restored, nullptr);
  const auto log_in = [&restored](const std::string& name) {
    return restored->CheckPassword(name + "@example.com", kPassword);
  };
  EXPECT_EQ(log_in("kim").value_or(0), kim);
  EXPECT_EQ(ErrorCodeOf(log_in("gone").status()), ErrorCode::kMemberPasswordInvalid);
  EXPECT_EQ(ErrorCodeOf(log_in("late").status()), ErrorCode::kMemberPasswordInvalid);
  EXPECT_EQ(ErrorCodeOf(restored->Execute(kim, UnfollowMember{.followee_id = gone}).status()),
            ErrorCode::kMemberNotFound);
  // E-mail and handle of both are free.
  EXPECT_NE(SignUp(*restored, "gone"), 0u);
  EXPECT_NE(SignUp(*restored, "late"), 0u);
}

TEST_F(BackupTest, PicturesAreInIt) {
  const auto feed = Open("feed");
  const MemberId kim = SignUp(*feed, "kim");
  const std::string first = Upload(*feed, kim, 1);
  const std::string second = Upload(*feed, kim, 2);
  std::ofstream(Path("feed/pictures/tmp/1-1")) << "half";
  const auto backup = feed->Backup({.to = Path("backup")});
  ASSERT_TRUE(backup.ok()) << backup.status();
  ASSERT_EQ(backup->parts.size(), 3u);
  EXPECT_EQ(backup->parts[1].name, "pictures");
  EXPECT_EQ(backup->parts[1].files, 2 * 2 + 1u) << "two files a picture, and OWNER";
  ASSERT_TRUE(feed->DeletePictures(kim, {first}).ok());
  ASSERT_TRUE(RestoreTo("restored", "backup").ok());
  const auto restored = Open("restored");
  ASSERT_NE(restored, nullptr);
  for (const std::string& id : {first, second}) {
    EXPECT_TRUE(restored->ReadPicture(id, false).ok());
    EXPECT_TRUE(restored->ReadPicture(id, true).ok());
  }
}

TEST_F(BackupTest, BackupsAreForTheirOwnerAndSecretsApartAreReplaced) {
  const mode_t before = ::umask(0022);
  const auto feed = Open("feed");
  const MemberId kim = SignUp(*feed, "kim");
  ASSERT_TRUE(feed->Backup({.to = Path("one"), .secrets_to = Path("newest")}).ok());
  EXPECT_FALSE(fs::exists(Path("one/secrets")));
  const MemberId lee = SignUp(*feed, "lee");
  const auto second = feed->Backup({.to = Path("two/"), .secrets_to = Path("newest")});
  ASSERT_TRUE(second.ok()) << second.status();
  for (const char* each : {"one", "two", "newest", "newest/secrets", "two/log", "two/pictures"}) {
    ExpectPrivate(each);
  }
  ::umask(before);
  EXPECT_FALSE(fs::exists(Path("newest.incomplete")));
  EXPECT_FALSE(fs::exists(Path("two.incomplete")));

  EXPECT_TRUE(absl::IsNotFound(RestoreTo("none", "two").status()));
  ASSERT_TRUE(RestoreTo("restored", "two", "newest").ok());
  ExpectPrivate("restored/secrets");
  {
    const auto restored = Open("restored");
    ASSERT_NE(restored, nullptr);
    EXPECT_EQ(restored->CheckPassword("lee@example.com", kPassword).value_or(0), lee);
  }
  // An older log with the newest secrets.
  ASSERT_TRUE(RestoreTo("older", "one", "newest").ok());
  const auto older = Open("older");
  ASSERT_NE(older, nullptr);
  EXPECT_EQ(older->CheckPassword("kim@example.com", kPassword).value_or(0), kim);
  EXPECT_FALSE(older->CheckPassword("lee@example.com", kPassword).ok());
}

TEST_F(BackupTest, WhatIsNotEmptyOrNotWholeIsRefused) {
  const auto feed = Open("feed");
  const MemberId kim = SignUp(*feed, "kim");
  Upload(*feed, kim, 1);
  fs::create_directory(Path("full"));
  std::ofstream(Path("full/letter")) << "x";
  const auto refused = [](const absl::Status& status, absl::StatusCode code, const char* says) {
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_NE(status.message().find(says), absl::string_view::npos) << status;
  };
  refused(feed->Backup({.to = Path("full")}).status(), absl::StatusCode::kFailedPrecondition,
          "is not empty");
  refused(feed->Backup({.to = Path("backup"), .secrets_to = Path("full")}).status(),
          absl::StatusCode::kNotFound, "is no backup");
  refused(feed->Backup({.to = Path("no/such")}).status(), absl::StatusCode::kNotFound, "no/such");
  EXPECT_FALSE(fs::exists(Path("backup")));
  EXPECT_FALSE(fs::exists(Path("backup.incomplete")));
  int steps = 0;
  BackupOptions unwanted = {.to = Path("backup")};
  unwanted.wanted = [&steps] { return ++steps < 3; };
  refused(feed->Backup(unwanted).status(), absl::StatusCode::kCancelled, "nobody waits");
  EXPECT_FALSE(fs::exists(Path("backup.incomplete")));

  fs::create_directory(Path("backup"));
  ASSERT_TRUE(feed->Backup({.to = Path("backup"), .secrets_to = Path("secrets")}).ok());
  SignUp(*feed, "lee");
  ASSERT_TRUE(feed->Backup({.to = Path("later"), .secrets_to = Path("later-secrets")}).ok());
  refused(RestoreTo("full", "backup", "secrets").status(), absl::StatusCode::kFailedPrecondition,
          "not empty");
  refused(RestoreTo("feed", "backup", "secrets").status(), absl::StatusCode::kFailedPrecondition,
          "in use");
  refused(RestoreTo("new", "full").status(), absl::StatusCode::kNotFound, "is no backup");
  refused(RestoreTo("new", "later", "secrets").status(), absl::StatusCode::kFailedPrecondition,
          "older than the log");
  for (const auto& entry : fs::recursive_directory_iterator(Path("backup/pictures"))) {
    if (entry.path().extension() == ".png") {
      fs::remove(entry.path());
      break;
    }
  }
  refused(RestoreTo("new", "backup", "secrets").status(), absl::StatusCode::kDataLoss,
          "is not whole");
  std::ofstream(Path("later/BACKUP"), std::ios::trunc) << "dailyfeed backup 2\n";
  refused(RestoreTo("new", "later", "later-secrets").status(), absl::StatusCode::kDataLoss,
          "BACKUP is damaged");
  EXPECT_FALSE(fs::exists(Path("new")));
}

TEST_F(BackupTest, KilledAtEveryStepItIsCompleteOrNotThere) {
  MemberId kim = 0;
  {
    const auto feed = Open("feed");
    kim = SignUp(*feed, "kim");
    Upload(*feed, kim, 1);
  }
  int steps = 0;
  while (
      RunWorker({"backup", Path("feed"), Path("backup"), Path("secrets"), std::to_string(steps)})) {
    EXPECT_FALSE(fs::exists(Path("backup"))) << "killed before step " << steps;
    ASSERT_LT(++steps, 100);
  }
  EXPECT_GE(steps, 8) << "log, pictures and three files, secrets, marker, two renames";
  EXPECT_FALSE(fs::exists(Path("backup.incomplete")));

  int restore_steps = 0;
  while (RunWorker({"restore", Path("backup"), Path("secrets"), Path("restored"),
                    std::to_string(restore_steps)})) {
    Options options = options_;
    options.data_directory = Path("restored");
    const absl::Status opened = Dailyfeed::Open(options).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(opened)) << opened;
    EXPECT_NE(opened.message().find("was interrupted"), absl::string_view::npos) << opened;
    ASSERT_LT(++restore_steps, 200);
  }
  EXPECT_GE(restore_steps, 10);
  const auto feed = Open("feed");
  const auto restored = Open("restored");
  ASSERT_NE(restored, nullptr);
  const Position head = restored->log().Head();
  EXPECT_GT(head, 2u);
  EXPECT_TRUE(SealedBytes(restored->log(), head) == SealedBytes(feed->log(), head));
  EXPECT_EQ(restored->CheckPassword("kim@example.com", kPassword).value_or(0), kim);
}

}  // namespace
}  // namespace dailyfeed
