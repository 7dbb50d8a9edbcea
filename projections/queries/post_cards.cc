#include "projections/queries/post_cards.h"

#include <string>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/cache/heap_bytes.h"
#include "projections/posts/post_rows.h"

namespace dailyfeed {

size_t PostCards::Card::Bytes() const {
  return SharedBytes<PostBody>() + HeapBytes(body->title) + HeapBytes(body->content);
}

absl::Status PostCards::Load(std::span<const ListKey> keys, std::span<PostView> views) {
  DAILYFEED_CHECK(keys.size() == views.size());
  std::vector<Miss> misses;
  Cache<Card>::Ticket ticket;
  for (size_t i = 0; i < keys.size(); ++i) {
    PostView& view = views[i];
    const bool hit = cache_.Find(keys[i].id, &ticket, [&view](const Card& card) {
      view.body = card.body;
      view.counts = card.counts;
    });
    if (!hit) misses.push_back({i, ticket});
  }
  return misses.empty() ? absl::OkStatus() : LoadMisses(keys, views, misses);
}

absl::Status PostCards::LoadMisses(std::span<const ListKey> keys, std::span<PostView> views,
                                   const std::vector<Miss>& misses) {
  std::vector<std::string> row_keys;
  row_keys.reserve(2 * misses.size());
  for (const Miss& miss : misses) {
    row_keys.push_back(posts::BodyKey(keys[miss.at].id));
    row_keys.push_back(posts::CountsKey(keys[miss.at].id));
  }
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, reader_->MultiGet(row_keys));
  for (size_t i = 0; i < misses.size(); ++i) {
    const StoreReader::Found& body_row = rows[2 * i];
    const StoreReader::Found& counts_row = rows[2 * i + 1];
    // One without the other: the post was published or deleted between the two
    // reads, so it was not live at some moment of this query.
    if (!body_row.found || !counts_row.found) continue;
    const PostId id = keys[misses[i].at].id;
    ASSIGN_OR_RETURN(PostBody body, posts::DecodeBody(id, body_row.value));
    ASSIGN_OR_RETURN(const posts::CountsRow counts, posts::DecodeCounts(counts_row.value));
    PostView& view = views[misses[i].at];
    view.body = std::make_shared<const PostBody>(std::move(body));
    view.counts = counts.counts;
    cache_.Insert(id, {view.body, counts.counts, counts.position}, misses[i].ticket);
  }
  return absl::OkStatus();
}

void PostCards::OnEvent(const v1::Event& event) {
  // A card that was loaded after the rows were written has the event already.
  const auto count = [&](PostId post, auto change) {
    cache_.Update(post, [&](Card& card) {
      if (event.position() <= card.position) return true;
      card.position = event.position();
      change(card.counts);
      return true;
    });
  };
  const v1::Payload& payload = event.payload();
  switch (payload.kind_case()) {
    case v1::Payload::kPostViewed:
      return count(payload.post_viewed().post_id(), [](PostCounts& counts) { ++counts.views; });
    case v1::Payload::kPostLiked:
      return count(payload.post_liked().post_id(), [](PostCounts& counts) { ++counts.likes; });
    case v1::Payload::kPostUnliked:
      return count(payload.post_unliked().post_id(), [](PostCounts& counts) { --counts.likes; });
    case v1::Payload::kCommentAdded:
      return count(payload.comment_added().post_id(),
                   [](PostCounts& counts) { ++counts.comments; });
    case v1::Payload::kCommentDeleted:
      // Only the rows know how large the subtree was.
      return cache_.Erase(payload.comment_deleted().post_id());
    case v1::Payload::kPostPublished:
      return cache_.Erase(payload.post_published().post_id());
    case v1::Payload::kPostEdited:
      return cache_.Erase(payload.post_edited().post_id());
    case v1::Payload::kPostDeleted:
      return cache_.Erase(payload.post_deleted().post_id());
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kCommentLiked:
    case v1::Payload::kCommentUnliked:
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kCommentEdited:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::KIND_NOT_SET:
      return;
  }
}

void PostCards::OnReset() { cache_.Clear(); }

}  // namespace dailyfeed
