#include "projections/search/text/particles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "projections/search/text/code_points.h"
#include "projections/search/text/hangul.h"

namespace dailyfeed::search {
namespace {

using Stems = std::vector<Stem>;

std::string Show(const Stems& stems) {
  std::string shown;
  for (const Stem& stem : stems) shown += Utf8(stem.text) + (stem.always ? "! " : "? ");
  return shown;
}

TEST(ParticlesTest, WhatIsLookedThrough) {
  const struct {
    const char32_t* word;
    const char* stems;  // ! always, ? when nothing else is found
  } cases[] = {
      // Always.
      {U"김치찌개까지", "김치찌개! "},
      {U"커피를", "커피! "},
      {U"점심을", "점심! "},
      {U"학교에서", "학교! "},
      {U"학교에서는", "학교! 학교에서? "},
      {U"친구에게서", "친구! "},
      {U"친구한테", "친구! "},
      {U"부산으로", "부산! 부산으? "},
      {U"서울부터", "서울! "},
      {U"강아지처럼", "강아지! "},
      {U"커피하고", "커피! "},
      {U"사람이랑", "사람! 사람이? "},
      {U"공원에선", "공원! "},
      {U"할머니께서", "할머니! "},
      {U"의사로서", "의사! "},
      {U"지하철로서", "지하철! "},
      {U"호랑이랑", "호랑! 호랑이? "},  // both agree, and nothing here knows the noun

      // Ambiguous.
      {U"커피는", "커피? "},
      {U"점심은", "점심? "},
      {U"커피가", "커피? "},
      {U"점심이", "점심? "},
      {U"학교에", "학교? "},
      {U"우리도", "우리? "},
      {U"친구만", "친구? "},
      {U"친구와", "친구? "},
      {U"점심과", "점심? "},
      {U"학교로", "학교? "},
      {U"서울로", "서울? "},
      {U"친구랑", "친구? "},
      {U"우리의", "우리? "},
      {U"사과나", "사과? "},
      {U"바나나", "바나? "},
      {U"원숭이", "원숭? "},

      // No agreement.
      {U"커피을", ""},
      {U"점심를", ""},
      {U"커피은", ""},
      {U"점심는", ""},
      {U"커피이", ""},
      {U"점심가", ""},
      {U"커피과", ""},
      {U"점심와", ""},
      {U"부산로", ""},
      {U"점심랑", ""},
      {U"서울으로", "서울으? "},  // 으로 does not stand behind ㄹ

      // Fewer than two syllables remain.
      {U"밥을", ""},
      {U"물까지", ""},
      {U"이나", ""},
      {U"에서", ""},
      {U"을", ""},
      {U"", ""},
      {U"집으로", "집으? "},

      // No word of Hangul, no particle.
      {U"iphone을", ""},
      {U"k팝을", ""},
      {U"ㅋㅋㅋ를", ""},
      {U"점심", ""},
      {U"오늘의점심", ""},
      {U"세종대로", "세종대? "},  // 로 only
      {U"김치라면", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(Show(StemsOf(c.word)), c.stems) << Utf8(c.word);
}

TEST(ParticlesTest, TheListIsInOrderAndHasEachOnce) {
  std::set<std::u32string_view> texts;
  size_t last_size = 100;
  bool ambiguous = false;
  for (const Particle& particle : Particles()) {
    EXPECT_TRUE(texts.insert(particle.text).second) << Utf8(particle.text);
    EXPECT_LE(particle.text.size(), last_size) << Utf8(particle.text);
    last_size = particle.text.size();
    EXPECT_FALSE(ambiguous && IsLookedThroughAlways(particle)) << Utf8(particle.text);
    ambiguous |= !IsLookedThroughAlways(particle);
    EXPECT_TRUE(std::all_of(particle.text.begin(), particle.text.end(), IsSyllable));
  }
}

// Pairs that differ only in what they stand behind never agree both.
TEST(ParticlesTest, OfAPairExactlyOneAgrees) {
  const std::u32string_view pairs[][2] = {
      {U"을", U"를"},   {U"은", U"는"},       {U"이", U"가"},
      {U"과", U"와"},   {U"과의", U"와의"},   {U"으로는", U"로는"},
      {U"으로", U"로"}, {U"으로서", U"로서"}, {U"이든지", U"든지"}};
  // In steps of 13, which meet every final.
  for (char32_t c = kFirstSyllable; c <= kLastSyllable; c += 13) {
    const std::vector<std::u32string> names = WithParticles({&c, 1});
    for (const auto& pair : pairs) {
      const auto has = [&](std::u32string_view particle) {
        const std::u32string name = std::u32string{c}.append(particle);
        return std::find(names.begin(), names.end(), name) != names.end();
      };
      ASSERT_NE(has(pair[0]), has(pair[1])) << Utf8({&c, 1}) << Utf8(pair[0]);
    }
  }
}

TEST(ParticlesTest, TagsWithParticlesAreThoseWhoseStemIsTheTag) {
  for (const std::u32string tag : {U"점심", U"커피", U"서울", U"주말"}) {
    const std::vector<std::u32string> names = WithParticles(tag);
    EXPECT_EQ(std::set<std::u32string>(names.begin(), names.end()).size(), names.size());
    for (const Particle& particle : Particles()) {
      const std::u32string name = tag + std::u32string(particle.text);
      const Stems stems = StemsOf(name);
      const bool is_stem = std::any_of(stems.begin(), stems.end(),
                                       [&](const Stem& stem) { return stem.text == tag; });
      const bool is_name = std::find(names.begin(), names.end(), name) != names.end();
      EXPECT_EQ(is_stem, is_name) << Utf8(name);
    }
  }
  EXPECT_EQ(WithParticles(U"kpop").size(), Particles().size());
  EXPECT_TRUE(WithParticles(U"").empty());
}

// ---- The document.

std::string Listed(Particle::Behind behind, bool always) {
  std::string listed;
  for (const Particle& particle : Particles()) {
    if (particle.behind != behind || IsLookedThroughAlways(particle) != always) continue;
    listed += (listed.empty() ? "" : " ") + Utf8(particle.text);
  }
  return listed.empty() ? "-" : listed;
}

TEST(ParticlesTest, TheDocumentHasTheList) {
  std::ifstream file("docs/reference/search.md");
  ASSERT_TRUE(file.is_open());
  const std::string document((std::istreambuf_iterator<char>(file)), {});
  const std::pair<const char*, Particle::Behind> rows[] = {
      {"anything", Particle::Behind::kAny},
      {"a final consonant", Particle::Behind::kFinal},
      {"no final consonant", Particle::Behind::kNoFinal},
      {"a final consonant but ㄹ", Particle::Behind::kFinalButRieul},
      {"no final consonant, or ㄹ", Particle::Behind::kNoFinalOrRieul}};
  std::string table;
  for (const auto& [title, behind] : rows) {
    table += std::string("| ") + title + " | " + Listed(behind, true) + " | " +
             Listed(behind, false) + " |\n";
  }
  EXPECT_NE(document.find(table), std::string::npos)
      << "docs/reference/search.md must have this table:\n"
      << table;
}

}  // namespace
}  // namespace dailyfeed::search
