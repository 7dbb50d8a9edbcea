// Which generation of a projection has which role, and what changes it: what
// Start finds in the store, activate, roll back, drop, erase, unpark.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/generation.h"
#include "projections/runtime/operation.h"
#include "projections/runtime/registry.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

using views::v1::GenerationRecord;
using views::v1::GenerationState;
using views::v1::ProjectionRecord;
using views::v1::StoreRecord;

// ---- What Start finds.

absl::Status Runtime::LoadEntry(const ProjectionRecord& record, Entry& entry) {
  Roles roles;
  std::vector<std::shared_ptr<Generation>> generations;
  for (const GenerationRecord& stored : record.generations()) {
    generations.push_back(std::make_shared<Generation>(
        entry.projection, store_, stored.number(), stored.keyspace(), stored.version(),
        stored.settings(), options_.row_cache_bytes));
    Generation* generation = generations.back().get();
    RETURN_IF_ERROR(generation->Load());
    switch (stored.state()) {
      case views::v1::GENERATION_STATE_LIVE:
        roles.live = generation;
        break;
      case views::v1::GENERATION_STATE_PREVIOUS:
        roles.previous = generation;
        break;
      case views::v1::GENERATION_STATE_READY:
      case views::v1::GENERATION_STATE_BUILDING:
        roles.next = generation;
        roles.next_ready = stored.state() == views::v1::GENERATION_STATE_READY;
        roles.goal = stored.goes_live() ? BuildGoal::kLive : BuildGoal::kReady;
        break;
      default:
        DAILYFEED_CHECK(false);  // the registry has none
    }
  }
  std::lock_guard<std::mutex> lock(mutex_);
  entry.next_generation = record.next_generation();
  entry.generations = std::move(generations);
  entry.roles = roles;
  if (roles.live != nullptr) entry.live_keyspace = roles.live->keyspace();
  return absl::OkStatus();
}

// Generations whose checkpoint the log does not have.
absl::Status Runtime::DropInvalid(Entry& entry) {
  Roles roles = entry.roles;
  bool changed = false;
  for (Generation** role : {&roles.live, &roles.previous, &roles.next}) {
    if (*role == nullptr) continue;
    ASSIGN_OR_RETURN(const bool valid, (*role)->IsOf(*log_));
    if (valid) continue;
    *role = nullptr;
    changed = true;
  }
  return changed ? ChangeRoles(entry, roles) : absl::OkStatus();
}

// Sees to it that a generation of the wanted version is live, or is built: in the
// background when the live one can serve meanwhile.
absl::Status Runtime::PrepareEntry(Entry& entry, std::vector<Entry*>* to_build) {
  const auto fits = [](const Generation* generation) {
    return generation != nullptr && generation->Fits();
  };
  Roles roles = entry.roles;
  if (roles.next != nullptr && !roles.next->Fits()) {
    roles.next = nullptr;
    RETURN_IF_ERROR(ChangeRoles(entry, roles));
  }
  if (!fits(roles.live) && fits(roles.previous)) {
    std::swap(roles.live, roles.previous);
    roles.next = nullptr;
    return ChangeRoles(entry, roles);
  }
  if (fits(roles.live)) {
    if (roles.next != nullptr && !roles.next_ready) to_build->push_back(&entry);
    return absl::OkStatus();
  }
  if (roles.next == nullptr) {
    RETURN_IF_ERROR(AddNext(entry, BuildGoal::kLive));
  } else if (roles.goal != BuildGoal::kLive) {
    roles.goal = BuildGoal::kLive;
    RETURN_IF_ERROR(ChangeRoles(entry, roles));
  }
  const bool serves = roles.live != nullptr && roles.live->CanFold();
  if (serves && !entry.roles.next_ready) to_build->push_back(&entry);
  return absl::OkStatus();
}

absl::Status Runtime::CatchUpAll() {
  const Position head = log_->Head();
  std::vector<Generation*> behind;
  std::vector<Entry*> to_flip;
  for (const auto& entry : entries_) {
    const Roles& roles = entry->roles;
    const bool serves = roles.live != nullptr && roles.live->CanFold();
    const bool flips = !serves || (!roles.live->Fits() && roles.next_ready);
    if (flips) to_flip.push_back(entry.get());
    if (serves && !flips) behind.push_back(roles.live);
    if (roles.next != nullptr && (flips || roles.next_ready)) behind.push_back(roles.next);
  }
  RETURN_IF_ERROR(Fold(behind, head, "catching up", [&] {
    if (stopping_) return absl::UnavailableError("the projection runtime is stopping");
    return KeepUp(behind);
  }));
  RETURN_IF_ERROR(KeepUp(behind));
  applied_.store(head, std::memory_order_release);
  std::vector<RoleChange> flips;
  for (Entry* entry : to_flip) flips.push_back({entry, FlippedToNext(entry->roles)});
  return flips.empty() ? absl::OkStatus() : ChangeRoles(flips);
}

// ---- The registry.

StoreRecord Runtime::RecordOfStore() const {
  StoreRecord record;
  record.set_format_version(kViewsFormatVersion);
  record.set_next_keyspace(next_keyspace_);
  record.set_lists_unerased(true);
  for (const KeyspaceInterval& interval : unerased_) {
    auto* added = record.add_unerased();
    added->set_first(interval.first);
    added->set_behind(interval.behind);
  }
  return record;
}

absl::Status Runtime::ChangeRoles(const std::vector<RoleChange>& changes) {
  StoreBatch batch;
  for (const auto& [entry, roles] : changes) {
    ProjectionRecord record;
    record.set_next_generation(entry->next_generation);
    const auto add = [&record](const Generation* generation, GenerationState state) {
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
    add(roles.next, roles.next_ready ? views::v1::GENERATION_STATE_READY
                                     : views::v1::GENERATION_STATE_BUILDING);
    if (roles.next != nullptr && roles.goal == BuildGoal::kLive) {
      record.mutable_generations()->rbegin()->set_goes_live(true);
    }
    batch.Put(ProjectionRecordKey(entry->name), record.SerializeAsString());
    for (const auto& generation : entry->generations) {
      if (roles.Has(generation.get())) {
        const bool stands_still =
            entry->roles.Feed(generation.get()) && !roles.Feed(generation.get());
        if (stands_still) generation->gate().Cancel();
        continue;
      }
      // No piece of work writes into it behind the deletion.
      generation->gate().Close();
      DeleteKeyspace(generation->keyspace(), &batch);
      unerased_.push_back({generation->keyspace(), generation->keyspace() + 1});
    }
  }
  batch.Put(StoreRecordKey(), RecordOfStore().SerializeAsString());
  const absl::Status written = store_->Write(std::move(batch));
  if (!written.ok()) {
    // Nobody knows now which roles the store has.
    Fail(written);
    return written;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [entry, roles] : changes) {
    entry->roles = roles;
    if (roles.next == nullptr) entry->roles.next_ready = false;
    entry->live_keyspace.store(roles.live == nullptr ? 0 : roles.live->keyspace(),
                               std::memory_order_release);
    std::erase_if(entry->generations, [&kept = entry->roles](const auto& generation) {
      return !kept.Has(generation.get());
    });
  }
  return absl::OkStatus();
}

absl::Status Runtime::AddNext(Entry& entry, BuildGoal goal) {
  DAILYFEED_CHECK(entry.roles.next == nullptr);
  const Projection& projection = *entry.projection;
  auto generation = std::make_shared<Generation>(entry.projection, store_, entry.next_generation++,
                                                 next_keyspace_++, projection.version(),
                                                 projection.settings(), options_.row_cache_bytes);
  Roles roles = entry.roles;
  roles.next = generation.get();
  roles.next_ready = false;
  roles.goal = goal;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    entry.generations.push_back(std::move(generation));
  }
  return ChangeRoles(entry, roles);
}

Runtime::Roles Runtime::FlippedToNext(const Roles& roles) {
  Roles flipped;
  flipped.live = roles.next;
  flipped.previous = roles.live;
  return flipped;
}

absl::Status Runtime::Flip(const std::vector<RoleChange>& changes) {
  absl::Status loaded;
  for (const auto& [entry, roles] : changes) {
    loaded = Load(*entry, *roles.live);
    if (loaded.ok()) continue;
    for (const auto& [same, unused] : changes) {
      const absl::Status restored = Load(*same, *same->roles.live);
      if (!restored.ok()) Fail(restored);
    }
    return loaded;
  }
  RETURN_IF_ERROR(ChangeRoles(changes));
  for (const auto& [entry, roles] : changes) Reset(*entry);
  PublishView(AppliedPosition());
  return absl::OkStatus();
}

absl::Status Runtime::FlipToNext(const std::vector<Entry*>& entries) {
  std::vector<RoleChange> changes;
  for (Entry* entry : entries) changes.push_back({entry, FlippedToNext(entry->roles)});
  return Flip(changes);
}

// ---- The operations.

absl::Status Runtime::Synced(const absl::Status& status) const {
  RETURN_IF_ERROR(status);
  return store_->Sync();
}

// Not to the head of the log: the rows of a generation are never ahead of the
// live ones, so that a view has every projection at one position.
absl::Status Runtime::FoldBeside(const std::vector<Generation*>& generations, std::string_view what,
                                 absl::FunctionRef<absl::Status()> between) {
  while (true) {
    const Position applied = AppliedPosition();
    Position behind = applied;
    for (const Generation* generation : generations) {
      behind = std::min(behind, generation->position());
    }
    if (applied - behind <= options_.catch_up_batch_events) return absl::OkStatus();
    RETURN_IF_ERROR(Fold(generations, applied, what, between));
  }
}

absl::Status Runtime::Activate(std::string_view projection, uint64_t generation) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
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
    return FlipToNext({&entry});
  }));
}

absl::Status Runtime::Rollback(std::string_view projection) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  ASSIGN_OR_RETURN(const auto claim, Claim::Take(this, projection));
  Entry& entry = claim->entry();
  Generation* previous;  // stays: we hold the claim
  {
    std::lock_guard<std::mutex> lock(mutex_);
    previous = entry.roles.previous;
  }
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
  const auto between = [&] {
    if (stopping_) return absl::UnavailableError("the projection runtime is stopping");
    RETURN_IF_ERROR(Health());
    return KeepUp({previous});
  };
  while (true) {
    RETURN_IF_ERROR(FoldBeside({previous}, what, between));
    RETURN_IF_ERROR(between());
    bool flipped = false;
    RETURN_IF_ERROR(OnThread([&] {
      if (AppliedPosition() - previous->position() > options_.catch_up_batch_events) {
        return absl::OkStatus();
      }
      RETURN_IF_ERROR(Fold({previous}, AppliedPosition(), what, GoOn));
      Roles roles = entry.roles;
      std::swap(roles.live, roles.previous);
      RETURN_IF_ERROR(Flip({{&entry, roles}}));
      flipped = true;
      return absl::OkStatus();
    }));
    if (flipped) return store_->Sync();
  }
}

bool Runtime::IsBuilding(const Entry& entry) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return entry.building;
}

absl::Status Runtime::Drop(std::string_view projection, uint64_t generation) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
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
      if (IsBuilding(entry)) {
        return absl::FailedPreconditionError(fmt::format(
            "generation {} of {} is being built: cancel the build", generation, entry.name));
      }
      roles.next = nullptr;
    } else {
      return absl::NotFoundError(fmt::format("{} has no generation {}", entry.name, generation));
    }
    return ChangeRoles(entry, roles);
  }));
}

// ---- What must be forgotten.

absl::Status Runtime::EraseTraces(std::span<const MemberId> members) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  std::vector<std::unique_ptr<Claim>> claims;
  for (const auto& entry : entries_) {
    if (entry->projection->TracesOf(0).empty()) continue;
    ASSIGN_OR_RETURN(auto claim, Claim::Take(this, entry->name));
    claims.push_back(std::move(claim));
  }
  if (claims.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(ForgetInBuild(members));
  std::vector<KeyRange> traces;
  size_t unerased = 0;
  uint64_t last_write = 0;
  RETURN_IF_ERROR(OnThread([&] {
    for (const auto& claim : claims) {
      Entry& entry = claim->entry();
      Roles roles = entry.roles;
      if (roles.previous != nullptr) {
        roles.previous = nullptr;
        RETURN_IF_ERROR(ChangeRoles(entry, roles));
      }
      // What a build left that failed: nobody else folds into it now.
      if (roles.next != nullptr && !roles.next_ready && !IsBuilding(entry)) {
        RETURN_IF_ERROR(ForgetIn({roles.next}, {members.begin(), members.end()}));
      }
      for (const auto& generation : entry.generations) {
        const std::string prefix = KeyspacePrefix(generation->keyspace());
        for (const MemberId member : members) {
          for (const std::string& key : generation->TracesOf(member)) {
            traces.push_back(OnlyKey(prefix + key));
          }
        }
      }
    }
    // Files may still have rows of generations that were dropped: once.
    unerased = unerased_.size();
    for (const KeyspaceInterval& interval : unerased_) {
      traces.push_back({KeyspacePrefix(interval.first), KeyspacePrefix(interval.behind)});
    }
    last_write = store_->LastWrite();
    PublishView(AppliedPosition());
    return absl::OkStatus();
  }));
  claims.clear();
  // Pieces of work, held moments and views from before keep what was deleted.
  AwaitMomentsOfPieces();
  AwaitHeld();
  views_.EndFormer();
  RETURN_IF_ERROR(store_->EraseTraces(traces, last_write));
  if (unerased == 0) return absl::OkStatus();
  return OnThread([&] {
    unerased_.erase(unerased_.begin(), unerased_.begin() + static_cast<std::ptrdiff_t>(unerased));
    StoreBatch batch;
    batch.Put(StoreRecordKey(), RecordOfStore().SerializeAsString());
    absl::Status written = store_->Write(std::move(batch));
    if (!written.ok()) Fail(written);
    return written;
  });
}

// ---- Parked keys.

absl::Status Runtime::Unpark(std::string_view projection, std::string_view key) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  ASSIGN_OR_RETURN(const auto claim, Claim::Take(this, projection));
  while (true) {
    bool more = false;
    RETURN_IF_ERROR(OnThread([&] {
      ASSIGN_OR_RETURN(more, UnparkSome(claim->entry(), key));
      return absl::OkStatus();
    }));
    if (!more) return absl::OkStatus();
  }
}

// One batch of the parked events. True: there are more.
absl::StatusOr<bool> Runtime::UnparkSome(Entry& entry, std::string_view key) {
  bool parked = false;
  bool more = false;
  absl::Status refused;
  Generation* const ready = entry.roles.next_ready ? entry.roles.next : nullptr;
  for (Generation* generation : {entry.roles.live, ready}) {
    if (generation == nullptr || !generation->IsParked(key)) continue;
    parked = true;
    StoreBatch batch;
    auto retry = generation->RetryParked(key, *log_, options_.catch_up_batch_events, &batch);
    absl::Status stored = retry.status();
    if (stored.ok()) stored = generation->AppendTo(&batch);
    if (stored.ok()) stored = store_->Write(std::move(batch));
    if (!stored.ok()) {
      Fail(stored);
      return stored;
    }
    generation->Written();
    if (generation == entry.roles.live) RETURN_IF_ERROR(Reload(entry));
    refused.Update(retry->refused);
    more = more || retry->more;
  }
  if (!parked) {
    return absl::NotFoundError(
        fmt::format("{} has not parked the key {}", entry.name, std::string(key)));
  }
  PublishView(AppliedPosition());
  RETURN_IF_ERROR(refused);
  return more;
}

}  // namespace dailyfeed
