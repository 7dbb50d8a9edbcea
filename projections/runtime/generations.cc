// Build, activate, roll back, drop, erase, unpark.
#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/runtime_impl.h"

namespace dailyfeed {
namespace {

// A build runs after the head on its own; what is left after so many rounds,
// because events come as fast as they are folded, the runtime's thread does.
constexpr int kRoundsBesideMax = 16;

}  // namespace

using views::v1::GenerationRecord;
using views::v1::GenerationState;
using views::v1::ProjectionRecord;
using views::v1::StoreRecord;

class RuntimeImpl::Claim {
 public:
  // NOT_FOUND, or FAILED_PRECONDITION when another operation holds it.
  static absl::StatusOr<std::unique_ptr<Claim>> Take(RuntimeImpl* runtime,
                                                     std::string_view projection) {
    Entry* entry = runtime->Find(projection);
    if (entry == nullptr) {
      return absl::NotFoundError(fmt::format("no projection {}", std::string(projection)));
    }
    std::lock_guard<std::mutex> lock(runtime->mutex_);
    if (entry->claimed) {
      return absl::FailedPreconditionError(
          fmt::format("another operation works on the generations of {}", entry->name));
    }
    entry->claimed = true;
    return std::unique_ptr<Claim>(new Claim(runtime, entry));
  }
  ~Claim() {
    std::lock_guard<std::mutex> lock(runtime_->mutex_);
    entry_->claimed = false;
  }
  Entry& entry() const { return *entry_; }

 private:
  Claim(RuntimeImpl* runtime, Entry* entry) : runtime_(runtime), entry_(entry) {}
  RuntimeImpl* const runtime_;
  Entry* const entry_;
};

// ---- The registry.

std::unique_ptr<Generation> RuntimeImpl::MakeGeneration(const Entry& entry, uint64_t number,
                                                        Keyspace keyspace, uint32_t version,
                                                        std::string settings) const {
  return std::make_unique<Generation>(entry.projection, store_, number, keyspace, version,
                                      std::move(settings), options_.row_cache_bytes);
}

absl::Status RuntimeImpl::WriteRoles(const Entry& entry, const Roles& roles) {
  ProjectionRecord record;
  record.set_next_generation(entry.next_generation);
  auto add = [&record](const Generation* generation, GenerationState state) {
    if (generation == nullptr) return;
    GenerationRecord* added = record.add_generations();
    added->set_number(generation->number());
    added->set_keyspace(generation->keyspace());
    added->set_version(generation->version());
    added->set_settings(generation->settings());
    added->set_state(state);
  };
  add(roles.live, views::v1::GENERATION_STATE_LIVE);
  add(roles.previous, views::v1::GENERATION_STATE_PREVIOUS);
  add(roles.next,
      roles.next_ready ? views::v1::GENERATION_STATE_READY : views::v1::GENERATION_STATE_BUILDING);
  StoreRecord store_record;
  store_record.set_format_version(kViewsFormatVersion);
  store_record.set_next_keyspace(next_keyspace_);

  StoreBatch batch;
  batch.Put(StoreRecordKey(), store_record.SerializeAsString());
  batch.Put(ProjectionRecordKey(entry.name), record.SerializeAsString());
  for (const auto& generation : entry.generations) {
    if (!roles.Has(generation.get())) DeleteKeyspace(generation->keyspace(), &batch);
  }
  absl::Status written = store_->Write(std::move(batch));
  // Nobody knows now which roles the store has.
  if (!written.ok()) Fail(written);
  return written;
}

absl::Status RuntimeImpl::ChangeRoles(Entry& entry, const Roles& roles) {
  RETURN_IF_ERROR(WriteRoles(entry, roles));
  std::lock_guard<std::mutex> lock(mutex_);
  entry.roles = roles;
  if (roles.next == nullptr) entry.roles.next_ready = false;
  entry.live_keyspace.store(roles.live == nullptr ? 0 : roles.live->keyspace(),
                            std::memory_order_release);
  std::erase_if(entry.generations,
                [&roles](const auto& generation) { return !roles.Has(generation.get()); });
  return absl::OkStatus();
}

absl::Status RuntimeImpl::AddNext(Entry& entry) {
  DAILYFEED_CHECK(entry.roles.next == nullptr);
  auto generation = MakeGeneration(entry, entry.next_generation++, next_keyspace_++,
                                   entry.projection->version(), entry.projection->settings());
  Roles roles = entry.roles;
  roles.next = generation.get();
  roles.next_ready = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    entry.generations.push_back(std::move(generation));
  }
  return ChangeRoles(entry, roles);
}

absl::Status RuntimeImpl::ActivateNext(Entry& entry) {
  Roles roles;
  roles.live = entry.roles.next;
  roles.previous = entry.roles.live;
  return ChangeRoles(entry, roles);
}

absl::Status RuntimeImpl::ActivatePrevious(Entry& entry) {
  Roles roles = entry.roles;
  std::swap(roles.live, roles.previous);
  return ChangeRoles(entry, roles);
}

// ---- The four operations.

absl::Status RuntimeImpl::CheckRunning() const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (accepting_ && health_.ok()) return absl::OkStatus();
  return health_.ok() ? absl::UnavailableError("the projection runtime is not running") : health_;
}

absl::Status RuntimeImpl::Synced(const absl::Status& status) const {
  RETURN_IF_ERROR(status);
  return store_->Sync();
}

absl::Status RuntimeImpl::FoldBeside(Generation* generation, std::string_view what) {
  for (int round = 0; round < kRoundsBesideMax; ++round) {
    // Not to the head of the log: the rows of a generation are never ahead of the
    // live ones, so that a view has every projection at one position.
    const Position applied = AppliedPosition();
    if (applied <= generation->position() + options_.catch_up_batch_events) break;
    RETURN_IF_ERROR(Fold({generation}, applied, what, &stopping_));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> RuntimeImpl::BuildGeneration(std::string_view projection) {
  RETURN_IF_ERROR(CheckRunning());
  ASSIGN_OR_RETURN(const auto claim, Claim::Take(this, projection));
  Entry& entry = claim->entry();
  RETURN_IF_ERROR(OnThread([&] {
    if (entry.roles.next != nullptr) {
      return absl::FailedPreconditionError(
          fmt::format("generation {} of {} was built already: activate or drop it",
                      entry.roles.next->number(), entry.name));
    }
    return AddNext(entry);
  }));
  Generation* const next = entry.roles.next;
  absl::Status built = FoldBeside(next, "building " + entry.name);
  if (built.ok()) {
    built = OnThread([&] {
      // Batches that are committed but not applied come to both generations.
      RETURN_IF_ERROR(Fold({next}, AppliedPosition(), "building " + entry.name, nullptr));
      Roles roles = entry.roles;
      roles.next_ready = true;
      return ChangeRoles(entry, roles);
    });
  }
  if (!built.ok()) {
    // What is left when this fails too, the next Start drops.
    OnThread([&] {
      Roles roles = entry.roles;
      roles.next = nullptr;
      return ChangeRoles(entry, roles);
    }).IgnoreError();
    return built;
  }
  RETURN_IF_ERROR(store_->Sync());
  return next->number();
}

absl::Status RuntimeImpl::Activate(std::string_view projection, uint64_t generation) {
  RETURN_IF_ERROR(CheckRunning());
  ASSIGN_OR_RETURN(const auto claim, Claim::Take(this, projection));
  Entry& entry = claim->entry();
  return Synced(OnThread([&] {
    const Roles& roles = entry.roles;
    if (roles.live->number() == generation) return absl::OkStatus();
    if (roles.previous != nullptr && roles.previous->number() == generation) {
      return absl::FailedPreconditionError(fmt::format(
          "generation {} is the previous one of {}: roll back", generation, entry.name));
    }
    if (roles.next == nullptr || roles.next->number() != generation) {
      return absl::NotFoundError(fmt::format("{} has no generation {}", entry.name, generation));
    }
    if (!roles.next_ready) {
      return absl::FailedPreconditionError(
          fmt::format("generation {} of {} is not complete", generation, entry.name));
    }
    RETURN_IF_ERROR(ActivateNext(entry));
    Reset(entry);
    PublishView(AppliedPosition());
    return absl::OkStatus();
  }));
}

absl::Status RuntimeImpl::Rollback(std::string_view projection) {
  RETURN_IF_ERROR(CheckRunning());
  ASSIGN_OR_RETURN(const auto claim, Claim::Take(this, projection));
  Entry& entry = claim->entry();
  Generation* const previous = entry.roles.previous;  // stays: we hold the claim
  if (previous == nullptr) {
    return absl::FailedPreconditionError(fmt::format("{} has no previous generation", entry.name));
  }
  if (!previous->Fits()) {
    return absl::FailedPreconditionError(fmt::format(
        "generation {} of {} was made by version {}, or with other settings: start the program "
        "and settings that made it",
        previous->number(), entry.name, previous->version()));
  }
  const std::string what = "rolling back " + entry.name;
  RETURN_IF_ERROR(FoldBeside(previous, what));
  return Synced(OnThread([&] {
    RETURN_IF_ERROR(Fold({previous}, AppliedPosition(), what, nullptr));
    RETURN_IF_ERROR(ActivatePrevious(entry));
    Reset(entry);
    PublishView(AppliedPosition());
    return absl::OkStatus();
  }));
}

absl::Status RuntimeImpl::Drop(std::string_view projection, uint64_t generation) {
  RETURN_IF_ERROR(CheckRunning());
  ASSIGN_OR_RETURN(const auto claim, Claim::Take(this, projection));
  Entry& entry = claim->entry();
  return Synced(OnThread([&] {
    Roles roles = entry.roles;
    if (roles.live->number() == generation) {
      return absl::FailedPreconditionError(
          fmt::format("generation {} of {} is live", generation, entry.name));
    }
    if (roles.previous != nullptr && roles.previous->number() == generation) {
      roles.previous = nullptr;
    } else if (roles.next != nullptr && roles.next->number() == generation) {
      roles.next = nullptr;
    } else {
      return absl::NotFoundError(fmt::format("{} has no generation {}", entry.name, generation));
    }
    return ChangeRoles(entry, roles);
  }));
}

// ---- What must be forgotten.

absl::Status RuntimeImpl::EraseTraces(std::string_view projection,
                                      const std::vector<std::string>& keys) {
  RETURN_IF_ERROR(CheckRunning());
  std::vector<KeyRange> traces;
  uint64_t last_write = 0;
  {
    ASSIGN_OR_RETURN(const auto claim, Claim::Take(this, projection));
    Entry& entry = claim->entry();
    RETURN_IF_ERROR(OnThread([&] {
      Roles roles = entry.roles;
      if (roles.previous != nullptr) {
        roles.previous = nullptr;
        RETURN_IF_ERROR(ChangeRoles(entry, roles));
      }
      // Files may still have rows of generations that were dropped: theirs are
      // all keyspaces but those that others use.
      std::set<Keyspace> of_others;
      for (const auto& other : entries_) {
        if (other.get() == &entry) continue;
        for (const auto& generation : other->generations) of_others.insert(generation->keyspace());
      }
      for (Keyspace keyspace = kFirstKeyspace; keyspace < next_keyspace_; ++keyspace) {
        if (of_others.contains(keyspace)) continue;
        for (const std::string& key : keys) {
          traces.push_back(OnlyKey(KeyspacePrefix(keyspace) + key));
        }
      }
      last_write = store_->LastWrite();
      PublishView(AppliedPosition());
      return absl::OkStatus();
    }));
  }
  // Views from before keep what was deleted.
  views_.EndFormer();
  return store_->EraseTraces(traces, last_write);
}

// ---- Parked keys.

absl::Status RuntimeImpl::Unpark(std::string_view projection, std::string_view key) {
  RETURN_IF_ERROR(CheckRunning());
  Entry* const entry = Find(projection);
  if (entry == nullptr) {
    return absl::NotFoundError(fmt::format("no projection {}", std::string(projection)));
  }
  return OnThread([&] { return UnparkFed(*entry, key); });
}

absl::Status RuntimeImpl::UnparkFed(Entry& entry, std::string_view key) {
  bool parked = false;
  absl::Status outcome;
  Generation* const ready = entry.roles.next_ready ? entry.roles.next : nullptr;
  for (Generation* generation : {entry.roles.live, ready}) {
    if (generation == nullptr || !generation->IsParked(key)) continue;
    parked = true;
    outcome.Update(UnparkIn(generation, key));
    RETURN_IF_ERROR(Health());
    if (generation == entry.roles.live) Reset(entry);
  }
  PublishView(AppliedPosition());
  if (parked) return outcome;
  return absl::NotFoundError(
      fmt::format("{} has not parked the key {}", entry.name, std::string(key)));
}

absl::Status RuntimeImpl::UnparkIn(Generation* generation, std::string_view key) {
  while (true) {
    StoreBatch batch;
    auto retry = generation->RetryParked(key, *log_, options_.catch_up_batch_events, &batch);
    absl::Status stored = retry.status();
    if (stored.ok()) {
      stored = generation->AppendTo(&batch);
      if (stored.ok()) stored = store_->Write(std::move(batch));
    }
    if (!stored.ok()) {
      Fail(stored);
      return stored;
    }
    generation->Written();
    if (!retry->refused.ok() || !retry->more) return retry->refused;
  }
}

}  // namespace dailyfeed
