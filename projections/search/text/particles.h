// The particles that Korean hangs on a noun, and what a typed word may be
// without one.
//
//   StemsOf(U"김치찌개까지");   // {{U"김치찌개", true}}
//   StemsOf(U"커피가");         // {{U"커피", false}}
//   StemsOf(U"커피이");         // {}: 이 stands behind a final consonant only
//   StemsOf(U"밥을");           // {}: fewer than two syllables remain
//
// One particle is looked through, at the end of a word of Hangul syllables, when
// two syllables or more remain and the particle agrees with the last of them.
// The list is closed. It has no verb endings, and no particle that is more often
// a noun (대로 the boulevard, 라면 the noodles, 같이, 치고). A few pairs of
// particles that are written together stand in it as one (에서는, 으로도).
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_PARTICLES_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_PARTICLES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace dailyfeed::search {

struct Particle {
  // What the last syllable before it must be like.
  enum class Behind {
    kAny,
    kFinal,           // with a final consonant: 을
    kNoFinal,         // without one: 를
    kFinalButRieul,   // with one other than ㄹ: 으로
    kNoFinalOrRieul,  // without one, or with ㄹ: 로
  };
  std::u32string_view text;
  Behind behind = Behind::kAny;
};

// All of them, longer ones first, each text once.
absl::Span<const Particle> Particles();

// Whether it is looked through always: 을, 를 and those of two syllables and
// more. The others end many nouns too, so they are looked through only when a
// query would find nothing otherwise.
bool IsLookedThroughAlways(const Particle& particle);

struct Stem {
  std::u32string text;
  bool always = false;
  bool operator==(const Stem&) const = default;
};

// What `word` may be without one particle, none of them `word` itself: first
// those that hold always, each kind shortest first. Empty for most words.
// `word` is loosened (loosen.h).
std::vector<Stem> StemsOf(std::u32string_view word);

// `name` with each particle that agrees with it, longer particles first: the
// tags that `#name` finds besides itself, because people write #점심을. Behind
// what is no Hangul syllable every particle agrees (#kpop을), and `name` may be
// of any length.
std::vector<std::u32string> WithParticles(std::u32string_view name);

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_PARTICLES_H_
