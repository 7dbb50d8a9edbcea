// What a member changes of their profile, and the rules of each field.
//
//   ProfileChanges changes = {.bio = "hello", .location = ""};   // location is cleared
//   auto violations = ValidateProfileChanges(changes, absl::CivilDay(2026, 11, 21));
//   if (!violations.empty()) return MakeViolations(violations);
//
// Pure. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_FORMS_PROFILE_CHANGES_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_FORMS_PROFILE_CHANGES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "core/domain/errors.h"

namespace dailyfeed {

// Absent fields stay as they are. An empty text clears display name, bio,
// location and website; leaves birth date and language code as they are; and
// means "no picture" for the avatar.
struct ProfileChanges {
  std::optional<std::string> member_name;
  std::optional<std::string> display_name;
  std::optional<std::string> bio;
  std::optional<std::string> location;
  std::optional<std::string> website_url;
  std::optional<std::string> avatar_url;
  std::optional<std::string> birth_date;  // yyyy-MM-dd
  std::optional<std::string> gender;
  std::optional<std::string> country_code;
  std::optional<std::string> privacy_level;
  std::optional<std::string> language_code;
};

// Every broken rule, at most one a field, in the order of the HTTP contract
// (6.2); `field` is the JSON name. Empty: the changes may be made. `today` is
// the civil day in the configured zone.
std::vector<Violation> ValidateProfileChanges(const ProfileChanges& changes, absl::CivilDay today);

// Puts violations found elsewhere (a wrong JSON type) among them: by the field
// order of the contract, unknown fields last, equal fields in the order given.
void SortByProfileField(std::vector<Violation>* violations);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_FORMS_PROFILE_CHANGES_H_
