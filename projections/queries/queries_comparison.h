// What the model tests of the queries compare: every list and every answer with
// what a naive model of everything that happened says.
//
//   Comparison comparison(model, rig.queries());
//   comparison.Everything();
#ifndef DAILYFEED_PROJECTIONS_QUERIES_QUERIES_COMPARISON_H_
#define DAILYFEED_PROJECTIONS_QUERIES_QUERIES_COMPARISON_H_

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/errors.h"
#include "gtest/gtest.h"
#include "projections/queries/queries.h"
#include "projections/testing/feed_model.h"

namespace dailyfeed {

using testing::FeedModel;

// The day that histories of many days end on, and a clock that stands there.
constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kHistoryDays = 40;
constexpr int64_t kToday = testing::kHistoryStart / 1'000'000'000 / kSecondsPerDay + kHistoryDays;

// A list of any kind, as far as a reader of keys can see: its key list in the
// model and a page of it from the queries, reduced to ids.
struct AnyList {
  std::string name;
  std::function<std::vector<ListKey>()> expected;
  struct Page {
    std::vector<uint64_t> ids;
    bool has_next = false;
    std::optional<ListKey> next;
  };
  std::function<Page(const PageRequest&)> actual;
  // Rows of members whose key is gone without a withdrawal are left out but
  // still stepped over by page numbers.
  bool exact_pages = true;
  // Ordered by a value that changes: a row whose own value changed during a
  // walk may show twice or be missed.
  bool moves = false;
};

inline std::vector<uint64_t> Ids(const std::vector<ListKey>& keys) {
  std::vector<uint64_t> ids;
  for (const ListKey& key : keys) ids.push_back(key.id);
  return ids;
}

class Comparison {
 public:
  Comparison(const FeedModel& model, const Queries& queries) : model_(model), queries_(queries) {}

  // Every list there is, as `viewer` reads it: those of members, and those
  // that are the same for everybody.
  std::vector<AnyList> Lists(MemberId viewer) const;
  std::vector<AnyList> RankedLists(MemberId viewer) const;

  void Everything() const {
    for (const FeedModel::Member& member : model_.members()) Member(member);
    Withdrawals();
    Bulk();
    for (const FeedModel::Post& post : model_.posts()) PostDetail(AnyMember(), post.body.id);
    for (const FeedModel::Comment& comment : model_.comments()) {
      CommentDetail(AnyMember(), comment.body.id);
    }
    TimeRanges(AnyMember());
    ById(AnyMember());
    CountsOfMany();
    for (const char* q : {"e", "member", "handle_1", "the", "name", "_2", "nobody"}) {
      SearchMembers(q, 1 + turn_++ % 6);
    }
    for (const FeedModel::Post& post : model_.posts()) Thread(post.body.id, 1 + turn_++ % 6);
    for (const FeedModel::Member& member : model_.members()) {
      for (const AnyList& list : Lists(member.id)) PagesAndChain(list);
    }
    for (const AnyList& list : RankedLists(AnyMember())) PagesAndChain(list);
  }

  void PagesAndChain(const AnyList& list) const {
    if (list.exact_pages) Pages(list, 1 + turn_ % 5);
    Chain(list, 1 + turn_ % 7);
    ++turn_;
  }

  void Member(const FeedModel::Member& member) const {
    const auto card = queries_.Member(member.id);
    if (member.gone) {
      EXPECT_EQ(ErrorCodeOf(card.status()), ErrorCode::kMemberNotFound);
    } else {
      EXPECT_EQ(card.value()->handle, member.handle);
      EXPECT_EQ(card.value()->bio, member.bio);
      EXPECT_EQ(card.value()->created_at, member.created_at);
      EXPECT_EQ(card.value()->updated_at, member.updated_at);
    }
    for (const std::string& handle : {member.handle, member.signed_up_handle}) Handle(handle);
    EXPECT_EQ(queries_.RecommendedCount(member.id).value(), model_.Recommended(member.id).size());
    std::vector<uint64_t> followings;
    const auto cards = queries_.FollowingsOf(member.id).value();
    for (const auto& of : cards) followings.push_back(of->id);
    EXPECT_EQ(followings, Ids(model_.Followings(member.id)));
    Relations(member.id);
    const FollowCounts counts = queries_.Follows(member.id).value();
    const FollowCounts expected = Counts(member);
    EXPECT_EQ(counts.followers, expected.followers) << "member " << member.id;
    EXPECT_EQ(counts.followings, expected.followings) << "member " << member.id;
    const MemberId other = AnyMember();
    EXPECT_EQ(queries_.IsFollowing(member.id, other).value(), model_.IsFollowing(member.id, other));
  }

  void Handle(std::string handle) const {
    for (char& c : handle) c = static_cast<char>(std::tolower(c));
    const auto card = queries_.MemberByHandle(handle);
    const FeedModel::Member* owner = model_.FindByHandle(handle);
    if (owner == nullptr) {
      EXPECT_EQ(ErrorCodeOf(card.status()), ErrorCode::kMemberNotFound) << handle;
    } else {
      EXPECT_EQ(card.value()->id, owner->id) << handle;
    }
  }

  // Without those who withdrew, released or not.
  FollowCounts Counts(const FeedModel::Member& member) const {
    FollowCounts counts;
    if (member.withdrawn) return counts;
    for (const FeedModel::Follow& follow : model_.follows()) {
      counts.followers += follow.followee == member.id && !IsWithdrawn(follow.follower);
      counts.followings += follow.follower == member.id && !IsWithdrawn(follow.followee);
    }
    return counts;
  }

  // Those with members who withdrew included, until they are released.
  void Relations(MemberId member) const {
    const RelationsChunk chunk = queries_.RelationsOf(member, 1000).value();
    std::set<MemberId> followers, followees;
    for (const FeedModel::Follow& follow : model_.follows()) {
      if (follow.followee == member) followers.insert(follow.follower);
      if (follow.follower == member) followees.insert(follow.followee);
    }
    EXPECT_EQ(std::set<MemberId>(chunk.follower_ids.begin(), chunk.follower_ids.end()), followers);
    EXPECT_EQ(std::set<MemberId>(chunk.followee_ids.begin(), chunk.followee_ids.end()), followees);
    EXPECT_LE(queries_.RelationsOf(member, 1).value().follower_ids.size(), 1u);
  }

  void Withdrawals() const {
    std::set<MemberId> expected, actual;
    for (const FeedModel::Member& member : model_.members()) {
      if (member.withdrawn && !member.erased) expected.insert(member.id);
    }
    const auto unfinished = queries_.UnfinishedWithdrawals().value();
    for (const UnfinishedWithdrawal& withdrawal : unfinished) {
      actual.insert(withdrawal.member_id);
      EXPECT_EQ(withdrawal.subject_id, "subject-Member_" + std::to_string(withdrawal.member_id));
    }
    EXPECT_EQ(actual, expected);
  }

  // Members() of every id there is and some there are not, each twice.
  void Bulk() const {
    std::vector<MemberId> ids;
    std::vector<MemberId> expected;
    const MemberId end = model_.members().size() + 2;
    for (MemberId i = 0; i < end; ++i) {
      const MemberId id = (i * 5 + turn_) % end;
      const bool first = std::find(ids.begin(), ids.end(), id) == ids.end();
      ids.insert(ids.end(), {id, id});
      if (first && model_.FindMember(id) != nullptr) expected.push_back(id);
    }
    std::vector<MemberId> actual;
    const auto cards = queries_.Members(ids).value();
    for (const auto& card : cards) actual.push_back(card->id);
    EXPECT_EQ(actual, expected);
    const std::vector<FollowCounts> counts = queries_.FollowsOfAll(ids).value();
    ASSERT_EQ(counts.size(), ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      const bool known = ids[i] > 0 && ids[i] <= model_.members().size();
      const FollowCounts of_one = known ? Counts(model_.members()[ids[i] - 1]) : FollowCounts{};
      EXPECT_EQ(counts[i].followers, of_one.followers) << "member " << ids[i];
      EXPECT_EQ(counts[i].followings, of_one.followings) << "member " << ids[i];
    }
  }

  void Check(MemberId viewer, const PostView& view) const {
    ASSERT_NE(view.body, nullptr);
    const FeedModel::Post* post = model_.FindLivePost(view.body->id);
    ASSERT_NE(post, nullptr) << "post " << view.body->id << " is not live";
    EXPECT_EQ(view.body->content, post->body.content);
    EXPECT_EQ(view.body->title, post->body.title);
    EXPECT_EQ(view.body->created_at, post->body.created_at);
    EXPECT_EQ(view.body->updated_at, post->body.updated_at);
    EXPECT_EQ(view.body->author_id, post->body.author_id);
    Author(post->body.author_id, view.author);
    EXPECT_EQ(view.counts.views, post->views) << "post " << view.body->id;
    EXPECT_EQ(view.counts.likes, post->likes.size()) << "post " << view.body->id;
    EXPECT_EQ(view.counts.comments, model_.CommentsOf(view.body->id)) << "post " << view.body->id;
    EXPECT_EQ(view.liked, post->likes.contains(viewer)) << "post " << view.body->id;
  }

  void Check(MemberId viewer, const CommentView& view) const {
    ASSERT_NE(view.body, nullptr);
    const FeedModel::Comment* comment = model_.FindLiveComment(view.body->id);
    ASSERT_NE(comment, nullptr) << "comment " << view.body->id << " is not live";
    EXPECT_EQ(view.body->content, comment->body.content);
    EXPECT_EQ(view.body->post_id, comment->body.post_id);
    EXPECT_EQ(view.body->ancestors, comment->body.ancestors);
    EXPECT_EQ(view.body->created_at, comment->body.created_at);
    EXPECT_EQ(view.body->updated_at, comment->body.updated_at);
    Author(comment->body.author_id, view.author);
    EXPECT_EQ(view.likes, comment->likes.size());
    EXPECT_EQ(view.replies, model_.RepliesOf(view.body->id));
    EXPECT_EQ(view.total_replies, model_.BelowOf(view.body->id)) << "comment " << view.body->id;
    EXPECT_EQ(view.liked, comment->likes.contains(viewer));
  }

  void PostDetail(MemberId viewer, PostId id) const {
    const auto view = queries_.Post(viewer, id);
    if (model_.FindLivePost(id) == nullptr) {
      EXPECT_EQ(ErrorCodeOf(view.status()), ErrorCode::kPostNotFound);
    } else {
      Check(viewer, view.value());
    }
  }

  // Every page of all comments of a post, one behind the end included.
  void Thread(PostId post, uint32_t size) const;
  // Every page of a search for members, one behind the end included.
  void SearchMembers(const std::string& q, uint32_t size) const;
  // The counts of all posts and comments there ever were, in any order.
  void CountsOfMany() const;

  // Windows of posts by time, at any place, with their totals.
  void TimeRanges(MemberId viewer) const {
    constexpr int64_t kStart = testing::kHistoryStart / 1'000'000'000;
    const auto turn = static_cast<int64_t>(turn_++);
    const std::vector<std::vector<TimeSpan>> ranges = {
        {{kStart - 1, kStart + (kHistoryDays + 1) * kSecondsPerDay}},
        {{kStart, kStart + 1}},
        {{kStart + 1, kStart + 1 + turn % 100}},
        {{kStart + turn * 977 % (20 * kSecondsPerDay), kStart + 30 * kSecondsPerDay + turn}},
        {{kStart - 5000, kStart + turn * 4099 % (kHistoryDays * kSecondsPerDay)}},
        {{kStart - 9, kStart},
         {kStart + 100'000, kStart + 1'000'000},
         {kStart + 1'000'001 + turn, kStart + 3'000'000}},
        {{-9'000'000'000'000, 9'000'000'000'000}},
        {}};
    for (const std::vector<TimeSpan>& spans : ranges) {
      std::vector<uint64_t> expected;
      for (size_t i = spans.size(); i-- > 0;) {
        for (uint64_t id : Ids(model_.PostsBetween(spans[i].begin, spans[i].end))) {
          expected.push_back(id);
        }
      }
      const uint32_t size = 1 + turn_++ % 9;
      for (uint64_t page = 0; page * size <= expected.size() + size; ++page) {
        const auto actual = queries_.PostsBetween(viewer, spans, page, size);
        ASSERT_TRUE(actual.ok()) << actual.status();
        EXPECT_EQ(actual->total, expected.size());
        std::vector<uint64_t> ids;
        for (const PostView& view : actual->rows) {
          Check(viewer, view);
          ids.push_back(view.body->id);
        }
        const size_t begin = std::min<size_t>(page * size, expected.size());
        const size_t end = std::min<size_t>(begin + size, expected.size());
        EXPECT_EQ(ids, std::vector<uint64_t>(expected.begin() + begin, expected.begin() + end))
            << "page " << page << " of " << size << " of " << spans.size() << " spans";
      }
    }
  }

  void ById(MemberId viewer) const {
    // Every other one, the newest first and some twice, and one nobody has.
    std::vector<PostId> asked = {999'999};
    std::set<PostId> wanted;
    for (const FeedModel::Post& post : model_.posts()) {
      if ((post.body.id + turn_) % 2 == 0) continue;
      asked.insert(asked.begin(), post.body.id);
      if (post.body.id % 3 == 0) asked.push_back(post.body.id);
      wanted.insert(post.body.id);
    }
    std::vector<uint64_t> expected;
    for (const ListKey& key : model_.PostsBetween(0, 9'000'000'000)) {
      if (wanted.contains(key.id)) expected.push_back(key.id);
    }
    const auto actual = queries_.Posts(viewer, asked);
    ASSERT_TRUE(actual.ok()) << actual.status();
    std::vector<uint64_t> ids;
    for (const PostView& view : *actual) {
      Check(viewer, view);
      ids.push_back(view.body->id);
    }
    EXPECT_EQ(ids, expected);
    for (const PostId id : asked) {
      const PostCounts counts = queries_.CountsOf(id).value();
      const FeedModel::Post* post = model_.FindLivePost(id);
      EXPECT_EQ(counts.likes, post == nullptr ? 0 : post->likes.size());
      EXPECT_EQ(counts.comments, post == nullptr ? 0 : model_.CommentsOf(id));
    }
  }

  void CommentDetail(MemberId viewer, CommentId id) const {
    const auto view = queries_.Comment(viewer, id);
    if (model_.FindLiveComment(id) == nullptr) {
      EXPECT_EQ(ErrorCodeOf(view.status()), ErrorCode::kCommentNotFound);
      EXPECT_EQ(ErrorCodeOf(queries_.Replies(viewer, id, {}).status()),
                ErrorCode::kParentCommentNotFound);
    } else {
      Check(viewer, view.value());
    }
  }

  // Every page by number, one behind the end included.
  void Pages(const AnyList& list, uint32_t size) const {
    const std::vector<uint64_t> expected = Ids(list.expected());
    for (uint64_t page = 0; page * size <= expected.size() + size; ++page) {
      const AnyList::Page actual = list.actual({.page = page, .size = size});
      const size_t begin = std::min<size_t>(page * size, expected.size());
      const size_t end = std::min<size_t>(begin + size, expected.size());
      EXPECT_EQ(actual.ids, std::vector<uint64_t>(expected.begin() + begin, expected.begin() + end))
          << list.name << " page " << page << " of " << size;
      EXPECT_EQ(actual.has_next, end < expected.size()) << list.name << " page " << page;
      EXPECT_EQ(actual.next.has_value(), actual.has_next);
    }
  }

  // From the first row to the last by cursor.
  void Chain(const AnyList& list, uint32_t size) const {
    const std::vector<uint64_t> expected = Ids(list.expected());
    std::vector<uint64_t> walked;
    PageRequest request = {.size = size};
    while (true) {
      const AnyList::Page page = list.actual(request);
      walked.insert(walked.end(), page.ids.begin(), page.ids.end());
      ASSERT_EQ(page.next.has_value(), page.has_next);
      if (!page.has_next) break;
      ASSERT_EQ(page.ids.size(), size) << list.name;
      ASSERT_EQ(page.next->id, page.ids.back()) << list.name;
      request.after = page.next;
    }
    EXPECT_EQ(walked, expected) << list.name << " by cursor, " << size << " rows each";
  }

 private:
  void AddActivities(MemberId viewer, std::vector<AnyList>* lists) const;
  bool IsWithdrawn(MemberId id) const { return model_.members()[id - 1].withdrawn; }

  // Whether the member has a relation with somebody who did not withdraw and
  // has no card.
  bool HasRelationWithoutCard(MemberId member) const {
    for (const FeedModel::Follow& follow : model_.follows()) {
      if (follow.follower != member && follow.followee != member) continue;
      for (const MemberId id : {follow.follower, follow.followee}) {
        if (model_.FindMember(id) == nullptr && !IsWithdrawn(id)) return true;
      }
    }
    return false;
  }

  void Author(MemberId id, const std::shared_ptr<const MemberCard>& card) const {
    const FeedModel::Member* member = model_.FindMember(id);
    ASSERT_EQ(card != nullptr, member != nullptr);
    if (member != nullptr) {
      EXPECT_EQ(card->handle, member->handle);
      EXPECT_EQ(card->bio, member->bio);
    }
  }

  MemberId AnyMember() const { return 1 + turn_++ % model_.members().size(); }

  const FeedModel& model_;
  const Queries& queries_;
  mutable size_t turn_ = 0;  // makes the next check another one
};

// A reader in the middle of a chain. Rows that were in the list the whole time
// and kept their value must be seen exactly once; no row twice, unless its own
// value changed.
class MovingChain {
 public:
  MovingChain(AnyList list, uint32_t size) : list_(std::move(list)), request_{.size = size} {
    for (const ListKey& key : list_.expected()) {
      known_.emplace(key.id, key);
      stable_.insert(key.id);
    }
  }

  // The data moved: what is gone now was not there the whole time.
  void Moved() {
    std::map<uint64_t, ListKey> now;
    for (const ListKey& key : list_.expected()) now.emplace(key.id, key);
    for (const auto& [id, key] : known_) {
      const auto found = now.find(id);
      const bool same =
          found != now.end() && !Before(found->second, key) && !Before(key, found->second);
      if (same) continue;
      stable_.erase(id);
      // A relation that ended and began again is another row, at another place.
      if (list_.moves || found != now.end()) changed_.insert(id);
    }
    known_.insert(now.begin(), now.end());
  }

  // Reads the next page; false at the end, after everything was checked.
  bool Step() {
    const AnyList::Page page = list_.actual(request_);
    for (uint64_t id : page.ids) {
      EXPECT_TRUE(seen_.insert(id).second || changed_.contains(id))
          << list_.name << ": " << id << " shows twice";
    }
    if (page.has_next) {
      EXPECT_EQ(page.ids.size(), request_.size) << list_.name;
      request_.after = page.next;
      return true;
    }
    for (uint64_t id : stable_) {
      EXPECT_TRUE(seen_.contains(id)) << list_.name << ": " << id << " was skipped";
    }
    return false;
  }

 private:
  AnyList list_;
  PageRequest request_;
  std::map<uint64_t, ListKey> known_;  // as each was first
  std::set<uint64_t> stable_;
  std::set<uint64_t> changed_;
  std::set<uint64_t> seen_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_QUERIES_COMPARISON_H_
