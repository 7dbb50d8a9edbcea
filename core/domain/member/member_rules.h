// The rules of a member's fields that the domain itself keeps. Those of a whole
// form lie with the form (adapters/embedded/forms).
//
//   std::optional<Violation> broken = CheckHandle("kim", "handle");   // nullopt
//
// Pure. Threads: from any.
#ifndef DAILYFEED_CORE_DOMAIN_MEMBER_MEMBER_RULES_H_
#define DAILYFEED_CORE_DOMAIN_MEMBER_MEMBER_RULES_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/domain/errors.h"

namespace dailyfeed {

// `field` is the name of the field in the violation. nullopt: the text may be
// used.
//
// Not blank, storable, from `lower_limit` to `limit` UTF-16 units long.
std::optional<Violation> CheckRequiredText(std::string_view text, std::string_view field,
                                           size_t lower_limit, size_t limit);
// 3 to 50 ASCII letters, digits and underscores.
std::optional<Violation> CheckHandle(std::string_view handle, std::string_view field);

// PUBLIC, FRIENDS or PRIVATE.
bool IsPrivacyLevel(std::string_view text);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_MEMBER_MEMBER_RULES_H_
