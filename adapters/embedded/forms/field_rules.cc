#include "adapters/embedded/forms/field_rules.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "adapters/embedded/forms/registration.h"
#include "core/base/text.h"
#include "core/domain/member/member_rules.h"

namespace dailyfeed::field_rules {
namespace {

using Rule = Violation::Rule;

constexpr std::string_view kGenders[] = {"MALE", "FEMALE", "OTHER", "PREFER_NOT_TO_SAY"};
constexpr std::string_view kCountries[] = {"KR", "US", "JP", "CN", "GB",
                                           "DE", "FR", "CA", "AU", "IN"};

std::optional<Violation> CheckEnum(std::string_view text, std::string_view field, bool is_known) {
  if (text.empty()) return Broken(field, Rule::kBlank);
  if (!is_known) return Broken(field, Rule::kNotAllowed);
  return std::nullopt;
}

template <typename Values>
bool IsOneOf(const Values& values, std::string_view text) {
  return std::find(std::begin(values), std::end(values), text) != std::end(values);
}

}  // namespace

Violation Broken(std::string_view field, Violation::Rule rule) {
  return {.field = std::string(field), .rule = rule};
}

std::optional<Violation> CheckText(std::string_view text, std::string_view field, size_t limit) {
  if (!IsStorableText(text)) return Broken(field, Rule::kFormat);
  if (Utf16Length(text) <= limit) return std::nullopt;
  Violation violation = Broken(field, Rule::kTooLong);
  violation.limit = static_cast<int64_t>(limit);
  return violation;
}

std::optional<Violation> CheckUrl(std::string_view url, std::string_view field, size_t limit) {
  if (url.empty()) return std::nullopt;
  if (auto violation = CheckText(url, field, limit); violation.has_value()) return violation;
  if (!IsHttpUrl(url)) return Broken(field, Rule::kFormat);
  return std::nullopt;
}

std::optional<Violation> CheckBirthDate(std::string_view birth_date, absl::CivilDay today) {
  constexpr std::string_view kField = "birthDate";
  if (birth_date.empty()) return std::nullopt;
  const std::optional<absl::CivilDay> day = ParseCivilDay(birth_date);
  if (!day.has_value()) return Broken(kField, Rule::kFormat);
  if (*day >= today) return Broken(kField, Rule::kNotInPast);
  return std::nullopt;
}

std::optional<Violation> CheckGender(std::string_view gender) {
  return CheckEnum(gender, "gender", IsOneOf(kGenders, gender));
}

std::optional<Violation> CheckCountry(std::string_view country_code) {
  return CheckEnum(country_code, "countryCode", IsOneOf(kCountries, country_code));
}

std::optional<Violation> CheckPrivacyLevel(std::string_view privacy_level) {
  return CheckEnum(privacy_level, "privacyLevel", IsPrivacyLevel(privacy_level));
}

void SortByField(std::span<const std::string_view> order, std::vector<Violation>* violations) {
  const auto rank = [&](const Violation& violation) {
    return std::find(order.begin(), order.end(), violation.field) - order.begin();
  };
  std::stable_sort(violations->begin(), violations->end(),
                   [&](const Violation& a, const Violation& b) { return rank(a) < rank(b); });
}

}  // namespace dailyfeed::field_rules
