// What the runtime has written down about itself: which generations there are,
// and where their rows are. docs/reference/views-format.md is the specification.
//
//   ASSIGN_OR_RETURN(const Registry registry, ReadRegistry(*store));
//
// Threads: a pure function of what it reads.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_REGISTRY_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_REGISTRY_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/ports/store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/registry.pb.h"

namespace dailyfeed {

struct Registry {
  Keyspace next_keyspace = kFirstKeyspace;
  // No generation has these; files may still have rows of them.
  std::vector<KeyspaceInterval> unerased;
  std::map<std::string, views::v1::ProjectionRecord, std::less<>> projections;
};

// Of a new store: empty. FAILED_PRECONDITION: the store has another format.
// DATA_LOSS: a record is not readable, or says what cannot be: a keyspace that
// two generations share or that was never given out, rows in one of the latter,
// a dropped one that a generation has, two live generations of a projection. Rows of one generation
// would be taken for another's, or deleted with them.
absl::StatusOr<Registry> ReadRegistry(const StoreReader& store);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_REGISTRY_H_
