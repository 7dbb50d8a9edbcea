#include "projections/posts/post_rows.h"

#include <iterator>

#include "core/base/status_macros.h"

namespace dailyfeed::posts {
namespace {

constexpr char kBody = 'b';
constexpr char kCounts = 'c';
constexpr char kLike = 'l';
constexpr char kRankedTags[] = {'u', 'v', 'w', 'x', 'y'};  // in the order of RankedList

bool IsOfDay(RankedList list) {
  return list == RankedList::kPopularOfDay || list == RankedList::kCommentedOfDay;
}

}  // namespace

std::string BodyKey(PostId post) { return Key(kBody).Id(post).Take(); }

std::string EncodeBody(const PostBody& body) {
  return RowWriter()
      .Varint(body.author_id)
      .Signed(body.created_at)
      .Signed(SubtractWrapping(body.updated_at, body.created_at))
      .Text(body.title)
      .Text(body.content)
      .Take();
}

absl::StatusOr<PostBody> DecodeBody(PostId post, std::string_view row) {
  RowReader reader(row);
  PostBody body;
  body.id = post;
  body.author_id = reader.Varint();
  body.created_at = reader.Signed();
  body.updated_at = AddWrapping(body.created_at, reader.Signed());
  body.title = reader.Text();
  body.content = reader.Text();
  RETURN_IF_ERROR(reader.Finish("post body"));
  return body;
}

std::string CountsKey(PostId post) { return Key(kCounts).Id(post).Take(); }

absl::StatusOr<PostId> DecodeCountsKey(std::string_view key) {
  KeyReader reader(key);
  const PostId post = reader.Id();
  RETURN_IF_ERROR(reader.Finish("key of post counts"));
  return post;
}

std::string EncodeCounts(const CountsRow& row) {
  RowWriter bytes;
  bytes.Varint(row.counts.views)
      .Varint(row.counts.likes)
      .Varint(row.counts.comments)
      .Varint(row.position)
      .Signed(row.created_at)
      .Signed(SubtractWrapping(row.active_at, row.created_at))
      .Signed(row.day);
  if (row.place.has_value()) {
    bytes.Varint(row.place->listed ? 1 : 0);
    if (row.place->listed) {
      bytes.Varint(row.place->score)
          .Varint(row.place->comments)
          .Signed(SubtractWrapping(row.place->active_at, row.created_at));
    }
  }
  return bytes.Take();
}

absl::StatusOr<CountsRow> DecodeCounts(std::string_view bytes) {
  RowReader reader(bytes);
  CountsRow row;
  row.counts.views = reader.Varint();
  row.counts.likes = reader.Varint();
  row.counts.comments = reader.Varint();
  row.position = reader.Varint();
  row.created_at = reader.Signed();
  row.active_at = AddWrapping(row.created_at, reader.Signed());
  row.day = reader.Signed();
  if (reader.remaining() > 0) {
    Place place;
    const uint64_t listed = reader.Varint();
    if (listed > 1) return absl::DataLossError("damaged row: post counts");
    place.listed = listed == 1;
    if (place.listed) {
      place.score = reader.Varint();
      place.comments = reader.Varint();
      place.active_at = AddWrapping(row.created_at, reader.Signed());
    }
    row.place = place;
  }
  RETURN_IF_ERROR(reader.Finish("post counts"));
  return row;
}

std::string RankedPrefix(RankedList list, int64_t day) {
  Key key(kRankedTags[static_cast<size_t>(list)]);
  if (IsOfDay(list)) key.Time(day);
  return key.Take();
}

std::string RankedKey(RankedList list, int64_t day, const ListKey& row) {
  Key key(kRankedTags[static_cast<size_t>(list)]);
  if (IsOfDay(list)) key.Time(day);
  key.TimeDescending(row.order);
  if (list != RankedList::kActive) key.TimeDescending(row.then);
  return key.IdDescending(row.id).Take();
}

absl::StatusOr<RankedRow> DecodeRankedKey(std::string_view bytes) {
  RankedRow row;
  const char tag = bytes.empty() ? '\0' : bytes.front();
  if (tag < kRankedTags[0] || tag > kRankedTags[std::size(kRankedTags) - 1]) {
    return absl::DataLossError("damaged row: ranked list");
  }
  row.list = kRankedLists[tag - kRankedTags[0]];
  KeyReader reader(bytes);
  if (IsOfDay(row.list)) row.day = reader.Time();
  row.key.order = reader.TimeDescending();
  if (row.list != RankedList::kActive) row.key.then = reader.TimeDescending();
  row.key.id = reader.IdDescending();
  RETURN_IF_ERROR(reader.Finish("ranked list"));
  return row;
}

std::string LikePrefix(MemberId member) { return Key(kLike).Id(member).Take(); }

std::string LikeKey(MemberId member, PostId post) {
  return Key(kLike).Id(member).IdDescending(post).Take();
}

absl::StatusOr<PostId> DecodeLikeKey(std::string_view key) {
  KeyReader reader(key);
  reader.Id();
  const PostId post = reader.IdDescending();
  RETURN_IF_ERROR(reader.Finish("post like"));
  return post;
}

std::string CommentsPrefix(PostId post) { return Key(kCommentTag).Id(post).Take(); }

std::string EncodeBelow(uint64_t comments_below) {
  return comments_below == 0 ? std::string() : RowWriter().Varint(comments_below).Take();
}

absl::StatusOr<uint64_t> DecodeBelow(std::string_view row) {
  if (row.empty()) return 0;
  RowReader reader(row);
  const uint64_t comments_below = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("comments below a comment"));
  return comments_below;
}

}  // namespace dailyfeed::posts
