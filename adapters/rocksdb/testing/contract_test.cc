// The log and the store on RocksDB keep the contracts of core/engine.
#include <filesystem>
#include <string>

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/store/rocks_store.h"
#include "core/ports/contracts/event_log_contract.h"
#include "core/ports/contracts/store_contract.h"

namespace dailyfeed {
namespace {

std::string NewDirectory() {
  static int count = 0;
  const std::string directory = testing::TempDir() + "/contract" + std::to_string(++count);
  std::filesystem::remove_all(directory);
  return directory;
}

INSTANTIATE_TEST_SUITE_P(RocksDb, EventLogContract, testing::Values(EventLogFactory([] {
                           return OpenRocksEventLog(NewDirectory(), {}).value();
                         })));

INSTANTIATE_TEST_SUITE_P(RocksDb, StoreContract, testing::Values(StoreFactory([] {
                           return OpenRocksStore(NewDirectory(), {}).value();
                         })));

}  // namespace
}  // namespace dailyfeed
