#include "core/base/text.h"

#include <cstdint>
#include <cstring>

namespace dailyfeed {
namespace {

// The form of a sequence by its first byte. The bounds of the second byte are
// what excludes overlong forms, surrogates and code points above U+10FFFF
// (Unicode, table 3-7).
struct Sequence {
  size_t length;
  unsigned char second_min;
  unsigned char second_max;
  unsigned char first_bits;
};

bool SequenceOf(unsigned char first, Sequence* sequence) {
  if (first < 0xC2 || first > 0xF4) return false;
  if (first < 0xE0) {
    *sequence = {2, 0x80, 0xBF, 0x1F};
  } else if (first < 0xF0) {
    const unsigned char min = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char max = first == 0xED ? 0x9F : 0xBF;
    *sequence = {3, min, max, 0x0F};
  } else {
    const unsigned char min = first == 0xF0 ? 0x90 : 0x80;
    const unsigned char max = first == 0xF4 ? 0x8F : 0xBF;
    *sequence = {4, min, max, 0x07};
  }
  return true;
}

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// How many bytes at the start of `text` are ASCII for certain, by words.
size_t AsciiPrefix(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  size_t size = 0;
  while (text.size() - size >= sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, text.data() + size, sizeof(word));
    if ((word & kHighBits) != 0) break;
    size += sizeof(word);
  }
  return size;
}

}  // namespace

char32_t NextCodePoint(std::string_view* rest) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>((*rest)[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    rest->remove_prefix(1);
    return first;
  }
  Sequence sequence;
  if (!SequenceOf(first, &sequence) || rest->size() < sequence.length ||
      byte(1) < sequence.second_min || byte(1) > sequence.second_max) {
    rest->remove_prefix(1);
    return kMalformed;
  }
  char32_t code_point = first & sequence.first_bits;
  for (size_t i = 1; i < sequence.length; ++i) {
    if (!IsContinuation(byte(i))) {
      rest->remove_prefix(1);
      return kMalformed;
    }
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  rest->remove_prefix(sequence.length);
  return code_point;
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(AsciiPrefix(text));
    if (!text.empty() && NextCodePoint(&text) == kMalformed) return false;
  }
  return true;
}

size_t Utf16Length(std::string_view text) {
  // Each code point has one byte that is no continuation; those of four bytes,
  // which begin with 0xF0 and above, are a pair of surrogates in UTF-16.
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += !IsContinuation(byte);
    units += byte >= 0xF0;
  }
  return units < text.size() ? units : text.size();
}

bool IsWhiteSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    if (!IsWhiteSpace(NextCodePoint(&text))) return false;
  }
  return true;
}

bool ContainsWhiteSpace(std::string_view text) {
  while (!text.empty()) {
    if (IsWhiteSpace(NextCodePoint(&text))) return true;
  }
  return false;
}

std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsStorableText(std::string_view text) {
  return text.find('\0') == std::string_view::npos && IsValidUtf8(text);
}

}  // namespace dailyfeed
