#include "projections/queries/relations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/members/member_rows.h"
#include "projections/queries/slices.h"

namespace dailyfeed {
namespace {

// The most rows of one MultiGet, unless a single count needs more.
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

absl::StatusOr<std::vector<FollowCounts>> Relations::Counts(const ReadView& view,
                                                            std::span<const MemberId> ids) const {
  ASSIGN_OR_RETURN(const MembersPtr leaving, Leaving(view));
  ASSIGN_OR_RETURN(const std::vector<Leaver> leavers, Leavers(view, leaving));
  std::vector<FollowCounts> counts;
  counts.reserve(ids.size());
  const size_t at_once = std::max<size_t>(1, kRowsAtOnce / (1 + 2 * leavers.size()));
  for (size_t begin = 0; begin < ids.size(); begin += at_once) {
    const auto some = ids.subspan(begin, std::min(at_once, ids.size() - begin));
    RETURN_IF_ERROR(AddCounts(view, some, *leaving, leavers, &counts));
  }
  return counts;
}

absl::Status Relations::AddCounts(const ReadView& view, std::span<const MemberId> ids,
                                  const Members& leaving, const std::vector<Leaver>& leavers,
                                  std::vector<FollowCounts>* counts) const {
  std::vector<std::string> keys;
  for (const MemberId id : ids) {
    keys.push_back(follows::CountsKey(id));
    for (const Leaver& leaver : leavers) {
      if (leaver.has_followings) keys.push_back(follows::EdgeKey(leaver.id, id));
      if (leaver.has_followers) keys.push_back(follows::EdgeKey(id, leaver.id));
    }
  }
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, view.rows(follows_).MultiGet(keys));
  size_t at = 0;
  for (const MemberId id : ids) {
    ASSIGN_OR_RETURN(FollowCounts of_member, DecodeFound(rows[at++]));
    for (const Leaver& leaver : leavers) {
      if (leaver.has_followings) RETURN_IF_ERROR(TakeOff(rows[at++], id, &of_member.followers));
      if (leaver.has_followers) RETURN_IF_ERROR(TakeOff(rows[at++], id, &of_member.followings));
    }
    counts->push_back(leaving.contains(id) ? FollowCounts{} : of_member);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ListKey>> Relations::Keys(const ReadView& view, follows::List list,
                                                     MemberId member,
                                                     const std::optional<ListKey>& after,
                                                     uint64_t skip, size_t count) const {
  ASSIGN_OR_RETURN(const MembersPtr leaving, Leaving(view));
  const std::string prefix = follows::ListPrefix(list, member);
  KeyRange range = {prefix, PrefixEnd(prefix)};
  if (after.has_value()) {
    range.lower = follows::RelationKey(list, member, after->order, after->id) + '\0';
  }
  const auto is_left_out = [&](const ListKey& key) { return leaving->contains(key.id); };
  return ReadListKeys(view.rows(follows_), range, skip, count, follows::DecodeRelationKey,
                      is_left_out);
}

absl::StatusOr<std::vector<UnfinishedWithdrawal>> Relations::UnfinishedWithdrawals(
    const ReadView& view) const {
  return ReadSubjects(view.rows(members_), members::WithdrawalPrefix());
}

absl::StatusOr<std::vector<UnfinishedWithdrawal>> Relations::MembersWithoutKey(
    const ReadView& view) const {
  return ReadSubjects(view.rows(members_), members::KeylessPrefix());
}

absl::StatusOr<RelationsChunk> Relations::Chunk(const ReadView& view, MemberId member,
                                                size_t max) const {
  RelationsChunk chunk;
  for (const follows::List list : {follows::List::kFollowers, follows::List::kFollowings}) {
    const std::string prefix = follows::ListPrefix(list, member);
    ASSIGN_OR_RETURN(const std::vector<ListKey> keys,
                     ReadListKeys(view.rows(follows_), {prefix, PrefixEnd(prefix)}, 0, max,
                                  follows::DecodeRelationKey));
    const bool of_followers = list == follows::List::kFollowers;
    std::vector<MemberId>& ids = of_followers ? chunk.follower_ids : chunk.followee_ids;
    for (const ListKey& key : keys) ids.push_back(key.id);
  }
  return chunk;
}

absl::StatusOr<Relations::MembersPtr> Relations::Leaving(const ReadView& view) const {
  const Moment at = MomentAt(view);
  {
    std::lock_guard lock(mutex_);
    if (leaving_ != nullptr && since_ <= at.position && heard_.IsOfThisEpoch(at)) return leaving_;
  }
  ASSIGN_OR_RETURN(const std::vector<UnfinishedWithdrawal> unfinished, UnfinishedWithdrawals(view));
  auto read = std::make_shared<Members>();
  for (const UnfinishedWithdrawal& withdrawal : unfinished) read->insert(withdrawal.member_id);
  std::lock_guard lock(mutex_);
  if (leaving_ == nullptr && heard_.IsShownAt(at)) {
    leaving_ = read;
    since_ = heard_.position();
  }
  return read;
}

absl::StatusOr<std::vector<Relations::Leaver>> Relations::Leavers(const ReadView& view,
                                                                  const MembersPtr& leaving) const {
  if (leaving->empty()) return std::vector<Leaver>();
  const std::vector<MemberId> ids(leaving->begin(), leaving->end());
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  for (const MemberId id : ids) keys.push_back(follows::CountsKey(id));
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, view.rows(follows_).MultiGet(keys));
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
  if (!released.empty()) Release(released, leaving, view.position());
  return leavers;
}

void Relations::Release(const std::vector<MemberId>& members, const MembersPtr& from,
                        Position position) const {
  std::lock_guard lock(mutex_);
  if (leaving_ != from) return;
  auto left = std::make_shared<Members>(*leaving_);
  for (const MemberId member : members) left->erase(member);
  leaving_ = std::move(left);
  since_ = std::max(since_, position);
}

void Relations::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (!payload.has_member_withdrawn() && !payload.has_member_erased()) return;
  std::lock_guard lock(mutex_);
  heard_.Event(event.position());
  if (leaving_ == nullptr) return;
  auto leaving = std::make_shared<Members>(*leaving_);
  if (payload.has_member_withdrawn()) {
    leaving->insert(payload.member_withdrawn().member_id());
  } else {
    leaving->erase(payload.member_erased().member_id());
  }
  leaving_ = std::move(leaving);
  since_ = event.position();
}

void Relations::OnReset(uint64_t epoch) {
  std::lock_guard lock(mutex_);
  heard_.Reset(epoch);
  leaving_ = nullptr;
}

}  // namespace dailyfeed
