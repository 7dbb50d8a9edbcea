// The index against a naive model: every text is looked at, the hits are sorted.
#include "projections/search/index/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/memory_store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/reader.h"
#include "projections/search/index/segment_builder.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/search_query.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

#ifdef DAILYFEED_SLOW_TEST
constexpr uint64_t kSeeds = 4000;
#else
constexpr uint64_t kSeeds = 24;
#endif

constexpr Keyspace kKeyspace = 256;

// Parts of texts: both scripts, one-letter words, particles, runs of one syllable,
// full width, emoji with and without a variation selector, tags, what looks like
// a pattern, decomposed Hangul.
const std::vector<std::string>& Pieces() {
  static const std::vector<std::string> pieces = {
      "김치",   "찌개", "김치찌개", "커피", "를",       "습니다", "합니다", "하하하",  "하하",
      "ㅋㅋㅋ", "a",    "b",        "ab",   "abc",      "coffee", "art",    "start",   "to be",
      " ",      "  ",   "\n",       ". ",   "#점심",    "#",      "%",      "\\",      "[x]",
      "ＡＢ",   "ｶﾞ",   "❤\uFE0F",  "❤",    "👍🏽", "👍",      "é",      "e\u0301", "한",
      "가",     "K팝",  "팝ab",     "3.14", "@kim ",    "C++",    "漢字",   "かな",    "다"};
  return pieces;
}

class Rig {
 public:
  explicit Rig(uint64_t seed) : random_(seed) {}

  uint64_t Random(uint64_t below) {
    return std::uniform_int_distribution<uint64_t>(0, below - 1)(random_);
  }

  std::string RandomContent() {
    std::string content;
    const uint64_t pieces = 1 + Random(Random(10) == 0 ? 80 : 12);
    for (uint64_t i = 0; i < pieces; ++i) {
      content += Pieces()[Random(Pieces().size())];
      if (Random(3) == 0) content += ' ';
    }
    return content;
  }

  void Publish() {
    const uint64_t id = ++last_id_;
    // Now and then ids are left out, or a document is back-dated.
    if (Random(20) == 0) last_id_ += Random(5);
    clock_ += static_cast<TimestampNs>(Random(3));
    const TimestampNs created =
        back_dates_ && Random(10) == 0 ? static_cast<TimestampNs>(Random(100)) : clock_;
    Change({.id = id,
            .created_at = created,
            .author = 1 + Random(3),
            .text = DocumentText(RandomContent())});
  }
  void Edit() {
    if (documents_.empty()) return;
    Document document = Any();
    document.text = Random(3) == 0 ? former_text_ : DocumentText(RandomContent());
    former_text_ = documents_[document.id].text;
    Change(std::move(document));
  }
  void Delete() {
    if (documents_.empty()) return;
    const uint64_t id = Any().id;
    documents_.erase(id);
    loose_.Remove(id);
    loose_ids_.erase(id);
    segments_.Void(id, ++position_);
  }

  // Loose documents into a range of the new ones and a list of the others.
  void Seal() {
    SegmentBuilder range(SegmentBuilder::Kind::kRange);
    SegmentBuilder list(SegmentBuilder::Kind::kListed);
    std::vector<uint64_t> listed;
    for (const uint64_t id : loose_ids_) {
      const Document& document = documents_.at(id);
      if (id > sealed_id_) {
        range.Add(document);
      } else {
        list.Add(document);
        listed.push_back(id);
      }
    }
    const Position position = ++position_;
    const uint64_t sealed_id = range.documents() > 0 ? *loose_ids_.rbegin() : sealed_id_;
    if (range.documents() > 0) Write(&range, position, {});
    if (!listed.empty()) Write(&list, position, listed);
    sealed_id_ = sealed_id;
    for (const uint64_t id : loose_ids_) loose_.Remove(id);
    loose_ids_.clear();
  }

  // Every range becomes one, with the newest version of each document.
  void Merge() {
    if (ranges_.empty()) return;
    SegmentBuilder merged(SegmentBuilder::Kind::kRange);
    uint64_t first = UINT64_MAX;
    for (const auto& [number, range_first] : ranges_) first = std::min(first, range_first);
    merged.SetRange(first, sealed_id_);
    for (const auto& [id, document] : documents_) {
      if (id >= first && id <= sealed_id_ && !loose_ids_.contains(id)) merged.Add(document);
    }
    for (const auto& [number, first] : ranges_) segments_.Remove(number);
    ranges_.clear();
    if (merged.documents() > 0) Write(&merged, ++position_, {});
  }

  void Check(const TextQuery& query) {
    const IndexView index = {.segments = segments_.View(), .loose = loose_.View()};
    const std::vector<uint64_t> expected = Naive(query);
    const SearchWindow window = {.skip = Random(2) == 0 ? 0 : Random(expected.size() + 3),
                                 .take = static_cast<uint32_t>(1 + Random(12))};
    const absl::StatusOr<SearchPage> page = Search(query, index, *rows_, window);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->total, expected.size()) << Shown(query);
    std::vector<uint64_t> wanted;
    for (uint64_t i = window.skip; i < expected.size() && wanted.size() < window.take; ++i) {
      wanted.push_back(expected[i]);
    }
    EXPECT_EQ(page->ids, wanted) << Shown(query) << " from " << window.skip;
  }

  TextQuery RandomKeyword() {
    while (true) {
      std::string keyword = Random(3) == 0 || documents_.empty() ? RandomContent() : Any().text;
      std::u32string points = CodePoints(keyword);
      if (points.empty()) continue;
      // Cut anywhere, also inside of words.
      const size_t from = Random(points.size());
      points = points.substr(from, 1 + Random(Random(4) == 0 ? 30 : 6));
      if (Random(5) == 0) points += U" " + CodePoints(Pieces()[Random(Pieces().size())]);
      const absl::StatusOr<Keyword> parsed = ParseKeyword(Utf8(points));
      if (parsed.ok()) return KeywordQuery(parsed->terms, parsed->phrase);
    }
  }

  TextQuery RandomLoose() {
    TextQuery query = {.by_time = Random(4) == 0};
    const uint64_t parts = 1 + Random(3);
    for (uint64_t i = 0; i < parts; ++i) {
      const Substring word(RandomNeedle());
      Requirement requirement = {.typed = word, .excluded = i > 0 && Random(4) == 0};
      if (Random(3) == 0) requirement.loosened.emplace_back(RandomNeedle());
      if (Random(6) == 0) requirement.grams.push_back(AuthorGram(1 + Random(3)));
      if (Random(8) == 0) requirement.grams.push_back(TagGram(U"점심"));
      if (!requirement.excluded) query.words.push_back(word);
      query.requirements.push_back(std::move(requirement));
    }
    if (Random(2) == 0) query.phrase = Substring(RandomNeedle());
    if (Random(4) == 0) query.created_from = static_cast<TimestampNs>(Random(60));
    if (Random(4) == 0) query.created_to = static_cast<TimestampNs>(Random(120));
    return query;
  }

  void set_back_dates(bool back_dates) { back_dates_ = back_dates; }

 private:
  std::u32string RandomNeedle() {
    while (true) {
      std::u32string points = Spaced(Loosen(Fold(RandomContent())));
      const size_t from = Random(points.size());
      points = points.substr(from, 1 + Random(5));
      if (points.find_first_not_of(U' ') != std::u32string::npos) return points;
    }
  }
  const Document& Any() {
    auto at = documents_.begin();
    std::advance(at, static_cast<ptrdiff_t>(Random(documents_.size())));
    return at->second;
  }
  void Change(Document document) {
    const uint64_t id = document.id;
    ++position_;
    if (id <= sealed_id_) segments_.Void(id, position_);
    loose_.Put(document);
    loose_ids_.insert(id);
    documents_[id] = std::move(document);
  }
  void Write(SegmentBuilder* builder, Position position, std::vector<uint64_t> ids) {
    StoreBatch batch;
    const uint64_t number = ++segment_;
    const absl::StatusOr<SegmentInfo> info = builder->Write(
        IndexTag::kPosts, number, position, [&](std::string_view key, std::string_view value) {
          batch.Put(KeyspacePrefix(kKeyspace) + std::string(key), value);
          return absl::OkStatus();
        });
    ASSERT_TRUE(info.ok()) << info.status();
    ASSERT_TRUE(store_.Write(std::move(batch)).ok());
    const absl::StatusOr<SegmentInfo> again = DecodeSegmentInfo(number, EncodeSegmentInfo(*info));
    ASSERT_TRUE(again.ok()) << again.status();
    ASSERT_EQ(*again, *info);
    if (!info->listed) ranges_[number] = info->first;
    ASSERT_TRUE(segments_.Add(*info, std::move(ids)));
  }

  // ---- The model.

  static bool Has(const std::u32string& text, const std::u32string& needle) {
    return text.find(needle) != std::u32string::npos;
  }
  static bool HasAnyGram(const Requirement& requirement, const Document& document) {
    const std::u32string tag = U"#점심";
    for (const Gram gram : requirement.grams) {
      if (gram == AuthorGram(document.author)) return true;
      if (gram == TagGram(U"점심") && HasTag(SearchedForm(document.text), tag)) return true;
    }
    return false;
  }
  static bool HasTag(const std::u32string& text, const std::u32string& tag) {
    const auto joins = [](char32_t c) {
      return IsLetter(c) || IsMark(c) || IsDigit(c) || c == U'_';
    };
    for (size_t at = text.find(tag); at != std::u32string::npos; at = text.find(tag, at + 1)) {
      const char32_t before = text[at - 1];  // there is a space in front of a text
      const char32_t behind = text[at + tag.size()];
      if (!(IsLetter(before) || IsDigit(before) || before == U'_') && !joins(behind)) return true;
    }
    return false;
  }
  static std::optional<size_t> NaiveLevel(const TextQuery& query, const Document& document) {
    if (document.created_at < query.created_from || document.created_at > query.created_to) {
      return std::nullopt;
    }
    const std::u32string text =
        query.form == Form::kStrict ? StrictForm(document.text) : SearchedForm(document.text);
    bool typed = true;
    for (const Requirement& requirement : query.requirements) {
      const bool as_typed =
          Has(text, requirement.typed.points) || HasAnyGram(requirement, document);
      const bool loosened =
          std::any_of(requirement.loosened.begin(), requirement.loosened.end(),
                      [&](const Substring& needle) { return Has(text, needle.points); });
      if ((as_typed || loosened) == requirement.excluded) return std::nullopt;
      if (!as_typed && !requirement.excluded) typed = false;
    }
    if (query.by_time) return 0;
    bool start = true;
    bool whole = true;
    for (const Substring& word : query.words) {
      start = start && Has(text, U" " + word.points);
      whole = whole && Has(text, U" " + word.points + U" ");
    }
    const size_t length = StrictForm(document.text).size();
    return LevelOf(typed, query.phrase.empty() || Has(text, query.phrase.points),
                   whole ? WordFit::kWhole : (start ? WordFit::kStart : WordFit::kInside),
                   length <= 32 ? 0 : (length <= 96 ? 1 : (length <= 320 ? 2 : 3)));
  }
  std::vector<uint64_t> Naive(const TextQuery& query) const {
    std::vector<std::tuple<size_t, TimestampNs, int64_t>> hits;
    for (const auto& [id, document] : documents_) {
      const auto level = NaiveLevel(query, document);
      if (level.has_value()) {
        hits.emplace_back(*level, -document.created_at, -static_cast<int64_t>(id));
      }
    }
    std::sort(hits.begin(), hits.end());
    std::vector<uint64_t> ids;
    for (const auto& hit : hits) ids.push_back(static_cast<uint64_t>(-std::get<2>(hit)));
    return ids;
  }
  static std::string Shown(const TextQuery& query) {
    std::string shown;
    for (const Requirement& requirement : query.requirements) {
      shown += (requirement.excluded ? " -[" : " [") + requirement.typed.bytes + "]";
    }
    return shown;
  }

  std::mt19937_64 random_;
  bool back_dates_ = false;
  std::map<uint64_t, Document> documents_;
  std::string former_text_;
  uint64_t last_id_ = 0;
  uint64_t sealed_id_ = 0;
  TimestampNs clock_ = 0;
  Position position_ = 0;
  uint64_t segment_ = 0;
  std::map<uint64_t, uint64_t> ranges_;  // first id by number
  std::set<uint64_t> loose_ids_;
  LooseSet loose_;
  SegmentSet segments_{IndexTag::kPosts};
  MemoryStore store_;
  const std::unique_ptr<ProjectionReader> rows_ = NewKeyspaceReader(&store_, kKeyspace);
};

TEST(SearchModelTest, EveryQueryFindsWhatAScanFinds) {
  std::vector<uint64_t> seeds(kSeeds);
  std::iota(seeds.begin(), seeds.end(), 1);
  for (const uint64_t seed : Seeds(std::move(seeds))) {
    SCOPED_TRACE(RepeatWith("//projections/search/index:search_test", seed));
    Rig rig(seed);
    rig.set_back_dates(seed % 3 == 0);
    for (int step = 0; step < 300; ++step) {
      const uint64_t what = rig.Random(100);
      if (what < 70) {
        rig.Publish();
      } else if (what < 82) {
        rig.Edit();
      } else if (what < 92) {
        rig.Delete();
      } else if (what < 98) {
        rig.Seal();
      } else {
        rig.Merge();
      }
      if (step % 10 != 9) continue;
      for (int i = 0; i < 4; ++i) rig.Check(rig.RandomKeyword());
      for (int i = 0; i < 3; ++i) rig.Check(rig.RandomLoose());
      if (::testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace dailyfeed::search
