#include "projections/runtime/projection.h"

#include <algorithm>

#include "core/domain/streams.h"

namespace dailyfeed {

std::string Projection::ParkingKey(const v1::Event& event) const {
  return StreamName(event.stream_kind(), event.stream_id());
}

bool Projection::Handles(v1::Payload::KindCase kind) const {
  const std::span<const v1::Payload::KindCase> handled = kinds();
  return kind == v1::Payload::KIND_NOT_SET ||
         std::find(handled.begin(), handled.end(), kind) != handled.end();
}

}  // namespace dailyfeed
