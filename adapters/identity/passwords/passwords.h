// The passwords of a secrets store: hashed, verified, and what a guess costs.
//
// Nobody can tell by the time it takes whether an account exists. As long as
// some account was hashed with other parameters than those of now, every
// verification does the work of every cost that is in use, whosever password it
// is: one real run and a run for nothing at each of the other costs. Accounts
// are hashed anew at their next login; which costs are still in use is found
// out at Open.
//
// Threads: everything from any thread. Hash, Verify and Renew are slow on
// purpose.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_PASSWORDS_H_
#define DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_PASSWORDS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ports/store.h"

namespace dailyfeed {

// --- argon2id, as PHC strings. Pure functions, slow on purpose: each run holds the
// configured memory. -------------------------------------------------------------

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

// --- The passwords of a store -----------------------------------------------------

class Passwords {
 public:
  // `store` is not owned. Reads every credential unless all are known to have
  // the cost of now.
  static absl::StatusOr<std::unique_ptr<Passwords>> Open(Store* store, Argon2Parameters parameters);

  absl::StatusOr<std::string> Hash(std::string_view password) const;
  // False for an unknown subject too, after the same work. DATA_LOSS: what the
  // store has for this subject is no hash; nobody else is concerned.
  absl::StatusOr<bool> Verify(std::string_view subject_id, std::string_view password) const;
  // A hash with the parameters of now, if the subject's has others; nullopt when
  // it has those or there is no such subject.
  absl::StatusOr<std::optional<std::string>> HashAnew(std::string_view subject_id,
                                                      std::string_view password) const;
  static void Put(std::string_view subject_id, std::string_view password_hash, StoreBatch* batch);
  static void Delete(std::string_view subject_id, StoreBatch* batch);

  uint64_t hashes() const { return hashes_.load(std::memory_order_relaxed); }  // runs of argon2id

 private:
  Passwords(Store* store, Argon2Parameters parameters)
      : store_(store), parameters_(parameters), cost_(CostOf(parameters)) {}

  absl::Status FindCostsInUse();
  absl::StatusOr<bool> Run(std::string_view password, const std::string& hash) const;

  Store* const store_;
  const Argon2Parameters parameters_;
  const std::string cost_;  // of now
  // A hash that belongs to no password, of each cost in use.
  std::vector<std::string> dummy_hashes_;
  mutable std::atomic<uint64_t> hashes_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_PASSWORDS_H_
