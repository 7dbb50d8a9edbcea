// Members to follow: the newest sign-ups, without the viewer, without those the
// viewer follows already and without withdrawn ones.
//
//   const RecommendedMembers recommended(view, members_id, &cards, &followed);
//   ASSIGN_OR_RETURN(auto slice, recommended.Page(viewer, request));
//
// Walks the list of live members and leaves out at most 1000 of them (the limit
// of followings), besides what a page number steps over.
//
// A plain value, for one query; the view must outlive it. Threads: any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_RECOMMENDED_MEMBERS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_RECOMMENDED_MEMBERS_H_

#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "projections/home/followed_authors.h"
#include "projections/queries/answers.h"
#include "projections/queries/member_cards.h"

namespace dailyfeed {

class RecommendedMembers {
 public:
  RecommendedMembers(const ReadView& view, ProjectionId members, MemberCards* cards,
                     FollowedAuthors* followed)
      : view_(view), rows_(view.rows(members)), cards_(cards), followed_(followed) {}

  absl::StatusOr<Slice<MemberCardPtr>> Page(MemberId viewer, const PageRequest& request) const;
  // How many rows all pages together have.
  absl::StatusOr<uint64_t> Count(MemberId viewer) const;

 private:
  using Left = absl::flat_hash_set<MemberId>;
  absl::StatusOr<std::vector<ListKey>> Keys(const Left& left_out,
                                            const std::optional<ListKey>& after, uint64_t skip,
                                            size_t count) const;

  const ReadView& view_;
  const ProjectionReader& rows_;
  MemberCards* const cards_;
  FollowedAuthors* const followed_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_RECOMMENDED_MEMBERS_H_
