#include "projections/queries/queries.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/follows/follow_rows.h"
#include "projections/queries/picture_reader.h"
#include "projections/queries/queries_parts.h"
#include "projections/queries/recommended_members.h"
#include "projections/queries/slices.h"

namespace dailyfeed {

Queries::Queries(Runtime* runtime, const PersonalDataReader* personal_data,
                 const CacheOptions& options, const RankingOptions& ranking, Clock* clock,
                 const SearchOptions& search)
    : parts_(std::make_unique<Parts>(runtime, personal_data, options, ranking, clock, search)) {}
Queries::~Queries() = default;

std::vector<Queries::CacheStats> Queries::Caches() const {
  const auto names = parts_->directory.CountsOf(*parts_->runtime->Pin());
  const auto tags = parts_->tags.Now();
  return {{{.bytes = names.bytes, .entries = names.members}, "member-names"},
          {{.bytes = tags->Bytes(), .entries = tags->tags()}, "tags"},
          {parts_->member_cards.counts(), "members"},
          {parts_->post_cards.counts(), "posts"},
          {parts_->likes.counts(), "likes"},
          {parts_->heads.counts(), "author-heads"},
          {parts_->followed.counts(), "followings"},
          {parts_->rankings.counts(), "rankings"},
          {parts_->home_feeds.counts(), "home-feeds"},
          {parts_->activity_heads.counts(), "activity-heads"}};
}

// ---- Members.

absl::StatusOr<MemberCardPtr> Queries::Member(MemberId id) const {
  return parts_->LiveMember(*parts_->runtime->Pin(), id);
}

absl::StatusOr<MemberCardPtr> Queries::MemberByHandle(std::string_view handle) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(MemberCardPtr card, parts_->member_cards.LoadByHandle(*at, handle));
  if (card == nullptr) return MakeError(ErrorCode::kMemberNotFound);
  return card;
}

absl::StatusOr<std::vector<MemberCardPtr>> Queries::Members(std::span<const MemberId> ids) const {
  std::vector<MemberId> once;
  once.reserve(ids.size());
  absl::flat_hash_set<MemberId> seen;
  for (const MemberId id : ids) {
    if (seen.insert(id).second) once.push_back(id);
  }
  return parts_->LiveMembers(*parts_->runtime->Pin(), once);
}

absl::StatusOr<FollowCounts> Queries::Follows(MemberId id) const {
  ASSIGN_OR_RETURN(const std::vector<FollowCounts> counts, FollowsOfAll({&id, 1}));
  return counts[0];
}

absl::StatusOr<std::vector<FollowCounts>> Queries::FollowsOfAll(
    std::span<const MemberId> ids) const {
  return parts_->relations.Counts(*parts_->runtime->Pin(), ids);
}

absl::StatusOr<bool> Queries::IsFollowing(MemberId follower, MemberId followee) const {
  const auto at = parts_->runtime->Pin();
  std::string row;
  return at->rows(parts_->follows).Get(follows::EdgeKey(follower, followee), &row);
}

absl::StatusOr<std::vector<MemberId>> Queries::FollowedIds(MemberId member) const {
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr ids,
                   parts_->followed.Load(*parts_->runtime->Pin(), member));
  return *ids;
}

absl::StatusOr<Slice<MemberCardPtr>> Queries::Followers(MemberId id,
                                                        const PageRequest& request) const {
  return parts_->RelationSlice(follows::List::kFollowers, id, request);
}

absl::StatusOr<Slice<MemberCardPtr>> Queries::Followings(MemberId id,
                                                         const PageRequest& request) const {
  return parts_->RelationSlice(follows::List::kFollowings, id, request);
}

absl::StatusOr<std::vector<MemberCardPtr>> Queries::FollowingsOf(MemberId viewer) const {
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const FollowedAuthorsPtr ids, parts_->followed.Load(*at, viewer));
  return parts_->LiveMembers(*at, *ids);
}

absl::StatusOr<Slice<MemberCardPtr>> Queries::Recommended(MemberId viewer,
                                                          const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  const RecommendedMembers recommended(*at, parts_->members, &parts_->member_cards,
                                       &parts_->followed);
  ASSIGN_OR_RETURN(const bool behind_end,
                   IsBehindEnd(request, [&] { return recommended.Count(viewer); }));
  if (behind_end) return Slice<MemberCardPtr>();
  ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, parts_->deep_pages.Enter(request));
  return recommended.Page(viewer, request);
}

absl::StatusOr<uint64_t> Queries::RecommendedCount(MemberId viewer) const {
  const auto at = parts_->runtime->Pin();
  return RecommendedMembers(*at, parts_->members, &parts_->member_cards, &parts_->followed)
      .Count(viewer);
}

absl::StatusOr<CountedPage<MemberCardPtr>> Queries::SearchMembers(std::string_view q, uint64_t page,
                                                                  uint32_t size) const {
  ASSIGN_OR_RETURN(const uint64_t skip, SkippedRows(page, size));
  ASSIGN_OR_RETURN(const search::MemberQuery query, search::ParseMemberQuery(q));
  const auto at = parts_->runtime->Pin();
  ASSIGN_OR_RETURN(const search::FoundMembers found,
                   parts_->directory.Find(*at, query, skip, size));
  CountedPage<MemberCardPtr> answer;
  answer.total = found.total;
  // All of them: the names are those of the cards in the same view.
  ASSIGN_OR_RETURN(answer.rows, parts_->LiveMembers(*at, found.ids));
  return answer;
}

absl::StatusOr<Suggestions> Queries::Suggest(std::string_view q, size_t max) const {
  ASSIGN_OR_RETURN(const search::TypedPrefix typed, search::TypedPrefix::Parse(q));
  Suggestions suggestions;
  if (typed.of() != search::TypedPrefix::Of::kTags) {
    const auto at = parts_->runtime->Pin();
    ASSIGN_OR_RETURN(const std::vector<MemberId> ids, parts_->directory.Suggest(*at, typed, max));
    ASSIGN_OR_RETURN(suggestions.members, parts_->LiveMembers(*at, ids));
  }
  if (typed.of() != search::TypedPrefix::Of::kMembers) {
    suggestions.tags = parts_->tags.Now()->MostUsed(typed, max);
  }
  return suggestions;
}

// ---- Withdrawals.

absl::StatusOr<std::vector<UnfinishedWithdrawal>> Queries::UnfinishedWithdrawals() const {
  return parts_->relations.UnfinishedWithdrawals(*parts_->runtime->Pin());
}

absl::StatusOr<std::vector<UnfinishedWithdrawal>> Queries::MembersWithoutKey() const {
  return parts_->relations.MembersWithoutKey(*parts_->runtime->Pin());
}

absl::StatusOr<RelationsChunk> Queries::RelationsOf(MemberId member, size_t max) const {
  return parts_->relations.Chunk(*parts_->runtime->Pin(), member, max);
}

absl::Status Queries::EraseTraces(std::span<const MemberId> members) const {
  return parts_->runtime->EraseTraces(members);
}

// ---- Pictures.

absl::StatusOr<PictureView> Queries::Picture(std::string_view picture_id) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).Picture(picture_id);
}

absl::StatusOr<Slice<PictureView>> Queries::PicturesOf(MemberId owner,
                                                       const PageRequest& request) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).PicturesOf(owner, request);
}

absl::StatusOr<bool> Queries::IsPictureHashUsed(std::string_view hash) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).IsUsed(hash);
}

absl::Status Queries::VisitPictureHashes(
    absl::FunctionRef<bool(std::string_view hash)> visit) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).VisitUsed(visit);
}

absl::StatusOr<std::vector<std::string>> Queries::UnusedPictureHashesOf(MemberId withdrawn) const {
  const auto at = parts_->runtime->Pin();
  return PictureReader(at->rows(parts_->pictures)).UnusedOfWithdrawn(withdrawn);
}
}  // namespace dailyfeed
