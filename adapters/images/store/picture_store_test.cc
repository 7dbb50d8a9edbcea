#include "adapters/images/store/picture_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/escaping.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

class PictureStoreTest : public testing::Test {
 protected:
  PictureStoreTest()
      : parent_(fs::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(parent_);
    fs::create_directories(parent_);
    path_ = (parent_ / "pictures").string();
  }
  void Open(PictureStoreOptions options = {}) {
    store_ = nullptr;
    options.directory = path_;
    auto opened = PictureStore::Open(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  std::string Put(std::string_view bytes) {
    const std::string hash = ContentHash(bytes);
    const absl::Status status = store_->Put(hash, bytes);
    EXPECT_TRUE(status.ok()) << status;
    return hash;
  }
  std::multiset<std::string> Hashes() {
    std::multiset<std::string> hashes;
    EXPECT_TRUE(store_
                    ->List([&](const StoredFile& file) {
                      hashes.insert(file.hash);
                      return true;
                    })
                    .ok());
    return hashes;
  }

  fs::path parent_;
  std::string path_;
  std::unique_ptr<PictureStore> store_;
};

TEST_F(PictureStoreTest, KeepsFilesByTheirContent) {
  Open();
  const std::string one = Put("one"), two = Put("two");
  Put("one");
  EXPECT_EQ(store_->Get(one).value(), "one");
  EXPECT_EQ(Hashes(), (std::multiset<std::string>{one, two}));
  Open();
  EXPECT_EQ(store_->Get(two).value(), "two");
  EXPECT_TRUE(store_->Remove(one).ok());
  EXPECT_TRUE(store_->Remove(one).ok());
  EXPECT_EQ(store_->Get(one).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Hashes(), std::multiset<std::string>{two});
}

TEST_F(PictureStoreTest, OnlyTheOwnerMayRead) {
  Open();
  Put("one");
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path_)) {
    EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none)
        << entry.path();
  }
}

TEST_F(PictureStoreTest, OneStoreADirectory) {
  Open();
  const auto second = PictureStore::Open({.directory = path_});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  Open();  // the lock goes with the store
}

TEST_F(PictureStoreTest, BelongsToWhoeverMarkedIt) {
  Open({.owner = "kim"});
  const std::string hash = Put("a picture");
  store_ = nullptr;
  for (const bool adopt : {true, false}) {
    const auto other = PictureStore::Open({.directory = path_, .owner = "lee", .adopt = adopt});
    EXPECT_EQ(other.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(other.status().message().find("belongs to another feed"), std::string::npos);
  }
  Open({.owner = "kim", .adopt = false});
  EXPECT_EQ(Hashes(), std::multiset<std::string>{hash}) << "the mark is no picture";
  // A copy belongs to the same owner.
  store_ = nullptr;
  fs::copy(path_, parent_ / "copy", fs::copy_options::recursive);
  path_ = (parent_ / "copy").string();
  Open({.owner = "kim", .adopt = false});
  EXPECT_EQ(store_->Get(hash).value(), "a picture");
}

TEST_F(PictureStoreTest, ADirectoryWithoutAMarkIsAdoptedOrRefused) {
  Open({.owner = "kim", .adopt = false});
  store_ = nullptr;
  EXPECT_FALSE(fs::exists(fs::path(path_) / "OWNER")) << "it was only looked at";
  Open();
  Put("a picture");
  store_ = nullptr;
  const auto refused = PictureStore::Open({.directory = path_, .owner = "kim", .adopt = false});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  Open({.owner = "kim"});
  Open({.owner = "kim", .adopt = false});
}

TEST_F(PictureStoreTest, RefusesDirectoriesThatCannotBe) {
  EXPECT_EQ(PictureStore::Open({.directory = ""}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PictureStore::Open({.directory = path_ + "/no/such"}).status().code(),
            absl::StatusCode::kNotFound);
  std::ofstream(parent_ / "file") << "x";
  EXPECT_EQ(PictureStore::Open({.directory = (parent_ / "file").string()}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(PictureStoreTest, AFileThatWasDamagedIsWrittenAnew) {
  Open();
  const std::string hash = Put("a picture");
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path_)) {
    if (entry.is_regular_file()) std::ofstream(entry.path()) << "a p";
  }
  EXPECT_EQ(store_->Get(hash).value(), "a p");
  EXPECT_EQ(Put("a picture"), hash);
  EXPECT_EQ(store_->Get(hash).value(), "a picture");
}

TEST_F(PictureStoreTest, WhatIsNotOursIsLeftAlone) {
  Open();
  const std::string hash = Put("one");
  std::ofstream(fs::path(path_) / "notes.txt") << "x";
  fs::create_directory(fs::path(path_) / "ab");
  std::ofstream(fs::path(path_) / "ab" / "notes.png") << "x";
  EXPECT_EQ(Hashes(), std::multiset<std::string>{hash});
}

// A step that fails leaves nothing behind, and the order of the steps is the
// promise: under its own name a file is whole and synced.
TEST_F(PictureStoreTest, AFailureAtAnyStepLeavesNothing) {
  const std::vector<std::string> steps = {"create", "write", "sync", "rename"};
  for (const std::string& failing : steps) {
    std::vector<std::string> seen;
    Open({.on_step = [&](std::string_view step) {
      seen.emplace_back(step);
      return step == failing ? absl::UnavailableError("the disk is gone") : absl::OkStatus();
    }});
    EXPECT_EQ(store_->Put(ContentHash("one"), "one").code(), absl::StatusCode::kUnavailable)
        << failing;
    EXPECT_TRUE(std::equal(seen.begin(), seen.end(), steps.begin())) << failing;
    EXPECT_TRUE(Hashes().empty()) << failing;
  }
}

// A file whose directory could not be synced has a name that a power loss may
// take: the next Put of the same bytes syncs again before it says yes.
TEST_F(PictureStoreTest, TheDirectoryIsSyncedAlsoForAFileThatIsThere) {
  bool fail = true;
  int synced = 0;
  Open({.on_step = [&](std::string_view step) {
    if (step != "sync directory") return absl::OkStatus();
    ++synced;
    return fail ? absl::UnavailableError("the disk is gone") : absl::OkStatus();
  }});
  EXPECT_FALSE(store_->Put(ContentHash("one"), "one").ok());
  fail = false;
  Put("one");
  EXPECT_EQ(synced, 2);
}

TEST_F(PictureStoreTest, LeftOversOfACrashAreListedAndRemoved) {
  Open();
  std::ofstream(fs::path(path_) / "tmp" / "77-0") << "half";
  std::vector<StoredFile> found;
  ASSERT_TRUE(store_
                  ->List([&](const StoredFile& file) {
                    found.push_back(file);
                    return true;
                  })
                  .ok());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].hash.empty());
  EXPECT_EQ(found[0].bytes, 4u);
  EXPECT_TRUE(store_->RemoveLeftOver(found[0].name).ok());
  EXPECT_TRUE(Hashes().empty());
}

// What a directory holds is counted while files come and go; nothing is counted
// twice or missed.
TEST_F(PictureStoreTest, CountsExactlyWhileFilesComeAndGo) {
  constexpr int kFiles = 40;
  Open();
  for (int n = 0; n < kFiles; ++n) Put("old " + std::to_string(n));
  Open();
  std::thread members([&] {
    for (int n = 0; n < kFiles; ++n) {
      Put("new " + std::to_string(n));
      EXPECT_TRUE(store_->Remove(ContentHash("old " + std::to_string(n))).ok());
    }
  });
  while (!store_->Usage().counted) EXPECT_TRUE(store_->Count(absl::Nanoseconds(1)).ok());
  members.join();
  EXPECT_EQ(store_->Usage().files, size_t{kFiles});
  uint64_t bytes = 0;
  for (int n = 0; n < kFiles; ++n) bytes += ("new " + std::to_string(n)).size();
  EXPECT_EQ(store_->Usage().bytes, bytes);
  // A damaged file that is written anew is one file of its new size.
  const std::string hash = Put("a picture");
  std::ofstream(fs::path(path_) / absl::BytesToHexString(hash.substr(0, 1)) /
                (absl::BytesToHexString(hash) + ".png"))
      << "a p";
  bytes += std::string("a p").size();
  Open();
  while (!store_->Usage().counted) EXPECT_TRUE(store_->Count(absl::Seconds(1)).ok());
  EXPECT_EQ(store_->Usage().bytes, bytes);
  Put("a picture");
  EXPECT_EQ(store_->Usage().files, kFiles + 1u);
  EXPECT_EQ(store_->Usage().bytes, bytes + 6);
}

TEST_F(PictureStoreTest, NothingIsWrittenThroughALink) {
  Open();
  // The name of the next temporary file.
  const fs::path victim = parent_ / "victim", tmp = fs::path(path_) / "tmp";
  std::ofstream(victim) << "mine";
  for (int n = 0; n < 3; ++n) {
    fs::create_symlink(victim, tmp / (std::to_string(::getpid()) + "-" + std::to_string(n)));
  }
  const std::string hash = Put("a picture");
  EXPECT_EQ(store_->Get(hash).value(), "a picture");
  EXPECT_EQ(fs::file_size(victim), 4u);
}

TEST_F(PictureStoreTest, ManyThreadsPutTheSame) {
  Open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        const std::string bytes = "picture " + std::to_string(n);
        const std::string hash = ContentHash(bytes);
        ASSERT_TRUE(store_->Put(hash, bytes).ok());
        EXPECT_EQ(store_->Get(hash).value(), bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Hashes().size(), 20u);
}

}  // namespace
}  // namespace dailyfeed
