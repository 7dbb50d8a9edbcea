#include "adapters/crypto/base64url.h"

#include <gtest/gtest.h>

#include <array>

namespace dailyfeed {
namespace {

std::optional<std::string> Decode(std::string_view text, size_t capacity = 64) {
  std::array<char, 64> out;
  const std::optional<size_t> size = Base64UrlDecode(text, out.data(), capacity);
  if (!size) return std::nullopt;
  return std::string(out.data(), *size);
}

TEST(Base64Url, KnownTexts) {
  const struct {
    std::string_view bytes;
    std::string_view text;
  } kCases[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Base64UrlEncode(c.bytes), c.text);
    EXPECT_EQ(Decode(c.text), std::string(c.bytes));
  }
}

TEST(Base64Url, EveryByteAndLengthSurvives) {
  std::string bytes;
  for (int i = 0; i < 48; ++i) {
    bytes.push_back(static_cast<char>(i * 37 + 200));
    EXPECT_EQ(Decode(Base64UrlEncode(bytes)), bytes);
  }
}

TEST(Base64Url, OneSpellingOnly) {
  for (const std::string_view text : {"Z", "Zg=", "Zg==", "Zh", "Zm9", "Zm-=", "Zm9v\n", " Zm9v",
                                      "Zm+v", "Zm/v", "Zm9vZ", "Zm9v\x80g", "Zm.v"}) {
    EXPECT_EQ(Decode(text), std::nullopt) << text;
  }
}

// Many characters are decoded at a time: each must be looked at.
TEST(Base64Url, EveryCharacterAtEveryPlace) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (size_t place = 0; place < 44; ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string text(44, 'B');
      text[place] = static_cast<char>(c);
      const size_t value = kAlphabet.find(static_cast<char>(c));
      std::optional<std::string> expected;
      if (value != std::string_view::npos) {
        expected.emplace();
        for (size_t i = 0; i < text.size(); i += 4) {
          uint32_t bits = 0;
          for (size_t j = i; j < i + 4; ++j) {
            bits = bits << 6 | static_cast<uint32_t>(kAlphabet.find(text[j]));
          }
          for (const int shift : {16, 8, 0}) expected->push_back(static_cast<char>(bits >> shift));
        }
      }
      ASSERT_EQ(Decode(text), expected) << place << " " << c;
    }
  }
}

TEST(Base64Url, WritesNoMoreThanTheCapacity) {
  for (size_t size = 0; size <= 48; ++size) {
    const std::string text = Base64UrlEncode(std::string(size, 'x'));
    std::array<char, 64> out;
    out.fill('!');
    ASSERT_EQ(Base64UrlDecode(text, out.data(), size), size);
    for (size_t i = size; i < out.size(); ++i) ASSERT_EQ(out[i], '!') << size;
  }
}

TEST(Base64Url, NeverWritesBehindTheBuffer) {
  EXPECT_EQ(Decode("Zm9v", 2), std::nullopt);
  EXPECT_EQ(Decode("Zm9v", 3), "foo");
}

}  // namespace
}  // namespace dailyfeed
