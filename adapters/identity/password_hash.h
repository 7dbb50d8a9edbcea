// argon2id with our parameters, as PHC strings.
//
// Threads: pure functions, slow on purpose and hungry: each call holds the
// configured memory while it runs.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_PASSWORD_HASH_H_
#define DAILYFEED_ADAPTERS_IDENTITY_PASSWORD_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dailyfeed {

struct Argon2Parameters {
  uint64_t operations = 0;
  size_t memory_bytes = 0;
};

// INVALID_ARGUMENT when libsodium does not accept the parameters.
absl::Status CheckArgon2Parameters(const Argon2Parameters& parameters);

// RESOURCE_EXHAUSTED when the memory cannot be had.
absl::StatusOr<std::string> HashPasswordArgon2(std::string_view password,
                                               const Argon2Parameters& parameters);

// RESOURCE_EXHAUSTED when the memory cannot be had, or `hash` is no such string:
// neither proves that the password is wrong.
absl::StatusOr<bool> VerifyPasswordArgon2(std::string_view password, const std::string& hash);

// Whether `hash` was made with these parameters.
bool HasParameters(const std::string& hash, const Argon2Parameters& parameters);

// A well-formed string that belongs to no password and costs as much to verify
// as a real one; making it costs nothing.
std::string DummyPasswordHash(const Argon2Parameters& parameters);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_PASSWORD_HASH_H_
