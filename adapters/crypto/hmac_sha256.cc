// OpenSSL 3 deprecates the plain SHA256_* functions in favour of EVP, whose
// contexts live on the heap and cost more than the hashing of a token. The
// plain ones are the same code and can be copied by value.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "adapters/crypto/hmac_sha256.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstdint>
#include <cstring>

namespace dailyfeed {
namespace {

constexpr size_t kBlockBytes = 64;

SHA256_CTX PrepareBlock(const std::array<uint8_t, kBlockBytes>& key, uint8_t pad) {
  std::array<uint8_t, kBlockBytes> block;
  for (size_t i = 0; i < kBlockBytes; ++i) block[i] = key[i] ^ pad;
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
  return state;
}

Sha256Digest Finish(SHA256_CTX* state) {
  Sha256Digest digest;
  SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), state);
  return digest;
}

}  // namespace

Sha256Digest Sha256(std::string_view message) {
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, message.data(), message.size());
  return Finish(&state);
}

HmacSha256::HmacSha256(std::string_view key) {
  static_assert(sizeof(SHA256_CTX) == kStateBytes);
  std::array<uint8_t, kBlockBytes> block{};
  if (key.size() > kBlockBytes) {
    const Sha256Digest digest = Sha256(key);
    std::memcpy(block.data(), digest.data(), digest.size());
  } else if (!key.empty()) {
    std::memcpy(block.data(), key.data(), key.size());
  }
  const SHA256_CTX inner = PrepareBlock(block, 0x36);
  const SHA256_CTX outer = PrepareBlock(block, 0x5c);
  std::memcpy(inner_.data(), &inner, kStateBytes);
  std::memcpy(outer_.data(), &outer, kStateBytes);
  OPENSSL_cleanse(block.data(), block.size());
}

HmacSha256::~HmacSha256() {
  OPENSSL_cleanse(inner_.data(), inner_.size());
  OPENSSL_cleanse(outer_.data(), outer_.size());
}

Sha256Digest HmacSha256::Sign(std::string_view message) const {
  SHA256_CTX state;
  std::memcpy(&state, inner_.data(), kStateBytes);
  SHA256_Update(&state, message.data(), message.size());
  const Sha256Digest inner = Finish(&state);
  std::memcpy(&state, outer_.data(), kStateBytes);
  SHA256_Update(&state, inner.data(), inner.size());
  return Finish(&state);
}

bool HmacSha256::Verify(std::string_view message, const Sha256Digest& signature) const {
  const Sha256Digest expected = Sign(message);
  return CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
}

}  // namespace dailyfeed
