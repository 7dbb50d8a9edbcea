#include "adapters/crypto/answer_vault.h"

#include <sodium.h>

#include "core/base/check.h"

namespace dailyfeed {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

AnswerVault::AnswerVault(std::string key) : key_(std::move(key)) {
  DAILYFEED_CHECK(sodium_init() >= 0);
  DAILYFEED_CHECK(key_.size() == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
}

std::string AnswerVault::Seal(std::string_view context, std::string_view answer) const {
  std::string sealed(kNonceBytes + answer.size() + kTagBytes, '\0');
  unsigned char* const nonce = Bytes(sealed);
  randombytes_buf(nonce, kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, nullptr, Bytes(answer),
                                             answer.size(), Bytes(context), context.size(), nullptr,
                                             nonce, Bytes(std::string_view(key_)));
  return sealed;
}

std::optional<std::string> AnswerVault::Open(std::string_view context,
                                             std::string_view sealed) const {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view box = sealed.substr(kNonceBytes);
  std::string answer(box.size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Bytes(answer), nullptr, nullptr, Bytes(box), box.size(), Bytes(context), context.size(),
          Bytes(sealed), Bytes(std::string_view(key_))) != 0) {
    return std::nullopt;
  }
  return answer;
}

}  // namespace dailyfeed
