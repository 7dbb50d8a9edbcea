#include "projections/home/author_heads.h"

#include <algorithm>
#include <string>

#include "core/base/status_macros.h"
#include "projections/cache/heap_bytes.h"
#include "projections/codec/row_codec.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {

size_t AuthorHeads::Entry::Bytes() const {
  return SharedBytes<AuthorHead>() + HeapBytes(head->posts);
}

std::unique_ptr<StoreIterator> AuthorHeads::Behind(const ReadView& view, MemberId author,
                                                   const ListKey* after) const {
  const std::string prefix = timelines::AuthorPrefix(author);
  std::string lower = prefix;
  if (after != nullptr) {
    // The first key behind.
    lower = timelines::AuthorKey(author, after->order, after->id) + '\0';
  }
  return view.rows(timelines_).NewIterator({.lower = std::move(lower), .upper = PrefixEnd(prefix)});
}

absl::StatusOr<ListKey> AuthorHeads::PostAt(const StoreIterator& rows) {
  return timelines::DecodeAuthorKey(rows.key());
}

absl::StatusOr<AuthorHeadPtr> AuthorHeads::Read(const ReadView& view, MemberId author) const {
  AuthorHead head;
  const auto rows = Behind(view, author, nullptr);
  for (; rows->Valid() && head.posts.size() < kPostsMax; rows->Next()) {
    ASSIGN_OR_RETURN(const ListKey post, PostAt(*rows));
    head.posts.push_back(post);
  }
  RETURN_IF_ERROR(rows->status());
  head.complete = !rows->Valid();
  head.posts.shrink_to_fit();
  return std::make_shared<const AuthorHead>(std::move(head));
}

absl::StatusOr<AuthorHeadPtr> AuthorHeads::Load(const ReadView& view, MemberId author,
                                                const ListKey* floor, AuthorBound* bound) {
  const Moment at = MomentAt(view);
  AuthorHeadPtr head;
  TimestampNs newest = 0;
  RETURN_IF_ERROR(LoadOneThrough(
      cache_, at, author,
      [&](const Entry& entry) {
        newest = entry.newest.order;
        if (floor == nullptr || !Before(*floor, entry.newest)) head = entry.head;
      },
      [&]() -> absl::StatusOr<Entry> {
        ASSIGN_OR_RETURN(AuthorHeadPtr read, Read(view, author));
        return Entry(std::move(read));
      }));
  if (bound != nullptr && bound->Newest(at) != newest) bound->Lower(newest, at);
  return head;
}

bool AuthorHeads::AddPost(const ListKey& post, Entry& entry) {
  const AuthorHead& old = *entry.head;
  const auto at = std::lower_bound(old.posts.begin(), old.posts.end(), post, Before);
  // Older than an incomplete head: it belongs to what the store has.
  if (at == old.posts.end() && !old.complete) return true;
  AuthorHead head;
  head.posts.reserve(old.posts.size() + 1);
  head.posts.insert(head.posts.end(), old.posts.begin(), at);
  head.posts.push_back(post);
  head.posts.insert(head.posts.end(), at, old.posts.end());
  head.complete = old.complete;
  if (head.posts.size() > kPostsMax) {
    head.posts.pop_back();
    head.complete = false;
  }
  entry = Entry(std::make_shared<const AuthorHead>(std::move(head)));
  return true;
}

bool AuthorHeads::RemovePost(PostId post, Entry& entry) {
  const AuthorHead& old = *entry.head;
  const auto at = std::find_if(old.posts.begin(), old.posts.end(),
                               [post](const ListKey& key) { return key.id == post; });
  if (at == old.posts.end()) return true;
  if (!old.complete && old.posts.size() <= kPostsMin) return false;
  AuthorHead head;
  head.posts.reserve(old.posts.size() - 1);
  head.posts.insert(head.posts.end(), old.posts.begin(), at);
  head.posts.insert(head.posts.end(), at + 1, old.posts.end());
  head.complete = old.complete;
  entry = Entry(std::make_shared<const AuthorHead>(std::move(head)));
  return true;
}

void AuthorHeads::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_post_published()) {
    const v1::PostPublished& published = payload.post_published();
    const ListKey post = {.order = event.occurred_at_ns(), .id = published.post_id()};
    cache_.Update(published.author_id(), event.position(),
                  [&](Entry& entry) { return AddPost(post, entry); });
    bounds_.Raise(published.author_id(), event.position(), post.order);
  } else if (payload.has_post_deleted()) {
    const v1::PostDeleted& deleted = payload.post_deleted();
    cache_.Update(deleted.author_id(), event.position(),
                  [&](Entry& entry) { return RemovePost(deleted.post_id(), entry); });
    bounds_.Change(deleted.author_id(), event.position());
  }
}

void AuthorHeads::OnReset(uint64_t epoch) {
  cache_.Clear(epoch);
  bounds_.Forget(epoch);
}

}  // namespace dailyfeed
