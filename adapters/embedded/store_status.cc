#include "adapters/embedded/store_status.h"

#include <fmt/format.h>

#include <string>

#include "core/domain/errors.h"

namespace dailyfeed {

absl::Status Unavailable(const absl::Status& status) {
  return MakeErrorAs(absl::StatusCode::kUnavailable, ErrorCode::kServiceUnavailable,
                     std::string(status.message()));
}

absl::Status ActorIsGone() {
  return MakeErrorAs(absl::StatusCode::kUnauthenticated, ErrorCode::kMemberNotFound);
}

absl::Status About(std::string_view part, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), fmt::format("{}: {}", part, std::string(status.message())));
}

bool IsKeyReused(const absl::Status& status) {
  return ErrorCodeOf(status) == ErrorCode::kIdempotencyKeyReused;
}

bool IsRefusal(const absl::Status& status) {
  return ErrorCodeOf(status).has_value() && !absl::IsUnavailable(status);
}

}  // namespace dailyfeed
