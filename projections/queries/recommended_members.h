// Members to follow: the newest sign-ups, without the viewer, without those the
// viewer follows already and without withdrawn ones.
//
//   RecommendedMembers recommended(&members, &followings);
//   recommended.set_reader(runtime->Reader("members"));
//   ASSIGN_OR_RETURN(auto slice, recommended.Page(viewer, request));
//
// Walks the list of live members and leaves out at most 1000 of them (the limit
// of followings), besides what a page number steps over. Threads: any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_RECOMMENDED_MEMBERS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_RECOMMENDED_MEMBERS_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "projections/home/followed_authors.h"
#include "projections/queries/answers.h"
#include "projections/queries/member_cards.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class RecommendedMembers {
 public:
  // Not owned.
  RecommendedMembers(MemberCards* members, FollowedAuthors* followings)
      : members_(members), followings_(followings) {}
  void set_reader(std::unique_ptr<ProjectionReader> reader) { reader_ = std::move(reader); }

  absl::StatusOr<Slice<MemberCardPtr>> Page(MemberId viewer, const PageRequest& request) const;
  // How many rows all pages together have.
  absl::StatusOr<uint64_t> Count(MemberId viewer) const;

 private:
  using Left = absl::flat_hash_set<MemberId>;
  absl::StatusOr<std::vector<ListKey>> Keys(const Left& left_out,
                                            const std::optional<ListKey>& after, uint64_t skip,
                                            size_t count) const;

  MemberCards* const members_;
  FollowedAuthors* const followings_;
  std::unique_ptr<ProjectionReader> reader_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_RECOMMENDED_MEMBERS_H_
