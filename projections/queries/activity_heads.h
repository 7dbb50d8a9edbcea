// The newest activities of each member that their followers are shown: what the
// banner is merged from.
//
//   ActivityHeads heads(runtime, activities, 32u << 20);
//   ASSIGN_OR_RETURN(AuthorHeadPtr head, heads.Load(view, member, nullptr));
//
// Threads: as NewestHeads.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_ACTIVITY_HEADS_H_
#define DAILYFEED_PROJECTIONS_QUERIES_ACTIVITY_HEADS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/home/newest_heads.h"

namespace dailyfeed {

class ActivityHeads final : public NewestHeads {
 public:
  // `activities`: the activities projection, which this observes.
  ActivityHeads(Runtime* runtime, ProjectionId activities, size_t bytes_max)
      : NewestHeads(runtime, activities, bytes_max) {}

  void OnEvent(const v1::Event& event) override;

 private:
  std::string ListPrefix(MemberId member) const override;
  std::string RowKey(MemberId member, const ListKey& row) const override;
  absl::StatusOr<ListKey> Decode(std::string_view key) const override;
  absl::StatusOr<bool> IsGone(const ReadView& view, MemberId member) const override;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_ACTIVITY_HEADS_H_
