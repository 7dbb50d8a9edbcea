#include "projections/home/home_feeds.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/home/merge_newest.h"

namespace dailyfeed {
namespace {

// The part of the bytes that numbers of followers get.
constexpr size_t kCountsPart = 8;
// What the index holds for each author of a window: an entry with the slack of
// its vector, and a part of the author's slot.
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
    window->listed_at()[number] = static_cast<uint32_t>(windows.size());
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
    const uint32_t at = window->listed_at()[number];
    const Listed last = windows.back();
    windows[at] = last;
    last.window->listed_at()[last.number] = at;
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

HomeFeeds::HomeFeeds(Runtime* runtime, const Options& options, ProjectionId follows,
                     ProjectionId timelines, FollowedAuthors* followed, AuthorHeads* heads)
    : runtime_(runtime),
      options_(options),
      follows_(follows),
      timelines_(timelines),
      followed_(followed),
      heads_(heads),
      follower_counts_(runtime, follows, options.bytes_max / kCountsPart),
      windows_(options.bytes_max - options.bytes_max / kCountsPart) {
  runtime->Observe(follows, this);
  runtime->Observe(timelines, this);
}

bool HomeFeeds::AskedLately(MemberId viewer) {
  return askers_[viewer % kAskers].exchange(viewer, std::memory_order_relaxed) == viewer;
}

HomeFeeds::WindowPtr HomeFeeds::MakeWindow(MemberId reader, std::vector<MemberId> ordinary,
                                           std::vector<MemberId> popular) {
  std::vector<std::shared_ptr<AuthorBound>> bounds;
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

absl::StatusOr<HomeFeeds::WindowPtr> HomeFeeds::Fill(const ReadView& view, MemberId viewer) {
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr authors, followed_->Load(view, viewer));
  if (authors->empty()) return nullptr;
  std::vector<uint64_t> followers(authors->size());
  RETURN_IF_ERROR(follower_counts_.Load(view, *authors, followers));
  std::vector<MemberId> ordinary, popular;
  for (size_t i = 0; i < authors->size(); ++i) {
    (followers[i] <= options_.followers_max ? ordinary : popular).push_back((*authors)[i]);
  }
  ordinary.shrink_to_fit();
  popular.shrink_to_fit();
  const WindowPtr window = MakeWindow(viewer, std::move(ordinary), std::move(popular));
  // The window hears of every change from here on. What it did not hear of is in
  // the newest view, unless that view is about to be replaced.
  const std::shared_ptr<const ReadView> newest = runtime_->Pin();
  {
    std::lock_guard<std::mutex> lock(heard_mutex_);
    if (!heard_.IsShownAt(MomentAt(*newest))) return nullptr;
  }
  if (MomentAt(*newest).epoch != MomentAt(view).epoch) return nullptr;
  ASSIGN_OR_RETURN(std::vector<ListKey> posts, MergeNewest(*newest, *heads_, window->ordinary(),
                                                           std::nullopt, 0, options_.rows_max + 1));
  if (!window->Fill(std::move(posts), newest->position())) return nullptr;
  // By the first view: whom the member follows was read from it.
  windows_.Insert(viewer, {window}, MomentAt(view));
  return window;
}

absl::StatusOr<AuthorHeadPtr> HomeFeeds::PopularPosts(const ReadView& view,
                                                      HomeWindow& window) const {
  // Positions of changes only grow, so an equal sum is the same of each; and
  // while the view has every change, it shows what the kept posts were made of.
  const Moment at = heads_->MomentAt(view);
  uint64_t changes = 0;
  bool has_all = true;
  for (const auto& bound : window.bounds()) {
    changes += bound->changed();
    has_all = has_all && bound->IsShownAt(at);
  }
  if (has_all) {
    if (AuthorHeadPtr kept = window.PopularPosts(changes)) return kept;
  }
  AuthorHead merged;
  ASSIGN_OR_RETURN(merged.posts, MergeNewest(view, *heads_, window.popular(), std::nullopt, 0,
                                             options_.rows_max + 1, window.bounds()));
  merged.complete = merged.posts.size() <= options_.rows_max;
  AuthorHeadPtr posts = std::make_shared<const AuthorHead>(std::move(merged));
  if (has_all) window.KeepPopularPosts(changes, posts);
  return posts;
}

absl::StatusOr<std::optional<std::vector<ListKey>>> HomeFeeds::FromWindow(
    const ReadView& view, HomeWindow& window, const std::optional<ListKey>& after, uint64_t skip,
    size_t count) const {
  if (skip > options_.rows_max) return std::nullopt;
  std::optional<std::vector<ListKey>> posts = window.Read(after, skip + count, view.position());
  if (!posts.has_value()) return std::nullopt;
  if (!window.popular().empty()) {
    ASSIGN_OR_RETURN(const AuthorHeadPtr popular, PopularPosts(view, window));
    posts = MergeTwo(*posts, *popular, after, skip + count);
    if (!posts.has_value()) return std::nullopt;
  }
  posts->erase(posts->begin(),
               posts->begin() + static_cast<ptrdiff_t>(std::min<size_t>(skip, posts->size())));
  return posts;
}

absl::StatusOr<std::vector<ListKey>> HomeFeeds::Read(const ReadView& view, MemberId viewer,
                                                     const std::optional<ListKey>& after,
                                                     uint64_t skip, size_t count) {
  if (options_.bytes_max > 0 && options_.rows_max > 0 && options_.followers_max > 0) {
    WindowPtr window;
    const bool there = windows_.Find(viewer, MomentAt(view),
                                     [&window](const Entry& entry) { window = entry.window; });
    if (!there && !after.has_value() && skip == 0 && AskedLately(viewer)) {
      ASSIGN_OR_RETURN(window, Fill(view, viewer));
    }
    if (window != nullptr) {
      ASSIGN_OR_RETURN(std::optional<std::vector<ListKey>> keys,
                       FromWindow(view, *window, after, skip, count));
      if (keys.has_value()) return *std::move(keys);
    }
  }
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr authors, followed_->Load(view, viewer));
  return MergeNewest(view, *heads_, *authors, after, skip, count);
}

void HomeFeeds::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  const Position position = event.position();
  if (payload.has_member_followed()) {
    return windows_.Erase(payload.member_followed().follower_id(), position);
  }
  if (payload.has_member_unfollowed()) {
    return windows_.Erase(payload.member_unfollowed().follower_id(), position);
  }
  const bool published = payload.has_post_published();
  if (!published && !payload.has_post_deleted()) return;
  {
    std::lock_guard<std::mutex> lock(heard_mutex_);
    heard_.Event(position);
  }
  const MemberId author =
      published ? payload.post_published().author_id() : payload.post_deleted().author_id();
  std::vector<MemberId> useless;
  index_.ForEach(author, [&](HomeWindow& window) {
    const bool worth = published ? window.Add({.order = event.occurred_at_ns(),
                                               .id = payload.post_published().post_id()},
                                              position)
                                 : window.Remove(payload.post_deleted().post_id(), position);
    if (!worth) useless.push_back(window.reader());
  });
  // Not under the locks of the index, which a window takes when it is destroyed.
  for (const MemberId reader : useless) windows_.Erase(reader, position);
}

void HomeFeeds::OnReset(uint64_t epoch) {
  {
    std::lock_guard<std::mutex> lock(heard_mutex_);
    heard_.Reset(epoch);
  }
  windows_.Clear(epoch);
}

}  // namespace dailyfeed
