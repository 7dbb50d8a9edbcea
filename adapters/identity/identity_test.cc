#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "adapters/crypto/base64url.h"
#include "adapters/identity/identity_test_util.h"

namespace dailyfeed {
namespace {

// ---- Personal keys

TEST_F(IdentityTest, SealedTextOpensOnlyForItsSubject) {
  const std::string kim = identity_->CreateSubject().value();
  const std::string lee = identity_->CreateSubject().value();
  EXPECT_EQ(kim.size(), 16u);
  EXPECT_NE(kim, lee);
  const std::string sealed = identity_->Seal(kim, "kim@example.com").value();
  EXPECT_EQ(sealed.find("kim@"), std::string::npos);
  EXPECT_NE(sealed, identity_->Seal(kim, "kim@example.com").value());
  EXPECT_EQ(identity_->Unseal(kim, sealed).value(), "kim@example.com");
  EXPECT_TRUE(absl::IsDataLoss(identity_->Unseal(lee, sealed).status()));
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string bad = sealed;
    bad[i] ^= 0x40;
    EXPECT_TRUE(absl::IsDataLoss(identity_->Unseal(kim, bad).status())) << i;
    EXPECT_TRUE(absl::IsDataLoss(identity_->Unseal(kim, sealed.substr(0, i)).status())) << i;
  }
  EXPECT_EQ(identity_->Unseal(kim, identity_->Seal(kim, "").value()).value(), "");
}

TEST_F(IdentityTest, KeysSurviveAReopen) {
  const std::string kim = identity_->CreateSubject().value();
  const std::string sealed = identity_->Seal(kim, "secret").value();
  Reopen();
  EXPECT_EQ(identity_->Unseal(kim, sealed).value(), "secret");
}

TEST_F(IdentityTest, DestroyedSubjectIsGone) {
  const std::string kim = identity_->CreateSubject().value();
  const std::string sealed = identity_->Seal(kim, "secret").value();
  ASSERT_TRUE(identity_->StoreCredentials(kim, identity_->HashPassword("Secret1!").value()).ok());
  ASSERT_TRUE(identity_->DestroySubject(kim).ok());
  EXPECT_EQ(identity_->Unseal(kim, sealed).value(), std::nullopt);
  EXPECT_TRUE(absl::IsNotFound(identity_->Seal(kim, "x").status()));
  EXPECT_FALSE(identity_->VerifyPassword(kim, "Secret1!").value());
  // All that is left is its id, which says nothing, as that of a destroyed one.
  EXPECT_EQ(Rows("p/"), 0u);
  EXPECT_EQ(Rows("c/"), 0u);
  const std::string rows = Dump();
  EXPECT_EQ(rows.find(kim), rows.rfind(kim));
  EXPECT_TRUE(identity_->WasDestroyed(kim).value());
  const std::string lee = identity_->CreateSubject().value();
  EXPECT_FALSE(identity_->WasDestroyed(lee).value());
  EXPECT_FALSE(identity_->WasDestroyed("nobody").value());
  EXPECT_TRUE(identity_->DestroySubject(kim).ok());
}

TEST_F(IdentityTest, MoreKeysThanTheCacheHolds) {
  std::vector<std::pair<std::string, std::string>> sealed;
  for (int i = 0; i < 12'000; ++i) {
    const std::string subject = identity_->CreateSubject().value();
    sealed.emplace_back(subject, identity_->Seal(subject, subject).value());
  }
  for (const auto& [subject, text] : sealed) {
    ASSERT_EQ(identity_->Unseal(subject, text).value(), subject);
  }
}

// ---- E-mail digests

TEST_F(IdentityTest, EmailDigestFoldsAsPeopleMeanIt) {
  const struct {
    const char* a;
    const char* b;
    bool same;
  } kCases[] = {
      {"kim@example.com", "KIM@Example.COM", true},
      {"kim@example.com", "kim@example.org", false},
      // Korean: composed and decomposed 한.
      {"\ud55c@예.kr", "\u1112\u1161\u11ab@예.kr", true},
      {"한@예.kr", "항@예.kr", false},
      // Greek: final, middle and capital sigma; accents count.
      {"ΟΔΥΣΣΕΥΣ@x", "οδυσσευς@x", true},
      {"οδυσσευσ@x", "οδυσσευς@x", true},
      {"Ά@x", "ά@x", true},
      {"Ά@x", "α@x", false},
      // Turkish letters fold by the Unicode default, independent of a locale.
      {"I@x", "i@x", true},
      {"ı@x", "i@x", false},
      {"\u0130@x", "i\u0307@x", true},
      {"\u0130@x", "i@x", false},
      // German and combining marks in either spelling.
      {"STRASSE@x", "straße@x", true},
      {"É@x", "e\u0301@x", true},
      {"Å@x", "\u212b@x", true},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(identity_->EmailDigest(c.a) == identity_->EmailDigest(c.b), c.same)
        << c.a << " " << c.b;
  }
}

TEST_F(IdentityTest, DigestsAreOfThisStoreOnly) {
  const std::string digest = identity_->EmailDigest("kim@example.com");
  EXPECT_EQ(digest.size(), 32u);
  EXPECT_NE(identity_->EmailDigest("\xff\xfe"), identity_->EmailDigest("\xff\xff"));
  EXPECT_NE(identity_->EmailDigest(""), identity_->EmailDigest("\xff"));
  const std::string key = identity_->DerivedKey("cursors");
  EXPECT_NE(key, identity_->DerivedKey("cursor"));
  Reopen();
  EXPECT_EQ(identity_->EmailDigest("kim@example.com"), digest);
  EXPECT_EQ(identity_->DerivedKey("cursors"), key);
  MemoryStore other;
  const auto stranger = Identity::Open(&other, options_).value();
  EXPECT_NE(stranger->EmailDigest("kim@example.com"), digest);
  EXPECT_NE(stranger->DerivedKey("cursors"), key);
}

// ---- Passwords

TEST_F(IdentityTest, PasswordFitsItsSubjectOnly) {
  const std::string kim = identity_->CreateSubject().value();
  const std::string lee = identity_->CreateSubject().value();
  const std::string hash = identity_->HashPassword("Secret1!").value();
  EXPECT_EQ(hash.rfind("$argon2id$v=19$m=8,t=1,p=1$", 0), 0u) << hash;
  EXPECT_NE(hash, identity_->HashPassword("Secret1!").value());
  ASSERT_TRUE(identity_->StoreCredentials(kim, hash).ok());
  EXPECT_TRUE(identity_->VerifyPassword(kim, "Secret1!").value());
  EXPECT_FALSE(identity_->VerifyPassword(kim, "secret1!").value());
  EXPECT_FALSE(identity_->VerifyPassword(kim, "").value());
  EXPECT_FALSE(identity_->VerifyPassword(kim, std::string(100'000, 'a')).value());
  EXPECT_FALSE(identity_->VerifyPassword(lee, "Secret1!").value());
  EXPECT_FALSE(identity_->VerifyPassword("", "Secret1!").value());
  Reopen();
  EXPECT_TRUE(identity_->VerifyPassword(kim, "Secret1!").value());
  EXPECT_EQ(Dump().find("Secret1!"), std::string::npos);
}

TEST_F(IdentityTest, LongerHashesGoOnWorkingAfterTheParametersChange) {
  const std::string kim = identity_->CreateSubject().value();
  ASSERT_TRUE(identity_->StoreCredentials(kim, identity_->HashPassword("Secret1!").value()).ok());
  options_.argon2_operations = 2;
  options_.argon2_memory_bytes = 1 << 20;
  Reopen();
  EXPECT_TRUE(identity_->VerifyPassword(kim, "Secret1!").value());
}

TEST_F(IdentityTest, AHashThatIsNoneConcernsItsOwnerOnly) {
  const std::string kim = identity_->CreateSubject().value();
  const std::string lee =
      identity_->CreateSubject(identity_->HashPassword("Secret1!").value()).value();
  const std::string tail = std::string(22, 'A') + "$" + std::string(42, 'B') + "A";
  const std::string no_hashes[] = {"$a$b$c",
                                   "$argon2i$v=19$m=8,t=1,p=1$" + tail,
                                   "$argon2id$v=19$m=08,t=1,p=1$" + tail,
                                   "$argon2id$v=19$m=8,t=1,p=2$" + tail,
                                   "$argon2id$v=19$m=8,t=0,p=1$" + tail,
                                   "$argon2id$v=19$m=99999999999,t=1,p=1$" + tail,
                                   "$argon2id$v=19$m=8,t=1,p=1$" + tail.substr(1),
                                   "$argon2id$v=19$m=8,t=1,p=1$" + tail + "A",
                                   "$argon2id$v=19$m=8,t=1,p=1$" + tail.substr(0, 65) + "B",
                                   "$argon2id$v=19$m=8,t=1,p=1$" + std::string(66, 'A'),
                                   "$argon2id$v=19$m=8,t=1,p=1$*" + tail.substr(1)};
  for (const std::string& none : no_hashes) {
    ASSERT_TRUE(identity_->StoreCredentials(kim, none).ok());
    Reopen();
    EXPECT_EQ(identity_->VerifyPassword(kim, "Secret1!").status().code(),
              absl::StatusCode::kDataLoss)
        << none;
    EXPECT_TRUE(identity_->VerifyPassword(lee, "Secret1!").value()) << none;
    EXPECT_FALSE(identity_->VerifyPassword("nobody", "Secret1!").value()) << none;
  }
}

// ---- Access tokens

TEST_F(IdentityTest, FreshTokenIsValid) {
  const IssuedTokens tokens = Login(41);
  EXPECT_EQ(tokens.access_lifetime, absl::Hours(1));
  EXPECT_EQ(tokens.refresh_lifetime, absl::Hours(24 * 30));
  const TokenCheck check = identity_->CheckAccessToken(tokens.access_token);
  EXPECT_EQ(check.state, TokenState::kValid);
  EXPECT_EQ(check.member, 41u);
  EXPECT_EQ(check.session_id.size(), 36u);
  EXPECT_EQ(check.token_id.size(), 36u);
  EXPECT_EQ(check.expires_at, absl::FromUnixNanos(clock_.Now()) + absl::Hours(1));
}

TEST_F(IdentityTest, TokenEndsToTheSecond) {
  const IssuedTokens tokens = Login(41);
  clock_.Advance(absl::Hours(1) - absl::Nanoseconds(1));
  EXPECT_EQ(StateOf(tokens.access_token), TokenState::kValid);
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(StateOf(tokens.access_token), TokenState::kExpired);
  clock_.Advance(absl::Seconds(1));
  const TokenCheck check = identity_->CheckAccessToken(tokens.access_token);
  EXPECT_EQ(check.state, TokenState::kExpired);
  EXPECT_EQ(check.member, 41u);
}

TEST_F(IdentityTest, EditedTokensAreRefused) {
  const std::string token = Login(41).access_token;
  const size_t payload = token.find('.') + 1;
  const size_t signature = token.rfind('.') + 1;
  for (size_t i = 0; i < token.size(); ++i) {
    std::string bad = token;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    const TokenState state = StateOf(bad);
    EXPECT_NE(state, TokenState::kValid) << i;
    if (i >= payload) {
      EXPECT_EQ(state, TokenState::kMalformed) << i;
    }
    EXPECT_NE(StateOf(token.substr(0, i)), TokenState::kValid) << i;
  }
  EXPECT_EQ(StateOf(token + "="), TokenState::kMalformed);
  EXPECT_EQ(StateOf(token + "A"), TokenState::kMalformed);
  EXPECT_EQ(StateOf(" " + token), TokenState::kMalformed);
  EXPECT_EQ(StateOf(std::string(1 << 20, 'A')), TokenState::kMalformed);
  EXPECT_EQ(StateOf(""), TokenState::kMalformed);

  // Another member in the payload under the signature of the first.
  const std::string other = Login(42).access_token;
  const size_t other_payload = other.find('.') + 1;
  EXPECT_EQ(StateOf(token.substr(0, payload) +
                    other.substr(other_payload, other.rfind('.') - other_payload) +
                    token.substr(signature - 1)),
            TokenState::kMalformed);
}

TEST_F(IdentityTest, OtherAlgorithmsAreRefused) {
  const std::string token = Login(41).access_token;
  const std::string header = token.substr(0, token.find('.'));
  const std::string rest = token.substr(token.find('.'));
  std::string json(200, '\0');
  json.resize(*Base64UrlDecode(header, json.data(), json.size()));
  const size_t at = json.find("HS256");
  ASSERT_NE(at, std::string::npos);
  for (const char* algorithm : {"none", "None", "NONE", "HS384", "HS512", "RS256", "hs256", ""}) {
    std::string edited = json;
    edited.replace(at, 5, algorithm);
    EXPECT_EQ(StateOf(Base64UrlEncode(edited) + rest), TokenState::kMalformed) << algorithm;
  }
  // The classic attack: no algorithm and no signature.
  std::string none = json;
  none.replace(at, 5, "none");
  const std::string unsigned_part = rest.substr(0, rest.rfind('.') + 1);
  EXPECT_EQ(StateOf(Base64UrlEncode(none) + unsigned_part), TokenState::kMalformed);
}

TEST_F(IdentityTest, TokensOfAnotherServerHaveAnUnknownKey) {
  MemoryStore other;
  const auto stranger = Identity::Open(&other, options_).value();
  const std::string token = stranger->OpenSession(41, "", "").value().access_token;
  const TokenCheck check = identity_->CheckAccessToken(token);
  EXPECT_EQ(check.state, TokenState::kUnknownKey);
  EXPECT_EQ(check.member, 0u);
  // A foreign key under our kid: the signature is wrong.
  const std::string ours = Login(41).access_token;
  EXPECT_EQ(StateOf(ours.substr(0, ours.find('.')) + token.substr(token.find('.'))),
            TokenState::kMalformed);
  // An unknown kid over a payload that is none.
  EXPECT_EQ(StateOf(token.substr(0, token.find('.')) + ".e30" + token.substr(token.rfind('.'))),
            TokenState::kMalformed);
}

TEST_F(IdentityTest, TokensSurviveAReopen) {
  const IssuedTokens tokens = Login(41);
  Reopen();
  EXPECT_EQ(StateOf(tokens.access_token), TokenState::kValid);
  EXPECT_EQ(identity_->CheckRefreshToken(tokens.refresh_token), 41u);
}

// ---- Signing keys

TEST_F(IdentityTest, KeysRotateAndOldOnesGoOnVerifying) {
  clock_.Advance(absl::Minutes(59));
  ASSERT_TRUE(identity_->Maintain().ok());
  const std::string first = Login(1).access_token;
  EXPECT_EQ(StateOf(first), TokenState::kValid);
  clock_.Advance(absl::Minutes(1));
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(StateOf(first), TokenState::kValidOlderKey);
  EXPECT_EQ(StateOf(Login(1).access_token), TokenState::kValid);
  Reopen();
  EXPECT_EQ(StateOf(first), TokenState::kValidOlderKey);
  EXPECT_EQ(Rows("k/"), 2u);

  clock_.Advance(absl::Minutes(59));
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(StateOf(first), TokenState::kExpired);
  // Replaced at 60 minutes, good for tokens until 120, known 48 hours more.
  clock_.Advance(absl::Hours(48));
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(StateOf(first), TokenState::kExpired);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(StateOf(first), TokenState::kUnknownKey);
  const size_t before = Rows("k/");
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_LT(Rows("k/"), before + 1);
  Reopen();
  EXPECT_EQ(StateOf(first), TokenState::kUnknownKey);
}

TEST_F(IdentityTest, ReopeningLateRotatesAtOnce) {
  const std::string first = Login(1).access_token;
  clock_.Advance(absl::Minutes(90));
  Reopen();
  const std::string second = Login(1).access_token;
  EXPECT_NE(first.substr(0, first.find('.')), second.substr(0, second.find('.')));
  EXPECT_EQ(StateOf(first), TokenState::kExpired);
}

TEST_F(IdentityTest, AKeyIsKeptForTheLongestTokenItSigned) {
  options_.key_grace = absl::ZeroDuration();
  options_.access_token_lifetime = absl::Hours(10);
  Reopen();
  const std::string longest = Login(1).access_token;
  options_.access_token_lifetime = absl::Hours(1);
  Reopen();
  clock_.Advance(absl::Hours(1));
  ASSERT_TRUE(identity_->Maintain().ok());
  clock_.Advance(absl::Hours(9) - absl::Seconds(1));
  ASSERT_TRUE(identity_->Maintain().ok());
  EXPECT_EQ(StateOf(longest), TokenState::kValidOlderKey);
}

TEST_F(IdentityTest, RotationKeepsOneCurrentKeyUnderThreads) {
  options_.key_rotation = absl::Minutes(1);
  Reopen();
  std::atomic<bool> stop = false;
  std::atomic<int> bad = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      while (!stop) {
        const std::string token = Login(static_cast<MemberId>(i + 1)).access_token;
        const TokenState state = StateOf(token);
        if (state != TokenState::kValid && state != TokenState::kValidOlderKey) ++bad;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(absl::Minutes(1));  // together less than a token lives
    EXPECT_TRUE(identity_->Maintain().ok());
    std::this_thread::yield();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bad, 0);
}

// ---- Opening

TEST_F(IdentityTest, OptionsThatMakeNoSenseAreNamed) {
  const struct {
    const char* name;
    void (*change)(IdentityOptions*);
  } kCases[] = {
      {"access_token_lifetime", [](IdentityOptions* o) { o->access_token_lifetime = {}; }},
      {"refresh_token_lifetime",
       [](IdentityOptions* o) { o->refresh_token_lifetime = -absl::Hours(1); }},
      {"refresh_leeway", [](IdentityOptions* o) { o->refresh_leeway = -absl::Seconds(1); }},
      {"clock_jump_max", [](IdentityOptions* o) { o->clock_jump_max = {}; }},
      {"clock_trust_after", [](IdentityOptions* o) { o->clock_trust_after = -absl::Seconds(1); }},
      {"key_rotation", [](IdentityOptions* o) { o->key_rotation = absl::Milliseconds(1); }},
      {"key_grace", [](IdentityOptions* o) { o->key_grace = absl::InfiniteDuration(); }},
      {"argon2_operations", [](IdentityOptions* o) { o->argon2_operations = 0; }},
      {"argon2_memory_bytes", [](IdentityOptions* o) { o->argon2_memory_bytes = 100; }},
      {"argon2_operations", [](IdentityOptions* o) { o->argon2_operations = 101; }},
      {"argon2_memory_bytes",
       [](IdentityOptions* o) { o->argon2_memory_bytes = (size_t{4} << 30) + 1; }},
  };
  for (const auto& c : kCases) {
    IdentityOptions options = options_;
    c.change(&options);
    const absl::Status status = Identity::Open(&store_, options).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.name;
    EXPECT_NE(status.ToString().find(c.name), std::string::npos) << status;
  }
}

TEST_F(IdentityTest, MissingOrDamagedSecretsAreDataLoss) {
  MemoryStore empty;
  IdentityOptions options = options_;
  options.create_if_missing = false;
  EXPECT_TRUE(absl::IsDataLoss(Identity::Open(&empty, options).status()));
  EXPECT_FALSE(empty.NewIterator({})->Valid());

  const struct {
    const char* key;
    const char* value;  // nullptr: deleted
  } kDamages[] = {{"i/format", nullptr},   {"i/format", "\x08\x02"}, {"i/root-key", nullptr},
                  {"i/root-key", "short"}, {"k/some-kid", "\xff"},   {"i/heartbeat", "\xff"},
                  {"v/some-sid", "\xff"}};
  for (const auto& damage : kDamages) {
    MemoryStore store;
    ASSERT_TRUE(Identity::Open(&store, options_).ok());
    StoreBatch batch;
    if (damage.value == nullptr) {
      batch.Delete(damage.key);
    } else {
      batch.Put(damage.key, damage.value);
    }
    ASSERT_TRUE(store.Write(std::move(batch)).ok());
    EXPECT_TRUE(absl::IsDataLoss(Identity::Open(&store, options_).status())) << damage.key;
  }
}

}  // namespace
}  // namespace dailyfeed
