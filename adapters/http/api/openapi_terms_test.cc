// The patterns of the document and the code that checks requests say the same, of
// random texts that are nearly right; and no word is left in the document.
#include "adapters/http/api/openapi_terms.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <functional>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "adapters/embedded/forms/registration.h"
#include "adapters/http/api/openapi.h"
#include "adapters/http/text/uri.h"
#include "adapters/http/text/wall_clock.h"
#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

constexpr int kTexts = 4000;

uint64_t Seed() {
  const char* const seed = std::getenv("DAILYFEED_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
}

using Accepts = std::function<bool(const std::string& text)>;

// Texts of characters outside of U+FFFF are not made: a pattern counts them once, a
// length of ours twice.
std::wstring Wide(const std::string& utf8) {
  std::wstring wide;
  std::string_view rest = utf8;
  while (!rest.empty()) wide.push_back(static_cast<wchar_t>(NextCodePoint(&rest)));
  return wide;
}

// One of `seeds` with a few characters replaced, removed or put in.
std::string Mutate(const std::vector<std::string>& seeds, const std::vector<std::string>& pieces,
                   std::mt19937_64& random) {
  std::string text = seeds[random() % seeds.size()];
  for (int edits = static_cast<int>(random() % 4); edits > 0; --edits) {
    // Between code points.
    size_t at = random() % (text.size() + 1);
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    size_t end = std::min(at + random() % 2, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    text.replace(at, end - at, random() % 4 == 0 ? "" : pieces[random() % pieces.size()]);
  }
  return text;
}

void ExpectSame(const char* pattern, const std::vector<std::string>& seeds,
                const std::vector<std::string>& pieces, const Accepts& accepts) {
  const std::string text_of_pattern = PatternNamed(pattern);
  const std::wregex compiled(Wide(text_of_pattern));
  std::mt19937_64 random(Seed());
  int accepted = 0;
  for (int i = 0; i < kTexts; ++i) {
    const std::string text = Mutate(seeds, pieces, random);
    const bool expected = accepts(text);
    accepted += expected ? 1 : 0;
    ASSERT_EQ(std::regex_search(Wide(text), compiled), expected)
        << pattern << ": \"" << text << "\"; DAILYFEED_SEED=" << Seed();
  }
  EXPECT_GT(accepted, kTexts / 20) << pattern;
  EXPECT_LT(accepted, kTexts - kTexts / 20) << pattern;
}

const std::string kNul(1, '\0');
const std::vector<std::string> kAnything = {"a",
                                            "Z",
                                            "가",
                                            "0",
                                            "9",
                                            "-",
                                            ".",
                                            "/",
                                            ":",
                                            "@",
                                            "?",
                                            "#",
                                            "[",
                                            "]",
                                            "%",
                                            " ",
                                            "\n",
                                            "\t",
                                            "\\",
                                            "\"",
                                            "<",
                                            kNul,
                                            "\x7f",
                                            "\xC2\x85",
                                            "\xC2\xA0",
                                            "\xE3\x80\x80",
                                            "\xEF\xBB\xBF",
                                            "_",
                                            "+",
                                            "T",
                                            "1",
                                            "2",
                                            "3",
                                            "{",
                                            "\xE2\x80\x8B",
                                            "\xE1\x9A\x80"};

TEST(OpenApiTermsTest, TextsThatSaySomething) {
  const std::vector<std::string> seeds = {"", " ", "a", "\n\t ", "  가  ", kNul};
  ExpectSame("text", {"", "a", "가 \n"}, {kNul, "a", "\n", "가"}, IsStorableText);
  ExpectSame("visible", seeds, kAnything, [](const std::string& text) { return !IsBlank(text); });
  ExpectSame("notBlank", seeds, kAnything,
             [](const std::string& text) { return !IsBlank(text) && IsStorableText(text); });
}

TEST(OpenApiTermsTest, Emails) {
  ExpectSame("email", {"a@b", "kim@example.com", std::string(64, 'x') + "@b", "김@예시.한국"},
             kAnything,
             [](const std::string& text) { return !CheckEmail(text, "email").has_value(); });
}

TEST(OpenApiTermsTest, HttpUrls) {
  ExpectSame("httpUrl",
             {"", "http://a", "HTTPS://Example.COM/x?y#z", "http://user:pass@a:65535/",
              "http://[::1]:8080", "https://예시.한국/경로", "http://a:65536", "http://a:00080"},
             kAnything, [](const std::string& text) { return text.empty() || IsHttpUrl(text); });
}

TEST(OpenApiTermsTest, Days) {
  const std::vector<std::string> pieces = {"0", "1", "2", "3", "9", "4", "29", "-", " ", "00"};
  ExpectSame(
      "date", {"", "1990-01-31", "2024-02-29", "2000-02-29", "1900-02-28", "0001-12-30"}, pieces,
      [](const std::string& text) { return text.empty() || ParseCivilDay(text).has_value(); });
  ExpectSame("day", {"19900131", "20240229", "20000229", "19000228", "00011230"}, pieces,
             [](const std::string& text) {
               if (text.size() != 8) return false;
               return ParseLocalTime(fmt::format("{}-{}-{}T00:00", text.substr(0, 4),
                                                 text.substr(4, 2), text.substr(6)))
                   .has_value();
             });
  ExpectSame("localTime",
             {"2025-10-15T00:00", "2024-02-29T23:59:59", "2000-06-30T12:34:56.123456789",
              "0000-02-29T00:00"},
             {"0", "1", "2", "3", "5", "9", "T", ":", ".", "-", "60"},
             [](const std::string& text) { return ParseLocalTime(text).has_value(); });
}

// ParseSaturated is what reads the numbers of bodies that came as texts.
TEST(OpenApiTermsTest, NumbersAsTexts) {
  boost::json::value number("$number");
  ExpandTerms({}, &number);
  const boost::json::string& pattern = number.at("pattern").as_string();
  const std::regex compiled(pattern.c_str());
  std::mt19937_64 random(Seed());
  for (int i = 0; i < kTexts; ++i) {
    const std::string text =
        Mutate({"1", "-20", "9007199254740993"}, {"0", "9", "-", "+", ".", " ", "e"}, random);
    ASSERT_EQ(std::regex_search(text, compiled), ParseSaturated(text).has_value()) << text;
  }
}

void ExpectNoWord(const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    for (const auto& [name, inner] : *object) {
      EXPECT_TRUE(name == "$ref" || !name.starts_with('$')) << name;
      ExpectNoWord(inner);
    }
  } else if (const auto* array = value.if_array()) {
    for (const boost::json::value& inner : *array) ExpectNoWord(inner);
  } else if (const auto* text = value.if_string()) {
    EXPECT_FALSE(text->starts_with('$')) << *text;
  }
}

TEST(OpenApiTermsTest, NoWordIsLeftAndLimitsAreTheSettings) {
  boost::json::value schemas =
      boost::json::parse(boost::json::string_view(kOpenApiSchemas.data(), kOpenApiSchemas.size()));
  ExpandTerms({.ids_max = 7, .post_title_max = 8, .post_content_max = 9, .comment_content_max = 10},
              &schemas);
  ExpectNoWord(schemas);
  const auto of = [&](const char* pointer) { return schemas.at_pointer(pointer).to_number<int>(); };
  EXPECT_EQ(of("/IdsRequest/properties/ids/maxItems"), 7);
  EXPECT_EQ(of("/PostRequest/properties/title/maxLength"), 8);
  EXPECT_EQ(of("/PostRequest/properties/content/maxLength"), 9);
  EXPECT_EQ(of("/CommentRequest/properties/content/maxLength"), 10);
  EXPECT_EQ(schemas.at_pointer("/SignUpRequest/properties/password/allOf").as_array().size(), 5u);
}

}  // namespace
}  // namespace dailyfeed::http
