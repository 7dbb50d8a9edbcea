#include "adapters/identity/password_hash.h"

#include <errno.h>
#include <fmt/format.h>
#include <sodium.h>

#include <array>

namespace dailyfeed {
namespace {

constexpr size_t kSaltBytes = crypto_pwhash_argon2id_SALTBYTES;
constexpr size_t kHashBytes = 32;  // what crypto_pwhash_str puts into its string
constexpr size_t kBytesPerKibibyte = 1024;

template <size_t kBytes>
std::string RandomBase64() {
  std::array<unsigned char, kBytes> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, sodium_base64_ENCODED_LEN(kBytes, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)>
      text;
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  return text.data();
}

}  // namespace

absl::Status CheckArgon2Parameters(const Argon2Parameters& parameters) {
  if (parameters.operations < crypto_pwhash_opslimit_min() ||
      parameters.operations > crypto_pwhash_opslimit_max()) {
    return absl::InvalidArgumentError(fmt::format("argon2_operations must be between {} and {}",
                                                  crypto_pwhash_opslimit_min(),
                                                  crypto_pwhash_opslimit_max()));
  }
  if (parameters.memory_bytes < crypto_pwhash_memlimit_min() ||
      parameters.memory_bytes > crypto_pwhash_memlimit_max()) {
    return absl::InvalidArgumentError(fmt::format("argon2_memory_bytes must be between {} and {}",
                                                  crypto_pwhash_memlimit_min(),
                                                  crypto_pwhash_memlimit_max()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> HashPasswordArgon2(std::string_view password,
                                               const Argon2Parameters& parameters) {
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str(hash.data(), password.data(), password.size(), parameters.operations,
                        parameters.memory_bytes) != 0) {
    return absl::ResourceExhaustedError("not enough memory to hash a password");
  }
  return std::string(hash.data());
}

absl::StatusOr<bool> VerifyPasswordArgon2(std::string_view password, const std::string& hash) {
  errno = 0;
  if (crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0) return true;
  // libsodium says EINVAL for another password and nothing else.
  if (errno == EINVAL) return false;
  return absl::ResourceExhaustedError(
      "cannot verify a password: no memory, or its hash is damaged");
}

std::string_view CostOf(std::string_view hash) {
  if (hash.substr(0, 1) != "$") return {};
  const size_t hash_begin = hash.rfind('$');
  const size_t salt_begin = hash_begin == 0 ? 0 : hash.rfind('$', hash_begin - 1);
  return salt_begin == 0 ? std::string_view() : hash.substr(0, salt_begin + 1);
}

std::string CostOf(const Argon2Parameters& parameters) {
  return fmt::format("$argon2id$v=19$m={},t={},p=1$", parameters.memory_bytes / kBytesPerKibibyte,
                     parameters.operations);
}

std::string DummyPasswordHash(std::string_view cost) {
  return fmt::format("{}{}${}", cost, RandomBase64<kSaltBytes>(), RandomBase64<kHashBytes>());
}

}  // namespace dailyfeed
