#include "projections/runtime/piece_of_work.h"

#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "projections/runtime/reader.h"
#include "projections/runtime/registry.pb.h"

namespace dailyfeed {
namespace {

absl::Status Cancelled() { return absl::CancelledError("the piece of work was cancelled"); }

absl::Status NotBeside() {
  return absl::InvalidArgumentError(
      "a piece of work may change only rows whose keys begin with kBesidePrefix");
}

// Ends when the piece is cancelled, so that no loop over rows outlives it for long.
class CancellableIterator final : public StoreIterator {
 public:
  CancellableIterator(std::unique_ptr<StoreIterator> rows, const UpkeepGate* gate)
      : rows_(std::move(rows)), gate_(gate) {}

  bool Valid() const override { return !gate_->cancelled() && rows_->Valid(); }
  void SeekToFirst() override { rows_->SeekToFirst(); }
  void SeekToLast() override { rows_->SeekToLast(); }
  void Seek(std::string_view key) override { rows_->Seek(key); }
  void SeekForPrev(std::string_view key) override { rows_->SeekForPrev(key); }
  // A caller that has just seen a valid row may move on.
  void Next() override { rows_->Next(); }
  void Prev() override { rows_->Prev(); }
  std::string_view key() const override { return rows_->key(); }
  std::string_view value() const override { return rows_->value(); }
  absl::Status status() const override {
    return gate_->cancelled() ? Cancelled() : rows_->status();
  }

 private:
  const std::unique_ptr<StoreIterator> rows_;
  const UpkeepGate* const gate_;
};

}  // namespace

class PieceOfWork::Rows final : public ProjectionReader {
 public:
  Rows(const StoreReader* moment, Keyspace keyspace, const UpkeepGate* gate)
      : rows_(moment, keyspace), gate_(gate) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    if (gate_->cancelled()) return Cancelled();
    return rows_.Get(key, value);
  }
  absl::StatusOr<std::vector<StoreReader::Found>> MultiGet(
      const std::vector<std::string>& keys) const override {
    if (gate_->cancelled()) return Cancelled();
    return rows_.MultiGet(keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    if (gate_->cancelled()) return NoRows(Cancelled());
    return std::make_unique<CancellableIterator>(rows_.NewIterator(range), gate_);
  }

 private:
  const KeyspaceReader rows_;
  const UpkeepGate* const gate_;
};

PieceOfWork::PieceOfWork(Store* store, Keyspace keyspace, UpkeepGate* gate)
    : store_(store), keyspace_(keyspace), prefix_(KeyspacePrefix(keyspace)), gate_(gate) {}

PieceOfWork::~PieceOfWork() {
  rows_ = nullptr;
  snapshot_ = nullptr;
  gate_->ReleaseMoment();
}

absl::Status PieceOfWork::Begin() {
  snapshot_ = store_->NewSnapshot();
  rows_ = std::make_unique<Rows>(snapshot_.get(), keyspace_, gate_);
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
