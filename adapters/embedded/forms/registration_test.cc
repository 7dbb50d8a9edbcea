#include "adapters/embedded/forms/registration.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace dailyfeed {
namespace {

using Rule = Violation::Rule;

const absl::CivilDay kToday(2026, 11, 21);

Registration Kim() {
  Registration registration;
  registration.email = "kim@example.com";
  registration.password = "Secret1!x";
  registration.member_name = "Kim";
  registration.handle = "kim";
  return registration;
}

std::string Repeat(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

struct FieldCase {
  std::string value;
  std::optional<Rule> broken;  // nullopt: accepted
};

// Sets one field of a registration that is otherwise right, and expects no
// violation or exactly one, of that field and rule.
void Check(std::string Registration::*member, const char* field,
           const std::vector<FieldCase>& cases) {
  for (const FieldCase& c : cases) {
    SCOPED_TRACE(std::string(field) + " = '" + c.value + "'");
    Registration registration = Kim();
    registration.*member = c.value;
    const std::vector<Violation> violations = ValidateRegistration(registration, kToday);
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

TEST(RegistrationTest, TheLeastIsAccepted) {
  EXPECT_TRUE(ValidateRegistration(Kim(), kToday).empty());
}

TEST(RegistrationTest, Email) {
  Check(&Registration::email, "email",
        {{"a@b", {}},
         {"김@예시.한국", {}},
         {Repeat("a", 64) + "@b", {}},
         {"a@" + Repeat("b", 98), {}},
         {"", Rule::kBlank},
         {" \t", Rule::kBlank},
         {"a@" + Repeat("b", 99), Rule::kTooLong},
         {Repeat("a", 65) + "@b", Rule::kFormat},
         {Repeat("😀", 33) + "@b", Rule::kFormat},  // 66 units
         {"a", Rule::kFormat},
         {"@b", Rule::kFormat},
         {"a@", Rule::kFormat},
         {"a@b@c", Rule::kFormat},
         {"a b@c", Rule::kFormat},
         {"a@b\xE3\x80\x80", Rule::kFormat},
         {"a@b ", Rule::kFormat},
         {kNul + "@b", Rule::kFormat},
         {std::string(kBadUtf8) + "@b", Rule::kFormat}});
}

TEST(RegistrationTest, Password) {
  Check(&Registration::password, "password",
        {{"aA1@aA1@", {}},
         {"aA1$aA1!", {}},
         {"aA1%*?&#", {}},
         {"aA1@" + Repeat("x", 46), {}},
         {"", Rule::kBlank},
         {"        ", Rule::kBlank},
         {"aA1@aA1", Rule::kLength},
         {"aA1@" + Repeat("x", 47), Rule::kLength},
         {"AAAA111@", Rule::kPasswordWeak},
         {"aaaa111@", Rule::kPasswordWeak},
         {"aaaaAAA@", Rule::kPasswordWeak},
         {"aaaaAAA1", Rule::kPasswordWeak},
         {"aA1@aA1@^", Rule::kPasswordWeak},
         {"aA1@ aA1@", Rule::kPasswordWeak},
         {"aA1@aA1@가", Rule::kPasswordWeak},
         {"aA1@aA1@" + kNul, Rule::kFormat},
         {std::string("aA1@aA1@\xFF"), Rule::kFormat}});
}

TEST(RegistrationTest, Names) {
  Check(&Registration::member_name, "memberName",
        {{"ab", {}},
         {"😀", {}},  // 2 units
         {Repeat("가", 30), {}},
         {Repeat("😀", 15), {}},
         {" a", {}},
         {"", Rule::kBlank},
         {"\xE3\x80\x80", Rule::kBlank},
         {"a", Rule::kLength},
         {Repeat("가", 31), Rule::kLength},
         {Repeat("😀", 16), Rule::kLength},
         {kNul, Rule::kFormat},
         {kBadUtf8, Rule::kFormat}});
  Check(&Registration::handle, "handle",
        {{"aZ_", {}},
         {Repeat("9", 50), {}},
         {"", Rule::kBlank},
         {"ab", Rule::kLength},
         {Repeat("9", 51), Rule::kLength},
         {"a-b", Rule::kFormat},
         {"withdrawn-member", Rule::kFormat},
         {"김민지", Rule::kFormat},
         {"ab ", Rule::kFormat},
         {kNul, Rule::kFormat}});
}

TEST(RegistrationTest, OptionalTexts) {
  struct Text {
    std::string Registration::*member;
    const char* field;
    int limit;
  };
  const Text texts[] = {{&Registration::display_name, "displayName", 50},
                        {&Registration::bio, "bio", 500},
                        {&Registration::location, "location", 100},
                        {&Registration::avatar_url, "avatarUrl", 1000}};
  for (const Text& text : texts) {
    Check(text.member, text.field,
          {{"", {}},
           {" ", {}},
           {"any thing\n", {}},
           {Repeat("😀", text.limit / 2), {}},
           {Repeat("가", text.limit), {}},
           {Repeat("가", text.limit + 1), Rule::kTooLong},
           {Repeat("😀", text.limit / 2) + "a", Rule::kTooLong},
           {kNul, Rule::kFormat},
           {kBadUtf8, Rule::kFormat}});
    Registration registration = Kim();
    registration.*text.member = Repeat("a", text.limit + 1);
    EXPECT_EQ(ValidateRegistration(registration, kToday)[0].limit, text.limit);
  }
}

TEST(RegistrationTest, Urls) {
  Check(&Registration::website_url, "websiteUrl",
        {{"", {}},
         {"http://a", {}},
         {"http://a/" + Repeat("b", 191), {}},
         {"http://a/" + Repeat("b", 192), Rule::kTooLong},
         {" ", Rule::kFormat},
         {"ftp://a", Rule::kFormat}});
  Check(&Registration::cover_url, "coverUrl",
        {{"", {}},
         {"https://a/" + Repeat("b", 490), {}},
         {"https://a/" + Repeat("b", 491), Rule::kTooLong},
         {"/relative", Rule::kFormat}});
}

TEST(RegistrationTest, WhatIsAnHttpUrl) {
  for (const char* url :
       {"http://a", "https://a", "HTTPS://Example.COM", "http://example.com/", "http://a?b",
        "http://a#b", "http://a:80", "http://a:65535/x", "http://a:", "http://user:pass@a/",
        "http://[::1]", "http://[::ffff:1.2.3.4]:8080/x", "http://127.0.0.1",
        "https://예시.한국/경로?q=값", "https://a/b%20c?x=[1]&y={2}", "http://a/b:c@d"}) {
    EXPECT_TRUE(IsHttpUrl(url)) << url;
  }
  for (const char* url : {"",
                          "http",
                          "http:",
                          "http:/a",
                          "http://",
                          "http:///a",
                          "http://?a",
                          "http://#",
                          "http://:80",
                          "http://user@",
                          "//a",
                          "a.com",
                          "ftp://a",
                          "javascript:alert(1)",
                          "http//a",
                          "http://a b",
                          "http://a\n",
                          "http://a\xE3\x80\x80",
                          "http://a:65536",
                          "http://a:8a",
                          "http://a:-1",
                          "http://[::1",
                          "http://[]",
                          "http://[::g]",
                          "http://[::1]x",
                          "http://a]",
                          "http://a\"b",
                          "http://a/<b>",
                          "http://a\\b",
                          "http://a\x7F",
                          "http://a\xFF",
                          "xhttp://a",
                          " http://a"}) {
    EXPECT_FALSE(IsHttpUrl(url)) << url;
  }
}

TEST(RegistrationTest, BirthDate) {
  Check(&Registration::birth_date, "birthDate",
        {{"", {}},
         {"1990-01-01", {}},
         {"2026-11-20", {}},
         {"2024-02-29", {}},
         {"0001-01-01", {}},
         {"2026-11-21", Rule::kNotInPast},
         {"2026-11-22", Rule::kNotInPast},
         {"9999-12-31", Rule::kNotInPast},
         {"2025-02-29", Rule::kFormat},
         {"1990-13-01", Rule::kFormat},
         {"1990-00-01", Rule::kFormat},
         {"1990-01-00", Rule::kFormat},
         {"1990-04-31", Rule::kFormat},
         {"0000-01-01", Rule::kFormat},
         {"1990-1-1", Rule::kFormat},
         {"1990/01/01", Rule::kFormat},
         {"19900101", Rule::kFormat},
         {"1990-01-01T", Rule::kFormat},
         {"+990-01-01", Rule::kFormat},
         {" 990-01-01", Rule::kFormat},
         {"yesterday!", Rule::kFormat}});
}

TEST(RegistrationTest, Enums) {
  struct Enum {
    std::string Registration::*member;
    const char* field;
    std::vector<std::string> values;
  };
  const Enum enums[] = {
      {&Registration::gender, "gender", {"MALE", "FEMALE", "OTHER", "PREFER_NOT_TO_SAY"}},
      {&Registration::country_code,
       "countryCode",
       {"KR", "US", "JP", "CN", "GB", "DE", "FR", "CA", "AU", "IN"}},
      {&Registration::privacy_level, "privacyLevel", {"PUBLIC", "FRIENDS", "PRIVATE"}}};
  for (const Enum& e : enums) {
    for (const std::string& value : e.values) Check(e.member, e.field, {{value, {}}});
    Check(e.member, e.field,
          {{"", Rule::kBlank},
           {"male", Rule::kNotAllowed},
           {"kr", Rule::kNotAllowed},
           {"PUBLIC ", Rule::kNotAllowed}});
  }
}

TEST(RegistrationTest, TimezoneAndLanguage) {
  Check(&Registration::timezone, "timezone",
        {{"UTC", {}},
         {"Asia/Seoul", {}},
         {Repeat("a", 50), {}},
         {"", Rule::kBlank},
         {" ", Rule::kBlank},
         {Repeat("a", 51), Rule::kTooLong},
         {kNul, Rule::kFormat}});
  Check(&Registration::language_code, "languageCode",
        {{"ko", {}},
         {"en-US", {}},
         {"", Rule::kBlank},
         {"k", Rule::kLength},
         {"ko-KR1", Rule::kLength},
         {kNul, Rule::kFormat}});
}

TEST(RegistrationTest, EverythingWrongIsToldAtOnceInTheOrderOfTheContract) {
  Registration wrong;
  wrong.display_name = Repeat("a", 51);
  wrong.bio = Repeat("a", 501);
  wrong.location = Repeat("a", 101);
  wrong.website_url = wrong.birth_date = wrong.cover_url = "x";
  wrong.gender = wrong.country_code = wrong.privacy_level = "x";
  wrong.timezone = wrong.language_code = "";
  wrong.avatar_url = Repeat("a", 1001);
  std::string fields;
  for (const Violation& violation : ValidateRegistration(wrong, kToday)) {
    fields += violation.field + " ";
  }
  EXPECT_EQ(fields,
            "email password memberName handle displayName bio location websiteUrl birthDate gender "
            "countryCode timezone languageCode privacyLevel avatarUrl coverUrl ");
}

TEST(RegistrationTest, ViolationsFoundElsewhereAreSortedIn) {
  std::vector<Violation> violations = {{.field = "unknown"},
                                       {.field = "coverUrl"},
                                       {.field = "isActive", .rule = Rule::kNull},
                                       {.field = "timezone", .rule = Rule::kNull},
                                       {.field = "timezone", .rule = Rule::kBlank},
                                       {.field = "privacyLevel"},
                                       {.field = "verificationStatus"},
                                       {.field = "email"}};
  SortByRegistrationField(&violations);
  std::string fields;
  for (const Violation& violation : violations) fields += violation.field + " ";
  EXPECT_EQ(fields,
            "email timezone timezone verificationStatus privacyLevel isActive coverUrl unknown ");
  EXPECT_EQ(violations[1].rule, Rule::kNull) << "equal fields keep their order";
}

}  // namespace
}  // namespace dailyfeed
