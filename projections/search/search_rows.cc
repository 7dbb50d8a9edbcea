#include "projections/search/search_rows.h"

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::search {
namespace {

constexpr char kComment = 'r';
constexpr char kTag = 'g';
constexpr size_t kNumberedPrefix = 2;  // the row's kind and the index

std::string IndexKey(char row, IndexTag index) { return {row, static_cast<char>(index)}; }

std::string CommentPrefix(PostId post, std::span<const CommentId> ancestors) {
  Key key(kComment);
  key.Id(post);
  for (const CommentId ancestor : ancestors) key.Id(ancestor);
  return key.Take();
}

}  // namespace

std::string NumberedKey(RowTag row, IndexTag index, uint64_t number) {
  // The codec's keys have one byte in front of the first number.
  std::string key(1, static_cast<char>(row));
  key += Key(static_cast<char>(index)).Id(number).bytes();
  return key;
}

KeyRange NumberedRange(RowTag row, IndexTag index, uint64_t first, uint64_t last) {
  return {.lower = NumberedKey(row, index, first), .upper = NumberedKey(row, index, last) + '\0'};
}

absl::StatusOr<uint64_t> NumberOf(std::string_view key) {
  if (key.size() < kNumberedPrefix) return absl::DataLossError("damaged key: search row");
  KeyReader reader(key.substr(1));
  const uint64_t number = reader.Id();
  RETURN_IF_ERROR(reader.Finish("search row"));
  return number;
}

std::string TallyKey(IndexTag index) { return IndexKey('t', index); }
std::string NextSegmentKey(IndexTag index) { return IndexKey('n', index); }
std::string MoreKey(IndexTag index) { return IndexKey('u', index); }

std::string TagKey(std::string_view tag) { return Key(kTag).Text(tag).Take(); }

KeyRange TagRange() {
  const std::string prefix(1, kTag);
  return {.lower = prefix, .upper = PrefixEnd(prefix)};
}

std::string_view TagOfKey(std::string_view key) { return key.substr(1); }

std::string CommentKey(PostId post, std::span<const CommentId> ancestors, CommentId comment) {
  std::string key = CommentPrefix(post, ancestors);
  key += Key(kComment).Id(comment).bytes().substr(1);
  return key;
}

KeyRange CommentsOf(PostId post) {
  const std::string prefix = CommentPrefix(post, {});
  return {.lower = prefix, .upper = PrefixEnd(prefix)};
}

KeyRange CommentsUnder(PostId post, std::span<const CommentId> ancestors, CommentId comment) {
  const std::string prefix = CommentKey(post, ancestors, comment);
  return {.lower = prefix, .upper = PrefixEnd(prefix)};
}

absl::StatusOr<CommentId> CommentOfKey(std::string_view key) {
  // The tag, the post, and at least the comment.
  if (key.size() < 1 + 2 * Key::kPartBytes || (key.size() - 1) % Key::kPartBytes != 0) {
    return absl::DataLossError("damaged key: comment of a post");
  }
  KeyReader reader(key.substr(key.size() - Key::kPartBytes - 1));
  return reader.Id();
}

std::string EncodeDocument(const DocumentRow& row) {
  RowWriter writer;
  writer.Varint(row.author).Signed(row.created_at);
  for (const std::string& tag : row.tags) writer.Text(tag);
  return writer.Take();
}

absl::StatusOr<DocumentRow> DecodeDocument(std::string_view row) {
  RowReader reader(row);
  DocumentRow document;
  document.author = reader.Varint();
  document.created_at = reader.Signed();
  while (reader.remaining() > 0) {
    const size_t before = reader.remaining();
    document.tags.emplace_back(reader.Text());
    if (reader.remaining() == before) break;  // damaged
  }
  RETURN_IF_ERROR(reader.Finish("search document"));
  return document;
}

std::string EncodeLoose(const LooseRow& row) {
  RowWriter writer;
  writer.Varint(row.position).Varint(row.document.author).Signed(row.document.created_at);
  return writer.Text(row.document.text).Take();
}

absl::StatusOr<LooseRow> DecodeLoose(uint64_t id, std::string_view row) {
  RowReader reader(row);
  LooseRow loose;
  loose.position = reader.Varint();
  loose.document.id = id;
  loose.document.author = reader.Varint();
  loose.document.created_at = reader.Signed();
  loose.document.text = reader.Text();
  RETURN_IF_ERROR(reader.Finish("loose document"));
  return loose;
}

std::string EncodeNumber(uint64_t number) { return RowWriter().Varint(number).Take(); }

absl::StatusOr<uint64_t> DecodeNumber(std::string_view row, std::string_view what) {
  RowReader reader(row);
  const uint64_t number = reader.Varint();
  RETURN_IF_ERROR(reader.Finish(what));
  return number;
}

std::string EncodeTally(const Tally& tally) {
  return RowWriter().Varint(tally.documents).Varint(tally.bytes).Take();
}

absl::StatusOr<Tally> DecodeTally(std::string_view row) {
  RowReader reader(row);
  Tally tally;
  tally.documents = reader.Varint();
  tally.bytes = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("search tally"));
  return tally;
}

absl::Status PutLoose(Position moment, IndexTag index, Document document, ProjectionRows& rows) {
  Tally tally;
  std::string bytes;
  const std::string tally_key = TallyKey(index);
  ASSIGN_OR_RETURN(const bool there, rows.Get(tally_key, &bytes));
  if (there) {
    ASSIGN_OR_RETURN(tally, DecodeTally(bytes));
  }
  ++tally.documents;
  tally.bytes += document.text.size();
  rows.Put(tally_key, EncodeTally(tally));
  const std::string key = NumberedKey(RowTag::kLoose, index, document.id);
  rows.Put(key, EncodeLoose({.position = moment, .document = std::move(document)}));
  return absl::OkStatus();
}

}  // namespace dailyfeed::search
