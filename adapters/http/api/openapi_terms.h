// The words of openapi_schemas.json that begin with '$': rules of texts that many
// fields share, and limits that are settings. A schema names the word where the
// document has what it stands for:
//
//   {"type": "string", "maxLength": "$titleMax", "pattern": "$text"}
//   {"type": "string", "maxLength": 100, "pattern": "^[^\\u0000]*$"}
//
// Patterns are those of ECMA-262 that other dialects read in the same way: no classes
// like \s, whose members differ. They say what the server accepts, to the letter; what
// a pattern cannot say (a length in UTF-16 units, a day before today) stands in the
// description of the field.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_OPENAPI_TERMS_H_
#define DAILYFEED_ADAPTERS_HTTP_API_OPENAPI_TERMS_H_

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace dailyfeed::http {

// The settings that schemas name; see ApiOptions and DomainLimits.
struct OpenApiLimits {
  uint32_t ids_max = 1000;              // $idsMax
  uint32_t post_title_max = 100;        // $titleMax
  uint32_t post_content_max = 5000;     // $contentMax
  uint32_t comment_content_max = 1000;  // $commentMax
};

// The pattern that "$NAME" stands for. Aborts on a name that nobody wrote.
std::string PatternNamed(std::string_view name);

// Puts what they stand for in the place of all words of `schemas`. Aborts on a word
// that nobody wrote.
void ExpandTerms(const OpenApiLimits& limits, boost::json::value* schemas);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_OPENAPI_TERMS_H_
