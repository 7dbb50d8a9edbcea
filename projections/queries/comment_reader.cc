#include "projections/queries/comment_reader.h"

#include <algorithm>
#include <string>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/codec/row_codec.h"
#include "projections/posts/dead_rows.h"
#include "projections/queries/slices.h"

namespace dailyfeed {
namespace {

// Rows read for each comment: body, counts, the viewer's like.
constexpr size_t kRowsPerComment = 3;
constexpr size_t kCheckedAtOnce = 64;

}  // namespace

absl::StatusOr<bool> CommentReader::IsLive(CommentId comment) const {
  ASSIGN_OR_RETURN(const std::vector<ListKey> live, LiveKeys({{.order = 0, .id = comment}}));
  return !live.empty();
}

// Those of `keys` whose comments are there and not dead.
absl::StatusOr<std::vector<ListKey>> CommentReader::LiveKeys(
    const std::vector<ListKey>& keys) const {
  std::vector<CommentView> views(keys.size());
  RETURN_IF_ERROR(Load(/*viewer=*/0, keys, views));
  std::vector<ListKey> live;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (views[i].body != nullptr) live.push_back(keys[i]);
  }
  return live;
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
  const KeyRange range = {std::move(lower), PrefixEnd(prefix)};
  std::string ignored;
  ASSIGN_OR_RETURN(const bool any_dead, rows_.Get(DeadRows::kAnyKey, &ignored));
  if (!any_dead) return ReadListKeys(rows_, range, skip, count, comments::DecodeListRowKey);
  ASSIGN_OR_RETURN(const bool dead, rows_.Get(DeadRows::RangeKey(prefix), &ignored));
  if (dead) return std::vector<ListKey>();
  std::vector<ListKey> keys;
  auto rows = rows_.NewIterator(range);
  while (keys.size() < count && rows->Valid()) {
    std::vector<ListKey> next;
    for (; next.size() < kCheckedAtOnce && rows->Valid(); rows->Next()) {
      ASSIGN_OR_RETURN(const ListKey key, comments::DecodeListRowKey(rows->key()));
      next.push_back(key);
    }
    ASSIGN_OR_RETURN(const std::vector<ListKey> live, LiveKeys(next));
    for (const ListKey& key : live) {
      if (skip > 0) {
        --skip;
      } else if (keys.size() < count) {
        keys.push_back(key);
      }
    }
  }
  RETURN_IF_ERROR(rows->status());
  return keys;
}

absl::StatusOr<std::vector<uint64_t>> CommentReader::Likes(
    std::span<const CommentId> comments) const {
  std::vector<std::string> keys;
  keys.reserve(comments.size() + 1);
  for (const CommentId comment : comments) keys.push_back(comments::CountsKey(comment));
  keys.emplace_back(DeadRows::kAnyKey);
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, rows_.MultiGet(keys));
  const bool any_dead = rows.back().found;
  std::vector<uint64_t> likes(comments.size());
  for (size_t i = 0; i < comments.size(); ++i) {
    if (!rows[i].found) continue;
    ASSIGN_OR_RETURN(const comments::Counts counts, comments::DecodeCounts(rows[i].value));
    likes[i] = counts.likes;
    if (likes[i] == 0 || !any_dead) continue;
    // The rows of a dead comment are still there.
    ASSIGN_OR_RETURN(const bool live, IsLive(comments[i]));
    if (!live) likes[i] = 0;
  }
  return likes;
}

absl::StatusOr<bool> CommentReader::IsDead(const CommentBody& body) const {
  // The body again, in the same moment: a range that is gone has taken it along.
  std::vector<std::string> keys = {comments::BodyKey(body.id)};
  for (const std::string& list : comments::ListsAbove(body)) {
    keys.push_back(DeadRows::RangeKey(list));
  }
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, rows_.MultiGet(keys));
  return !rows[0].found ||
         std::any_of(rows.begin() + 1, rows.end(), [](const auto& range) { return range.found; });
}

absl::Status CommentReader::Load(MemberId viewer, std::span<const ListKey> keys,
                                 std::span<CommentView> views) const {
  DAILYFEED_CHECK(keys.size() == views.size());
  std::vector<std::string> row_keys;
  row_keys.reserve(kRowsPerComment * keys.size() + 1);
  for (const ListKey& key : keys) {
    row_keys.push_back(comments::BodyKey(key.id));
    row_keys.push_back(comments::CountsKey(key.id));
    row_keys.push_back(comments::LikeKey(viewer, key.id));
  }
  row_keys.emplace_back(DeadRows::kAnyKey);
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, rows_.MultiGet(row_keys));
  const bool any_dead = rows.back().found;
  for (size_t i = 0; i < keys.size(); ++i) {
    const StoreReader::Found& body_row = rows[kRowsPerComment * i];
    const StoreReader::Found& counts_row = rows[kRowsPerComment * i + 1];
    if (!body_row.found) continue;
    ASSIGN_OR_RETURN(CommentBody body, comments::DecodeBody(keys[i].id, body_row.value));
    if (any_dead) {
      ASSIGN_OR_RETURN(const bool dead, IsDead(body));
      if (dead) continue;
    }
    comments::Counts counts;
    if (counts_row.found) {
      ASSIGN_OR_RETURN(counts, comments::DecodeCounts(counts_row.value));
    }
    views[i].body = std::make_shared<const CommentBody>(std::move(body));
    views[i].likes = counts.likes;
    views[i].replies = counts.replies;
    views[i].total_replies = counts.below;
    views[i].liked = rows[kRowsPerComment * i + 2].found;
  }
  return absl::OkStatus();
}

absl::Status CommentsAreBuilt() {
  return MakeErrorAs(absl::StatusCode::kUnavailable, ErrorCode::kServiceUnavailable,
                     "comments are built anew for a new version of the program");
}

absl::Status CheckTotalReplies(std::span<const CommentView> views) {
  const bool all_known = std::all_of(views.begin(), views.end(), [](const CommentView& view) {
    return view.total_replies.has_value();
  });
  return all_known ? absl::OkStatus() : CommentsAreBuilt();
}

}  // namespace dailyfeed
