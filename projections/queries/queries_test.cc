// What the queries answer at the edges: unknown ids, sizes out of range, people
// who are gone, damaged and failing storage.
#include "projections/queries/queries.h"

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/activities/activity_rows.h"
#include "projections/follows/follow_rows.h"
#include "projections/testing/events.h"
#include "projections/testing/hooked_store.h"
#include "projections/testing/queries_rig.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {
namespace {

using testing::At;
using testing::QueriesRig;

constexpr MemberId kKim = 1;
constexpr MemberId kLee = 2;
constexpr MemberId kGone = 3;
constexpr MemberId kUnknown = 99;
constexpr PostId kPost = 41;
constexpr PostId kPostOfGone = 42;
constexpr CommentId kComment = 9;

constexpr CacheOptions kNoCaches = {.post_bytes_max = 0,
                                    .member_bytes_max = 0,
                                    .author_heads_bytes_max = 0,
                                    .followings_bytes_max = 0,
                                    .likes_bytes_max = 0,
                                    .home_feeds_bytes_max = 0,
                                    .activity_heads_bytes_max = 0};

class QueriesTest : public ::testing::Test {
 protected:
  explicit QueriesTest(const CacheOptions& caches = {})
      : rig_({.caches = caches, .store = &store_}) {
    rig_.personal_data().gone.insert("subject-gone");
    rig_.Commit({At(1000, testing::SignedUp(kKim, "Kim_7")),
                 At(1000, testing::SignedUp(kLee, "lee")),
                 At(1000, testing::SignedUp(kGone, "gone")),
                 At(2000, testing::Published(kPost, kKim, "hello")),
                 At(2000, testing::Published(kPostOfGone, kGone, "I was here")),
                 At(3000, testing::Followed(kLee, kKim)), At(3000, testing::Followed(kLee, kGone)),
                 At(4000, testing::CommentAdded(kComment, kPost, kLee, {}, "hi")),
                 At(5000, testing::Liked(kPost, kLee)),
                 At(5000, testing::CommentLiked(kComment, kPost, kKim))});
  }

  const Queries& queries() { return rig_.queries(); }

  // Every query with arguments that have an answer.
  std::vector<std::pair<const char*, std::function<absl::Status()>>> Everything() {
    return {
        {"Member", [&] { return queries().Member(kKim).status(); }},
        {"MemberByHandle", [&] { return queries().MemberByHandle("kim_7").status(); }},
        {"Follows", [&] { return queries().Follows(kKim).status(); }},
        {"FollowsOfAll",
         [&] { return queries().FollowsOfAll(std::vector<MemberId>{kKim}).status(); }},
        {"Members", [&] { return queries().Members(std::vector<MemberId>{kKim}).status(); }},
        {"FollowingsOf", [&] { return queries().FollowingsOf(kLee).status(); }},
        {"Recommended", [&] { return queries().Recommended(kKim, {}).status(); }},
        {"RecommendedCount", [&] { return queries().RecommendedCount(kLee).status(); }},
        {"Followers", [&] { return queries().Followers(kKim, {}).status(); }},
        {"Post", [&] { return queries().Post(kLee, kPost).status(); }},
        {"FollowFeed", [&] { return queries().FollowFeed(kLee, {}).status(); }},
        {"AuthorFeed", [&] { return queries().AuthorFeed(kLee, kKim, {}).status(); }},
        {"FollowedActivities", [&] { return queries().FollowedActivities(kLee, {}).status(); }},
        {"CountsOfPosts",
         [&] { return queries().CountsOfPosts(std::vector<PostId>{kPost}).status(); }},
        {"LikesOfComments",
         [&] { return queries().LikesOfComments(std::vector<CommentId>{kComment}).status(); }},
        {"PostThread", [&] { return queries().PostThread(kPost, 0, 20).status(); }},
        {"Comment", [&] { return queries().Comment(kLee, kComment).status(); }},
        {"PostComments", [&] { return queries().PostComments(kLee, kPost, {}).status(); }},
        {"MemberComments", [&] { return queries().MemberComments(kKim, kLee, {}).status(); }},
    };
  }

  testing::HookedStore store_;
  QueriesRig rig_;
};

TEST_F(QueriesTest, UnknownThingsHaveTheirErrors) {
  const struct {
    const char* name;
    absl::Status status;
    ErrorCode code;
  } cases[] = {
      {"Member", queries().Member(kUnknown).status(), ErrorCode::kMemberNotFound},
      {"Member gone", queries().Member(kGone).status(), ErrorCode::kMemberNotFound},
      {"handle", queries().MemberByHandle("nobody").status(), ErrorCode::kMemberNotFound},
      {"handle gone", queries().MemberByHandle("gone").status(), ErrorCode::kMemberNotFound},
      {"Followers", queries().Followers(kUnknown, {}).status(), ErrorCode::kMemberNotFound},
      {"Followings", queries().Followings(kUnknown, {}).status(), ErrorCode::kMemberNotFound},
      {"Post", queries().Post(kKim, 99).status(), ErrorCode::kPostNotFound},
      {"AuthorFeed", queries().AuthorFeed(kKim, kUnknown, {}).status(), ErrorCode::kMemberNotFound},
      {"Comment", queries().Comment(kKim, 99).status(), ErrorCode::kCommentNotFound},
      {"Replies", queries().Replies(kKim, 99, {}).status(), ErrorCode::kParentCommentNotFound},
  };
  for (const auto& c : cases) EXPECT_EQ(ErrorCodeOf(c.status), c.code) << c.name;
}

// The rows of a large thread go a few at a time; no query ever shows them.
TEST_F(QueriesTest, DeadCommentsAreLeftOutFromTheFirstMoment) {
  constexpr PostId kOther = 43;
  constexpr CommentId kTop = 100, kFirstReply = 101, kEnd = 300, kLive = 500;
  rig_.Commit({At(6000, testing::Published(kOther, kKim, "other")),
               At(6000, testing::CommentAdded(kTop, kPost, kKim, {}, "top"))});
  TimestampNs now = 7000;
  std::vector<CommentId> live;
  for (CommentId reply = kFirstReply; reply < kEnd; ++reply) {
    rig_.Commit({At(++now, testing::CommentAdded(reply, kPost, kLee, {kTop}, "reply"))});
    if (reply % 40 != 0) continue;
    live.insert(live.begin(), kLive + live.size());
    rig_.Commit({At(++now, testing::CommentAdded(live.front(), kOther, kLee, {}, "live"))});
  }
  const auto expect_live = [&](const std::vector<CommentId>& expected) {
    std::vector<CommentId> by_cursor, by_number;
    PageRequest request = {.size = 2};
    for (bool more = true; more;) {
      const auto slice = queries().MemberComments(kKim, kLee, request);
      ASSERT_TRUE(slice.ok()) << slice.status();
      for (const CommentView& view : slice->rows) by_cursor.push_back(view.body->id);
      more = slice->has_next;
      request.after = slice->next;
    }
    for (request = {.size = 2};; ++request.page) {
      const auto slice = queries().MemberComments(kKim, kLee, request);
      ASSERT_TRUE(slice.ok()) << slice.status();
      for (const CommentView& view : slice->rows) by_number.push_back(view.body->id);
      if (!slice->has_next) break;
    }
    ASSERT_EQ(by_cursor, expected);
    ASSERT_EQ(by_number, expected);
    for (const CommentId reply : {kFirstReply, kFirstReply + 99, kEnd - 1}) {
      ASSERT_EQ(ErrorCodeOf(queries().Comment(kKim, reply).status()), ErrorCode::kCommentNotFound);
      ASSERT_EQ(ErrorCodeOf(queries().Replies(kKim, reply, {}).status()),
                ErrorCode::kParentCommentNotFound);
    }
    ASSERT_EQ(ErrorCodeOf(queries().Replies(kKim, kTop, {}).status()),
              ErrorCode::kParentCommentNotFound);
  };
  const auto go_on = [&](const std::vector<CommentId>& expected) {
    for (int i = 0; i < 40; ++i) {
      rig_.Commit({At(++now, i % 2 == 0 ? testing::CommentLiked(kLive, kOther, kKim)
                                        : testing::CommentUnliked(kLive, kOther, kKim))});
      expect_live(expected);
    }
  };
  std::vector<CommentId> with_first = live;
  with_first.push_back(kComment);
  rig_.Commit({At(++now, testing::CommentDeleted(kTop, kPost, kKim, {}))});
  expect_live(with_first);
  EXPECT_EQ(queries().Post(kLee, kPost)->counts.comments, 1u);
  EXPECT_EQ(queries().PostComments(kKim, kPost, {})->rows.size(), 1u);
  go_on(with_first);
  rig_.Commit({At(++now, testing::Deleted(kPost, kKim))});
  expect_live(live);
  EXPECT_TRUE(queries().PostComments(kKim, kPost, {})->rows.empty());
  go_on(live);
}

TEST_F(QueriesTest, UnknownOwnersOfListsHaveEmptyOnes) {
  EXPECT_TRUE(queries().FollowFeed(kUnknown, {}).value().rows.empty());
  EXPECT_TRUE(queries().PostComments(kKim, 99, {}).value().rows.empty());
  EXPECT_TRUE(queries().MemberComments(kKim, kUnknown, {}).value().rows.empty());
  EXPECT_EQ(queries().Follows(kUnknown).value().followers, 0u);
  EXPECT_FALSE(queries().IsFollowing(kUnknown, kKim).value());
}

TEST_F(QueriesTest, PostsOfPeopleWhoAreGoneHaveNoAuthor) {
  const PostView post = queries().Post(kLee, kPostOfGone).value();
  EXPECT_EQ(post.author, nullptr);
  EXPECT_EQ(post.body->author_id, kGone);
  const Slice<PostView> feed = queries().FollowFeed(kLee, {}).value();
  ASSERT_EQ(feed.rows.size(), 2u);
  EXPECT_EQ(feed.rows[0].author, nullptr);
  EXPECT_EQ(feed.rows[1].author->handle, "Kim_7");
}

TEST_F(QueriesTest, WhatAWithdrawnMemberWroteStaysWithoutAnAuthor) {
  rig_.Commit(
      {At(6000, testing::Withdrawn(kKim, "Kim_7")), At(6000, testing::Unfollowed(kLee, kKim))});
  EXPECT_EQ(ErrorCodeOf(queries().Member(kKim).status()), ErrorCode::kMemberNotFound);
  EXPECT_EQ(ErrorCodeOf(queries().AuthorFeed(kLee, kKim, {}).status()), ErrorCode::kMemberNotFound);
  const PostView post = queries().Post(kLee, kPost).value();
  EXPECT_EQ(post.author, nullptr);
  EXPECT_EQ(post.body->author_id, kKim);
  EXPECT_EQ(post.counts.likes, 1u);
  EXPECT_EQ(post.counts.comments, 1u);
  EXPECT_TRUE(post.liked);
  EXPECT_EQ(queries().FollowFeed(kLee, {}).value().rows.size(), 1u) << "that of the gone one";
  rig_.Commit({At(7000, testing::Withdrawn(kLee, "lee"))});
  const CommentView comment = queries().Comment(kKim, kComment).value();
  EXPECT_EQ(comment.author, nullptr);
  EXPECT_EQ(comment.body->author_id, kLee);
  EXPECT_TRUE(queries().MemberComments(kKim, kLee, {}).value().rows.empty());
  EXPECT_EQ(queries().Post(0, kPost).value().counts.likes, 1u) << "their likes stay and count";
}

// The members' lists, by cursor and by page number, and the counts beside them.
void ExpectCountsAreLengths(const Queries& queries, MemberId member) {
  SCOPED_TRACE(member);
  const FollowCounts counts = queries.Follows(member).value();
  const auto length = [&](auto list) {
    uint64_t rows = 0;
    PageRequest request = {.size = 2};
    while (true) {
      const auto page = (queries.*list)(member, request);
      if (!page.ok()) return rows;
      EXPECT_EQ((queries.*list)(member, {.page = rows / 2, .size = 2})->rows, page->rows);
      rows += page->rows.size();
      if (!page->has_next) return rows;
      request.after = page->next;
    }
  };
  EXPECT_EQ(counts.followers, length(&Queries::Followers));
  EXPECT_EQ(counts.followings, length(&Queries::Followings));
}

// A withdrawal takes the card first and the relations one by one behind it.
TEST(QueriesWithdrawalTest, CountsAreTheLengthsOfTheListsAtEveryPosition) {
  constexpr MemberId kMembers = 7;
  QueriesRig rig({.caches = {}});
  const auto check = [&] {
    std::vector<MemberId> ids;
    for (MemberId id = 1; id <= kMembers; ++id) {
      ExpectCountsAreLengths(rig.queries(), id);
      ids.push_back(id);
    }
    const std::vector<FollowCounts> counts = rig.queries().FollowsOfAll(ids).value();
    for (MemberId id = 1; id <= kMembers; ++id) {
      const FollowCounts one = rig.queries().Follows(id).value();
      EXPECT_EQ(counts[id - 1].followers, one.followers);
      EXPECT_EQ(counts[id - 1].followings, one.followings);
    }
  };
  std::vector<v1::Event> setup;
  for (MemberId id = 1; id <= kMembers; ++id) {
    setup.push_back(At(1000, testing::SignedUp(id, "member" + std::to_string(id))));
  }
  for (MemberId from = 1; from <= kMembers; ++from) {
    for (MemberId to = 1; to <= kMembers; ++to) {
      if (from != to) setup.push_back(At(2000, testing::Followed(from, to)));
    }
  }
  rig.Commit(std::move(setup));
  EXPECT_EQ(rig.queries().Follows(kKim).value().followers, kMembers - 1);
  check();

  // Two at a time: they follow each other too.
  std::vector<v1::Event> events = {At(3000, testing::Withdrawn(2, "member2")),
                                   At(3000, testing::Withdrawn(5, "member5"))};
  for (const MemberId gone : {MemberId{2}, MemberId{5}}) {
    for (MemberId other = 1; other <= kMembers; ++other) {
      if (other == gone || (gone == 5 && other == 2)) continue;
      events.push_back(At(3001, testing::Unfollowed(other, gone)));
      events.push_back(At(3001, testing::Unfollowed(gone, other)));
    }
  }
  events.push_back(At(3002, testing::Erased(2)));
  events.push_back(At(3002, testing::Erased(5)));
  for (size_t i = 0; i < events.size(); ++i) {
    SCOPED_TRACE(i);
    rig.Commit({events[i]});
    EXPECT_EQ(rig.queries().Follows(kKim).value().followers, kMembers - (i == 0 ? 2 : 3));
    EXPECT_EQ(rig.queries().Follows(2).value().followers, 0u);
    check();
    // So it is for who starts here, and with the rows built anew.
    if (i == 5) {
      rig.RememberStore();
      rig.Crash();
      check();
      const uint64_t built = rig.runtime().BuildGeneration("follows").value();
      ASSERT_TRUE(rig.runtime().Activate("follows", built).ok());
      check();
    }
  }
}

// Whoever waits to be erased, with nothing left to release, is not looked up.
TEST(QueriesWithdrawalTest, CountsLookUpOnlyThoseWhoStillHaveRelations) {
  testing::HookedStore store;
  QueriesRig rig({.caches = {}, .store = &store});
  rig.Commit({At(1000, testing::SignedUp(kKim, "kim")), At(1000, testing::SignedUp(kLee, "lee")),
              At(1000, testing::SignedUp(kGone, "gone")),
              At(2000, testing::Followed(kKim, kGone))});
  uint64_t reads = 0;
  store.after_read = [&reads] { ++reads; };
  const auto reads_of_a_count = [&] {
    EXPECT_EQ(rig.queries().Follows(kLee).value().followers, 0u);
    reads = 0;
    EXPECT_EQ(rig.queries().Follows(kLee).value().followers, 0u);
    return reads;
  };
  EXPECT_EQ(reads_of_a_count(), 1u) << "the count";
  rig.Commit({At(3000, testing::Withdrawn(kGone, "gone"))});
  EXPECT_EQ(reads_of_a_count(), 2u) << "and who still has relations";
  EXPECT_EQ(rig.queries().Follows(kKim).value().followings, 0u);
  rig.Commit({At(3001, testing::Unfollowed(kKim, kGone))});
  EXPECT_EQ(reads_of_a_count(), 1u);
  EXPECT_EQ(rig.queries().UnfinishedWithdrawals().value().size(), 1u);
  EXPECT_EQ(rig.queries().Follows(kKim).value().followings, 0u);
}

// Known by their row until they withdraw.
TEST_F(QueriesTest, MembersWhoseKeyIsGoneAreKnown) {
  const std::vector<UnfinishedWithdrawal> keyless = queries().MembersWithoutKey().value();
  ASSERT_EQ(keyless.size(), 1u);
  EXPECT_EQ(keyless[0].member_id, kGone);
  EXPECT_EQ(keyless[0].subject_id, "subject-gone");
  EXPECT_EQ(queries().Follows(kLee).value().followings, 2u);
  rig_.Commit({At(6000, testing::Withdrawn(kGone, "gone"))});
  EXPECT_TRUE(queries().MembersWithoutKey().value().empty());
  EXPECT_EQ(queries().UnfinishedWithdrawals().value().size(), 1u);
  EXPECT_EQ(queries().Follows(kLee).value().followings, 1u);
}

std::vector<PictureNumber> Numbers(const Slice<PictureView>& slice) {
  std::vector<PictureNumber> numbers;
  for (const PictureView& picture : slice.rows) numbers.push_back(picture.number);
  return numbers;
}

TEST_F(QueriesTest, PicturesAndWhatTheyUse) {
  rig_.Commit({At(6000, testing::PictureAdded(1, kKim, 'a', 't')),
               At(6001, testing::PictureAdded(2, kKim, 'b', 't')),
               At(6002, testing::PictureAdded(3, kLee, 'a', 'u')),
               At(6003, testing::PictureAdded(4, kKim, 'c', 't'))});
  const PictureView picture = queries().Picture(testing::PictureId(2)).value();
  EXPECT_EQ(picture.id, testing::PictureId(2));
  EXPECT_EQ(picture.number, 2u);
  EXPECT_EQ(picture.owner_id, kKim);
  EXPECT_EQ(picture.content_hash, std::string(32, 'b'));
  EXPECT_EQ(picture.thumbnail_hash, std::string(32, 't'));
  EXPECT_EQ(picture.width, 350u);
  EXPECT_EQ(picture.height, 200u);
  EXPECT_EQ(picture.bytes, 12345u);
  EXPECT_EQ(picture.thumbnail_bytes, 678u);
  EXPECT_EQ(picture.created_at, 6001);
  EXPECT_EQ(ErrorCodeOf(queries().Picture(testing::PictureId(9)).status()),
            ErrorCode::kImageNotFound);
  EXPECT_EQ(ErrorCodeOf(queries().Picture("").status()), ErrorCode::kImageNotFound);

  Slice<PictureView> slice = queries().PicturesOf(kKim, {.size = 2}).value();
  EXPECT_EQ(Numbers(slice), (std::vector<PictureNumber>{4, 2}));
  slice = queries().PicturesOf(kKim, {.size = 2, .after = slice.next}).value();
  EXPECT_EQ(Numbers(slice), (std::vector<PictureNumber>{1}));
  EXPECT_EQ(Numbers(queries().PicturesOf(kKim, {.page = 1, .size = 2}).value()),
            (std::vector<PictureNumber>{1}));

  const auto used = [&] {
    std::string hashes;
    EXPECT_TRUE(queries()
                    .VisitPictureHashes([&](std::string_view hash) {
                      hashes += hash[0];
                      return true;
                    })
                    .ok());
    return hashes;
  };
  EXPECT_EQ(used(), "abctu");
  rig_.Commit({At(7000, testing::PictureDeleted(2, kKim))});
  EXPECT_EQ(ErrorCodeOf(queries().Picture(testing::PictureId(2)).status()),
            ErrorCode::kImageNotFound);
  EXPECT_EQ(used(), "actu");
  EXPECT_FALSE(queries().IsPictureHashUsed(std::string(32, 'b')).value());

  // A withdrawal takes the rest; what lee has too stays.
  rig_.Commit({At(8000, testing::Withdrawn(kKim, "Kim_7"))});
  EXPECT_TRUE(queries().PicturesOf(kKim, {}).value().rows.empty());
  EXPECT_EQ(used(), "au");
  EXPECT_TRUE(queries().IsPictureHashUsed(std::string(32, 'a')).value());
  EXPECT_EQ(queries().UnusedPictureHashesOf(kKim).value(),
            (std::vector<std::string>{std::string(32, 'c'), std::string(32, 't')}));
  rig_.Commit({At(9000, testing::Erased(kKim))});
  EXPECT_TRUE(queries().UnusedPictureHashesOf(kKim).value().empty());
  EXPECT_TRUE(queries().UnfinishedWithdrawals().value().empty());
}

TEST_F(QueriesTest, SizesOutOfRangeAreRefused) {
  for (uint32_t size : {0u, kPageSizeMax + 1}) {
    EXPECT_EQ(ErrorCodeOf(queries().FollowFeed(kLee, {.size = size}).status()),
              ErrorCode::kInvalidRequest);
    EXPECT_EQ(ErrorCodeOf(queries().Followers(kKim, {.size = size}).status()),
              ErrorCode::kInvalidRequest);
    EXPECT_EQ(ErrorCodeOf(queries().PostComments(kKim, kPost, {.size = size}).status()),
              ErrorCode::kInvalidRequest);
    EXPECT_EQ(ErrorCodeOf(queries().PostThread(kPost, 0, size).status()),
              ErrorCode::kInvalidRequest);
  }
  EXPECT_EQ(queries().FollowFeed(kLee, {.size = kPageSizeMax}).value().rows.size(), 2u);
}

TEST_F(QueriesTest, PagesFarBehindTheEndAreEmpty) {
  for (uint64_t page : {uint64_t{2}, uint64_t{1} << 31, std::numeric_limits<uint64_t>::max()}) {
    const Slice<PostView> slice = queries().FollowFeed(kLee, {.page = page, .size = 100}).value();
    EXPECT_TRUE(slice.rows.empty());
    EXPECT_FALSE(slice.has_next);
    EXPECT_FALSE(slice.next.has_value());
  }
}

// However far behind: nothing is stepped over, and the last page is all there.
TEST_F(QueriesTest, PagesBehindTheEndOfLongListsCostNothing) {
  constexpr uint64_t kRows = 700;
  std::vector<v1::Event> events;
  for (uint64_t i = 0; i < kRows; ++i) {
    events.push_back(At(6000, testing::Published(1000 + i, kKim, "hi")));
    events.push_back(At(6000, testing::CommentAdded(1000 + i, 1000 + i, kLee, {}, "top")));
    events.push_back(At(6000, testing::CommentAdded(3000 + i, kPost, kLee, {}, "top")));
    events.push_back(At(6000, testing::CommentAdded(5000 + i, kPost, kLee, {kComment}, "reply")));
    const MemberId member = 1000 + i;
    events.push_back(At(6000, testing::SignedUp(member, "m" + std::to_string(member))));
    events.push_back(At(6000, testing::Followed(member, kKim)));
    events.push_back(At(6000, testing::Followed(kKim, member)));
  }
  rig_.Commit(std::move(events));
  const auto rows_of = [](const auto& slice) {
    EXPECT_TRUE(slice.ok()) << slice.status();
    return slice.ok() ? slice->rows.size() : 999;
  };
  constexpr RankingWindow kAll = RankingWindow::kAllTime;
  const struct {
    const char* name;
    uint64_t rows;
    std::function<size_t(const PageRequest&)> read;
  } lists[] = {
      {"follow feed", kRows + 2,
       [&](const PageRequest& page) { return rows_of(queries().FollowFeed(kLee, page)); }},
      {"author", kRows + 1,
       [&](const PageRequest& page) { return rows_of(queries().AuthorFeed(kLee, kKim, page)); }},
      {"popular", kRows + 2,
       [&](const PageRequest& page) { return rows_of(queries().MostPopular(kLee, kAll, page)); }},
      {"commented", kRows + 1,
       [&](const PageRequest& page) { return rows_of(queries().MostCommented(kLee, kAll, page)); }},
      {"active", kRows + 2,
       [&](const PageRequest& page) { return rows_of(queries().RecentActivities(kLee, page)); }},
      {"comments", kRows + 1,
       [&](const PageRequest& page) { return rows_of(queries().PostComments(kLee, kPost, page)); }},
      {"thread", 2 * kRows + 1,
       [&](const PageRequest& page) {
         return rows_of(queries().PostThread(kPost, page.page, page.size));
       }},
      {"replies", kRows,
       [&](const PageRequest& page) { return rows_of(queries().Replies(kLee, kComment, page)); }},
      {"followers", kRows + 1,
       [&](const PageRequest& page) { return rows_of(queries().Followers(kKim, page)); }},
      {"followings", kRows,
       [&](const PageRequest& page) { return rows_of(queries().Followings(kKim, page)); }},
      {"recommended", kRows,
       [&](const PageRequest& page) { return rows_of(queries().Recommended(kLee, page)); }},
  };
  constexpr uint32_t kSize = 20;
  for (const auto& list : lists) {
    const uint64_t last = list.rows / kSize;
    EXPECT_EQ(list.read({.page = last - 1, .size = kSize}), kSize) << list.name;
    EXPECT_EQ(list.read({.page = last, .size = kSize}), list.rows % kSize) << list.name;
    for (const uint64_t page : {uint64_t{1000}, uint64_t{0x7fffffff}, ~uint64_t{0}}) {
      const uint64_t steps = store_.steps();
      EXPECT_EQ(list.read({.page = page, .size = kSize}), 0u) << list.name << " page " << page;
      EXPECT_LT(store_.steps() - steps, 100u) << list.name << " page " << page;
    }
  }
  // A window has the posts of its days only: none of them is of today.
  const uint64_t steps = store_.steps();
  EXPECT_EQ(rows_of(queries().MostPopular(kLee, RankingWindow::kToday, {.page = 0x7fffffff})), 0u);
  EXPECT_LT(store_.steps() - steps, 100u);
}

TEST_F(QueriesTest, AKeyThatIsNoRowsIsAPlaceInTheOrder) {
  // Cursors survive the deletion of the row they name.
  const Slice<PostView> all =
      queries().FollowFeed(kLee, {.after = ListKey{.order = 2000, .id = 1000}}).value();
  EXPECT_EQ(all.rows.size(), 2u);
  const Slice<PostView> none =
      queries().FollowFeed(kLee, {.after = ListKey{.order = -1, .id = 0}}).value();
  EXPECT_TRUE(none.rows.empty());
}

class QueriesOverStorageTest : public QueriesTest {
 protected:
  QueriesOverStorageTest() : QueriesTest(kNoCaches) {}

  // Adds a row behind the first whose key, in whatever keyspace, goes on with
  // `prefix`: longer than a key of that list can be.
  void AddDamagedKey(const std::string& prefix) {
    for (auto rows = store_.memory().NewIterator({}); rows->Valid(); rows->Next()) {
      const size_t at = rows->key().find(prefix);
      if (at == std::string_view::npos) continue;
      StoreBatch batch;
      batch.Put(std::string(rows->key()) + "x", "");
      ASSERT_TRUE(store_.Write(std::move(batch)).ok());
      // Views that were made before do not show the row.
      rig_.Commit({At(9000, testing::Viewed(kPost, kLee))});
      return;
    }
    FAIL() << "no row to damage";
  }
};

TEST_F(QueriesOverStorageTest, EverythingHasAnAnswer) {
  for (const auto& [name, query] : Everything()) EXPECT_TRUE(query().ok()) << name;
}

TEST_F(QueriesOverStorageTest, DamagedRowsAreDataLoss) {
  const std::function<void(std::string*)> damages[] = {
      [](std::string* value) { value->append("x"); },
      [](std::string* value) { value->assign(20, '\xff'); }};
  for (const auto& damage : damages) {
    store_.damage = damage;
    for (const auto& [name, query] : Everything()) {
      EXPECT_EQ(query().code(), absl::StatusCode::kDataLoss) << name;
    }
  }
  store_.damage = nullptr;
  for (const auto& [name, query] : Everything()) EXPECT_TRUE(query().ok()) << name;
}

TEST_F(QueriesOverStorageTest, FailingReadsPassThrough) {
  store_.read_status = absl::UnavailableError("disk");
  for (const auto& [name, query] : Everything()) {
    EXPECT_EQ(query().code(), absl::StatusCode::kUnavailable) << name;
  }
  EXPECT_EQ(queries().ActivitiesOf(kLee, {}, {}).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(QueriesOverStorageTest, DamagedListKeysAreDataLoss) {
  AddDamagedKey(timelines::AuthorPrefix(kKim));
  EXPECT_EQ(queries().AuthorFeed(kLee, kKim, {}).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(queries().FollowFeed(kLee, {}).status().code(), absl::StatusCode::kDataLoss);
  AddDamagedKey(activities::ListPrefix(kLee, activities::kAll));
  EXPECT_EQ(queries().ActivitiesOf(kLee, {}, {}).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(
      queries().VisitActivities([](std::string_view, std::string_view) { return true; }).code(),
      absl::StatusCode::kDataLoss);
  AddDamagedKey(follows::ListPrefix(follows::List::kFollowers, kKim));
  EXPECT_EQ(queries().Followers(kKim, {}).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace dailyfeed
