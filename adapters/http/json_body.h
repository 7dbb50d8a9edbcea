// Request bodies: one JSON object, read field by field. What is wrong is
// collected, so that a client learns of every bad field at once.
//
//   JsonBody body(request.body);
//   std::string content = body.Text("content").value_or("");
//   PostId post = body.Id("postId", Presence::kRequired);
//   if (!body.violations().empty()) ...        // INVALID_REQUEST
//
// Strict: UTF-8, no lone surrogates, nesting bounded, numbers within range.
// Unknown properties are ignored, null is as good as absent unless asked for.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_HTTP_JSON_BODY_H_
#define DAILYFEED_ADAPTERS_HTTP_JSON_BODY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/errors.h"

namespace dailyfeed::http {

enum class Presence { kOptional, kRequired };

class JsonBody {
 public:
  static constexpr int kDepthMax = 32;

  explicit JsonBody(std::string_view text);
  ~JsonBody();
  JsonBody(const JsonBody&) = delete;
  JsonBody& operator=(const JsonBody&) = delete;

  // False: not JSON, or not an object; every field then reads as absent.
  bool ok() const { return ok_; }

  // nullopt: absent or null, or of a wrong type, which is a violation.
  std::optional<std::string> Text(std::string_view field);
  std::optional<bool> Bool(std::string_view field);
  // A number from 1 to 2^53-1, or such a number as a decimal string. 0: absent
  // (a violation when required) or wrong (a violation).
  uint64_t Id(std::string_view field, Presence presence);
  // An explicit null, which for some fields is a violation of its own.
  bool IsNull(std::string_view field) const;

  void AddViolation(Violation violation) { violations_.push_back(std::move(violation)); }
  std::vector<Violation>& violations() { return violations_; }

 private:
  struct Document;
  std::unique_ptr<Document> document_;
  bool ok_ = false;
  std::vector<Violation> violations_;
};

// A path or query id: decimal digits, positive. nullopt when it is not one.
// Numbers beyond 2^53-1 are kMaxId + 1: well-formed, and nobody's id.
std::optional<uint64_t> ParseId(std::string_view text);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_JSON_BODY_H_
