// The log and the store in memory keep the contracts of the real ones.
#include "core/ports/contracts/event_log_contract.h"
#include "core/ports/contracts/store_contract.h"
#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"

namespace dailyfeed {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, EventLogContract, testing::Values(EventLogFactory([] {
                           return std::make_unique<MemoryEventLog>();
                         })));

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values(StoreFactory([] {
                           return std::make_unique<MemoryStore>();
                         })));

}  // namespace
}  // namespace dailyfeed
