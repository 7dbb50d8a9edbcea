#include "adapters/http/json_body.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <utility>

#include "core/domain/types.h"

namespace dailyfeed::http {
namespace json = boost::json;

struct JsonBody::Document {
  json::monotonic_resource memory;
  json::value root;
  const json::object* object = nullptr;

  const json::value* Find(std::string_view field) const {
    if (object == nullptr) return nullptr;
    const json::value* value = object->if_contains(field);
    return value == nullptr || value->is_null() ? nullptr : value;
  }
};

JsonBody::JsonBody(std::string_view text) : document_(std::make_unique<Document>()) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  document_->root = json::parse(text, error, &document_->memory, options);
  if (error || !document_->root.is_object()) return;
  document_->object = &document_->root.get_object();
  ok_ = true;
}

JsonBody::~JsonBody() = default;

std::optional<std::string> JsonBody::Text(std::string_view field) {
  const json::value* value = document_->Find(field);
  if (value == nullptr) return std::nullopt;
  if (const json::string* text = value->if_string()) return std::string(text->data(), text->size());
  violations_.push_back({.field = std::string(field), .rule = Violation::Rule::kFormat});
  return std::nullopt;
}

std::optional<bool> JsonBody::Bool(std::string_view field) {
  const json::value* value = document_->Find(field);
  if (value == nullptr) return std::nullopt;
  if (const bool* truth = value->if_bool()) return *truth;
  violations_.push_back({.field = std::string(field), .rule = Violation::Rule::kFormat});
  return std::nullopt;
}

uint64_t JsonBody::Id(std::string_view field, Presence presence) {
  const json::value* value = document_->Find(field);
  if (value == nullptr) {
    if (presence == Presence::kRequired) {
      violations_.push_back({.field = std::string(field), .rule = Violation::Rule::kBlank});
    }
    return 0;
  }
  if (const int64_t* number = value->if_int64(); number != nullptr && *number > 0) {
    if (static_cast<uint64_t>(*number) <= kMaxId) return static_cast<uint64_t>(*number);
  } else if (const json::string* text = value->if_string()) {
    const std::optional<uint64_t> id = ParseId({text->data(), text->size()});
    if (id && *id <= kMaxId) return *id;
  }
  violations_.push_back({.field = std::string(field), .rule = Violation::Rule::kFormat});
  return 0;
}

bool JsonBody::IsNull(std::string_view field) const {
  if (document_->object == nullptr) return false;
  const json::value* value = document_->object->if_contains(field);
  return value != nullptr && value->is_null();
}

std::optional<uint64_t> ParseId(std::string_view text) {
  if (text.empty()) return std::nullopt;
  uint64_t id = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    if (id <= kMaxId) id = id * 10 + static_cast<uint64_t>(c - '0');
  }
  if (id == 0) return std::nullopt;
  return id <= kMaxId ? id : kMaxId + 1;
}

}  // namespace dailyfeed::http
