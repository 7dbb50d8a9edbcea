// The newest posts of each author: what the follow feed is merged from.
//
//   AuthorHeads heads(runtime, timelines, 96u << 20);
//   ASSIGN_OR_RETURN(AuthorHeadPtr head, heads.Load(view, author, nullptr));
//
// Threads: as NewestHeads.
#ifndef DAILYFEED_PROJECTIONS_HOME_AUTHOR_HEADS_H_
#define DAILYFEED_PROJECTIONS_HOME_AUTHOR_HEADS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/home/newest_heads.h"

namespace dailyfeed {

class AuthorHeads final : public NewestHeads {
 public:
  // `timelines`: the timelines projection, which this observes.
  AuthorHeads(Runtime* runtime, ProjectionId timelines, size_t bytes_max)
      : NewestHeads(runtime, timelines, bytes_max) {}

  void OnEvent(const v1::Event& event) override;

 private:
  std::string ListPrefix(MemberId author) const override;
  std::string RowKey(MemberId author, const ListKey& post) const override;
  absl::StatusOr<ListKey> Decode(std::string_view key) const override;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_AUTHOR_HEADS_H_
