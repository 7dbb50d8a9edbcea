// A search engine that has the judged posts and answers the judged queries:
// ours, or a peer.
//
//   ASSIGN_OR_RETURN(auto engine, OpenSqlite(judgements.posts));
//   ASSIGN_OR_RETURN(const std::vector<JudgedId> answer, engine->Ask(judgements.queries[0]));
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_SEARCH_QUALITY_ENGINE_H_
#define DAILYFEED_TOOLS_SEARCH_QUALITY_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/search_quality/judgements.h"

namespace dailyfeed::search_quality {

class Engine {
 public:
  virtual ~Engine() = default;

  // As the table shows it.
  virtual std::string_view name() const = 0;
  // Whether it is a peer, or ours.
  virtual bool is_peer() const = 0;
  // All hits, the best first.
  virtual absl::StatusOr<std::vector<JudgedId>> Ask(const JudgedQuery& query) = 0;
};

// The beginning of an answer.
struct FirstHits {
  uint64_t total = 0;
  std::vector<JudgedId> ids;
};

// An engine of others, which `bench search` asks too.
class Peer : public Engine {
 public:
  bool is_peer() const final { return true; }
  absl::StatusOr<std::vector<JudgedId>> Ask(const JudgedQuery& query) final;
  // The number of hits, and the best `size` of them.
  virtual absl::StatusOr<FirstHits> AskFirst(const JudgedQuery& query, size_t size) = 0;
};

// dailyfeed itself, as a library over a directory that exists and is empty. The
// posts are published in their order, at noon of their days and later.
absl::StatusOr<std::unique_ptr<Engine>> OpenDailyfeed(const Judgements& judgements,
                                                      const std::string& directory);

// A peer: every text is read, and the newest hit comes first. It answers
// `keyword` exactly as the contract says, so it is the truth about the hits.
std::unique_ptr<Engine> OpenScan(const Judgements& judgements);

// A peer: SQLite's FTS5 with trigrams, in memory; LIKE for terms of one and two
// characters, which trigrams cannot answer; best rank first. NOT_FOUND: SQLite
// is not installed.
absl::StatusOr<std::unique_ptr<Peer>> OpenSqlite(const std::vector<JudgedPost>& posts);

// How Groonga cuts texts, one peer each.
struct GroongaSetting {
  std::string_view name;
  std::string_view tokenizer;
  std::string_view normalizer;
};
// Those worth comparing, by its manual.
const std::vector<GroongaSetting>& GroongaSettings();

// A peer: Groonga over a directory that exists; highest score first. NOT_FOUND:
// Groonga is not installed.
absl::StatusOr<std::unique_ptr<Peer>> OpenGroonga(const std::vector<JudgedPost>& posts,
                                                  const GroongaSetting& setting,
                                                  const std::string& directory);

}  // namespace dailyfeed::search_quality

#endif  // DAILYFEED_TOOLS_SEARCH_QUALITY_ENGINE_H_
