#include "adapters/http/server/access_log.h"

#include "adapters/logging/logging.h"

namespace dailyfeed::http {
namespace {

constexpr int kFirstClientError = 400;
constexpr int kFirstServerError = 500;
// A client makes up its path.
constexpr size_t kPathBytesMax = 512;

logging::Level LevelOf(int status) {
  return status >= kFirstServerError ? logging::Level::kError : logging::Level::kInfo;
}

}  // namespace

std::string_view AccessLogName(AccessLog mode) {
  switch (mode) {
    case AccessLog::kAll:
      return "all";
    case AccessLog::kErrors:
      return "errors";
    case AccessLog::kNone:
      return "none";
  }
  return "none";
}

std::optional<AccessLog> ParseAccessLog(std::string_view name) {
  for (const AccessLog mode : {AccessLog::kAll, AccessLog::kErrors, AccessLog::kNone}) {
    if (name == AccessLogName(mode)) return mode;
  }
  return std::nullopt;
}

void LogRequest(AccessLog mode, const RequestRecord& record) {
  if (mode == AccessLog::kNone) return;
  if (mode == AccessLog::kErrors && record.status < kFirstClientError) return;
  logging::Log(LevelOf(record.status), "request",
               {{"request_id", record.request_id},
                {"method", record.method},
                {"path", std::string_view(record.path).substr(0, kPathBytesMax)},
                {"route", record.route},
                {"status", record.status},
                {"error_code", record.error_code},
                {"member_id", record.member_id},
                {"bytes_in", static_cast<uint64_t>(record.bytes_in)},
                {"bytes_out", static_cast<uint64_t>(record.bytes_out)},
                {"duration_us", absl::ToInt64Microseconds(record.duration)},
                {"peer", record.peer_address}});
}

}  // namespace dailyfeed::http
