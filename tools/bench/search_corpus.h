// Posts and queries for bench search: 55 % Korean, 30 % English, 15 % mixed, about
// 90 characters each, words by Zipf's law with new ones all the time, tags, emoji and
// links. The same seed makes the same.
//
//   SearchCorpus corpus(seed, {.members = 1000, .first = ..., .last = ...});
//   std::string text = corpus.Post();
//   std::vector<std::string> two = corpus.Queries(QueryClass::kTwoSyllables, 50);
//
// Threads: one.
#ifndef DAILYFEED_TOOLS_BENCH_SEARCH_CORPUS_H_
#define DAILYFEED_TOOLS_BENCH_SEARCH_CORPUS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"

namespace dailyfeed::bench {

enum class QueryClass {
  kOneSyllable,
  kOneLetter,
  kTwoLetters,
  kTwoSyllables,
  kThreeLettersInside,
  kThreeToFiveSyllables,
  kLongWord,
  kTwoCommonWords,
  kCommonAndRare,
  kFourWords,
  kNoHit,
  kOneLetterTerms,
  // Of the language q.
  kPhrase,
  kExclusion,
  kTag,
  kAuthor,
  kDays,
};
inline constexpr std::array kQueryClasses = {QueryClass::kOneSyllable,
                                             QueryClass::kOneLetter,
                                             QueryClass::kTwoLetters,
                                             QueryClass::kTwoSyllables,
                                             QueryClass::kThreeLettersInside,
                                             QueryClass::kThreeToFiveSyllables,
                                             QueryClass::kLongWord,
                                             QueryClass::kTwoCommonWords,
                                             QueryClass::kCommonAndRare,
                                             QueryClass::kFourWords,
                                             QueryClass::kNoHit,
                                             QueryClass::kOneLetterTerms,
                                             QueryClass::kPhrase,
                                             QueryClass::kExclusion,
                                             QueryClass::kTag,
                                             QueryClass::kAuthor,
                                             QueryClass::kDays};
std::string_view NameOf(QueryClass kind);
// Whether its queries are of the language q, and not keywords.
bool IsQ(QueryClass kind);

// Who may have written the posts, and when.
struct CorpusBounds {
  uint64_t members = 1000;  // "member_0", "member_1", ...
  absl::CivilDay first;
  absl::CivilDay last;
};

class SearchCorpus {
 public:
  SearchCorpus(uint64_t seed, const CorpusBounds& bounds);

  std::string Post();
  // Cut from the same words, by their frequency.
  std::vector<std::string> Queries(QueryClass kind, size_t count);

 private:
  enum class Language { kKorean, kEnglish };

  // By Zipf's law; now and then one that never was.
  std::string Word(Language language);
  std::string Stem(Language language);
  std::string KoreanStem(size_t syllables);
  std::string EnglishStem(size_t letters);
  std::string Query(QueryClass kind);
  std::string OneLetterTerms();
  // One of the `ranks` most frequent words of a language.
  const std::string& Common(const std::vector<std::string>& stems, size_t ranks);
  std::string Days();
  // Consecutive code points of a random word that has so many.
  std::string Part(Language language, size_t code_points, bool inside);
  size_t Random(size_t below) {
    return std::uniform_int_distribution<size_t>(0, below - 1)(random_);
  }
  size_t Rank(size_t size);

  const CorpusBounds bounds_;
  std::mt19937_64 random_;
  std::vector<std::string> korean_;
  std::vector<std::string> english_;
  std::vector<std::string> tags_;
};

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_SEARCH_CORPUS_H_
