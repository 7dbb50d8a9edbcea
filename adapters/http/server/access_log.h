// The access log: one line of logging.h for every answered request.
//
//   options.on_request = [&](const RequestRecord& record) {
//     LogRequest(AccessLog::kErrors, record);
//     metrics.Record(record);
//   };
//
// A line has the path and never the query, no header and no body, so that
// neither tokens nor what people search for are kept.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_ACCESS_LOG_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_ACCESS_LOG_H_

#include <optional>
#include <string_view>

#include "adapters/http/server/server.h"

namespace dailyfeed::http {

enum class AccessLog {
  kAll,
  kErrors,  // status 400 and above
  kNone,
};

std::string_view AccessLogName(AccessLog mode);  // "all", "errors", "none"
std::optional<AccessLog> ParseAccessLog(std::string_view name);

void LogRequest(AccessLog mode, const RequestRecord& record);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_ACCESS_LOG_H_
