// The OpenAPI 3.1 document of the API, made from the table of routes.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_OPENAPI_H_
#define DAILYFEED_ADAPTERS_HTTP_API_OPENAPI_H_

#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/api/openapi_terms.h"
#include "adapters/http/api/routes.h"

namespace dailyfeed::http {

// Every route given, once: parameters from its pattern and paging, bodies and
// answers as references to schemas. Aborts on a schema that nobody wrote.
std::string OpenApiDocument(const std::vector<const Route*>& routes, const OpenApiLimits& limits);

// The schemas of objects and bodies: a JSON object of {name: schema}, with words that
// ExpandTerms understands.
extern const std::string_view kOpenApiSchemas;

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_OPENAPI_H_
