// The rows of one generation as its feeding thread sees them: the changes of the
// current batch, above rows that were read or written lately, above the store.
//
//   rows.BeginEvent();
//   if (!projection.Apply(event, rows).ok()) rows.UndoEvent();
//   ...
//   rows.AppendTo(&batch);                      // lends its memory to the batch
//   if (store.Write(std::move(batch)).ok()) rows.Written();
//
// Rows stay after a batch, up to a bound, because the next events often change
// the same rows. That is coherent because no other writer changes the keyspace.
// The bound is one of memory: Written() gives back what a large batch took. Rows
// beside the batches (upkeep.h) have another writer, and are not seen here.
//
// Threads: one at a time.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_GENERATION_ROWS_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_GENERATION_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ports/store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/observer.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class GenerationRows final : public ProjectionRows, public WrittenRows {
 public:
  // `store` is not owned. `cache_bytes_max` bounds the memory of the rows that
  // stay between batches.
  GenerationRows(const StoreReader* store, Keyspace keyspace, size_t cache_bytes_max);

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) override;
  void Put(std::string_view key, std::string_view value) override;
  void PutUnsettled(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  absl::Status Scan(std::string_view lower, std::string_view upper,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) override;

  Position MomentOf(const v1::Event& event) const override;

  // Which moment the events have from now on: see ProjectionRows::MomentOf.
  // `position` is that of the last event that came in order, `retries` counts the
  // writes for events that came later than in order.
  void SetMoment(Position position, uint64_t retries) {
    position_ = position;
    retries_ = retries;
  }

  // A savepoint, and back to it. Each event of a batch has its own.
  void BeginEvent();
  void UndoEvent();

  // Calls projection->Settle for each row of PutUnsettled.
  absl::Status Settle(Projection* projection);
  // Adds every changed row, in key order; the batch borrows them until it is
  // written. From here to Written() the changed rows may be visited.
  void AppendTo(StoreBatch* batch);
  void Visit(std::string_view lower, std::string_view upper,
             absl::FunctionRef<void(std::string_view, const std::string*)> visit) const override;
  // The batch is in the store.
  void Written();

  // No row was changed since Written().
  bool unchanged() const { return changed_.empty(); }
  // The first failure of the store, whatever the projection made of it.
  const absl::Status& store_status() const { return store_status_; }
  // The memory of the rows held, and of those kept for rows to come.
  size_t cached_bytes() const { return bytes_ + spare_bytes_; }

 private:
  enum class State : uint8_t {
    kUnknown,  // a change was taken back before anybody read the row
    kAbsent,
    kPresent,
  };
  struct Row {
    std::string key;  // with the keyspace in front
    std::string value;
    size_t hash = 0;
    uint64_t changed_in_event = 0;
    State state = State::kUnknown;
    bool changed = false;  // differs from the store
    bool unsettled = false;
    bool referenced = false;  // since the trimming hand passed
  };
  struct Undo {
    Row* row = nullptr;
    std::string value;
    State state = State::kUnknown;
    bool changed = false;
  };
  struct Probe {
    std::string_view key;  // without the keyspace
    size_t hash;
  };
  struct RowHash {
    using is_transparent = void;
    size_t operator()(const Row* row) const { return row->hash; }
    size_t operator()(const Probe& probe) const { return probe.hash; }
  };
  struct RowEqual {
    using is_transparent = void;
    bool operator()(const Row* a, const Row* b) const { return a == b; }
    bool operator()(const Row* a, const Probe& b) const { return Relative(*a) == b.key; }
    bool operator()(const Probe& a, const Row* b) const { return a.key == Relative(*b); }
  };
  struct KeyLess {
    bool operator()(const Row* a, const Row* b) const { return a->key < b->key; }
  };

  static std::string_view Relative(const Row& row) {
    return std::string_view(row.key).substr(kKeyspaceBytes);
  }
  static Probe MakeProbe(std::string_view key);
  static size_t Cost(const Row& row);
  // Sets the value, and keeps bytes_ true.
  void SetValue(Row* row, std::string_view value);
  void SwapValue(Row* row, std::string* value);

  Row* Find(const Probe& probe) const;
  Row* Insert(const Probe& probe);
  // The row, to be changed: remembered for UndoEvent and for AppendTo.
  Row* Change(std::string_view key);
  std::string_view FullKey(std::string_view key);
  std::vector<Row*> ChangedRowsIn(std::string_view lower, std::string_view upper);
  absl::Status MergedScan(std::string_view lower, std::string_view upper,
                          absl::FunctionRef<bool(std::string_view, std::string_view)> visit);
  void Trim();
  // Gives back the memory of containers that a large batch made large.
  void Shrink();
  // Lets go of the row at this place of the clock.
  void Release(size_t place);

  const StoreReader* const store_;
  const std::string prefix_;
  const std::string end_;  // the first key behind those of batches
  const size_t cache_bytes_max_;

  // The clock: the hand goes round. A new row takes the place that the hand left
  // last. Places without a row are nullptr.
  std::vector<std::unique_ptr<Row>> clock_;
  size_t hand_ = 0;
  std::vector<size_t> gaps_;  // places of clock_ without a row
  // Rows that were let go, with the memory of their strings, for rows to come: they
  // come and go with every batch.
  std::vector<std::unique_ptr<Row>> spare_;
  absl::flat_hash_set<Row*, RowHash, RowEqual> index_;
  std::vector<Row*> changed_;  // in the order of their first change
  std::vector<Row*> unsettled_;
  bool settling_ = false;
  // changed_ by key; kept from the first Scan of a batch to its end.
  absl::btree_set<Row*, KeyLess> ordered_;
  bool keep_ordered_ = false;

  std::vector<Undo> undo_;  // the first undo_size_ are in use; strings are reused
  size_t undo_size_ = 0;
  uint64_t event_ = 0;

  Position position_ = 0;
  uint64_t retries_ = 0;

  std::string full_key_;    // scratch
  size_t bytes_ = 0;        // of the clock
  size_t spare_bytes_ = 0;  // of spare_
  absl::Status store_status_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_GENERATION_ROWS_H_
