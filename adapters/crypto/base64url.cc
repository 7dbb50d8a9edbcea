#include "adapters/crypto/base64url.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <array>
#include <bit>
#include <cstring>

namespace dailyfeed {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t kInvalid = 0xff;

constexpr std::array<uint8_t, 256> MakeReverse() {
  std::array<uint8_t, 256> reverse{};
  for (auto& value : reverse) value = kInvalid;
  for (uint8_t i = 0; i < 64; ++i) reverse[static_cast<uint8_t>(kAlphabet[i])] = i;
  return reverse;
}
constexpr std::array<uint8_t, 256> kReverse = MakeReverse();

// What a character adds to the three bytes of its group, the first byte lowest;
// one table for each place in the group.
constexpr uint32_t kBadGroup = 1u << 24;
using Places = std::array<std::array<uint32_t, 256>, 4>;

constexpr Places MakePlaces() {
  Places places{};
  for (size_t place = 0; place < 4; ++place) {
    for (size_t c = 0; c < 256; ++c) {
      if (kReverse[c] == kInvalid) {
        places[place][c] = kBadGroup;
        continue;
      }
      const uint32_t bits = static_cast<uint32_t>(kReverse[c]) << (18 - 6 * place);
      places[place][c] = bits >> 16 | (bits & 0xff00) | (bits & 0xff) << 16;
    }
  }
  return places;
}
constexpr Places kPlaces = MakePlaces();

uint32_t Group(const char* text) {
  const auto* c = reinterpret_cast<const unsigned char*>(text);
  return kPlaces[0][c[0]] | kPlaces[1][c[1]] | kPlaces[2][c[2]] | kPlaces[3][c[3]];
}

#if defined(__x86_64__)
// Sixteen characters at a time become twelve bytes, as W. Mula and D. Lemire
// describe in "Faster Base64 Encoding and Decoding using AVX2 Instructions",
// 2018; the ranges of the alphabet are compared one by one, which is quick
// enough. Returns how many characters it took; sets *valid to false when one of
// them is not of the alphabet.
__attribute__((target("ssse3"))) size_t DecodeSixteens(std::string_view text, char* out,
                                                       size_t capacity, bool* valid) {
  constexpr size_t kIn = 16, kOut = 12;
  __m128i good = _mm_set1_epi8(-1);
  size_t from = 0;
  for (size_t to = 0; from + kIn <= text.size() && to + kIn <= capacity; from += kIn, to += kOut) {
    const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    const auto within = [&c](char first, char last) __attribute__((target("ssse3"))) {
      return _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8(static_cast<char>(first - 1))),
                           _mm_cmpgt_epi8(_mm_set1_epi8(static_cast<char>(last + 1)), c));
    };
    const __m128i upper = within('A', 'Z'), lower = within('a', 'z'), digit = within('0', '9');
    const __m128i minus = _mm_cmpeq_epi8(c, _mm_set1_epi8('-'));
    const __m128i line = _mm_cmpeq_epi8(c, _mm_set1_epi8('_'));
    // The value of a character is itself and what its range adds.
    __m128i add = _mm_and_si128(upper, _mm_set1_epi8(0 - 'A'));
    add = _mm_or_si128(add, _mm_and_si128(lower, _mm_set1_epi8(26 - 'a')));
    add = _mm_or_si128(add, _mm_and_si128(digit, _mm_set1_epi8(52 - '0')));
    add = _mm_or_si128(add, _mm_and_si128(minus, _mm_set1_epi8(62 - '-')));
    add = _mm_or_si128(add, _mm_and_si128(line, _mm_set1_epi8(63 - '_')));
    good = _mm_and_si128(good, _mm_or_si128(_mm_or_si128(_mm_or_si128(upper, lower), digit),
                                            _mm_or_si128(minus, line)));
    // Four values of 6 bits: to two of 12, to one of 24, to three bytes.
    const __m128i twelves = _mm_maddubs_epi16(_mm_add_epi8(c, add), _mm_set1_epi32(0x01400140));
    const __m128i groups = _mm_madd_epi16(twelves, _mm_set1_epi32(0x00011000));
    const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + to), _mm_shuffle_epi8(groups, order));
  }
  *valid = _mm_movemask_epi8(good) == 0xffff;
  return from;
}
#endif

uint32_t Value(char c) { return kReverse[static_cast<uint8_t>(c)]; }

}  // namespace

std::string Base64UrlEncode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t bits = 0;
  int pending = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<uint8_t>(c);
    pending += 8;
    while (pending >= 6) {
      pending -= 6;
      text.push_back(kAlphabet[(bits >> pending) & 63]);
    }
  }
  if (pending > 0) text.push_back(kAlphabet[(bits << (6 - pending)) & 63]);
  return text;
}

std::optional<size_t> Base64UrlDecode(std::string_view text, char* out, size_t capacity) {
  const size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  const size_t size = text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1);
  if (size > capacity) return std::nullopt;
  size_t from = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("ssse3")) {
    bool valid = true;
    from = DecodeSixteens(text, out, capacity, &valid);
    if (!valid) return std::nullopt;
  }
#endif
  size_t to = from / 4 * 3;
  uint32_t seen = 0;
  // As long as another group follows, its place takes the fourth byte.
  if constexpr (std::endian::native == std::endian::little) {
    for (; from + 8 <= text.size(); from += 4, to += 3) {
      const uint32_t bytes = Group(text.data() + from);
      seen |= bytes;
      std::memcpy(out + to, &bytes, sizeof(bytes));
    }
  }
  for (; from + 4 <= text.size(); from += 4, to += 3) {
    const uint32_t bytes = Group(text.data() + from);
    seen |= bytes;
    out[to] = static_cast<char>(bytes);
    out[to + 1] = static_cast<char>(bytes >> 8);
    out[to + 2] = static_cast<char>(bytes >> 16);
  }
  if ((seen & kBadGroup) != 0) return std::nullopt;
  if (rest == 0) return size;
  const uint32_t a = Value(text[from]), b = Value(text[from + 1]);
  const uint32_t c = rest == 3 ? Value(text[from + 2]) : 0;
  if ((a | b | c) > 63) return std::nullopt;
  const uint32_t bits = (a << 18) | (b << 12) | (c << 6);
  const uint32_t unused = rest == 3 ? 0xffu : 0xffffu;
  if ((bits & unused) != 0) return std::nullopt;
  out[to] = static_cast<char>(bits >> 16);
  if (rest == 3) out[to + 1] = static_cast<char>(bits >> 8);
  return size;
}

}  // namespace dailyfeed
