#include "adapters/identity/rows/secret_rows.h"

#include <fmt/format.h>
#include <sodium.h>

#include "core/base/status_macros.h"

namespace dailyfeed {

std::string RowKey(std::string_view prefix, std::string_view rest) {
  std::string key;
  key.reserve(prefix.size() + rest.size());
  key += prefix;
  key += rest;
  return key;
}

std::string BigEndian(uint64_t number) {
  std::string bytes(sizeof(number), '\0');
  for (size_t i = bytes.size(); i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number);
  return bytes;
}

uint64_t FromBigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (const char c : bytes.substr(0, sizeof(number))) {
    number = (number << 8) | static_cast<uint8_t>(c);
  }
  return number;
}

std::string MemberSessionKey(MemberId member, std::string_view session_id) {
  return RowKey(kMemberSessionPrefix, RowKey(BigEndian(member), session_id));
}

std::string ExpiryKey(TimestampNs time, std::string_view row) {
  return RowKey(kExpiryPrefix, RowKey(BigEndian(static_cast<uint64_t>(time)), row));
}

absl::StatusOr<bool> ReadRow(const StoreReader& store, std::string_view key,
                             google::protobuf::MessageLite* message) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool found, store.Get(key, &bytes));
  if (!found) return false;
  const bool parsed = message->ParseFromString(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  if (!parsed) return DamagedRow(key);
  return true;
}

void PutRow(std::string_view key, const google::protobuf::MessageLite& message, StoreBatch* batch) {
  batch->Put(key, message.SerializeAsString());
}

absl::Status ScanRows(
    const StoreReader& store, std::string_view prefix,
    absl::FunctionRef<absl::Status(std::string_view rest, std::string_view value)> visit) {
  std::string upper(prefix);
  while (!upper.empty() && static_cast<uint8_t>(upper.back()) == 0xff) upper.pop_back();
  if (!upper.empty()) ++upper.back();
  auto it = store.NewIterator({.lower = std::string(prefix), .upper = upper});
  for (; it->Valid(); it->Next()) {
    RETURN_IF_ERROR(visit(it->key().substr(prefix.size()), it->value()));
  }
  return it->status();
}

absl::Status DamagedRow(std::string_view key) {
  return absl::DataLossError(
      fmt::format("the secrets store has a damaged row of kind '{}'", key.substr(0, 1)));
}

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace dailyfeed
