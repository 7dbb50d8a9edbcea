#include "projections/runtime/held_moment.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/runtime/cancellable_reader.h"
#include "projections/runtime/generation.h"
#include "projections/runtime/operation.h"
#include "projections/runtime/registry.pb.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {
namespace {

absl::StatusOr<Position> PositionOf(const StoreReader& moment, Keyspace keyspace) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool found, moment.Get(CheckpointKey(keyspace), &bytes));
  if (!found) return 0;
  views::v1::CheckpointRecord checkpoint;
  if (!checkpoint.ParseFromString(bytes)) {
    return absl::DataLossError("the checkpoint of a generation is not readable");
  }
  return checkpoint.position();
}

absl::StatusOr<std::map<std::string, Position, std::less<>>> ParkedOf(const StoreReader& moment,
                                                                      Keyspace keyspace) {
  std::map<std::string, Position, std::less<>> parked;
  const auto events = moment.NewIterator(ParkedEventRange(keyspace));
  for (; events->Valid(); events->Next()) {
    const std::optional<ParkedEventName> name = ParseParkedEventKey(events->key());
    if (!name.has_value()) return absl::DataLossError("a parked event is not readable");
    parked.try_emplace(std::string(name->key), name->position);
  }
  RETURN_IF_ERROR(events->status());
  return parked;
}

}  // namespace

HeldMoment::HeldMoment(std::unique_ptr<StoreSnapshot> snapshot,
                       std::shared_ptr<std::atomic<bool>> cancelled, std::function<void()> released)
    : snapshot_(std::move(snapshot)),
      cancelled_(std::move(cancelled)),
      released_(std::move(released)) {}

HeldMoment::~HeldMoment() {
  rows_.clear();
  kept_.clear();
  snapshot_ = nullptr;
  released_();
}

const HeldMoment::Rows* HeldMoment::Find(std::string_view projection, Role role) const {
  for (const Rows& rows : rows_) {
    if (rows.projection == projection && rows.role == role) return &rows;
  }
  return nullptr;
}

absl::StatusOr<std::unique_ptr<HeldMoment>> Runtime::Hold() {
  ASSIGN_OR_RETURN(std::shared_ptr<Operation> operation, Operation::Begin(this));
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    held_.push_back(cancelled);
  }
  std::function<void()> released = [this, cancelled, operation]() mutable {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      held_.erase(std::find(held_.begin(), held_.end(), cancelled));
      operations_ended_.notify_all();
    }
    operation = nullptr;
  };
  std::unique_ptr<HeldMoment> moment;
  const absl::Status held = OnThread([&] {
    moment = std::make_unique<HeldMoment>(store_->NewSnapshot(), cancelled, released);
    moment->position_ = AppliedPosition();
    for (const auto& entry : entries_) {
      const Roles& roles = entry->roles;
      for (const auto& generation : entry->generations) {
        using Role = HeldMoment::Role;
        const Role role = generation.get() == roles.live       ? Role::kLive
                          : generation.get() == roles.previous ? Role::kPrevious
                          : roles.next_ready                   ? Role::kReady
                                                               : Role::kBuilding;
        moment->kept_.push_back(generation);
        moment->rows_.push_back({.projection = entry->name,
                                 .role = role,
                                 .generation = generation->number(),
                                 .keyspace = generation->keyspace(),
                                 .version = generation->version(),
                                 .settings = generation->settings(),
                                 .folds = generation->folds()});
      }
    }
    return absl::OkStatus();
  });
  if (moment == nullptr) {
    released();
    return held;
  }
  for (HeldMoment::Rows& rows : moment->rows_) {
    ASSIGN_OR_RETURN(rows.position, PositionOf(*moment->snapshot_, rows.keyspace));
    ASSIGN_OR_RETURN(rows.parked, ParkedOf(*moment->snapshot_, rows.keyspace));
    rows.reader = std::make_unique<CancellableReader>(moment->snapshot_.get(), rows.keyspace,
                                                      cancelled.get());
  }
  return moment;
}

void Runtime::CancelHeld() {
  for (const auto& cancelled : held_) cancelled->store(true);
}

void Runtime::AwaitHeld() {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto former = held_;
  const auto gone = [&] {
    return std::none_of(former.begin(), former.end(), [&](const auto& one) {
      return std::find(held_.begin(), held_.end(), one) != held_.end();
    });
  };
  if (operations_ended_.wait_for(lock, absl::ToChronoMilliseconds(options_.read_view_max), gone)) {
    return;
  }
  for (const auto& cancelled : former) cancelled->store(true);
  operations_ended_.wait(lock, gone);
}

}  // namespace dailyfeed
