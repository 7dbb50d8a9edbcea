#include "adapters/identity/base64url.h"

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
  size_t to = 0;
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
