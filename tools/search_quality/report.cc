#include "tools/search_quality/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <set>
#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed::search_quality {
namespace {

constexpr size_t kDepth = 10;

// By how much the best peer is to be surpassed.
constexpr double kKeywordLead = 0.03;
constexpr double kQLead = 0.05;

std::set<JudgedId> Graded(const Grades& grades) {
  std::set<JudgedId> ids;
  for (const auto& [id, grade] : grades) ids.insert(id);
  return ids;
}

// What the hits of a query are compared with.
absl::StatusOr<std::set<JudgedId>> WantedBy(const JudgedQuery& query, Engine& scan) {
  if (query.kind == QueryKind::kQ) return Graded(query.grades);
  ASSIGN_OR_RETURN(const std::vector<JudgedId> hits, scan.Ask(query));
  return std::set<JudgedId>(hits.begin(), hits.end());
}

absl::StatusOr<Figures> MeasureKind(const Judgements& judgements, QueryKind kind, Engine& engine,
                                    Engine& scan) {
  Figures figures = {
      .engine = std::string(engine.name()), .is_peer = engine.is_peer(), .kind = kind};
  for (const JudgedQuery& query : judgements.queries) {
    if (query.kind != kind) continue;
    ASSIGN_OR_RETURN(const std::set<JudgedId> wanted, WantedBy(query, scan));
    ASSIGN_OR_RETURN(const std::vector<JudgedId> answer, engine.Ask(query));
    const Rates rates = RatesOf(answer, wanted);
    const double ndcg = Ndcg(answer, query.grades, kDepth);
    figures.precision += rates.precision;
    figures.recall += rates.recall;
    figures.ndcg += ndcg;
    figures.ndcg_of[query.id] = ndcg;
  }
  const double count = std::max<double>(1, static_cast<double>(figures.ndcg_of.size()));
  figures.precision /= count;
  figures.recall /= count;
  figures.ndcg /= count;
  return figures;
}

const Figures* OursOf(const std::vector<Figures>& figures, QueryKind kind) {
  const auto found = std::find_if(figures.begin(), figures.end(), [&](const Figures& line) {
    return !line.is_peer && line.kind == kind;
  });
  return found == figures.end() ? nullptr : &*found;
}

const Figures* BestPeerOf(const std::vector<Figures>& figures, QueryKind kind) {
  const Figures* best = nullptr;
  for (const Figures& line : figures) {
    if (!line.is_peer || line.kind != kind) continue;
    if (best == nullptr || line.ndcg > best->ndcg) best = &line;
  }
  return best;
}

void AddLead(const std::vector<Figures>& figures, QueryKind kind, double lead,
             std::vector<Goal>* goals) {
  const Figures* const ours = OursOf(figures, kind);
  const Figures* const peer = BestPeerOf(figures, kind);
  if (ours == nullptr || peer == nullptr) return;
  goals->push_back({.what = fmt::format("nDCG@10 of {} above {}", NameOf(kind), peer->engine),
                    .value = ours->ndcg - peer->ndcg,
                    .needed = lead});
}

boost::json::object JsonLine(const Figures& figures) {
  boost::json::object by_query;
  for (const auto& [id, ndcg] : figures.ndcg_of) by_query[id] = ndcg;
  const std::string_view kind = NameOf(figures.kind);
  return {{"engine", figures.engine},
          {"peer", figures.is_peer},
          {"kind", boost::json::string_view(kind.data(), kind.size())},
          {"queries", figures.ndcg_of.size()},
          {"precision", figures.precision},
          {"recall", figures.recall},
          {"ndcg10", figures.ndcg},
          {"ndcg10_by_query", std::move(by_query)}};
}

std::string Cells(const Figures& figures) {
  return fmt::format(" | {:>9.3f} {:>6.3f} {:>7.3f}", figures.precision, figures.recall,
                     figures.ndcg);
}

}  // namespace

absl::StatusOr<std::vector<Figures>> Measure(const Judgements& judgements,
                                             const std::vector<std::unique_ptr<Engine>>& engines) {
  const std::unique_ptr<Engine> scan = OpenScan(judgements);
  std::vector<Figures> figures;
  for (const std::unique_ptr<Engine>& engine : engines) {
    for (const QueryKind kind : {QueryKind::kKeyword, QueryKind::kQ}) {
      ASSIGN_OR_RETURN(Figures line, MeasureKind(judgements, kind, *engine, *scan));
      figures.push_back(std::move(line));
    }
  }
  return figures;
}

std::vector<Goal> GoalsOf(const std::vector<Figures>& figures) {
  std::vector<Goal> goals;
  if (const Figures* const ours = OursOf(figures, QueryKind::kKeyword); ours != nullptr) {
    goals.push_back({.what = "precision of keyword", .value = ours->precision, .needed = 1});
    goals.push_back({.what = "recall of keyword", .value = ours->recall, .needed = 1});
  }
  AddLead(figures, QueryKind::kKeyword, kKeywordLead, &goals);
  AddLead(figures, QueryKind::kQ, kQLead, &goals);
  return goals;
}

std::string TextOf(const std::vector<Figures>& figures) {
  std::string text = fmt::format("{:<34} | {:^24} | {:^24}\n", "", "keyword", "q");
  text += fmt::format("{:<34} | {:>9} {:>6} {:>7} | {:>9} {:>6} {:>7}\n", "engine", "precision",
                      "recall", "nDCG@10", "precision", "recall", "nDCG@10");
  for (const Figures& line : figures) {
    if (line.kind == QueryKind::kKeyword) text += fmt::format("{:<34}", line.engine);
    text += Cells(line);
    if (line.kind == QueryKind::kQ) text += "\n";
  }
  for (const Goal& goal : GoalsOf(figures)) {
    text += fmt::format("goal: {}: {:.3f}, needed {:.3f}: {}\n", goal.what, goal.value, goal.needed,
                        goal.met() ? "met" : "MISSED");
  }
  return text;
}

std::string JsonOf(const std::vector<Figures>& figures) {
  std::string text;
  for (const Figures& line : figures) text += boost::json::serialize(JsonLine(line)) + "\n";
  for (const Goal& goal : GoalsOf(figures)) {
    text += boost::json::serialize(boost::json::object({{"goal", goal.what},
                                                        {"value", goal.value},
                                                        {"needed", goal.needed},
                                                        {"met", goal.met()}})) +
            "\n";
  }
  return text;
}

}  // namespace dailyfeed::search_quality
