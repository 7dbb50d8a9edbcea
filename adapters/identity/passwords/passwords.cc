#include "adapters/identity/passwords/passwords.h"

#include <errno.h>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "adapters/identity/rows/secret_rows.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "core/base/status_macros.h"

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

// Up to ten digits, which fit 64 bits with room for a unit.
bool TakeNumber(absl::string_view* text, uint64_t* number) {
  constexpr size_t kDigitsMax = 10;
  const size_t digits = std::min(text->find_first_not_of("0123456789"), text->size());
  if (digits > kDigitsMax || !absl::SimpleAtoi(text->substr(0, digits), number)) return false;
  text->remove_prefix(digits);
  return true;
}

template <size_t kBytes>
bool IsBase64Of(std::string_view text) {
  std::array<unsigned char, kBytes> bytes;
  size_t size = 0;
  return sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                           nullptr, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
         size == kBytes;
}

bool IsSaltAndHash(std::string_view text) {
  const size_t end = std::min(text.find('$'), text.size());
  return end < text.size() && IsBase64Of<kSaltBytes>(text.substr(0, end)) &&
         IsBase64Of<kHashBytes>(text.substr(end + 1));
}

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
  return absl::ResourceExhaustedError("not enough memory to verify a password");
}

std::string_view CostOf(std::string_view hash) {
  Argon2Parameters parameters;
  absl::string_view rest(hash.data(), hash.size());
  uint64_t kibibytes = 0;
  if (!absl::ConsumePrefix(&rest, "$argon2id$v=19$m=") || !TakeNumber(&rest, &kibibytes) ||
      !absl::ConsumePrefix(&rest, ",t=") || !TakeNumber(&rest, &parameters.operations)) {
    return {};
  }
  parameters.memory_bytes = kibibytes * kBytesPerKibibyte;
  // Written anew: no leading zeros, no lanes but one.
  const std::string cost = CostOf(parameters);
  const bool is_such = hash.substr(0, cost.size()) == cost &&
                       IsSaltAndHash(hash.substr(cost.size())) &&
                       CheckArgon2Parameters(parameters).ok();
  return is_such ? hash.substr(0, cost.size()) : std::string_view();
}

std::string CostOf(const Argon2Parameters& parameters) {
  return fmt::format("$argon2id$v=19$m={},t={},p=1$", parameters.memory_bytes / kBytesPerKibibyte,
                     parameters.operations);
}

std::string DummyPasswordHash(std::string_view cost) {
  return fmt::format("{}{}${}", cost, RandomBase64<kSaltBytes>(), RandomBase64<kHashBytes>());
}

absl::StatusOr<std::unique_ptr<Passwords>> Passwords::Open(Store* store,
                                                           Argon2Parameters parameters) {
  std::unique_ptr<Passwords> passwords(new Passwords(store, parameters));
  RETURN_IF_ERROR(passwords->FindCostsInUse());
  return passwords;
}

absl::Status Passwords::FindCostsInUse() {
  dummy_hashes_ = {DummyPasswordHash(cost_)};
  secrets::v1::PasswordCost only;
  ASSIGN_OR_RETURN(const bool known, ReadRow(*store_, kPasswordCostRow, &only));
  if (known && only.cost() == cost_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto costs, CostsOfAll(*store_));
  for (const std::string& cost : costs) {
    if (cost != cost_) dummy_hashes_.push_back(DummyPasswordHash(cost));
  }
  StoreBatch batch;
  if (dummy_hashes_.size() == 1) {
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
  for (const std::string& dummy : dummy_hashes_) {
    if (known && CostOf(dummy) == own_cost) continue;
    RETURN_IF_ERROR(Run(password, dummy).status());
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
