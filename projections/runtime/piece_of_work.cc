#include "projections/runtime/piece_of_work.h"

#include <utility>

#include "core/base/status_macros.h"
#include "projections/runtime/cancellable_reader.h"
#include "projections/runtime/registry.pb.h"

namespace dailyfeed {
namespace {

absl::Status Cancelled() { return absl::CancelledError("the piece of work was cancelled"); }

absl::Status NotBeside() {
  return absl::InvalidArgumentError(
      "a piece of work may change only rows whose keys begin with kBesidePrefix");
}

}  // namespace

PieceOfWork::PieceOfWork(Store* store, Keyspace keyspace, UpkeepGate* gate)
    : store_(store), keyspace_(keyspace), prefix_(KeyspacePrefix(keyspace)), gate_(gate) {}

PieceOfWork::~PieceOfWork() {
  rows_ = nullptr;
  snapshot_ = nullptr;
  gate_->ReleaseMoment();
}

absl::Status PieceOfWork::Begin() {
  snapshot_ = store_->NewSnapshot();
  rows_ = std::make_unique<CancellableReader>(snapshot_.get(), keyspace_, &gate_->cancelled_flag());
  // The checkpoint changes with the rows, so the one in the snapshot is theirs.
  std::string bytes;
  ASSIGN_OR_RETURN(const bool found, snapshot_->Get(CheckpointKey(keyspace_), &bytes));
  if (!found) return absl::OkStatus();
  views::v1::CheckpointRecord checkpoint;
  if (!checkpoint.ParseFromString(bytes)) {
    return absl::DataLossError("the checkpoint of a generation is not readable");
  }
  position_ = checkpoint.position();
  moment_ = checkpoint.position() + checkpoint.retries();
  return absl::OkStatus();
}

absl::Status PieceOfWork::Reserve(size_t bytes) {
  if (cancelled()) return Cancelled();
  if (batch_bytes_ > 0 && batch_bytes_ + bytes > kBesideBatchBytes) RETURN_IF_ERROR(Finish());
  batch_bytes_ += bytes;
  return absl::OkStatus();
}

absl::Status PieceOfWork::Put(std::string_view key, std::string_view value) {
  if (!IsBeside(key)) return NotBeside();
  RETURN_IF_ERROR(Reserve(prefix_.size() + key.size() + value.size()));
  batch_.Put(prefix_ + std::string(key), value);
  return absl::OkStatus();
}

absl::Status PieceOfWork::DeleteRange(std::string_view lower, std::string_view upper) {
  if (!IsBeside(lower) || (!IsBeside(upper) && upper != kBehindBeside)) return NotBeside();
  RETURN_IF_ERROR(Reserve(2 * prefix_.size() + lower.size() + upper.size()));
  batch_.DeleteRange(prefix_ + std::string(lower), prefix_ + std::string(upper));
  return absl::OkStatus();
}

absl::Status PieceOfWork::Finish() {
  if (batch_.empty()) return cancelled() ? Cancelled() : absl::OkStatus();
  absl::Status written = gate_->Write(*store_, std::exchange(batch_, {}));
  if (written.ok()) {
    bytes_written_ += batch_bytes_;
  } else if (!absl::IsCancelled(written)) {
    store_status_.Update(written);
  }
  batch_bytes_ = 0;
  return written;
}

}  // namespace dailyfeed
