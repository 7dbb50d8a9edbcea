#include "adapters/crypto/answer_vault.h"

#include <gtest/gtest.h>

namespace dailyfeed {
namespace {

TEST(AnswerVaultTest, OpensWhatItSealed) {
  const AnswerVault vault(std::string(32, 'k'));
  for (const std::string& answer : {std::string(), std::string("{}"), std::string(70'000, 'x')}) {
    const std::string sealed = vault.Seal("member/7", answer);
    EXPECT_EQ(vault.Open("member/7", sealed), answer);
    EXPECT_EQ(AnswerVault(std::string(32, 'k')).Open("member/7", sealed), answer);
  }
}

TEST(AnswerVaultTest, HidesTheAnswerAndNeverRepeatsItself) {
  const AnswerVault vault(std::string(32, 'k'));
  const std::string answer = "{\"authorName\":\"Kim Minji\"}";
  EXPECT_EQ(vault.Seal("c", answer).find("Minji"), std::string::npos);
  EXPECT_NE(vault.Seal("c", answer), vault.Seal("c", answer));
}

TEST(AnswerVaultTest, RefusesEverythingElse) {
  const AnswerVault vault(std::string(32, 'k'));
  const std::string sealed = vault.Seal("member/7", "{}");
  EXPECT_EQ(vault.Open("member/8", sealed), std::nullopt);
  EXPECT_EQ(AnswerVault(std::string(32, 'l')).Open("member/7", sealed), std::nullopt);
  for (size_t i = 0; i < sealed.size(); ++i) {
    EXPECT_EQ(vault.Open("member/7", sealed.substr(0, i)), std::nullopt);
    std::string altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_EQ(vault.Open("member/7", altered), std::nullopt);
  }
}

}  // namespace
}  // namespace dailyfeed
