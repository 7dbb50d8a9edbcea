#include "projections/runtime/stored_generations.h"

#include <map>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/registry.h"

namespace dailyfeed {
namespace {

namespace rows = views::v1;

absl::Status NotReadable(std::string_view what) {
  return absl::DataLossError(std::string(what) + " of the read models is not readable");
}

std::string_view NameOf(rows::GenerationState state) {
  switch (state) {
    case rows::GENERATION_STATE_BUILDING:
      return "building";
    case rows::GENERATION_STATE_READY:
      return "ready";
    case rows::GENERATION_STATE_LIVE:
      return "live";
    case rows::GENERATION_STATE_PREVIOUS:
      return "previous";
    default:
      DAILYFEED_CHECK(false);  // the registry has none
  }
}

absl::StatusOr<std::vector<ParkedKey>> ReadParked(const StoreReader& store, Keyspace keyspace) {
  std::map<std::string, ParkedKey, std::less<>> parked;
  auto keys = store.NewIterator(ParkedRecordRange(keyspace));
  for (; keys->Valid(); keys->Next()) {
    rows::ParkedRecord record;
    if (!record.ParseFromString(std::string(keys->value()))) return NotReadable("a parked key");
    ParkedKey& key = parked[std::string(ParkedRecordName(keys->key()))];
    key.key = ParkedRecordName(keys->key());
    key.reason = record.reason();
  }
  RETURN_IF_ERROR(keys->status());
  auto events = store.NewIterator(ParkedEventRange(keyspace));
  for (; events->Valid(); events->Next()) {
    const std::optional<ParkedEventName> name = ParseParkedEventKey(events->key());
    const auto key = name ? parked.find(name->key) : parked.end();
    if (key == parked.end()) return NotReadable("a parked event");
    if (key->second.events++ == 0) key->second.first_position = name->position;
  }
  RETURN_IF_ERROR(events->status());
  std::vector<ParkedKey> all;
  for (auto& [name, key] : parked) all.push_back(std::move(key));
  return all;
}

absl::StatusOr<StoredGeneration> ReadGeneration(const StoreReader& store,
                                                std::string_view projection,
                                                const rows::GenerationRecord& record) {
  StoredGeneration generation{.projection = std::string(projection),
                              .generation = record.number(),
                              .version = record.version(),
                              .state = NameOf(record.state())};
  std::string value;
  rows::CheckpointRecord checkpoint;
  ASSIGN_OR_RETURN(const bool found, store.Get(CheckpointKey(record.keyspace()), &value));
  if (found && !checkpoint.ParseFromString(value)) return NotReadable("a checkpoint");
  generation.checkpoint = checkpoint.position();
  ASSIGN_OR_RETURN(generation.parked, ReadParked(store, record.keyspace()));
  for (ParkedKey& key : generation.parked) {
    key.projection = generation.projection;
    key.generation = generation.generation;
  }
  return generation;
}

}  // namespace

absl::StatusOr<std::vector<StoredGeneration>> ReadStoredGenerations(const StoreReader& store) {
  std::vector<StoredGeneration> generations;
  ASSIGN_OR_RETURN(const Registry registry, ReadRegistry(store));
  for (const auto& [name, record] : registry.projections) {
    for (const rows::GenerationRecord& each : record.generations()) {
      ASSIGN_OR_RETURN(StoredGeneration generation, ReadGeneration(store, name, each));
      generations.push_back(std::move(generation));
    }
  }
  return generations;
}

}  // namespace dailyfeed
