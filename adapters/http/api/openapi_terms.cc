#include "adapters/http/api/openapi_terms.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "core/base/check.h"

namespace dailyfeed::http {
namespace {

namespace json = boost::json;

// Unicode's White_Space, as IsWhiteSpace has it, for the inside of a class.
constexpr std::string_view kSpace =
    R"(\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000)";

// What no URL holds: controls, white space, and what must be escaped in one.
constexpr std::string_view kNotInUrls =
    R"(\u0000- \u007f"<>\\\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000)";

// At most 65535, with any number of zeros in front, or nothing.
constexpr std::string_view kPort =
    "0*(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])?";

// Month and day of any year, and the years that have a 29th of February.
constexpr std::string_view kDayOfYear =
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))";
constexpr std::string_view kLeapInCentury = "[0-9]{2}(?:0[48]|[2468][048]|[13579][26])";
constexpr std::string_view kLeapCentury = "(?:0[48]|[2468][048]|[13579][26])00";

std::string HttpUrl() {
  return fmt::format(
      R"(^(?:|[Hh][Tt][Tt][Pp][Ss]?://(?:[^{0}/?#]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^{0}/?#@:\[\]]+))"
      R"((?::{1})?(?:[/?#][^{0}]*)?)$)",
      kNotInUrls, kPort);
}

// From the year 1 on, or nothing.
std::string Date() {
  return fmt::format(
      "^(?:|(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{{2}}|[1-9][0-9]{{3}})-{}|(?:{}|{})-02-29)$",
      kDayOfYear, kLeapInCentury, kLeapCentury);
}

std::string LocalTime() {
  return fmt::format(R"(^(?:[0-9]{{4}}-{}|(?:{}|{}|0000)-02-29))"
                     R"(T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{{1,9}})?)?$)",
                     kDayOfYear, kLeapInCentury, kLeapCentury);
}

// yyyyMMdd, of any year.
std::string Day() {
  return fmt::format(
      "^(?:[0-9]{{4}}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])"
      "|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))"
      "|(?:{}|{}|0000)0229)$",
      kLeapInCentury, kLeapCentury);
}

std::optional<json::value> LimitNamed(const OpenApiLimits& limits, std::string_view word) {
  if (word == "$idsMax") return limits.ids_max;
  if (word == "$titleMax") return limits.post_title_max;
  if (word == "$contentMax") return limits.post_content_max;
  if (word == "$commentMax") return limits.comment_content_max;
  return std::nullopt;
}

json::array Id() {
  return {{{"type", "integer"}, {"minimum", 1}, {"maximum", 9007199254740991}},
          {{"type", "string"}, {"pattern", "^0*[1-9][0-9]{0,14}$"}}};
}

// A whole schema.
std::optional<json::value> SchemaNamed(std::string_view word) {
  if (word == "$number") {
    return json::object{
        {"type", {"integer", "string"}},
        {"pattern", "^-?[0-9]+$"},
        {"description", "A number or its decimal text. One that is no id names nothing"}};
  }
  if (word == "$id") return json::object{{"anyOf", Id()}};
  if (word == "$callerId") {
    json::array choices = Id();
    choices.push_back(json::object{{"type", "null"}});
    return json::object{{"anyOf", std::move(choices)},
                        {"description", "The caller's; may be left out"}};
  }
  return std::nullopt;
}

// Rules that hold together.
json::array AllNamed(std::string_view name) {
  DAILYFEED_CHECK(name == "password");
  json::array all;
  for (const char* pattern : {"^[A-Za-z0-9@$!%*?&#]*$", "[a-z]", "[A-Z]", "[0-9]", "[@$!%*?&#]"}) {
    all.push_back(json::object{{"pattern", pattern}});
  }
  return all;
}

std::string_view Text(const json::string& text) { return {text.data(), text.size()}; }

json::value Meaning(const OpenApiLimits& limits, std::string_view word) {
  if (auto limit = LimitNamed(limits, word)) return *std::move(limit);
  if (auto schema = SchemaNamed(word)) return *std::move(schema);
  return json::string(PatternNamed(word.substr(1)));
}

void ExpandObject(const OpenApiLimits& limits, json::object* object) {
  if (const json::value* all = object->if_contains("$all")) {
    json::array rules = AllNamed(Text(all->as_string()));
    object->erase("$all");
    (*object)["allOf"] = std::move(rules);
  }
  for (auto& [name, value] : *object) {
    // Of a reference the name begins with '$', and its value does not.
    ExpandTerms(limits, &value);
  }
}

}  // namespace

std::string PatternNamed(std::string_view name) {
  if (name == "text") return R"(^[^\u0000]*$)";
  if (name == "visible") return fmt::format("[^{}]", kSpace);
  if (name == "notBlank") {
    return fmt::format(R"(^[^\u0000]*[^\u0000{}][^\u0000]*$)", kSpace);
  }
  if (name == "email") {
    return fmt::format(R"(^[^@\u0000{0}]{{1,64}}@[^@\u0000{0}]+$)", kSpace);
  }
  if (name == "httpUrl") return HttpUrl();
  if (name == "date") return Date();
  if (name == "localTime") return LocalTime();
  if (name == "day") return Day();
  if (name == "cursor") return "^[A-Za-z0-9_-]*$";
  if (name == "idempotencyKey") return "^[!-~]+$";
  if (name == "trueOrFalse") return "^(?:|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$";
  DAILYFEED_CHECK(name == "a pattern that somebody wrote");
  return "";
}

void ExpandTerms(const OpenApiLimits& limits, json::value* schemas) {
  if (json::object* object = schemas->if_object()) return ExpandObject(limits, object);
  if (json::array* array = schemas->if_array()) {
    for (json::value& value : *array) ExpandTerms(limits, &value);
    return;
  }
  const json::string* text = schemas->if_string();
  if (text == nullptr || !text->starts_with('$')) return;
  *schemas = Meaning(limits, Text(*text));
}

}  // namespace dailyfeed::http
