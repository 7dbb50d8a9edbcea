#include "adapters/http/text/json_reader.h"

#include <boost/json.hpp>
#include <cmath>
#include <limits>

#include "adapters/http/text/http_text.h"

namespace dailyfeed::http {
namespace {

namespace json = boost::json;

constexpr size_t kFirstBlockBytes = 4096;  // most bodies need no memory beyond it

void AddFormatViolation(std::string_view name, std::vector<Violation>* violations) {
  violations->push_back({.field = std::string(name), .rule = Violation::Rule::kFormat});
}

// Ends of the range for what lies beyond; nullopt for fractions and NaN.
std::optional<int64_t> WholeNumber(double value) {
  if (std::isnan(value) || std::trunc(value) != value) return std::nullopt;
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  if (value >= kEnd) return std::numeric_limits<int64_t>::max();
  if (value < -kEnd) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

std::optional<int64_t> ToInteger(const json::value& value) {
  if (const int64_t* number = value.if_int64()) return *number;
  if (value.is_uint64()) return std::numeric_limits<int64_t>::max();
  if (const double* number = value.if_double()) return WholeNumber(*number);
  if (const json::string* text = value.if_string()) {
    return ParseSaturated(std::string_view(text->data(), text->size()));
  }
  return std::nullopt;
}

}  // namespace

struct JsonObject::Document {
  unsigned char first_block[kFirstBlockBytes];
  json::monotonic_resource memory{first_block, sizeof(first_block)};
  std::optional<json::value> root;  // in `memory`
  const json::object* object = nullptr;

  // nullptr for absent and null.
  const json::value* Find(std::string_view name) const {
    if (object == nullptr) return nullptr;
    const json::value* value = object->if_contains(json::string_view(name.data(), name.size()));
    return value == nullptr || value->is_null() ? nullptr : value;
  }
};

JsonObject::JsonObject() : document_(std::make_unique<Document>()) {}
JsonObject::~JsonObject() = default;

bool JsonObject::Parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  json::value parsed =
      json::parse(json::string_view(text.data(), text.size()), error, &document_->memory, options);
  if (error || !parsed.is_object()) return false;
  document_->root.emplace(std::move(parsed), &document_->memory);
  document_->object = &document_->root->get_object();
  return true;
}

JsonObject::Presence JsonObject::Has(std::string_view name) const {
  if (document_->object == nullptr) return Presence::kAbsent;
  const json::value* value =
      document_->object->if_contains(json::string_view(name.data(), name.size()));
  if (value == nullptr) return Presence::kAbsent;
  return value->is_null() ? Presence::kNull : Presence::kValue;
}

std::optional<std::string> JsonObject::String(std::string_view name,
                                              std::vector<Violation>* violations) const {
  const json::value* value = document_->Find(name);
  if (value == nullptr) return std::nullopt;
  if (const json::string* text = value->if_string()) {
    return std::string(text->data(), text->size());
  }
  AddFormatViolation(name, violations);
  return std::nullopt;
}

std::optional<bool> JsonObject::Bool(std::string_view name,
                                     std::vector<Violation>* violations) const {
  const json::value* value = document_->Find(name);
  if (value == nullptr) return std::nullopt;
  if (const bool* truth = value->if_bool()) return *truth;
  AddFormatViolation(name, violations);
  return std::nullopt;
}

std::optional<int64_t> JsonObject::Integer(std::string_view name,
                                           std::vector<Violation>* violations) const {
  const json::value* value = document_->Find(name);
  if (value == nullptr) return std::nullopt;
  const std::optional<int64_t> number = ToInteger(*value);
  if (!number) AddFormatViolation(name, violations);
  return number;
}

std::optional<std::vector<int64_t>> JsonObject::Integers(std::string_view name,
                                                         std::vector<Violation>* violations) const {
  const json::value* value = document_->Find(name);
  if (value == nullptr) return std::nullopt;
  const json::array* array = value->if_array();
  std::vector<int64_t> numbers;
  if (array != nullptr) {
    numbers.reserve(array->size());
    for (const json::value& element : *array) {
      const std::optional<int64_t> number = ToInteger(element);
      if (!number) break;
      numbers.push_back(*number);
    }
    if (numbers.size() == array->size()) return numbers;
  }
  AddFormatViolation(name, violations);
  return std::nullopt;
}

std::optional<std::vector<std::string>> JsonObject::Strings(
    std::string_view name, std::vector<Violation>* violations) const {
  const json::value* value = document_->Find(name);
  if (value == nullptr) return std::nullopt;
  const json::array* array = value->if_array();
  std::vector<std::string> texts;
  if (array != nullptr) {
    texts.reserve(array->size());
    for (const json::value& element : *array) {
      const json::string* text = element.if_string();
      if (text == nullptr) break;
      texts.emplace_back(text->data(), text->size());
    }
    if (texts.size() == array->size()) return texts;
  }
  AddFormatViolation(name, violations);
  return std::nullopt;
}

}  // namespace dailyfeed::http
