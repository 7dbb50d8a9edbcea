#include "projections/search/text/particles.h"

#include <algorithm>

#include "projections/search/text/hangul.h"

namespace dailyfeed::search {
namespace {

using Behind = Particle::Behind;

constexpr size_t kStemSyllablesMin = 2;

// docs/reference/search.md has the same list.
constexpr Particle kParticles[] = {
    // Four syllables.
    {U"으로부터", Behind::kFinalButRieul},
    {U"이야말로", Behind::kFinal},
    // Three.
    {U"로부터", Behind::kNoFinalOrRieul},
    {U"야말로", Behind::kNoFinal},
    {U"에게서", Behind::kAny},
    {U"한테서", Behind::kAny},
    {U"에다가", Behind::kAny},
    {U"으로서", Behind::kFinalButRieul},
    {U"으로써", Behind::kFinalButRieul},
    {U"이라도", Behind::kFinal},
    {U"이든지", Behind::kFinal},
    {U"은커녕", Behind::kFinal},
    {U"는커녕", Behind::kNoFinal},
    {U"에서는", Behind::kAny},
    {U"에서도", Behind::kAny},
    {U"에서만", Behind::kAny},
    {U"에서의", Behind::kAny},
    {U"에게는", Behind::kAny},
    {U"에게도", Behind::kAny},
    {U"에게만", Behind::kAny},
    {U"한테는", Behind::kAny},
    {U"한테도", Behind::kAny},
    {U"한테만", Behind::kAny},
    {U"께서는", Behind::kAny},
    {U"께서도", Behind::kAny},
    {U"까지는", Behind::kAny},
    {U"까지도", Behind::kAny},
    {U"까지만", Behind::kAny},
    {U"부터는", Behind::kAny},
    {U"보다는", Behind::kAny},
    {U"보다도", Behind::kAny},
    {U"으로는", Behind::kFinalButRieul},
    {U"으로도", Behind::kFinalButRieul},
    {U"으로만", Behind::kFinalButRieul},
    // Two.
    {U"에서", Behind::kAny},
    {U"에게", Behind::kAny},
    {U"한테", Behind::kAny},
    {U"께서", Behind::kAny},
    {U"에다", Behind::kAny},
    {U"까지", Behind::kAny},
    {U"부터", Behind::kAny},
    {U"마다", Behind::kAny},
    {U"보다", Behind::kAny},
    {U"처럼", Behind::kAny},
    {U"만큼", Behind::kAny},
    {U"하고", Behind::kAny},
    {U"마저", Behind::kAny},
    {U"조차", Behind::kAny},
    {U"밖에", Behind::kAny},
    {U"커녕", Behind::kAny},
    {U"으로", Behind::kFinalButRieul},
    {U"로서", Behind::kNoFinalOrRieul},
    {U"로써", Behind::kNoFinalOrRieul},
    {U"이랑", Behind::kFinal},
    {U"이나", Behind::kFinal},
    {U"든지", Behind::kNoFinal},
    {U"에는", Behind::kAny},
    {U"에도", Behind::kAny},
    {U"에만", Behind::kAny},
    {U"로는", Behind::kNoFinalOrRieul},
    {U"로도", Behind::kNoFinalOrRieul},
    {U"로만", Behind::kNoFinalOrRieul},
    {U"과는", Behind::kFinal},
    {U"과도", Behind::kFinal},
    {U"과의", Behind::kFinal},
    {U"와는", Behind::kNoFinal},
    {U"와도", Behind::kNoFinal},
    {U"와의", Behind::kNoFinal},
    // Two, of three that were drawn together: 에서는, 에게는, 한테는, ...
    {U"에선", Behind::kAny},
    {U"에겐", Behind::kAny},
    {U"한텐", Behind::kAny},
    {U"까진", Behind::kAny},
    {U"부턴", Behind::kAny},
    {U"보단", Behind::kAny},
    {U"으론", Behind::kFinalButRieul},
    // One, always.
    {U"을", Behind::kFinal},
    {U"를", Behind::kNoFinal},
    // One, ambiguous.
    {U"은", Behind::kFinal},
    {U"는", Behind::kNoFinal},
    {U"이", Behind::kFinal},
    {U"가", Behind::kNoFinal},
    {U"과", Behind::kFinal},
    {U"와", Behind::kNoFinal},
    {U"로", Behind::kNoFinalOrRieul},
    {U"랑", Behind::kNoFinal},
    {U"나", Behind::kNoFinal},
    {U"의", Behind::kAny},
    {U"에", Behind::kAny},
    {U"도", Behind::kAny},
    {U"만", Behind::kAny},
    {U"께", Behind::kAny},
    {U"뿐", Behind::kAny},
};

constexpr char32_t kRieul = U'ㄹ';

// `last` is a Hangul syllable.
bool Agrees(const Particle& particle, char32_t last) {
  const int final = DecomposeSyllable(last)->final;
  const bool rieul = final != 0 && final == FinalOfLetter(kRieul);
  switch (particle.behind) {
    case Behind::kAny:
      return true;
    case Behind::kFinal:
      return final != 0;
    case Behind::kNoFinal:
      return final == 0;
    case Behind::kFinalButRieul:
      return final != 0 && !rieul;
    case Behind::kNoFinalOrRieul:
      return final == 0 || rieul;
  }
  return false;
}

}  // namespace

absl::Span<const Particle> Particles() { return kParticles; }

bool IsLookedThroughAlways(const Particle& particle) {
  return particle.text.size() >= 2 || particle.text == U"을" || particle.text == U"를";
}

std::vector<Stem> StemsOf(std::u32string_view word) {
  std::vector<Stem> stems;
  if (word.size() <= kStemSyllablesMin || !std::all_of(word.begin(), word.end(), IsSyllable)) {
    return stems;
  }
  for (const Particle& particle : kParticles) {
    if (!word.ends_with(particle.text)) continue;
    const std::u32string_view stem = word.substr(0, word.size() - particle.text.size());
    if (stem.size() < kStemSyllablesMin || !Agrees(particle, stem.back())) continue;
    stems.push_back({.text = std::u32string(stem), .always = IsLookedThroughAlways(particle)});
  }
  // The list has longer particles first, and 을 and 를 before the ambiguous ones.
  return stems;
}

std::vector<std::u32string> WithParticles(std::u32string_view name) {
  std::vector<std::u32string> names;
  if (name.empty()) return names;
  for (const Particle& particle : kParticles) {
    if (IsSyllable(name.back()) && !Agrees(particle, name.back())) continue;
    names.push_back(std::u32string(name).append(particle.text));
  }
  return names;
}

}  // namespace dailyfeed::search
