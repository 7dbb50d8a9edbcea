#include "projections/runtime/projection.h"

#include <fmt/format.h>

#include <algorithm>

namespace dailyfeed {

std::string Projection::ParkingKey(const v1::Event& event) const {
  // STREAM_KIND_POST_LIKES is "post-likes".
  std::string name = v1::StreamKind_Name(event.stream_kind());
  name.erase(0, std::string_view("STREAM_KIND_").size());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c == '_' ? '-' : static_cast<char>(c | 0x20); });
  return fmt::format("{}/{}", name, event.stream_id());
}

}  // namespace dailyfeed
