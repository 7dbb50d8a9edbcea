// The rows of the comments projection; live comments only.
//
//   'b' comment                          -> body: varint post, author, number of
//                                           ancestors, each ancestor; zigzag created,
//                                           zigzag updated - created; content
//   'c' comment                          -> counts: varint likes, replies, comments
//                                           below; absent: all 0
//   'l' member comment                   -> (empty): the member likes the comment
//   'p' post created comment             -> (empty): top-level comments, oldest first
//   'r' parent created comment           -> (empty): direct children, oldest first
//   'a' author created-desc comment-desc -> (empty): a member's comments, newest first
//   'q' post created-desc comment-desc   -> (empty): all depths, newest first
//   'd' ...                              -> dead lists: projections/posts/dead_rows.h
//
// A deleted comment loses its rows at once, but for its like edges, which no
// query reads. The comments below it, and those of a deleted post, are dead from
// then on and lose their rows later. A comment is dead while the list of one of
// its ancestors' replies is, or that of its post.
//
// Version 1 had no 'q' rows, and counts rows without the comments below.
#ifndef DAILYFEED_PROJECTIONS_COMMENTS_COMMENT_ROWS_H_
#define DAILYFEED_PROJECTIONS_COMMENTS_COMMENT_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/codec/list_key.h"

namespace dailyfeed {

struct CommentBody {
  CommentId id = 0;
  PostId post_id = 0;
  MemberId author_id = 0;
  std::vector<CommentId> ancestors;  // top-level first; depth is its size
  std::string content;
  TimestampNs created_at = 0;
  TimestampNs updated_at = 0;
};

}  // namespace dailyfeed

namespace dailyfeed::comments {

std::string BodyKey(CommentId comment);
std::string EncodeBody(const CommentBody& body);
absl::StatusOr<CommentBody> DecodeBody(CommentId comment, std::string_view row);

struct Counts {
  uint64_t likes = 0;
  uint64_t replies = 0;  // live direct children
  // Live, of all depths; nullopt: a row of version 1, which does not say how many
  // replies the replies have.
  std::optional<uint64_t> below = 0;
};
std::string CountsKey(CommentId comment);
std::string EncodeCounts(const Counts& counts);
absl::StatusOr<Counts> DecodeCounts(std::string_view row);

std::string LikeKey(MemberId member, CommentId comment);

// Which list a key belongs to: the top level of a post, the replies to a comment,
// the comments of an author, those of a post with all their replies.
enum class List { kPost, kReplies, kAuthor, kThread };
std::string ListPrefix(List list, uint64_t owner);
std::string ListRowKey(List list, uint64_t owner, TimestampNs created_at, CommentId comment);
// The lists in which a comment and its ancestors stand: dead when one of them is.
std::vector<std::string> ListsAbove(const CommentBody& body);
// The creation time and the comment of such a key.
absl::StatusOr<ListKey> DecodeListRowKey(std::string_view key);

}  // namespace dailyfeed::comments

#endif  // DAILYFEED_PROJECTIONS_COMMENTS_COMMENT_ROWS_H_
