// The posts of each author, newest first: what feeds are merged from on read.
// And all posts, newest first, with counts by time.
//
//   TimelinesProjection timelines;
//   runtime.Register(&timelines);
#ifndef DAILYFEED_PROJECTIONS_TIMELINES_TIMELINES_PROJECTION_H_
#define DAILYFEED_PROJECTIONS_TIMELINES_TIMELINES_PROJECTION_H_

#include "projections/runtime/projection.h"
#include "projections/timelines/timeline_units.h"

namespace dailyfeed {

class TimelinesProjection : public Projection {
 public:
  static constexpr std::string_view kName = "timelines";

  std::string_view name() const override { return kName; }
  uint32_t version() const override { return 2; }
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  // DATA_LOSS for a post published twice, or deleted without being there.
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  const UnitLaw* units() const override { return &units_; }

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {v1::Payload::kPostPublished,
                                                     v1::Payload::kPostDeleted};

  absl::Status ApplyPublished(const v1::Event& event, ProjectionRows& rows);
  absl::Status ApplyDeleted(const v1::PostDeleted& event, ProjectionRows& rows);

  const TimelineUnits units_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_TIMELINES_TIMELINES_PROJECTION_H_
