// What queries answer with: immutable cards shared with the caches, and small
// values beside them. Nothing here is copied text.
#ifndef DAILYFEED_PROJECTIONS_VIEWS_VIEWS_H_
#define DAILYFEED_PROJECTIONS_VIEWS_VIEWS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/types.h"

namespace dailyfeed {

// A live member and their profile, the personal fields in the clear.
struct MemberCard {
  MemberId id = 0;
  std::string handle;
  std::string member_name;
  std::string display_name;  // empty: none
  std::string bio;
  std::string location;
  std::string website_url;
  std::string birth_date;  // yyyy-MM-dd; empty: none
  std::string gender;
  std::string timezone;
  std::string language_code;
  std::string country_code;
  std::string avatar_url;  // "no-image": none
  std::string cover_url;   // empty: the configured default
  std::string privacy_level;
  TimestampNs created_at = 0;
  TimestampNs updated_at = 0;
};

struct FollowCounts {
  uint64_t followers = 0;
  uint64_t followings = 0;
};

// A live picture. Ids are the 16 bytes of a UUID, hashes the 32 of a SHA-256.
struct PictureView {
  std::string id;
  PictureNumber number = 0;
  MemberId owner_id = 0;
  std::string content_hash;
  std::string thumbnail_hash;
  uint32_t width = 0;
  uint32_t height = 0;
  uint64_t bytes = 0;  // of the stored picture
  uint64_t thumbnail_bytes = 0;
  TimestampNs created_at = 0;
};

// A withdrawal that the log does not call complete.
struct UnfinishedWithdrawal {
  MemberId member_id = 0;
  std::string subject_id;
};

// Some of the relations a withdrawn member still has.
struct RelationsChunk {
  std::vector<MemberId> follower_ids;
  std::vector<MemberId> followee_ids;
};

// The part of a post that changes only by an edit.
struct PostBody {
  PostId id = 0;
  MemberId author_id = 0;
  std::string title;
  std::string content;
  TimestampNs created_at = 0;
  TimestampNs updated_at = 0;
};

struct PostCounts {
  uint64_t views = 0;
  uint64_t likes = 0;
  uint64_t comments = 0;  // live, all depths
};

// A post as one viewer sees it.
struct PostView {
  std::shared_ptr<const PostBody> body;
  std::shared_ptr<const MemberCard> author;  // nullptr: withdrawn
  PostCounts counts;
  bool liked = false;
};

struct CommentBody {
  CommentId id = 0;
  PostId post_id = 0;
  MemberId author_id = 0;
  std::vector<CommentId> ancestors;  // top-level first; depth is its size
  std::string content;
  TimestampNs created_at = 0;
  TimestampNs updated_at = 0;
};

struct CommentView {
  std::shared_ptr<const CommentBody> body;
  std::shared_ptr<const MemberCard> author;  // nullptr: withdrawn
  uint64_t likes = 0;
  uint64_t replies = 0;  // live direct children
  bool liked = false;
};

// Where a list continues: everything after the row with this sort key. The
// gateway turns it into an opaque, signed cursor. `order` is the row's sort
// value (created_at for "newest" lists, ascending ones too), `id` its id.
// Ranked lists put `then` between the two: the creation time; else it is 0.
struct ListKey {
  int64_t order = 0;
  uint64_t id = 0;
  int64_t then = 0;
};

// The order of every descending list: `order`, then `then`, then `id`, the
// largest first.
inline bool Before(const ListKey& a, const ListKey& b) {
  if (a.order != b.order) return a.order > b.order;
  return a.then != b.then ? a.then > b.then : a.id > b.id;
}

// Larger pages, and pages of size 0, are refused (kInvalidRequest).
inline constexpr uint32_t kPageSizeMax = 1000;

// By page (offset = page * size) or, when `after` is set, by key. By key every
// page costs the same; by page the rows before it are stepped over.
struct PageRequest {
  uint64_t page = 0;
  uint32_t size = 20;
  std::optional<ListKey> after;
};

// The seconds since the epoch (UTC) from `begin` (included) to `end` (not
// included).
struct TimeSpan {
  int64_t begin = 0;
  int64_t end = 0;
};

// Rows of a list with totals.
template <typename Row>
struct CountedPage {
  std::vector<Row> rows;
  uint64_t total = 0;
};

template <typename Row>
struct Slice {
  std::vector<Row> rows;
  bool has_next = false;
  // The sort key of the last row; set exactly when has_next.
  std::optional<ListKey> next;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_VIEWS_VIEWS_H_
