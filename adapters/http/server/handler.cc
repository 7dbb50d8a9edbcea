#include "adapters/http/server/handler.h"

#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

const std::string* Find(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (EqualsIgnoringCase(key, name)) return &value;
  }
  return nullptr;
}

}  // namespace

std::string_view HttpRequest::Header(std::string_view name) const {
  const std::string* value = Find(*this, name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::string HttpRequest::HeaderList(std::string_view name) const {
  std::string list;
  for (const auto& [key, value] : headers) {
    if (!EqualsIgnoringCase(key, name)) continue;
    if (!list.empty()) list += ", ";
    list += value;
  }
  return list;
}

bool HttpRequest::HasHeader(std::string_view name) const { return Find(*this, name) != nullptr; }

}  // namespace dailyfeed::http
