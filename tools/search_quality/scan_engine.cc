#include <algorithm>
#include <string>
#include <utility>

#include "projections/search/text/fold.h"
#include "tools/search_quality/engine.h"
#include "tools/search_quality/peer_query.h"

namespace dailyfeed::search_quality {
namespace {

class ScanEngine final : public Engine {
 public:
  explicit ScanEngine(const Judgements& judgements) : posts_(judgements.posts) {
    for (JudgedPost& post : posts_) post.text = search::Fold(post.text);
  }

  std::string_view name() const override { return "scan, newest first"; }
  bool is_peer() const override { return true; }

  absl::StatusOr<std::vector<JudgedId>> Ask(const JudgedQuery& query) override {
    PeerQuery parts = PeerQueryOf(query);
    for (std::string& text : parts.required) text = search::Fold(text);
    for (std::string& text : parts.excluded) text = search::Fold(text);
    std::vector<JudgedId> answer;
    for (const JudgedPost& post : posts_) {
      if (Holds(post, parts)) answer.push_back(post.id);
    }
    std::reverse(answer.begin(), answer.end());
    return answer;
  }

 private:
  static bool Holds(const JudgedPost& post, const PeerQuery& parts) {
    const auto has = [&](const std::string& text) {
      return post.text.find(text) != std::string::npos;
    };
    return std::all_of(parts.required.begin(), parts.required.end(), has) &&
           std::none_of(parts.excluded.begin(), parts.excluded.end(), has) &&
           (parts.author.empty() || parts.author == post.author) &&
           (parts.since.empty() || parts.since <= post.day) &&
           (parts.until.empty() || post.day <= parts.until);
  }

  std::vector<JudgedPost> posts_;  // folded
};

}  // namespace

std::unique_ptr<Engine> OpenScan(const Judgements& judgements) {
  return std::make_unique<ScanEngine>(judgements);
}

}  // namespace dailyfeed::search_quality
