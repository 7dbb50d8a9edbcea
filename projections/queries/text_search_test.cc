// Full-text search through the whole of the read models: random histories against a
// model that looks at every text, while segments are sealed and merged.
#include "projections/queries/text_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "projections/queries/queries.h"
#include "projections/search/index/document.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/search_query.h"
#include "projections/testing/events.h"
#include "projections/testing/queries_rig.h"

namespace dailyfeed {
namespace {

using testing::At;
using testing::QueriesRig;

#ifdef DAILYFEED_SLOW_TEST
constexpr uint64_t kSeeds = 2000;
#else
constexpr uint64_t kSeeds = 6;
#endif

constexpr MemberId kMembers = 3;
constexpr CommentId kTop = 0;

std::vector<uint64_t> Seeds() {
  if (const char* seed = std::getenv("DAILYFEED_SEED")) return {std::stoull(seed)};
  std::vector<uint64_t> seeds(kSeeds);
  std::iota(seeds.begin(), seeds.end(), 1);
  return seeds;
}

// Small, so that a short history is sealed and merged often.
constexpr SearchOptions kSmall = {
    .loose_documents_max = 6, .loose_bytes_max = 400, .segment_text_bytes_max = 3000};

struct Text {
  MemberId author = 0;
  PostId post = 0;  // of a comment
  std::vector<CommentId> ancestors;
  std::string content;
  TimestampNs created_at = 0;
};
using Texts = std::map<uint64_t, Text>;

// Posts and comments that are live, and how a keyword ranks them.
class Model {
 public:
  Texts posts;
  Texts comments;

  void DeletePost(PostId post) {
    posts.erase(post);
    std::erase_if(comments, [&](const auto& one) { return one.second.post == post; });
  }
  void DeleteComment(CommentId comment) {
    comments.erase(comment);
    std::erase_if(comments, [&](const auto& one) {
      const auto& above = one.second.ancestors;
      return std::find(above.begin(), above.end(), comment) != above.end();
    });
  }

  static std::vector<uint64_t> Find(const Texts& texts, const search::Keyword& keyword) {
    std::vector<std::tuple<int, TimestampNs, uint64_t>> hits;
    for (const auto& [id, text] : texts) {
      const std::optional<int> rank = RankOf(text, keyword);
      if (rank.has_value()) hits.emplace_back(-*rank, text.created_at, id);
    }
    std::sort(hits.rbegin(), hits.rend());
    std::vector<uint64_t> ids;
    for (const auto& hit : hits) ids.push_back(std::get<2>(hit));
    return ids;
  }

 private:
  // docs/reference/search.md, Relevance; the least is the best.
  static std::optional<int> RankOf(const Text& text, const search::Keyword& keyword) {
    const std::u32string form = search::StrictForm(search::DocumentText(text.content));
    const auto has = [&](const std::u32string& part) {
      return form.find(part) != std::u32string::npos;
    };
    bool start = true;
    bool whole = true;
    for (const std::u32string& term : keyword.terms) {
      if (!has(term)) return std::nullopt;
      start = start && has(U' ' + term);
      whole = whole && has(U' ' + term + U' ');
    }
    const int scattered = has(keyword.phrase) ? 0 : 1;
    const int fit = whole ? 0 : (start ? 1 : 2);
    const size_t size = form.size();
    const int length = size <= 32 ? 0 : (size <= 96 ? 1 : (size <= 320 ? 2 : 3));
    return (scattered * 3 + fit) * 4 + length;
  }
};

class History {
 public:
  explicit History(uint64_t seed, bool with_thread)
      : random_(seed), rig_({.search = kSmall, .upkeep_thread = with_thread}) {
    std::vector<v1::Event> events;
    for (MemberId member = 1; member <= kMembers; ++member) {
      events.push_back(testing::SignedUp(member, "member_" + std::to_string(member)));
    }
    rig_.Commit(std::move(events));
  }

  uint64_t Random(uint64_t below) {
    return std::uniform_int_distribution<uint64_t>(0, below - 1)(random_);
  }

  void Step() {
    switch (Random(20)) {
      case 0:
        return EditPost();
      case 1:
        return DeletePost();
      case 2:
      case 3:
        return EditComment();
      case 4:
        return DeleteComment();
      case 5:
      case 6:
      case 7:
      case 8:
      case 9:
        return Comment();
      default:
        return Publish();
    }
  }

  void Check() {
    for (int i = 0; i < 4; ++i) {
      const Texts& texts = Random(2) == 0 ? model_.posts : model_.comments;
      const bool of_posts = &texts == &model_.posts;
      std::string keyword = RandomKeyword(texts);
      const auto parsed = search::ParseKeyword(keyword);
      if (!parsed.ok()) continue;
      const std::vector<uint64_t> expected = Model::Find(texts, *parsed);
      const SearchRequest request = {.text = keyword,
                                     .page = Random(3) == 0 ? Random(4) : 0,
                                     .size = static_cast<uint32_t>(1 + Random(6))};
      uint64_t total = 0;
      std::vector<uint64_t> ids;
      if (of_posts) {
        const auto found = rig_.queries().SearchPosts(1, request);
        ASSERT_TRUE(found.ok()) << found.status();
        total = found->total;
        for (const PostView& view : found->rows) {
          ids.push_back(view.body->id);
          EXPECT_EQ(view.body->content, texts.at(view.body->id).content);
        }
      } else {
        const auto found = rig_.queries().SearchComments(1, request);
        ASSERT_TRUE(found.ok()) << found.status();
        total = found->total;
        for (const CommentView& view : found->rows) ids.push_back(view.body->id);
      }
      const size_t from = std::min<size_t>(request.page * request.size, expected.size());
      const size_t to = std::min<size_t>(from + request.size, expected.size());
      EXPECT_EQ(total, expected.size()) << (of_posts ? "posts " : "comments ") << keyword;
      EXPECT_EQ(ids, std::vector<uint64_t>(expected.begin() + static_cast<ptrdiff_t>(from),
                                           expected.begin() + static_cast<ptrdiff_t>(to)))
          << keyword;
    }
  }

  void Upkeep() { ASSERT_TRUE(rig_.runtime().RunUpkeep().ok()); }
  // An event that comes while a piece of work is about to be committed.
  void UpkeepWithEvents() {
    const auto done = rig_.runtime().RunUpkeep([&] {
      for (uint64_t i = Random(4); i > 0; --i) Step();
    });
    ASSERT_TRUE(done.ok()) << done.status();
  }
  void Remember() { rig_.RememberStore(); }
  void Crash() { rig_.Crash(); }
  void Rebuild() {
    Runtime& runtime = rig_.runtime();
    const auto generation = runtime.BuildGeneration("search");
    ASSERT_TRUE(generation.ok()) << generation.status();
    ASSERT_TRUE(runtime.Activate("search", *generation).ok());
  }
  void Rollback() { rig_.runtime().Rollback("search").IgnoreError(); }
  SearchStats stats() const { return rig_.queries().Search(); }

 private:
  std::string RandomContent() {
    static const std::vector<std::string> pieces = {
        "김치", "찌개",  "커피",  "를", "습니다", "합니다",  "ㅋㅋ", "a",   "ab",
        "art",  "start", "#점심", "% ", "ＡＢ",   "❤\uFE0F", "한",   "K팝", "3.14"};
    std::string content;
    for (uint64_t i = 1 + Random(9); i > 0; --i) {
      content += pieces[Random(pieces.size())];
      if (Random(3) == 0) content += Random(4) == 0 ? "\n" : " ";
    }
    return content;
  }
  std::string RandomKeyword(const Texts& texts) {
    std::u32string points = search::CodePoints(
        texts.empty() || Random(4) == 0 ? RandomContent() : Any(texts)->second.content);
    const size_t from = Random(points.size());
    return search::Utf8(points.substr(from, 1 + Random(5)));
  }
  Texts::const_iterator Any(const Texts& texts) {
    auto at = texts.begin();
    std::advance(at, static_cast<ptrdiff_t>(Random(texts.size())));
    return at;
  }
  TimestampNs Now() { return now_ += static_cast<TimestampNs>(Random(3)) * 1000; }

  void Publish() {
    const PostId id = ++posts_;
    const Text text = {.author = 1 + Random(kMembers),
                       .content = RandomContent(),
                       .created_at = Random(12) == 0 ? 5000 : Now()};
    model_.posts[id] = text;
    rig_.Commit({At(text.created_at, testing::Published(id, text.author, text.content))});
  }
  void Comment() {
    if (model_.posts.empty()) return;
    const CommentId id = ++comments_;
    Text text = {.author = 1 + Random(kMembers),
                 .post = Any(model_.posts)->first,
                 .content = RandomContent(),
                 .created_at = Now()};
    if (!model_.comments.empty() && Random(2) == 0) {
      const auto parent = Any(model_.comments);
      if (parent->second.ancestors.size() < 2) {
        text.post = parent->second.post;
        text.ancestors = parent->second.ancestors;
        text.ancestors.push_back(parent->first);
      }
    }
    model_.comments[id] = text;
    rig_.Commit({At(text.created_at, testing::CommentAdded(id, text.post, text.author,
                                                           text.ancestors, text.content))});
  }
  void EditPost() {
    if (model_.posts.empty()) return;
    const PostId id = Any(model_.posts)->first;
    Text& text = model_.posts[id];
    // Now and then back to words that it had before.
    std::swap(text.content, former_);
    if (text.content.empty() || Random(2) == 0) text.content = RandomContent();
    rig_.Commit({At(Now(), testing::Edited(id, text.author, "title", text.content))});
  }
  void DeletePost() {
    if (model_.posts.empty()) return;
    const auto post = Any(model_.posts);
    const PostId id = post->first;
    const MemberId author = post->second.author;
    model_.DeletePost(id);
    rig_.Commit({At(Now(), testing::Deleted(id, author))});
  }
  void EditComment() {
    if (model_.comments.empty()) return;
    const CommentId id = Any(model_.comments)->first;
    Text& text = model_.comments[id];
    text.content = RandomContent();
    rig_.Commit({At(Now(), testing::CommentEdited(id, text.post, text.author, text.content))});
  }
  void DeleteComment() {
    if (model_.comments.empty()) return;
    const auto comment = Any(model_.comments);
    const CommentId id = comment->first;
    const Text text = comment->second;
    model_.DeleteComment(id);
    rig_.Commit({At(Now(), testing::CommentDeleted(id, text.post, text.author, text.ancestors))});
  }

  std::mt19937_64 random_;
  QueriesRig rig_;
  Model model_;
  PostId posts_ = 0;
  CommentId comments_ = kTop;
  TimestampNs now_ = 1'000'000;
  std::string former_;
};

TEST(TextSearchModelTest, FindsWhatAScanFindsWhileUpkeepRuns) {
  uint64_t segments = 0;
  for (const uint64_t seed : Seeds()) {
    SCOPED_TRACE(
        "repeat with: bazel test //projections/queries:text_search_test "
        "--test_env=DAILYFEED_SEED=" +
        std::to_string(seed));
    History history(seed, /*with_thread=*/false);
    for (int step = 0; step < 250; ++step) {
      history.Step();
      switch (history.Random(24)) {
        case 0:
        case 1:
        case 2:
          history.Upkeep();
          break;
        case 3:
        case 4:
          history.UpkeepWithEvents();
          break;
        case 5:
          history.Remember();
          break;
        default:
          break;
      }
      const uint64_t rare = history.Random(120);
      if (rare == 0) history.Crash();
      if (rare == 1) history.Rebuild();
      if (rare == 2) history.Rollback();
      history.Check();
      if (::testing::Test::HasFailure()) return;
    }
    segments += history.stats().segments;
  }
  EXPECT_GT(segments, 0u);
}

TEST(TextSearchModelTest, FindsWhatAScanFindsBesideTheUpkeepThread) {
  for (const uint64_t seed : {uint64_t{1}, uint64_t{2}}) {
    History history(seed, /*with_thread=*/true);
    for (int step = 0; step < 400; ++step) {
      history.Step();
      if (step % 4 == 0) history.Check();
      if (::testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace dailyfeed
