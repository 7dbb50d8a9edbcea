// Who follows whom, and how many they are: without members who withdrew.
//
//   ASSIGN_OR_RETURN(std::vector<FollowCounts> counts, relations.Counts(view, ids));
//
// A withdrawal takes the card of a member in one batch and the relations behind
// it, piece by piece (docs/decisions/0017-withdrawal.md). Meanwhile this class
// knows the leaving members: lists leave them out, and counts are shown without
// the relations that leaving members still have, so that a count is the length of
// its list at every moment. While no member leaves this costs nothing.
//
// While N members with relations are leaving: N look-ups, and for each count that
// is asked for at most 2 N more. N is bounded by the withdrawals that may wait
// (Options::withdrawals_waiting_max) and those that failed and are tried again; a
// member without relations is not looked up again, though something else of
// theirs may not be erased yet.
//
// Coherence: as with the caches (cache.h). Threads: everything from any thread but
// OnEvent and OnReset, which are the runtime's.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_RELATIONS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_RELATIONS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/cache/moment.h"
#include "projections/follows/follow_rows.h"
#include "projections/queries/answers.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

class Relations final : public ProjectionObserver {
 public:
  // Observes both projections.
  Relations(Runtime* runtime, ProjectionId follows, ProjectionId members)
      : follows_(follows), members_(members) {
    runtime->Observe(follows, this);
    runtime->Observe(members, this);
  }

  // For ids[i]; 0 and 0 for unknown and withdrawn members.
  absl::StatusOr<std::vector<FollowCounts>> Counts(const ReadView& view,
                                                   std::span<const MemberId> ids) const;
  // Up to `count` relations of a list behind `after`, after leaving out `skip`.
  absl::StatusOr<std::vector<ListKey>> Keys(const ReadView& view, follows::List list,
                                            MemberId member, const std::optional<ListKey>& after,
                                            uint64_t skip, size_t count) const;

  // Withdrawals that the log does not call complete, and of any member at most
  // `max` followers and as many followees, leaving members included. And
  // members whose key is gone though they did not withdraw.
  absl::StatusOr<std::vector<UnfinishedWithdrawal>> UnfinishedWithdrawals(
      const ReadView& view) const;
  absl::StatusOr<std::vector<UnfinishedWithdrawal>> MembersWithoutKey(const ReadView& view) const;
  absl::StatusOr<RelationsChunk> Chunk(const ReadView& view, MemberId member, size_t max) const;

  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override;

 private:
  using Members = absl::flat_hash_set<MemberId>;
  using MembersPtr = std::shared_ptr<const Members>;
  // A leaving member who has relations.
  struct Leaver {
    MemberId id = 0;
    bool has_followers = false;
    bool has_followings = false;
  };

  Moment MomentAt(const ReadView& view) const { return MomentOf(view, follows_, members_); }
  // The members that withdrew and may have relations. Never null.
  absl::StatusOr<MembersPtr> Leaving(const ReadView& view) const;
  absl::StatusOr<std::vector<Leaver>> Leavers(const ReadView& view,
                                              const MembersPtr& leaving) const;
  absl::Status AddCounts(const ReadView& view, std::span<const MemberId> ids,
                         const Members& leaving, const std::vector<Leaver>& leavers,
                         std::vector<FollowCounts>* counts) const;
  // They have no relation left, and never will have.
  void Release(const std::vector<MemberId>& members, const MembersPtr& from,
               Position position) const;

  const ProjectionId follows_;
  const ProjectionId members_;

  mutable std::mutex mutex_;
  // The answer for views from `since_` on; null: to be read from the rows.
  mutable MembersPtr leaving_;
  mutable Position since_ = 0;
  Heard heard_;  // of withdrawals
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_RELATIONS_H_
