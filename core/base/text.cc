#include "core/base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/base/hex.h"

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

char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = AsciiLower(c);
  return lower;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return AsciiLower(x) == AsciiLower(y);
         });
}

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

void AppendJsonQuoted(std::string_view text, std::string* out) {
  const bool utf8 = IsValidUtf8(text);
  out->push_back('"');
  while (!text.empty()) {
    const std::string_view rest = text;
    char32_t c = static_cast<unsigned char>(text.front());
    if (c < 0x80 || !utf8) {
      text.remove_prefix(1);
      if (c >= 0x80) c = '?';
    } else {
      c = NextCodePoint(&text);
    }
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(c));
    } else if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) {
      out->append("\\u00").append(Hex(std::string(1, static_cast<char>(c))));
    } else if (c < 0x80) {
      out->push_back(static_cast<char>(c));
    } else {
      out->append(rest.substr(0, rest.size() - text.size()));
    }
  }
  out->push_back('"');
}

bool IsStorableText(std::string_view text) {
  return text.find('\0') == std::string_view::npos && IsValidUtf8(text);
}

}  // namespace dailyfeed
