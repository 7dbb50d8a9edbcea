// The rows of one generation as of one moment, for a reader that must let go of the
// moment when somebody needs that.
//
//   std::atomic<bool> cancelled = false;
//   const CancellableReader rows(snapshot.get(), keyspace, &cancelled);
//   ASSIGN_OR_RETURN(const bool found, rows.Get(key, &value));   // CANCELLED once it is true
//
// Iterators end with that status, too, so no loop over rows outlives it for long.
// Threads: as ProjectionReader; `cancelled` is set by any.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_CANCELLABLE_READER_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_CANCELLABLE_READER_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/projection.h"
#include "projections/runtime/reader.h"

namespace dailyfeed {

class CancellableReader final : public ProjectionReader {
 public:
  // Neither `moment` nor `cancelled` is owned.
  CancellableReader(const StoreReader* moment, Keyspace keyspace,
                    const std::atomic<bool>* cancelled)
      : rows_(moment, keyspace), cancelled_(cancelled) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override;
  absl::StatusOr<std::vector<StoreReader::Found>> MultiGet(
      const std::vector<std::string>& keys) const override;
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override;

 private:
  const KeyspaceReader rows_;
  const std::atomic<bool>* const cancelled_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_CANCELLABLE_READER_H_
