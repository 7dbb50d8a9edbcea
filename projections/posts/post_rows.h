// The rows of the posts projection; live posts only.
//
//   'b' post                    -> body: varint author, zigzag created, zigzag
//                                  updated - created, title, content
//   'c' post                    -> counts: varint views, likes, comments, position
//   'l' member post-desc        -> (empty): the member likes the post
//   't' post ancestor... self   -> (empty): a live comment, for the count
//
// Body and counts are two rows because a view must not write 5000 units of
// text. `position` is the event that last changed the counts: whoever holds a
// copy knows which events are in it. The 't' keys of a comment's subtree have
// the comment's own key as prefix, so a deletion counts and removes them in
// one scan. Like edges of a deleted post stay: ids are never used again, so
// nobody asks for them.
#ifndef DAILYFEED_PROJECTIONS_POSTS_POST_ROWS_H_
#define DAILYFEED_PROJECTIONS_POSTS_POST_ROWS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/codec/row_codec.h"
#include "projections/queries/views.h"

namespace dailyfeed::posts {

std::string BodyKey(PostId post);
std::string EncodeBody(const PostBody& body);
absl::StatusOr<PostBody> DecodeBody(PostId post, std::string_view row);

struct CountsRow {
  PostCounts counts;
  Position position = 0;
};
std::string CountsKey(PostId post);
std::string EncodeCounts(const CountsRow& row);
absl::StatusOr<CountsRow> DecodeCounts(std::string_view row);

// A member's likes come with the newest post (the highest id) first.
std::string LikePrefix(MemberId member);
std::string LikeKey(MemberId member, PostId post);
absl::StatusOr<PostId> DecodeLikeKey(std::string_view key);

inline constexpr char kCommentTag = 't';
std::string CommentsPrefix(PostId post);
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
