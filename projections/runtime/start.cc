// What Start finds in the store and makes of it, and how the log is folded.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/runtime/registry.h"
#include "projections/runtime/runtime_impl.h"

namespace dailyfeed {

using views::v1::ProjectionRecord;

absl::Status RuntimeImpl::Start() {
  DAILYFEED_CHECK(!started_);
  started_ = true;
  ASSIGN_OR_RETURN(const Registry registry, ReadRegistry(*store_));
  next_keyspace_ = registry.next_keyspace;
  for (const auto& entry : entries_) {
    const auto record = registry.projections.find(entry->name);
    if (record != registry.projections.end()) {
      RETURN_IF_ERROR(LoadEntry(record->second, *entry));
    }
    RETURN_IF_ERROR(DropInvalid(*entry));
    RETURN_IF_ERROR(PrepareEntry(*entry));
  }
  RETURN_IF_ERROR(CatchUpAll());
  PublishView(AppliedPosition());
  std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) return absl::UnavailableError("the projection runtime was stopped");
  accepting_ = true;
  running_ = true;
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

absl::Status RuntimeImpl::LoadEntry(const ProjectionRecord& record, Entry& entry) {
  Roles roles;
  std::vector<std::unique_ptr<Generation>> generations;
  for (const auto& stored : record.generations()) {
    generations.push_back(MakeGeneration(entry, stored.number(), stored.keyspace(),
                                         stored.version(), stored.settings()));
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
absl::Status RuntimeImpl::DropInvalid(Entry& entry) {
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

absl::Status RuntimeImpl::PrepareEntry(Entry& entry) {
  const auto fits = [](const Generation* generation) {
    return generation != nullptr && generation->Fits();
  };
  Roles roles = entry.roles;
  if (fits(roles.live)) {
    // A ready generation is fed from here on; an interrupted build is of no use.
    if (roles.next == nullptr || (roles.next_ready && fits(roles.next))) return absl::OkStatus();
    roles.next = nullptr;
    return ChangeRoles(entry, roles);
  }
  if (fits(roles.previous)) {
    std::swap(roles.live, roles.previous);
    roles.next = nullptr;
    return ChangeRoles(entry, roles);
  }
  // Built from zero, or from where an interrupted start of this version got.
  if (fits(roles.next)) return absl::OkStatus();
  if (roles.next != nullptr) {
    roles.next = nullptr;
    RETURN_IF_ERROR(ChangeRoles(entry, roles));
  }
  return AddNext(entry);
}

absl::Status RuntimeImpl::CatchUpAll() {
  const Position head = log_->Head();
  std::vector<Generation*> behind;
  std::vector<Entry*> to_activate;
  for (const auto& entry : entries_) {
    const Roles& roles = entry->roles;
    const bool live_fits = roles.live != nullptr && roles.live->Fits();
    if (live_fits) {
      behind.push_back(roles.live);
    } else {
      to_activate.push_back(entry.get());
    }
    if (roles.next != nullptr) behind.push_back(roles.next);
  }
  RETURN_IF_ERROR(Fold(behind, head, "catching up", &stopping_));
  for (Entry* entry : to_activate) RETURN_IF_ERROR(ActivateNext(*entry));
  applied_.store(head, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status RuntimeImpl::Fold(const std::vector<Generation*>& generations, Position to,
                               std::string_view what, const std::atomic<bool>* cancel) {
  while (true) {
    Position from = to + 1;
    for (const Generation* generation : generations) {
      from = std::min(from, generation->position() + 1);
    }
    if (from > to) return absl::OkStatus();
    if (cancel != nullptr && *cancel) {
      return absl::UnavailableError("the projection runtime is stopping");
    }
    RETURN_IF_ERROR(FoldBatch(generations, from, to));
    if (options_.on_progress) {
      options_.on_progress(what, std::min(to, from + options_.catch_up_batch_events - 1), to);
    }
  }
}

absl::Status RuntimeImpl::FoldBatch(const std::vector<Generation*>& generations, Position from,
                                    Position to) {
  StoreBatch batch;
  absl::Status applied;
  Position at = from - 1;
  const Position last = std::min(to, from + options_.catch_up_batch_events - 1);
  RETURN_IF_ERROR(log_->Read(from, [&](const v1::Event& event) {
    for (Generation* generation : generations) {
      applied = generation->Apply(event, &batch);
      if (!applied.ok()) return false;
    }
    at = event.position();
    return at < last;
  }));
  RETURN_IF_ERROR(applied);
  if (at < last) {
    return absl::DataLossError(fmt::format("the log ends at {}, before its head {}", at, to));
  }
  for (Generation* generation : generations) RETURN_IF_ERROR(generation->AppendTo(&batch));
  RETURN_IF_ERROR(store_->Write(std::move(batch)));
  for (Generation* generation : generations) generation->Written();
  return absl::OkStatus();
}

}  // namespace dailyfeed
