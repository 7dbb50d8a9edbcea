#include "projections/queries/liked_posts.h"

#include <algorithm>
#include <string>

#include "absl/status/statusor.h"
#include "core/base/status_macros.h"
#include "projections/cache/heap_bytes.h"
#include "projections/codec/row_codec.h"
#include "projections/posts/post_rows.h"

namespace dailyfeed {

size_t LikedPosts::Entry::Bytes() const { return HeapBytes(ids); }

bool LikedPosts::Entry::Has(PostId post) const {
  return std::binary_search(ids.begin(), ids.end(), post);
}

void LikedPosts::Entry::Add(PostId post) {
  if (post < floor) return;
  const auto at = std::lower_bound(ids.begin(), ids.end(), post);
  if (at != ids.end() && *at == post) return;
  ids.insert(at, post);
  if (ids.size() <= kIdsMax) return;
  // Half, so that the next likes do not each move everything.
  ids.erase(ids.begin(), ids.begin() + kIdsMax / 2);
  floor = ids.front();
}

void LikedPosts::Entry::Remove(PostId post) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), post);
  if (at != ids.end() && *at == post) ids.erase(at);
}

absl::StatusOr<LikedPosts::Entry> LikedPosts::Read(const ReadView& view, MemberId member) const {
  Entry entry;
  const std::string prefix = posts::LikePrefix(member);
  const auto rows = view.rows(posts_).NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
  for (; rows->Valid() && entry.ids.size() < kIdsMax; rows->Next()) {
    ASSIGN_OR_RETURN(const PostId post, posts::DecodeLikeKey(rows->key()));
    entry.ids.push_back(post);
  }
  RETURN_IF_ERROR(rows->status());
  if (rows->Valid()) entry.floor = entry.ids.back();
  std::reverse(entry.ids.begin(), entry.ids.end());
  entry.ids.shrink_to_fit();
  return entry;
}

absl::Status LikedPosts::MarkOlder(const ReadView& view, MemberId member, PostId floor,
                                   std::span<PostView> views) const {
  std::vector<std::string> keys;
  for (const PostView& post : views) {
    if (post.body->id < floor) keys.push_back(posts::LikeKey(member, post.body->id));
  }
  if (keys.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, view.rows(posts_).MultiGet(keys));
  auto row = rows.begin();
  for (PostView& post : views) {
    if (post.body->id < floor) post.liked = (row++)->found;
  }
  return absl::OkStatus();
}

absl::Status LikedPosts::Mark(const ReadView& view, MemberId member, std::span<PostView> views) {
  PostId floor = 0;
  RETURN_IF_ERROR(LoadOneThrough(
      cache_, MomentOf(view, posts_), member,
      [&](const Entry& entry) {
        floor = entry.floor;
        for (PostView& post : views) post.liked = entry.Has(post.body->id);
      },
      [&] { return Read(view, member); }));
  return floor == 0 ? absl::OkStatus() : MarkOlder(view, member, floor, views);
}

void LikedPosts::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_post_liked()) {
    const v1::PostLiked& liked = payload.post_liked();
    cache_.Update(liked.member_id(), event.position(), [&](Entry& entry) {
      entry.Add(liked.post_id());
      return true;
    });
  } else if (payload.has_post_unliked()) {
    const v1::PostUnliked& unliked = payload.post_unliked();
    cache_.Update(unliked.member_id(), event.position(), [&](Entry& entry) {
      entry.Remove(unliked.post_id());
      return true;
    });
  }
}

}  // namespace dailyfeed
