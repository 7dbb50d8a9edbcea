// The rows of one generation for one piece of work: a snapshot to read, and small
// batches to write.
//
//   PieceOfWork piece(store, generation.keyspace(), &generation.gate());
//   RETURN_IF_ERROR(piece.Begin());
//   ASSIGN_OR_RETURN(Upkeep::Commit commit, upkeep->Work(piece));
//   RETURN_IF_ERROR(piece.Finish());
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_PIECE_OF_WORK_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_PIECE_OF_WORK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/ports/store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/upkeep.h"
#include "projections/runtime/upkeep_gate.h"

namespace dailyfeed {

class PieceOfWork final : public UpkeepRows {
 public:
  // Neither `store` nor `gate`, in which the piece is, is owned.
  PieceOfWork(Store* store, Keyspace keyspace, UpkeepGate* gate);
  ~PieceOfWork() override;

  // Takes the moment.
  absl::Status Begin();
  // Writes what was put and not written yet.
  absl::Status Finish();

  const ProjectionReader& rows() const override { return *rows_; }
  Position position() const override { return position_; }
  Position moment() const override { return moment_; }
  absl::Status Put(std::string_view key, std::string_view value) override;
  absl::Status DeleteRange(std::string_view lower, std::string_view upper) override;
  bool cancelled() const override { return gate_->cancelled(); }

  // The first write that failed otherwise than by being cancelled.
  const absl::Status& store_status() const { return store_status_; }
  uint64_t bytes_written() const { return bytes_written_; }

 private:
  // Makes room for a change of `bytes`.
  absl::Status Reserve(size_t bytes);

  Store* const store_;
  const Keyspace keyspace_;
  const std::string prefix_;
  UpkeepGate* const gate_;

  std::unique_ptr<StoreSnapshot> snapshot_;
  std::unique_ptr<ProjectionReader> rows_;
  Position position_ = 0;
  Position moment_ = 0;
  StoreBatch batch_;
  size_t batch_bytes_ = 0;
  uint64_t bytes_written_ = 0;
  absl::Status store_status_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_PIECE_OF_WORK_H_
