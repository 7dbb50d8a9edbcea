#include "projections/search/text/tags.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/loosen.h"
#include "projections/search/text/text_testing.h"

namespace dailyfeed::search {
namespace {

using Names = std::vector<std::string>;

Names TagsOf(std::string_view text) {
  Names names;
  const std::u32string loose = CodePoints(Loosen(Fold(text)));
  VisitTags(loose, [&](std::u32string_view name) { names.push_back(Utf8(name)); });
  return names;
}

Names MentionsOf(std::string_view text) {
  Names names;
  const std::u32string loose = CodePoints(Loosen(Fold(text)));
  VisitMentions(loose, [&](std::u32string_view name) { names.push_back(Utf8(name)); });
  return names;
}

TEST(TagsTest, WhereTagsBeginAndEnd) {
  const struct {
    const char* text;
    Names tags;
  } cases[] = {
      {"", {}},
      {"#", {}},
      {"# 점심", {}},
      {"#점심", {"점심"}},
      {"오늘 #점심 #Lunch_2026!", {"점심", "lunch_2026"}},
      {"(#점심),#저녁", {"점심", "저녁"}},
      {"##맛집", {"맛집"}},
      {"#a#b", {"a"}},  // the second stands behind a letter
      {"#점심#맛집", {"점심"}},
      {"c#7 7#7 _#7 😀#7 -#7", {"7", "7"}},
      {"#점심을 먹자", {"점심을"}},
      {"#é #e\u0301", {"é", "é"}},
      {"#हिन्दी", {"हिन्दी"}},
      {"#\u0301a", {}},            // a mark belongs to the sign
      {"#️⃣ #a️b", {"ab"}},  // the keycap is no tag, a selector no character
      {"＃점심 #１２", {"점심", "12"}},
      {"#_", {"_"}},
      {"#½ #😀", {}},
      {"#점심 #점심", {"점심", "점심"}},
      {"http://example.com/#top", {"top"}},
  };
  for (const auto& c : cases) EXPECT_EQ(TagsOf(c.text), c.tags) << c.text;
}

TEST(TagsTest, WhereMentionsBeginAndEnd) {
  const std::string fifty(50, 'a');
  const struct {
    std::string text;
    Names handles;
  } cases[] = {
      {"", {}},
      {"@", {}},
      {"@kim", {"kim"}},
      {"@Kim_7에게 @LEE!", {"kim_7", "lee"}},
      {"kim@example.com", {}},
      {"나@kim", {}},
      {"(@kim)@@lee", {"kim", "lee"}},
      {"@ab", {}},  // no handle is so short
      {"@" + fifty, {fifty}},
      {"@" + fifty + "a", {}},
      {"＠kim", {"kim"}},
      {"@kim.lee", {"kim"}},
  };
  for (const auto& c : cases) EXPECT_EQ(MentionsOf(c.text), c.handles) << c.text;
}

// A tag is found by looking at each character alone.
TEST(TagsTest, RandomTextsAgreeWithTheDefinition) {
  for (const uint64_t seed : Seeds({1, 2, 3})) {
    SCOPED_TRACE(RepeatWith("//projections/search/text:tags_test", seed));
    std::mt19937_64 random(seed);
    const std::u32string signs = U"##@@a점_7 \u0301.";
    for (int i = 0; i < 20'000; ++i) {
      std::u32string text;
      for (uint64_t n = random() % 12; n > 0; --n) text += signs[random() % signs.size()];
      std::vector<std::u32string> expected;
      for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] != U'#') continue;
        if (at > 0 && std::u32string_view(U"a점_7").find(text[at - 1]) != std::u32string::npos) {
          continue;
        }
        const size_t end = std::min(text.find_first_not_of(U"a점_7\u0301", at + 1), text.size());
        if (end > at + 1 && text[at + 1] != U'\u0301') {
          expected.push_back(text.substr(at + 1, end - at - 1));
        }
      }
      std::vector<std::u32string> tags;
      VisitTags(text, [&](std::u32string_view name) { tags.emplace_back(name); });
      ASSERT_EQ(tags, expected) << Utf8(text);
    }
  }
}

TEST(TagsTest, IsTagAndIsHandle) {
  EXPECT_TRUE(IsTag(U"점심") && IsTag(U"a1_") && !IsTag(U"") && !IsTag(U"a b") && !IsTag(U"#a"));
  EXPECT_TRUE(IsHandle(U"kim_7") && !IsHandle(U"Kim") && !IsHandle(U"ab") && !IsHandle(U"김철수"));
}

}  // namespace
}  // namespace dailyfeed::search
