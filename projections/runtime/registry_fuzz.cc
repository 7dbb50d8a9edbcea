// The runtime's own rows: a start over any of them ends in a clear error or in a
// live generation that has the whole log, and what a program without a runtime
// reads of them is the same.
//
// An input is a list of rows: one byte that says which, one byte of length, and
// the value. Of the low bits of the first byte 0 to 2 are records of store and
// projections, 3 is a checkpoint, 4 a parked key, 5 the key of a parked event;
// the high bits choose among keyspaces and projections.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/registry.pb.h"
#include "projections/runtime/runtime_testing.h"
#include "projections/runtime/stored_generations.h"

namespace dailyfeed {
namespace {

constexpr Position kHead = 3;
constexpr uint8_t kKinds = 6;

std::string KeyOf(uint8_t selector, std::string_view* value) {
  const uint8_t which = selector / kKinds % 4;
  const Keyspace keyspace = kFirstKeyspace + which;
  switch (selector % kKinds) {
    case 0:
      return StoreRecordKey();
    case 1:
      return ProjectionRecordKey("likes");
    case 2:
      return ProjectionRecordKey("other");
    case 3:
      return CheckpointKey(keyspace);
    case 4:
      return ParkedRecordKey(keyspace, which % 2 == 0 ? "post/1" : "post/2");
    default: {
      // Any bytes where length, key and position should be, and the right ones.
      const std::string prefix = ParkedEventRange(keyspace).lower;
      const std::string key =
          which % 2 == 0 ? prefix + std::string(*value) : ParkedEventKey(keyspace, *value, 2);
      *value = {};
      return key;
    }
  }
}

StoreBatch RowsOf(std::string_view input) {
  StoreBatch batch;
  while (input.size() >= 2) {
    const auto selector = static_cast<uint8_t>(input[0]);
    std::string_view value = input.substr(2, static_cast<uint8_t>(input[1]));
    input.remove_prefix(2 + value.size());
    const std::string key = KeyOf(selector, &value);
    if (const auto name = ParseParkedEventKey(key); name && selector % kKinds == 5) {
      const Keyspace keyspace = kFirstKeyspace + selector / kKinds % 4;
      DAILYFEED_CHECK(ParkedEventKey(keyspace, name->key, name->position) == key);
    }
    batch.Put(key, value);
  }
  return batch;
}

void CheckRefused(const absl::Status& status) {
  DAILYFEED_CHECK(absl::IsDataLoss(status) || absl::IsFailedPrecondition(status));
  DAILYFEED_CHECK(!status.message().empty());
}

void Run(std::string_view input) {
  MemoryStore store;
  DAILYFEED_CHECK(store.Write(RowsOf(input)).ok());
  const auto before = ReadStoredGenerations(store);
  if (!before.ok()) CheckRefused(before.status());

  MemoryEventLog log;
  EventMaker events(&log);
  events.Like(1, 1);
  events.Like(2, 1);
  events.Unlike(1, 1);
  LikesProjection likes("likes", 1);
  auto runtime = Runtime::Create(&store, &log, {});
  runtime->Register(&likes);
  const absl::Status started = runtime->Start();
  if (!started.ok()) {
    CheckRefused(started);
    return;
  }
  runtime.reset();
  // A projection that is not registered any more keeps what it has.
  const auto after = ReadStoredGenerations(store);
  if (!after.ok()) {
    DAILYFEED_CHECK(!before.ok());
    return;
  }
  size_t live = 0;
  for (const StoredGeneration& generation : *after) {
    if (generation.projection != "likes" || generation.state != "live") continue;
    ++live;
    DAILYFEED_CHECK(generation.version == likes.version());
    DAILYFEED_CHECK(generation.checkpoint == kHead);
  }
  DAILYFEED_CHECK(live == 1);
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::Run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
