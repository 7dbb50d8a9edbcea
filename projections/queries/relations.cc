#include "projections/queries/relations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/members/member_rows.h"
#include "projections/queries/comment_reader.h"

namespace dailyfeed {
namespace {

// How many rows one MultiGet is asked for, as long as they are of several counts.
constexpr size_t kRowsAtOnce = 4096;

absl::StatusOr<FollowCounts> DecodeFound(const StoreReader::Found& row) {
  if (!row.found) return FollowCounts{};
  return follows::DecodeCounts(row.value);
}

absl::Status TakeOff(const StoreReader::Found& edge, MemberId member, uint64_t* count) {
  if (!edge.found) return absl::OkStatus();
  if (*count == 0) {
    return absl::DataLossError(fmt::format("member {} has a relation and counts none", member));
  }
  --*count;
  return absl::OkStatus();
}

// The members of such rows, and their subjects.
absl::StatusOr<std::vector<UnfinishedWithdrawal>> ReadSubjects(const ProjectionReader& members,
                                                               const std::string& prefix) {
  std::vector<UnfinishedWithdrawal> found;
  auto rows = members.NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
  for (; rows->Valid(); rows->Next()) {
    ASSIGN_OR_RETURN(const MemberId member, members::DecodeWithdrawalKey(rows->key()));
    found.push_back({member, std::string(rows->value())});
  }
  RETURN_IF_ERROR(rows->status());
  return found;
}

}  // namespace

absl::StatusOr<std::vector<FollowCounts>> RelationReader::Counts(
    std::span<const MemberId> ids) const {
  ASSIGN_OR_RETURN(const Leaving leaving, WhoLeaves());
  ASSIGN_OR_RETURN(const std::vector<Leaver> leavers, Leavers(leaving));
  std::vector<FollowCounts> counts;
  counts.reserve(ids.size());
  const size_t at_once = std::max<size_t>(1, kRowsAtOnce / (1 + 2 * leavers.size()));
  for (size_t begin = 0; begin < ids.size(); begin += at_once) {
    const auto some = ids.subspan(begin, std::min(at_once, ids.size() - begin));
    RETURN_IF_ERROR(AddCounts(some, leaving, leavers, &counts));
  }
  return counts;
}

absl::Status RelationReader::AddCounts(std::span<const MemberId> ids, const Leaving& leaving,
                                       const std::vector<Leaver>& leavers,
                                       std::vector<FollowCounts>* counts) const {
  std::vector<std::string> keys;
  for (const MemberId id : ids) {
    keys.push_back(follows::CountsKey(id));
    for (const Leaver& leaver : leavers) {
      if (leaver.has_followings) keys.push_back(follows::EdgeKey(leaver.id, id));
      if (leaver.has_followers) keys.push_back(follows::EdgeKey(id, leaver.id));
    }
  }
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, follows_->MultiGet(keys));
  size_t at = 0;
  for (const MemberId id : ids) {
    ASSIGN_OR_RETURN(FollowCounts of_member, DecodeFound(rows[at++]));
    for (const Leaver& leaver : leavers) {
      if (leaver.has_followings) RETURN_IF_ERROR(TakeOff(rows[at++], id, &of_member.followers));
      if (leaver.has_followers) RETURN_IF_ERROR(TakeOff(rows[at++], id, &of_member.followings));
    }
    counts->push_back(leaving.members->contains(id) ? FollowCounts{} : of_member);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ListKey>> RelationReader::Keys(follows::List list, MemberId member,
                                                          const std::optional<ListKey>& after,
                                                          uint64_t skip, size_t count) const {
  ASSIGN_OR_RETURN(const Leaving leaving, WhoLeaves());
  const std::string prefix = follows::ListPrefix(list, member);
  KeyRange range = {prefix, PrefixEnd(prefix)};
  if (after.has_value()) {
    range.lower = follows::RelationKey(list, member, after->order, after->id) + '\0';
  }
  if (leaving.members->empty()) {
    return ReadListKeys(*follows_, range, skip, count, follows::DecodeRelationKey);
  }
  std::vector<ListKey> keys;
  auto rows = follows_->NewIterator(range);
  for (; rows->Valid() && keys.size() < count; rows->Next()) {
    ASSIGN_OR_RETURN(const ListKey key, follows::DecodeRelationKey(rows->key()));
    if (leaving.members->contains(key.id)) continue;
    if (skip > 0) {
      --skip;
    } else {
      keys.push_back(key);
    }
  }
  RETURN_IF_ERROR(rows->status());
  return keys;
}

absl::StatusOr<std::vector<UnfinishedWithdrawal>> RelationReader::UnfinishedWithdrawals() const {
  return ReadSubjects(*members_, members::WithdrawalPrefix());
}

absl::StatusOr<std::vector<UnfinishedWithdrawal>> RelationReader::MembersWithoutKey() const {
  return ReadSubjects(*members_, members::KeylessPrefix());
}

absl::StatusOr<RelationsChunk> RelationReader::Chunk(MemberId member, size_t max) const {
  RelationsChunk chunk;
  for (const follows::List list : {follows::List::kFollowers, follows::List::kFollowings}) {
    const std::string prefix = follows::ListPrefix(list, member);
    ASSIGN_OR_RETURN(
        const std::vector<ListKey> keys,
        ReadListKeys(*follows_, {prefix, PrefixEnd(prefix)}, 0, max, follows::DecodeRelationKey));
    const bool of_followers = list == follows::List::kFollowers;
    std::vector<MemberId>& ids = of_followers ? chunk.follower_ids : chunk.followee_ids;
    for (const ListKey& key : keys) ids.push_back(key.id);
  }
  return chunk;
}

absl::StatusOr<RelationReader::Leaving> RelationReader::WhoLeaves() const {
  Leaving leaving;
  {
    std::lock_guard lock(mutex_);
    leaving = {leaving_, epoch_};
  }
  if (leaving.members != nullptr) return leaving;
  ASSIGN_OR_RETURN(const std::vector<UnfinishedWithdrawal> unfinished, UnfinishedWithdrawals());
  auto read = std::make_shared<Members>();
  for (const UnfinishedWithdrawal& withdrawal : unfinished) read->insert(withdrawal.member_id);
  leaving.members = std::move(read);
  std::lock_guard lock(mutex_);
  // What was published meanwhile may be missing: good for this reader, who began
  // before, and for nobody else.
  if (leaving_ == nullptr && epoch_ == leaving.epoch) leaving_ = leaving.members;
  return leaving;
}

absl::StatusOr<std::vector<RelationReader::Leaver>> RelationReader::Leavers(
    const Leaving& leaving) const {
  if (leaving.members->empty()) return std::vector<Leaver>();
  const std::vector<MemberId> ids(leaving.members->begin(), leaving.members->end());
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  for (const MemberId id : ids) keys.push_back(follows::CountsKey(id));
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, follows_->MultiGet(keys));
  std::vector<Leaver> leavers;
  std::vector<MemberId> released;
  for (size_t i = 0; i < ids.size(); ++i) {
    ASSIGN_OR_RETURN(const FollowCounts counts, DecodeFound(rows[i]));
    // Nobody follows a withdrawn member, who follows nobody: these only shrink.
    if (counts.followers > 0 || counts.followings > 0) {
      leavers.push_back({ids[i], counts.followers > 0, counts.followings > 0});
    } else {
      released.push_back(ids[i]);
    }
  }
  if (!released.empty()) Release(released, leaving.epoch);
  return leavers;
}

void RelationReader::Release(const std::vector<MemberId>& members, uint64_t epoch) const {
  std::lock_guard lock(mutex_);
  if (leaving_ == nullptr || epoch_ != epoch) return;
  auto left = std::make_shared<Members>(*leaving_);
  for (const MemberId member : members) left->erase(member);
  leaving_ = std::move(left);
}

void RelationReader::Forget() {
  std::lock_guard lock(mutex_);
  ++epoch_;
  leaving_ = nullptr;
}

void RelationReader::OnMembersEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (!payload.has_member_withdrawn() && !payload.has_member_erased()) return;
  std::lock_guard lock(mutex_);
  ++epoch_;
  if (leaving_ == nullptr) return;
  auto leaving = std::make_shared<Members>(*leaving_);
  if (payload.has_member_withdrawn()) {
    leaving->insert(payload.member_withdrawn().member_id());
  } else {
    leaving->erase(payload.member_erased().member_id());
  }
  leaving_ = std::move(leaving);
}

}  // namespace dailyfeed
