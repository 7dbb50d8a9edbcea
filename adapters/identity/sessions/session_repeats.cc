#include "adapters/identity/sessions/session_repeats.h"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "adapters/crypto/sealing.h"
#include "adapters/identity/rows/secret_rows.h"
#include "adapters/identity/rows/secrets.pb.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

std::string Digest(const HmacSha256& mac, std::string_view purpose, std::string_view text) {
  const Sha256Digest digest = mac.Sign(fmt::format("{}\n{}", purpose, text));
  return std::string(digest.data(), digest.size());
}

}  // namespace

absl::StatusOr<SessionRepeats::Turn> SessionRepeats::Take(std::string_view scope,
                                                          const SessionRequest* request) {
  Turn turn;
  if (request == nullptr) return turn;
  // Keys have no line breaks, so no two pairs give one text.
  const HmacSha256 of_key(Digest(secret_, "key", fmt::format("{}\n{}", request->key, scope)));
  turn.repeats_ = this;
  turn.rows_ = RowKey(kSessionAnswerPrefix, Digest(of_key, "row", {}));
  turn.seal_key_ = Digest(of_key, "seal", {});
  turn.fingerprint_ = Digest(of_key, "request", request->fingerprint);
  turn.lock_ = std::unique_lock(stripes_[std::hash<std::string>()(turn.rows_) % kStripes]);
  RETURN_IF_ERROR(Recall(&turn));
  return turn;
}

absl::Status SessionRepeats::Recall(Turn* turn) const {
  const TimestampNs now = clock_->Now();
  return ScanRows(*store_, turn->rows_, [&](std::string_view expires, std::string_view value) {
    if (static_cast<TimestampNs>(FromBigEndian(expires)) <= now) return absl::OkStatus();
    secrets::v1::SessionAnswer row;
    if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return DamagedRow(kSessionAnswerPrefix);
    }
    if (row.request() != turn->fingerprint_) {
      return MakeError(ErrorCode::kIdempotencyKeyReused, "the key was used for another request");
    }
    turn->answer_ = OpenSealed(turn->seal_key_, turn->rows_, row.sealed_answer());
    return turn->answer_ ? absl::OkStatus() : DamagedRow(kSessionAnswerPrefix);
  });
}

void SessionRepeats::Turn::Remember(std::string_view answer, StoreBatch* batch) const {
  if (repeats_ == nullptr) return;
  secrets::v1::SessionAnswer row;
  row.set_request(fingerprint_);
  row.set_sealed_answer(SealText(seal_key_, rows_, answer));
  const TimestampNs expires =
      repeats_->clock_->Now() + absl::ToInt64Nanoseconds(repeats_->retention_);
  // With the time in its key: whoever purges the row of a former use of the
  // idempotency key cannot take this one.
  const std::string key = RowKey(rows_, BigEndian(static_cast<uint64_t>(expires)));
  PutRow(key, row, batch);
  batch->Put(ExpiryKey(expires, key), {});
}

}  // namespace dailyfeed
