// Seals a text with a key: XChaCha20-Poly1305 with a random nonce.
//
//   const std::string sealed = SealText(key, context, "Kim");
//   std::optional<std::string> clear = OpenSealed(key, context, sealed);  // "Kim"
//
// `key` has 32 bytes. `context` is authenticated with the text: what was sealed
// for one context does not open in another. The sealed bytes are 24 of nonce,
// then the encrypted text with its tag.
//
// Threads: pure functions.
#ifndef DAILYFEED_ADAPTERS_CRYPTO_SEALING_H_
#define DAILYFEED_ADAPTERS_CRYPTO_SEALING_H_

#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed {

std::string SealText(std::string_view key, std::string_view context, std::string_view clear);

// nullopt for anything that SealText did not give for this key and context.
std::optional<std::string> OpenSealed(std::string_view key, std::string_view context,
                                      std::string_view sealed);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_CRYPTO_SEALING_H_
