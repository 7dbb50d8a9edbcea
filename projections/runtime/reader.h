// ProjectionReader over one keyspace of a store: a prefix in front of each key.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_READER_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_READER_H_

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

// Reads the keyspace that `live` holds at the time of each call; 0: none yet.
// Neither is owned. A keyspace is dropped only after `live` has left it, and
// never used again, so an answer is of the live generation whenever `live` did
// not change meanwhile.
std::unique_ptr<ProjectionReader> NewLiveReader(const StoreReader* store,
                                                const std::atomic<Keyspace>* live);

// An iterator over nothing, because of `status`.
std::unique_ptr<StoreIterator> NoRows(absl::Status status);

// Reads one keyspace, whatever becomes of it. `store` is not owned.
class KeyspaceReader final : public ProjectionReader {
 public:
  KeyspaceReader(const StoreReader* store, Keyspace keyspace)
      : store_(store), keyspace_(keyspace) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override;
  absl::StatusOr<std::vector<StoreReader::Found>> MultiGet(
      const std::vector<std::string>& keys) const override;
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override;

 private:
  const StoreReader* store_;
  Keyspace keyspace_;
};
std::unique_ptr<ProjectionReader> NewKeyspaceReader(const StoreReader* store, Keyspace keyspace);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_READER_H_
