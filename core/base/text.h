// What everybody must know about text: whether bytes are UTF-8, how long they
// are for the contract, whether they are blank, how they are compared.
//
//   IsValidUtf8("\xED\xA0\x80");   // false: a surrogate
//   Utf16Length("가😀");            // 3: one unit and a surrogate pair
//   IsBlank("\xE3\x80\x80 ");      // true: U+3000 and a space
//   AsciiLower("Kim_7");           // "kim_7"
//   EqualsIgnoringCase("Host", "HOST");   // true
//   TrimBlanks(" no-cache\t");     // "no-cache"
//
// Pure functions without tables of Unicode data. Threads: from any.
#ifndef DAILYFEED_CORE_BASE_TEXT_H_
#define DAILYFEED_CORE_BASE_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace dailyfeed {

// What NextCodePoint gives for a byte that starts no well-formed sequence.
inline constexpr char32_t kMalformed = 0xFFFFFFFF;

// Takes the first code point off `rest`, which must not be empty. A byte that
// starts no well-formed sequence is taken alone and gives kMalformed.
char32_t NextCodePoint(std::string_view* rest);

// Well-formed UTF-8 as Unicode defines it: no surrogates, no overlong forms,
// nothing above U+10FFFF. U+0000 is well-formed.
bool IsValidUtf8(std::string_view text);

// The length in UTF-16 code units of well-formed UTF-8. For other bytes some
// number, at most their count.
size_t Utf16Length(std::string_view text);

// Unicode's White_Space property.
bool IsWhiteSpace(char32_t code_point);

// Empty or white space only. Malformed text is not blank.
bool IsBlank(std::string_view text);

// Whether any code point is white space.
bool ContainsWhiteSpace(std::string_view text);

// A-Z become a-z, every other byte stays: handles are compared this way, and
// names of headers.
std::string AsciiLower(std::string_view text);
char AsciiLower(char c);
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// Without the spaces and tabs at both ends.
std::string_view TrimBlanks(std::string_view text);

// Appends a JSON string with its quotes. `text` may be any bytes, also those of
// a stranger that end on a terminal: control characters (with DEL and U+0080 to
// U+009F) are escaped, and where `text` is not UTF-8 its bytes from 0x80 on
// become '?'.
void AppendJsonQuoted(std::string_view text, std::string* out);

// Text that may enter an event: well-formed UTF-8 without U+0000.
bool IsStorableText(std::string_view text);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_BASE_TEXT_H_
