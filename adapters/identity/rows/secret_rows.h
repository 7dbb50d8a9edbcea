// Reading and writing the rows of secrets.proto in a Store.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_ROWS_SECRET_ROWS_H_
#define DAILYFEED_ADAPTERS_IDENTITY_ROWS_SECRET_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "core/domain/types.h"
#include "core/ports/store.h"
#include "google/protobuf/message_lite.h"

namespace dailyfeed {

inline constexpr std::string_view kFormatRow = "i/format";
inline constexpr std::string_view kRootKeyRow = "i/root-key";
inline constexpr std::string_view kPasswordCostRow = "i/password-cost";
inline constexpr std::string_view kHeartbeatRow = "i/heartbeat";
inline constexpr std::string_view kSigningKeyPrefix = "k/";
inline constexpr std::string_view kPersonalKeyPrefix = "p/";
inline constexpr std::string_view kDestroyedPrefix = "d/";
inline constexpr std::string_view kCredentialsPrefix = "c/";
inline constexpr std::string_view kFamilyPrefix = "f/";
inline constexpr std::string_view kRefreshTokenPrefix = "r/";
inline constexpr std::string_view kMemberSessionPrefix = "s/";
inline constexpr std::string_view kRevocationPrefix = "v/";
inline constexpr std::string_view kSessionAnswerPrefix = "a/";
inline constexpr std::string_view kExpiryPrefix = "e/";

std::string RowKey(std::string_view prefix, std::string_view rest);
// 8 bytes, big-endian: sorts like the number.
std::string BigEndian(uint64_t number);
uint64_t FromBigEndian(std::string_view bytes);
std::string MemberSessionKey(MemberId member, std::string_view session_id);
// When to look at `row` again.
std::string ExpiryKey(TimestampNs time, std::string_view row);

// False: no such row. DATA_LOSS when the bytes are not such a message; the
// error names the kind of the row, never its content.
absl::StatusOr<bool> ReadRow(const StoreReader& store, std::string_view key,
                             google::protobuf::MessageLite* message);
void PutRow(std::string_view key, const google::protobuf::MessageLite& message, StoreBatch* batch);

// Every row whose key starts with `prefix`, in order, until `visit` is not OK.
// `rest` is the key without the prefix.
absl::Status ScanRows(
    const StoreReader& store, std::string_view prefix,
    absl::FunctionRef<absl::Status(std::string_view rest, std::string_view value)> visit);

absl::Status DamagedRow(std::string_view key);

std::string RandomBytes(size_t size);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_ROWS_SECRET_ROWS_H_
