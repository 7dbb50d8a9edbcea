#include "projections/home/follower_counts.h"

#include <string>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/follows/follow_rows.h"

namespace dailyfeed {

absl::Status FollowerCounts::Load(const ReadView& view, std::span<const MemberId> authors,
                                  std::span<uint64_t> counts) {
  DAILYFEED_CHECK(authors.size() == counts.size());
  return LoadThrough(
      cache_, MomentOf(view, follows_), authors.size(), [&](size_t i) { return authors[i]; },
      [&](size_t i, const Entry& entry) { counts[i] = entry.followers; },
      [&](const std::vector<size_t>& misses) -> absl::StatusOr<std::vector<std::optional<Entry>>> {
        std::vector<std::string> keys;
        for (const size_t i : misses) keys.push_back(follows::CountsKey(authors[i]));
        ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows,
                         view.rows(follows_).MultiGet(keys));
        std::vector<std::optional<Entry>> entries(rows.size());
        for (size_t i = 0; i < rows.size(); ++i) {
          FollowCounts decoded;
          if (rows[i].found) {
            ASSIGN_OR_RETURN(decoded, follows::DecodeCounts(rows[i].value));
          }
          entries[i] = Entry{decoded.followers};
        }
        return entries;
      });
}

void FollowerCounts::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_member_followed()) {
    cache_.Erase(payload.member_followed().followee_id(), event.position());
  } else if (payload.has_member_unfollowed()) {
    cache_.Erase(payload.member_unfollowed().followee_id(), event.position());
  }
}

}  // namespace dailyfeed
