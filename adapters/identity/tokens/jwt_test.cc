#include "adapters/identity/tokens/jwt.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/crypto/base64url.h"

namespace dailyfeed {
namespace {

constexpr std::string_view kKid = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";

std::optional<std::string> Header(std::string_view json) {
  return ParseJwtHeader(Base64UrlEncode(json));
}
std::optional<JwtClaims> Claims(std::string_view json) {
  return ParseJwtClaims(Base64UrlEncode(json));
}

TEST(Jwt, WhatIsSignedIsRead) {
  const HmacSha256 key("0123456789abcdef0123456789abcdef");
  const std::string header = MakeJwtHeader(kKid);
  const std::string token = SignJwt(header,
                                    {.token_id = ClaimText("t-1"),
                                     .session_id = ClaimText("s-1"),
                                     .member = 41,
                                     .issued_at = 1700000000,
                                     .expires_at = 1700003600},
                                    key);
  const std::optional<Jwt> jwt = Jwt::Split(token);
  ASSERT_TRUE(jwt);
  EXPECT_EQ(jwt->header, header);
  EXPECT_EQ(ParseJwtHeader(jwt->header), std::string(kKid));
  EXPECT_TRUE(key.Verify(jwt->signed_part, jwt->signature));
  const std::optional<JwtClaims> claims = ParseJwtClaims(jwt->payload);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->token_id, "t-1");
  EXPECT_EQ(claims->session_id, "s-1");
  EXPECT_EQ(claims->member, 41u);
  EXPECT_EQ(claims->issued_at, 1700000000);
  EXPECT_EQ(claims->expires_at, 1700003600);
}

// The bytes a client sees; section 2.1 of the contract.
TEST(Jwt, GoldenText) {
  EXPECT_EQ(MakeJwtHeader("k"), Base64UrlEncode(R"({"alg":"HS256","typ":"JWT","kid":"k"})"));
  const std::string token = SignJwt("h",
                                    {.token_id = ClaimText("t"),
                                     .session_id = ClaimText("s"),
                                     .member = 7,
                                     .issued_at = 1,
                                     .expires_at = 2},
                                    HmacSha256("key"));
  const std::string payload =
      Base64UrlEncode(R"({"jti":"t","sub":"7","id":7,"iat":1,"exp":2,"sid":"s"})");
  EXPECT_EQ(token.substr(0, token.rfind('.')), "h." + payload);
}

TEST(Jwt, SplitRefusesOtherShapes) {
  const std::string signature(43, 'A');
  EXPECT_TRUE(Jwt::Split("a.b." + signature));
  const std::string bad[] = {
      "",
      ".",
      "..",
      "a.b",
      "a.b.",
      ".b." + signature,
      "a.." + signature,
      "a.b." + signature + "A",
      "a.b." + signature + "=",
      "a.b." + signature.substr(1),
      "a.b." + signature.substr(1) + "B",  // bits behind the last byte
      "a.b." + signature.substr(1) + ".",
      "a.b.c." + signature,
      "a.b." + signature + ".",
      std::string(kJwtLengthMax, 'a') + ".b." + signature,
  };
  for (const std::string& text : bad) EXPECT_FALSE(Jwt::Split(text)) << text;
}

TEST(Jwt, HeaderIsOursOrNothing) {
  EXPECT_EQ(Header(R"({"alg":"HS256","kid":"k"})"), "k");
  EXPECT_EQ(Header(R"( { "kid" : "k" , "typ":"JWT", "alg" : "HS256" } )"), "k");
  const std::string_view bad[] = {
      "",
      "{}",
      "[]",
      R"({"alg":"none","kid":"k"})",
      R"({"alg":"None","kid":"k"})",
      R"({"alg":"hs256","kid":"k"})",
      R"({"alg":"HS384","kid":"k"})",
      R"({"alg":"RS256","kid":"k"})",
      R"({"kid":"k"})",
      R"({"alg":"HS256"})",
      R"({"alg":"HS256","kid":""})",
      R"({"alg":"HS256","kid":7})",
      R"({"alg":7,"kid":"k"})",
      R"({"alg":"none","alg":"HS256","kid":"k"})",
      R"({"alg":"HS256","kid":"k","kid":"k"})",
      R"({"alg":"HS256","kid":"k","crit":"exp"})",
      R"({"alg":"HS256","kid":"k"} )"
      "x",
      R"({"alg":"HS256","kid":"k",})",
      R"({"alg":"HS256","kid":"k")",
      R"({"alg":"HS256","k\u0069d":"k"})",
      R"({"alg":"HS256","kid":null})",
      R"({"alg":"HS256","kid":{"a":"b"}})",
      R"({"alg":"HS256","kid":["k"]})",
      R"({'alg':'HS256','kid':'k'})",
      "{\"alg\":\"HS256\",\"kid\":\"k\n\"}",
      "{\"alg\":\"HS256\",\"kid\":\"\xed\x95\x9c\"}",
  };
  for (const std::string_view json : bad) EXPECT_FALSE(Header(json)) << json;
  EXPECT_FALSE(Header(std::string_view("{\"alg\":\"HS256\",\"kid\":\"k\0\"}", 27)));
  EXPECT_FALSE(ParseJwtHeader("eyJhbGciOiJIUzI1NiIsImtpZCI6ImsifQ=="));
  EXPECT_TRUE(ParseJwtHeader("eyJhbGciOiJIUzI1NiIsImtpZCI6ImsifQ"));
}

TEST(Jwt, ClaimsAreCompleteOrNothing) {
  const auto with = [](std::string_view id, std::string_view sub, std::string_view rest) {
    return fmt::format(R"({{"jti":"t","sid":"s","id":{},"sub":{},{}}})", id, sub, rest);
  };
  EXPECT_TRUE(Claims(with("7", "\"7\"", R"("iat":1,"exp":2)")));
  EXPECT_TRUE(Claims(with("9007199254740991", "\"9007199254740991\"", R"("iat":1,"exp":2)")));
  const std::string bad[] = {
      with("7", "\"8\"", R"("iat":1,"exp":2)"),
      with("7", "7", R"("iat":1,"exp":2)"),
      with("\"7\"", "\"7\"", R"("iat":1,"exp":2)"),
      with("0", "\"0\"", R"("iat":1,"exp":2)"),
      with("-7", "\"-7\"", R"("iat":1,"exp":2)"),
      with("07", "\"07\"", R"("iat":1,"exp":2)"),
      with("7.0", "\"7.0\"", R"("iat":1,"exp":2)"),
      with("9007199254740992", "\"9007199254740992\"", R"("iat":1,"exp":2)"),
      with("99999999999999999999", "\"99999999999999999999\"", R"("iat":1,"exp":2)"),
      with("7", "\"7\"", R"("iat":1)"),
      with("7", "\"7\"", R"("exp":2)"),
      with("7", "\"7\"", R"("iat":1,"exp":"2")"),
      with("7", "\"7\"", R"("iat":1,"exp":2,"exp":99999999999)"),
      with("7", "\"7\"", R"("iat":1,"exp":2e9)"),
      with("7", "\"7\"", R"("iat":1,"exp":2,"id":8)"),
      R"({"sid":"s","id":7,"sub":"7","iat":1,"exp":2})",
      R"({"jti":"t","id":7,"sub":"7","iat":1,"exp":2})",
      R"({"jti":"t","sid":"","id":7,"sub":"7","iat":1,"exp":2})",
      R"({"jti":"t","sid":"s","sub":"7","iat":1,"exp":2})",
      R"({"jti":"t","sid":"s","id":7,"iat":1,"exp":2})",
  };
  for (const std::string& json : bad) EXPECT_FALSE(Claims(json)) << json;
  for (const auto* ids : {R"({{"jti":"{}","sid":"s")", R"({{"sid":"{}","jti":"t")"}) {
    const auto of_length = [&](size_t length) {
      return Claims(fmt::format(fmt::runtime(ids), std::string(length, 'x')) +
                    R"(,"id":7,"sub":"7","iat":1,"exp":2})");
    };
    EXPECT_TRUE(of_length(ClaimText::kLengthMax)) << ids;
    EXPECT_FALSE(of_length(ClaimText::kLengthMax + 1)) << ids;
  }
}

// Claims in the usual spelling are read on a short way. Whatever one changes in
// them, the long way, which a space forces, says the same.
TEST(Jwt, BothWaysToReadClaimsAgree) {
  const std::string usual = fmt::format(
      R"({{"jti":"{0}","sub":"41","id":41,"iat":1700000000,"exp":1700003600,"sid":"{0}"}})", kKid);
  ASSERT_TRUE(Claims(usual));
  for (size_t at = 1; at < usual.size(); ++at) {
    for (const char c : {'0', '1', '9', 'a', 'G', '"', '\\', ' ', ',', '}', '\x7f', '\0'}) {
      std::string changed = usual;
      changed[at] = c;
      const std::optional<JwtClaims> one = Claims(changed);
      const std::optional<JwtClaims> other = Claims(changed.insert(1, " "));
      ASSERT_EQ(one.has_value(), other.has_value()) << changed;
      if (!one) continue;
      EXPECT_EQ(one->token_id, other->token_id);
      EXPECT_EQ(one->session_id, other->session_id);
      EXPECT_EQ(one->member, other->member);
      EXPECT_EQ(one->issued_at, other->issued_at);
      EXPECT_EQ(one->expires_at, other->expires_at);
    }
  }
}

TEST(Jwt, FieldsAreBounded) {
  std::string json = "{";
  for (int i = 0; i < 20; ++i) json += fmt::format("\"f{}\":1,", i);
  json += R"("alg":"HS256","kid":"k"})";
  EXPECT_FALSE(Header(json));
}

}  // namespace
}  // namespace dailyfeed
