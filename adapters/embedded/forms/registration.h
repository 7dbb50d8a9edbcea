// What a person fills in to become a member, and the rules of each field.
//
//   Registration registration = {.email = "kim@example.com", .password = "Secret1!x",
//                                .member_name = "Kim", .handle = "kim"};
//   auto violations = ValidateRegistration(registration, absl::CivilDay(2026, 11, 21));
//   if (!violations.empty()) return MakeViolations(violations);
//
// Pure. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_FORMS_REGISTRATION_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_FORMS_REGISTRATION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "core/domain/errors.h"

namespace dailyfeed {

// What a person fills in. Empty optional texts mean "none".
struct Registration {
  std::string email;
  std::string password;
  std::string member_name;
  std::string handle;
  std::string display_name;
  std::string bio;
  std::string location;
  std::string website_url;
  std::string birth_date;  // yyyy-MM-dd
  std::string gender = "PREFER_NOT_TO_SAY";
  std::string timezone = "UTC";
  std::string language_code = "en";
  std::string country_code = "KR";
  std::string privacy_level = "PUBLIC";
  std::string avatar_url;
  std::string cover_url;
};

// Every broken rule, at most one a field, in the order of the HTTP contract
// (6.1); `field` is the JSON name. Empty: the registration may be used. `today`
// is the civil day in the configured zone; a birth date must lie before it.
std::vector<Violation> ValidateRegistration(const Registration& registration, absl::CivilDay today);

// The same for a change of the password: "currentPassword" is not blank,
// "newPassword" is a good one.
std::vector<Violation> ValidatePasswordChange(std::string_view current,
                                              std::string_view new_password);

// Puts violations found elsewhere (a wrong JSON type, an explicit null) among
// those of ValidateRegistration: by the field order of the contract, unknown
// fields last, equal fields in the order given.
void SortByRegistrationField(std::vector<Violation>* violations);

// The rules of one field; nullopt: the text may be used.
std::optional<Violation> CheckEmail(std::string_view email, std::string_view field);
std::optional<Violation> CheckPassword(std::string_view password, std::string_view field);

// An absolute http or https URL: scheme in any case, a host, an optional port
// up to 65535, no white space, control characters, quotes, angle brackets or
// backslashes.
bool IsHttpUrl(std::string_view text);

// "1990-01-31" as a real date of the years 0001 to 9999; else nullopt.
std::optional<absl::CivilDay> ParseCivilDay(std::string_view text);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_FORMS_REGISTRATION_H_
