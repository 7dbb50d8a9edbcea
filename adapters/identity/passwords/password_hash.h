// argon2id with our parameters, as PHC strings.
//
// Threads: pure functions, slow on purpose and hungry: each call holds the
// configured memory while it runs.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_PASSWORD_HASH_H_
#define DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_PASSWORD_HASH_H_

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

// `hash` has a cost, see CostOf. RESOURCE_EXHAUSTED when the memory cannot be
// had, which does not prove that the password is wrong.
absl::StatusOr<bool> VerifyPasswordArgon2(std::string_view password, const std::string& hash);

// What verifying `hash` costs: its text before salt and hash, which names
// algorithm and parameters ("$argon2id$v=19$m=19456,t=2,p=1$"). Hashes of one
// cost take the same time. Empty when `hash` is not of the form that
// HashPasswordArgon2 writes.
std::string_view CostOf(std::string_view hash);
// Of the hashes that HashPasswordArgon2 makes with these parameters.
std::string CostOf(const Argon2Parameters& parameters);

// A well-formed string that belongs to no password and costs as much to verify
// as a real one of this cost; making it costs nothing.
std::string DummyPasswordHash(std::string_view cost);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_PASSWORD_HASH_H_
