// Random members that come, change and go, every page of every query compared
// with a naive model; and versions that stay what they were.
#include "projections/search/members/member_search.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "projections/search/members/loose_name.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/hangul.h"
#include "projections/search/text/particles.h"

namespace dailyfeed::search {
namespace {

using Names = std::array<std::string, 3>;
using LooseNames = std::array<std::u32string, 3>;

// The plain way: every name of every member, every place of every term.
class NaiveMembers {
 public:
  std::map<MemberId, Names> names;
  std::map<MemberId, uint64_t> followers;

  void Set(MemberId id, const std::optional<Names>& of) {
    names.erase(id);
    loose_.erase(id);
    if (!of.has_value()) return;
    names[id] = *of;
    for (size_t i = 0; i < of->size(); ++i) loose_[id][i] = CodePoints(LooseName((*of)[i]));
  }

  // As a directory asks: what is looser when nobody is found.
  std::vector<MemberId> Find(const std::string& q, bool looser) const {
    std::vector<std::u32string> words;
    for (std::u32string word : Split(CodePoints(LooseName(q)))) {
      if (word.size() > 1 && word[0] == U'@') word.erase(0, 1);
      words.push_back(std::move(word));
    }
    std::vector<std::tuple<int, int64_t, MemberId>> found;
    for (const auto& [id, of] : loose_) {
      const auto has = [&, &all = of](const std::u32string& word) {
        if (IsPart(word, all)) return true;
        const std::vector<Stem> stems = StemsOf(word);
        return std::any_of(stems.begin(), stems.end(), [&](const Stem& stem) {
          return (stem.always || looser) && IsPart(stem.text, all);
        });
      };
      if (!std::all_of(words.begin(), words.end(), has)) continue;
      const auto count = followers.find(id);
      found.emplace_back(RankOf(of, words),
                         count == followers.end() ? 0 : -static_cast<int64_t>(count->second), id);
    }
    std::sort(found.begin(), found.end());
    std::vector<MemberId> ids;
    for (const auto& hit : found) ids.push_back(std::get<2>(hit));
    return ids;
  }

  std::vector<MemberId> Suggest(const TypedPrefix& typed, size_t max) const {
    std::vector<std::pair<int64_t, MemberId>> found;
    for (const auto& [id, of] : loose_) {
      const bool any = std::any_of(of.begin(), of.end(), [&](const std::u32string& name) {
        return !name.empty() && typed.Matches(name);
      });
      if (!any) continue;
      const auto count = followers.find(id);
      found.emplace_back(count == followers.end() ? 0 : -static_cast<int64_t>(count->second), id);
    }
    std::sort(found.begin(), found.end());
    std::vector<MemberId> ids;
    for (size_t i = 0; i < std::min(max, found.size()); ++i) ids.push_back(found[i].second);
    return ids;
  }

 private:
  static bool IsPart(const std::u32string& word, const LooseNames& names) {
    const std::vector<std::u32string> forms = Forms(word);
    return std::any_of(names.begin(), names.end(), [&](const std::u32string& name) {
      return std::any_of(forms.begin(), forms.end(), [&](const std::u32string& form) {
        return name.find(form) != std::u32string::npos;
      });
    });
  }
  static std::vector<std::u32string> Split(const std::u32string& text) {
    std::vector<std::u32string> words(1);
    for (const char32_t c : text) {
      if (c == U' ') {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    return words;
  }
  // As typed, and of syllables with a space at each place.
  static std::vector<std::u32string> Forms(const std::u32string& word) {
    std::vector<std::u32string> forms = {word};
    if (!std::all_of(word.begin(), word.end(), IsSyllable)) return forms;
    for (size_t i = 1; i < word.size(); ++i) {
      forms.push_back(word.substr(0, i) + U' ' + word.substr(i));
    }
    return forms;
  }
  static bool Begins(std::u32string name, const std::vector<std::u32string>& words, size_t from) {
    if (from == words.size()) return true;
    if (from > 0) {
      if (!name.starts_with(U' ')) return false;
      name.erase(0, 1);
    }
    for (const std::u32string& form : Forms(words[from])) {
      if (name.starts_with(form) && Begins(name.substr(form.size()), words, from + 1)) return true;
    }
    return false;
  }
  static int RankOf(const LooseNames& names, const std::vector<std::u32string>& words) {
    const auto is_there = [&](const std::u32string& word) { return IsPart(word, names); };
    if (!std::all_of(words.begin(), words.end(), is_there)) return 3;
    if (words.size() == 1 && words[0] == names[0]) return 0;
    for (const std::u32string& name : names) {
      if (Begins(name, words, 0)) return 1;
    }
    return 2;
  }

  std::map<MemberId, LooseNames> loose_;
};

class Play {
 public:
  explicit Play(uint64_t seed) : random_(seed) {}

  void Run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      ChangeNames();
      ChangeFollowers();
      for (int i = 0; i < 4; ++i) Compare(AnyQuery());
      for (int i = 0; i < 4; ++i) CompareSuggestions(AnyQuery());
      if (Below(20) == 0) Remember();
      if (!remembered_.empty() && Below(10) == 0) CompareRemembered();
    }
    EXPECT_EQ(names_.members(), naive_.names.size());
    for (const auto& [id, of] : naive_.names) {
      EXPECT_EQ(names_.TextOf(id), NamesText(of[0], of[1], of[2]));
    }
    std::vector<MemberNames::Change> all;
    for (const auto& [id, of] : naive_.names) all.push_back({.id = id, .text = std::nullopt});
    EXPECT_EQ(names_.With(all).members(), 0u);
    EXPECT_LT(names_.With(all).Bytes(), 1000u) << "what nobody has takes no room";
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  // A few chunks of a thousand members, and some numbers far away.
  MemberId AnyId() { return Below(10) == 0 ? uint64_t{1} << (20 + Below(33)) : 1 + Below(1200); }

  std::string AnyName() {
    static const std::vector<std::string> kParts = {
        "가", "김", "민",  "지",      "이",     "수",       "ㄱ", "ㅊ",
        "고", "과", "kim", "Min",     "J",      "_",        "7",  " ",
        " ",  "ｋ", "é",   "e\u0301", "\u3000", "👍🏽", "ｶﾞ", "\u1100\u1175",
        "@"};
    std::string name;
    for (uint64_t parts = Below(6); parts > 0; --parts) name += kParts[Below(kParts.size())];
    return name;
  }
  std::string AnyHandle() {
    std::string handle;
    for (uint64_t i = 0; i < 3; ++i) handle += "kIm_7j"[Below(6)];
    return handle;
  }

  void ChangeNames() {
    std::map<MemberId, std::optional<Names>> changes;
    for (uint64_t i = 1 + Below(40); i > 0; --i) {
      if (Below(4) == 0) {
        changes[AnyId()] = std::nullopt;
      } else {
        changes[AnyId()] = Names{AnyHandle(), AnyName(), AnyName()};
      }
    }
    std::vector<MemberNames::Change> for_names;
    for (const auto& [id, of] : changes) {
      MemberNames::Change change = {.id = id, .text = std::nullopt};
      if (of.has_value()) change.text = NamesText((*of)[0], (*of)[1], (*of)[2]);
      for_names.push_back(std::move(change));
      naive_.Set(id, of);
    }
    names_ = names_.With(for_names);
  }

  void ChangeFollowers() {
    std::map<MemberId, uint64_t> changes;
    for (uint64_t i = Below(10); i > 0; --i) changes[AnyId()] = Below(4);
    std::vector<FollowerColumn::Change> for_column;
    for (const auto& [id, count] : changes) {
      for_column.push_back({.id = id, .followers = count});
      naive_.followers[id] = count;
    }
    followers_ = followers_.With(for_column);
  }

  // Cut from a name, or made up.
  std::string AnyQuery() {
    if (naive_.names.empty() || Below(4) == 0) return AnyName() + AnyHandle();
    auto member = naive_.names.begin();
    std::advance(member, Below(naive_.names.size()));
    std::u32string name = CodePoints(member->second[Below(3)]);
    if (name.empty()) return "k";
    const size_t begin = Below(name.size());
    std::string q = Utf8(name.substr(begin, 1 + Below(name.size() - begin)));
    if (Below(5) == 0) q += Below(2) == 0 ? "에게" : "가";
    if (Below(3) == 0) q += " " + AnyName();
    return q;
  }

  static void ComparePages(const MemberNames& names, const FollowerColumn& followers,
                           const MemberQuery& query, const std::vector<MemberId>& expected,
                           size_t size) {
    for (size_t skip = 0; skip <= expected.size() + size; skip += size) {
      const FoundMembers found = FindMembers(names, followers, query, skip, size);
      ASSERT_EQ(found.total, expected.size());
      const size_t begin = std::min(skip, expected.size());
      const size_t end = std::min(begin + size, expected.size());
      ASSERT_EQ(found.ids, std::vector<MemberId>(expected.begin() + begin, expected.begin() + end))
          << "behind " << skip;
    }
  }

  void Compare(const std::string& q) {
    SCOPED_TRACE("q=" + q);
    const absl::StatusOr<MemberQuery> query = ParseMemberQuery(q);
    if (!query.ok()) {
      EXPECT_EQ(LooseName(q), "");
      return;
    }
    const std::vector<MemberId> expected = naive_.Find(q, false);
    const std::optional<MemberQuery> looser = query->Looser();
    const std::vector<MemberId> of_looser = naive_.Find(q, true);
    if (looser.has_value()) {
      ComparePages(names_, followers_, *looser, of_looser, 20);
    } else {
      EXPECT_EQ(of_looser, expected);
    }
    ComparePages(names_, followers_, *query, expected, 1 + expected.size() / (1 + Below(5)));
    EXPECT_EQ(FindMembers(names_, followers_, *query, ~uint64_t{0}, 10).ids.size(), 0u);
    EXPECT_EQ(FindMembers(names_, followers_, *query, 0, 0).total, expected.size());
  }

  void CompareSuggestions(const std::string& q) {
    SCOPED_TRACE("typed " + q);
    const absl::StatusOr<TypedPrefix> typed = TypedPrefix::Parse(q);
    if (!typed.ok()) return;
    for (const size_t max : {0, 1, 5, 2000}) {
      EXPECT_EQ(SuggestMembers(names_, followers_, *typed, max), naive_.Suggest(*typed, max));
    }
  }

  struct Remembered {
    MemberNames names;
    FollowerColumn followers;
    MemberQuery query;
    std::vector<MemberId> expected;
  };
  void Remember() {
    remembered_.push_back(
        {names_, followers_, ParseMemberQuery("k").value(), naive_.Find("k", false)});
  }
  void CompareRemembered() {
    const Remembered& then = remembered_[Below(remembered_.size())];
    ComparePages(then.names, then.followers, then.query, then.expected, 50);
  }

  std::mt19937_64 random_;
  NaiveMembers naive_;
  MemberNames names_;
  FollowerColumn followers_;
  std::vector<Remembered> remembered_;
};

TEST(MemberSearchTest, FindsWhatANaiveModelFinds) {
  const char* seed = std::getenv("DAILYFEED_SEED");
  const uint64_t first = seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1;
  const uint64_t last = seed != nullptr ? first : 3;
  for (uint64_t at = first; at <= last && !::testing::Test::HasFailure(); ++at) {
    SCOPED_TRACE("DAILYFEED_SEED=" + std::to_string(at));
    Play(at).Run(40);
  }
}

TEST(FollowerColumnTest, CountsAreThoseOfTheLastChange) {
  FollowerColumn column;
  EXPECT_EQ(column.Of(7), 0u);
  const std::vector<FollowerColumn::Change> changes = {
      {.id = 1, .followers = 5}, {.id = 4095, .followers = 6}, {.id = 4096, .followers = ~0ull}};
  const FollowerColumn changed = column.With(changes);
  EXPECT_EQ(changed.Of(1), 5u);
  EXPECT_EQ(changed.Of(2), 0u);
  EXPECT_EQ(changed.Of(4095), 6u);
  EXPECT_EQ(changed.Of(4096), 0xffffffffu);
  EXPECT_EQ(changed.Of(~uint64_t{0}), 0u);
  EXPECT_EQ(column.Of(1), 0u) << "another version";
  EXPECT_GT(changed.Bytes(), column.Bytes());
}

}  // namespace
}  // namespace dailyfeed::search
