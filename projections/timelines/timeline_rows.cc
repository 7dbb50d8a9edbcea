#include "projections/timelines/timeline_rows.h"

#include "core/domain/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::timelines {
namespace {

constexpr char kAuthor = 'a';
constexpr char kPost = 'p';

}  // namespace

std::string AuthorPrefix(MemberId author) { return Key(kAuthor).Id(author).Take(); }

std::string AuthorKey(MemberId author, TimestampNs created_at, PostId post) {
  return Key(kAuthor).Id(author).TimeDescending(created_at).IdDescending(post).Take();
}

absl::StatusOr<ListKey> DecodeAuthorKey(std::string_view key) {
  KeyReader reader(key);
  reader.Id();
  ListKey row;
  row.order = reader.TimeDescending();
  row.id = reader.IdDescending();
  RETURN_IF_ERROR(reader.Finish("author timeline"));
  return row;
}

std::string PostKey(PostId post) { return Key(kPost).Id(post).Take(); }

std::string EncodePlaced(const Placed& placed) {
  return RowWriter().Varint(placed.author).Signed(placed.created_at).Take();
}

absl::StatusOr<Placed> DecodePlaced(std::string_view row) {
  RowReader reader(row);
  Placed placed;
  placed.author = reader.Varint();
  placed.created_at = reader.Signed();
  RETURN_IF_ERROR(reader.Finish("place of a post"));
  return placed;
}

}  // namespace dailyfeed::timelines
