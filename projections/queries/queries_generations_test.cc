// Generations that differ flip while a query reads: an answer is of the one or of
// the other, and never a mixture; and nothing of the one that went stays behind.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/comments/comment_rows.h"
#include "projections/follows/follow_rows.h"
#include "projections/members/member_rows.h"
#include "projections/posts/post_rows.h"
#include "projections/queries/queries.h"
#include "projections/runtime/keyspace.h"
#include "projections/testing/events.h"
#include "projections/testing/hooked_store.h"
#include "projections/testing/queries_rig.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {
namespace {

using testing::At;

constexpr MemberId kViewer = 1;
constexpr MemberId kMembers = 5;
constexpr PostId kPosts = 40;
constexpr CommentId kComments = 6;

// What becomes of a row in the other generation.
struct Changed {
  bool gone = false;
  std::string value;
};
using ChangeRow = std::function<Changed(std::string_view key, std::string value)>;

struct Other {
  const char* projection;
  ChangeRow change;
};

std::vector<Other> Others() {
  const auto same = [](std::string value) { return Changed{.value = std::move(value)}; };
  const Changed gone = {.gone = true};
  return {
      {"members",
       [=](std::string_view key, std::string value) {
         if (key[0] != 'c') return same(std::move(value));
         MemberCard card = members::DecodeCard(1, value).value();
         card.bio = "other";
         return same(members::EncodeCard(card));
       }},
      {"posts",
       [=](std::string_view key, std::string value) {
         if (key[0] == 'l') return gone;
         if (key[0] != 'b') return same(std::move(value));
         PostBody body = posts::DecodeBody(1, value).value();
         body.title = "other";
         return same(posts::EncodeBody(body));
       }},
      {"comments",
       [=](std::string_view key, std::string value) {
         if (key[0] == 'l') return gone;
         if (key[0] != 'b') return same(std::move(value));
         CommentBody body = comments::DecodeBody(1, value).value();
         body.content = "other";
         return same(comments::EncodeBody(body));
       }},
      // Every third post is not there.
      {"timelines",
       [=](std::string_view key, std::string value) {
         PostId post = 1;
         if (key[0] == 'a') post = timelines::DecodeAuthorKey(key).value().id;
         if (key[0] == 'n') post = timelines::DecodeNewestKey(key).value().id;
         return post % 3 == 0 ? gone : same(std::move(value));
       }},
      // The last member is not followed.
      {"follows",
       [=](std::string_view key, std::string value) {
         const bool is_relation = key[0] == 'g' || key[0] == 'r';
         if (is_relation && follows::DecodeRelationKey(key).value().id == kMembers) return gone;
         return same(std::move(value));
       }},
  };
}

std::string Text(const PostView& view) {
  return std::to_string(view.body->id) + " " + view.body->title + (view.liked ? " liked" : "") +
         " by " + (view.author == nullptr ? "nobody" : view.author->bio) + "\n";
}
std::string Text(const CommentView& view) {
  return std::to_string(view.body->id) + " " + view.body->content + (view.liked ? " liked" : "") +
         " by " + (view.author == nullptr ? "nobody" : view.author->bio) + "\n";
}
std::string Text(const std::shared_ptr<const MemberCard>& card) {
  return std::to_string(card->id) + " " + card->bio + "\n";
}
template <typename Row>
std::string Text(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += Text(row);
  return text;
}
template <typename Row>
std::string Text(const absl::StatusOr<Slice<Row>>& slice) {
  return slice.ok() ? Text(slice->rows) : slice.status().ToString();
}
template <typename Row>
std::string Text(const absl::StatusOr<CountedPage<Row>>& page) {
  return page.ok() ? Text(page->rows) : page.status().ToString();
}

using Query = std::function<std::string(const Queries&)>;

std::vector<std::pair<const char*, Query>> AllQueries() {
  const PageRequest page = {.size = 10};
  const PageRequest second = {.page = 1, .size = 7};
  return {
      {"follow feed", [=](const Queries& of) { return Text(of.FollowFeed(kViewer, page)); }},
      {"second page", [=](const Queries& of) { return Text(of.FollowFeed(kViewer, second)); }},
      {"author feed", [=](const Queries& of) { return Text(of.AuthorFeed(kViewer, 3, page)); }},
      {"popular",
       [=](const Queries& of) {
         return Text(of.MostPopular(kViewer, RankingWindow::kAllTime, page));
       }},
      {"activities", [=](const Queries& of) { return Text(of.RecentActivities(kViewer, page)); }},
      {"post", [](const Queries& of) { return Text(of.Post(kViewer, 1).value()); }},
      {"comments", [=](const Queries& of) { return Text(of.PostComments(kViewer, 1, page)); }},
      {"thread", [](const Queries& of) { return Text(of.PostThread(1, 0, 10)); }},
      {"followings", [](const Queries& of) { return Text(of.FollowingsOf(kViewer).value()); }},
      {"list of followings", [=](const Queries& of) { return Text(of.Followings(kViewer, page)); }},
      {"recommended", [=](const Queries& of) { return Text(of.Recommended(kViewer, page)); }},
  };
}

class GenerationsTest : public ::testing::TestWithParam<size_t> {
 protected:
  GenerationsTest() : rig_({.caches = Caches(), .store = &store_}) {
    std::vector<v1::Event> events;
    for (MemberId member = 1; member <= kMembers + 1; ++member) {
      events.push_back(At(1000, testing::SignedUp(member, "member" + std::to_string(member))));
    }
    for (MemberId member = 2; member <= kMembers; ++member) {
      events.push_back(At(2000, testing::Followed(kViewer, member)));
    }
    for (PostId post = 1; post <= kPosts; ++post) {
      events.push_back(At(3000 + static_cast<TimestampNs>(post),
                          testing::Published(post, 2 + post % (kMembers - 1), "text")));
      events.push_back(At(4000, testing::Liked(post, kViewer)));
    }
    for (CommentId comment = 1; comment <= kComments; ++comment) {
      events.push_back(At(5000, testing::CommentAdded(comment, 1, 2, {}, "text")));
      events.push_back(At(5000, testing::CommentLiked(comment, 1, kViewer)));
    }
    rig_.Commit(std::move(events));
  }

  static CacheOptions Caches() {
    if (GetParam() == 0) return {};
    return {.post_bytes_max = 0,
            .member_bytes_max = 0,
            .author_heads_bytes_max = 0,
            .followings_bytes_max = 0,
            .likes_bytes_max = 0,
            .rankings_bytes_max = 0,
            .home_feeds_bytes_max = 0};
  }

  // Builds another generation, changes its rows and makes it live.
  void Introduce(const Other& other) {
    const uint64_t generation = rig_.runtime().BuildGeneration(other.projection).value();
    const auto reader = rig_.runtime().GenerationReader(other.projection, generation).value();
    // The newest keyspace is that of the generation.
    std::string prefix;
    for (auto row = store_.memory().NewIterator({}); row->Valid(); row->Next()) {
      if (row->key().substr(kKeyspaceBytes) != reader->NewIterator({})->key()) continue;
      prefix = row->key().substr(0, kKeyspaceBytes);
    }
    StoreBatch batch;
    for (auto row = reader->NewIterator({}); row->Valid(); row->Next()) {
      const std::string key = prefix + std::string(row->key());
      Changed changed = other.change(row->key(), std::string(row->value()));
      if (changed.gone) {
        batch.Delete(key);
      } else {
        batch.Put(key, changed.value);
      }
    }
    ASSERT_TRUE(store_.memory().Write(std::move(batch)).ok());
    ASSERT_TRUE(rig_.runtime().Activate(other.projection, generation).ok());
  }
  void Flip(const Other& other) {
    ASSERT_TRUE(rig_.runtime().Rollback(other.projection).ok());
    flipped_ = !flipped_;
  }

  testing::HookedStore store_;
  testing::QueriesRig rig_;
  bool flipped_ = false;
};

TEST_P(GenerationsTest, AnAnswerIsOfOneGeneration) {
  for (const Other& other : Others()) {
    SCOPED_TRACE(other.projection);
    std::map<std::string, std::string> answers[2];
    const auto queries = AllQueries();
    for (const auto& [name, query] : queries) answers[1][name] = query(rig_.queries());
    Introduce(other);
    if (HasFatalFailure()) return;
    flipped_ = false;
    for (const auto& [name, query] : queries) answers[0][name] = query(rig_.queries());
    ASSERT_NE(answers[0], answers[1]) << "they do not differ";
    for (const auto& [name, query] : queries) {
      for (int flip_at = 0; flip_at < 50; ++flip_at) {
        SCOPED_TRACE(std::string(name) + ", flip behind read " + std::to_string(flip_at));
        const bool before = flipped_;
        int reads = 0;
        store_.after_read = [&] {
          if (reads++ == flip_at) Flip(other);
        };
        const std::string answer = query(rig_.queries());
        store_.after_read = nullptr;
        if (flipped_ == before) break;  // it made no such read
        ASSERT_EQ(answer, answers[before][name]);
        ASSERT_EQ(query(rig_.queries()), answers[flipped_][name]);
        ASSERT_EQ(query(rig_.queries()), answers[flipped_][name]) << "the second time";
      }
    }
    if (!flipped_) Flip(other);  // back to what the log says
  }
}

// The rows that a program before the thread of a post had made go on serving.
TEST_P(GenerationsTest, CommentsOfTheFirstVersionAnswerWhatTheyCan) {
  rig_.Commit({At(6000, testing::CommentAdded(kComments + 1, 1, 3, {1}, "reply")),
               At(6000, testing::CommentAdded(kComments + 2, 2, 3, {}, "alone"))});
  const auto& queries = rig_.queries();
  EXPECT_EQ(queries.PostThread(1, 0, 10).value().rows.size(), kComments + 1);
  EXPECT_EQ(queries.Comment(kViewer, 1).value().total_replies, 1u);
  Introduce({"comments", [](std::string_view key, std::string value) {
               if (key[0] == 'q') return Changed{.gone = true, .value = {}};
               if (key[0] != 'c') return Changed{.value = std::move(value)};
               comments::Counts counts = comments::DecodeCounts(value).value();
               counts.below.reset();
               return Changed{.value = comments::EncodeCounts(counts)};
             }});
  for (const PostId post : {1, 2}) {
    const absl::Status thread = queries.PostThread(post, 0, 10).status();
    EXPECT_EQ(ErrorCodeOf(thread), ErrorCode::kServiceUnavailable);
    EXPECT_TRUE(absl::IsUnavailable(thread));
  }
  EXPECT_EQ(queries.PostThread(3, 0, 10).value().total, 0u) << "a post without comments";
  EXPECT_EQ(queries.PostThread(999, 0, 10).value().total, 0u) << "no post";
  EXPECT_EQ(queries.PostComments(kViewer, 1, {}).value().rows.size(), kComments);
  EXPECT_EQ(queries.Replies(kViewer, 1, {}).value().rows.size(), 1u);
  EXPECT_EQ(queries.Comment(kViewer, 1).value().total_replies, std::nullopt);
  EXPECT_EQ(queries.Comment(kViewer, 2).value().total_replies, 0u);
  EXPECT_EQ(queries.LikesOfComments(std::vector<CommentId>{1}).value(), std::vector<uint64_t>{1});
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutCaches, GenerationsTest, ::testing::Values(0, 1));

}  // namespace
}  // namespace dailyfeed
