#include "projections/home/home_feeds.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/home/merge_newest.h"

namespace dailyfeed {
namespace {

// The part of the room that numbers of followers get.
constexpr size_t kCountsPart = 8;
// What the index holds for each author of a window: an entry with the slack of
// its vector, and a share of the author's.
constexpr size_t kIndexBytes = 40;

// Up to `wanted` posts of both, behind `after`. `ordinary` has all of its kind
// that can be among them. nullopt: those of `popular` end too soon.
std::optional<std::vector<ListKey>> MergeTwo(const std::vector<ListKey>& ordinary,
                                             const AuthorHead& popular,
                                             const std::optional<ListKey>& after, size_t wanted) {
  auto a = ordinary.begin();
  auto b = popular.posts.begin();
  if (after.has_value()) {
    b = std::upper_bound(popular.posts.begin(), popular.posts.end(), *after, Before);
  }
  std::vector<ListKey> merged;
  merged.reserve(wanted);
  while (merged.size() < wanted) {
    const bool has_popular = b != popular.posts.end();
    if (!has_popular && !popular.complete) return std::nullopt;
    if (a != ordinary.end() && (!has_popular || Before(*a, *b))) {
      merged.push_back(*a++);
    } else if (has_popular) {
      merged.push_back(*b++);
    } else {
      break;
    }
  }
  return merged;
}

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

void HomeFeeds::set_sources(AuthorHeads* heads, FollowedAuthors* followings,
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
  std::vector<AuthorBound*> bounds;
  bounds.reserve(popular.size());
  for (const MemberId author : popular) bounds.push_back(heads_->BoundOf(author));
  WindowPtr window(new HomeWindow(reader, std::move(ordinary), std::move(popular),
                                  std::move(bounds), options_.rows_max),
                   [this](HomeWindow* of) {
                     index_.Remove(of);
                     delete of;
                   });
  index_.Add(window.get());
  return window;
}

absl::StatusOr<HomeFeeds::WindowPtr> HomeFeeds::Fill(MemberId viewer,
                                                     const Cache<Entry>::Ticket& ticket) {
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr authors, followings_->Load(viewer));
  if (authors->empty()) return nullptr;
  std::vector<uint64_t> followers(authors->size());
  RETURN_IF_ERROR(follower_counts_.Load(*authors, followers));
  std::vector<MemberId> ordinary, popular;
  for (size_t i = 0; i < authors->size(); ++i) {
    (followers[i] <= options_.followers_max ? ordinary : popular).push_back((*authors)[i]);
  }
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

absl::StatusOr<AuthorHeadPtr> HomeFeeds::PopularPosts(HomeWindow& window) const {
  // Before they are looked at, so that what changes meanwhile is noticed. Each of
  // them only grows, so an equal sum is the same of each.
  uint64_t changes = 0;
  for (const AuthorBound* bound : window.bounds()) changes += bound->changes();
  if (AuthorHeadPtr kept = window.PopularPosts(changes)) return kept;
  AuthorHead merged;
  ASSIGN_OR_RETURN(merged.posts, MergeNewest(*heads_, window.popular(), std::nullopt, 0,
                                             options_.rows_max + 1, window.bounds()));
  merged.complete = merged.posts.size() <= options_.rows_max;
  AuthorHeadPtr posts = std::make_shared<const AuthorHead>(std::move(merged));
  window.KeepPopularPosts(changes, posts);
  return posts;
}

absl::StatusOr<std::optional<std::vector<ListKey>>> HomeFeeds::FromWindow(
    HomeWindow& window, const std::optional<ListKey>& after, uint64_t skip, size_t count) const {
  if (skip > options_.rows_max) return std::nullopt;
  std::optional<std::vector<ListKey>> posts = window.Read(after, skip + count);
  if (!posts.has_value()) return std::nullopt;
  if (!window.popular().empty()) {
    ASSIGN_OR_RETURN(const AuthorHeadPtr popular, PopularPosts(window));
    posts = MergeTwo(*posts, *popular, after, skip + count);
    if (!posts.has_value()) return std::nullopt;
  }
  posts->erase(posts->begin(),
               posts->begin() + static_cast<ptrdiff_t>(std::min<size_t>(skip, posts->size())));
  return posts;
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
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr authors, followings_->Load(viewer));
  return MergeNewest(*heads_, *authors, after, skip, count);
}

void HomeFeeds::OnFollowsEvent(const v1::Event& event) {
  follower_counts_.OnEvent(event);
  const v1::Payload& payload = event.payload();
  if (payload.has_member_followed()) {
    windows_.Erase(payload.member_followed().follower_id());
  } else if (payload.has_member_unfollowed()) {
    windows_.Erase(payload.member_unfollowed().follower_id());
  }
}

void HomeFeeds::OnFollowsReset() {
  follower_counts_.OnReset();
  windows_.Clear();
}

void HomeFeeds::OnPostsEvent(const v1::Event& event) {
  std::vector<MemberId> useless;
  const auto judge = [&useless](const HomeWindow& window, bool worth) {
    if (!worth) useless.push_back(window.reader());
  };
  const v1::Payload& payload = event.payload();
  if (payload.has_post_published()) {
    const v1::PostPublished& published = payload.post_published();
    const ListKey post = {.order = event.occurred_at_ns(), .id = published.post_id()};
    index_.ForEach(published.author_id(),
                   [&](HomeWindow& window) { judge(window, window.Add(post)); });
  } else if (payload.has_post_deleted()) {
    const v1::PostDeleted& deleted = payload.post_deleted();
    index_.ForEach(deleted.author_id(),
                   [&](HomeWindow& window) { judge(window, window.Remove(deleted.post_id())); });
  }
  // Not under the locks of the index, which a window takes when it goes.
  for (const MemberId reader : useless) windows_.Erase(reader);
}

void HomeFeeds::OnPostsReset() { windows_.Clear(); }

}  // namespace dailyfeed
