// The API as an OpenAPI 3.1 document, made from the table of routes.
#ifndef DAILYFEED_ADAPTERS_HTTP_OPENAPI_H_
#define DAILYFEED_ADAPTERS_HTTP_OPENAPI_H_

#include <string>
#include <vector>

#include "adapters/http/router.h"

namespace dailyfeed::http {

// UTF-8 JSON. Schemas that routes name exist in its components.
std::string OpenApiDocument(const std::vector<Route>& routes);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_OPENAPI_H_
