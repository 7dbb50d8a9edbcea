#include "projections/queries/recommended_members.h"

#include <span>
#include <string>

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"
#include "projections/members/member_rows.h"
#include "projections/queries/slices.h"

namespace dailyfeed {

absl::StatusOr<std::vector<ListKey>> RecommendedMembers::Keys(const Left& left_out,
                                                              const std::optional<ListKey>& after,
                                                              uint64_t skip, size_t count) const {
  const std::string prefix = members::ListPrefix();
  std::string lower = prefix;
  if (after.has_value()) lower = members::ListKeyOf(after->order, after->id) + '\0';
  return ReadListKeys(rows_, {.lower = std::move(lower), .upper = PrefixEnd(prefix)}, skip, count,
                      members::DecodeListKey,
                      [&](const ListKey& key) { return left_out.contains(key.id); });
}

absl::StatusOr<Slice<MemberCardPtr>> RecommendedMembers::Page(MemberId viewer,
                                                              const PageRequest& request) const {
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr followings, followed_->Load(view_, viewer));
  Left left_out(followings->begin(), followings->end());
  left_out.insert(viewer);
  const auto keys = [&](const std::optional<ListKey>& after, uint64_t skip, size_t count) {
    return Keys(left_out, after, skip, count);
  };
  const auto load = [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<MemberCardPtr>> {
    return cards_->LoadAll(view_, of);
  };
  return MakeSlice<MemberCardPtr>(request, keys, load,
                                  [](const MemberCardPtr& card) { return card != nullptr; });
}

absl::StatusOr<uint64_t> RecommendedMembers::Count(MemberId viewer) const {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, rows_.Get(members::CountKey(), &row));
  uint64_t count = 0;
  if (found) {
    ASSIGN_OR_RETURN(count, members::DecodeCount(row));
  }
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr followings, followed_->Load(view_, viewer));
  std::vector<MemberId> left_out = *followings;
  left_out.push_back(viewer);
  std::vector<MemberCardPtr> cards(left_out.size());
  RETURN_IF_ERROR(cards_->Load(view_, left_out, cards));
  // A member without a card is not counted in the first place.
  for (const MemberCardPtr& card : cards) {
    if (card != nullptr && count > 0) --count;
  }
  return count;
}

}  // namespace dailyfeed
