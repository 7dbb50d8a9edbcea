// HMAC-SHA256 with a prepared key.
//
// The two blocks of the key are hashed once, when the object is made; a MAC
// costs only the hashing of its message and one block more, and allocates
// nothing.
//
//   const HmacSha256 mac(key);
//   mac.Verify(message, received);
#ifndef DAILYFEED_ADAPTERS_CRYPTO_HMAC_SHA256_H_
#define DAILYFEED_ADAPTERS_CRYPTO_HMAC_SHA256_H_

#include <array>
#include <cstddef>
#include <string_view>

namespace dailyfeed {

inline constexpr size_t kSha256Bytes = 32;
using Sha256Digest = std::array<char, kSha256Bytes>;

Sha256Digest Sha256(std::string_view message);

// Immutable; from any thread. Wipes its key when it goes.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  HmacSha256(const HmacSha256&) = default;
  HmacSha256& operator=(const HmacSha256&) = default;
  ~HmacSha256();

  Sha256Digest Sign(std::string_view message) const;
  // In constant time.
  bool Verify(std::string_view message, const Sha256Digest& signature) const;

 private:
  static constexpr size_t kStateBytes = 112;  // SHA256_CTX, checked in the .cc
  alignas(8) std::array<unsigned char, kStateBytes> inner_;
  alignas(8) std::array<unsigned char, kStateBytes> outer_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_CRYPTO_HMAC_SHA256_H_
