#include "adapters/http/text/json_reader.h"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <limits>

#include "adapters/http/text/uri.h"

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

// Whether the number that is written there has no fraction: "41.0" and "1.5e3",
// and not "59.0000000000000000001", which no double can tell from 59.
bool IsWholeNumber(std::string_view literal) {
  const size_t exponent_at = std::min(literal.find_first_of("eE"), literal.size());
  const std::string_view mantissa = literal.substr(0, exponent_at);
  const size_t last = mantissa.find_last_of("123456789");
  if (last == std::string_view::npos) return true;  // zero
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  // The power of ten of the last digit that is not zero, but for the exponent.
  const int64_t power = static_cast<int64_t>(point) - static_cast<int64_t>(last) - (last < point);
  std::string_view exponent = literal.substr(std::min(exponent_at + 1, literal.size()));
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  const int64_t shift = exponent.empty() ? 0 : ParseSaturated(exponent).value_or(0);
  return shift >= -power;
}

// Builds a value as boost::json::parser does, but for numbers with a fraction that
// a double loses: they become one that is no whole number.
struct Builder {
  static constexpr size_t max_object_size = json::object::max_size();
  static constexpr size_t max_array_size = json::array::max_size();
  static constexpr size_t max_key_size = json::string::max_size();
  static constexpr size_t max_string_size = json::string::max_size();

  using Error = json::error_code;
  using Text = json::string_view;

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return true; }
  bool on_object_end(size_t size, Error&) { return stack.push_object(size), true; }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(size_t size, Error&) { return stack.push_array(size), true; }
  bool on_key_part(Text text, size_t, Error&) { return stack.push_chars(text), true; }
  bool on_key(Text text, size_t, Error&) { return stack.push_key(text), true; }
  bool on_string_part(Text text, size_t, Error&) { return stack.push_chars(text), true; }
  bool on_string(Text text, size_t, Error&) { return stack.push_string(text), true; }
  bool on_number_part(Text, Error&) { return true; }
  bool on_int64(int64_t number, Text, Error&) { return stack.push_int64(number), true; }
  bool on_uint64(uint64_t number, Text, Error&) { return stack.push_uint64(number), true; }
  // The text is in one piece, so a number is too.
  bool on_double(double number, Text literal, Error&) {
    const bool whole = IsWholeNumber({literal.data(), literal.size()});
    stack.push_double(whole ? number : std::numeric_limits<double>::quiet_NaN());
    return true;
  }
  bool on_bool(bool truth, Error&) { return stack.push_bool(truth), true; }
  bool on_null(Error&) { return stack.push_null(), true; }
  bool on_comment_part(Text, Error&) { return true; }
  bool on_comment(Text, Error&) { return true; }

  json::value_stack stack;
};

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
  json::basic_parser<Builder> parser(options);
  json::value_stack& stack = parser.handler().stack;
  stack.reset(&document_->memory);
  const size_t taken = parser.write_some(false, text.data(), text.size(), error);
  if (error || taken < text.size()) return false;
  json::value parsed = stack.release();
  if (!parsed.is_object()) return false;
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
