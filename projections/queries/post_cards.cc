#include "projections/queries/post_cards.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/cache/heap_bytes.h"
#include "projections/posts/post_rows.h"

namespace dailyfeed {

size_t PostCards::Card::Bytes() const {
  return SharedBytes<PostBody>() + HeapBytes(body->title) + HeapBytes(body->content);
}

absl::Status PostCards::Load(const ReadView& view, std::span<const ListKey> keys,
                             std::span<PostView> views) {
  DAILYFEED_CHECK(keys.size() == views.size());
  return LoadThrough(
      cache_, MomentOf(view, posts_), keys.size(), [&](size_t i) { return keys[i].id; },
      [&](size_t i, const Card& card) {
        views[i].body = card.body;
        views[i].counts = card.counts;
      },
      [&](const std::vector<size_t>& misses) -> absl::StatusOr<std::vector<std::optional<Card>>> {
        std::vector<std::string> row_keys;
        row_keys.reserve(2 * misses.size());
        for (const size_t i : misses) {
          row_keys.push_back(posts::BodyKey(keys[i].id));
          row_keys.push_back(posts::CountsKey(keys[i].id));
        }
        ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows,
                         view.rows(posts_).MultiGet(row_keys));
        std::vector<std::optional<Card>> cards(misses.size());
        for (size_t i = 0; i < misses.size(); ++i) {
          const PostId id = keys[misses[i]].id;
          if (!rows[2 * i].found || !rows[2 * i + 1].found) continue;
          ASSIGN_OR_RETURN(PostBody body, posts::DecodeBody(id, rows[2 * i].value));
          ASSIGN_OR_RETURN(const posts::CountsRow counts,
                           posts::DecodeCounts(rows[2 * i + 1].value));
          cards[i] = Card{std::make_shared<const PostBody>(std::move(body)), counts.counts};
        }
        return cards;
      });
}

// As the projection writes it: whoever has just posted reads it at once.
void PostCards::Add(const v1::Event& event) {
  const v1::PostPublished& published = event.payload().post_published();
  PostBody body;
  body.id = published.post_id();
  body.author_id = published.author_id();
  body.title = published.title();
  body.content = published.content();
  body.created_at = event.occurred_at_ns();
  body.updated_at = event.occurred_at_ns();
  cache_.Put(body.id, event.position(), {std::make_shared<const PostBody>(std::move(body)), {}});
}

void PostCards::OnEvent(const v1::Event& event) {
  const auto count = [&](PostId post, auto change) {
    cache_.Update(post, event.position(), [&](Card& card) {
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
      return cache_.Erase(payload.comment_deleted().post_id(), event.position());
    case v1::Payload::kPostPublished:
      return Add(event);
    case v1::Payload::kPostEdited:
      return cache_.Erase(payload.post_edited().post_id(), event.position());
    case v1::Payload::kPostDeleted:
      return cache_.Erase(payload.post_deleted().post_id(), event.position());
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
    case v1::Payload::kActivityRecorded:
    case v1::Payload::KIND_NOT_SET:
      return;
  }
}

}  // namespace dailyfeed
