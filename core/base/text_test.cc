#include "core/base/text.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace dailyfeed {
namespace {

// UTF-8 by the definition, for the exhaustive comparison.
std::string Encode(char32_t c) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | (c >> 6)), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | (c >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | (c >> 18)), tail(12), tail(6), tail(0)};
}

TEST(TextTest, EveryCodePointDecodesToItselfAndSurrogatesAreMalformed) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const std::string text = Encode(c);
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    std::string_view rest = text;
    ASSERT_EQ(NextCodePoint(&rest), surrogate ? kMalformed : c) << std::hex << uint32_t{c};
    ASSERT_EQ(rest.size(), surrogate ? text.size() - 1 : 0) << std::hex << uint32_t{c};
    ASSERT_EQ(IsValidUtf8(text), !surrogate) << std::hex << uint32_t{c};
    if (!surrogate) {
      ASSERT_EQ(Utf16Length(text), c > 0xFFFF ? 2u : 1u) << std::hex << uint32_t{c};
    }
  }
}

TEST(TextTest, MalformedBytes) {
  const char* const cases[] = {
      "\x80",              // a continuation alone
      "\xC0\x80",          // overlong U+0000
      "\xC1\xBF",          // overlong U+007F
      "\xE0\x9F\xBF",      // overlong U+07FF
      "\xF0\x8F\xBF\xBF",  // overlong U+FFFF
      "\xED\xA0\x80",      // U+D800
      "\xED\xBF\xBF",      // U+DFFF
      "\xF4\x90\x80\x80",  // U+110000
      "\xF5\x80\x80\x80",
      "\xFF",
      "\xC3",
      "\xE2\x82",
      "\xF0\x9F\x98",
      "\xC3(",  // the second byte is no continuation
      "\xE2\x82(",
      "\xF0\x9F\x98(",
      "\xE2(\x82",
  };
  for (const char* text : cases) {
    EXPECT_FALSE(IsValidUtf8(text)) << text;
    EXPECT_FALSE(IsValidUtf8(std::string("eight or more") + text)) << text;
    EXPECT_FALSE(IsValidUtf8(std::string(text) + "eight or more")) << text;
    EXPECT_FALSE(IsStorableText(text)) << text;
    EXPECT_FALSE(IsBlank(text)) << text;
    EXPECT_LE(Utf16Length(text), std::string_view(text).size());
  }
}

TEST(TextTest, LengthIsCountedInUtf16Units) {
  EXPECT_EQ(Utf16Length(""), 0u);
  EXPECT_EQ(Utf16Length("abc"), 3u);
  EXPECT_EQ(Utf16Length("가나다"), 3u);
  EXPECT_EQ(Utf16Length("😀"), 2u);
  EXPECT_EQ(Utf16Length("가😀a"), 4u);
  EXPECT_EQ(Utf16Length("e\xCC\x81"), 2u);  // a letter and a combining accent
}

TEST(TextTest, BlankIsUnicodeWhiteSpaceOnly) {
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \t\r\n\v\f"));
  const char32_t white[] = {0x85,   0xA0,   0x1680, 0x2000, 0x2005, 0x200A,
                            0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
  for (const char32_t c : white) EXPECT_TRUE(IsBlank(Encode(c))) << std::hex << uint32_t{c};
  // None of these is white space to Unicode: zero width space, joiner, BOM, Hangul filler, NUL.
  const char32_t visible[] = {0x200B, 0x200D, 0xFEFF, 0x3164, 0x180E, 0x08, 0x0E, 0x00};
  for (const char32_t c : visible) EXPECT_FALSE(IsBlank(Encode(c))) << std::hex << uint32_t{c};
  EXPECT_FALSE(IsBlank("  a "));
}

TEST(TextTest, ContainsWhiteSpace) {
  EXPECT_FALSE(ContainsWhiteSpace(""));
  EXPECT_FALSE(ContainsWhiteSpace("kim@example.com"));
  EXPECT_TRUE(ContainsWhiteSpace("kim @example.com"));
  EXPECT_TRUE(ContainsWhiteSpace("kim\xE3\x80\x80@example.com"));
}

TEST(TextTest, AsciiLowerLeavesOtherBytesAlone) {
  EXPECT_EQ(AsciiLower("AZaz09_@[`{"), "azaz09_@[`{");
  EXPECT_EQ(AsciiLower("\xC3\x84"), "\xC3\x84");
}

TEST(TextTest, ComparesWithoutTheCaseOfAscii) {
  EXPECT_TRUE(EqualsIgnoringCase("Content-Length", "content-LENGTH"));
  EXPECT_TRUE(EqualsIgnoringCase("", ""));
  EXPECT_FALSE(EqualsIgnoringCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoringCase("@", "`"));
  EXPECT_FALSE(EqualsIgnoringCase("\xC3\x84", "\xC3\xA4"));
}

TEST(TextTest, TrimsSpacesAndTabsOnly) {
  EXPECT_EQ(TrimBlanks(" \t a b\t "), "a b");
  EXPECT_EQ(TrimBlanks("\r\n"), "\r\n");
  EXPECT_EQ(TrimBlanks(" \t"), "");
  EXPECT_EQ(TrimBlanks(""), "");
}

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonQuoted(text, &quoted);
  return quoted;
}

TEST(TextTest, QuotedTextCannotEndItsStringNorSteerATerminal) {
  EXPECT_EQ(Quoted("kim"), R"("kim")");
  EXPECT_EQ(Quoted(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("\x1B[2J\n"), R"("\u001b[2J\u000a")");
  EXPECT_EQ(Quoted("\x7F"), R"("\u007f")");
  EXPECT_EQ(Quoted("\xC2\x9B"
                   "2J"),
            R"("\u009b2J")");
  EXPECT_EQ(Quoted("\xC2\x80\xC2\x9F\xC2\xA0"), "\"\\u0080\\u009f\xC2\xA0\"");
  EXPECT_EQ(Quoted("가😀"), "\"가😀\"");
  EXPECT_EQ(Quoted("\x9B\xFFx"), R"("??x")");
}

TEST(TextTest, StorableTextHasNoNul) {
  EXPECT_TRUE(IsStorableText(""));
  EXPECT_TRUE(IsStorableText("안녕 hello"));
  EXPECT_FALSE(IsStorableText(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace dailyfeed
