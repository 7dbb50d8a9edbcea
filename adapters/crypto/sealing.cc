#include "adapters/crypto/sealing.h"

#include <sodium.h>

#include "core/base/check.h"

namespace dailyfeed {
namespace {

constexpr size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string* text) { return reinterpret_cast<unsigned char*>(text->data()); }

void CheckReady(std::string_view key) {
  static const bool ready = sodium_init() >= 0;
  DAILYFEED_CHECK(ready && key.size() == kKeyBytes);
}

}  // namespace

std::string SealText(std::string_view key, std::string_view context, std::string_view clear) {
  CheckReady(key);
  std::string sealed(kNonceBytes + clear.size() + kTagBytes, '\0');
  unsigned char* const nonce = Bytes(&sealed);
  randombytes_buf(nonce, kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, nullptr, Bytes(clear),
                                             clear.size(), Bytes(context), context.size(), nullptr,
                                             nonce, Bytes(key));
  return sealed;
}

std::optional<std::string> OpenSealed(std::string_view key, std::string_view context,
                                      std::string_view sealed) {
  CheckReady(key);
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view box = sealed.substr(kNonceBytes);
  std::string clear(box.size() - kTagBytes, '\0');
  const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
      Bytes(&clear), nullptr, nullptr, Bytes(box), box.size(), Bytes(context), context.size(),
      Bytes(sealed), Bytes(key));
  return opened == 0 ? std::optional<std::string>(std::move(clear)) : std::nullopt;
}

}  // namespace dailyfeed
