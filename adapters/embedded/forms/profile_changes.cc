#include "adapters/embedded/forms/profile_changes.h"

#include <string_view>
#include <utility>

#include "adapters/embedded/forms/field_rules.h"
#include "core/base/text.h"

namespace dailyfeed {
namespace {

// The order of the contract. previousAvatarUrl is checked by who reads it, and
// sorted by this list too.
constexpr std::string_view kFieldOrder[] = {
    "memberName",        "displayName", "bio",    "location",    "websiteUrl",   "avatarUrl",
    "previousAvatarUrl", "birthDate",   "gender", "countryCode", "privacyLevel", "languageCode",
};

constexpr size_t kMemberNameMax = 100;
constexpr size_t kDisplayNameMax = 100;
constexpr size_t kBioMax = 1000;
constexpr size_t kLocationMax = 100;
constexpr size_t kWebsiteUrlMax = 500;
constexpr size_t kAvatarUrlMax = 500;
constexpr size_t kLanguageCodeMax = 10;

}  // namespace

std::vector<Violation> ValidateProfileChanges(const ProfileChanges& changes, absl::CivilDay today) {
  std::vector<Violation> violations;
  const auto check = [&](const std::optional<std::string>& text, auto rule) {
    if (!text.has_value()) return;
    std::optional<Violation> violation = rule(*text);
    if (violation.has_value()) violations.push_back(*std::move(violation));
  };
  const auto text = [&](const std::optional<std::string>& of, std::string_view field, size_t max) {
    check(of, [&](std::string_view value) { return field_rules::CheckText(value, field, max); });
  };
  check(changes.member_name, [](std::string_view name) {
    if (IsBlank(name))
      return std::optional(field_rules::Broken("memberName", Violation::Rule::kBlank));
    return field_rules::CheckText(name, "memberName", kMemberNameMax);
  });
  text(changes.display_name, "displayName", kDisplayNameMax);
  text(changes.bio, "bio", kBioMax);
  text(changes.location, "location", kLocationMax);
  check(changes.website_url, [](std::string_view url) {
    return field_rules::CheckUrl(url, "websiteUrl", kWebsiteUrlMax);
  });
  text(changes.avatar_url, "avatarUrl", kAvatarUrlMax);
  check(changes.birth_date,
        [&](std::string_view date) { return field_rules::CheckBirthDate(date, today); });
  check(changes.gender, [](std::string_view gender) { return field_rules::CheckGender(gender); });
  check(changes.country_code,
        [](std::string_view country) { return field_rules::CheckCountry(country); });
  check(changes.privacy_level,
        [](std::string_view level) { return field_rules::CheckPrivacyLevel(level); });
  text(changes.language_code, "languageCode", kLanguageCodeMax);
  return violations;
}

void SortByProfileField(std::vector<Violation>* violations) {
  field_rules::SortByField(kFieldOrder, violations);
}

}  // namespace dailyfeed
