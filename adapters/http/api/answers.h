// What commands are answered with. Internal to the API.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_ANSWERS_H_
#define DAILYFEED_ADAPTERS_HTTP_API_ANSWERS_H_

#include "adapters/http/api/routes.h"

namespace dailyfeed::http {

// `data` is true.
absl::Status AnswerTrue(Call& call, const CommandResult& result, JsonWriter& data);
// The post or comment that the command concerned, as it is now.
absl::Status AnswerPost(Call& call, const CommandResult& result, JsonWriter& data);
absl::Status AnswerComment(Call& call, const CommandResult& result, JsonWriter& data);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_ANSWERS_H_
