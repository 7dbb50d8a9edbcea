// Who follows whom, and how many they are: without members who withdrew.
//
//   relations.set_readers(follow_rows, member_rows);
//   ASSIGN_OR_RETURN(std::vector<FollowCounts> counts, relations.Counts(ids));
//
// A withdrawal takes the card of a member in one batch and the relations behind
// it, piece by piece (docs/decisions/0017-withdrawal.md). Meanwhile those who
// are leaving are known here: lists leave them out, and from counts is taken
// what they still have, so that a count is the length of its list at every
// moment. Nobody leaving costs nothing.
//
// What it costs while N members with relations are leaving: N look-ups, and for
// each count that is asked for at most 2 N more. N is bounded by the withdrawals
// that may wait (Options::withdrawals_waiting_max) and those that failed and are
// tried again; who has no relation left is not looked up again, though nothing
// else may be erased yet.
//
// Coherence: who is leaving is told before the withdrawal is acknowledged, at
// the moment the card goes (cache.h). The rows of one count are read by one
// MultiGet, which is of one moment: whoever is released between the two is not
// taken off twice. Threads: everything from any thread.
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
#include "projections/follows/follow_rows.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class RelationReader {
 public:
  // Not owned: the rows of the follows and of the members projection.
  void set_readers(const ProjectionReader* follows, const ProjectionReader* members) {
    follows_ = follows;
    members_ = members;
  }

  // Of ids[i]; 0 and 0 for unknown and withdrawn members.
  absl::StatusOr<std::vector<FollowCounts>> Counts(std::span<const MemberId> ids) const;
  // Up to `count` relations of a list behind `after`, after leaving out `skip`.
  absl::StatusOr<std::vector<ListKey>> Keys(follows::List list, MemberId member,
                                            const std::optional<ListKey>& after, uint64_t skip,
                                            size_t count) const;

  // Withdrawals that the log does not call complete, and of any member at most
  // `max` followers and as many followees, those who are leaving included. And
  // members whose key is gone though they did not withdraw.
  absl::StatusOr<std::vector<UnfinishedWithdrawal>> UnfinishedWithdrawals() const;
  absl::StatusOr<std::vector<UnfinishedWithdrawal>> MembersWithoutKey() const;
  absl::StatusOr<RelationsChunk> Chunk(MemberId member, size_t max) const;

  void OnMembersEvent(const v1::Event& event);
  // Rows of members or of relations may have changed.
  void OnReset() { Forget(); }

 private:
  using Members = absl::flat_hash_set<MemberId>;
  // Who withdrew and may have relations, as of one moment. `members` is never null.
  struct Leaving {
    std::shared_ptr<const Members> members;
    uint64_t epoch = 0;
  };
  // One of them who has.
  struct Leaver {
    MemberId id = 0;
    bool has_followers = false;
    bool has_followings = false;
  };

  absl::StatusOr<Leaving> WhoLeaves() const;
  absl::StatusOr<std::vector<Leaver>> Leavers(const Leaving& leaving) const;
  absl::Status AddCounts(std::span<const MemberId> ids, const Leaving& leaving,
                         const std::vector<Leaver>& leavers,
                         std::vector<FollowCounts>* counts) const;
  // They have no relation left, and never will have.
  void Release(const std::vector<MemberId>& members, uint64_t epoch) const;
  void Forget();

  const ProjectionReader* follows_ = nullptr;
  const ProjectionReader* members_ = nullptr;

  mutable std::mutex mutex_;
  // Null: to be read from the rows.
  mutable std::shared_ptr<const Members> leaving_;
  uint64_t epoch_ = 0;  // changes with every withdrawal that is published
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_RELATIONS_H_
