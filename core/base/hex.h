// Bytes as hexadecimal digits, and UUIDs as text.
//
//   Hex("\x3b\x24");                  // "3b24"
//   FormatUuid(id);                   // "3b241101-e2bb-4255-8caf-4136c566a962"
//   ParseUuid("3B241101-E2BB-4255-8CAF-4136C566A962");   // the 16 bytes of `id`
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_CORE_BASE_HEX_H_
#define DAILYFEED_CORE_BASE_HEX_H_

#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed {

// The value of a hexadecimal digit in either case; -1 for every other byte.
int HexDigitValue(char c);

// Two lower-case digits for each byte.
std::string Hex(std::string_view bytes);

// The usual text of a UUID, in lower case. `id` has 16 bytes.
std::string FormatUuid(std::string_view id);
// The 16 bytes of such a text, with digits in either case; nullopt for every
// other text.
std::optional<std::string> ParseUuid(std::string_view text);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_BASE_HEX_H_
