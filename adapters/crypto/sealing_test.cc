#include "adapters/crypto/sealing.h"

#include <gtest/gtest.h>

namespace dailyfeed {
namespace {

TEST(SealingTest, OpensWhatItSealed) {
  const std::string key(32, 'k');
  for (const std::string& answer : {std::string(), std::string("{}"), std::string(70'000, 'x')}) {
    const std::string sealed = SealText(key, "member/7", answer);
    EXPECT_EQ(OpenSealed(key, "member/7", sealed), answer);
    EXPECT_EQ(OpenSealed(std::string(32, 'k'), "member/7", sealed), answer);
  }
}

TEST(SealingTest, HidesTheAnswerAndNeverRepeatsItself) {
  const std::string key(32, 'k');
  const std::string answer = "{\"authorName\":\"Kim Minji\"}";
  EXPECT_EQ(SealText(key, "c", answer).find("Minji"), std::string::npos);
  EXPECT_NE(SealText(key, "c", answer), SealText(key, "c", answer));
}

TEST(SealingTest, RefusesEverythingElse) {
  const std::string key(32, 'k');
  const std::string sealed = SealText(key, "member/7", "{}");
  EXPECT_EQ(OpenSealed(key, "member/8", sealed), std::nullopt);
  EXPECT_EQ(OpenSealed(std::string(32, 'l'), "member/7", sealed), std::nullopt);
  for (size_t i = 0; i < sealed.size(); ++i) {
    EXPECT_EQ(OpenSealed(key, "member/7", sealed.substr(0, i)), std::nullopt);
    std::string altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_EQ(OpenSealed(key, "member/7", altered), std::nullopt);
  }
}

}  // namespace
}  // namespace dailyfeed
