// Reads the JSON body of a request, field by field, and gathers what is wrong
// with it.
//
//   JsonObject body;
//   if (!body.Parse(request.body)) return MakeError(ErrorCode::kInvalidRequest, "not JSON");
//   std::vector<Violation> violations;
//   std::optional<std::string> title = body.String("title", &violations);
//   std::optional<int64_t> post = body.Integer("postId", &violations);
//   if (!violations.empty()) return MakeViolations(violations);
//
// Strict: RFC 8259 and UTF-8, no lone surrogates, no bytes behind the value,
// nesting up to kDepthMax. The last value of a repeated name counts. Unknown
// names are ignored; null and absent are equal unless asked.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_JSON_READER_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/errors.h"

namespace dailyfeed::http {

class JsonObject {
 public:
  static constexpr size_t kDepthMax = 32;

  JsonObject();
  ~JsonObject();
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  // False when `text` is not one JSON object. `text` must outlive this.
  bool Parse(std::string_view text);

  enum class Presence { kAbsent, kNull, kValue };
  Presence Has(std::string_view name) const;

  // nullopt for absent and null, and for a value of another type, which is also
  // a violation (kFormat) of that field.
  std::optional<std::string> String(std::string_view name,
                                    std::vector<Violation>* violations) const;
  std::optional<bool> Bool(std::string_view name, std::vector<Violation>* violations) const;
  // A whole number or its decimal text ("41"). Numbers beyond int64_t are the
  // ends of its range.
  std::optional<int64_t> Integer(std::string_view name, std::vector<Violation>* violations) const;
  // An array of those. null among them is a violation, as is every other type.
  std::optional<std::vector<int64_t>> Integers(std::string_view name,
                                               std::vector<Violation>* violations) const;
  std::optional<std::vector<std::string>> Strings(std::string_view name,
                                                  std::vector<Violation>* violations) const;

 private:
  struct Document;
  std::unique_ptr<Document> document_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_JSON_READER_H_
