#include "projections/runtime/cancellable_reader.h"

#include <utility>

namespace dailyfeed {
namespace {

absl::Status Cancelled() { return absl::CancelledError("the moment that is read was given up"); }

class CancellableIterator final : public StoreIterator {
 public:
  CancellableIterator(std::unique_ptr<StoreIterator> rows, const std::atomic<bool>* cancelled)
      : rows_(std::move(rows)), cancelled_(cancelled) {}

  bool Valid() const override { return !cancelled() && rows_->Valid(); }
  void SeekToFirst() override { rows_->SeekToFirst(); }
  void SeekToLast() override { rows_->SeekToLast(); }
  void Seek(std::string_view key) override { rows_->Seek(key); }
  void SeekForPrev(std::string_view key) override { rows_->SeekForPrev(key); }
  // A caller that has just seen a valid row may move on.
  void Next() override { rows_->Next(); }
  void Prev() override { rows_->Prev(); }
  std::string_view key() const override { return rows_->key(); }
  std::string_view value() const override { return rows_->value(); }
  absl::Status status() const override { return cancelled() ? Cancelled() : rows_->status(); }

 private:
  bool cancelled() const { return cancelled_->load(std::memory_order_relaxed); }

  const std::unique_ptr<StoreIterator> rows_;
  const std::atomic<bool>* const cancelled_;
};

}  // namespace

absl::StatusOr<bool> CancellableReader::Get(std::string_view key, std::string* value) const {
  if (cancelled_->load(std::memory_order_relaxed)) return Cancelled();
  return rows_.Get(key, value);
}

absl::StatusOr<std::vector<StoreReader::Found>> CancellableReader::MultiGet(
    const std::vector<std::string>& keys) const {
  if (cancelled_->load(std::memory_order_relaxed)) return Cancelled();
  return rows_.MultiGet(keys);
}

std::unique_ptr<StoreIterator> CancellableReader::NewIterator(const KeyRange& range) const {
  if (cancelled_->load(std::memory_order_relaxed)) return NoRows(Cancelled());
  return std::make_unique<CancellableIterator>(rows_.NewIterator(range), cancelled_);
}

}  // namespace dailyfeed
