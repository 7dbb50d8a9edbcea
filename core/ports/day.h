// The civil day of an event, in the one configured zone (default Asia/Seoul).
//
//   ASSIGN_OR_RETURN(DayZone zone, DayZone::Load("Asia/Seoul"));
//   zone.DayOf(event.occurred_at_ns());   // 20261121
#ifndef DAILYFEED_CORE_PORTS_DAY_H_
#define DAILYFEED_CORE_PORTS_DAY_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/domain/types.h"

namespace dailyfeed {

// Copyable, immutable; from any thread.
class DayZone {
 public:
  // NOT_FOUND when the machine's time zone database has no such zone.
  static absl::StatusOr<DayZone> Load(std::string_view name);

  Day DayOf(TimestampNs time) const;
  const absl::TimeZone& zone() const { return zone_; }

 private:
  explicit DayZone(absl::TimeZone zone) : zone_(zone) {}
  absl::TimeZone zone_;
};

// 20261121 <-> "20261121"; 0 when `text` is not eight digits of a real date.
Day ParseDay(std::string_view text);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_DAY_H_
