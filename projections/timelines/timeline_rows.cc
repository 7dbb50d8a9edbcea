#include "projections/timelines/timeline_rows.h"

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::timelines {
namespace {

constexpr char kAuthor = 'a';
constexpr char kPost = 'p';
constexpr char kNewest = 'n';
constexpr char kCount = 'd';

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

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

std::string NewestPrefix() { return Key(kNewest).Take(); }

std::string NewestKey(TimestampNs created_at, PostId post) {
  return Key(kNewest).TimeDescending(created_at).IdDescending(post).Take();
}

std::string NewestFrom(TimestampNs created_at) {
  return Key(kNewest).TimeDescending(created_at).Take();
}

absl::StatusOr<ListKey> DecodeNewestKey(std::string_view key) {
  KeyReader reader(key);
  ListKey row;
  row.order = reader.TimeDescending();
  row.id = reader.IdDescending();
  RETURN_IF_ERROR(reader.Finish("list of all posts"));
  return row;
}

int64_t SecondOf(TimestampNs time) { return FloorDivide(time, 1'000'000'000); }

int64_t SpanSeconds(int level) {
  int64_t seconds = 1;
  for (int i = 0; i < level; ++i) seconds *= kFanout;
  return seconds;
}

int64_t SpanOf(int level, int64_t second) { return FloorDivide(second, SpanSeconds(level)); }

std::string CountPrefix(int level) { return Key(kCount).Id(static_cast<uint64_t>(level)).Take(); }

std::string CountKey(int level, int64_t span) {
  return Key(kCount).Id(static_cast<uint64_t>(level)).TimeDescending(span).Take();
}

absl::StatusOr<SpanCount> DecodeCountKey(std::string_view key) {
  KeyReader reader(key);
  const uint64_t level = reader.Id();
  const int64_t span = reader.TimeDescending();
  RETURN_IF_ERROR(reader.Finish("count of posts"));
  if (level >= kLevels) return absl::DataLossError("damaged row: count of posts");
  return SpanCount{.level = static_cast<int>(level), .span = span};
}

std::string EncodeCount(uint64_t count) { return RowWriter().Varint(count).Take(); }

absl::StatusOr<uint64_t> DecodeCount(std::string_view row) {
  RowReader reader(row);
  const uint64_t count = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("count of posts"));
  return count;
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
