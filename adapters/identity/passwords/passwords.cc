#include "adapters/identity/passwords/passwords.h"

#include <set>
#include <utility>

#include "adapters/identity/rows/secret_rows.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

std::string CredentialsRow(std::string_view subject_id) {
  return RowKey(kCredentialsPrefix, subject_id);
}

// The costs of all credentials in the store.
absl::StatusOr<std::set<std::string, std::less<>>> CostsOfAll(const Store& store) {
  std::set<std::string, std::less<>> costs;
  RETURN_IF_ERROR(
      ScanRows(store, kCredentialsPrefix, [&](std::string_view, std::string_view value) {
        secrets::v1::Credentials row;
        if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          return DamagedRow(kCredentialsPrefix);
        }
        const std::string_view cost = CostOf(row.password_hash());
        if (!cost.empty() && costs.find(cost) == costs.end()) costs.emplace(cost);
        return absl::OkStatus();
      }));
  return costs;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Passwords>> Passwords::Open(Store* store,
                                                           Argon2Parameters parameters) {
  std::unique_ptr<Passwords> passwords(new Passwords(store, parameters));
  RETURN_IF_ERROR(passwords->FindCostsInUse());
  return passwords;
}

absl::Status Passwords::FindCostsInUse() {
  no_ones_ = {DummyPasswordHash(cost_)};
  secrets::v1::PasswordCost only;
  ASSIGN_OR_RETURN(const bool known, ReadRow(*store_, kPasswordCostRow, &only));
  if (known && only.cost() == cost_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto costs, CostsOfAll(*store_));
  for (const std::string& cost : costs) {
    if (cost != cost_) no_ones_.push_back(DummyPasswordHash(cost));
  }
  StoreBatch batch;
  if (no_ones_.size() == 1) {
    only.set_cost(cost_);
    PutRow(kPasswordCostRow, only, &batch);
  } else if (known) {
    // Before the first hash of now is stored: it would not be the only one.
    batch.Delete(kPasswordCostRow);
  }
  return batch.empty() ? absl::OkStatus() : store_->Write(std::move(batch));
}

absl::StatusOr<bool> Passwords::Run(std::string_view password, const std::string& hash) const {
  hashes_.fetch_add(1, std::memory_order_relaxed);
  return VerifyPasswordArgon2(password, hash);
}

absl::StatusOr<std::string> Passwords::Hash(std::string_view password) const {
  hashes_.fetch_add(1, std::memory_order_relaxed);
  return HashPasswordArgon2(password, parameters_);
}

absl::StatusOr<bool> Passwords::Verify(std::string_view subject_id,
                                       std::string_view password) const {
  secrets::v1::Credentials row;
  ASSIGN_OR_RETURN(const bool known, ReadRow(*store_, CredentialsRow(subject_id), &row));
  const std::string_view own_cost = CostOf(row.password_hash());
  for (const std::string& no_ones : no_ones_) {
    if (known && CostOf(no_ones) == own_cost) continue;
    RETURN_IF_ERROR(Run(password, no_ones).status());
  }
  if (!known) return false;
  if (own_cost.empty()) return DamagedRow(kCredentialsPrefix);
  return Run(password, row.password_hash());
}

absl::StatusOr<std::optional<std::string>> Passwords::HashAnew(std::string_view subject_id,
                                                               std::string_view password) const {
  secrets::v1::Credentials row;
  ASSIGN_OR_RETURN(const bool known, ReadRow(*store_, CredentialsRow(subject_id), &row));
  if (!known || CostOf(row.password_hash()) == cost_) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string hash, Hash(password));
  return std::optional<std::string>(std::move(hash));
}

void Passwords::Put(std::string_view subject_id, std::string_view password_hash,
                    StoreBatch* batch) {
  secrets::v1::Credentials row;
  row.set_password_hash(std::string(password_hash));
  PutRow(CredentialsRow(subject_id), row, batch);
}

void Passwords::Delete(std::string_view subject_id, StoreBatch* batch) {
  batch->Delete(CredentialsRow(subject_id));
}

}  // namespace dailyfeed
