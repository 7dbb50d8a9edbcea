#include "projections/home/follower_counts.h"

#include <string>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/follows/follow_rows.h"

namespace dailyfeed {

absl::Status FollowerCounts::Load(std::span<const MemberId> authors, std::span<uint64_t> counts) {
  DAILYFEED_CHECK(authors.size() == counts.size());
  struct Miss {
    size_t at;
    Cache<Entry>::Ticket ticket;
  };
  std::vector<Miss> misses;
  std::vector<std::string> keys;
  for (size_t i = 0; i < authors.size(); ++i) {
    Cache<Entry>::Ticket ticket;
    const bool hit =
        cache_.Find(authors[i], &ticket, [&](const Entry& entry) { counts[i] = entry.followers; });
    if (hit) continue;
    misses.push_back({i, ticket});
    keys.push_back(follows::CountsKey(authors[i]));
  }
  if (misses.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, reader_->MultiGet(keys));
  for (size_t i = 0; i < misses.size(); ++i) {
    uint64_t followers = 0;
    if (rows[i].found) {
      ASSIGN_OR_RETURN(const FollowCounts decoded, follows::DecodeCounts(rows[i].value));
      followers = decoded.followers;
    }
    counts[misses[i].at] = followers;
    cache_.Insert(authors[misses[i].at], {followers}, misses[i].ticket);
  }
  return absl::OkStatus();
}

void FollowerCounts::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_member_followed()) {
    cache_.Erase(payload.member_followed().followee_id());
  } else if (payload.has_member_unfollowed()) {
    cache_.Erase(payload.member_unfollowed().followee_id());
  }
}

void FollowerCounts::OnReset() { cache_.Clear(); }

}  // namespace dailyfeed
