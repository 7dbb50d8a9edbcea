// The log and the store in memory keep the contracts of the real ones.
#include "core/engine/contracts/event_log_contract.h"
#include "core/engine/contracts/store_contract.h"
#include "core/engine/memory_event_log.h"
#include "core/engine/memory_store.h"

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
