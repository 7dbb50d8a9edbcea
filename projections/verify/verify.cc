#include "projections/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "core/base/status_macros.h"
#include "core/ports/event_source.h"
#include "projections/runtime/units.h"
#include "projections/verify/comparison.h"
#include "projections/verify/digest.h"

namespace dailyfeed {
namespace {

// What one verification found of one projection.
struct Finding {
  Verified verified;
  absl::Status damage;
  std::vector<RowsDiffer> differences;
  Repair repair;
  bool personal = false;
};

absl::StatusOr<std::vector<std::string>> WantedOf(const HeldMoment& moment,
                                                  const std::vector<std::string>& wanted) {
  std::vector<std::string> names = wanted;
  if (wanted.empty()) {
    for (const HeldMoment::Rows& rows : moment.rows()) {
      if (rows.role == HeldMoment::Role::kLive) names.push_back(rows.projection);
    }
  }
  for (const std::string& name : names) {
    const HeldMoment::Rows* const rows = moment.Live(name);
    if (rows == nullptr) return absl::NotFoundError(fmt::format("no projection {}", name));
    if (rows->folds == nullptr || rows->folds->units() == nullptr) {
      return absl::FailedPreconditionError(
          fmt::format("{} is not made of units that can be folded alone", name));
    }
  }
  return names;
}

// Counts events and rows, and asks now and then whether to go on.
class Steps {
 public:
  Steps(const HeldMoment* moment, VerifySink* sink) : moment_(*moment), sink_(*sink) {}
  absl::Status operator()() {
    if (++steps_ % kEventsBetweenPauses != 0) return absl::OkStatus();
    if (moment_.cancelled()) return absl::CancelledError("the moment was given up");
    return sink_.Pause();
  }

 private:
  const HeldMoment& moment_;
  VerifySink& sink_;
  uint64_t steps_ = 0;
};

absl::Status ForEachEvent(const EventSource& log, Position last,
                          absl::FunctionRef<absl::Status(const v1::Event&)> add) {
  if (last == 0) return absl::OkStatus();
  absl::Status added;
  Position at = 0;
  RETURN_IF_ERROR(log.Read(1, [&](const v1::Event& event) {
    at = event.position();
    if (at > last) return false;
    added = add(event);
    return added.ok() && at < last;
  }));
  return added;
}

// One moment, one verification.
class Verification {
 public:
  Verification(Runtime& runtime, const VerifyOptions& options, VerifySink& sink)
      : runtime_(runtime), options_(options), sink_(sink) {}

  absl::StatusOr<std::vector<Finding>> Run(const std::vector<std::string>& wanted) {
    ASSIGN_OR_RETURN(const std::unique_ptr<HeldMoment> moment, runtime_.Hold());
    ASSIGN_OR_RETURN(const std::vector<std::string> names, WantedOf(*moment, wanted));
    Steps steps(moment.get(), &sink_);
    std::vector<Finding> findings;
    std::vector<std::unique_ptr<Comparison>> comparisons;
    uint64_t memory = 0;
    for (const std::string& name : names) {
      const HeldMoment::Rows* const rows = moment->Live(name);
      auto comparison = std::make_unique<Comparison>(rows, options_.differences_max);
      const absl::Status read = comparison->Digest([&] { return steps(); });
      if (absl::IsDataLoss(read)) {
        Finding damaged;
        damaged.verified = {.projection = name, .position = moment->position()};
        damaged.damage = read;
        findings.push_back(std::move(damaged));
        continue;
      }
      RETURN_IF_ERROR(read);
      memory += comparison->memory_bytes();
      comparisons.push_back(std::move(comparison));
    }
    const size_t parts = 1 + memory / std::max<size_t>(1, options_.memory_bytes_max);
    RETURN_IF_ERROR(FoldParts(*moment, comparisons, parts, steps, [&](Comparison& comparison) {
      return comparison.EndPart([&] { return steps(); });
    }));
    std::vector<std::unique_ptr<Comparison>> with_more;
    for (auto& comparison : comparisons) {
      RETURN_IF_ERROR(comparison->CompareSums());
      if (!comparison->HasMore()) findings.push_back(FindingOf(*moment, *comparison));
      if (comparison->HasMore()) with_more.push_back(std::move(comparison));
    }
    if (with_more.empty()) return findings;
    RETURN_IF_ERROR(FoldParts(*moment, with_more, parts, steps, [&](Comparison& comparison) {
      return comparison.Remember([&] { return steps(); });
    }));
    for (auto& comparison : with_more) {
      RETURN_IF_ERROR(comparison->NameMore([&] { return steps(); }));
      findings.push_back(FindingOf(*moment, *comparison));
    }
    return findings;
  }

 private:
  absl::Status FoldParts(const HeldMoment& moment,
                         const std::vector<std::unique_ptr<Comparison>>& comparisons, size_t parts,
                         Steps& steps, absl::FunctionRef<absl::Status(Comparison&)> end) {
    for (size_t part = 0; part < parts; ++part) {
      for (const auto& comparison : comparisons) comparison->BeginPart(part, parts);
      RETURN_IF_ERROR(
          ForEachEvent(runtime_.events(), moment.position(), [&](const v1::Event& event) {
            for (const auto& comparison : comparisons) RETURN_IF_ERROR(comparison->Add(event));
            return steps();
          }));
      for (const auto& comparison : comparisons) RETURN_IF_ERROR(end(*comparison));
    }
    return absl::OkStatus();
  }

  static Finding FindingOf(const HeldMoment& moment, const Comparison& comparison) {
    Finding finding;
    finding.verified = {.projection = comparison.rows().projection,
                        .position = moment.position(),
                        .sum = comparison.sum(),
                        .differences = comparison.count()};
    finding.differences = comparison.differences();
    finding.repair = comparison.repair();
    finding.personal = !comparison.rows().folds->TracesOf(0).empty();
    return finding;
  }

  Runtime& runtime_;
  const VerifyOptions& options_;
  VerifySink& sink_;
};

absl::StatusOr<std::vector<Finding>> RunUntilHeld(Runtime& runtime, const VerifyOptions& options,
                                                  const std::vector<std::string>& wanted,
                                                  VerifySink& sink) {
  for (int attempt = 0; attempt < options.attempts_max; ++attempt) {
    auto findings = Verification(runtime, options, sink).Run(wanted);
    if (!absl::IsCancelled(findings.status())) return findings;
    // Asked to end, and not by an erasure.
    RETURN_IF_ERROR(sink.Pause());
  }
  return absl::AbortedError(
      fmt::format("erasures took the moment away {} times: try again", options.attempts_max));
}

// The fold of personal rows depends on keys, too: one that was destroyed after the
// moment looks like a difference, once. What two verifications find is one.
absl::Status KeepConfirmed(Runtime& runtime, const VerifyOptions& options, VerifySink& sink,
                           std::vector<Finding>* findings) {
  std::vector<std::string> unsure;
  for (const Finding& finding : *findings) {
    if (finding.personal && finding.verified.differences > 0) {
      unsure.push_back(finding.verified.projection);
    }
  }
  if (unsure.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<Finding> again, RunUntilHeld(runtime, options, unsure, sink));
  for (Finding& second : again) {
    const auto first = std::find_if(findings->begin(), findings->end(), [&](const Finding& one) {
      return one.verified.projection == second.verified.projection;
    });
    std::set<std::string> found;
    for (const RowsDiffer& difference : first->differences) found.insert(difference.key);
    std::set<std::string> units;
    const size_t before = second.differences.size();
    std::erase_if(second.differences,
                  [&](const RowsDiffer& one) { return !found.contains(one.key); });
    second.verified.differences -= before - second.differences.size();
    for (const RowsDiffer& difference : second.differences) units.insert(difference.unit);
    std::erase_if(second.repair.units, [&](const auto& one) { return !units.contains(one.first); });
    std::erase_if(second.repair.sums, [&](const auto& one) { return !found.contains(one.first); });
    *first = std::move(second);
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(DifferenceWhy why) {
  switch (why) {
    case DifferenceWhy::kFault:
      return "fault";
    case DifferenceWhy::kCode:
      return "code";
  }
  return "";
}

absl::StatusOr<bool> VerifyAgainstLog(Runtime& runtime, const VerifyOptions& options,
                                      VerifySink& sink) {
  ASSIGN_OR_RETURN(std::vector<Finding> findings,
                   RunUntilHeld(runtime, options, options.projections, sink));
  RETURN_IF_ERROR(KeepConfirmed(runtime, options, sink, &findings));
  bool equal = true;
  for (Finding& finding : findings) {
    if (!finding.damage.ok()) {
      equal = false;
      sink.OnDamage(finding.verified.projection, finding.damage);
      continue;
    }
    equal = equal && finding.verified.differences == 0;
    for (const RowsDiffer& difference : finding.differences) sink.OnDifference(difference);
    if (options.mend && !finding.repair.empty()) {
      ASSIGN_OR_RETURN(finding.verified.mended, runtime.Mend(finding.repair));
    }
    sink.OnVerified(finding.verified);
  }
  return equal;
}

// ---- Two generations.

namespace {

// A walk over the contents of one generation, a row at a time: VisitContent from where
// it stopped, in pages, so that two of them can be merged.
class ContentCursor {
 public:
  explicit ContentCursor(const HeldMoment::Rows* rows) : rows_(*rows) {}

  // The next row; nullptr behind the last.
  absl::StatusOr<const std::pair<std::string, std::string>*> Peek() {
    if (at_ == page_.size() && !ended_) RETURN_IF_ERROR(ReadPage());
    return at_ < page_.size() ? &page_[at_] : nullptr;
  }
  void Next() { ++at_; }

 private:
  static constexpr size_t kPageRows = 4096;

  absl::Status ReadPage() {
    std::string from = page_.empty() ? std::string() : page_.back().first + '\0';
    page_.clear();
    at_ = 0;
    const auto visit = [&](std::string_view key, std::string_view content) {
      page_.emplace_back(key, content);
      return page_.size() < kPageRows;
    };
    RETURN_IF_ERROR(rows_.folds->units()->VisitContent(
        *rows_.reader, {.lower = std::move(from), .upper = {}}, visit));
    ended_ = page_.size() < kPageRows;
    return absl::OkStatus();
  }

  const HeldMoment::Rows& rows_;
  std::vector<std::pair<std::string, std::string>> page_;
  size_t at_ = 0;
  bool ended_ = false;
};

// Both are of one projection and one position. Differences go to `note`.
absl::StatusOr<Verified> CompareRows(const HeldMoment::Rows& live, const HeldMoment::Rows& other,
                                     absl::FunctionRef<void(RowsDiffer)> note,
                                     Comparison::Pace pace) {
  const UnitLaw& law = *other.folds->units();
  const bool same_code = live.version == other.version && live.settings == other.settings;
  Verified verified = {.projection = live.projection, .position = live.position};
  ContentCursor left(&live);
  ContentCursor right(&other);
  while (true) {
    RETURN_IF_ERROR(pace());
    ASSIGN_OR_RETURN(const auto* a, left.Peek());
    ASSIGN_OR_RETURN(const auto* b, right.Peek());
    if (a == nullptr && b == nullptr) return verified;
    const bool has_a = a != nullptr && (b == nullptr || a->first <= b->first);
    const bool has_b = b != nullptr && (a == nullptr || b->first <= a->first);
    if (has_a) verified.sum.Add(a->first, a->second);
    if (!has_a || !has_b || a->second != b->second) {
      ++verified.differences;
      const auto& [key, content] = has_a ? *a : *b;
      const HeldMoment::Rows& of = has_a ? live : other;
      const auto unit = law.OwnerOf(key, content, [&](std::string_view wanted, std::string* value) {
        return of.reader->Get(wanted, value);
      });
      if (!unit.ok() && !absl::IsDataLoss(unit.status())) return unit.status();
      note({.projection = live.projection,
            .key = key,
            .unit = unit.ok() ? *unit : std::string(),
            .live = has_a ? std::optional<std::string>(a->second) : std::nullopt,
            .rebuilt = has_b ? std::optional<std::string>(b->second) : std::nullopt,
            .why = same_code ? DifferenceWhy::kFault : DifferenceWhy::kCode});
    }
    if (has_a) left.Next();
    if (has_b) right.Next();
  }
}

absl::StatusOr<bool> CompareAtOneMoment(Runtime& runtime, HeldMoment::Role other,
                                        const VerifyOptions& options, VerifySink& sink) {
  ASSIGN_OR_RETURN(const std::unique_ptr<HeldMoment> moment, runtime.Hold());
  ASSIGN_OR_RETURN(const std::vector<std::string> names, WantedOf(*moment, options.projections));
  Steps steps(moment.get(), &sink);
  bool equal = true;
  for (const std::string& name : names) {
    const HeldMoment::Rows& live = *moment->Live(name);
    const HeldMoment::Rows* const rows = moment->Find(name, other);
    const std::string_view kind = other == HeldMoment::Role::kPrevious ? "previous" : "ready";
    if (rows == nullptr) {
      return absl::FailedPreconditionError(fmt::format("{} has no {} generation", name, kind));
    }
    if (rows->position != live.position || rows->folds == nullptr) {
      return absl::FailedPreconditionError(
          fmt::format("the {} generation {} of {} stands still at position {}, the live one is at "
                      "{}",
                      kind, rows->generation, name, rows->position, live.position));
    }
    uint64_t noted = 0;
    ASSIGN_OR_RETURN(const Verified verified, CompareRows(
                                                  live, *rows,
                                                  [&](RowsDiffer difference) {
                                                    if (noted++ < options.differences_max)
                                                      sink.OnDifference(difference);
                                                  },
                                                  [&] { return steps(); }));
    equal = equal && verified.differences == 0;
    sink.OnVerified(verified);
  }
  return equal;
}

}  // namespace

absl::StatusOr<bool> VerifyGenerations(Runtime& runtime, HeldMoment::Role other,
                                       const VerifyOptions& options, VerifySink& sink) {
  absl::StatusOr<bool> equal = CompareAtOneMoment(runtime, other, options, sink);
  if (!absl::IsCancelled(equal.status())) return equal;
  RETURN_IF_ERROR(sink.Pause());
  return absl::AbortedError("an erasure took the moment away: try again");
}

}  // namespace dailyfeed
