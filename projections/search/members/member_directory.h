// The names and followers of all live members in memory: what a search for
// members reads. Nothing of it is ever written to a file.
//
//   MemberDirectory directory(runtime, members, follows, {.names_bytes_max = 64u << 20});
//   RETURN_IF_ERROR(runtime->Start());
//   ASSIGN_OR_RETURN(FoundMembers found, directory.Find(*view, query, 0, 10));
//
// Made from the rows when the runtime starts (about a second for a million
// members) or another generation becomes live, and changed with each write before
// its view is published. Every view has the directory of its own moment. So a
// member who withdrew is found by no query from the answer to the withdrawal on,
// and a page has no row that the cards of the same view do not have.
//
// Members are ordered by the followers that the rows count: a follower who
// withdrew counts until the withdrawal is complete, as in no other answer.
//
// Bounded: names that take more than MemberDirectoryOptions::names_bytes_max are
// given up, and queries are refused until the next load. Followers take 4 bytes
// for each member.
//
// Threads: Find, Suggest and counts from any, the rest from the runtime's.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_DIRECTORY_H_
#define DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "projections/runtime/runtime.h"
#include "projections/search/members/follower_column.h"
#include "projections/search/members/member_names.h"
#include "projections/search/members/member_query.h"
#include "projections/search/members/member_search.h"

namespace dailyfeed::search {

struct MemberDirectoryOptions {
  size_t names_bytes_max = 256u << 20;
};

class MemberDirectory {
 public:
  // Before Runtime::Start. `runtime` is not owned, and must have stopped before this
  // is destroyed. No other observer of the two projections offers memory.
  MemberDirectory(Runtime* runtime, ProjectionId members, ProjectionId follows,
                  const MemberDirectoryOptions& options);
  ~MemberDirectory();

  // Nobody: asks what is looser (MemberQuery::Looser).
  // UNAVAILABLE (kServiceUnavailable): the view has ended, or the names are given
  // up because they were too many. DATA_LOSS: a card is damaged.
  absl::StatusOr<FoundMembers> Find(const ReadView& view, const MemberQuery& query, uint64_t skip,
                                    size_t count) const;

  // See SuggestMembers. The errors of Find.
  absl::StatusOr<std::vector<MemberId>> Suggest(const ReadView& view, const TypedPrefix& typed,
                                                size_t max) const;

  struct Counts {
    uint64_t members = 0;
    uint64_t bytes = 0;
  };
  // Of the directory of the view; 0 when it has none.
  Counts CountsOf(const ReadView& view) const;

 private:
  // What a view holds of the members projection.
  struct Names {
    absl::Status status;  // not OK: there are no names
    MemberNames names;
  };
  class NamesObserver;
  class FollowersObserver;

  // What a view holds of both projections.
  struct Held {
    std::shared_ptr<const Names> names;
    std::shared_ptr<const FollowerColumn> followers;
  };
  // Both may be nullptr.
  Held HeldBy(const ReadView& view) const;
  absl::StatusOr<Held> UsableOf(const ReadView& view) const;

  const ProjectionId members_;
  const ProjectionId follows_;
  const std::unique_ptr<NamesObserver> names_;
  const std::unique_ptr<FollowersObserver> followers_;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_DIRECTORY_H_
