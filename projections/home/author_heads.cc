#include "projections/home/author_heads.h"

#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {

std::string AuthorHeads::ListPrefix(MemberId author) const {
  return timelines::AuthorPrefix(author);
}

std::string AuthorHeads::RowKey(MemberId author, const ListKey& post) const {
  return timelines::AuthorKey(author, post.order, post.id);
}

absl::StatusOr<ListKey> AuthorHeads::Decode(std::string_view key) const {
  return timelines::DecodeAuthorKey(key);
}

void AuthorHeads::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_post_published()) {
    const v1::PostPublished& published = payload.post_published();
    Added(published.author_id(), event.position(),
          {.order = event.occurred_at_ns(), .id = published.post_id()});
  } else if (payload.has_post_deleted()) {
    const v1::PostDeleted& deleted = payload.post_deleted();
    Removed(deleted.author_id(), event.position(), deleted.post_id());
  }
}

}  // namespace dailyfeed
