#include "adapters/kafka/messages/order_key.h"

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/domain/types.h"

namespace dailyfeed::kafka {
namespace {

// The post that the event is about; 0: it is about none.
PostId PostOf(const v1::Payload& payload) {
  switch (payload.kind_case()) {
    case v1::Payload::kPostPublished:
      return payload.post_published().post_id();
    case v1::Payload::kPostEdited:
      return payload.post_edited().post_id();
    case v1::Payload::kPostDeleted:
      return payload.post_deleted().post_id();
    case v1::Payload::kPostViewed:
      return payload.post_viewed().post_id();
    case v1::Payload::kPostLiked:
      return payload.post_liked().post_id();
    case v1::Payload::kPostUnliked:
      return payload.post_unliked().post_id();
    case v1::Payload::kCommentAdded:
      return payload.comment_added().post_id();
    case v1::Payload::kCommentEdited:
      return payload.comment_edited().post_id();
    case v1::Payload::kCommentDeleted:
      return payload.comment_deleted().post_id();
    case v1::Payload::kCommentLiked:
      return payload.comment_liked().post_id();
    case v1::Payload::kCommentUnliked:
      return payload.comment_unliked().post_id();
    case v1::Payload::kActivityRecorded:
      return payload.activity_recorded().post_id();
    case v1::Payload::kMemberSignedUp:
    case v1::Payload::kProfileUpdated:
    case v1::Payload::kHandleChanged:
    case v1::Payload::kMemberWithdrawn:
    case v1::Payload::kMemberErased:
    case v1::Payload::kMemberFollowed:
    case v1::Payload::kMemberUnfollowed:
    case v1::Payload::kPictureAdded:
    case v1::Payload::kPictureDeleted:
    case v1::Payload::KIND_NOT_SET:
      break;
  }
  return 0;
}

MemberId MemberOf(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_member_signed_up()) return payload.member_signed_up().member_id();
  if (payload.has_member_followed()) return payload.member_followed().follower_id();
  if (payload.has_member_unfollowed()) return payload.member_unfollowed().follower_id();
  return event.actor();
}

uint32_t Byte(std::string_view bytes, size_t at) { return static_cast<unsigned char>(bytes[at]); }

}  // namespace

std::string OrderKeyOf(const v1::Event& event) {
  if (const PostId post = PostOf(event.payload()); post != 0) return fmt::format("post/{}", post);
  return fmt::format("member/{}", MemberOf(event));
}

uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMix = 0x5bd1e995;
  constexpr int kShift = 24;
  uint32_t hash = kSeed ^ static_cast<uint32_t>(bytes.size());
  size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    uint32_t word = Byte(bytes, at) | Byte(bytes, at + 1) << 8 | Byte(bytes, at + 2) << 16 |
                    Byte(bytes, at + 3) << 24;
    word *= kMix;
    word ^= word >> kShift;
    word *= kMix;
    hash = hash * kMix ^ word;
  }
  const size_t rest = bytes.size() - at;
  if (rest >= 3) hash ^= Byte(bytes, at + 2) << 16;
  if (rest >= 2) hash ^= Byte(bytes, at + 1) << 8;
  if (rest >= 1) {
    hash ^= Byte(bytes, at);
    hash *= kMix;
  }
  hash ^= hash >> 13;
  hash *= kMix;
  hash ^= hash >> 15;
  return hash;
}

int PartitionOf(std::string_view order_key, int partitions) {
  DAILYFEED_CHECK(partitions > 0);
  constexpr uint32_t kPositive = 0x7fffffff;
  return static_cast<int>((Murmur2(order_key) & kPositive) % static_cast<uint32_t>(partitions));
}

}  // namespace dailyfeed::kafka
