// A segment as it was written: every posting list, position, text and time; and what
// becomes of queries when its rows are damaged.
#include "projections/search/index/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/ports/memory_store.h"
#include "projections/runtime/keyspace.h"
#include "projections/runtime/reader.h"
#include "projections/search/index/search.h"
#include "projections/search/index/segment_builder.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

constexpr Keyspace kKeyspace = 256;
constexpr uint64_t kSegment = 7;

// Documents with texts of a few words, so that some grams have long lists.
std::vector<Document> RandomDocuments(std::mt19937_64& random, size_t count) {
  const std::vector<std::string> words = {"커피",  "김치찌개를", "습니다", "coffee", "a",
                                          "to be", "ㅋㅋㅋㅋ",   "#점심",  "@kim",   "ＡＢ"};
  std::vector<Document> documents;
  uint64_t id = 100;
  for (size_t i = 0; i < count; ++i) {
    Document document = {.id = id,
                         .created_at = static_cast<TimestampNs>(random() % 1000),
                         .author = 1 + random() % 3};
    std::string content;
    for (uint64_t n = 1 + random() % 12; n > 0; --n)
      content += words[random() % words.size()] + " ";
    document.text = DocumentText(content);
    documents.push_back(std::move(document));
    id += 1 + (random() % 7 == 0 ? random() % 5 : 0);
  }
  return documents;
}

class SegmentTest : public ::testing::Test {
 protected:
  SegmentInfo Write(const std::vector<Document>& documents, SegmentBuilder::Kind kind) {
    SegmentBuilder builder(kind);
    for (const Document& document : documents) builder.Add(document);
    StoreBatch batch;
    const auto info = builder.Write(
        IndexTag::kPosts, kSegment, 5, [&](std::string_view key, std::string_view value) {
          keys_.emplace_back(key);
          batch.Put(KeyspacePrefix(kKeyspace) + std::string(key), value);
          return absl::OkStatus();
        });
    EXPECT_TRUE(info.ok()) << info.status();
    EXPECT_TRUE(store_.Write(std::move(batch)).ok());
    return *info;
  }
  void Put(const std::string& key, std::string_view value) {
    StoreBatch batch;
    batch.Put(KeyspacePrefix(kKeyspace) + key, value);
    ASSERT_TRUE(store_.Write(std::move(batch)).ok());
  }
  void Delete(const std::string& key) {
    StoreBatch batch;
    batch.Delete(KeyspacePrefix(kKeyspace) + key);
    ASSERT_TRUE(store_.Write(std::move(batch)).ok());
  }
  std::string Get(const std::string& key) const {
    std::string value;
    EXPECT_TRUE(rows_->Get(key, &value).value());
    return value;
  }
  static std::vector<uint64_t> IdsOf(const std::vector<Document>& documents) {
    std::vector<uint64_t> ids;
    for (const Document& document : documents) ids.push_back(document.id);
    return ids;
  }

  MemoryStore store_;
  const std::unique_ptr<ProjectionReader> rows_ = NewKeyspaceReader(&store_, kKeyspace);
  std::vector<std::string> keys_;  // in the order they were written
};

using Positions = std::map<uint32_t, std::vector<uint32_t>>;  // by ordinal

TEST_F(SegmentTest, HasEveryGramOfEveryDocumentWhereItStands) {
  std::mt19937_64 random(1);
  const std::vector<Document> documents = RandomDocuments(random, 3000);
  for (const auto kind : {SegmentBuilder::Kind::kRange, SegmentBuilder::Kind::kListed}) {
    const bool listed = kind == SegmentBuilder::Kind::kListed;
    std::map<Gram, Positions> expected;
    for (size_t i = 0; i < documents.size(); ++i) {
      const auto ordinal = static_cast<uint32_t>(listed ? i : documents[i].id - documents[0].id);
      const auto add = [&](Gram gram, uint32_t position) {
        std::vector<uint32_t>& positions = expected[gram][ordinal];
        if (HasPositions(gram)) positions.push_back(position);
      };
      const std::u32string searched = SearchedForm(documents[i].text);
      const std::u32string strict = StrictForm(documents[i].text);
      VisitGrams(searched, Form::kSearched, add);
      VisitWords(searched,
                 [&](std::u32string_view word) { add(WordGram(word, Form::kSearched), 0); });
      if (strict != searched) {
        VisitGrams(strict, Form::kStrict, add);
        VisitWords(strict,
                   [&](std::u32string_view word) { add(WordGram(word, Form::kStrict), 0); });
        add(kDiffersGram, 0);
      }
      VisitDocumentGrams(documents[i].author, searched, LengthClass(strict.size()),
                         [&](Gram gram) { add(gram, 0); });
    }
    const SegmentInfo info = Write(documents, kind);
    const Segment segment(IndexTag::kPosts, info,
                          listed ? IdsOf(documents) : std::vector<uint64_t>());
    SegmentReader reader(segment, *rows_);
    size_t frequent_triples = 0;
    size_t rows_of_positions = 0;
    const absl::Status visited = reader.VisitLists([&](const PostingList& list) -> absl::Status {
      const auto wanted = expected.find(list.gram);
      if (wanted == expected.end()) {
        EXPECT_FALSE(HasPositions(list.gram)) << list.gram;
        ++frequent_triples;
        return absl::OkStatus();
      }
      EXPECT_EQ(list.documents, wanted->second.size());
      const absl::StatusOr<SegmentReader::Documents> ordinals = reader.Ordinals(list);
      EXPECT_TRUE(ordinals.ok()) << ordinals.status();
      rows_of_positions += list.positions_row.has_value() ? 1 : 0;
      PositionReader positions(&reader, list, **ordinals);
      for (const auto& [ordinal, at] : wanted->second) {
        EXPECT_TRUE((*ordinals)->Has(ordinal));
        if (!HasPositions(list.gram) || ordinal % 3 != 0) continue;  // some are passed over
        const auto read = positions.At(ordinal);
        EXPECT_TRUE(read.ok()) << read.status();
        EXPECT_EQ(std::vector<uint32_t>(read->begin(), read->end()), at);
      }
      expected.erase(wanted);
      return absl::OkStatus();
    });
    EXPECT_TRUE(visited.ok()) << visited;
    EXPECT_TRUE(expected.empty()) << expected.size();
    EXPECT_GT(frequent_triples, 0u);
    EXPECT_GT(rows_of_positions, 0u);
  }
}

TEST_F(SegmentTest, GivesItsDocumentsBack) {
  std::mt19937_64 random(2);
  const std::vector<Document> documents = RandomDocuments(random, 500);
  const SegmentInfo info = Write(documents, SegmentBuilder::Kind::kRange);
  const Segment segment(IndexTag::kPosts, info, {});
  SegmentReader reader(segment, *rows_);
  std::vector<Document> read;
  ASSERT_TRUE(reader
                  .VisitDocuments([&](uint32_t, Document document) {
                    read.push_back(std::move(document));
                    return true;
                  })
                  .ok());
  EXPECT_EQ(read, documents);
  std::vector<uint32_t> ordinals;
  for (const Document& document : documents) ordinals.push_back(*segment.OrdinalOf(document.id));
  const OrdinalSet all = OrdinalSet::FromSorted(info.ordinals(), std::move(ordinals));
  std::map<uint64_t, TimestampNs> created;
  ASSERT_TRUE(
      reader
          .VisitCreated(all, [&](uint32_t ordinal,
                                 TimestampNs time) { created[segment.IdOf(ordinal)] = time; })
          .ok());
  ASSERT_EQ(created.size(), documents.size());
  for (const Document& document : documents) EXPECT_EQ(created[document.id], document.created_at);
}

// Asks for words, so that pages, ordinals and positions are all read: totals and ids.
absl::StatusOr<std::vector<uint64_t>> AskEverything(const Segment& segment,
                                                    const ProjectionReader& rows) {
  std::vector<uint64_t> answers;
  auto view = std::make_shared<SegmentView>();
  const auto not_owned = std::shared_ptr<const Segment>(&segment, [](const Segment*) {});
  view->ranges.push_back({.segment = not_owned});
  view->ordered = false;  // reads creation times as well
  for (const std::u32string_view word :
       {U"커", U"커피", U"김치찌개", U"coffee", U"to be", U"습니다", U"@kim #"}) {
    const TextQuery query = KeywordQuery({std::u32string(word)}, word);
    const auto page = Search(query, {.segments = view}, rows, {.skip = 3, .take = 5});
    if (!page.ok()) return page.status();
    answers.push_back(page->total);
    answers.insert(answers.end(), page->ids.begin(), page->ids.end());
  }
  return answers;
}

TEST_F(SegmentTest, AMissingRowIsAnErrorThatNamesTheSegment) {
  std::mt19937_64 random(3);
  const SegmentInfo info = Write(RandomDocuments(random, 700), SegmentBuilder::Kind::kRange);
  ASSERT_TRUE(AskEverything(Segment(IndexTag::kPosts, info, {}), *rows_).ok());
  size_t noticed = 0;
  for (const std::string& key : keys_) {
    const std::string value = Get(key);
    Delete(key);
    const absl::Status status = AskEverything(Segment(IndexTag::kPosts, info, {}), *rows_).status();
    if (!status.ok()) {
      ++noticed;
      EXPECT_TRUE(absl::IsDataLoss(status)) << status;
      EXPECT_NE(status.message().find("search segment 7 of posts"), std::string::npos) << status;
    }
    Put(key, value);
  }
  EXPECT_GT(noticed, 5u);
}

TEST_F(SegmentTest, DamagedRowsAreAnErrorOrWereNotAskedForAndNothingElse) {
  for (const uint64_t seed : Seeds({1, 2, 3})) {
    SCOPED_TRACE(RepeatWith("//projections/search/index:segment_test", seed));
    std::mt19937_64 random(seed);
    const SegmentInfo info = Write(RandomDocuments(random, 500), SegmentBuilder::Kind::kRange);
    const auto answers = AskEverything(Segment(IndexTag::kPosts, info, {}), *rows_);
    ASSERT_TRUE(answers.ok()) << answers.status();
    for (int i = 0; i < 150; ++i) {
      const std::string& key = keys_[random() % keys_.size()];
      const std::string value = Get(key);
      if (value.empty()) continue;
      std::string damaged = value;
      if (random() % 3 == 0) {
        damaged.resize(random() % damaged.size());
      } else {
        damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      }
      Put(key, damaged);
      const auto damaged_answers = AskEverything(Segment(IndexTag::kPosts, info, {}), *rows_);
      if (damaged_answers.ok()) {
        EXPECT_EQ(*damaged_answers, *answers) << key;
      } else {
        EXPECT_TRUE(absl::IsDataLoss(damaged_answers.status())) << damaged_answers.status();
      }
      Put(key, value);
    }
    keys_.clear();
  }
}

TEST(SegmentInfoTest, DamagedManifestsNameTheSegment) {
  const SegmentInfo info = {.number = 9,
                            .first = 10,
                            .last = 20,
                            .position = 30,
                            .documents = 4,
                            .pages = 1,
                            .text_bytes = 5,
                            .bytes = 6};
  const std::string row = EncodeSegmentInfo(info);
  for (size_t size = 0; size < row.size(); ++size) {
    const auto decoded = DecodeSegmentInfo(9, std::string_view(row).substr(0, size));
    ASSERT_FALSE(decoded.ok());
    EXPECT_NE(decoded.status().message().find("search segment 9"), std::string::npos);
  }
  SegmentInfo wide = info;
  wide.last = info.first + kSegmentOrdinalsMax;
  EXPECT_FALSE(DecodeSegmentInfo(9, EncodeSegmentInfo(wide)).ok());
}

}  // namespace
}  // namespace dailyfeed::search
