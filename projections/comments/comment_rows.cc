#include "projections/comments/comment_rows.h"

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::comments {
namespace {

constexpr char kBody = 'b';
constexpr char kCounts = 'c';
constexpr char kLike = 'l';
constexpr char kPostList = 'p';
constexpr char kReplies = 'r';
constexpr char kAuthorList = 'a';
constexpr char kThread = 'q';

char TagOf(List list) {
  switch (list) {
    case List::kPost:
      return kPostList;
    case List::kReplies:
      return kReplies;
    case List::kThread:
      return kThread;
    case List::kAuthor:
      break;
  }
  return kAuthorList;
}

// Of the lists with this tag.
bool IsNewestFirst(char tag) { return tag == kAuthorList || tag == kThread; }

}  // namespace

std::string BodyKey(CommentId comment) { return Key(kBody).Id(comment).Take(); }

std::string EncodeBody(const CommentBody& body) {
  RowWriter row;
  row.Varint(body.post_id).Varint(body.author_id).Varint(body.ancestors.size());
  for (CommentId ancestor : body.ancestors) row.Varint(ancestor);
  return row.Signed(body.created_at)
      .Signed(SubtractWrapping(body.updated_at, body.created_at))
      .Text(body.content)
      .Take();
}

absl::StatusOr<CommentBody> DecodeBody(CommentId comment, std::string_view bytes) {
  RowReader reader(bytes);
  CommentBody body;
  body.id = comment;
  body.post_id = reader.Varint();
  body.author_id = reader.Varint();
  const uint64_t ancestors = reader.Varint();
  // Each takes a byte at least, so a damaged number cannot ask for memory.
  if (ancestors > reader.remaining()) return absl::DataLossError("damaged row: comment body");
  body.ancestors.reserve(ancestors);
  for (uint64_t i = 0; i < ancestors; ++i) body.ancestors.push_back(reader.Varint());
  body.created_at = reader.Signed();
  body.updated_at = AddWrapping(body.created_at, reader.Signed());
  body.content = reader.Text();
  RETURN_IF_ERROR(reader.Finish("comment body"));
  return body;
}

std::string CountsKey(CommentId comment) { return Key(kCounts).Id(comment).Take(); }

std::string EncodeCounts(const Counts& counts) {
  RowWriter row;
  row.Varint(counts.likes).Varint(counts.replies);
  if (counts.below.has_value()) row.Varint(*counts.below);
  return row.Take();
}

absl::StatusOr<Counts> DecodeCounts(std::string_view bytes) {
  RowReader reader(bytes);
  Counts counts;
  counts.likes = reader.Varint();
  counts.replies = reader.Varint();
  if (reader.remaining() > 0) {
    counts.below = reader.Varint();
  } else if (counts.replies > 0) {
    counts.below.reset();
  }
  RETURN_IF_ERROR(reader.Finish("comment counts"));
  return counts;
}

std::string LikeKey(MemberId member, CommentId comment) {
  return Key(kLike).Id(member).Id(comment).Take();
}

std::string ListPrefix(List list, uint64_t owner) { return Key(TagOf(list)).Id(owner).Take(); }

std::string ListRowKey(List list, uint64_t owner, TimestampNs created_at, CommentId comment) {
  Key key(TagOf(list));
  key.Id(owner);
  if (IsNewestFirst(TagOf(list))) {
    key.TimeDescending(created_at).IdDescending(comment);
  } else {
    key.Time(created_at).Id(comment);
  }
  return key.Take();
}

std::vector<std::string> ListsAbove(const CommentBody& body) {
  std::vector<std::string> lists = {ListPrefix(List::kPost, body.post_id)};
  for (const CommentId ancestor : body.ancestors) {
    lists.push_back(ListPrefix(List::kReplies, ancestor));
  }
  return lists;
}

absl::StatusOr<ListKey> DecodeListRowKey(std::string_view key) {
  KeyReader reader(key);
  const bool descending = !key.empty() && IsNewestFirst(key.front());
  reader.Id();
  ListKey row;
  row.order = descending ? reader.TimeDescending() : reader.Time();
  row.id = descending ? reader.IdDescending() : reader.Id();
  RETURN_IF_ERROR(reader.Finish("comment list"));
  return row;
}

}  // namespace dailyfeed::comments
