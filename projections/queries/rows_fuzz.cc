// The decoders of every row and list key of the read models: damaged bytes give
// DATA_LOSS, and what decodes survives being written again. The first byte of
// an input says which decoder, the rest is the row.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/check.h"
#include "projections/activities/activity_rows.h"
#include "projections/comments/comment_rows.h"
#include "projections/follows/follow_rows.h"
#include "projections/members/member_rows.h"
#include "projections/pictures/picture_rows.h"
#include "projections/posts/post_rows.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {
namespace {

constexpr uint64_t kId = 41;
constexpr std::string_view kPictureId = "0123456789abcdef";

// `decode` reads the row; what it gave is written and read again, and must come
// out as the same bytes.
template <typename Decode, typename Encode>
void RoundTrip(std::string_view row, Decode decode, Encode encode) {
  const auto decoded = decode(row);
  if (!decoded.ok()) {
    DAILYFEED_CHECK(absl::IsDataLoss(decoded.status()));
    return;
  }
  const std::string once = encode(*decoded);
  const auto again = decode(once);
  DAILYFEED_CHECK(again.ok());
  DAILYFEED_CHECK(encode(*again) == once);
}

// List keys are of fixed width: what decodes is what was encoded, to the byte.
template <typename Encode>
void KeyRoundTrip(std::string_view key, const absl::StatusOr<ListKey>& decoded, Encode encode) {
  if (!decoded.ok()) {
    DAILYFEED_CHECK(absl::IsDataLoss(decoded.status()));
    return;
  }
  const std::string again = encode(*decoded);
  constexpr size_t kOwner = 9;  // tag and owner, which the decoders pass over
  DAILYFEED_CHECK(again.size() == key.size());
  DAILYFEED_CHECK(again.substr(kOwner) == key.substr(kOwner));
}

// The same for keys that are nothing but what is decoded, behind their tag.
template <typename Decoded, typename Encode>
void WholeKeyRoundTrip(std::string_view key, const Decoded& decoded, Encode encode) {
  if (!decoded.ok()) {
    DAILYFEED_CHECK(absl::IsDataLoss(decoded.status()));
    return;
  }
  DAILYFEED_CHECK(encode(*decoded).substr(1) == key.substr(1));
}

void Run(uint8_t which, std::string_view row) {
  switch (which % 22) {
    case 0:
      return RoundTrip(
          row, [](std::string_view of) { return members::DecodeCard(kId, of); },
          members::EncodeCard);
    case 1:
      return RoundTrip(row, members::DecodeHandle, members::EncodeHandle);
    case 2:
      return RoundTrip(row, follows::DecodeEdge, follows::EncodeEdge);
    case 3:
      return RoundTrip(row, follows::DecodeCounts, follows::EncodeCounts);
    case 4:
      return RoundTrip(
          row, [](std::string_view of) { return posts::DecodeBody(kId, of); }, posts::EncodeBody);
    case 5:
      return RoundTrip(row, posts::DecodeCounts, posts::EncodeCounts);
    case 6:
      return RoundTrip(
          row, [](std::string_view of) { return comments::DecodeBody(kId, of); },
          comments::EncodeBody);
    case 7:
      return RoundTrip(row, comments::DecodeCounts, comments::EncodeCounts);
    case 8:
      return RoundTrip(row, timelines::DecodePlaced, timelines::EncodePlaced);
    case 9:
      return KeyRoundTrip(row, follows::DecodeRelationKey(row), [](const ListKey& key) {
        return follows::RelationKey(follows::List::kFollowers, kId, key.order, key.id);
      });
    case 10:
      return KeyRoundTrip(row, timelines::DecodeAuthorKey(row), [](const ListKey& key) {
        return timelines::AuthorKey(kId, key.order, key.id);
      });
    case 12:
      return RoundTrip(
          row, [](std::string_view of) { return pictures::DecodePicture(kPictureId, of); },
          pictures::EncodePicture);
    case 13:
      return RoundTrip(row, members::DecodeCount, members::EncodeCount);
    case 14:
      return WholeKeyRoundTrip(row, members::DecodeListKey(row), [](const ListKey& key) {
        return members::ListKeyOf(key.order, key.id);
      });
    case 15: {
      WholeKeyRoundTrip(row, members::DecodeWithdrawalKey(row), members::WithdrawalKey);
      for (const auto& hash : {pictures::DecodeUsedHash(row), pictures::DecodeErasedHash(row)}) {
        DAILYFEED_CHECK(hash.ok() ? hash->size() == 32 : absl::IsDataLoss(hash.status()));
      }
      return;
    }
    case 16: {
      const auto ranked = posts::DecodeRankedKey(row);
      if (!ranked.ok()) return DAILYFEED_CHECK(absl::IsDataLoss(ranked.status()));
      return DAILYFEED_CHECK(posts::RankedKey(ranked->list, ranked->day, ranked->key) == row);
    }
    case 17:
      return KeyRoundTrip(row, timelines::DecodeNewestKey(row), [](const ListKey& key) {
        return timelines::NewestKey(key.order, key.id);
      });
    case 18: {
      const auto count = timelines::DecodeCountKey(row);
      if (!count.ok()) return DAILYFEED_CHECK(absl::IsDataLoss(count.status()));
      return DAILYFEED_CHECK(timelines::CountKey(count->level, count->span).substr(1) ==
                             row.substr(1));
    }
    case 19:
      return RoundTrip(row, timelines::DecodeCount, timelines::EncodeCount);
    case 20: {
      const auto of = activities::ListOf(row);
      if (!of.ok()) return DAILYFEED_CHECK(absl::IsDataLoss(of.status()));
      const ListKey at = activities::DecodeRowKey(row).value();
      return DAILYFEED_CHECK(activities::RowKey(kId, *of, at.order, at.id).substr(9) ==
                             row.substr(9));
    }
    case 21: {
      const std::string key = activities::RowKey(kId, activities::kAll, 1, 1);
      return RoundTrip(
          row, [&](std::string_view of) { return activities::DecodeRow(key, of); },
          [](const ActivityRow& of) { return activities::EncodeValue(of.activity); });
    }
    default:
      return KeyRoundTrip(row, comments::DecodeListRowKey(row), [&](const ListKey& key) {
        comments::List of = comments::List::kReplies;
        for (const auto list : {comments::List::kAuthor, comments::List::kThread}) {
          if (row.front() == comments::ListPrefix(list, kId)[0]) of = list;
        }
        return comments::ListRowKey(of, kId, key.order, key.id);
      });
  }
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  dailyfeed::Run(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
