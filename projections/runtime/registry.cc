#include "projections/runtime/registry.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

using views::v1::GenerationRecord;
using views::v1::GenerationState;
using views::v1::ProjectionRecord;
using views::v1::StoreRecord;

// nullopt for a new store.
absl::StatusOr<std::optional<StoreRecord>> ReadStoreRecord(const StoreReader& store) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool found, store.Get(StoreRecordKey(), &bytes));
  if (!found) return std::optional<StoreRecord>();
  StoreRecord record;
  if (!record.ParseFromString(bytes)) {
    return absl::DataLossError("the record of the read-model store is not readable");
  }
  if (record.format_version() != kViewsFormatVersion) {
    return absl::FailedPreconditionError(fmt::format(
        "the read models have format {}, this program reads format {}: use the program that wrote "
        "them, or delete them and let them be built anew from the log",
        record.format_version(), kViewsFormatVersion));
  }
  if (record.next_keyspace() < kFirstKeyspace ||
      record.next_keyspace() == std::numeric_limits<Keyspace>::max()) {
    return absl::DataLossError(fmt::format(
        "the record of the read-model store names the reserved keyspace {} as the next one",
        record.next_keyspace()));
  }
  return std::optional<StoreRecord>(std::move(record));
}

// Generations have one of three roles; building and ready are the same one.
GenerationState RoleOf(GenerationState state) {
  return state == views::v1::GENERATION_STATE_READY ? views::v1::GENERATION_STATE_BUILDING : state;
}

bool IsKnown(GenerationState state) {
  return state > views::v1::GENERATION_STATE_UNSPECIFIED &&
         state <= views::v1::GENERATION_STATE_PREVIOUS;
}

class Checker {
 public:
  explicit Checker(Keyspace next_keyspace) : next_keyspace_(next_keyspace) {}

  absl::Status Check(std::string_view name, const ProjectionRecord& record) {
    if (record.next_generation() == std::numeric_limits<uint64_t>::max()) {
      return absl::DataLossError(fmt::format("{} has no number left for a generation", name));
    }
    std::set<uint64_t> numbers;
    std::set<GenerationState> roles;
    for (const GenerationRecord& generation : record.generations()) {
      const auto wrong = [&](std::string_view what) {
        return absl::DataLossError(
            fmt::format("generation {} of {} {}", generation.number(), name, what));
      };
      if (!IsKnown(generation.state())) return wrong("is in an unknown state");
      if (generation.number() >= record.next_generation()) return wrong("was never made");
      if (!numbers.insert(generation.number()).second) return wrong("is there twice");
      if (!roles.insert(RoleOf(generation.state())).second) return wrong("shares its role");
      const Keyspace keyspace = generation.keyspace();
      if (keyspace < kFirstKeyspace || keyspace >= next_keyspace_) {
        return wrong("has a keyspace that was never given out");
      }
      if (!keyspaces_.insert(keyspace).second) return wrong("shares its keyspace");
    }
    return absl::OkStatus();
  }

  // The keyspaces that were given out and that no generation has: those of the
  // record, or all of them when it lists none.
  absl::StatusOr<std::vector<KeyspaceInterval>> Unerased(const StoreRecord& record) const {
    std::vector<KeyspaceInterval> unerased;
    if (!record.lists_unerased()) {
      Keyspace from = kFirstKeyspace;
      for (const Keyspace used : keyspaces_) {
        if (from < used) unerased.push_back({from, used});
        from = used + 1;
      }
      if (from < next_keyspace_) unerased.push_back({from, next_keyspace_});
      return unerased;
    }
    for (const auto& interval : record.unerased()) {
      const auto used = keyspaces_.lower_bound(interval.first());
      if (interval.first() < kFirstKeyspace || interval.behind() > next_keyspace_ ||
          interval.first() >= interval.behind() ||
          (used != keyspaces_.end() && *used < interval.behind())) {
        return absl::DataLossError(
            fmt::format("the record of the read-model store calls keyspaces {} to {} dropped, "
                        "which they are not",
                        interval.first(), interval.behind()));
      }
      unerased.push_back({interval.first(), interval.behind()});
    }
    return unerased;
  }

 private:
  const Keyspace next_keyspace_;
  std::set<Keyspace> keyspaces_;  // of all projections
};

// A generation that is given the next keyspace must find it empty.
absl::Status CheckNothingFrom(Keyspace next, const StoreReader& store) {
  for (const KeyRange& range : RangesFrom(next)) {
    auto it = store.NewIterator(range);
    RETURN_IF_ERROR(it->status());
    if (it->Valid()) {
      return absl::DataLossError(fmt::format(
          "the read models have rows in keyspaces from {} on, which were never given out", next));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Registry> ReadRegistry(const StoreReader& store) {
  Registry registry;
  ASSIGN_OR_RETURN(const std::optional<StoreRecord> stored, ReadStoreRecord(store));
  // Without its record a store has given out no keyspace at all.
  if (stored.has_value()) registry.next_keyspace = stored->next_keyspace();
  RETURN_IF_ERROR(CheckNothingFrom(registry.next_keyspace, store));
  Checker checker(registry.next_keyspace);
  const KeyRange range = ProjectionRecordRange();
  auto it = store.NewIterator(range);
  for (; it->Valid(); it->Next()) {
    std::string name(it->key().substr(range.lower.size()));
    ProjectionRecord record;
    if (!record.ParseFromString(std::string(it->value()))) {
      return absl::DataLossError(fmt::format("the record of {} is not readable", name));
    }
    RETURN_IF_ERROR(checker.Check(name, record));
    registry.projections.emplace(std::move(name), std::move(record));
  }
  RETURN_IF_ERROR(it->status());
  if (stored.has_value()) {
    ASSIGN_OR_RETURN(registry.unerased, checker.Unerased(*stored));
  }
  return registry;
}

}  // namespace dailyfeed
