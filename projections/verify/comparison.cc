#include "projections/verify/comparison.h"

#include <optional>
#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

// What a row takes in a fold besides its bytes: nodes of maps, strings.
constexpr uint64_t kRowOverheadBytes = 250;

uint64_t HashOfText(std::string_view text) { return HashOfRow(text, {}).low; }

}  // namespace

Comparison::Comparison(const HeldMoment::Rows* rows, size_t differences_max)
    : rows_(*rows), law_(*rows->folds->units()), differences_max_(differences_max) {
  repair_.projection = rows->projection;
}

absl::Status Comparison::Digest(Pace pace) {
  absl::Status paced;
  RETURN_IF_ERROR(VisitContent(rows_, [&](std::string_view key, std::string_view content) {
    digest_.Add(key, content);
    paced = pace();
    return paced.ok();
  }));
  return paced;
}

uint64_t Comparison::memory_bytes() const {
  return 2 * digest_.bytes + kRowOverheadBytes * digest_.sum.rows;
}

// ---- One part.

void Comparison::BeginPart(size_t part, size_t parts) {
  part_ = part;
  parts_ = parts;
  folders_.clear();
  unit_names_.clear();
}

absl::Status Comparison::Add(const v1::Event& event) {
  if (!rows_.folds->Handles(event.payload().kind_case())) return absl::OkStatus();
  std::string unit = law_.UnitOf(event);
  if (parts_ > 1 && HashOfText(unit) % parts_ != part_) return absl::OkStatus();
  std::unique_ptr<UnitFolder>& folder = folders_[unit];
  if (folder == nullptr) {
    folder = std::make_unique<UnitFolder>(rows_.folds, std::move(unit), &rows_.parked);
  }
  return folder->Add(event);
}

absl::StatusOr<Comparison::Part> Comparison::Finish(bool count_sums, Pace pace) {
  Part part;
  for (auto& [name, folder] : folders_) {
    RETURN_IF_ERROR(pace());
    ASSIGN_OR_RETURN(UnitFold fold, std::move(*folder).Finish());
    folder = nullptr;
    const std::string* const unit = &*unit_names_.insert(name).first;
    for (auto& [key, value] : fold.rows) {
      if (!value.has_value()) continue;
      if (const size_t parts = law_.SumParts(key); parts > 0) {
        if (!count_sums) continue;
        ASSIGN_OR_RETURN(const std::vector<uint64_t> numbers, DecodeSum(*value, parts));
        std::vector<uint64_t>& sum = sums_[key];
        sum.resize(parts);
        for (size_t i = 0; i < parts; ++i) sum[i] += numbers[i];
        continue;
      }
      std::optional<std::string> content = law_.ContentOf(key, *value);
      if (content.has_value()) part.try_emplace(key, Expected{*std::move(content), unit});
    }
  }
  folders_.clear();
  return part;
}

absl::Status Comparison::EndPart(Pace pace) {
  ASSIGN_OR_RETURN(const Part part, Finish(/*count_sums=*/true, pace));
  auto next = part.begin();
  absl::Status status;
  const auto visit = [&](std::string_view key, std::string_view content) -> absl::Status {
    RETURN_IF_ERROR(pace());
    for (; next != part.end() && next->first < key; ++next) {
      RETURN_IF_ERROR(CompareOwned(next->first, next->second, nullptr));
    }
    if (next != part.end() && next->first == key) {
      RETURN_IF_ERROR(CompareOwned(next->first, next->second, &content));
      ++next;
    } else if (parts_ == 1 && !sums_.contains(key)) {
      RETURN_IF_ERROR(AddSurplus(key, content));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(VisitContent(rows_, [&](std::string_view key, std::string_view content) {
    status = visit(key, content);
    return status.ok();
  }));
  RETURN_IF_ERROR(status);
  for (; next != part.end(); ++next) {
    RETURN_IF_ERROR(CompareOwned(next->first, next->second, nullptr));
  }
  return absl::OkStatus();
}

absl::Status Comparison::CompareOwned(const std::string& key, const Expected& expected,
                                      const std::string_view* live) {
  if (live != nullptr && *live == expected.content) {
    Match(key, *live);
    return absl::OkStatus();
  }
  if (live == nullptr) {
    // The walk shows what readers see; the law may know better.
    ASSIGN_OR_RETURN(
        const UnitLaw::LiveRow read,
        law_.ReadLive(*expected.unit, key, [this](std::string_view wanted, std::string* value) {
          return Read(wanted, value);
        }));
    if (read.known && read.content == expected.content) return absl::OkStatus();
  } else {
    Match(key, *live);
  }
  const bool noted =
      Note({.projection = rows_.projection,
            .key = key,
            .unit = *expected.unit,
            .live = live == nullptr ? std::nullopt : std::optional<std::string>(*live),
            .rebuilt = expected.content});
  if (noted) repair_.units[*expected.unit].insert(key);
  return absl::OkStatus();
}

// ---- Sums.

absl::Status Comparison::CompareSums() {
  for (const auto& [key, numbers] : sums_) RETURN_IF_ERROR(AddSum(key, numbers));
  return absl::OkStatus();
}

absl::Status Comparison::AddSum(const std::string& key, const std::vector<uint64_t>& numbers) {
  std::string value;
  ASSIGN_OR_RETURN(const bool there, Read(key, &value));
  std::optional<std::string> live;
  if (there) live = value;
  bool zero = true;
  for (const uint64_t number : numbers) zero = zero && number == 0;
  std::optional<std::string> rebuilt;
  if (!zero) rebuilt = EncodeSum(numbers);
  if (live.has_value()) Match(key, *live);
  if (live == rebuilt) return absl::OkStatus();
  std::vector<uint64_t> is(numbers.size(), 0);
  if (live.has_value()) {
    absl::StatusOr<std::vector<uint64_t>> decoded = DecodeSum(*live, numbers.size());
    if (decoded.ok()) is = *std::move(decoded);
  }
  std::vector<int64_t> change(numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) change[i] = static_cast<int64_t>(numbers[i] - is[i]);
  const bool noted = Note({.projection = rows_.projection,
                           .key = key,
                           .unit = {},
                           .live = std::move(live),
                           .rebuilt = std::move(rebuilt)});
  if (noted) repair_.sums[key] = std::move(change);
  return absl::OkStatus();
}

// ---- Rows that nothing in the log stands for.

absl::Status Comparison::AddSurplus(std::string_view key, std::string_view content) {
  if (const size_t parts = law_.SumParts(key); parts > 0) {
    return AddSum(std::string(key), std::vector<uint64_t>(parts, 0));
  }
  Match(key, content);
  std::string value;
  ASSIGN_OR_RETURN(const bool there, Read(key, &value));
  const auto read = [this](std::string_view wanted, std::string* found) {
    return Read(wanted, found);
  };
  absl::StatusOr<std::string> unit = law_.OwnerOf(key, there ? value : content, read);
  if (!unit.ok() && !absl::IsDataLoss(unit.status())) return unit.status();
  const bool noted = Note({.projection = rows_.projection,
                           .key = std::string(key),
                           .unit = unit.ok() ? *unit : std::string(),
                           .live = std::string(content),
                           .rebuilt = std::nullopt});
  if (!noted) return absl::OkStatus();
  if (unit.ok() && !unit->empty()) {
    repair_.units[*unit].insert(std::string(key));
  } else {
    repair_.surplus[std::string(key)] = std::string(content);
  }
  return absl::OkStatus();
}

bool Comparison::HasMore() const { return parts_ > 1 && digest_.sum != matched_.sum; }

absl::Status Comparison::Remember(Pace pace) {
  ASSIGN_OR_RETURN(const Part part, Finish(/*count_sums=*/false, pace));
  for (const auto& [key, expected] : part) {
    const RangeOfRow range = RangeOf(key);
    if (digest_.ranges[range.tag][range.range] != matched_.ranges[range.tag][range.range]) {
      remembered_.insert(HashOfText(key));
    }
  }
  return absl::OkStatus();
}

absl::Status Comparison::NameMore(Pace pace) {
  std::set<RangeOfRow> more;
  for (const auto& [tag, ranges] : digest_.ranges) {
    for (size_t i = 0; i < kRangesOfTag; ++i) {
      if (ranges[i] != matched_.ranges[tag][i]) more.insert({tag, static_cast<uint8_t>(i)});
    }
  }
  absl::Status status;
  RETURN_IF_ERROR(VisitContent(rows_, [&](std::string_view key, std::string_view content) {
    status = pace();
    if (!status.ok() || !more.contains(RangeOf(key)) || sums_.contains(key)) return status.ok();
    if (!remembered_.contains(HashOfText(key))) status = AddSurplus(key, content);
    return status.ok();
  }));
  return status;
}

bool Comparison::Note(RowsDiffer difference) {
  ++count_;
  if (differences_.size() >= differences_max_) return false;
  differences_.push_back(std::move(difference));
  return true;
}

}  // namespace dailyfeed
