#include "tools/cli/views_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <memory>
#include <utility>

#include "adapters/files/files.h"
#include "core/base/status_macros.h"
#include "projections/runtime/held_moment.h"
#include "projections/runtime/runtime.h"
#include "tools/cli/operator_commands.h"

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;

// An erasure may take the moment away.
constexpr int kAttemptsMax = 5;

absl::StatusOr<std::string> Digests(Runtime& runtime, const std::vector<std::string>& projections,
                                    bool as_json) {
  ASSIGN_OR_RETURN(const std::unique_ptr<HeldMoment> moment, runtime.Hold());
  std::string text;
  if (!as_json) {
    text = fmt::format("position {}\n\n{:<12} {:>12}  {}\n", moment->position(), "projection",
                       "rows", "digest");
  }
  for (const std::string& projection : projections) {
    ASSIGN_OR_RETURN(const RowDigest digest, DigestOf(*moment->Live(projection)));
    text += as_json
                ? DigestLine(projection, moment->position(), digest)
                : fmt::format("{:<12} {:>12}  {}\n", projection, digest.sum.rows, digest.sum.Hex());
  }
  return text;
}

absl::StatusOr<int> PrintDigests(OperatorTarget& target, const CommandArguments& arguments,
                                 control::ControlOutput& output) {
  ASSIGN_OR_RETURN(const bool as_json, arguments.Get<bool>("json"));
  ASSIGN_OR_RETURN(Dailyfeed * feed, target.Feed(arguments));
  std::vector<std::string> all;
  for (const ProjectionStatus& status : feed->runtime().Status()) all.push_back(status.name);
  ASSIGN_OR_RETURN(const std::vector<std::string> projections,
                   ProjectionsOf(all, arguments.Word("projection").value_or("all")));
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const absl::StatusOr<std::string> text = Digests(feed->runtime(), projections, as_json);
    if (absl::IsCancelled(text.status()) && output.Wanted()) continue;
    RETURN_IF_ERROR(text.status());
    output.Write(*text);
    return kExitOk;
  }
  return absl::AbortedError("erasures came in between all the time: try again");
}

absl::StatusOr<StoredDigest> ParseDigest(std::string_view line) {
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  const json::object* const object = error ? nullptr : value.if_object();
  if (object == nullptr) return absl::InvalidArgumentError("no JSON object");
  StoredDigest digest;
  const auto text = [&](const char* name, std::string* to) {
    const json::value* const at = object->if_contains(name);
    if (at == nullptr || !at->is_string()) return false;
    *to = std::string(at->get_string());
    return true;
  };
  const auto number = [&](const char* name, uint64_t* to) {
    const json::value* const at = object->if_contains(name);
    boost::system::error_code none;
    if (at == nullptr || !at->is_number()) return false;
    *to = at->to_number<uint64_t>(none);
    return !none;
  };
  const json::value* const ranges = object->if_contains("ranges");
  if (!text("projection", &digest.projection) || !text("digest", &digest.digest) ||
      !number("position", &digest.position) || !number("rows", &digest.rows) || ranges == nullptr ||
      !ranges->is_object()) {
    return absl::InvalidArgumentError("no line of `views digest --json`");
  }
  for (const auto& [name, range] : ranges->get_object()) {
    if (!range.is_string()) return absl::InvalidArgumentError("a range without a digest");
    digest.ranges[std::string(name)] = std::string(range.get_string());
  }
  return digest;
}

}  // namespace

std::map<std::string, std::string> RangesOf(const RowDigest& digest) {
  std::map<std::string, std::string> ranges;
  for (const auto& [tag, of_tag] : digest.ranges) {
    const bool is_letter = tag > ' ' && tag <= '~';
    const std::string name =
        is_letter ? std::string(1, static_cast<char>(tag)) : fmt::format("x{:02x}", tag);
    for (size_t i = 0; i < kRangesOfTag; ++i) {
      if (of_tag[i].rows > 0) ranges[fmt::format("{}.{:02x}", name, i)] = of_tag[i].Hex();
    }
  }
  return ranges;
}

std::string DigestLine(std::string_view projection, Position position, const RowDigest& digest) {
  json::object ranges;
  for (const auto& [name, hex] : RangesOf(digest)) ranges[name] = hex;
  return json::serialize(json::object{{"event", "digest"},
                                      {"projection", std::string(projection)},
                                      {"position", position},
                                      {"rows", digest.sum.rows},
                                      {"digest", digest.sum.Hex()},
                                      {"ranges", std::move(ranges)}}) +
         "\n";
}

absl::StatusOr<std::vector<StoredDigest>> ReadDigests(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  std::vector<StoredDigest> digests;
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.empty()) continue;
    absl::StatusOr<StoredDigest> digest = ParseDigest(line);
    if (!digest.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("{} line {}: {}", path, number, std::string(digest.status().message())));
    }
    digests.push_back(*std::move(digest));
  }
  return digests;
}

absl::StatusOr<std::vector<std::string>> ProjectionsOf(const std::vector<std::string>& all,
                                                       const std::string& word) {
  if (word == "all") return all;
  if (std::find(all.begin(), all.end(), word) != all.end()) return std::vector{word};
  return absl::InvalidArgumentError(fmt::format(
      "There is no read model \"{}\"; there are: all, {}.", word, fmt::join(all, ", ")));
}

OperatorCommand ViewsDigestCommand() {
  return {
      .subcommand =
          {
              .name = "views digest",
              .summary = "what the rows of the read models come to, to compare two machines",
              .synopsis = "[posts|all] --data-dir=DIR [--json]",
              .text =
                  "Prints one digest for each read model, all at one position. It depends on what "
                  "the rows\n"
                  "say and on nothing else: not on the machine, on generations, or on when an "
                  "index "
                  "was\n"
                  "merged. With --json also the digests of ranges of rows, which `views verify\n"
                  "--against=FILE` compares with. Changes nothing.\n"
                  "\n"
                  "  dailyfeed views digest --data-dir=feed\n"
                  "  dailyfeed views digest --data-dir=feed --json >digests\n",
              .flags = {"data-dir", "json", "time-zone", "pictures-dir"},
          },
      .path_flags = {"pictures-dir"},
      .words = {"projection"},
      .run = &PrintDigests};
}

}  // namespace dailyfeed::cli
