// The rows of the posts projection; live posts only.
//
//   'b' post                    -> body: varint author, zigzag created, zigzag
//                                  updated - created, title, content
//   'c' post                    -> counts: varint views, likes, comments, position,
//                                  zigzag created, zigzag active - created, zigzag day
//   'l' member post-desc        -> (empty): the member likes the post
//   't' post ancestor... self   -> varint live comments below it; (empty): none
//   'd' ...                     -> the dead ones of these: dead_rows.h
// and the ranked lists, each part of a key descending but the day:
//   'u' active post             -> (empty): by latest activity
//   'v' score created post      -> (empty): by popularity
//   'w' day score created post  -> (empty): the same, of the posts of one day
//   'x' comments created post   -> (empty): by live comments, from 1 on
//   'y' day comments created post -> (empty): the same, of the posts of one day
//
// Body and counts are two rows because a view must not write 5000 units of
// text. `position` is the event that last changed the counts: a copy of the row
// says which events are in it. The 't' keys of a comment's subtree have the
// comment's own key as prefix. A deletion takes the whole subtree from the count
// of the post at once and leaves the rows to dead_rows.h; no query reads them. A
// post's place in the ranked lists follows from its counts row and
// is settled once a batch, however many likes it has. While a batch is applied
// the counts row therefore ends with where the post still stands:
//   ... varint listed (0 or 1), then varint score, comments, zigzag active - created
// Such a row is never written. Like edges of a deleted post stay: ids are never used again, so
// nobody asks for them.
#ifndef DAILYFEED_PROJECTIONS_POSTS_POST_ROWS_H_
#define DAILYFEED_PROJECTIONS_POSTS_POST_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/codec/list_key.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed {

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

}  // namespace dailyfeed

namespace dailyfeed::posts {

std::string BodyKey(PostId post);
std::string EncodeBody(const PostBody& body);
absl::StatusOr<PostBody> DecodeBody(PostId post, std::string_view row);

// What the place of a post in the ranked lists is made of.
struct Place {
  bool listed = false;  // false: in none of them yet
  uint64_t score = 0;
  uint64_t comments = 0;
  TimestampNs active_at = 0;
};

struct CountsRow {
  PostCounts counts;
  Position position = 0;  // of the event that last changed the counts
  TimestampNs created_at = 0;
  TimestampNs active_at = 0;   // creation, edit, comment or like, whichever was last
  int64_t day = 0;             // of created_at in the configured zone, since 1970-01-01
  std::optional<Place> place;  // where the ranked lists still have it
};
std::string CountsKey(PostId post);
absl::StatusOr<PostId> DecodeCountsKey(std::string_view key);
std::string EncodeCounts(const CountsRow& row);
absl::StatusOr<CountsRow> DecodeCounts(std::string_view row);

enum class RankedList { kActive, kPopular, kPopularOfDay, kCommented, kCommentedOfDay };
inline constexpr RankedList kRankedLists[] = {RankedList::kActive, RankedList::kPopular,
                                              RankedList::kPopularOfDay, RankedList::kCommented,
                                              RankedList::kCommentedOfDay};
// The keys of every ranked list lie in [kRankedBegin, kRankedEnd).
inline constexpr std::string_view kRankedBegin = "u";
inline constexpr std::string_view kRankedEnd = "z";
// `day` is passed over by lists that are not of a day.
std::string RankedPrefix(RankedList list, int64_t day);
std::string RankedKey(RankedList list, int64_t day, const ListKey& key);
struct RankedRow {
  RankedList list = RankedList::kActive;
  int64_t day = 0;
  ListKey key;
};
absl::StatusOr<RankedRow> DecodeRankedKey(std::string_view key);

// A member's likes come with the newest post (the highest id) first.
std::string LikePrefix(MemberId member);
std::string LikeKey(MemberId member, PostId post);
absl::StatusOr<PostId> DecodeLikeKey(std::string_view key);

inline constexpr char kCommentTag = 't';
std::string CommentsPrefix(PostId post);
std::string EncodeBelow(uint64_t comments_below);
absl::StatusOr<uint64_t> DecodeBelow(std::string_view row);
// `ancestors`: anything to iterate over, the top-level comment first.
template <typename Ids>
std::string CommentKey(PostId post, const Ids& ancestors, CommentId comment) {
  Key key(kCommentTag);
  key.Id(post);
  for (const auto& ancestor : ancestors) key.Id(ancestor);
  return key.Id(comment).Take();
}

}  // namespace dailyfeed::posts

#endif  // DAILYFEED_PROJECTIONS_POSTS_POST_ROWS_H_
