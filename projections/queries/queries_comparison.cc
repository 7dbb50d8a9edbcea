#include "projections/queries/queries_comparison.h"

#include <memory>

namespace dailyfeed {
namespace {

template <typename View>
AnyList::Page Reduced(MemberId viewer, const Comparison& comparison,
                      const absl::StatusOr<Slice<View>>& slice) {
  AnyList::Page page;
  EXPECT_TRUE(slice.ok()) << slice.status();
  if (!slice.ok()) return page;
  for (const View& view : slice->rows) {
    comparison.Check(viewer, view);
    page.ids.push_back(view.body == nullptr ? 0 : view.body->id);
  }
  page.has_next = slice->has_next;
  page.next = slice->next;
  return page;
}

AnyList::Page Reduced(const absl::StatusOr<Slice<ActivityRow>>& slice) {
  AnyList::Page page;
  EXPECT_TRUE(slice.ok()) << slice.status();
  if (!slice.ok()) return page;
  for (const ActivityRow& row : slice->rows) page.ids.push_back(row.position);
  page.has_next = slice->has_next;
  page.next = slice->next;
  return page;
}

AnyList::Page Reduced(const absl::StatusOr<Slice<std::shared_ptr<const MemberCard>>>& slice) {
  AnyList::Page page;
  EXPECT_TRUE(slice.ok()) << slice.status();
  if (!slice.ok()) return page;
  for (const auto& card : slice->rows) page.ids.push_back(card->id);
  page.has_next = slice->has_next;
  page.next = slice->next;
  return page;
}

}  // namespace

void Comparison::Thread(PostId post, uint32_t size) const {
  const std::vector<uint64_t> expected = Ids(model_.PostThread(post));
  for (uint64_t page = 0; page * size <= expected.size() + size; ++page) {
    const auto actual = queries_.PostThread(post, page, size);
    ASSERT_TRUE(actual.ok()) << actual.status();
    EXPECT_EQ(actual->total, expected.size()) << "post " << post;
    std::vector<uint64_t> ids;
    for (const CommentView& view : actual->rows) {
      Check(/*viewer=*/0, view);
      ids.push_back(view.body->id);
    }
    const size_t begin = std::min<size_t>(page * size, expected.size());
    const size_t end = std::min<size_t>(begin + size, expected.size());
    EXPECT_EQ(ids, std::vector<uint64_t>(expected.begin() + begin, expected.begin() + end))
        << "post " << post << " page " << page << " of " << size;
  }
}

void Comparison::SearchMembers(const std::string& q, uint32_t size) const {
  const std::vector<MemberId> expected = model_.SearchMembers(q);
  for (uint64_t page = 0; page * size <= expected.size() + size; ++page) {
    const auto actual = queries_.SearchMembers(q, page, size);
    ASSERT_TRUE(actual.ok()) << actual.status();
    EXPECT_EQ(actual->total, expected.size()) << "q=" << q;
    std::vector<MemberId> ids;
    for (const auto& card : actual->rows) ids.push_back(card->id);
    const size_t begin = std::min<size_t>(page * size, expected.size());
    const size_t end = std::min<size_t>(begin + size, expected.size());
    EXPECT_EQ(ids, std::vector<MemberId>(expected.begin() + begin, expected.begin() + end))
        << "q=" << q << " page " << page << " of " << size;
  }
}

void Comparison::CountsOfMany() const {
  // From the last, and some twice; the first two are nobody's.
  std::vector<uint64_t> post_ids = {999'999, 0}, comment_ids = {999'999, 0};
  for (const FeedModel::Post& post : model_.posts()) {
    post_ids.insert(post_ids.begin(), 1 + post.body.id % 2, post.body.id);
  }
  for (const FeedModel::Comment& comment : model_.comments()) {
    comment_ids.insert(comment_ids.begin(), 1 + comment.body.id % 2, comment.body.id);
  }
  const auto counts = queries_.CountsOfPosts(post_ids);
  ASSERT_TRUE(counts.ok()) << counts.status();
  ASSERT_EQ(counts->size(), post_ids.size());
  for (size_t i = 0; i < post_ids.size(); ++i) {
    const FeedModel::Post* post = model_.FindLivePost(post_ids[i]);
    EXPECT_EQ((*counts)[i].likes, post == nullptr ? 0 : post->likes.size());
    EXPECT_EQ((*counts)[i].comments, post == nullptr ? 0 : model_.CommentsOf(post_ids[i]));
  }
  const auto likes = queries_.LikesOfComments(comment_ids);
  ASSERT_TRUE(likes.ok()) << likes.status();
  ASSERT_EQ(likes->size(), comment_ids.size());
  for (size_t i = 0; i < comment_ids.size(); ++i) {
    const FeedModel::Comment* comment = model_.FindLiveComment(comment_ids[i]);
    EXPECT_EQ((*likes)[i], comment == nullptr ? 0 : comment->likes.size());
  }
}

std::vector<AnyList> Comparison::RankedLists(MemberId viewer) const {
  std::vector<AnyList> lists;
  const auto add = [&](std::string name, auto expected, auto actual) {
    lists.push_back({"viewer " + std::to_string(viewer) + ": " + std::move(name),
                     std::move(expected), std::move(actual), true, true});
  };
  const struct {
    const char* name;
    RankingWindow window;
    int64_t first_day;
  } windows[] = {{"all time", RankingWindow::kAllTime, 0},
                 {"today", RankingWindow::kToday, kToday},
                 {"7 days", RankingWindow::kSevenDays, kToday - 6},
                 {"30 days", RankingWindow::kThirtyDays, kToday - 29}};
  for (const auto& row : windows) {
    const RankingWindow window = row.window;
    const int64_t first = row.first_day;
    const int64_t last = window == RankingWindow::kAllTime ? 10 * kToday : kToday;
    add(
        std::string("most popular, ") + row.name,
        [=, this] { return model_.MostPopular(first, last); },
        [=, this](const PageRequest& request) {
          return Reduced(viewer, *this, queries_.MostPopular(viewer, window, request));
        });
    add(
        std::string("most commented, ") + row.name,
        [=, this] { return model_.MostCommented(first, last); },
        [=, this](const PageRequest& request) {
          return Reduced(viewer, *this, queries_.MostCommented(viewer, window, request));
        });
  }
  add(
      "recent activities", [=, this] { return model_.RecentActivities(); },
      [=, this](const PageRequest& request) {
        return Reduced(viewer, *this, queries_.RecentActivities(viewer, request));
      });
  return lists;
}

void Comparison::AddActivities(MemberId viewer, std::vector<AnyList>* lists) const {
  const auto add = [&](std::string name, auto expected, auto actual) {
    lists->push_back({"viewer " + std::to_string(viewer) + ": " + std::move(name),
                      std::move(expected), std::move(actual), true, false});
  };
  add(
      "activities", [=, this] { return model_.ActivitiesOf(viewer); },
      [=, this](const PageRequest& request) {
        return Reduced(queries_.ActivitiesOf(viewer, {}, request));
      });
  add(
      "likes of posts",
      [=, this] { return model_.ActivitiesOf(viewer, v1::ACTIVITY_TYPE_LIKE_POST); },
      [=, this](const PageRequest& request) {
        return Reduced(queries_.ActivitiesOf(
            viewer, {.type = v1::ACTIVITY_TYPE_LIKE_POST, .spans = {}}, request));
      });
  add(
      "activities of the followed", [=, this] { return model_.FollowedActivities(viewer); },
      [=, this](const PageRequest& request) {
        return Reduced(queries_.FollowedActivities(viewer, request));
      });
}

std::vector<AnyList> Comparison::Lists(MemberId viewer) const {
  std::vector<AnyList> lists;
  const auto add = [&](std::string name, auto expected, auto actual) {
    lists.push_back({"viewer " + std::to_string(viewer) + ": " + std::move(name),
                     std::move(expected), std::move(actual), true, false});
  };
  add(
      "follow feed", [=, this] { return model_.FollowFeed(viewer); },
      [=, this](const PageRequest& request) {
        return Reduced(viewer, *this, queries_.FollowFeed(viewer, request));
      });
  if (model_.has_activities()) AddActivities(viewer, &lists);
  add(
      "comments of the viewer", [=, this] { return model_.MemberComments(viewer); },
      [=, this](const PageRequest& request) {
        return Reduced(viewer, *this, queries_.MemberComments(viewer, viewer, request));
      });
  add(
      "recommended", [=, this] { return model_.Recommended(viewer); },
      [=, this](const PageRequest& request) {
        return Reduced(queries_.Recommended(viewer, request));
      });
  if (model_.FindMember(viewer) != nullptr) {
    // The viewer may withdraw while a chain is walked.
    const auto if_there = [=, this](auto expected) {
      return [=, this] {
        return model_.FindMember(viewer) == nullptr ? std::vector<ListKey>() : expected();
      };
    };
    const auto read_if_there = [=, this](auto read) {
      return [=, this](const PageRequest& request) {
        return model_.FindMember(viewer) == nullptr ? AnyList::Page() : read(request);
      };
    };
    add("own feed", if_there([=, this] { return model_.AuthorFeed(viewer); }),
        read_if_there([=, this](const PageRequest& request) {
          return Reduced(viewer, *this, queries_.AuthorFeed(viewer, viewer, request));
        }));
    add("followers", if_there([=, this] { return model_.Followers(viewer); }),
        read_if_there([=, this](const PageRequest& request) {
          return Reduced(queries_.Followers(viewer, request));
        }));
    lists.back().exact_pages = !HasRelationWithoutCard(viewer);
    add("followings", if_there([=, this] { return model_.Followings(viewer); }),
        read_if_there([=, this](const PageRequest& request) {
          return Reduced(queries_.Followings(viewer, request));
        }));
    lists.back().exact_pages = !HasRelationWithoutCard(viewer);
  }
  if (!model_.posts().empty()) {
    const PostId post = model_.posts()[turn_ % model_.posts().size()].body.id;
    add(
        "comments of post " + std::to_string(post), [=, this] { return model_.PostComments(post); },
        [=, this](const PageRequest& request) {
          return Reduced(viewer, *this, queries_.PostComments(viewer, post, request));
        });
  }
  if (!model_.comments().empty()) {
    const CommentId parent = model_.comments()[turn_ % model_.comments().size()].body.id;
    if (model_.FindLiveComment(parent) != nullptr) {
      add(
          "replies to " + std::to_string(parent), [=, this] { return model_.Replies(parent); },
          [=, this](const PageRequest& request) {
            const auto slice = queries_.Replies(viewer, parent, request);
            // The parent may go while a chain is walked.
            if (ErrorCodeOf(slice.status()) == ErrorCode::kParentCommentNotFound) {
              return AnyList::Page();
            }
            return Reduced(viewer, *this, slice);
          });
    }
  }
  return lists;
}

}  // namespace dailyfeed
