// Any bytes as a line of a client and of a server: refused, or the same again
// after it was written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/control/protocol.h"
#include "core/base/check.h"

namespace dailyfeed::control {
namespace {

void Check(std::string_view line) {
  if (const auto request = ParseRequest(line); request.ok()) {
    DAILYFEED_CHECK(!request->command.empty());
    const auto again = ParseRequest(FormatRequest(*request));
    DAILYFEED_CHECK(again.ok());
    DAILYFEED_CHECK(again->command == request->command);
    DAILYFEED_CHECK(again->arguments == request->arguments);
  } else {
    DAILYFEED_CHECK(absl::IsInvalidArgument(request.status()));
  }
  if (const auto reply = ParseReply(line); reply.ok()) {
    const auto again = ParseReply(FormatReply(*reply));
    DAILYFEED_CHECK(again.ok());
    DAILYFEED_CHECK(again->exit_code == reply->exit_code);
    DAILYFEED_CHECK(again->text == reply->text && again->error == reply->error);
  } else {
    DAILYFEED_CHECK(absl::IsDataLoss(reply.status()));
  }
}

}  // namespace
}  // namespace dailyfeed::control

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::control::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
