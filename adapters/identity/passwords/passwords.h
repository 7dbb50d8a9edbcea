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
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/identity/passwords/password_hash.h"
#include "core/ports/store.h"

namespace dailyfeed {

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
  const std::string cost_;            // of now
  std::vector<std::string> no_ones_;  // a hash that is nobody's, of each cost in use
  mutable std::atomic<uint64_t> hashes_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_PASSWORDS_PASSWORDS_H_
