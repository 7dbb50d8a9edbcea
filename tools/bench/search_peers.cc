// bench search beside engines that others would embed: Groonga with bigrams of all
// characters, and SQLite's FTS5 with trigrams, with the same posts and queries. Both
// give a first page of ids; ours also makes the posts of the page.
#include <fmt/format.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/histogram.h"
#include "tools/bench/search_data.h"
#include "tools/search_quality/engine.h"

namespace dailyfeed::bench {
namespace {

using search_quality::JudgedQuery;
using search_quality::Peer;
using search_quality::QueryKind;

constexpr double kTimesBelowPeers = 10;

JudgedQuery AskedOf(QueryClass kind, const std::string& text) {
  return {.kind = IsQ(kind) ? QueryKind::kQ : QueryKind::kKeyword, .query = text};
}

class PeerBench {
 public:
  PeerBench(SearchData* data, Peer* peer) : data_(*data), peer_(*peer) {}

  absl::Status Run() {
    const size_t count = data_.options().quick ? 5 : 50;
    for (const QueryClass kind : kQueryClasses) {
      Histogram ours;
      Histogram theirs;
      for (const std::string& text : data_.corpus().Queries(kind, count)) {
        absl::Time start = absl::Now();
        RETURN_IF_ERROR(
            data_.feed().queries().SearchPosts(0, data_.RequestOf(kind, text)).status());
        ours.RecordSince(start);
        start = absl::Now();
        RETURN_IF_ERROR(peer_.AskFirst(AskedOf(kind, text), kSearchPageSize).status());
        theirs.RecordSince(start);
      }
      Report(fmt::format("{}: p50", NameOf(kind)), ours.Summary().p50_us, theirs.Summary().p50_us,
             0);
      all_ours_.Merge(ours);
      all_theirs_.Merge(theirs);
    }
    Report("all queries: p99", all_ours_.Summary().p99_us, all_theirs_.Summary().p99_us,
           kTimesBelowPeers);
    return absl::OkStatus();
  }

 private:
  void Report(std::string name, double ours, double theirs, double times) {
    data_.reporter().Report({.bench = "search",
                             .name = std::move(name),
                             .value = ours,
                             .unit = "us",
                             .peer = std::string(peer_.name()),
                             .peer_value = theirs,
                             .goal = times == 0 ? "" : fmt::format("at most 1/{:.0f} of it", times),
                             .met = times == 0 || ours * times <= theirs});
  }

  SearchData& data_;
  Peer& peer_;
  Histogram all_ours_;
  Histogram all_theirs_;
};

// An engine that is not installed is left out.
absl::Status Measure(SearchData& data, std::string_view what,
                     absl::StatusOr<std::unique_ptr<Peer>> (*open)(SearchData& data)) {
  data.reporter().Progress(fmt::format("the posts for {}", what));
  const absl::Time start = absl::Now();
  absl::StatusOr<std::unique_ptr<Peer>> peer = open(data);
  if (absl::IsNotFound(peer.status())) {
    data.reporter().Progress(std::string(peer.status().message()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(peer.status());
  data.reporter().Report({.bench = "search",
                          .name = fmt::format("{} takes the posts", what),
                          .value = static_cast<double>(data.posts().size()) /
                                   absl::ToDoubleSeconds(absl::Now() - start),
                          .unit = "posts/s"});
  return PeerBench(&data, peer->get()).Run();
}

absl::StatusOr<std::unique_ptr<Peer>> OpenGroongaOf(SearchData& data) {
  std::string directory = data.options().work_directory + "/groonga-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return absl::InternalError("no directory");
  return search_quality::OpenGroonga(data.posts(), search_quality::GroongaSettings().front(),
                                     directory);
}

absl::StatusOr<std::unique_ptr<Peer>> OpenSqliteOf(SearchData& data) {
  return search_quality::OpenSqlite(data.posts());
}

}  // namespace

absl::Status MeasurePeers(SearchData& data) {
  RETURN_IF_ERROR(Measure(data, "Groonga", &OpenGroongaOf));
  return Measure(data, "SQLite FTS5", &OpenSqliteOf);
}

}  // namespace dailyfeed::bench
