#include "adapters/images/picture_library.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "adapters/images/store/picture_store.h"
#include "adapters/images/test_pictures.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

// A library over real files; which are used is what the test says.
class PictureLibraryTest : public testing::Test {
 protected:
  PictureLibraryTest()
      : parent_(fs::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(parent_);
    fs::create_directories(parent_);
    Open();
  }
  void Open() {
    library_ = nullptr;
    auto store = PictureStore::Open({.directory = Directory()});
    ASSERT_TRUE(store.ok()) << store.status();
    library_ = std::make_unique<PictureLibrary>(PictureLibrary::Parts{
        .store = *std::move(store), .ids = &SystemIds(), .is_used = [this](std::string_view hash) {
          std::lock_guard lock(mutex_);
          return absl::StatusOr<bool>(uses_.contains(std::string(hash)));
        }});
  }
  std::string Directory() const { return (parent_ / "pictures").string(); }
  AddPicture Prepare(const std::string& file) {
    absl::StatusOr<AddPicture> command = library_->Prepare(file);
    EXPECT_TRUE(command.ok()) << command.status();
    return command.ok() ? *std::move(command) : AddPicture();
  }
  // What the log and its read models do.
  void Add(const AddPicture& picture) {
    std::lock_guard lock(mutex_);
    uses_.insert(picture.content_hash);
    uses_.insert(picture.thumbnail_hash);
  }
  void Delete(const AddPicture& picture) {
    std::lock_guard lock(mutex_);
    uses_.extract(picture.content_hash);
    uses_.extract(picture.thumbnail_hash);
  }
  void Release(const AddPicture& picture) {
    library_->Release({picture.content_hash, picture.thumbnail_hash});
  }
  bool IsThere(const AddPicture& picture) {
    return library_->Read(picture.content_hash).ok() && library_->Read(picture.thumbnail_hash).ok();
  }
  void Settle() {
    const absl::Status settled = library_->Settle();
    EXPECT_TRUE(settled.ok()) << settled;
  }
  PictureSweep Sweep(absl::Duration grace, bool dry_run = false) {
    const auto sweep = library_->Sweep({.grace = grace, .dry_run = dry_run});
    EXPECT_TRUE(sweep.ok()) << sweep.status();
    return sweep.value_or(PictureSweep());
  }
  // Nothing is too young for it.
  static constexpr absl::Duration kNone = -absl::Hours(1);

  fs::path parent_;
  std::mutex mutex_;
  std::multiset<std::string> uses_;
  std::unique_ptr<PictureLibrary> library_;
};

TEST_F(PictureLibraryTest, DescribesWhatItStored) {
  const AddPicture picture = Prepare(EncodePng(Corners(700, 350)));
  EXPECT_EQ(picture.picture_id.size(), 16u);
  EXPECT_EQ(picture.width, 350u);
  EXPECT_EQ(picture.height, 175u);
  const std::string png = library_->Read(picture.content_hash).value();
  EXPECT_EQ(png.size(), picture.bytes);
  EXPECT_EQ(Decode(png).width, 350);
  const std::string thumbnail = library_->Read(picture.thumbnail_hash).value();
  EXPECT_EQ(thumbnail.size(), picture.thumbnail_bytes);
  EXPECT_EQ(Decode(thumbnail).width, 150);
  EXPECT_EQ(ErrorCodeOf(library_->Read(std::string(32, 'x')).status()),
            ErrorCode::kImageReadingFail);
}

TEST_F(PictureLibraryTest, NothingRemainsOfWhatIsNoPicture) {
  EXPECT_EQ(ErrorCodeOf(library_->Prepare("hello").status()), ErrorCode::kInvalidImageSignature);
  EXPECT_EQ(Sweep(kNone).files, 0u);
  EXPECT_EQ(library_->stats().refused, 1u);
}

TEST_F(PictureLibraryTest, FilesGoWhenTheCommandWasRefusedAndStayWhenItWasNot) {
  const AddPicture added = Prepare(EncodePng(Plain(9, 9, kRed)));
  const AddPicture refused = Prepare(EncodePng(Plain(9, 9, kGreen)));
  Add(added);
  library_->Finish(added.picture_id, true);
  library_->Finish(refused.picture_id, true);
  Settle();
  EXPECT_TRUE(IsThere(added));
  EXPECT_FALSE(IsThere(refused));
}

TEST_F(PictureLibraryTest, AFileGoesWithTheLastPictureThatUsesIt) {
  const std::string file = EncodePng(Plain(9, 9, kRed));
  const AddPicture one = Prepare(file), two = Prepare(file);
  EXPECT_EQ(one.content_hash, two.content_hash);
  EXPECT_NE(one.picture_id, two.picture_id);
  for (const AddPicture& picture : {one, two}) {
    Add(picture);
    library_->Finish(picture.picture_id, true);
  }
  Delete(one);
  Release(one);
  Settle();
  EXPECT_TRUE(IsThere(two));
  Delete(two);
  Release(two);
  Settle();
  EXPECT_FALSE(IsThere(two));
  EXPECT_EQ(library_->stats().files_removed, 2u);
}

TEST_F(PictureLibraryTest, AnUploadOnItsWayKeepsItsFiles) {
  const std::string file = EncodePng(Plain(9, 9, kRed));
  const AddPicture old = Prepare(file);
  Add(old);
  library_->Finish(old.picture_id, true);
  Settle();
  const AddPicture coming = Prepare(file);
  Delete(old);
  Release(old);
  Settle();
  EXPECT_TRUE(library_->Erase({old.content_hash}).ok());
  EXPECT_EQ(Sweep(kNone).orphans, 0u);
  EXPECT_TRUE(IsThere(coming));
  library_->Finish(coming.picture_id, true);  // it was refused in the end
  Settle();
  EXPECT_FALSE(IsThere(coming));
}

TEST_F(PictureLibraryTest, WhenNobodyKnowsTheFilesStayUntilTheNextOpening) {
  const AddPicture picture = Prepare(EncodePng(Plain(9, 9, kRed)));
  library_->Finish(picture.picture_id, false);
  Settle();
  Sweep(kNone);
  EXPECT_TRUE(IsThere(picture));
  Open();
  EXPECT_EQ(Sweep(kNone).orphans, 2u);
  EXPECT_FALSE(IsThere(picture));
}

TEST_F(PictureLibraryTest, ASweepTakesOldOrphansOnly) {
  const AddPicture live = Prepare(EncodePng(Plain(9, 9, kRed)));
  Add(live);
  const AddPicture orphan = Prepare(EncodePng(Plain(9, 9, kGreen)));
  Open();  // as after a crash
  std::ofstream(fs::path(Directory()) / "tmp" / "1-1") << "half";

  PictureSweep sweep = Sweep(absl::Hours(1));
  EXPECT_EQ(sweep.files, 5u);
  EXPECT_EQ(sweep.young, 2u);
  EXPECT_EQ(sweep.orphans + sweep.left_overs, 0u);

  sweep = Sweep(kNone, /*dry_run=*/true);
  EXPECT_EQ(sweep.orphans, 2u);
  EXPECT_EQ(sweep.orphan_bytes, orphan.bytes + orphan.thumbnail_bytes);
  EXPECT_EQ(sweep.left_overs, 1u);
  EXPECT_TRUE(IsThere(orphan));

  sweep = Sweep(kNone);
  EXPECT_EQ(sweep.orphans, 2u);
  EXPECT_FALSE(IsThere(orphan));
  EXPECT_TRUE(IsThere(live));
  EXPECT_EQ(Sweep(kNone).files, 2u);
}

TEST_F(PictureLibraryTest, UsageIsKnownWithoutLookingAtEveryFileAgain) {
  const AddPicture before = Prepare(EncodePng(Corners(700, 350)));
  Add(before);
  Open();
  EXPECT_FALSE(library_->Usage().counted);
  while (!library_->Usage().counted) Settle();
  EXPECT_EQ(library_->Usage().files, 2u);
  EXPECT_EQ(library_->Usage().bytes, before.bytes + before.thumbnail_bytes);
  const AddPicture added = Prepare(EncodePng(Plain(9, 9, kRed)));
  Add(added);
  Prepare(EncodePng(Plain(9, 9, kRed)));  // the same files
  EXPECT_EQ(library_->Usage().files, 4u);
  Delete(before);
  Release(before);
  Settle();
  EXPECT_EQ(library_->Usage().files, 2u);
  EXPECT_EQ(library_->Usage().bytes, added.bytes + added.thumbnail_bytes);
}

TEST_F(PictureLibraryTest, ALivePictureHasItsFilesWhateverHappensAtOnce) {
  std::vector<std::string> files;
  for (const Pixel& colour : {kRed, kGreen}) files.push_back(EncodePng(Plain(5, 5, colour)));
  std::atomic<bool> done = false;
  std::thread cleaner([&] {
    while (!done) {
      Settle();
      Sweep(kNone);
    }
  });
  std::vector<std::thread> members;
  for (size_t member = 0; member < 3; ++member) {
    members.emplace_back([&, member] {
      for (size_t round = 0; round < 20; ++round) {
        const AddPicture picture = Prepare(files[(member + round) % files.size()]);
        const bool refused = round % 5 == 4;
        if (!refused) Add(picture);
        library_->Finish(picture.picture_id, true);
        if (refused) continue;
        EXPECT_TRUE(IsThere(picture)) << "member " << member << " round " << round;
        Delete(picture);
        Release(picture);
      }
    });
  }
  for (std::thread& member : members) member.join();
  done = true;
  cleaner.join();
  Settle();
  EXPECT_EQ(Sweep(kNone, /*dry_run=*/true).files, 0u);
  while (!library_->Usage().counted) Settle();
  EXPECT_EQ(library_->Usage().files, 0u);
  EXPECT_EQ(library_->Usage().bytes, 0u);
}

}  // namespace
}  // namespace dailyfeed
