#include "core/domain/member/member_rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "core/base/text.h"

namespace dailyfeed {
namespace {

constexpr size_t kHandleMin = 3;
constexpr size_t kHandleMax = 50;

}  // namespace

std::optional<Violation> CheckRequiredText(std::string_view text, std::string_view field,
                                           size_t lower_limit, size_t limit) {
  Violation violation = {.field = std::string(field), .rule = Violation::Rule::kBlank};
  if (IsBlank(text)) return violation;
  violation.rule = Violation::Rule::kFormat;
  if (!IsStorableText(text)) return violation;
  const size_t length = Utf16Length(text);
  if (length >= lower_limit && length <= limit) return std::nullopt;
  violation.rule = Violation::Rule::kLength;
  violation.limit = static_cast<int64_t>(limit);
  violation.lower_limit = static_cast<int64_t>(lower_limit);
  return violation;
}

std::optional<Violation> CheckHandle(std::string_view handle, std::string_view field) {
  if (auto violation = CheckRequiredText(handle, field, kHandleMin, kHandleMax)) return violation;
  const auto is_allowed = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; };
  if (std::all_of(handle.begin(), handle.end(), is_allowed)) return std::nullopt;
  return Violation{.field = std::string(field), .rule = Violation::Rule::kFormat};
}

bool IsPrivacyLevel(std::string_view text) {
  return text == "PUBLIC" || text == "FRIENDS" || text == "PRIVATE";
}

}  // namespace dailyfeed
