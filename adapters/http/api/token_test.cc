// Tokens as an attacker would make them (contract 2.1, 2.4, 2.7), each beside
// the token that is right. The signing key is taken from the secrets store: the
// forgeries differ from a real token in exactly the one thing they are about.
#include <functional>
#include <map>

#include "adapters/crypto/base64url.h"
#include "adapters/crypto/hmac_sha256.h"
#include "adapters/http/testing/api_test_util.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "adapters/rocksdb/store/rocks_store.h"

namespace dailyfeed::http {
namespace {

namespace json = boost::json;

constexpr std::string_view kNeeded = "X-Token-Refresh-Needed";
constexpr std::string_view kRelogin = "X-Relogin-Required";

struct Parts {
  json::object header, claims;
};

class TokenTest : public ApiTest {
 protected:
  static std::string Decoded(std::string_view base64) {
    char buffer[1024];
    const auto size = Base64UrlDecode(base64, buffer, sizeof(buffer));
    EXPECT_TRUE(size.has_value());
    return std::string(buffer, size.value_or(0));
  }
  static Parts PartsOf(const std::string& token) {
    const size_t first = token.find('.'), last = token.rfind('.');
    return {json::parse(Decoded(token.substr(0, first))).as_object(),
            json::parse(Decoded(token.substr(first + 1, last - first - 1))).as_object()};
  }
  static std::string Sign(const Parts& parts, std::string_view key) {
    const std::string message = Base64UrlEncode(json::serialize(parts.header)) + "." +
                                Base64UrlEncode(json::serialize(parts.claims));
    const Sha256Digest mac = HmacSha256(key).Sign(message);
    return message + "." + Base64UrlEncode({mac.data(), mac.size()});
  }
  // The keys of the store, by kid. Stops the server while it looks.
  std::map<std::string, std::string> SigningKeys() {
    Stop();
    std::map<std::string, std::string> keys;
    {
      const auto store = OpenRocksStore(options_.data_directory + "/secrets", options_.secrets);
      EXPECT_TRUE(store.ok()) << store.status();
      auto it = (*store)->NewIterator({.lower = "k/", .upper = "k0"});
      for (; it->Valid(); it->Next()) {
        secrets::v1::SigningKey row;
        EXPECT_TRUE(row.ParseFromString(std::string(it->value())));
        keys[std::string(it->key().substr(2))] = row.key();
      }
    }
    Start();
    return keys;
  }
  HttpReply GetWith(const std::string& token, HttpHeaders headers = {}) {
    headers.emplace_back("Authorization", "Bearer " + token);
    return Send("GET", "/api/members", std::move(headers));
  }
  static void ExpectSpecial(const HttpReply& reply, std::string_view header) {
    for (const std::string_view name : {kNeeded, kRelogin}) {
      EXPECT_EQ(reply.HeaderValues(name),
                name == header ? std::vector<std::string>{"true"} : std::vector<std::string>{})
          << name;
    }
  }
};

TEST_F(TokenTest, ATokenThatDiffersInOneThingIsRefused) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  const Parts good = PartsOf(kim.token);
  const std::string kid(good.header.at("kid").as_string());
  const std::string key = SigningKeys().at(kid);
  // The negative control: what this test makes is good as long as nothing differs.
  ASSERT_EQ(GetWith(Sign(good, key)).status, 200);

  const std::pair<const char*, std::function<void(Parts&)>> forgeries[] = {
      {"alg none", [](Parts& p) { p.header["alg"] = "none"; }},
      {"alg None", [](Parts& p) { p.header["alg"] = "None"; }},
      {"alg in lower case", [](Parts& p) { p.header["alg"] = "hs256"; }},
      {"alg HS512", [](Parts& p) { p.header["alg"] = "HS512"; }},
      {"alg RS256", [](Parts& p) { p.header["alg"] = "RS256"; }},
      {"alg is no text", [](Parts& p) { p.header["alg"] = nullptr; }},
      {"no alg", [](Parts& p) { p.header.erase("alg"); }},
      {"no kid", [](Parts& p) { p.header.erase("kid"); }},
      {"kid is no text", [](Parts& p) { p.header["kid"] = 1; }},
      {"no jti", [](Parts& p) { p.claims.erase("jti"); }},
      {"no sub", [](Parts& p) { p.claims.erase("sub"); }},
      {"no id", [](Parts& p) { p.claims.erase("id"); }},
      {"no iat", [](Parts& p) { p.claims.erase("iat"); }},
      {"no exp", [](Parts& p) { p.claims.erase("exp"); }},
      {"no sid", [](Parts& p) { p.claims.erase("sid"); }},
      {"id is a text", [](Parts& p) { p.claims["id"] = "1"; }},
      {"id is zero", [](Parts& p) { p.claims["id"] = 0; }},
      {"sub is another", [](Parts& p) { p.claims["sub"] = "2"; }},
      {"exp is a text", [](Parts& p) { p.claims["exp"] = "9999999999"; }},
  };
  for (const auto& [what, forge] : forgeries) {
    SCOPED_TRACE(what);
    Parts parts = good;
    forge(parts);
    const HttpReply reply =
        GetWith(Sign(parts, key), {{"Cookie", "refresh_token=" + kim.refresh_token}});
    ExpectError(reply, 401, "INVALID_TOKEN");
    ExpectSpecial(reply, kRelogin);
  }
}

TEST_F(TokenTest, AnotherKeyAnotherPayloadAnotherSignatureIsRefused) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  const Parts good = PartsOf(kim.token);
  const std::string key = SigningKeys().at(std::string(good.header.at("kid").as_string()));
  Parts as_lee = good;
  as_lee.claims["id"] = lee.id;
  as_lee.claims["sub"] = std::to_string(lee.id);
  const size_t dot = kim.token.rfind('.');
  const std::string signature = kim.token.substr(dot + 1);
  const std::string other = Sign(as_lee, key);
  for (const std::string& token :
       {Sign(good, std::string(32, 'k')), Sign(good, ""), Sign(as_lee, std::string(32, 'k')),
        other.substr(0, other.rfind('.') + 1) + signature,  // edited, the old signature
        kim.token.substr(0, dot + 1), kim.token.substr(0, dot),
        kim.token.substr(0, dot + 1) + signature.substr(0, 20), kim.token + "A", kim.token + "=",
        "." + kim.token, kim.token + "." + signature}) {
    SCOPED_TRACE(token);
    const HttpReply reply = GetWith(token);
    ExpectError(reply, 401, "INVALID_TOKEN");
    ExpectSpecial(reply, kRelogin);
  }
  EXPECT_EQ(GetWith(kim.token).status, 200);
}

TEST_F(TokenTest, AKeyThatNobodyHasAsksForARefreshOrALogin) {
  const Person kim = Join("kim");
  Parts parts = PartsOf(kim.token);
  parts.header["kid"] = "3b241101-e2bb-4255-8caf-4136c566a962";
  const std::string token = Sign(parts, std::string(32, 'k'));
  const std::pair<std::string, std::string_view> cookies[] = {
      {"", kRelogin}, {"nonsense", kRelogin}, {kim.refresh_token, kNeeded}};
  for (const auto& [cookie, header] : cookies) {
    const HttpReply reply = GetWith(token, {{"Cookie", "refresh_token=" + cookie}});
    ExpectError(reply, 401, "JWT_KEY_EXPIRED");
    ExpectSpecial(reply, header);
  }
}

TEST_F(TokenTest, ATokenEndsToTheSecond) {
  const Person kim = Join("kim");
  const int64_t end = PartsOf(kim.token).claims.at("exp").to_number<int64_t>();
  const TimestampNs last = end * 1'000'000'000 - 1;
  clock_.Advance(absl::Nanoseconds(last - clock_.Now()));
  EXPECT_EQ(GetWith(kim.token).status, 200);
  clock_.Advance(absl::Nanoseconds(1));
  const HttpReply reply = GetWith(kim.token);
  ExpectError(reply, 401, "JWT_EXPIRED");
  ExpectSpecial(reply, kNeeded);
  clock_.Advance(absl::Seconds(1));
  ExpectError(GetWith(kim.token), 401, "JWT_EXPIRED");
}

// Every hour another key signs; the one before goes on verifying, and asks for
// a refresh where the client may repeat the request.
TEST_F(TokenTest, KeysRotateWithoutEndingATokenBeforeItsTime) {
  clock_.Advance(absl::Minutes(20));
  const Person kim = Join("kim");
  clock_.Advance(absl::Minutes(40));
  ASSERT_TRUE(feed_->identity().Maintain().ok());
  const Person lee = Join("lee");
  EXPECT_NE(PartsOf(kim.token).header.at("kid"), PartsOf(lee.token).header.at("kid"));
  EXPECT_EQ(SigningKeys().size(), 2u);
  for (const char* method : {"GET", "HEAD"}) {
    const HttpReply reply = Send(method, "/api/members", As(kim));
    EXPECT_EQ(reply.status, 200);
    ExpectSpecial(reply, kNeeded);
  }
  const HttpReply post = Post("/api/posts", R"({"content":"x"})", kim);
  EXPECT_EQ(post.status, 200);
  ExpectSpecial(post, "");
  ExpectSpecial(Get("/api/members", lee), "");
}

TEST_F(TokenTest, ARetiredKeyIsForgottenAfterItsGrace) {
  const Person kim = Join("kim");
  clock_.Advance(absl::Hours(1));
  ASSERT_TRUE(feed_->identity().Maintain().ok());
  ExpectError(GetWith(kim.token), 401, "JWT_EXPIRED");
  clock_.Advance(absl::Hours(48));
  ExpectError(GetWith(kim.token), 401, "JWT_EXPIRED");
  clock_.Advance(absl::Hours(1) + absl::Seconds(1));
  ASSERT_TRUE(feed_->identity().Maintain().ok());
  const HttpReply reply = GetWith(kim.token);
  ExpectError(reply, 401, "JWT_KEY_EXPIRED");
  ExpectSpecial(reply, kRelogin);
  const HttpReply with_cookie =
      GetWith(kim.token, {{"Cookie", "refresh_token=" + kim.refresh_token}});
  ExpectError(with_cookie, 401, "JWT_KEY_EXPIRED");
  ExpectSpecial(with_cookie, kNeeded);
}

// Public endpoints do not even look: a login with a dead token attached works.
TEST_F(TokenTest, PublicEndpointsIgnoreAuthorization) {
  const Person kim = Join("kim");
  for (const std::string& token : {std::string("dead"), kim.token, std::string(4000, 'x')}) {
    const HttpHeaders headers = {{"Authorization", "Bearer " + token}};
    for (const HttpReply& reply :
         {Send("POST", "/api/authentication/login", headers, LoginBody("kim")),
          Send("GET", "/healthcheck/ready", headers), Send("GET", "/openapi.json", headers)}) {
      EXPECT_EQ(reply.status, 200);
      ExpectSpecial(reply, "");
    }
  }
}

}  // namespace
}  // namespace dailyfeed::http
