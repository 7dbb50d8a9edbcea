#include "adapters/crypto/hmac_sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace dailyfeed {
namespace {

std::string Hex(const Sha256Digest& digest) {
  std::string text;
  for (const char c : digest) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

TEST(Sha256, KnownText) {
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 4231.
TEST(HmacSha256, KnownTexts) {
  EXPECT_EQ(Hex(HmacSha256(std::string(20, '\x0b')).Sign("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256("Jefe").Sign("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(HmacSha256(std::string(131, '\xaa'))
                    .Sign("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, VerifyTellsEveryBitApart) {
  const HmacSha256 key("a key");
  const HmacSha256 copy = key;
  const Sha256Digest good = key.Sign("message");
  EXPECT_TRUE(copy.Verify("message", good));
  EXPECT_FALSE(copy.Verify("messagf", good));
  EXPECT_FALSE(HmacSha256("another").Verify("message", good));
  for (size_t i = 0; i < good.size(); ++i) {
    Sha256Digest bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(key.Verify("message", bad));
  }
}

}  // namespace
}  // namespace dailyfeed
