#include "projections/runtime/units.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"
#include "projections/runtime/upkeep.h"

namespace dailyfeed {
namespace {

std::optional<std::string> ContentOf(const UnitLaw& law, std::string_view key,
                                     const std::optional<std::string>& value) {
  if (!value.has_value()) return std::nullopt;
  return law.ContentOf(key, *value);
}

const std::optional<std::string>& RowOf(const UnitFold& fold, const std::string& key) {
  static const auto* const kNone = new std::optional<std::string>();
  const auto found = fold.rows.find(key);
  return found == fold.rows.end() ? *kNone : found->second;
}

// The keys of either fold, ascending, each once.
std::vector<std::string> KeysOf(const UnitFold& before, const UnitFold& after) {
  std::vector<std::string> keys;
  auto a = before.rows.begin();
  auto b = after.rows.begin();
  while (a != before.rows.end() || b != after.rows.end()) {
    if (b == after.rows.end() || (a != before.rows.end() && a->first < b->first)) {
      keys.push_back((a++)->first);
    } else {
      if (a != before.rows.end() && a->first == b->first) ++a;
      keys.push_back((b++)->first);
    }
  }
  return keys;
}

absl::StatusOr<std::vector<uint64_t>> NumbersOf(const std::optional<std::string>& row,
                                                size_t parts) {
  if (!row.has_value()) return std::vector<uint64_t>(parts, 0);
  return DecodeSum(*row, parts);
}

// nullopt: all numbers are zero, so there is no row.
std::optional<std::string> RowOfNumbers(std::span<const uint64_t> numbers) {
  for (const uint64_t number : numbers) {
    if (number != 0) return EncodeSum(numbers);
  }
  return std::nullopt;
}

// One row that the unit owns.
absl::Status CompareOwned(const UnitLaw& law, const std::string& key, const UnitFold& before,
                          const UnitFold& after, ReadRow read, UnitDifference* difference) {
  const std::optional<std::string>& was = RowOf(before, key);
  const std::optional<std::string>& is = RowOf(after, key);
  std::optional<std::string> before_content = ContentOf(law, key, was);
  const std::optional<std::string> after_content = ContentOf(law, key, is);
  ASSIGN_OR_RETURN(UnitLaw::LiveRow live, law.ReadLive(before.unit, key, read));
  if (!live.known) live.content = before_content;
  if (live.content != after_content) difference->rows.push_back({key, was, is});
  if (live.content != before_content) {
    difference->faults.push_back({key, std::move(live.content), std::move(before_content)});
    return absl::OkStatus();
  }
  if (live.content != after_content || after_content.has_value()) return absl::OkStatus();
  // Without content on either side there may still be a row whose deletion waits. It
  // goes with the note that says so.
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, read(key, &bytes));
  if (!there || !law.ContentOf(key, bytes).has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool dead, law.IsDead(key, bytes, read));
  if (dead) difference->rows.push_back({key, std::nullopt, std::nullopt});
  return absl::OkStatus();
}

// One row that is a sum.
absl::Status CompareSum(const std::string& key, size_t parts, const UnitFold& before,
                        const UnitFold& after, ReadRow read, UnitDifference* difference) {
  const std::optional<std::string>& was = RowOf(before, key);
  const std::optional<std::string>& is = RowOf(after, key);
  if (was != is) difference->sums.push_back({key, was, is});
  ASSIGN_OR_RETURN(const std::vector<uint64_t> part, NumbersOf(was, parts));
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, read(key, &bytes));
  std::optional<std::string> live;
  if (there) live = std::move(bytes);
  const absl::StatusOr<std::vector<uint64_t>> sum = NumbersOf(live, parts);
  bool enough = sum.ok();
  for (size_t i = 0; enough && i < parts; ++i) enough = (*sum)[i] >= part[i];
  if (!enough) difference->faults.push_back({key, std::move(live), was});
  return absl::OkStatus();
}

absl::Status WriteSum(const UnitLaw& law, const RowDifference& difference, ProjectionRows& rows) {
  const size_t parts = law.SumParts(difference.key);
  ASSIGN_OR_RETURN(const std::vector<uint64_t> before, NumbersOf(difference.before, parts));
  ASSIGN_OR_RETURN(const std::vector<uint64_t> after, NumbersOf(difference.after, parts));
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows.Get(difference.key, &bytes));
  std::vector<uint64_t> sum(parts, 0);
  if (there) {
    ASSIGN_OR_RETURN(sum, DecodeSum(bytes, parts));
  }
  for (size_t i = 0; i < parts; ++i) {
    // A sum that was too small already was reported as a fault and cannot go below 0.
    sum[i] = sum[i] + after[i] < before[i] ? 0 : sum[i] + after[i] - before[i];
  }
  const std::optional<std::string> row = RowOfNumbers(sum);
  if (row.has_value()) {
    rows.Put(difference.key, *row);
  } else {
    rows.Delete(difference.key);
  }
  return absl::OkStatus();
}

}  // namespace

// ---- What a law does unless its projection says otherwise.

absl::StatusOr<UnitLaw::LiveRow> UnitLaw::ReadLive(std::string_view unit, std::string_view key,
                                                   ReadRow read) const {
  std::string value;
  ASSIGN_OR_RETURN(const bool there, read(key, &value));
  if (!there) return LiveRow();
  std::optional<std::string> content = ContentOf(key, value);
  if (!content.has_value()) return LiveRow();
  const absl::StatusOr<std::string> owner = OwnerOf(key, value, read);
  // A row that cannot be read is a fault of this unit, and says what it says.
  if (absl::IsDataLoss(owner.status())) return LiveRow{.content = std::move(content)};
  RETURN_IF_ERROR(owner.status());
  if (!owner->empty() && *owner != unit) return LiveRow();
  const absl::StatusOr<bool> dead = IsDead(key, value, read);
  if (!absl::IsDataLoss(dead.status())) RETURN_IF_ERROR(dead.status());
  if (dead.ok() && *dead) return LiveRow();
  return LiveRow{.content = std::move(content)};
}

absl::Status UnitLaw::Write(const RowDifference& difference, const v1::Event& cause,
                            ProjectionRows& rows) const {
  (void)cause;
  if (difference.after.has_value()) {
    rows.Put(difference.key, *difference.after);
  } else {
    rows.Delete(difference.key);
  }
  return absl::OkStatus();
}

absl::Status UnitLaw::VisitContent(
    const ProjectionReader& rows, const KeyRange& range,
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const {
  const auto read = [&rows](std::string_view key, std::string* value) {
    return rows.Get(key, value);
  };
  const std::unique_ptr<StoreIterator> at = rows.NewIterator(range);
  for (; at->Valid() && !IsBeside(at->key()); at->Next()) {
    const std::optional<std::string> content = ContentOf(at->key(), at->value());
    if (!content.has_value()) continue;
    const absl::StatusOr<bool> dead = IsDead(at->key(), at->value(), read);
    // What cannot be read is shown, so that it is found.
    if (!absl::IsDataLoss(dead.status())) RETURN_IF_ERROR(dead.status());
    if (dead.ok() && *dead) continue;
    if (!visit(at->key(), *content)) break;
  }
  return at->status();
}

// ---- The fold of one unit.

// Rows in memory, with what was ever written and the way back of one event.
class UnitFolder::ScratchRows final : public ProjectionRows {
 public:
  explicit ScratchRows(UnitFold* fold) : rows_(fold->rows) {}

  absl::StatusOr<bool> Get(std::string_view key, std::string* value) override {
    const auto found = rows_.find(key);
    if (found == rows_.end() || !found->second.has_value()) return false;
    *value = *found->second;
    return true;
  }
  void Put(std::string_view key, std::string_view value) override {
    Change(key, std::string(value));
  }
  void PutUnsettled(std::string_view key, std::string_view value) override {
    Put(key, value);
    unsettled_.emplace(key);
  }
  void Delete(std::string_view key) override {
    // Of a row that was never there nothing is kept.
    if (rows_.contains(key)) Change(key, std::nullopt);
  }
  absl::Status Scan(std::string_view lower, std::string_view upper,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) override {
    std::string next(lower);
    while (true) {
      // Looked up anew each time: `visit` may change rows.
      auto at = rows_.lower_bound(next);
      while (at != rows_.end() && !at->second.has_value()) ++at;
      if (at == rows_.end() || (!upper.empty() && at->first >= upper)) return absl::OkStatus();
      const std::string key = at->first;
      const std::string value = *at->second;
      if (!visit(key, value)) return absl::OkStatus();
      next = key + '\0';
    }
  }

  void BeginEvent() { undo_.clear(); }
  void UndoEvent() {
    for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) {
      if (change->is_new) {
        rows_.erase(change->key);
      } else {
        rows_.find(change->key)->second = std::move(change->value);
      }
    }
    undo_.clear();
  }
  absl::Status Settle(Projection& projection) {
    const std::set<std::string, std::less<>> unsettled = std::exchange(unsettled_, {});
    for (const std::string& key : unsettled) {
      const auto found = rows_.find(key);
      if (found == rows_.end() || !found->second.has_value()) continue;
      RETURN_IF_ERROR(projection.Settle(key, *this));
    }
    undo_.clear();
    return absl::OkStatus();
  }

 private:
  struct Undo {
    std::string key;
    bool is_new = false;
    std::optional<std::string> value;
  };

  void Change(std::string_view key, std::optional<std::string> value) {
    const auto [row, is_new] = rows_.try_emplace(std::string(key));
    undo_.push_back({std::string(key), is_new, std::move(row->second)});
    row->second = std::move(value);
  }

  std::map<std::string, std::optional<std::string>, std::less<>>& rows_;
  std::set<std::string, std::less<>> unsettled_;
  std::vector<Undo> undo_;
};

UnitFolder::UnitFolder(Projection* projection, std::string unit, const Aside* aside)
    : projection_(projection), aside_(aside), rows_(std::make_unique<ScratchRows>(&fold_)) {
  DAILYFEED_CHECK(projection_->units() != nullptr);
  fold_.unit = std::move(unit);
}

UnitFolder::~UnitFolder() = default;

bool UnitFolder::IsAside(const v1::Event& event) const {
  const bool any = aside_ != nullptr && !aside_->empty();
  if (!any && fold_.refused.empty()) return false;
  const std::string key = projection_->ParkingKey(event);
  if (fold_.refused.contains(key)) return true;
  if (!any) return false;
  const auto found = aside_->find(key);
  return found != aside_->end() && event.position() >= found->second;
}

absl::Status UnitFolder::Add(const v1::Event& event) {
  if (!projection_->Handles(event.payload().kind_case())) return absl::OkStatus();
  if (projection_->units()->UnitOf(event) != fold_.unit || IsAside(event)) return absl::OkStatus();
  rows_->BeginEvent();
  absl::Status applied = projection_->Apply(event, *rows_);
  if (applied.ok() || absl::IsUnavailable(applied)) return applied;
  rows_->UndoEvent();
  fold_.refused[projection_->ParkingKey(event)] = {event.position(), std::move(applied)};
  return absl::OkStatus();
}

absl::StatusOr<UnitFold> UnitFolder::Finish() && {
  RETURN_IF_ERROR(rows_->Settle(*projection_));
  RETURN_IF_ERROR(projection_->units()->Complete(*rows_));
  return std::move(fold_);
}

absl::StatusOr<UnitFold> FoldUnit(Projection& projection, std::string unit,
                                  std::span<const v1::Event> events) {
  UnitFolder folder(&projection, std::move(unit));
  for (const v1::Event& event : events) RETURN_IF_ERROR(folder.Add(event));
  return std::move(folder).Finish();
}

// ---- Two folds of one unit, and a running generation.

absl::StatusOr<UnitDifference> RefoldUnit(const UnitLaw& law, const UnitFold& before,
                                          const UnitFold& after, ReadRow read) {
  DAILYFEED_CHECK(before.unit == after.unit);
  UnitDifference difference;
  difference.unit = before.unit;
  for (const std::string& key : KeysOf(before, after)) {
    if (const size_t parts = law.SumParts(key); parts > 0) {
      RETURN_IF_ERROR(CompareSum(key, parts, before, after, read, &difference));
    } else if (!law.ContentOf(key, RowOf(before, key).value_or("")).has_value()) {
      difference.notes.push_back(key);
    } else {
      RETURN_IF_ERROR(CompareOwned(law, key, before, after, read, &difference));
    }
  }
  return difference;
}

absl::Status WriteDifferences(const UnitLaw& law, std::span<const UnitDifference> differences,
                              const v1::Event& cause, ProjectionRows& rows) {
  for (const UnitDifference& unit : differences) {
    for (const std::string& note : unit.notes) RETURN_IF_ERROR(law.Release(note, rows));
    for (const RowDifference& row : unit.rows) {
      if (!row.after.has_value()) RETURN_IF_ERROR(law.Write(row, cause, rows));
    }
  }
  for (const UnitDifference& unit : differences) {
    for (const RowDifference& row : unit.rows) {
      if (row.after.has_value()) RETURN_IF_ERROR(law.Write(row, cause, rows));
    }
    for (const RowDifference& row : unit.sums) RETURN_IF_ERROR(WriteSum(law, row, rows));
  }
  return absl::OkStatus();
}

// ---- Sums.

absl::StatusOr<std::vector<uint64_t>> DecodeSum(std::string_view row, size_t parts) {
  RowReader reader(row);
  std::vector<uint64_t> numbers(parts);
  for (uint64_t& number : numbers) number = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("sum over units"));
  return numbers;
}

std::string EncodeSum(std::span<const uint64_t> numbers) {
  RowWriter row;
  for (const uint64_t number : numbers) row.Varint(number);
  return row.Take();
}

}  // namespace dailyfeed
