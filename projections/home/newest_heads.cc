#include "projections/home/newest_heads.h"

#include <algorithm>
#include <string>

#include "core/base/status_macros.h"
#include "projections/cache/heap_bytes.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed {

size_t NewestHeads::Entry::Bytes() const {
  return SharedBytes<AuthorHead>() + HeapBytes(head->posts);
}

std::unique_ptr<StoreIterator> NewestHeads::Behind(const ReadView& view, MemberId author,
                                                   const ListKey* after) const {
  const std::string prefix = ListPrefix(author);
  std::string lower = prefix;
  if (after != nullptr) lower = RowKey(author, *after) + '\0';  // the first key behind
  return view.rows(projection_)
      .NewIterator({.lower = std::move(lower), .upper = PrefixEnd(prefix)});
}

absl::StatusOr<AuthorHeadPtr> NewestHeads::Read(const ReadView& view, MemberId author) const {
  AuthorHead head;
  ASSIGN_OR_RETURN(const bool gone, IsGone(view, author));
  if (gone) {
    head.complete = true;
    return std::make_shared<const AuthorHead>(std::move(head));
  }
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

absl::StatusOr<AuthorHeadPtr> NewestHeads::Load(const ReadView& view, MemberId author,
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

bool NewestHeads::AddPost(const ListKey& post, Entry& entry) {
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

bool NewestHeads::RemovePost(uint64_t post, Entry& entry) {
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

void NewestHeads::Added(MemberId member, Position position, const ListKey& row) {
  cache_.Update(member, position, [&](Entry& entry) { return AddPost(row, entry); });
  bounds_.Raise(member, position, row.order);
}

void NewestHeads::Removed(MemberId member, Position position, uint64_t id) {
  cache_.Update(member, position, [&](Entry& entry) { return RemovePost(id, entry); });
  bounds_.Change(member, position);
}

void NewestHeads::Ended(MemberId member, Position position) {
  cache_.Erase(member, position);
  bounds_.Change(member, position);
}

void NewestHeads::OnReset(uint64_t epoch) {
  cache_.Clear(epoch);
  bounds_.Forget(epoch);
}

}  // namespace dailyfeed
