#include "adapters/embedded/forms/registration.h"

#include <algorithm>

#include "adapters/embedded/forms/field_rules.h"
#include "core/base/text.h"
#include "core/domain/member/member_rules.h"

namespace dailyfeed {
namespace {

using field_rules::Broken;
using field_rules::CheckBirthDate;
using field_rules::CheckCountry;
using field_rules::CheckGender;
using field_rules::CheckPrivacyLevel;
using field_rules::CheckText;
using field_rules::CheckUrl;
using Rule = Violation::Rule;

// The order of the contract. The fields without a rule here (verificationStatus
// and isActive) are checked by who reads them, and sorted by this list too.
constexpr std::string_view kFieldOrder[] = {
    "email",        "password",           "memberName",   "handle",   "displayName", "bio",
    "location",     "websiteUrl",         "birthDate",    "gender",   "countryCode", "timezone",
    "languageCode", "verificationStatus", "privacyLevel", "isActive", "avatarUrl",   "coverUrl",
};

constexpr size_t kEmailMax = 100;
constexpr size_t kEmailLocalPartMax = 64;
constexpr size_t kPasswordMin = 8;
constexpr size_t kPasswordMax = 50;
constexpr size_t kMemberNameMin = 2;
constexpr size_t kMemberNameMax = 30;
constexpr size_t kDisplayNameMax = 50;
constexpr size_t kBioMax = 500;
constexpr size_t kLocationMax = 100;
constexpr size_t kWebsiteUrlMax = 200;
constexpr size_t kTimezoneMax = 50;
constexpr size_t kLanguageCodeMin = 2;
constexpr size_t kLanguageCodeMax = 5;
constexpr size_t kAvatarUrlMax = 1000;
constexpr size_t kCoverUrlMax = 500;
constexpr int kPortMax = 65535;

constexpr std::string_view kPasswordSpecials = "@$!%*?&#";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<Violation> CheckTimezone(std::string_view timezone) {
  if (IsBlank(timezone)) return Broken("timezone", Rule::kBlank);
  return CheckText(timezone, "timezone", kTimezoneMax);
}

// "host", "host:8080", "[::1]:8080".
bool IsHostAndPort(std::string_view text) {
  size_t host_end;
  if (!text.empty() && text.front() == '[') {
    const size_t close = text.find(']');
    if (close == std::string_view::npos || close == 1) return false;
    const auto is_address = [](char c) {
      return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
    };
    if (!std::all_of(text.begin() + 1, text.begin() + close, is_address)) return false;
    host_end = close + 1;
  } else {
    host_end = std::min(text.find(':'), text.size());
    if (host_end == 0 || text.substr(0, host_end).find_first_of("[]") != std::string_view::npos) {
      return false;
    }
  }
  const std::string_view port = text.substr(host_end);
  if (port.empty()) return true;
  if (port.front() != ':') return false;
  int number = 0;
  for (const char c : port.substr(1)) {
    if (!IsDigit(c)) return false;
    number = number * 10 + (c - '0');
    if (number > kPortMax) return false;
  }
  return true;
}

}  // namespace

std::optional<Violation> CheckEmail(std::string_view email, std::string_view field) {
  if (IsBlank(email)) return Broken(field, Rule::kBlank);
  if (auto violation = CheckText(email, field, kEmailMax); violation.has_value()) return violation;
  const size_t at = email.find('@');
  if (at == std::string_view::npos || email.find('@', at + 1) != std::string_view::npos ||
      at == 0 || at + 1 == email.size() || Utf16Length(email.substr(0, at)) > kEmailLocalPartMax ||
      ContainsWhiteSpace(email)) {
    return Broken(field, Rule::kFormat);
  }
  return std::nullopt;
}

bool IsHttpUrl(std::string_view text) {
  std::string_view rest = text;
  const auto take_scheme = [&](std::string_view scheme) {
    if (AsciiLower(rest.substr(0, scheme.size())) != scheme) return false;
    rest.remove_prefix(scheme.size());
    return true;
  };
  if (!take_scheme("http://") && !take_scheme("https://")) return false;
  const auto is_forbidden = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F || c == '"' || c == '<' || c == '>' || c == '\\';
  };
  if (std::any_of(text.begin(), text.end(), is_forbidden) || ContainsWhiteSpace(text) ||
      !IsValidUtf8(text)) {
    return false;
  }
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const size_t user_end = authority.rfind('@');
  if (user_end != std::string_view::npos) authority.remove_prefix(user_end + 1);
  return IsHostAndPort(authority);
}

std::optional<absl::CivilDay> ParseCivilDay(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  if (text.size() != kForm.size()) return std::nullopt;
  int parts[3] = {0, 0, 0};  // year, month, day
  int part = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == '-') {
      if (text[i] != '-') return std::nullopt;
      ++part;
    } else {
      if (!IsDigit(text[i])) return std::nullopt;
      parts[part] = parts[part] * 10 + (text[i] - '0');
    }
  }
  const absl::CivilDay day(parts[0], parts[1], parts[2]);
  // CivilDay carries what does not fit into the next month or year.
  const bool is_real = day.year() == parts[0] && day.month() == parts[1] && day.day() == parts[2];
  if (!is_real || parts[0] < 1) return std::nullopt;
  return day;
}

std::optional<Violation> CheckPassword(std::string_view password, std::string_view field) {
  if (IsBlank(password)) return Broken(field, Rule::kBlank);
  if (!IsStorableText(password)) return Broken(field, Rule::kFormat);
  const size_t length = Utf16Length(password);
  if (length < kPasswordMin || length > kPasswordMax) {
    Violation violation = Broken(field, Rule::kLength);
    violation.limit = static_cast<int64_t>(kPasswordMax);
    violation.lower_limit = static_cast<int64_t>(kPasswordMin);
    return violation;
  }
  const auto is_special = [](char c) {
    return kPasswordSpecials.find(c) != std::string_view::npos;
  };
  const auto is_allowed = [&](char c) {
    return IsLower(c) || IsUpper(c) || IsDigit(c) || is_special(c);
  };
  const auto any = [&](auto is) { return std::any_of(password.begin(), password.end(), is); };
  if (!std::all_of(password.begin(), password.end(), is_allowed) || !any(IsLower) ||
      !any(IsUpper) || !any(IsDigit) || !any(is_special)) {
    return Broken(field, Rule::kPasswordWeak);
  }
  return std::nullopt;
}

std::vector<Violation> ValidatePasswordChange(std::string_view current,
                                              std::string_view new_password) {
  std::vector<Violation> violations;
  if (IsBlank(current)) violations.push_back(Broken("currentPassword", Rule::kBlank));
  if (auto violation = CheckPassword(new_password, "newPassword")) {
    violations.push_back(*std::move(violation));
  }
  return violations;
}

std::vector<Violation> ValidateRegistration(const Registration& registration,
                                            absl::CivilDay today) {
  const Registration& r = registration;
  std::vector<Violation> violations;
  const auto add = [&](std::optional<Violation> violation) {
    if (violation.has_value()) violations.push_back(*std::move(violation));
  };
  add(CheckEmail(r.email, "email"));
  add(CheckPassword(r.password, "password"));
  add(CheckRequiredText(r.member_name, "memberName", kMemberNameMin, kMemberNameMax));
  add(CheckHandle(r.handle, "handle"));
  add(CheckText(r.display_name, "displayName", kDisplayNameMax));
  add(CheckText(r.bio, "bio", kBioMax));
  add(CheckText(r.location, "location", kLocationMax));
  add(CheckUrl(r.website_url, "websiteUrl", kWebsiteUrlMax));
  add(CheckBirthDate(r.birth_date, today));
  add(CheckGender(r.gender));
  add(CheckCountry(r.country_code));
  add(CheckTimezone(r.timezone));
  add(CheckRequiredText(r.language_code, "languageCode", kLanguageCodeMin, kLanguageCodeMax));
  add(CheckPrivacyLevel(r.privacy_level));
  add(CheckText(r.avatar_url, "avatarUrl", kAvatarUrlMax));
  add(CheckUrl(r.cover_url, "coverUrl", kCoverUrlMax));
  return violations;
}

void SortByRegistrationField(std::vector<Violation>* violations) {
  field_rules::SortByField(kFieldOrder, violations);
}

}  // namespace dailyfeed
