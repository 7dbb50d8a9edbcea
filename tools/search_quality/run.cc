#include "tools/search_quality/run.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "core/base/status_macros.h"
#include "tools/search_quality/engine.h"
#include "tools/search_quality/judgements.h"

namespace dailyfeed::search_quality {
namespace {

using Engines = std::vector<std::unique_ptr<Engine>>;

absl::StatusOr<std::string> MakeDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directory(path, error);
  if (error) {
    return absl::FailedPreconditionError(fmt::format("cannot make {}: {}", path, error.message()));
  }
  return path;
}

}  // namespace

absl::StatusOr<std::vector<Figures>> CompareSearch(
    const std::string& directory, const std::function<void(const std::string&)>& note) {
  ASSIGN_OR_RETURN(const Judgements judgements, StoredJudgements());
  Engines engines;
  const auto add = [&](absl::StatusOr<std::unique_ptr<Peer>> engine) {
    if (engine.ok()) engines.push_back(*std::move(engine));
    if (!absl::IsNotFound(engine.status())) return engine.status();
    note(std::string(engine.status().message()));
    return absl::OkStatus();
  };

  ASSIGN_OR_RETURN(const std::string ours, MakeDirectory(directory + "/dailyfeed"));
  ASSIGN_OR_RETURN(std::unique_ptr<Engine> dailyfeed, OpenDailyfeed(judgements, ours));
  engines.push_back(std::move(dailyfeed));
  engines.push_back(OpenScan(judgements));
  RETURN_IF_ERROR(add(OpenSqlite(judgements.posts)));
  for (const GroongaSetting& setting : GroongaSettings()) {
    ASSIGN_OR_RETURN(const std::string theirs,
                     MakeDirectory(fmt::format("{}/groonga-{}", directory, engines.size())));
    const size_t before = engines.size();
    RETURN_IF_ERROR(add(OpenGroonga(judgements.posts, setting, theirs)));
    if (engines.size() == before) break;  // one note about it is enough
  }
  return Measure(judgements, engines);
}

}  // namespace dailyfeed::search_quality
