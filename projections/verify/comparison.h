// One read model beside a fold of the log, both as of one moment.
//
//   Comparison comparison(rows, differences_max);
//   RETURN_IF_ERROR(comparison.Digest(pace));
//   for (size_t part = 0; part < parts; ++part) {
//     comparison.BeginPart(part, parts);
//     for (const v1::Event& event : log) RETURN_IF_ERROR(comparison.Add(event));
//     RETURN_IF_ERROR(comparison.EndPart(pace));
//   }
//   RETURN_IF_ERROR(comparison.CompareSums());
//   if (comparison.HasMore()) ...   // once more through the parts: NameMore
//   for (const RowsDiffer& difference : comparison.differences()) ...
//
// Threads: one.
#ifndef DAILYFEED_PROJECTIONS_VERIFY_COMPARISON_H_
#define DAILYFEED_PROJECTIONS_VERIFY_COMPARISON_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "projections/runtime/held_moment.h"
#include "projections/runtime/repair.h"
#include "projections/runtime/units.h"
#include "projections/verify/digest.h"
#include "projections/verify/verify.h"

namespace dailyfeed {

class Comparison {
 public:
  // Called for each row. Not OK: the comparison ends.
  using Pace = absl::FunctionRef<absl::Status()>;

  // `rows` has units, and outlives this.
  Comparison(const HeldMoment::Rows* rows, size_t differences_max);

  // Reads the live rows once.
  absl::Status Digest(Pace pace);
  // What a fold of it takes in memory, estimated.
  uint64_t memory_bytes() const;

  void BeginPart(size_t part, size_t parts);
  absl::Status Add(const v1::Event& event);
  absl::Status EndPart(Pace pace);
  // After the last part.
  absl::Status CompareSums();

  // There are live rows that no unit of any part has. Then each part again: BeginPart,
  // Add, Remember; and at the end NameMore.
  bool HasMore() const;
  absl::Status Remember(Pace pace);
  absl::Status NameMore(Pace pace);

  const HeldMoment::Rows& rows() const { return rows_; }
  const RowSum& sum() const { return digest_.sum; }
  uint64_t count() const { return count_; }
  // The first of them.
  const std::vector<RowsDiffer>& differences() const { return differences_; }
  const Repair& repair() const { return repair_; }

 private:
  struct Expected {
    std::string content;
    const std::string* unit;
  };
  using Part = std::map<std::string, Expected, std::less<>>;

  // What the units of the part come to. `count_sums`: the first time.
  absl::StatusOr<Part> Finish(bool count_sums, Pace pace);
  absl::Status CompareOwned(const std::string& key, const Expected& expected,
                            const std::string_view* live);
  absl::Status AddSurplus(std::string_view key, std::string_view content);
  absl::Status AddSum(const std::string& key, const std::vector<uint64_t>& numbers);
  // False: there are too many already.
  bool Note(RowsDiffer difference);
  void Match(std::string_view key, std::string_view content) { matched_.Add(key, content); }
  absl::StatusOr<bool> Read(std::string_view key, std::string* value) const {
    return rows_.reader->Get(key, value);
  }

  const HeldMoment::Rows& rows_;
  const UnitLaw& law_;
  const size_t differences_max_;

  RowDigest digest_;   // of the live rows
  RowDigest matched_;  // of those that a unit or a sum stands for, right or wrong
  size_t part_ = 0;
  size_t parts_ = 1;
  absl::flat_hash_map<std::string, std::unique_ptr<UnitFolder>> folders_;
  std::set<std::string, std::less<>> unit_names_;  // of the part
  std::map<std::string, std::vector<uint64_t>, std::less<>> sums_;
  absl::flat_hash_set<uint64_t> remembered_;  // hashes of keys in ranges that have more

  uint64_t count_ = 0;
  std::vector<RowsDiffer> differences_;
  Repair repair_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_VERIFY_COMPARISON_H_
