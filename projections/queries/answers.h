// What queries answer with: immutable cards shared with the caches, and small
// values beside them. No text is copied. And how a page of a list is asked for.
//
//   PageRequest first = {.size = 20};
//   PageRequest second = {.size = 20, .after = slice.next};
//
// Plain values.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_ANSWERS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_ANSWERS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/types.h"
#include "projections/codec/list_key.h"
#include "projections/comments/comment_rows.h"
#include "projections/follows/follow_rows.h"
#include "projections/members/member_rows.h"
#include "projections/pictures/picture_rows.h"
#include "projections/posts/post_rows.h"
#include "projections/search/suggestions/tag_counts.h"

namespace dailyfeed {

// A post as one viewer sees it.
struct PostView {
  std::shared_ptr<const PostBody> body;
  std::shared_ptr<const MemberCard> author;  // nullptr: withdrawn
  PostCounts counts;
  bool liked = false;
};

struct CommentView {
  std::shared_ptr<const CommentBody> body;
  std::shared_ptr<const MemberCard> author;  // nullptr: withdrawn
  uint64_t likes = 0;
  uint64_t replies = 0;  // live direct children
  // Live, of all depths; nullopt while rows are live that do not say it
  // (comments::Counts::below).
  std::optional<uint64_t> total_replies = 0;
  bool liked = false;
};

// What somebody may be typing.
struct Suggestions {
  std::vector<std::shared_ptr<const MemberCard>> members;
  std::vector<search::TagCount> tags;
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

// Larger pages, and pages of size 0, are refused (kInvalidRequest).
inline constexpr uint32_t kPageSizeMax = 1000;

// By page (offset = page * size) or, when `after` is set, by key. By key every
// page costs the same; by page the rows before it are stepped over.
struct PageRequest {
  uint64_t page = 0;
  uint32_t size = 20;
  std::optional<ListKey> after;
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

#endif  // DAILYFEED_PROJECTIONS_QUERIES_ANSWERS_H_
