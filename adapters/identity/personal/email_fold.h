// E-mail addresses compared as people mean it.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_PERSONAL_EMAIL_FOLD_H_
#define DAILYFEED_ADAPTERS_IDENTITY_PERSONAL_EMAIL_FOLD_H_

#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed {

// The same text for two addresses that differ only in Unicode case or in
// composed against decomposed letters: canonical caseless matching (Unicode
// section 3.13, D145), in NFC. Independent of any locale. nullopt when `email`
// is not UTF-8.
std::optional<std::string> FoldEmail(std::string_view email);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_PERSONAL_EMAIL_FOLD_H_
