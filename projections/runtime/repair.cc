#include "projections/runtime/repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/runtime/generation.h"
#include "projections/runtime/operation.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/units.h"

namespace dailyfeed {
namespace {

// The units of a repair, folded from the log as far as they were read.
class RepairFolds {
 public:
  RepairFolds(const Repair& repair, Generation* generation)
      : repair_(repair), projection_(generation->folds()) {
    for (const auto& [key, parked] : generation->parked(SIZE_MAX)) {
      aside_[key] = parked.first_position;
    }
    for (const auto& [unit, keys] : repair.units) {
      folders_.try_emplace(unit, projection_, unit, &aside_);
    }
  }

  Position position() const { return position_; }
  absl::Status ReadTo(const EventSource& log, Position to) {
    if (folders_.empty()) position_ = to;
    if (position_ >= to) return absl::OkStatus();
    absl::Status added;
    RETURN_IF_ERROR(log.Read(position_ + 1, [&](const v1::Event& event) {
      added = Add(event);
      position_ = event.position();
      return added.ok() && position_ < to;
    }));
    return added;
  }

  // Once. How many rows it has written.
  absl::StatusOr<uint64_t> Write(ProjectionRows& rows) {
    const UnitLaw& law = *projection_->units();
    uint64_t written = 0;
    v1::Event cause;
    cause.set_position(position_);
    std::vector<UnitDifference> differences;
    const auto read = [&](std::string_view key, std::string* value) {
      return rows.Get(key, value);
    };
    for (auto& [unit, folder] : folders_) {
      ASSIGN_OR_RETURN(const UnitFold fold, std::move(folder).Finish());
      ASSIGN_OR_RETURN(UnitDifference difference, RefoldUnit(law, fold, fold, read));
      for (const std::string& key : repair_.units.at(unit)) AddRow(law, fold, key, &difference);
      written += difference.rows.size();
      differences.push_back(std::move(difference));
    }
    RETURN_IF_ERROR(WriteDifferences(law, differences, cause, rows));
    for (const auto& [key, content] : repair_.surplus) {
      ASSIGN_OR_RETURN(const bool deleted, DeleteSurplus(law, key, content, cause, rows));
      written += deleted ? 1 : 0;
    }
    for (const auto& [key, change] : repair_.sums) {
      RETURN_IF_ERROR(ChangeSum(law.SumParts(key), key, change, rows));
      ++written;
    }
    return written;
  }

 private:
  absl::Status Add(const v1::Event& event) {
    if (!projection_->Handles(event.payload().kind_case())) return absl::OkStatus();
    const auto folder = folders_.find(projection_->units()->UnitOf(event));
    return folder == folders_.end() ? absl::OkStatus() : folder->second.Add(event);
  }

  // What the generation says under this key may not be known to the law.
  static void AddRow(const UnitLaw& law, const UnitFold& fold, const std::string& key,
                     UnitDifference* difference) {
    const auto same = [&](const RowDifference& row) { return row.key == key; };
    if (law.SumParts(key) > 0 ||
        std::any_of(difference->rows.begin(), difference->rows.end(), same)) {
      return;
    }
    const auto row = fold.rows.find(key);
    const std::optional<std::string> value = row == fold.rows.end() ? std::nullopt : row->second;
    difference->rows.push_back({key, value, value});
  }

  static absl::StatusOr<bool> DeleteSurplus(const UnitLaw& law, const std::string& key,
                                            const std::string& content, const v1::Event& cause,
                                            ProjectionRows& rows) {
    std::string value;
    ASSIGN_OR_RETURN(const bool there, rows.Get(key, &value));
    if (!there || law.ContentOf(key, value) != content) return false;
    RETURN_IF_ERROR(law.Write({key, value, std::nullopt}, cause, rows));
    return true;
  }

  static absl::Status ChangeSum(size_t parts, const std::string& key,
                                const std::vector<int64_t>& change, ProjectionRows& rows) {
    if (change.size() != parts) return absl::InvalidArgumentError("a sum has other parts");
    std::string value;
    ASSIGN_OR_RETURN(const bool there, rows.Get(key, &value));
    std::vector<uint64_t> sum(parts, 0);
    if (there) {
      const absl::StatusOr<std::vector<uint64_t>> stored = DecodeSum(value, parts);
      // A row that cannot be read counted as nothing when the change was computed.
      if (stored.ok()) sum = *stored;
    }
    bool zero = true;
    for (size_t i = 0; i < parts; ++i) {
      sum[i] += static_cast<uint64_t>(change[i]);
      zero = zero && sum[i] == 0;
    }
    if (zero) {
      rows.Delete(key);
    } else {
      rows.Put(key, EncodeSum(sum));
    }
    return absl::OkStatus();
  }

  const Repair& repair_;
  Projection* const projection_;
  UnitFolder::Aside aside_;
  std::map<std::string, UnitFolder, std::less<>> folders_;
  Position position_ = 0;
};

}  // namespace

absl::StatusOr<uint64_t> Runtime::Mend(const Repair& repair) {
  ASSIGN_OR_RETURN(const auto operation, Operation::Begin(this));
  ASSIGN_OR_RETURN(const auto claim, Claim::Take(this, repair.projection));
  Entry& entry = claim->entry();
  Generation* live;  // stays: we hold the claim
  {
    std::lock_guard<std::mutex> lock(mutex_);
    live = entry.roles.live;
  }
  if (live->folds() == nullptr || live->folds()->units() == nullptr) {
    return absl::FailedPreconditionError(
        fmt::format("{} is not made of units that can be folded alone", entry.name));
  }
  RepairFolds folds(repair, live);
  uint64_t written = 0;
  bool done = false;
  while (!done) {
    RETURN_IF_ERROR(folds.ReadTo(*log_, AppliedPosition()));
    RETURN_IF_ERROR(OnThread([&] {
      if (AppliedPosition() - folds.position() > options_.catch_up_batch_events) {
        return absl::OkStatus();
      }
      done = true;
      RETURN_IF_ERROR(folds.ReadTo(*log_, AppliedPosition()));
      // Rows in memory may be right where the store is wrong.
      RETURN_IF_ERROR(live->Reload());
      RETURN_IF_ERROR(live->Change([&](ProjectionRows& rows) -> absl::Status {
        ASSIGN_OR_RETURN(written, folds.Write(rows));
        return absl::OkStatus();
      }));
      StoreBatch batch;
      absl::Status stored = live->AppendTo(&batch);
      if (stored.ok()) stored = store_->Write(std::move(batch));
      if (!stored.ok()) {
        Fail(stored);
        return stored;
      }
      live->Written();
      RETURN_IF_ERROR(Reload(entry));
      PublishView(AppliedPosition());
      return absl::OkStatus();
    }));
  }
  return written;
}

}  // namespace dailyfeed
