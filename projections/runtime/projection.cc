#include "projections/runtime/projection.h"

#include "core/domain/streams.h"

namespace dailyfeed {

std::string Projection::ParkingKey(const v1::Event& event) const {
  return StreamName(event.stream_kind(), event.stream_id());
}

}  // namespace dailyfeed
