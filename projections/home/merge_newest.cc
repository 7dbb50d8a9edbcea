#include "projections/home/merge_newest.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

// Above this many wanted rows hardly any author can be left out.
constexpr uint64_t kFloorRowsMax = 512;

// The oldest of the `wanted` newest keys seen so far: what is older cannot be
// among the wanted rows.
class Floor {
 public:
  explicit Floor(uint64_t wanted) : wanted_(wanted <= kFloorRowsMax ? wanted : 0) {
    keys_.reserve(wanted_);
  }
  // nullptr until enough keys were seen.
  const ListKey* get() const {
    return wanted_ != 0 && keys_.size() == wanted_ ? &keys_.front() : nullptr;
  }
  void Add(const ListKey& key) {
    if (wanted_ == 0) return;
    if (keys_.size() == wanted_) {
      if (!Before(key, keys_.front())) return;
      std::pop_heap(keys_.begin(), keys_.end(), Before);
      keys_.pop_back();
    }
    keys_.push_back(key);
    std::push_heap(keys_.begin(), keys_.end(), Before);
  }

 private:
  const uint64_t wanted_;
  std::vector<ListKey> keys_;  // a heap, the oldest in front
};

// One author's posts: the head, then the store.
struct Source {
  ListKey next;
  AuthorHeadPtr head;
  size_t at = 0;  // of `next` in the head; behind its end once the store goes on
  std::unique_ptr<StoreIterator> rest;
  MemberId author = 0;
};

// Takes `next` from the store. False: there are no more.
absl::StatusOr<bool> TakeFromStore(const NewestHeads& heads, Source& source) {
  if (!source.rest->Valid()) {
    RETURN_IF_ERROR(source.rest->status());
    return false;
  }
  ASSIGN_OR_RETURN(source.next, heads.PostAt(*source.rest));
  return true;
}

// What the merge reads from.
struct Posts {
  NewestHeads& heads;
  const ReadView& view;
};

absl::StatusOr<bool> OpenStore(const Posts& posts, const ListKey* after, Source& source) {
  source.rest = posts.heads.Behind(posts.view, source.author, after);
  return TakeFromStore(posts.heads, source);
}

absl::StatusOr<bool> Advance(const Posts& from, Source& source) {
  if (source.rest != nullptr) {
    source.rest->Next();
    return TakeFromStore(from.heads, source);
  }
  const std::vector<ListKey>& posts = source.head->posts;
  if (++source.at < posts.size()) {
    source.next = posts[source.at];
    return true;
  }
  if (source.head->complete) return false;
  const ListKey last = source.next;
  return OpenStore(from, &last, source);
}

// Moves the source to its first post behind `after`. False: there is none.
absl::StatusOr<bool> MoveBehind(const Posts& from, const std::optional<ListKey>& after,
                                Source& source) {
  const std::vector<ListKey>& posts = source.head->posts;
  if (after.has_value()) {
    // The first that is older than `after`.
    source.at = std::upper_bound(posts.begin(), posts.end(), *after, Before) - posts.begin();
  }
  if (source.at < posts.size()) {
    source.next = posts[source.at];
    return true;
  }
  if (source.head->complete) return false;
  return OpenStore(from, after.has_value() ? &*after : nullptr, source);
}

// The order to look at authors in: first the authors that can have the newest
// posts, so that the floor rises at once.
struct Turn {
  TimestampNs newest = std::numeric_limits<TimestampNs>::max();  // or older
  uint32_t author = 0;
};

std::vector<Turn> TurnsOf(size_t authors, Bounds bounds, const Moment& at) {
  std::vector<Turn> turns(authors);
  for (uint32_t i = 0; i < authors; ++i) {
    turns[i].author = i;
    if (!bounds.empty()) turns[i].newest = bounds[i]->Newest(at);
  }
  if (!bounds.empty()) {
    std::sort(turns.begin(), turns.end(),
              [](const Turn& a, const Turn& b) { return a.newest > b.newest; });
  }
  return turns;
}

}  // namespace

absl::StatusOr<std::vector<ListKey>> MergeNewest(const ReadView& view, NewestHeads& heads,
                                                 std::span<const MemberId> authors,
                                                 const std::optional<ListKey>& after, uint64_t skip,
                                                 size_t count, Bounds bounds,
                                                 std::vector<MemberId>* authors_of) {
  DAILYFEED_CHECK(bounds.empty() || bounds.size() == authors.size());
  const Posts from = {heads, view};
  Floor floor(skip + count);
  std::vector<Source> sources;
  sources.reserve(std::min<size_t>(authors.size() + 1, 4 * (count + 1)));
  for (const Turn& turn : TurnsOf(authors.size(), bounds, heads.MomentAt(view))) {
    // No author behind this one can have more.
    if (floor.get() != nullptr && turn.newest < floor.get()->order) break;
    const MemberId author = authors[turn.author];
    AuthorBound* bound = bounds.empty() ? nullptr : bounds[turn.author].get();
    ASSIGN_OR_RETURN(AuthorHeadPtr head, heads.Load(view, author, floor.get(), bound));
    if (head == nullptr) continue;
    Source source;
    source.head = std::move(head);
    source.author = author;
    ASSIGN_OR_RETURN(const bool has_posts, MoveBehind(from, after, source));
    if (!has_posts) continue;
    if (floor.get() != nullptr && Before(*floor.get(), source.next)) continue;
    floor.Add(source.next);
    sources.push_back(std::move(source));
  }
  // A heap with the newest in front; indexes, because sources are large.
  const auto older = [&sources](uint32_t a, uint32_t b) {
    return Before(sources[b].next, sources[a].next);
  };
  std::vector<uint32_t> heap(sources.size());
  for (uint32_t i = 0; i < heap.size(); ++i) heap[i] = i;
  std::make_heap(heap.begin(), heap.end(), older);
  std::vector<ListKey> merged;
  merged.reserve(count);
  while (!heap.empty() && merged.size() < count) {
    std::pop_heap(heap.begin(), heap.end(), older);
    Source& source = sources[heap.back()];
    if (skip > 0) {
      --skip;
    } else {
      merged.push_back(source.next);
      if (authors_of != nullptr) authors_of->push_back(source.author);
    }
    ASSIGN_OR_RETURN(const bool more, Advance(from, source));
    if (more) {
      std::push_heap(heap.begin(), heap.end(), older);
    } else {
      heap.pop_back();
    }
  }
  return merged;
}

}  // namespace dailyfeed
