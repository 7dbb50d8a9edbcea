#include "adapters/rocksdb/database/rocks_status.h"

#include <fmt/format.h>
#include <rocksdb/status.h>

#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

bool IsMissingFile(const rocksdb::Status& status) {
  return status.IsPathNotFound() || status.ToString().find("No such file") != std::string::npos;
}

}  // namespace

absl::Status FromRocks(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNoSpace()) {
    return MakeError(ErrorCode::kServiceUnavailable,
                     fmt::format("{}: disk full: {}", what, status.ToString()));
  }
  if (status.IsCorruption() || IsMissingFile(status)) {
    return absl::DataLossError(fmt::format("{}: {}", what, status.ToString()));
  }
  if (status.IsInvalidArgument() || status.IsNotSupported()) {
    return absl::FailedPreconditionError(fmt::format("{}: {}", what, status.ToString()));
  }
  return MakeError(ErrorCode::kServiceUnavailable, fmt::format("{}: {}", what, status.ToString()));
}

absl::Status FromRocksWrite(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string_view help = status.IsCorruption()
                                    ? "A file is damaged: `dailyfeed log verify` says what of the "
                                      "log is lost. No further write is accepted"
                                    : "No further write is accepted until a restart";
  return MakeError(ErrorCode::kServiceUnavailable,
                   fmt::format("{} failed{}: {}. {}", what,
                               status.IsNoSpace() ? " (disk full)" : "", status.ToString(), help));
}

}  // namespace dailyfeed
