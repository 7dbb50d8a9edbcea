#include "projections/queries/home_feeds.h"

#include <algorithm>
#include <utility>

#include "core/domain/status_macros.h"
#include "projections/queries/follow_feed.h"

namespace dailyfeed {
namespace {

// The part of the room that numbers of followers get.
constexpr size_t kCountsPart = 8;
// What the index holds for each author of a window: an entry with the slack of
// its vector, and a share of the author's.
constexpr size_t kIndexBytes = 40;

}  // namespace

size_t HomeFeeds::Entry::Bytes() const {
  return window->Bytes() + kIndexBytes * window->ordinary().size();
}

void HomeFeeds::Index::Add(HomeWindow* window) {
  for (uint32_t number = 0; number < window->ordinary().size(); ++number) {
    const MemberId author = window->ordinary()[number];
    Shard& shard = ShardOf(author);
    std::lock_guard<std::mutex> lock(shard.mutex);
    std::vector<Listed>& windows = shard.windows[author];
    window->places()[number] = static_cast<uint32_t>(windows.size());
    windows.push_back({window, number});
  }
}

void HomeFeeds::Index::Remove(HomeWindow* window) {
  for (uint32_t number = 0; number < window->ordinary().size(); ++number) {
    const MemberId author = window->ordinary()[number];
    Shard& shard = ShardOf(author);
    std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.windows.find(author);
    std::vector<Listed>& windows = found->second;
    const uint32_t place = window->places()[number];
    const Listed last = windows.back();
    windows[place] = last;
    last.window->places()[last.number] = place;
    windows.pop_back();
    if (windows.empty()) shard.windows.erase(found);
  }
}

void HomeFeeds::Index::ForEach(MemberId author, absl::FunctionRef<void(HomeWindow&)> visit) {
  Shard& shard = ShardOf(author);
  std::lock_guard<std::mutex> lock(shard.mutex);
  const auto found = shard.windows.find(author);
  if (found == shard.windows.end()) return;
  for (const Listed& listed : found->second) visit(*listed.window);
}

HomeFeeds::HomeFeeds(const Options& options)
    : options_(options),
      follower_counts_(options.bytes_max / kCountsPart),
      windows_(options.bytes_max - options.bytes_max / kCountsPart) {}

void HomeFeeds::set_sources(AuthorHeads* heads, Followings* followings,
                            const ProjectionReader* follows) {
  heads_ = heads;
  followings_ = followings;
  follower_counts_.set_reader(follows);
}

bool HomeFeeds::AskedLately(MemberId viewer) {
  return askers_[viewer % kAskers].exchange(viewer, std::memory_order_relaxed) == viewer;
}

HomeFeeds::WindowPtr HomeFeeds::MakeWindow(MemberId reader, std::vector<MemberId> ordinary,
                                           std::vector<MemberId> popular) {
  WindowPtr window(
      new HomeWindow(reader, std::move(ordinary), std::move(popular), options_.rows_max),
      [this](HomeWindow* of) {
        index_.Remove(of);
        delete of;
      });
  index_.Add(window.get());
  return window;
}

absl::StatusOr<HomeFeeds::WindowPtr> HomeFeeds::Fill(MemberId viewer,
                                                     const Cache<Entry>::Ticket& ticket) {
  ASSIGN_OR_RETURN(const FollowingsPtr authors, followings_->Load(viewer));
  std::vector<uint64_t> followers(authors->size());
  RETURN_IF_ERROR(follower_counts_.Load(*authors, followers));
  std::vector<MemberId> ordinary, popular;
  for (size_t i = 0; i < authors->size(); ++i) {
    (followers[i] <= options_.followers_max ? ordinary : popular).push_back((*authors)[i]);
  }
  if (ordinary.empty()) return nullptr;
  ordinary.shrink_to_fit();
  popular.shrink_to_fit();
  const WindowPtr window = MakeWindow(viewer, std::move(ordinary), std::move(popular));
  // The window is told from here on, so what is read now is not too old.
  ASSIGN_OR_RETURN(
      std::vector<ListKey> newest,
      MergeNewest(*heads_, window->ordinary(), std::nullopt, 0, options_.rows_max + 1));
  if (!window->Fill(std::move(newest))) return nullptr;
  windows_.Insert(viewer, {window}, ticket);
  return window;
}

absl::StatusOr<std::optional<std::vector<ListKey>>> HomeFeeds::FromWindow(
    HomeWindow& window, const std::optional<ListKey>& after, uint64_t skip, size_t count) const {
  if (skip > options_.rows_max) return std::nullopt;
  std::optional<std::vector<ListKey>> posts = window.Read(after, skip + count);
  if (!posts.has_value()) return std::nullopt;
  if (window.popular().empty()) {
    posts->erase(posts->begin(),
                 posts->begin() + static_cast<ptrdiff_t>(std::min<size_t>(skip, posts->size())));
    return posts;
  }
  // All that the merge can need of them, so they may pass for all there are.
  AuthorHead ready = {.posts = *std::move(posts), .complete = true};
  ASSIGN_OR_RETURN(std::vector<ListKey> merged,
                   MergeNewest(*heads_, window.popular(), after, skip, count,
                               std::make_shared<const AuthorHead>(std::move(ready))));
  return std::optional(std::move(merged));
}

absl::StatusOr<std::vector<ListKey>> HomeFeeds::Read(MemberId viewer,
                                                     const std::optional<ListKey>& after,
                                                     uint64_t skip, size_t count) {
  if (options_.bytes_max > 0 && options_.rows_max > 0 && options_.followers_max > 0) {
    WindowPtr window;
    Cache<Entry>::Ticket ticket;
    const bool there =
        windows_.Find(viewer, &ticket, [&window](const Entry& entry) { window = entry.window; });
    if (!there && !after.has_value() && skip == 0 && AskedLately(viewer)) {
      ASSIGN_OR_RETURN(window, Fill(viewer, ticket));
    }
    if (window != nullptr) {
      ASSIGN_OR_RETURN(std::optional<std::vector<ListKey>> keys,
                       FromWindow(*window, after, skip, count));
      if (keys.has_value()) return *std::move(keys);
    }
  }
  ASSIGN_OR_RETURN(const FollowingsPtr authors, followings_->Load(viewer));
  return MergeNewest(*heads_, *authors, after, skip, count);
}

void HomeFeeds::OnFollowsPublished(const std::vector<std::shared_ptr<const v1::Event>>& events) {
  follower_counts_.OnPublished(events);
  if (events.empty()) windows_.Clear();
  for (const auto& event : events) {
    const v1::Payload& payload = event->payload();
    if (payload.has_member_followed()) {
      windows_.Erase(payload.member_followed().follower_id());
    } else if (payload.has_member_unfollowed()) {
      windows_.Erase(payload.member_unfollowed().follower_id());
    }
  }
}

void HomeFeeds::OnPostsPublished(const std::vector<std::shared_ptr<const v1::Event>>& events) {
  if (events.empty()) windows_.Clear();
  std::vector<MemberId> useless;
  const auto judge = [&useless](const HomeWindow& window, bool worth) {
    if (!worth) useless.push_back(window.reader());
  };
  for (const auto& event : events) {
    const v1::Payload& payload = event->payload();
    if (payload.has_post_published()) {
      const v1::PostPublished& published = payload.post_published();
      const ListKey post = {.order = event->occurred_at_ns(), .id = published.post_id()};
      index_.ForEach(published.author_id(),
                     [&](HomeWindow& window) { judge(window, window.Add(post)); });
    } else if (payload.has_post_deleted()) {
      const v1::PostDeleted& deleted = payload.post_deleted();
      index_.ForEach(deleted.author_id(),
                     [&](HomeWindow& window) { judge(window, window.Remove(deleted.post_id())); });
    }
  }
  // Not under the locks of the index, which a window takes when it goes.
  for (const MemberId reader : useless) windows_.Erase(reader);
}

}  // namespace dailyfeed
