// Members' cards, from memory when they are there.
//
//   MemberCards cards(runtime, members, options.member_bytes_max);
//   RETURN_IF_ERROR(cards.Load(view, ids, found));   // null: unknown or withdrawn
//
// That there is no card is remembered too, so that the posts of people who
// left cost no more than others. Threads: Load and counts from any, the rest from
// the runtime's.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_MEMBER_CARDS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_MEMBER_CARDS_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "projections/cache/cache.h"
#include "projections/codec/list_key.h"
#include "projections/members/member_rows.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

using MemberCardPtr = std::shared_ptr<const MemberCard>;

class MemberCards final : public ProjectionObserver {
 public:
  // `members`: the members projection, which this observes.
  MemberCards(Runtime* runtime, ProjectionId members, size_t bytes_max)
      : members_(members), cache_(bytes_max) {
    runtime->Observe(members, this);
  }

  // cards[i] for ids[i]; as many cards as ids.
  absl::Status Load(const ReadView& view, std::span<const MemberId> ids,
                    std::span<MemberCardPtr> cards);
  absl::StatusOr<std::vector<MemberCardPtr>> LoadAll(const ReadView& view,
                                                     std::span<const ListKey> keys);
  absl::StatusOr<MemberCardPtr> LoadOne(const ReadView& view, MemberId id);
  // Without regard to ASCII case.
  absl::StatusOr<MemberCardPtr> LoadByHandle(const ReadView& view, std::string_view handle);
  CacheCounts counts() const { return cache_.counts(); }

  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override { cache_.Clear(epoch); }

 private:
  struct Entry {
    MemberCardPtr card;
    size_t Bytes() const;
  };

  const ProjectionId members_;
  Cache<Entry> cache_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_MEMBER_CARDS_H_
