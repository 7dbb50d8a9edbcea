#include "projections/home/home_window.h"

#include <algorithm>

#include "projections/cache/heap_bytes.h"
#include "projections/home/author_heads.h"

namespace dailyfeed {
namespace {

bool Older(const ListKey& a, const ListKey& b) { return Before(b, a); }

}  // namespace

HomeWindow::HomeWindow(MemberId reader, std::vector<MemberId> ordinary,
                       std::vector<MemberId> popular,
                       std::vector<std::shared_ptr<AuthorBound>> bounds, size_t rows_max)
    : reader_(reader),
      ordinary_(std::move(ordinary)),
      popular_(std::move(popular)),
      bounds_(std::move(bounds)),
      rows_max_(rows_max),
      listed_at_(ordinary_.size()) {
  posts_.reserve(rows_max_ + 1);  // all it will ever take
}

size_t HomeWindow::Bytes() const {
  const size_t list_bytes = BlockBytes((rows_max_ + 1) * sizeof(ListKey));
  const size_t popular_bytes = popular_.empty() ? 0 : SharedBytes<AuthorHead>() + list_bytes;
  return SharedBytes<HomeWindow>() + HeapBytes(ordinary_) + HeapBytes(popular_) +
         HeapBytes(bounds_) + HeapBytes(listed_at_) + list_bytes + popular_bytes;
}

bool HomeWindow::Fill(std::vector<ListKey> newest, Position position) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (missed_.size() > kMissedMax) return false;
  complete_ = newest.size() <= rows_max_;
  if (!complete_) newest.resize(rows_max_);
  posts_.assign(newest.rbegin(), newest.rend());
  filled_ = true;
  changed_ = std::max(changed_, position);
  bool worth = true;
  for (const Change& change : missed_) worth = Apply(change) && worth;
  missed_ = {};
  unread_ = 0;
  return worth;
}

std::shared_ptr<const AuthorHead> HomeWindow::PopularPosts(uint64_t changes) {
  std::lock_guard<std::mutex> lock(mutex_);
  return changes == popular_changes_ ? popular_posts_ : nullptr;
}

void HomeWindow::KeepPopularPosts(uint64_t changes, std::shared_ptr<const AuthorHead> posts) {
  std::lock_guard<std::mutex> lock(mutex_);
  popular_changes_ = changes;
  popular_posts_ = std::move(posts);
}

bool HomeWindow::Add(const ListKey& post, Position position) {
  std::lock_guard<std::mutex> lock(mutex_);
  changed_ = position;
  return Apply({.post = post, .there = true});
}

bool HomeWindow::Remove(PostId post, Position position) {
  std::lock_guard<std::mutex> lock(mutex_);
  changed_ = position;
  return Apply({.post = {.order = 0, .id = post}});
}

bool HomeWindow::Apply(const Change& change) {
  if (filled_) return change.there ? AddOne(change.post) : RemoveOne(change.post.id);
  // Fill finds out when it is too much.
  if (missed_.size() <= kMissedMax) missed_.push_back(change);
  return true;
}

bool HomeWindow::AddOne(const ListKey& post) {
  const auto at = std::lower_bound(posts_.begin(), posts_.end(), post, Older);
  // There already: the view that was read has it.
  if (at != posts_.end() && at->id == post.id) return true;
  // Older than all that an incomplete window has: it is not for the window.
  if (at == posts_.begin() && !complete_) return true;
  posts_.insert(at, post);
  if (posts_.size() > rows_max_) {
    posts_.erase(posts_.begin());
    complete_ = false;
  }
  return ++unread_ <= rows_max_;
}

bool HomeWindow::RemoveOne(PostId post) {
  // Mostly new ones are deleted.
  const auto at = std::find_if(posts_.rbegin(), posts_.rend(),
                               [post](const ListKey& key) { return key.id == post; });
  if (at == posts_.rend()) return true;
  posts_.erase(std::next(at).base());
  return complete_ || posts_.size() >= rows_max_ / 2;
}

std::optional<std::vector<ListKey>> HomeWindow::Read(const std::optional<ListKey>& after,
                                                     size_t wanted, Position position) {
  std::lock_guard<std::mutex> lock(mutex_);
  unread_ = 0;
  if (changed_ > position) return std::nullopt;
  auto end = posts_.end();
  if (after.has_value()) end = std::lower_bound(posts_.begin(), posts_.end(), *after, Older);
  const auto left = static_cast<size_t>(end - posts_.begin());
  if (left < wanted && !complete_) return std::nullopt;
  const auto count = static_cast<ptrdiff_t>(std::min(left, wanted));
  return std::vector<ListKey>(std::make_reverse_iterator(end),
                              std::make_reverse_iterator(end - count));
}

}  // namespace dailyfeed
