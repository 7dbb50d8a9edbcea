#include "projections/queries/comment_reader.h"

#include <string>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed {
namespace {

// Rows read for each comment: body, counts, the viewer's like.
constexpr size_t kRowsPerComment = 3;

}  // namespace

absl::StatusOr<std::vector<ListKey>> ReadListKeys(
    const ProjectionReader& reader, const KeyRange& range, uint64_t skip, size_t count,
    absl::FunctionRef<absl::StatusOr<ListKey>(std::string_view)> decode) {
  std::vector<ListKey> keys;
  auto rows = reader.NewIterator(range);
  for (; skip > 0 && rows->Valid(); --skip) rows->Next();
  for (; keys.size() < count && rows->Valid(); rows->Next()) {
    ASSIGN_OR_RETURN(const ListKey key, decode(rows->key()));
    keys.push_back(key);
  }
  RETURN_IF_ERROR(rows->status());
  return keys;
}

absl::StatusOr<bool> CommentReader::IsLive(CommentId comment) const {
  std::string row;
  return reader_->Get(comments::BodyKey(comment), &row);
}

absl::StatusOr<std::vector<ListKey>> CommentReader::Keys(comments::List list, uint64_t owner,
                                                         const std::optional<ListKey>& after,
                                                         uint64_t skip, size_t count) const {
  const std::string prefix = comments::ListPrefix(list, owner);
  std::string lower = prefix;
  if (after.has_value()) {
    // The first key behind.
    lower = comments::ListRowKey(list, owner, after->order, after->id) + '\0';
  }
  return ReadListKeys(*reader_, {std::move(lower), PrefixEnd(prefix)}, skip, count,
                      comments::DecodeListRowKey);
}

absl::Status CommentReader::Load(MemberId viewer, std::span<const ListKey> keys,
                                 std::span<CommentView> views) const {
  DAILYFEED_CHECK(keys.size() == views.size());
  std::vector<std::string> row_keys;
  row_keys.reserve(kRowsPerComment * keys.size());
  for (const ListKey& key : keys) {
    row_keys.push_back(comments::BodyKey(key.id));
    row_keys.push_back(comments::CountsKey(key.id));
    row_keys.push_back(comments::LikeKey(viewer, key.id));
  }
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, reader_->MultiGet(row_keys));
  for (size_t i = 0; i < keys.size(); ++i) {
    const StoreReader::Found& body_row = rows[kRowsPerComment * i];
    const StoreReader::Found& counts_row = rows[kRowsPerComment * i + 1];
    if (!body_row.found) continue;
    ASSIGN_OR_RETURN(CommentBody body, comments::DecodeBody(keys[i].id, body_row.value));
    comments::Counts counts;
    if (counts_row.found) {
      ASSIGN_OR_RETURN(counts, comments::DecodeCounts(counts_row.value));
    }
    views[i].body = std::make_shared<const CommentBody>(std::move(body));
    views[i].likes = counts.likes;
    views[i].replies = counts.replies;
    views[i].liked = rows[kRowsPerComment * i + 2].found;
  }
  return absl::OkStatus();
}

}  // namespace dailyfeed
