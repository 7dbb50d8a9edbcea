#include "adapters/embedded/forms/profile_changes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dailyfeed {
namespace {

using Rule = Violation::Rule;

const absl::CivilDay kToday(2026, 11, 21);

std::string Repeat(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

struct FieldCase {
  std::string value;
  std::optional<Rule> broken;  // nullopt: accepted
};

// Changes one field, and expects no violation or exactly one of it.
void Check(std::optional<std::string> ProfileChanges::*member, const char* field,
           const std::vector<FieldCase>& cases) {
  for (const FieldCase& c : cases) {
    SCOPED_TRACE(fmt::format("{} = '{}'", field, c.value));
    ProfileChanges changes;
    changes.*member = c.value;
    const std::vector<Violation> violations = ValidateProfileChanges(changes, kToday);
    if (!c.broken.has_value()) {
      EXPECT_TRUE(violations.empty());
      continue;
    }
    ASSERT_EQ(violations.size(), 1u);
    EXPECT_EQ(violations[0].field, field);
    EXPECT_EQ(violations[0].rule, *c.broken);
  }
}

const std::string kNul("a\0b", 3);
const char kBadUtf8[] = "ab\xED\xA0\x80";

TEST(ProfileChangesTest, NoChangeIsFine) {
  EXPECT_TRUE(ValidateProfileChanges({}, kToday).empty());
}

TEST(ProfileChangesTest, EachField) {
  Check(&ProfileChanges::member_name, "memberName",
        {{"k", {}},
         {Repeat("가", 100), {}},
         {Repeat("😀", 50), {}},
         {Repeat("가", 101), Rule::kTooLong},
         {Repeat("😀", 51), Rule::kTooLong},
         {"", Rule::kBlank},
         {" \xE3\x80\x80", Rule::kBlank},
         {kNul, Rule::kFormat},
         {kBadUtf8, Rule::kFormat}});
  Check(&ProfileChanges::display_name, "displayName",
        {{"", {}}, {" ", {}}, {Repeat("x", 100), {}}, {Repeat("x", 101), Rule::kTooLong}});
  Check(&ProfileChanges::bio, "bio",
        {{"", {}}, {Repeat("x", 1000), {}}, {Repeat("x", 1001), Rule::kTooLong}});
  Check(&ProfileChanges::location, "location",
        {{"", {}}, {Repeat("x", 100), {}}, {Repeat("x", 101), Rule::kTooLong}});
  const std::string site = "https://example.com/";
  Check(&ProfileChanges::website_url, "websiteUrl",
        {{"", {}},
         {site + Repeat("x", 500 - static_cast<int>(site.size())), {}},
         {site + Repeat("x", 501 - static_cast<int>(site.size())), Rule::kTooLong},
         {"example.com", Rule::kFormat},
         {"/relative", Rule::kFormat},
         {"ftp://example.com", Rule::kFormat}});
  Check(&ProfileChanges::avatar_url, "avatarUrl",
        {{"", {}},
         {" ", {}},
         {"/api/proxy/images/view/x", {}},
         {"anything at all", {}},
         {Repeat("x", 500), {}},
         {Repeat("x", 501), Rule::kTooLong}});
  Check(&ProfileChanges::birth_date, "birthDate",
        {{"", {}},
         {"2026-11-20", {}},
         {"2026-11-21", Rule::kNotInPast},
         {"2026-11-31", Rule::kFormat},
         {"yesterday", Rule::kFormat}});
  Check(&ProfileChanges::gender, "gender",
        {{"OTHER", {}}, {"other", Rule::kNotAllowed}, {"", Rule::kBlank}});
  Check(&ProfileChanges::country_code, "countryCode",
        {{"IN", {}}, {"XX", Rule::kNotAllowed}, {"", Rule::kBlank}});
  Check(&ProfileChanges::privacy_level, "privacyLevel",
        {{"FRIENDS", {}}, {"SECRET", Rule::kNotAllowed}, {"", Rule::kBlank}});
  Check(&ProfileChanges::language_code, "languageCode",
        {{"", {}}, {"k", {}}, {"zh-Hant-TW", {}}, {"zh-Hant-TW1", Rule::kTooLong}});
}

TEST(ProfileChangesTest, AllViolationsInTheOrderOfTheContract) {
  const ProfileChanges changes = {.member_name = "",
                                  .display_name = Repeat("x", 101),
                                  .bio = Repeat("x", 1001),
                                  .location = Repeat("x", 101),
                                  .website_url = "x",
                                  .avatar_url = Repeat("x", 501),
                                  .birth_date = "x",
                                  .gender = "x",
                                  .country_code = "x",
                                  .privacy_level = "x",
                                  .language_code = Repeat("x", 11)};
  std::vector<Violation> violations = ValidateProfileChanges(changes, kToday);
  const auto fields = [&] {
    std::string names;
    for (const Violation& violation : violations) names += violation.field + " ";
    return names;
  };
  EXPECT_EQ(fields(),
            "memberName displayName bio location websiteUrl avatarUrl birthDate gender "
            "countryCode privacyLevel languageCode ");
  violations.push_back({.field = "unknown"});
  violations.push_back({.field = "previousAvatarUrl", .rule = Rule::kFormat});
  SortByProfileField(&violations);
  EXPECT_EQ(fields(),
            "memberName displayName bio location websiteUrl avatarUrl previousAvatarUrl birthDate "
            "gender countryCode privacyLevel languageCode unknown ");
}

}  // namespace
}  // namespace dailyfeed
