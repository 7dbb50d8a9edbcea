#include "adapters/http/server/handler.h"

namespace dailyfeed::http {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameName(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

const std::string* Find(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (SameName(key, name)) return &value;
  }
  return nullptr;
}

}  // namespace

std::string_view HttpRequest::Header(std::string_view name) const {
  const std::string* value = Find(*this, name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

bool HttpRequest::HasHeader(std::string_view name) const { return Find(*this, name) != nullptr; }

}  // namespace dailyfeed::http
