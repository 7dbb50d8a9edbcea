#include "tools/bench/search_corpus.h"

#include <fmt/format.h>

#include <cmath>

#include "projections/search/text/code_points.h"

namespace dailyfeed::bench {
namespace {

constexpr size_t kStems = 30'000;
constexpr size_t kTags = 3'000;
constexpr size_t kTextCodePoints = 90;
constexpr int kNewWordOneIn = 60;

// The syllables that Korean prose is mostly made of, the most frequent first.
constexpr std::u32string_view kSyllables =
    U"이다는의가에을고하지를한기사로도어나자리은시인대서아그보해일정수들스여라전마우부상"
    U"주제오장소방학교유비국모무성원만신게구조세동중물생안선연경과면관화생각있습니까요네"
    U"커피김치찌개밥점심저녁날씨오늘내일친구집길산책영화음악여행강아지고양이맛집추천";
constexpr std::u32string_view kLetters = U"etaoinshrdlcumwfgypbvkjxqz";
constexpr std::string_view kEndings[] = {"을",   "를",   "이",     "가",   "은",   "는",   "에",
                                         "에서", "까지", "습니다", "해요", "네요", "했다", "고"};
constexpr std::string_view kEmoji[] = {"😀", "🔥", "❤️", "👍🏽", "🎉", "☕"};

std::string Cut(std::string_view text, size_t from, size_t count) {
  return search::Utf8(search::CodePoints(text).substr(from, count));
}

size_t Length(std::string_view text) { return search::CodePoints(text).size(); }

}  // namespace

std::string_view NameOf(QueryClass kind) {
  switch (kind) {
    case QueryClass::kOneSyllable:
      return "one syllable";
    case QueryClass::kOneLetter:
      return "one letter";
    case QueryClass::kTwoLetters:
      return "two letters";
    case QueryClass::kTwoSyllables:
      return "two syllables";
    case QueryClass::kThreeLettersInside:
      return "three letters inside";
    case QueryClass::kThreeToFiveSyllables:
      return "three to five syllables";
    case QueryClass::kLongWord:
      return "words of eight and more";
    case QueryClass::kTwoCommonWords:
      return "two common words";
    case QueryClass::kCommonAndRare:
      return "common and rare";
    case QueryClass::kFourWords:
      return "four words";
    case QueryClass::kNoHit:
      return "no hit";
    case QueryClass::kOneLetterTerms:
      return "200 units of one-letter terms";
    case QueryClass::kPhrase:
      return "q: a phrase";
    case QueryClass::kExclusion:
      return "q: one word and not another";
    case QueryClass::kTag:
      return "q: a tag";
    case QueryClass::kAuthor:
      return "q: a word of an author";
    case QueryClass::kDays:
      break;
  }
  return "q: a word of some days";
}

bool IsQ(QueryClass kind) { return kind >= QueryClass::kPhrase; }

SearchCorpus::SearchCorpus(uint64_t seed, const CorpusBounds& bounds)
    : bounds_(bounds), random_(seed) {
  for (size_t i = 0; i < kStems; ++i) {
    // Frequent words are short.
    const size_t longer = i < 300 ? 0 : (i < 3000 ? 1 : 2);
    korean_.push_back(KoreanStem(1 + Random(2) + longer));
    english_.push_back(EnglishStem(2 + Random(3) + 2 * longer));
  }
  for (size_t i = 0; i < kTags; ++i) {
    tags_.push_back("#" + Stem(i % 2 == 0 ? Language::kKorean : Language::kEnglish));
  }
}

// Ranks 0..size-1 with probability about 1/(rank+1).
size_t SearchCorpus::Rank(size_t size) {
  const double u = std::uniform_real_distribution<double>(0, 1)(random_);
  const double rank = std::pow(static_cast<double>(size) + 1, u) - 1;
  return std::min(size - 1, static_cast<size_t>(rank));
}

std::string SearchCorpus::KoreanStem(size_t syllables) {
  std::u32string stem;
  for (size_t i = 0; i < syllables; ++i) {
    // One in four is any syllable at all.
    stem.push_back(Random(4) == 0 ? static_cast<char32_t>(0xAC00 + Random(11172))
                                  : kSyllables[Rank(kSyllables.size())]);
  }
  return search::Utf8(stem);
}

std::string SearchCorpus::EnglishStem(size_t letters) {
  std::u32string stem;
  for (size_t i = 0; i < letters; ++i) stem.push_back(kLetters[Rank(kLetters.size())]);
  return search::Utf8(stem);
}

std::string SearchCorpus::Stem(Language language) {
  if (Random(kNewWordOneIn) == 0) {
    return language == Language::kKorean ? KoreanStem(2 + Random(4)) : EnglishStem(4 + Random(8));
  }
  const auto& stems = language == Language::kKorean ? korean_ : english_;
  return stems[Rank(stems.size())];
}

std::string SearchCorpus::Word(Language language) {
  std::string word = Stem(language);
  if (language == Language::kKorean && Random(3) != 0) {
    word += kEndings[Rank(std::size(kEndings))];
  }
  return word;
}

std::string SearchCorpus::Post() {
  const size_t kind = Random(100);
  const size_t wanted = kTextCodePoints / 3 + Random(kTextCodePoints * 4 / 3);
  std::string text;
  size_t code_points = 0;
  while (code_points < wanted) {
    const bool mixed_korean = kind >= 85 && Random(2) == 0;
    const Language language = kind < 55 || mixed_korean ? Language::kKorean : Language::kEnglish;
    const std::string word = Word(language);
    if (!text.empty()) text += ' ';
    text += word;
    code_points += Length(word) + 1;
  }
  if (Random(4) == 0) text += " " + tags_[Rank(tags_.size())];
  if (Random(5) == 0) text += " " + std::string(kEmoji[Random(std::size(kEmoji))]);
  if (Random(20) == 0) text += fmt::format(" https://example.com/{:x}", random_());
  return text;
}

std::string SearchCorpus::Part(Language language, size_t code_points, bool inside) {
  while (true) {
    const std::string word = Word(language);
    const size_t length = Length(word);
    const size_t edges = inside ? 2 : 0;
    if (length < code_points + edges) continue;
    const size_t from =
        inside ? 1 + Random(length - code_points - 1) : Random(length - code_points + 1);
    return Cut(word, from, code_points);
  }
}

std::string SearchCorpus::Query(QueryClass kind) {
  const Language any = Random(2) == 0 ? Language::kKorean : Language::kEnglish;
  const auto& stems = any == Language::kKorean ? korean_ : english_;
  switch (kind) {
    case QueryClass::kOneSyllable:
      return Part(Language::kKorean, 1, false);
    case QueryClass::kOneLetter:
      return Part(Language::kEnglish, 1, false);
    case QueryClass::kTwoLetters:
      return Part(Language::kEnglish, 2, false);
    case QueryClass::kTwoSyllables:
      return Part(Language::kKorean, 2, false);
    case QueryClass::kThreeLettersInside:
      return Part(Language::kEnglish, 3, true);
    case QueryClass::kThreeToFiveSyllables:
      return Part(Language::kKorean, 3 + Random(3), false);
    case QueryClass::kLongWord:
      return Part(Language::kEnglish, 8, false);
    case QueryClass::kTwoCommonWords:
      return Common(stems, 30) + " " + Common(stems, 30);
    case QueryClass::kCommonAndRare:
      return Common(stems, 30) + " " + stems[stems.size() / 2 + Random(stems.size() / 2)];
    case QueryClass::kFourWords:
      return Word(any) + " " + Word(any) + " " + Word(any) + " " + Word(any);
    case QueryClass::kNoHit:
      return KoreanStem(4) + "쀍";
    case QueryClass::kOneLetterTerms:
      return OneLetterTerms();
    case QueryClass::kPhrase:
      return fmt::format("\"{} {}\"", Common(stems, 100), Common(stems, 100));
    case QueryClass::kExclusion:
      return fmt::format("{} -{}", Common(stems, 300), Common(stems, 300));
    case QueryClass::kTag:
      return tags_[Rank(tags_.size())];
    case QueryClass::kAuthor:
      return fmt::format("{} from:member_{}", Common(stems, 300), Random(bounds_.members));
    case QueryClass::kDays:
      break;
  }
  return fmt::format("{} {}", Common(stems, 300), Days());
}

std::string SearchCorpus::OneLetterTerms() {
  std::string terms;
  while (terms.size() < 199) {
    terms += fmt::format("{}{}", terms.empty() ? "" : " ", static_cast<char>('a' + Random(26)));
  }
  return terms;
}

const std::string& SearchCorpus::Common(const std::vector<std::string>& stems, size_t ranks) {
  return stems[Random(ranks)];
}

// From one day to another, both at most a month apart.
std::string SearchCorpus::Days() {
  const auto days = static_cast<size_t>(bounds_.last - bounds_.first);
  const absl::CivilDay since = bounds_.first + static_cast<absl::civil_diff_t>(Random(days));
  const absl::CivilDay until = since + static_cast<absl::civil_diff_t>(Random(31));
  return fmt::format("since:{} until:{}", absl::FormatCivilTime(since),
                     absl::FormatCivilTime(until));
}

std::vector<std::string> SearchCorpus::Queries(QueryClass kind, size_t count) {
  std::vector<std::string> queries;
  queries.reserve(count);
  while (queries.size() < count) queries.push_back(Query(kind));
  return queries;
}

}  // namespace dailyfeed::bench
