// Whether the live read models say what the log says, row by row.
//
//   class Printer final : public VerifySink { ... };
//   VerifyOptions options;                            // every read model
//   ASSIGN_OR_RETURN(const bool equal, VerifyAgainstLog(*runtime, options, printer));
//
// The log is folded anew, unit by unit (runtime/units.h), into memory and into no
// file, and compared with the rows of one moment while both go on. What takes more
// memory than VerifyOptions::memory_bytes_max is folded in parts, each with a scan of
// the log. An erasure that needs the moment back gets it; the verification then
// begins again.
//
// Threads: any, one call each. Takes long and yields to `VerifySink::Pause`.
#ifndef DAILYFEED_PROJECTIONS_VERIFY_VERIFY_H_
#define DAILYFEED_PROJECTIONS_VERIFY_VERIFY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/runtime/held_moment.h"
#include "projections/runtime/runtime.h"
#include "projections/verify/row_sum.h"

namespace dailyfeed {

// Why two generations, or a generation and the log, do not say the same.
enum class DifferenceWhy {
  kFault,  // the rows are damaged
  kCode,   // they were made by another version or with other settings
};
std::string_view NameOf(DifferenceWhy why);

struct RowsDiffer {
  std::string projection;
  std::string key;
  std::string unit;                    // empty: the rows do not say it
  std::optional<std::string> live;     // content; nullopt: there is no row
  std::optional<std::string> rebuilt;  // what there should be
  DifferenceWhy why = DifferenceWhy::kFault;
};

struct Verified {
  std::string projection;
  Position position = 0;
  RowSum sum;  // of the live rows
  uint64_t differences = 0;
  uint64_t mended = 0;  // rows written; 0 unless VerifyOptions::mend
};

class VerifySink {
 public:
  virtual ~VerifySink() = default;
  virtual void OnDifference(const RowsDiffer& difference) = 0;
  // The rows of a projection cannot be read: an index is damaged.
  virtual void OnDamage(std::string_view projection, const absl::Status& status) = 0;
  virtual void OnVerified(const Verified& verified) = 0;
  // Called every `kEventsBetweenPauses` events or rows. Not OK: the verification ends
  // with that status.
  virtual absl::Status Pause() { return absl::OkStatus(); }
};
inline constexpr uint64_t kEventsBetweenPauses = 1000;

struct VerifyOptions {
  std::vector<std::string> projections;  // empty: all of them
  size_t memory_bytes_max = size_t{256} << 20;
  // Of one projection that are named; the others are counted.
  size_t differences_max = 10'000;
  // Writes the rows anew that differ. Those beyond `differences_max` are left: a
  // read model with so many faults is better built anew.
  bool mend = false;
  // How often an erasure may take the moment away.
  int attempts_max = 5;
};

// True: nothing differs. NOT_FOUND: no such projection. FAILED_PRECONDITION: a
// projection is not made of units. ABORTED: erasures came in between all the time.
// UNAVAILABLE: the runtime does not run. Else errors of the log, and of Pause.
absl::StatusOr<bool> VerifyAgainstLog(Runtime& runtime, const VerifyOptions& options,
                                      VerifySink& sink);

// Compares the live generation with the previous one, or with the one that is ready,
// at one moment. FAILED_PRECONDITION: there is none, or it stands still at another
// position. Others as above; never mends.
absl::StatusOr<bool> VerifyGenerations(Runtime& runtime, HeldMoment::Role other,
                                       const VerifyOptions& options, VerifySink& sink);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_VERIFY_VERIFY_H_
