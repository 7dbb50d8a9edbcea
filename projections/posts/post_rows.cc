#include "projections/posts/post_rows.h"

#include "core/domain/status_macros.h"

namespace dailyfeed::posts {
namespace {

constexpr char kBody = 'b';
constexpr char kCounts = 'c';
constexpr char kLike = 'l';

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

std::string EncodeCounts(const CountsRow& row) {
  return RowWriter()
      .Varint(row.counts.views)
      .Varint(row.counts.likes)
      .Varint(row.counts.comments)
      .Varint(row.position)
      .Take();
}

absl::StatusOr<CountsRow> DecodeCounts(std::string_view bytes) {
  RowReader reader(bytes);
  CountsRow row;
  row.counts.views = reader.Varint();
  row.counts.likes = reader.Varint();
  row.counts.comments = reader.Varint();
  row.position = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("post counts"));
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

}  // namespace dailyfeed::posts
