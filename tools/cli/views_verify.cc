#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "core/base/hex.h"
#include "core/base/status_macros.h"
#include "projections/runtime/held_moment.h"
#include "projections/runtime/runtime.h"
#include "projections/verify/verify.h"
#include "tools/cli/operator_commands.h"
#include "tools/cli/views_digest.h"

ABSL_FLAG(std::string, against, "log",
          "What to compare with: log, previous, or a file of `views digest --json`.");
ABSL_FLAG(bool, mend, false, "Write the rows anew that differ from the log.");

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

// Of a row that differs so much is shown; its end is of less use than its beginning.
constexpr size_t kShownBytesMax = 128;

json::value Shown(const std::optional<std::string>& content, bool personal) {
  if (!content.has_value()) return nullptr;
  // Nobody's profile goes into a terminal or a log; two of them can still be compared.
  if (personal) {
    RowSum sum;
    sum.Add({}, *content);
    return json::value(fmt::format("masked:{}", sum.Hex()));
  }
  const std::string hex = Hex(std::string_view(*content).substr(0, kShownBytesMax));
  return json::value(content->size() > kShownBytesMax ? hex + "..." : hex);
}

class JsonLines final : public VerifySink {
 public:
  JsonLines(std::set<std::string> personal, control::ControlOutput* output)
      : personal_(std::move(personal)), output_(*output) {}

  void OnDifference(const RowsDiffer& difference) override {
    const bool personal = personal_.contains(difference.projection);
    Write(json::object{{"event", "difference"},
                       {"projection", difference.projection},
                       {"key", Hex(difference.key)},
                       {"unit", difference.unit},
                       {"live", Shown(difference.live, personal)},
                       {"rebuilt", Shown(difference.rebuilt, personal)},
                       {"why", std::string(NameOf(difference.why))}});
  }
  void OnDamage(std::string_view projection, const absl::Status& status) override {
    Write(json::object{{"event", "damage"},
                       {"projection", std::string(projection)},
                       {"reason", std::string(status.message())}});
  }
  void OnVerified(const Verified& verified) override {
    json::object line = {{"event", "verified"},
                         {"projection", verified.projection},
                         {"position", verified.position},
                         {"rows", verified.sum.rows},
                         {"differences", verified.differences},
                         {"digest", verified.sum.Hex()}};
    if (verified.mended > 0) line["mended"] = verified.mended;
    Write(line);
  }
  absl::Status Pause() override {
    return output_.Wanted() ? absl::OkStatus() : absl::AbortedError("nobody waits for the answer");
  }

 private:
  void Write(const json::object& line) { output_.Write(json::serialize(line) + "\n"); }

  const std::set<std::string> personal_;
  control::ControlOutput& output_;
};

// Names the ranges of rows in which a projection differs.
absl::StatusOr<bool> CompareDigest(const HeldMoment& moment, const StoredDigest& stored,
                                   control::ControlOutput& output) {
  const HeldMoment::Rows* const rows = moment.Live(stored.projection);
  if (rows == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("There is no read model \"{}\".", stored.projection));
  }
  if (stored.position != moment.position()) {
    return absl::FailedPreconditionError(
        fmt::format("the digest of {} is of position {}, the read models are at {}: compare at "
                    "one position",
                    stored.projection, stored.position, moment.position()));
  }
  ASSIGN_OR_RETURN(const RowDigest digest, DigestOf(*rows));
  const std::map<std::string, std::string> live = RangesOf(digest);
  std::set<std::string> names;
  for (const auto& [name, hex] : live) names.insert(name);
  for (const auto& [name, hex] : stored.ranges) names.insert(name);
  const auto in = [](const std::map<std::string, std::string>& ranges, const std::string& name) {
    const auto found = ranges.find(name);
    return found == ranges.end() ? json::value(nullptr) : json::value(found->second);
  };
  uint64_t differences = 0;
  for (const std::string& name : names) {
    const json::value is = in(live, name);
    const json::value was = in(stored.ranges, name);
    if (is == was) continue;
    ++differences;
    output.Write(json::serialize(json::object{{"event", "difference"},
                                              {"projection", stored.projection},
                                              {"range", name},
                                              {"live", is},
                                              {"expected", was}}) +
                 "\n");
  }
  if (differences == 0 && digest.sum.Hex() != stored.digest) ++differences;
  output.Write(json::serialize(json::object{{"event", "verified"},
                                            {"projection", stored.projection},
                                            {"position", moment.position()},
                                            {"rows", digest.sum.rows},
                                            {"differences", differences},
                                            {"digest", digest.sum.Hex()}}) +
               "\n");
  return differences == 0;
}

absl::StatusOr<bool> CompareDigests(Runtime& runtime, const std::vector<std::string>& projections,
                                    const std::string& path, control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const std::vector<StoredDigest> stored, ReadDigests(path));
  ASSIGN_OR_RETURN(const std::unique_ptr<HeldMoment> moment, runtime.Hold());
  bool equal = true;
  for (const std::string& projection : projections) {
    const auto found = std::find_if(stored.begin(), stored.end(), [&](const StoredDigest& one) {
      return one.projection == projection;
    });
    if (found == stored.end()) {
      return absl::FailedPreconditionError(fmt::format("{} has no digest of {}", path, projection));
    }
    ASSIGN_OR_RETURN(const bool same, CompareDigest(*moment, *found, output));
    equal = equal && same;
  }
  return equal;
}

absl::StatusOr<int> VerifyViews(OperatorTarget& target, const CommandArguments& arguments,
                                control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const std::string against, arguments.Get<std::string>("against"));
  VerifyOptions options;
  ASSIGN_OR_RETURN(options.mend, arguments.Get<bool>("mend"));
  if (options.mend && against != "log") {
    return absl::InvalidArgumentError("--mend goes with --against=log.");
  }
  ASSIGN_OR_RETURN(Dailyfeed * feed, target.Feed(arguments));
  Runtime& runtime = feed->runtime();
  std::vector<std::string> all;
  for (const ProjectionStatus& status : runtime.Status()) all.push_back(status.name);
  ASSIGN_OR_RETURN(options.projections,
                   ProjectionsOf(all, arguments.Word("projection").value_or("all")));
  std::set<std::string> personal;
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<HeldMoment> moment, runtime.Hold());
    for (const HeldMoment::Rows& rows : moment->rows()) {
      // Rows that nobody can read are not shown either.
      const bool masked = rows.folds == nullptr || !rows.folds->TracesOf(0).empty();
      if (masked) personal.insert(rows.projection);
    }
  }
  JsonLines sink(std::move(personal), &output);
  absl::StatusOr<bool> equal = false;
  if (against == "log") {
    equal = VerifyAgainstLog(runtime, options, sink);
  } else if (against == "previous") {
    equal = VerifyGenerations(runtime, HeldMoment::Role::kPrevious, options, sink);
  } else {
    equal = CompareDigests(runtime, options.projections, against, output);
  }
  RETURN_IF_ERROR(equal.status());
  return *equal ? kExitOk : kExitFailed;
}

}  // namespace

OperatorCommand ViewsVerifyCommand() {
  return {
      .subcommand =
          {
              .name = "views verify",
              .summary = "compare the read models with the log, row by row",
              .synopsis = "[posts|all] --data-dir=DIR [--against=log|previous|FILE] [--mend]",
              .text =
                  "Folds the log anew and compares: every row that differs is a line with its read "
                  "model, its\n"
                  "key and what it says (in hexadecimal digits), the unit it belongs to, and why: "
                  "\"fault\", or\n"
                  "\"code\" when another version of the program made the rows. The last line of "
                  "each "
                  "read model\n"
                  "says how many rows were compared at which position. Rows with personal data are "
                  "shown as a\n"
                  "digest. Reads and writes go on meanwhile. Exit code 1 when anything differs.\n"
                  "\n"
                  "--mend folds the units that differ once more and writes their rows. "
                  "--against=previous\n"
                  "compares with the former generation, --against=FILE with what `views digest "
                  "--json` printed,\n"
                  "here or on another machine, at the same position.\n"
                  "\n"
                  "  dailyfeed views verify --data-dir=feed\n"
                  "  dailyfeed views verify posts --data-dir=feed --mend\n"
                  "  dailyfeed views verify --data-dir=restored --against=digests\n",
              .flags = {"data-dir", "against", "mend", "time-zone", "pictures-dir"},
          },
      .path_flags = {"against", "pictures-dir"},
      .no_paths = {"log", "previous"},
      .words = {"projection"},
      .run = &VerifyViews};
}

}  // namespace dailyfeed::cli
