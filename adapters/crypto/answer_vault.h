// Seals the answers that are remembered for idempotency keys. An answer may
// hold names of people, and nothing of that kind stands in the log's directory
// in the clear.
//
//   AnswerVault vault(identity.DerivedKey("answers"));
//   std::string sealed = vault.Seal(context, body);
//   std::optional<std::string> body = vault.Open(context, sealed);
//
// XChaCha20-Poly1305 with a random nonce. `context` is authenticated with the
// answer: what was sealed for one request cannot be opened as another's.
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_CRYPTO_ANSWER_VAULT_H_
#define DAILYFEED_ADAPTERS_CRYPTO_ANSWER_VAULT_H_

#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed {

class AnswerVault {
 public:
  // `key` has 32 bytes.
  explicit AnswerVault(std::string key);

  std::string Seal(std::string_view context, std::string_view answer) const;
  // nullopt for anything that Seal did not write for this context.
  std::optional<std::string> Open(std::string_view context, std::string_view sealed) const;

 private:
  std::string key_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_CRYPTO_ANSWER_VAULT_H_
