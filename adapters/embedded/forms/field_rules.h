// The rules that registration and profile changes share, field by field. Each
// gives the one violation of the field, or nullopt.
//
// Pure. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_FORMS_FIELD_RULES_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_FORMS_FIELD_RULES_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "core/domain/errors.h"

namespace dailyfeed::field_rules {

Violation Broken(std::string_view field, Violation::Rule rule);

// Storable text of at most `limit` units; empty is fine.
std::optional<Violation> CheckText(std::string_view text, std::string_view field, size_t limit);
// An absolute http or https URL; empty is fine.
std::optional<Violation> CheckUrl(std::string_view url, std::string_view field, size_t limit);
// A real date before `today`; empty is fine.
std::optional<Violation> CheckBirthDate(std::string_view birth_date, absl::CivilDay today);
std::optional<Violation> CheckGender(std::string_view gender);
std::optional<Violation> CheckCountry(std::string_view country_code);
std::optional<Violation> CheckPrivacyLevel(std::string_view privacy_level);

// By the place of the field in `order`, unknown fields last, equal fields in
// the order given.
void SortByField(std::span<const std::string_view> order, std::vector<Violation>* violations);

}  // namespace dailyfeed::field_rules

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_FORMS_FIELD_RULES_H_
