// The directory over a real runtime: it follows the rows, view by view, through
// restarts and flips, and gives up when it must.
#include "projections/search/members/member_directory.h"

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "gtest/gtest.h"
#include "projections/follows/follows_projection.h"
#include "projections/members/member_rows.h"
#include "projections/members/members_projection.h"
#include "projections/testing/events.h"
#include "projections/testing/plain_personal_data.h"

namespace dailyfeed::search {
namespace {

using testing::At;

constexpr MemberId kKim = 1, kLee = 2, kPark = 3;

class MemberDirectoryTest : public ::testing::Test {
 protected:
  MemberDirectoryTest() { Start({}); }
  ~MemberDirectoryTest() override { runtime_->Stop(); }

  void Start(const MemberDirectoryOptions& options) {
    if (runtime_ != nullptr) runtime_->Stop();
    runtime_ = Runtime::Create(&store_, &log_, {});
    members_id_ = runtime_->Register(&members_);
    const ProjectionId follows = runtime_->Register(&follows_);
    directory_ = std::make_unique<MemberDirectory>(runtime_.get(), members_id_, follows, options);
    ASSERT_TRUE(runtime_->Start().ok());
  }

  void Commit(std::vector<v1::Event> events) {
    LogBatch batch;
    std::vector<std::string> bytes;
    bytes.reserve(events.size());
    for (v1::Event& event : events) {
      event.set_position(++head_);
      event.set_stream_version(++versions_[{event.stream_kind(), event.stream_id()}]);
      event.set_event_id("event " + std::to_string(head_));
      bytes.push_back(event.SerializeAsString());
      batch.events.push_back({.position = event.position(),
                              .stream_kind = event.stream_kind(),
                              .stream_id = event.stream_id(),
                              .stream_version = event.stream_version(),
                              .day = 20261121,
                              .bytes = bytes.back()});
    }
    ASSERT_TRUE(log_.Append(batch).ok());
    auto applied = std::make_shared<std::promise<absl::Status>>();
    CommittedBatch committed;
    for (v1::Event& event : events) {
      committed.events.push_back(std::make_shared<const v1::Event>(std::move(event)));
    }
    committed.done = [applied](absl::Status of) { applied->set_value(std::move(of)); };
    std::future<absl::Status> status = applied->get_future();
    runtime_->OnCommitted(std::move(committed));
    ASSERT_TRUE(status.get().ok());
  }
  void SignUpThree() {
    Commit({At(1000, testing::SignedUp(kKim, "Kim_7")), At(1000, testing::SignedUp(kLee, "Lee_7")),
            At(1000, testing::SignedUp(kPark, "Park"))});
  }

  absl::StatusOr<std::vector<MemberId>> Find(std::string_view q, const ReadView& view) const {
    const absl::StatusOr<FoundMembers> found =
        directory_->Find(view, ParseMemberQuery(q).value(), 0, 10);
    if (!found.ok()) return found.status();
    EXPECT_EQ(found->total, found->ids.size());
    return found->ids;
  }
  std::vector<MemberId> Find(std::string_view q) const { return Find(q, *runtime_->Pin()).value(); }
  std::vector<MemberId> Suggest(std::string_view q) const {
    return directory_->Suggest(*runtime_->Pin(), TypedPrefix::Parse(q).value(), 5).value();
  }

  using Ids = std::vector<MemberId>;
  MemoryEventLog log_;
  MemoryStore store_;
  testing::PlainPersonalData personal_data_;
  MembersProjection members_{&personal_data_};
  FollowsProjection follows_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<MemberDirectory> directory_;
  ProjectionId members_id_{};
  std::map<std::pair<int, uint64_t>, StreamVersion> versions_;
  Position head_ = 0;
};

TEST_F(MemberDirectoryTest, FollowsNamesHandlesAndFollowers) {
  EXPECT_EQ(Find("kim"), Ids());
  SignUpThree();
  EXPECT_EQ(Find("_7"), (Ids{kKim, kLee}));
  EXPECT_EQ(Suggest("the"), (Ids{kKim, kLee, kPark}));
  Commit({At(2000, testing::Followed(kKim, kLee))});
  EXPECT_EQ(Find("_7"), (Ids{kLee, kKim})) << "more followers first";
  EXPECT_EQ(Suggest("the"), (Ids{kLee, kKim, kPark}));
  Commit({At(2000, testing::Unfollowed(kKim, kLee))});
  EXPECT_EQ(Find("_7"), (Ids{kKim, kLee}));
  Commit({At(3000, testing::HandleChanged(kKim, "Choi"))});
  EXPECT_EQ(Find("choi"), Ids{kKim});
  EXPECT_EQ(Suggest("ch"), Ids{kKim});
  v1::PersonalProfileChanges changes;
  changes.set_member_name("김 민지");
  changes.set_display_name("");
  Commit({At(4000, testing::ProfileUpdated(kLee, changes))});
  EXPECT_EQ(Find("김민지"), Ids{kLee});
  EXPECT_EQ(Suggest("기"), Ids{kLee});
  EXPECT_EQ(Suggest("ㄱ"), Ids{kLee});
  EXPECT_EQ(Find("김민지가"), Ids{kLee}) << "as nobody is found otherwise";
  EXPECT_EQ(Find("name of lee"), Ids()) << "a former name";
  EXPECT_EQ(Find("the lee"), Ids());
}

TEST_F(MemberDirectoryTest, AMemberWhoWithdrewIsGoneAtOnce) {
  SignUpThree();
  const auto before = runtime_->Pin();
  const uint64_t bytes = directory_->CountsOf(*before).bytes;
  Commit({At(2000, testing::Withdrawn(kLee, "Lee_7"))});
  EXPECT_EQ(Find("lee"), Ids());
  EXPECT_EQ(Suggest("lee"), Ids());
  EXPECT_EQ(Find("_7"), Ids{kKim});
  EXPECT_EQ(directory_->CountsOf(*runtime_->Pin()).members, 2u);
  EXPECT_LT(directory_->CountsOf(*runtime_->Pin()).bytes, bytes);
  // A query that began before reads its moment to the end.
  EXPECT_EQ(Find("lee", *before).value(), Ids{kLee});
  // Somebody else takes the handle.
  Commit({At(3000, testing::SignedUp(4, "Lee_7"))});
  EXPECT_EQ(Find("lee_7"), Ids{4});
}

TEST_F(MemberDirectoryTest, IsMadeFromTheRowsAtStartAndAtAFlip) {
  SignUpThree();
  Commit({At(2000, testing::Followed(kKim, kPark)), At(2000, testing::Followed(kLee, kPark)),
          At(3000, testing::Withdrawn(kLee, "Lee_7"))});
  const auto check = [&] {
    EXPECT_EQ(Find("e"), (Ids{kPark, kKim}));
    EXPECT_EQ(Find("lee"), Ids());
    EXPECT_EQ(directory_->CountsOf(*runtime_->Pin()).members, 2u);
  };
  check();
  Start({});
  check();
  // A generation in which another member has no key.
  personal_data_.gone.insert("subject-Kim_7");
  const uint64_t generation = runtime_->BuildGeneration(MembersProjection::kName).value();
  check();
  ASSERT_TRUE(runtime_->Activate(MembersProjection::kName, generation).ok());
  EXPECT_EQ(Find("e"), Ids{kPark});
  ASSERT_TRUE(runtime_->Rollback(MembersProjection::kName).ok());
  check();
}

// A name goes from one member to the other in one batch, again and again: whoever
// looks finds it once, with the card that has it.
TEST_F(MemberDirectoryTest, AViewHasTheNamesOfItsMoment) {
  SignUpThree();
  v1::PersonalProfileChanges with, without;
  with.set_member_name("token");
  without.set_member_name("nothing");
  Commit({At(2000, testing::ProfileUpdated(kKim, with))});
  std::atomic<bool> done = false;
  std::atomic<uint64_t> looks = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto view = runtime_->Pin();
        const Ids found = Find("token", *view).value();
        ASSERT_EQ(found.size(), 1u);
        std::string row;
        ASSERT_TRUE(view->rows(members_id_).Get(members::CardKey(found[0]), &row).value());
        EXPECT_EQ(members::DecodeCardNames(row).value().member_name, "token");
        ++looks;
      }
    });
  }
  for (int i = 0; i < 300 || looks < 300; ++i) {
    const bool to_lee = i % 2 == 0;
    Commit({At(3000, testing::ProfileUpdated(kKim, to_lee ? without : with)),
            At(3000, testing::ProfileUpdated(kLee, to_lee ? with : without)),
            At(3000, to_lee ? testing::Followed(kKim, kLee) : testing::Unfollowed(kKim, kLee))});
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST_F(MemberDirectoryTest, NamesThatTakeTooMuchAreGivenUp) {
  const auto expect_refused = [&] {
    const absl::Status status = Find("kim", *runtime_->Pin()).status();
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kServiceUnavailable);
    EXPECT_TRUE(absl::IsUnavailable(status));
    EXPECT_FALSE(directory_->Suggest(*runtime_->Pin(), TypedPrefix::Parse("k").value(), 5).ok());
    EXPECT_EQ(directory_->CountsOf(*runtime_->Pin()).members, 0u);
  };
  SignUpThree();
  const size_t needed = directory_->CountsOf(*runtime_->Pin()).bytes;
  Start({.names_bytes_max = needed});
  EXPECT_EQ(Find("kim"), Ids{kKim});
  v1::PersonalProfileChanges changes;
  changes.set_member_name(std::string(2 * needed, 'x'));
  Commit({At(2000, testing::ProfileUpdated(kLee, changes))});
  expect_refused();
  Commit({At(3000, testing::HandleChanged(kKim, "Choi"))});
  expect_refused();
  Start({.names_bytes_max = needed});
  expect_refused();
  Start({});
  EXPECT_EQ(Find("choi"), Ids{kKim});
}

TEST_F(MemberDirectoryTest, ADamagedCardIsDataLossForSearchesOnly) {
  SignUpThree();
  for (auto row = store_.NewIterator({}); row->Valid(); row->Next()) {
    if (row->key().find("c") == std::string_view::npos || row->value().find("Kim_7") != 1) continue;
    StoreBatch batch;
    batch.Put(row->key(), row->value().substr(0, 4));
    ASSERT_TRUE(store_.Write(std::move(batch)).ok());
    break;
  }
  Start({});
  EXPECT_TRUE(absl::IsDataLoss(Find("lee", *runtime_->Pin()).status()));
  Commit({At(2000, testing::Followed(kPark, kLee))});
  EXPECT_TRUE(absl::IsDataLoss(Find("lee", *runtime_->Pin()).status()));
}

TEST_F(MemberDirectoryTest, AViewThatEndedHasNothing) {
  runtime_->Stop();
  const absl::StatusOr<Ids> found = Find("kim", *runtime_->Pin());
  EXPECT_TRUE(!found.ok() || found->empty());
}

}  // namespace
}  // namespace dailyfeed::search
